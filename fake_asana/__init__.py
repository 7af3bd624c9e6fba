"""A local Asana: a seeded world, the rules of the real API, and a loopback server."""
