"""The form of a state, checked before a run believes it: people mend states by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, TypeAlias

import msgspec

from tap_asana.config import instant
from tap_asana.errors import AsanaError

ORDER = "[0-9]{1,19}"
"""A number of 63 bits: a gid, what a person with a pseudonym is read in the order of, or what tells files apart."""

Gid: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,18}\Z")]
Mark: TypeAlias = Annotated[str, msgspec.Meta(pattern=rf"^({ORDER})\Z")]
Number: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=10**15)]
Place: TypeAlias = Annotated[str, msgspec.Meta(pattern=rf"^({ORDER}|end)\Z")]


class _Context(msgspec.Struct, forbid_unknown_fields=True):
    """What a partition is about."""

    workspace_gid: Gid


class _Sweep(msgspec.Struct):
    """A read in progress (see `state`)."""

    until: str
    since: str | None = None
    done: dict[str, Annotated[list[Place], msgspec.Meta(min_length=1)]] = {}
    refused: list[Gid] = []
    run: Number = 0
    long_lists: dict[str, str] = {}


class _Partition(msgspec.Struct, rename={"begin": "from", "window": "sweep"}):
    """A workspace's part of a stream's state."""

    context: _Context | None = None
    replication_key_value: str | None = None
    begin: str | None = None
    window: _Sweep | None = None
    debts: dict[str, list[Mark]] = {}
    debts_full: str | None = None
    run: Number = 0
    reach: Literal["list", "search", "export"] | None = None
    seen: list[tuple[Number | str, list[Mark]]] = []
    sync: dict[Gid, str] = {}

    def instants(self) -> Iterator[str]:
        """Yield all that has to be an instant."""
        if self.window:
            yield from _given(self.window.until, self.window.since)
        yield from _given(self.replication_key_value, self.begin, self.debts_full)
        yield from (first for first, _ in self.seen if isinstance(first, str))  # as earlier versions wrote it


class _Unfinished(msgspec.Struct):
    """What a run that was cut off has read to its end."""

    at: str
    asked: str
    read: list[str]


class _Stream(msgspec.Struct):
    """What is kept of one stream."""

    partitions: list[_Partition] = []
    unfinished: _Unfinished | None = None
    replication_key_value: None = None

    def instants(self) -> Iterator[str]:
        """Yield all that has to be an instant."""
        yield from (text for partition in self.partitions for text in partition.instants())
        if self.unfinished:
            yield self.unfinished.at


def validate_state(state: object) -> None:
    """Raise AsanaError, which says in one line where a state is not what this tap writes."""
    whole = _object(state, "the state")
    if whole and "bookmarks" not in whole:
        raise AsanaError(_line("the state", f"Object missing required field `bookmarks`, got `{'`, `'.join(whole)}`"))
    bookmarks = _object(whole.get("bookmarks", {}), "bookmarks")
    for name, kept in bookmarks.items():
        try:
            stream = msgspec.convert(kept, _Stream)
        except msgspec.ValidationError as error:
            raise AsanaError(_line(f"bookmarks.{name}", f"{error}")) from None
        for text in filter(_is_no_instant, stream.instants()):
            raise AsanaError(f"state: {text!r} is no instant in ISO 8601, such as 2026-01-31T08:00:00Z")


def _given(*texts: str | None) -> Iterator[str]:
    """Yield what is there, be it empty."""
    return (text for text in texts if text is not None)


def _is_no_instant(text: str) -> bool:
    try:
        instant(text)
    except (ValueError, OverflowError):
        return True
    return False


def _object(value: object, name: str) -> Mapping[str, object]:
    if isinstance(value, dict):
        return value
    raise AsanaError(_line(name, f"Expected `object`, got `{type(value).__name__}`"))


def _line(place: str, error: str) -> str:
    return f"state: {place} cannot be used: {error}. Mend it there, or run without a state to read everything again."
