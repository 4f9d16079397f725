"""The stand-in room: Linux containers that look like Windows hosts on the wire, for tests and rehearsals only."""
