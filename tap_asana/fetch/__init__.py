"""Many requests at once: lanes, prefetch, page tokens, pages on disk. It knows no resource of Asana."""
