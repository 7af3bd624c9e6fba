"""Commands: login, check, and the process around the tap."""
