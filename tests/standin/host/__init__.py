"""What runs inside a container of the stand-in room, besides the WS-Man endpoint."""
