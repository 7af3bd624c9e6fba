"""What the target holds of the tasks of a workspace, and the tasks that their lists have shown in this run."""

from __future__ import annotations

import logging
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from tap_asana.api.decoding import Record, is_timestamp
from tap_asana.state.bookmarks import SyncWindow
from tap_asana.state.entry_days import first_day
from tap_asana.state.instants import new_since
from tap_asana.state.reconciliation import ReconciliationState
from tap_asana.sync.moved_tasks import MovedTasks
from tap_asana.tasks.events import ATTACHMENTS, STORIES, TASKS, TIME, Batch, Found, TaskEvent, value_of
from tap_asana.tasks.task_lists import is_since

STREAMS_OF_TASKS = (TASKS, STORIES, ATTACHMENTS, TIME)
"""The streams of tasks and of everything below them."""

MAX_GID = 10**18
"""Greater gids, and those that are no number, are not known."""

UNDATED = (
    "workspace %s: the created_at of %s is unknown; the rows of those that are deleted before a pass has read them "
    "stay in the table"
)

logger = logging.getLogger(__name__)


class KnownObject(NamedTuple):
    """An object of the target: its stream and its gid."""

    stream: str
    gid: str

    @property
    def number(self) -> int:
        """Return it as a number of its set."""
        return int(self.gid) * len(STREAMS_OF_TASKS) + STREAMS_OF_TASKS.index(self.stream)

    @classmethod
    def from_number(cls, number: int) -> KnownObject:
        """Return the object of a number."""
        gid, place = divmod(number, len(STREAMS_OF_TASKS))
        return cls(STREAMS_OF_TASKS[place], f"{gid}")


class Inventory:
    """What the target holds of one workspace, as far as a set of few bytes knows it."""

    def __init__(self, state: ReconciliationState, workspace_gid: str) -> None:
        """Take the state of the pass."""
        self.state = state
        self._workspace_gid = workspace_gid
        self._undated: set[str] = set()
        self._listed = array("Q")
        self._has_whole_lists = False
        self._last_reads: Mapping[str, str | None] = {}
        self._too_new: set[int] = set()
        self._too_new_since: str | None = None
        self._met_since: dict[str, str] = {}
        self._older: dict[str, array[int]] = {}
        self._older_below: dict[str, list[str]] = {}

    def begin_pass(self, last_reads: Mapping[str, str | None]) -> None:
        """Take the starts of the last reads, by stream: a part of a pass follows."""
        self._last_reads = last_reads

    def begin_read(self, window: SyncWindow, streams: Iterable[str], *, is_resumed: bool) -> None:
        """Note what a read meets: what was created minutes before it is too new for a 404 to prove anything.

        A read that this run resumes meets only a rest. If it began long ago, a read of what has changed since follows.
        """
        self._too_new_since = new_since(window.until)
        if not is_resumed:
            self._met_since.update(dict.fromkeys(streams, window.since or ""))

    def begin_first_read(self, start: str, streams: Iterable[str]) -> None:
        """Note that the target holds nothing of these streams yet, unless it holds a part of them."""
        if not self.state.known:
            self.state.start(start, [*streams])

    def of_read(
        self,
        events: Iterable[TaskEvent],
        last_starts: Mapping[str, str | None],
        new_parents: Collection[str],
        moved: MovedTasks,
    ) -> Iterator[TaskEvent]:
        """Yield the events of a read, and know the records that were created since the last read of their stream.

        Without a last read all are new, and so are all below new projects, users and tags, which may become known
        during the read, and all that no earlier read could find. They are known when the next event is asked for: they
        are written by then. What is created during a read is known twice after the next one, and once after a pass. All
        below a task from a hidden project are new too. Older records elsewhere are remembered, because such a task may
        lie above them, or one that the list of a new parent shows later.
        """
        new_gids, is_increment = set[str](), any(last_starts.values())
        for event in events:
            yield event
            if not isinstance(event, (Batch, Found)):
                continue
            parents = {*event.parent_keys.values()}
            is_new = not new_gids.isdisjoint(parents) or (is_increment and not parents.isdisjoint(new_parents))
            if isinstance(event, Found):
                new_gids.update(event.gids if is_new else ())
                self.know_late(event.gids if is_new else ())
                continue
            is_new = is_new or event.is_late
            new, rest = (event.records, []) if is_new else _parted(event, moved.late_gids)
            self.add(replace(event, records=new), None)
            self.add(replace(event, records=rest), last_starts[event.stream])
            new_tasks = {gid for gid, _ in map(_facts, new)} if event.stream == TASKS else set[str]()
            new_gids |= new_tasks
            self.know_late(new_tasks)
            if moved or new_gids or (new_parents and is_increment):
                self._remember_older(replace(event, records=rest), last_starts[event.stream])

    def _remember_older(self, batch: Batch, since: str | None) -> None:
        """Remember the records of a batch that are not new, by their task, and the subtasks of tasks."""
        for place, record in enumerate(batch.records if self.state.known else ()):
            numbers = _numbers(replace(batch, records=[record]), lambda created: not _is_new(created, since))
            gid = _facts(record)[0] if batch.stream == TASKS else _task_gid(batch, place)
            self._older.setdefault(gid, array("Q")).extend(numbers)
            if batch.stream == TASKS:
                self._older_below.setdefault(batch.parent_keys.get("gid", ""), []).append(gid)

    def know_late(self, gids: Iterable[str]) -> None:
        """Know what this run has read of tasks from a hidden project, although it is older than the last run."""
        waiting = [*gids]
        while waiting and self._older:
            gid = waiting.pop()
            waiting += self._older_below.pop(gid, ())
            for number in self._older.pop(gid, ()):
                self.state.add(kind_of(KnownObject.from_number(number).stream), [number])

    def add(self, batch: Batch, since: str | None) -> None:
        """Know the records of a batch that were created since an instant; without one all.

        Those that do not show when they were created are known from the next pass on, as a line says.
        """
        if not self.state.known:
            return
        self.state.add(kind_of(batch.stream), _numbers(batch, partial(_is_new, since=since)))
        if (first := self._too_new_since) is not None:
            self._too_new.update(_numbers(batch, lambda created: created is not None and created >= first))
        if since is None or batch.stream in self._undated:
            return
        if any(created is None for _, created in map(_facts, batch.records)):
            self._undated.add(batch.stream)
            logger.info(UNDATED, self._workspace_gid, batch.stream)

    def is_too_new(self, known: KnownObject, now: str) -> bool:
        """Return whether an object that a pass misses may be so new that a 404 for its gid proves nothing.

        Nobody knows its age if this run has not met all that was created in those minutes. With a short lookback it has
        not, but the pass itself is older than that in most cases, and so is what was known when it began.
        """
        new, met_since = new_since(now), self._met_since.get(known.stream)
        is_unmet = met_since is None or min(met_since, f"{self.state.began}") >= new
        return is_unmet or known.number in self._too_new

    def has_just_begun(self, now: str) -> bool:
        """Return whether a pass is so young that a 404 proves nothing for any object that it misses."""
        return min(max(self._met_since.values(), default=""), f"{self.state.began}") >= new_since(now)

    def read(self, batch: Batch) -> list[int]:
        """Note the records that a pass has written, if they were created before it; return their numbers."""
        began = self.state.began
        numbers = _numbers(batch, lambda created: began is None or created is None or not is_since(created, began))
        self.state.read(kind_of(batch.stream), numbers)
        return numbers

    def meet(self, batch: Batch) -> None:
        """Know the records of a pass that may be gone before the next read, or that no other read lists."""
        began, kind = self.state.began, kind_of(batch.stream)
        if began is None:
            return
        last = self._last_reads.get(batch.stream) or began
        self.state.add(kind, _numbers(batch, partial(_is_between, since=last, until=None)))
        backdated = [entry for entry in batch.records if batch.stream == TIME and _is_backdated(entry)]
        between = partial(_is_between, since=began, until=last)
        self.state.add(kind, _numbers(replace(batch, records=backdated), between))

    def show(self, tasks: Iterable[Record]) -> None:
        """Note tasks that a list contains."""
        self._listed.extend(int(task["gid"]) for task in tasks)

    def end_lists(self) -> None:
        """Note that a read by lists has shown all tasks."""
        self._has_whole_lists = True

    @property
    def listed_gids(self) -> Sequence[int] | None:
        """Return the gids of all tasks in ascending order; None if this run has not listed all of them."""
        return sorted(set(self._listed)) if self._has_whole_lists else None


def _parted(batch: Batch, gids: Collection[str]) -> tuple[Sequence[Any], Sequence[Any]]:
    """Return the tasks of a batch that have these gids, and its other records."""
    if batch.stream != TASKS or not gids:
        return (), batch.records
    late = [record for record in batch.records if _facts(record)[0] in gids]
    return late, [record for record in batch.records if _facts(record)[0] not in gids]


def kind_of(stream: str) -> str:
    """Return the name of the set that has the objects of a stream."""
    return TASKS if stream == TASKS else "below"


def _is_new(created: str | None, since: str | None) -> bool:
    return since is None or (created is not None and is_since(created, since))


def _is_between(created: str | None, since: str, until: str | None) -> bool:
    return created is not None and is_since(created, since) and (until is None or not is_since(created, until))


def _is_backdated(entry: Record) -> bool:
    """Return whether a time entry was entered on a day that no run lists any more when it is created."""
    day, created = entry.get("entered_on"), entry.get("created_at")
    return isinstance(day, str) and is_timestamp(created) and day < first_day(f"{created}")


def _numbers(batch: Batch, is_wanted: Callable[[str | None], bool]) -> list[int]:
    """Return the numbers of those records of a batch whose time of creation is wanted."""
    found = (
        (gid, created) for gid, created in map(_facts, batch.records) if gid.isdecimal() and 0 < int(gid) < MAX_GID
    )
    return [KnownObject(batch.stream, gid).number for gid, created in found if is_wanted(created)]


def _task_gid(batch: Batch, place: int) -> str:
    """Return the gid of the task above a record of a batch; empty if it is unknown."""
    if batch.task_gids:
        return batch.task_gids[place]
    return f"{batch.parent_keys.get('task_gid') or value_of(batch.records[place], 'task_gid') or ''}"


def _facts(record: Any) -> tuple[str, str | None]:  # noqa: ANN401 - exports bring objects in place of dictionaries
    """Return gid and time of creation of a record."""
    created = value_of(record, "created_at")
    return f"{value_of(record, 'gid')}", created if isinstance(created, str) else None
