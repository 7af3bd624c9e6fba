"""Many requests at once: lanes, prefetched pages, page tokens, pages on disk. No knowledge of Asana's resources."""
