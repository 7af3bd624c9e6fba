"""The parents that earlier runs could read, ordered by run number so that no clock matters.

A run's number is one more than the highest number in its state. A bookmark keeps the number of the run that began its
read: to that stream, a project (or portfolio, goal, user, tag) that a later run saw first is new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping
from typing import Any

from tap_asana.state.shape import Partition, partition_of


class VisibleParents:
    """The run since which each parent of one kind in a workspace has been visible without a gap.

    They are kept in the state of the stream of that kind (`projects`, for example), as the state keys of
    `parents.kinds.Parent` in groups by run: [[3, ["17", "18"]], [5, ["42"]]]. An empty group of the next run shows that
    parents were dropped.
    """

    def __init__(self, stream_state: MutableMapping[str, Any], workspace_gid: str) -> None:
        """Find the workspace's partition, or add it."""
        self._partition = partition_of(stream_state, workspace_gid)

    @property
    def are_known(self) -> bool:
        """Return whether any run has recorded parents."""
        return "visible_since" in self._partition

    def at(self, run: int | None) -> set[str]:
        """Return the parents visible to a run; an empty set if `run` is None."""
        if run is None:
            return set()
        return {key for first, keys in self._groups() if first <= run for key in keys}

    def initialize(self, visible: Collection[str]) -> None:
        """Record parents as visible to every earlier run, unless the state already has parents of this kind."""
        self._partition.setdefault("visible_since", [(0, sorted(visible, key=int))])

    def update(self, visible: Collection[str], run: int, bookmark_runs: Iterable[int | None]) -> set[str]:
        """Keep the parents visible to a run, and merge groups that no bookmark distinguishes; return those that left.

        `bookmark_runs` are the possible values of all bookmarks, see `Bookmark.possible_values`.
        """
        first_runs = {key: first for first, keys in self._groups() for key in keys}
        bounds = [bound for bound in bookmark_runs if bound is not None]
        by_run: dict[int, list[str]] = {}
        for key in sorted(visible, key=int):
            by_run.setdefault(first_runs.get(key, run), []).append(key)
        groups: dict[int, tuple[int, list[str]]] = {}
        for first in sorted(by_run):
            bookmarks_after = sum(1 for bound in bounds if first <= bound)
            _, keys = groups.get(bookmarks_after, (first, []))
            groups[bookmarks_after] = (first, keys + by_run[first])
        self._partition["visible_since"] = list(groups.values())
        return first_runs.keys() - set(visible)

    def remove(self, unread: Collection[str], run: int) -> None:
        """Drop parents that a run could not read, so that they are new once they can be read."""
        kept = [(first, [key for key in group if key not in unread]) for first, group in self._groups()]
        self._partition["visible_since"] = [*kept, (run + 1, [])]

    def _groups(self) -> list[tuple[int, list[str]]]:
        return [(int(first), keys) for first, keys in self._partition.get("visible_since", [])]


class MissingParents:
    """The parents of one kind that a run could not see or read any more, and that may have been deleted.

    They are kept in the state of the stream of that kind, together with those that are visible, until a run lists them
    again or knows whether they exist: {"missing": ["17"]}.
    """

    def __init__(self, stream_state: MutableMapping[str, Any], workspace_gid: str) -> None:
        """Find the workspace's partition, or add it."""
        self._partition = partition_of(stream_state, workspace_gid)

    @property
    def keys(self) -> set[str]:
        """Return their state keys."""
        return set(self._partition.get("missing", ()))

    def add(self, keys: Collection[str]) -> None:
        """Keep further ones."""
        self.replace(self.keys.union(keys))

    def replace(self, keys: Collection[str]) -> None:
        """Keep these, and no others."""
        self._partition.pop("missing", None)
        if keys:
            self._partition["missing"] = sorted(keys, key=int)


def may_be_new(stream_state: Mapping[str, Any], workspace_gid: str, runs: Iterable[int | None]) -> bool:
    """Return whether any parents of a kind were dropped or seen first after one of these runs, by the state alone."""
    partitions = (
        each for each in stream_state.get("partitions", ()) if each["context"] == {"workspace_gid": workspace_gid}
    )
    groups = (group for partition in partitions for group in partition.get("visible_since", ()))
    latest = max((int(first) for first, _ in groups), default=0)
    return any(run is not None and run < latest for run in runs)


def next_run(state: Mapping[str, Any]) -> int:
    """Return the number of a run that starts with this state."""
    partitions = (
        partition for stream in state.get("bookmarks", {}).values() for partition in stream.get("partitions", ())
    )
    return 1 + max((number for partition in partitions for number in _run_numbers(partition)), default=0)


def _run_numbers(partition: Partition) -> Iterator[int]:
    yield int(partition.get("run", 0))
    if window := partition.get("window"):
        yield int(window.get("run", 0))
    yield from (int(first) for first, _ in partition.get("visible_since", ()))
