"""Runs of other connectors against a fake Asana; their own Pythons execute these files."""
