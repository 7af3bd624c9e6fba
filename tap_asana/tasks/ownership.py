"""Which list brings a task that several could bring, so that it is read in one place whatever comes first."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable
from typing import NamedTuple

from tap_asana.api.decoding import Record, is_timestamp, rows_with_gid
from tap_asana.api.request import Request
from tap_asana.tasks.compact import GidSet


class Meeting(NamedTuple):
    """How a list has met a task of a project that may bring it.

    `known` says that this walk has met it already where it counts, `scan` that only its subtasks are looked for, and
    `shared` that the list is of another project of the task.
    """

    known: bool
    scan: bool = False
    shared: bool = False


class TaskOwnership:
    """The projects that a walk lists: a task comes with the first of its own, in the order of their gids.

    (A subtask that is met below a task before that comes there: lists leave nothing to a list ahead.)

    So a walk that is taken up again finds each task where it was, or knows that it was read. Where a task comes into a
    project behind the reader, no clock need tell of it (facts 3.1). So each task that another list left to a project is
    looked for when that project was read: what it did not bring is asked for by itself.
    """

    def __init__(self, projects: Iterable[str], refused: Collection[str], until: str) -> None:
        """Take the gids of the projects, those that are known to be refused, and the start of the first attempt."""
        self._projects = {gid: int(gid) for gid in projects}
        self._listed = {gid: number for gid, number in self._projects.items() if gid not in refused}
        self._until = until
        self._done = GidSet()
        self._read = {False: GidSet(), True: GidSet()}
        self._left: dict[int, dict[tuple[object, ...], Request]] = {}
        self._tasks: dict[tuple[int, bool], array[int]] = {}
        # One answer leaves many tasks: what is kept of it is made once.
        self._answered: Request | None = None
        self._again: dict[tuple[object, ...], Request] = {}

    def brings(self, home: int, task: Record, ask: Request, met: Meeting) -> bool:
        """Tell whether a project brings a task that an answer has too, and keep what it takes to make sure of that.

        Of a project that an attempt before this one has read nobody knows whether a task that lies in it now was in it
        then: one that is shared by two projects comes again.
        """
        if home in self._read[met.scan]:
            return met.known
        if home in self._done:
            return met.known or (not met.shared and self._is_unmoved(task))
        self._tasks.setdefault((home, met.scan), array("Q")).append(int(task["gid"]))
        if ask is not self._answered:
            first = ask.with_offset(None)
            self._answered = ask
            self._again = {(first.path, tuple(sorted(first.params.items()))): first}
        self._left.setdefault(home, {}).update(self._again)
        return True

    def pass_by(self, gid: str) -> None:
        """Note that an attempt before this one has read a project to its end."""
        self._done.add(int(gid))

    def on_read(self, gid: str, *, scan: bool) -> Collection[int]:
        """Note that a project was read to its end; return the tasks that were left to it."""
        self._read[scan].add(int(gid))
        if not scan:
            self._left.pop(int(gid), None)
        return dict.fromkeys(self._tasks.pop((int(gid), scan), ()))

    def on_unavailable(self, gid: str) -> list[Request]:
        """Note that a project cannot be read; return what has to be asked again, since it left tasks to it."""
        self._listed.pop(gid, None)
        for scan in (False, True):
            self._tasks.pop((int(gid), scan), None)
        return list(self._left.pop(int(gid), {}).values())

    def owner(self, task: Record, only: Collection[str] | None = None) -> int | None:
        """Return the project that brings a task, be it one of `only` some; None where no project does."""
        gids = [project["gid"] for project in _projects(task)]
        listed = [self._listed[gid] for gid in gids if gid in self._listed and (only is None or gid in only)]
        return min(listed, default=None)

    def is_out_of_scope(self, task: Record) -> bool:
        """Tell whether a task is only in projects that this walk is not about."""
        projects = _projects(task)
        return bool(projects) and not any(project["gid"] in self._projects for project in projects)

    def _is_unmoved(self, task: Record) -> bool:
        modified: str | None = task.get("modified_at")
        return modified is not None and is_timestamp(modified) and modified < self._until


def _projects(task: Record) -> list[Record]:
    """Return the projects that a task names."""
    named = task.get("projects")
    return rows_with_gid(named, numeric=True)[0] if isinstance(named, list) else []
