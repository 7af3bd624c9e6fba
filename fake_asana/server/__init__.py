"""The API of a world: routes, pages, limits, faults, HTTP."""
