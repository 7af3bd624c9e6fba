"""The time entries of recent days, by workspace: tracking time moves no clock of a task, so no increment shows it.

Asana lists the entries of a workspace by the day of the work. Days whose entries are those of the last run are not
written again. An entry of a task that the settings may exclude is not written if Asana refuses to show the task: the
next run looks at the entries of its day again.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from tap_asana.api.decoding import is_timestamp, nested_object, text_field
from tap_asana.state.entry_days import DayHashes, EntryDays, content_hash, day_of, first_day
from tap_asana.state.instants import parse_instant
from tap_asana.sync.facts import Commit, Event, StreamFacts
from tap_asana.sync.replication import FULL_TABLE
from tap_asana.tasks.events import TASK_FIELD, TASK_NAME, TIME, Batch
from tap_asana.tasks.task_lists import is_since

if TYPE_CHECKING:
    from tap_asana.api.decoding import Record
    from tap_asana.api.request import Page, Request
    from tap_asana.parents.kinds import Workspace
    from tap_asana.run import Run
    from tap_asana.sync.task_scope import TaskScope

ENTRIES_OF_WORKSPACE = "/time_tracking_entries?workspace={workspace_gid}"
FIRST_DAY = "entered_on_start_date"

UNREAD = "workspace %s: time tracked on unchanged tasks arrives with their next change, because %s"
NO_TASKS = "Asana does not name the tasks of a workspace's time entries"
LACKING = "their list lacks %d entries that the lists of tasks have"

logger = logging.getLogger(__name__)


@dataclass
class _Found:
    """What the list of a workspace has shown so far: the hashes of all entries by gid, and those of each day.

    Entries to write if their day has changed are waiting.
    """

    entries: dict[str, int] = field(default_factory=dict)
    hashes: DayHashes = field(default_factory=DayHashes)
    waiting: defaultdict[str, list[Batch]] = field(default_factory=lambda: defaultdict(list))


class RecentEntries:
    """The recent time entries of all workspaces, read after the tasks.

    `state_of` returns the state of a stream, `bookmarks` those of the entries before this run, by workspace.
    `unchanged` are entries that were created since then, and that the last run has written as they are.
    """

    def __init__(
        self,
        run: Run,
        state_of: Callable[[str], MutableMapping[str, Any]],
        bookmarks: Mapping[str, str | None],
        *,
        keeps_unchanged: bool,
    ) -> None:
        """Read nothing yet; without `keeps_unchanged`, no such entries are kept, and no tasks requested for them."""
        self._run = run
        self._keeps_unchanged = keeps_unchanged
        self._state_of = state_of
        self._bookmarks = bookmarks
        self._written: dict[str, int] = {}
        self._written_in: defaultdict[str, set[str]] = defaultdict(set)
        self._listed: dict[str, int] = {}
        self._first_days: dict[str, str] = {}
        self._stored: set[str] = set()
        self._known: dict[str, Mapping[str, str]] = {}
        self.unchanged: list[Batch] = []

    def on_written(self, batch: Batch) -> None:
        """Note the recent entries that were written, which are not written twice.

        The state knows no day until all are listed: nobody knows from which day an entry came. One that a later pass
        reads as a list has shown it says nothing new of its day.
        """
        if batch.stream != TIME:
            return
        workspace_gid = batch.parent_keys["workspace_gid"]
        first, days = self._first_day(workspace_gid), self._days(workspace_gid)
        for entry in batch.records:
            gid, day, entry_hash = entry["gid"], day_of(entry, self._run.start), _hash(entry)
            if day >= first:
                self._written[gid] = entry_hash
                self._written_in[workspace_gid].add(gid)
            if workspace_gid not in self._stored or self._listed.get(gid, entry_hash) != entry_hash:
                days.forget_all()

    def has_written(self, entry: Record) -> bool:
        """Return whether this run has written an entry of recent days so far."""
        return entry["gid"] in self._written

    def events(self, streams: Mapping[str, StreamFacts]) -> Iterator[Event]:
        """Yield the entries of all workspaces that were not written since they changed, if they are selected.

        A run that reads the whole table needs no such list, unless `start_date` leaves out the entries of older tasks.
        """
        stream, start_date = streams.get(TIME), self._run.settings.start_date
        if stream is not None and (stream.replication_method != FULL_TABLE or start_date is not None):
            workspaces = self._run.directory.workspaces
            self._run.fetcher.prefetch(self._first_page(stream, workspace) for workspace in workspaces)
            for workspace in workspaces:
                yield from self._read(stream, workspace)

    def _days(self, workspace_gid: str) -> EntryDays:
        return EntryDays(self._state_of(TIME), workspace_gid)

    def _first_day(self, workspace_gid: str) -> str:
        """Return the first day to list, and keep what state knows of the days before this run."""
        if workspace_gid not in self._first_days:
            days = self._days(workspace_gid)
            self._known[workspace_gid] = dict(days.hashes)
            last_read = days.until or self._bookmarks.get(workspace_gid) or self._run.start
            self._first_days[workspace_gid] = first_day(min(last_read, self._run.start, key=parse_instant))
        return self._first_days[workspace_gid]

    def _read(self, stream: StreamFacts, workspace: Workspace) -> Iterator[Event]:
        """Yield the entries of a workspace; a STATE that knows no day precedes the first one.

        A target may keep entries that no STATE follows, and people may undo their changes before the next run.
        """
        is_known = bool(self._first_day(workspace.gid) and self._known[workspace.gid])
        for event in self._listed_entries(stream, workspace):
            if is_known and isinstance(event, Batch):
                yield Commit(self._days(workspace.gid).forget_all, force=True)
                is_known = False
            yield event

    def _listed_entries(self, stream: StreamFacts, workspace: Workspace) -> Iterator[Event]:
        from tap_asana.sync.task_scope import TaskScope  # noqa: PLC0415 - discovery does not import what reads

        found, days = _Found(), self._days(workspace.gid)
        scope = TaskScope(self._run, workspace)
        for page in self._pages(stream, workspace):
            if reason := _unread_reason(page):
                if not page.is_not_in_plan:
                    logger.info(UNREAD, workspace.gid, reason)
                yield Commit(days.forget_all)
                return
            yield from self._in_scope(scope, self._sorted(page, workspace, found))
        if lacking := len(self._written_in[workspace.gid] - found.entries.keys()):
            logger.info(UNREAD, workspace.gid, LACKING % lacking)
        hashes = found.hashes.texts(first_day(self._run.start))
        known = self._known[workspace.gid]
        changed, unchanged = list[Batch](), list[Batch]()
        for day, batches in found.waiting.items():
            (unchanged if hashes.get(day) == known[day] else changed).extend(batches)
        yield from self._in_scope(scope, changed)
        self._listed.update(found.entries)
        self.unchanged += self._in_scope(scope, filter(self._is_new, unchanged) if self._keeps_unchanged else ())
        for batch in scope.undecided:
            hashes.pop(day_of(batch.records[0], self._run.start), None)
        self._stored.add(workspace.gid)
        yield Commit(partial(days.store, self._run.start, hashes))

    def _is_new(self, batch: Batch) -> bool:
        """Return whether an entry is known to be created since the bookmark of its workspace."""
        created, bookmark = batch.records[0].get("created_at"), self._bookmarks.get(batch.parent_keys["workspace_gid"])
        return bookmark is not None and is_timestamp(created) and is_since(created, bookmark)

    def _pages(self, stream: StreamFacts, workspace: Workspace) -> Iterator[Page]:
        """Yield the pages of a workspace's list; no further page is requested if the first one is of no use."""
        from tap_asana.fetch.lane import WorkItem  # noqa: PLC0415 - discovery does not import what reads

        scheduler = self._run.fetcher.read([WorkItem((0,), [self._first_page(stream, workspace)])])
        for page in scheduler:
            if page.rest is not None and not _unread_reason(page):
                scheduler.add_requests([page.rest])
            yield page

    def _first_page(self, stream: StreamFacts, workspace: Workspace) -> Request:
        """Return the request for the first page of a workspace's list."""
        fields = list(dict.fromkeys((*stream.opt_fields(), "entered_on", TASK_NAME)))
        request = self._run.directory.build_request(TIME, ENTRIES_OF_WORKSPACE, {}, fields, workspace)
        request = request.with_params(ENTRIES_OF_WORKSPACE, **{FIRST_DAY: self._first_day(workspace.gid)})
        return replace(request, is_probe=True, pause_after=1)

    def _sorted(self, page: Page, workspace: Workspace, found: _Found) -> Iterator[Batch]:
        """Yield the entries of a page to write for certain; the others wait for the rest of their day."""
        known = self._known[workspace.gid]
        for entry in page.records:
            gid, day, entry_hash = entry["gid"], day_of(entry, self._run.start), _hash(entry)
            task_gid = text_field(nested_object(entry, TASK_FIELD), "gid")  # null for a task that the token cannot see
            if gid in found.entries or task_gid is None:
                continue
            found.entries[gid] = entry_hash
            found.hashes.add(day, entry_hash)
            batch = Batch(TIME, [entry], {"workspace_gid": workspace.gid, "task_gid": task_gid})
            if gid in self._written or day not in known:
                yield from [batch] if self._written.get(gid) != entry_hash else []
            else:
                found.waiting[day].append(batch)

    def _in_scope(self, scope: TaskScope, batches: Iterable[Batch]) -> Iterator[Batch]:
        """Yield the entries whose tasks the settings include."""
        from tap_asana.fetch.lane import WorkItem  # noqa: PLC0415 - discovery does not import what reads

        requests = []
        for batch in batches:
            requests += yield from scope.admit(batch)
        for page in self._run.fetcher.read([WorkItem((place,), [each]) for place, each in enumerate(requests)]):
            yield from scope.release(page)


def _unread_reason(page: Page) -> str | None:
    """Return why the entries of a page cannot be read, None if they can."""
    if page.unavailable is not None:
        return f"their list is refused ({page.unavailable.label})"
    if page.truncated:
        return "Asana truncates their list"
    is_named = not page.records or any(TASK_FIELD in entry for entry in page.records)
    return None if is_named else NO_TASKS


def _hash(entry: Record) -> int:
    """Return the hash of an entry's content; not every list names the task."""
    return content_hash({name: value for name, value in entry.items() if name != TASK_FIELD})
