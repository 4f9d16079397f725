"""Nothing of an earlier session is left in the room (V5): what is known of them, where to look, what counts."""
