"""The command `tap-asana-login`: the OAuth flow on the command line, and the check of a connection."""
