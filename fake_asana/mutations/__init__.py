"""Changes that people make in a world, as functions by noun; each moves the same clocks as in Asana."""
