"""Which parents earlier runs have seen, in the order of the runs: no clock can disorder it.

A run's number is one more than the highest in the state that it was given. A bookmark keeps the number of the run that
began the read which it closed; a project (or portfolio, goal, user, tag) that a later run saw first is new to it.
Users are kept by their marks (`parents.Parent.mark`), which under privacy are not their gids.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping
from typing import Any

from tap_asana.state.bookmarks import parse_instant, partition_of


class VisibleParents:
    """Since which run each project (or portfolio, or goal) of a workspace has been visible to the token.

    Kept with the state of the stream of its kind, as gids in groups by the run that saw them first. So are the users
    and tags of a workspace whose tasks are read by lists.
    """

    def __init__(self, stream_state: MutableMapping[str, Any], workspace_gid: str) -> None:
        """Find the workspace's partition, or add it."""
        self._partition = partition_of(stream_state, workspace_gid)

    def at(self, run: int | None) -> set[str]:
        """Return those that a read which this run began has seen; None stands for no read."""
        if run is None:
            return set()
        return {gid for first, gids in self._groups() if first <= run for gid in gids}

    def begin_with(self, visible: Collection[str]) -> None:
        """Count as seen by all runs what is visible now, if nothing was kept so far."""
        self._partition.setdefault("seen", [[0, sorted(visible, key=int)]])

    def update(self, visible: Collection[str], run: int, marks: Iterable[int | None]) -> None:
        """Keep what is visible to a run, and join the groups that none of the marks tells apart, now or later.

        `marks` are the runs that bookmarks stand at, and will when a read that was cut off is complete.
        """
        first_runs = {gid: first for first, gids in self._groups() for gid in gids}
        passes = [mark for mark in marks if mark is not None]
        by_run: dict[int, list[str]] = {}
        for gid in sorted(visible, key=int):
            by_run.setdefault(first_runs.get(gid, run), []).append(gid)
        groups: dict[int, tuple[int, list[str]]] = {}
        for first in sorted(by_run):
            passed = sum(1 for mark in passes if first <= mark)
            _, gids = groups.get(passed, (first, []))
            groups[passed] = (first, gids + by_run[first])
        self._partition["seen"] = [[first, gids] for first, gids in groups.values()]

    def remove(self, gids: Collection[str]) -> None:
        """Drop what could not be read, so that it is new when it can."""
        self._partition["seen"] = [
            [first, [gid for gid in group if gid not in gids]] for first, group in self._groups()
        ]

    def _groups(self) -> list[tuple[int, list[str]]]:
        return [(int(first), gids) for first, gids in self._partition.get("seen", [])]


def next_run(state: Mapping[str, Any]) -> int:
    """Return the number of a run that begins with this state."""
    return 1 + max((number for partition in _partitions(state) for number in _numbers(partition)), default=0)


def numbered(state: dict[str, Any]) -> dict[str, Any]:
    """Return a state of an earlier version, which told runs apart by their start, with a number for each of them."""
    found = copy.deepcopy(state)
    by_workspace: dict[str, list[MutableMapping[str, Any]]] = {}
    for partition in _partitions(found):
        by_workspace.setdefault(str((partition.get("context") or {}).get("workspace_gid")), []).append(partition)
    for partitions in by_workspace.values():
        starts = {start for partition in partitions for start, _ in partition.get("seen", ()) if isinstance(start, str)}
        if starts:
            _number(partitions, sorted(map(parse_instant, starts)))
    return found


def _number(partitions: Iterable[MutableMapping[str, Any]], starts: list[Any]) -> None:
    """Number what a workspace's partitions keep by the starts of the runs in which projects were seen first."""

    def number(instant: str) -> int:
        return sum(1 for start in starts if start <= parse_instant(instant))

    for partition in partitions:
        groups = partition.get("seen", [])
        partition["seen"] = [[number(first) if isinstance(first, str) else first, gids] for first, gids in groups]
        if not groups:
            del partition["seen"]
        if value := partition.get("replication_key_value"):
            partition.setdefault("run", number(value))
        if window := partition.get("sweep"):
            window.setdefault("run", number(window["until"]))


def _partitions(state: Mapping[str, Any]) -> Iterator[MutableMapping[str, Any]]:
    for kept in state.get("bookmarks", {}).values():
        yield from kept.get("partitions", ())


def _numbers(partition: Mapping[str, Any]) -> Iterator[int]:
    yield int(partition.get("run", 0))
    yield int((partition.get("sweep") or {}).get("run", 0))
    yield from (int(first) for first, _ in partition.get("seen", ()) if not isinstance(first, str))
