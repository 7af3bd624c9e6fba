"""The domain model: resources, their fields, and the history of their changes."""
