"""The deadline (V6): cutting every seat off the server, and the record of it."""
