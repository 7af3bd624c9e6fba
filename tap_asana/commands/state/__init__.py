"""The `tap-asana-state` command."""
