"""The API over the world: routes, pages, limits, faults, HTTP."""
