"""Watching a session from start to cut: the looks, the live board, the safety copies. Read-only on the server."""
