"""The results (V6, V7): each candidate's folder read from the server, hashed on the way, with a table of true names."""
