"""What developers run: the demo and the generated parts of README. Not in the wheel."""
