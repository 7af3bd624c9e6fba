"""What people do in a world, as functions by noun; each moves the clocks that Asana moves."""
