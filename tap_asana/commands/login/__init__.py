"""The command `tap-asana-login`: OAuth's grant on the command line, and the check of a connection."""
