"""How tasks and what hangs from them are read."""
