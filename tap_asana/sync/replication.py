"""How a catalog asks for a stream to be read: in increments, or everything in every run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tap_asana.errors import AsanaError

FULL_TABLE: Final = "FULL_TABLE"
INCREMENTAL: Final = "INCREMENTAL"

METHODS: Final = (FULL_TABLE, INCREMENTAL)

LONGEST_FOUND: Final = 60
"""Characters of a wrong value that a message repeats."""


@dataclass(frozen=True, slots=True)
class Native:
    """How a stream is read by itself: its keys, and whether all of it can be read again at any time."""

    name: str
    primary_keys: tuple[str, ...]
    replication_key: str | None
    rereadable: bool

    @property
    def method(self) -> str:
        """Return the method that discovery gives for the stream."""
        return INCREMENTAL if self.replication_key else FULL_TABLE


def method(entry: Mapping[str, Any], native: Native) -> str:
    """Return the method that a stream's catalog entry asks for; raises AsanaError where the stream has no such way.

    The entry, its metadata and Meltano, which writes both, each have a name for it. Discovery writes the stream's own
    method: whatever differs from that is what somebody asks for.
    """
    _check_keys(entry, native)
    methods = list(_values(entry, "replication_method", "replication-method", "forced-replication-method"))
    for each in methods:
        if each not in METHODS:
            raise _error(native, "replication-method", each, " or ".join(METHODS))
    asked = next((each for each in methods if each != native.method), native.method)
    if asked == FULL_TABLE and not native.rereadable:
        raise _error(
            native, "replication-method", asked, f"{INCREMENTAL}, since Asana keeps no more than its last days"
        )
    return str(asked)


def _check_keys(entry: Mapping[str, Any], native: Native) -> None:
    """Raise AsanaError where an entry has other keys than the stream."""
    for key in _values(entry, "replication_key", "replication-key"):
        if key != native.replication_key:
            raise _error(native, "replication-key", key, native.replication_key or "none")
    for keys in _values(entry, "key_properties", "table-key-properties"):
        if not isinstance(keys, list) or {*map(str, keys)} != {*native.primary_keys}:
            raise _error(native, "key-properties", keys, json.dumps(native.primary_keys))


def _values(entry: Mapping[str, Any], own_name: str, *metadata_names: str) -> Iterator[Any]:
    """Yield what an entry and the metadata of its root say under these names; nothing stands for unset."""
    root: Mapping[str, Any] = {}
    for part in entry.get("metadata") or ():
        if not part.get("breadcrumb"):
            root = part.get("metadata") or {}
    found = (entry.get(own_name), *(root.get(name) for name in metadata_names))
    return (value for value in found if value not in (None, "", []))


def _error(native: Native, name: str, found: object, allowed: str) -> AsanaError:
    text = json.dumps(found, default=repr)
    shown = text if len(text) <= LONGEST_FOUND else f"{text[:LONGEST_FOUND]}…"
    return AsanaError(f"--catalog: {native.name}: got {name} {shown}; expected {allowed}.")
