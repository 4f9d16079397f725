"""The numbered menu for the invigilator: a front of the playbooks, which does nothing of its own to the room."""
