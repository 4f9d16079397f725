"""Sabotage: one tampering after the other with a prepared stand-in room, and whether the inspection names just that."""
