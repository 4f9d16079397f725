"""The discs (V7): the sealed bag spread over discs, made into images, written, read back, recorded, one day purged."""
