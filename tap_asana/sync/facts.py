"""The properties of a stream that readers use, and the events that they yield."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from msgspec import to_builtins

from tap_asana.tasks.events import Batch

if TYPE_CHECKING:
    from tap_asana.api.decoding import Record
    from tap_asana.records.export_lines import ExportedStream


class StreamFacts(Protocol):
    """A stream as its class declares it and a catalog selects it."""

    name: str

    @property
    def path(self) -> str:
        """Return the path of the list that holds its records."""

    @property
    def primary_keys(self) -> Sequence[str]:
        """Return the fields that identify a record."""

    @property
    def replication_key(self) -> str | None:
        """Return the field that its bookmarks are named after, None if it has no bookmarks."""

    @property
    def replication_method(self) -> str:
        """Return FULL_TABLE or INCREMENTAL, as the catalog asks for it."""

    @property
    def requires_field(self) -> Mapping[str, str]:
        """Return the field that a parent must have for its list to be requested, by kind of parent."""

    @property
    def selected(self) -> bool:
        """Return True if the catalog selects it."""

    @property
    def reader(self) -> object:
        """Return how it is read."""

    @property
    def exported(self) -> ExportedStream | None:
        """Return how an export holds it; None if its records are changed after they conform to its schema."""

    @property
    def min_lookback_seconds(self) -> int:
        """Return how long before its bookmark a read starts at least."""

    @property
    def may_go_first(self) -> bool:
        """Return whether its reader can let later streams wait."""

    @property
    def is_prefetchable(self) -> bool:
        """Return True if its lists may be fetched during the read of an earlier stream."""

    @classmethod
    def list_paths(cls) -> Mapping[str, str]:
        """Return the lists that hold its records, each with the field that embeds them, or ""."""

    def opt_fields(self) -> list[str]:
        """Return the opt_fields of its records."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A change of state to make as soon as everything yielded before it is written.

    `force` asks for a STATE message even if little was written since the last one.
    """

    keep: Callable[[], object]
    force: bool = False


Event: TypeAlias = Batch | Commit
"""An event of a read: records of any stream of the sync, or a change of state to make behind them."""


def plain_records(batch: Batch) -> Iterable[Record]:
    """Return the records of a batch as dictionaries, with the gids of their parents."""
    records: Sequence[Record] = to_builtins(batch.records) if batch.is_conformed else batch.records
    keys = batch.parent_keys
    return ({**keys, **record} for record in records) if keys else records


class Deduplicator:
    """Drops records whose key came before: many objects are in several lists."""

    def __init__(self, primary_keys: Sequence[str]) -> None:
        """Start with no keys."""
        self._primary_keys = primary_keys
        self._keys: set[tuple[Any, ...]] = set()

    def new(self, records: Iterable[Record]) -> list[Record]:
        """Return the records with new keys."""
        result = []
        for record in records:
            key = tuple(record.get(name) for name in self._primary_keys)
            if key not in self._keys:
                self._keys.add(key)
                result.append(record)
        return result
