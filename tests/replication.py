"""The replication metadata of a stream in a catalog."""

from __future__ import annotations

from harness import Message

VERSIONED: Message = {"emit_activate_version_messages": True}


def root(entry: Message) -> Message:
    """Return the metadata of a stream as a whole."""
    found: Message = next(part["metadata"] for part in entry["metadata"] if not part["breadcrumb"])
    return found
