"""What people write: the room, the session, the roster, the exam; pure, refused before any host is touched."""
