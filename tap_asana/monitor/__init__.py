"""Progress and the live display."""
