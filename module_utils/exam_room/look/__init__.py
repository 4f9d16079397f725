"""Evidence of a room, from outside (SMB, RPC) and from inside (WQL); read-only."""
