"""A local Asana: one seeded world, the laws of the real API, and a loopback server."""
