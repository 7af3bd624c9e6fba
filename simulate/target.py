"""The target of a simulated run: it may be slow, or die."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec
from harness import Message, Output, key
from typing_extensions import override

if TYPE_CHECKING:
    from tap_asana.tap import TapAsana


SCHEMA_START = b'{"type":"SCHEMA"'

decode = msgspec.json.Decoder(Message).decode


class Target(io.BytesIO):
    """Keeps what a run writes; `on_write` is called before each write, and after `max_bytes` the pipe is closed."""

    def __init__(self, on_write: Callable[[], object], max_bytes: int | None) -> None:
        """Keep nothing yet."""
        super().__init__()
        self._on_write, self._max_bytes = on_write, max_bytes
        self.has_died = False

    @override
    def write(self, data: bytes, /) -> int:  # type: ignore[override] # the tap writes bytes alone
        if self._max_bytes is not None and self.tell() + len(data) > self._max_bytes:
            self.has_died = True
            raise BrokenPipeError
        self._on_write()
        return super().write(data)


def run_into(target: Target, tap: TapAsana) -> Output:
    """Run a tap into a target; return what the target has, and the exception that ended the run."""
    text, error = io.TextIOWrapper(target, encoding="utf-8", write_through=True), None
    with redirect_stdout(text):
        try:
            tap.sync_all()
        except Exception as ended:  # noqa: BLE001 - the caller judges the exception
            error = ended
    messages = list(_messages(target.getvalue()))
    text.detach()
    return Output(messages, error)


@dataclass
class KeptRows:
    """What later runs know of the rows that a target has, by their streams and keys.

    Passes know those that a STATE covers. Without any STATE, the next run is a first one, and reads no events either.
    `followed` are the projects from whose events later runs learn of rows that no STATE covers.
    """

    covered: set[tuple[str, str]] = field(default_factory=set)
    unheard: set[tuple[str, str]] = field(default_factory=set)
    followed: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def add(self, output: Output, state: Message) -> None:
        """Add the rows of a run, after which the target has this STATE, or an empty one."""
        rows, covered = _rows_of(output), _rows_of(output if output.error is None else output.confirmed())
        self.covered |= covered
        self.unheard -= covered
        self.unheard |= set() if state else rows
        self.followed |= dict.fromkeys(rows - covered, frozenset(_followed(state)))

    def is_known(self, stream: str, gid: str, projects: Iterable[str]) -> bool:
        """Return whether a STATE covers a row, or later runs read the events of one of its projects that name it."""
        return (stream, gid) in self.covered or not self.followed.get((stream, gid), frozenset()).isdisjoint(projects)

    def copy(self) -> KeptRows:
        """Return the rows as they are now."""
        return KeptRows({*self.covered}, {*self.unheard}, {**self.followed})


def _followed(state: Message) -> Iterator[str]:
    """Yield the projects with a sync token in a state."""
    for partition in state.get("bookmarks", {}).get("deletions", {}).get("partitions", ()):
        yield from partition.get("sync_tokens", ())


def _rows_of(output: Output) -> set[tuple[str, str]]:
    return {(each["stream"], key(each["stream"], each["record"])) for each in output.of("RECORD")}


def _messages(written: bytes) -> Iterator[Message]:
    for line in io.BytesIO(written):
        yield _schema(line) if line.startswith(SCHEMA_START) else decode(line)


@lru_cache(maxsize=512)
def _schema(line: bytes) -> Message:
    """Return a SCHEMA, which has the same line in most runs, and is longer than all records of a small world."""
    return decode(line)
