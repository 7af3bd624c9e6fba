"""The replication method that a catalog requests for a stream."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tap_asana.errors import AsanaError

FULL_TABLE: Final = "FULL_TABLE"
INCREMENTAL: Final = "INCREMENTAL"

METHODS: Final = (FULL_TABLE, INCREMENTAL)

MAX_VALUE_CHARACTERS: Final = 60
"""Length of an invalid value in an error message; the rest is cut."""


@dataclass(frozen=True, slots=True)
class Native:
    """The keys and the replication method of a stream, before any catalog.

    `rereadable` is False if Asana drops old records, so that the table cannot be read again from the start.
    """

    name: str
    primary_keys: tuple[str, ...]
    replication_key: str | None
    rereadable: bool

    @property
    def method(self) -> str:
        """Return the stream's method in a discovered catalog."""
        return INCREMENTAL if self.replication_key else FULL_TABLE


def method(entry: Mapping[str, Any], native: Native) -> str:
    """Return the method that a stream's catalog entry requests; raises AsanaError if the stream does not support it.

    The entry, its metadata, and Meltano (which writes both) each use another name for the method. Discovery writes
    the stream's own method into the catalog, so a different one was requested on purpose.
    """
    _check_keys(entry, native)
    methods = list(_values(entry, "replication_method", "replication-method", "forced-replication-method"))
    for value in methods:
        if value not in METHODS:
            raise _error(native, "replication-method", value, " or ".join(METHODS))
    choice = next((value for value in methods if value != native.method), native.method)
    if choice == FULL_TABLE and not native.rereadable:
        raise _error(
            native, "replication-method", choice, f"{INCREMENTAL}, since Asana keeps no more than its last days"
        )
    return str(choice)


def _check_keys(entry: Mapping[str, Any], native: Native) -> None:
    """Raise AsanaError if an entry's keys are not the stream's."""
    for key in _values(entry, "replication_key", "replication-key"):
        if key != native.replication_key:
            raise _error(native, "replication-key", key, native.replication_key or "none")
    for keys in _values(entry, "key_properties", "table-key-properties"):
        if not isinstance(keys, list) or {*map(str, keys)} != {*native.primary_keys}:
            raise _error(native, "key-properties", keys, json.dumps(native.primary_keys))


def _values(entry: Mapping[str, Any], own_name: str, *metadata_names: str) -> Iterator[Any]:
    """Yield the values of these names in an entry and in the metadata of its root; null and empty mean unset."""
    root: Mapping[str, Any] = {}
    for part in entry.get("metadata") or ():
        if not part.get("breadcrumb"):
            root = part.get("metadata") or {}
    values = (entry.get(own_name), *(root.get(name) for name in metadata_names))
    return (value for value in values if value not in (None, "", []))


def _error(native: Native, name: str, value: object, expected: str) -> AsanaError:
    text = json.dumps(value, default=repr)
    excerpt = text if len(text) <= MAX_VALUE_CHARACTERS else f"{text[:MAX_VALUE_CHARACTERS]}…"
    return AsanaError(f"--catalog: {native.name}: got {name} {excerpt}; expected {expected}.")
