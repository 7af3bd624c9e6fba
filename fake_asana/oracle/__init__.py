"""The expected records of a complete read, and the expected changes since."""
