"""Scripts for developers: the demo, and generators of files in this repository. Not part of the wheel."""
