"""The check of a connection: who the token is, what it sees, and what a first run will cost."""
