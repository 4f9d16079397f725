"""Verifying (V7): a disc, an image or a folder against its seal, on any machine, years later."""
