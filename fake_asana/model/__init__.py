"""The world: resources, their fields, and what happened to them."""
