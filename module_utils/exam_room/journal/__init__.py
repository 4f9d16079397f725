"""The journal of a session and the gates between the steps of the day."""
