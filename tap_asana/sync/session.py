"""One sync: the streams to read, and the objects that they share."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from singer_sdk.helpers.types import TapState

from tap_asana.api.request import Request
from tap_asana.monitor.report import bookmark_values, report_counts
from tap_asana.monitor.sdk_metrics import log_metrics
from tap_asana.parents.kinds import PARENT_LISTS, Workspace
from tap_asana.run import Run
from tap_asana.settings import read_settings
from tap_asana.state.bookmarks import short_hash
from tap_asana.state.resume_points import CompletedStreams
from tap_asana.state.search_reach import SearchReach
from tap_asana.state.shape import Partition, partition_of
from tap_asana.state.shards import partitions_by_workspace
from tap_asana.state.visible_parents import next_run
from tap_asana.sync.changed_objects import STREAM_OF_TYPE, ChangedObjects
from tap_asana.sync.cursor import Cursor, ParentHistory
from tap_asana.sync.deletion_records import DELETIONS, PROJECTS
from tap_asana.sync.facts import Event, StreamFacts
from tap_asana.sync.inventories import Inventories
from tap_asana.sync.missed_events import NewProjects
from tap_asana.sync.moved_tasks import MovedTasks
from tap_asana.sync.read_session import Known
from tap_asana.sync.reader import Reader
from tap_asana.sync.recent_entries import RecentEntries
from tap_asana.sync.replication import FULL_TABLE
from tap_asana.sync.shared_lists import TASK_STREAMS, SharedLists
from tap_asana.sync.task_clocks import TaskClocks
from tap_asana.sync.written_rows import WrittenRows
from tap_asana.tasks.announcements import AUTO_ANNOUNCED
from tap_asana.tasks.events import TASKS, TIME
from tap_asana.tasks.methods import SEARCH

LISTS_NEEDED_FIRST = frozenset({*PARENT_LISTS["workspace"], *PARENT_LISTS["project"]})
"""The lists of workspaces and of projects."""

NOT_READ = (
    "not read in this run, because the interrupted run has written them completely: %s; the next run brings what has "
    "changed in them since"
)

logger = logging.getLogger(__name__)


def followed_streams(run: Run, selected: Sequence[StreamFacts]) -> Sequence[str]:
    """Return the streams whose changed objects events name, if the setting and the selection ask for events.

    A stream that is read whole in each run needs no events. Tasks do, because others may be read below those that came
    into a project.
    """
    names = [stream.name for stream in selected if stream.replication_method != FULL_TABLE]
    names += [TASKS] if _are_tasks_whole(selected) and not TASK_STREAMS.isdisjoint(names) else []
    setting = run.settings.follow_events
    if setting is True and DELETIONS not in names:
        logger.warning("follow_events: no events are read, because the stream deletions is not selected")
    return names if setting is not False and DELETIONS in names else ()


def _are_tasks_whole(selected: Iterable[StreamFacts]) -> bool:
    """Return whether each run reads all tasks, whatever it reads below them."""
    return any(stream.name == TASKS and stream.replication_method == FULL_TABLE for stream in selected)


class SyncSession:
    """One sync: its streams in reading order, and the objects that they share.

    A dry run (`tap-asana --test`) has a session for each stream, `only`: it reads a few lists, and keeps nothing.
    """

    def __init__(
        self,
        run: Run,
        streams: Sequence[StreamFacts],
        config: Mapping[str, Any],
        state: TapState,
        only: StreamFacts | None = None,
    ) -> None:
        """Resume the interrupted run, if `state` holds one; `streams` are all streams of the tap."""
        self.run = run
        self.limit = run.limits.max_dry_run_parents if only else None
        self._state = state
        self._bookmarks_before = bookmark_values(state)
        partitions = partitions_by_workspace(state)
        self._workspaces_before = frozenset(partitions)
        self._all = streams
        self._cursors: dict[str, Cursor] = {}
        self._claimed: set[str] = set()
        self._run_number = next_run(state)
        self.selected = selected = [stream for stream in streams if stream.selected]
        fields = {stream.name: stream.opt_fields() for stream in selected}
        methods = {stream.name: stream.replication_method for stream in selected}
        selection_hash = short_hash([read_settings(config), fields, methods])
        self._read_before = frozenset(gid for gid, by_stream in partitions.items() if _has_read(streams, by_stream))
        recent = timedelta(seconds=run.limits.min_resumed_seconds)
        self.completed = CompletedStreams(self.state_of("workspaces"), run.now, selection_hash, recent)
        for name, counts in self.completed.skipped.items():
            run.client.metrics.record_earlier_skips(name, counts)
        unread = [stream for stream in selected if stream.name not in self.completed]
        if len(unread) < len(selected) and not only:
            logger.info(NOT_READ, ", ".join(stream.name for stream in selected if stream.name in self.completed))
        self.streams = [only] if only else unread
        self.lists = SharedLists(
            run, self.streams, self.limit, first_requests=self._first_requests, goes_first=self.goes_first
        )
        followed = () if only else followed_streams(run, selected)
        moved = MovedTasks(self._is_read_alone, self._known_projects)
        self.changes = ChangedObjects(
            *(followed, moved),
            are_tasks_whole=_are_tasks_whole(selected),
            lookback_seconds=run.settings.lookback_seconds,
        )
        is_reconciled, entries_before = run.settings.reconcile_days is not None, self._bookmarks_before.get(TIME, {})
        find_deletions = any(stream.name == DELETIONS for stream in selected)
        self.inventories = Inventories(
            self.state_of,
            self._bookmarks_before,
            are_kept=is_reconciled and not only,
            find_deletions=find_deletions,
            moved=self.changes.moved,
        )
        if not is_reconciled:
            is_auto = run.settings.attachment_lists == AUTO_ANNOUNCED
            self.inventories.forget(state, are_attachments_left=is_auto and not only)
        has_read = any(self._bookmarks_before.values())
        # A first read returns an object twice in few cases (law 5), and has more rows than memory should hold.
        repeatable = [stream.name for stream in selected if stream.replication_key] if has_read and not only else ()
        self.rows = WrittenRows(repeatable, run.limits.max_repeatable_rows)
        self.clocks = TaskClocks(run)
        self.new_projects = NewProjects(
            partial(self.state_of, DELETIONS),
            lambda: run.start,
            are_followed=not only and (find_deletions or bool(self._bookmarks_before.get(DELETIONS))),
        )
        self.recent_entries = RecentEntries(run, self.state_of, entries_before, keeps_unchanged=is_reconciled)
        self.parents = ParentHistory(
            run, self._run_number, self.state_of, self._kept_cursors, are_missed=find_deletions and not only
        )

    def _known_projects(self, workspace_gid: str) -> set[str]:
        """Return the visible projects that the last read of each stream below tasks could see, and has read."""
        streams = [stream for stream in self.selected if stream.name in TASK_STREAMS]
        known = set[str]()
        for workspace in self._workspaces_of(workspace_gid):
            runs = [self.cursor(stream).bookmark(workspace).run for stream in streams]
            visible = {project.gid for project in self.run.directory.parents("project", workspace)}
            known |= visible - self.parents.new("project", workspace, runs)
        return known

    def _workspaces_of(self, gid: str) -> list[Workspace]:
        return [workspace for workspace in self.run.directory.workspaces if workspace.gid == gid]

    def _is_read_alone(self, workspace_gid: str) -> bool:
        workspaces = self._workspaces_of(workspace_gid)
        is_searched = any(self.run.strategy.method_of(workspace) == SEARCH for workspace in workspaces)
        return is_searched or _are_tasks_whole(self.selected)

    def includes(self, name: str) -> bool:
        """Return True if this run reads a stream: an interrupted run that it continues may have completed it."""
        return any(stream.name == name for stream in self.streams)

    def state_of(self, name: str) -> MutableMapping[str, Any]:
        """Return a stream's part of the Singer state, to be changed in place."""
        return self._state.setdefault("bookmarks", {}).setdefault(name, {})

    def cursor(self, stream: StreamFacts) -> Cursor:
        """Return the cursor of a stream with bookmarks."""
        if stream.name not in self._cursors:
            self._cursors[stream.name] = Cursor(stream, self.run, self._run_number, self.state_of(stream.name))
        return self._cursors[stream.name]

    def reach_of(self, workspace: Workspace) -> SearchReach:
        """Return what the searches of a workspace find, as the state tells; a dry run compares nothing."""
        partition = partition_of(self.state_of("projects"), workspace.gid)
        read = TASK_STREAMS & {stream.name for stream in self.selected}
        values = bookmark_values(self._state)  # also of reads that this run has ended
        before = {name for name in TASK_STREAMS if values.get(name, {}).get(workspace.gid)}
        return SearchReach.complete() if self.limit else SearchReach(partition, read, before)

    def known(self, kind: type[Known], workspace: Workspace) -> Known:
        """Return the hashes of one kind that the last complete read of a workspace has left."""
        return kind(self.state_of("projects"), workspace.gid)

    def has_read_before(self, workspace: Workspace) -> bool:
        """Return whether earlier runs have written records of a workspace that Asana may have deleted since."""
        return workspace.gid in self._read_before

    def have_searched(self, workspace: Workspace) -> bool:
        """Return whether the last complete read of any stream of tasks counts as one by search, selected or not."""
        return any(each.has_searched(workspace) for each in self._kept_cursors() if each.name in TASK_STREAMS)

    def unfollowed(self, workspace: Workspace) -> frozenset[str]:
        """Return the streams that earlier runs have read, and that this one neither follows nor reads whole."""
        read = {name for name in STREAM_OF_TYPE.values() if self._bookmarks_before.get(name, {}).get(workspace.gid)}
        whole = {stream.name for stream in self.selected if stream.replication_method == FULL_TABLE}
        return frozenset(read - self.changes.streams - whole)

    def _kept_cursors(self) -> Iterator[Cursor]:
        bookmarks = self._state.get("bookmarks", {})
        return (self.cursor(stream) for stream in self._all if stream.replication_key and stream.name in bookmarks)

    def _first_requests(self, stream: StreamFacts, workspace: Workspace) -> Iterable[Request] | None:
        reader = stream.reader
        if not isinstance(reader, Reader) or self.limit is not None:
            return ()
        return reader.first_requests(stream, workspace, self)

    def goes_first(self, stream: StreamFacts, later: StreamFacts | None) -> bool:
        """Return whether a later stream waits until a stream is read; without `later`, a list that no stream reads."""
        reader = stream.reader
        return isinstance(reader, Reader) and reader.goes_first(stream, later, self)

    def claim(self, *names: str) -> bool:
        """Return True to the first caller that claims a read, False to all others."""
        key = ":".join(names)
        is_first = key not in self._claimed
        self._claimed.add(key)
        return is_first

    def complete(self, name: str) -> None:
        """Note that a stream is read to its end, if it is read whole: the others begin again at their bookmarks."""
        if any(each.name == name and each.replication_method == FULL_TABLE for each in self.selected):
            if name == PROJECTS:
                self.parents.keep("project")
            self.completed.add(name, self.run.now, self.run.client.metrics[name].skipped_but_in_plan)

    def begin(self, stream: StreamFacts) -> Iterator[Event]:
        """Yield what may begin before the read of a stream, once: when no later one reads workspaces or projects.

        What begins needs their lists, which would be requested twice. Nor may an export begin before the events that
        tasks wait for: its file is as old as its request, and an event of a later change would be lost with it.
        """
        rest = self.streams[self.streams.index(stream) :]
        if self.limit or any(other.list_paths().keys() & LISTS_NEEDED_FIRST for other in rest):
            return
        if any(self.goes_first(other, later) for later in rest if later.name in TASK_STREAMS for other in rest):
            return
        if self.claim("begin"):
            self._compare_workspaces()
            for reader in dict.fromkeys(other.reader for other in rest):
                if isinstance(reader, Reader):
                    yield from reader.begin(self)

    def _compare_workspaces(self) -> None:
        """Log a warning if the state has workspaces, but none of those that the run reads."""
        if self._workspaces_before:
            gids = [workspace.gid for workspace in self.run.directory.workspaces]
            if self._workspaces_before.isdisjoint(gids):
                logger.warning(
                    "the state has workspaces %s, and this run reads %s: everything is read as in a first run",
                    ", ".join(sorted(self._workspaces_before)),
                    ", ".join(gids),
                )

    def log_metrics(self, name: str, *, failed: bool = False) -> None:
        """Log the SDK's metrics of a stream at the end of its read."""
        (path,) = (stream.path for stream in self._all if stream.name == name)
        log_metrics(path, name, self.run.progress, self.run.client.metrics, failed=failed)

    def prefetch_of(self, stream: StreamFacts) -> Callable[[], None]:
        """Return a function that prefetches the streams after one, but those that wait for its end."""
        return partial(self.lists.prefetch_following, stream)

    def finish(self, write_state: Callable[[], None]) -> None:
        """Complete the run after its last stream: write the last STATE, then log the summary; once."""
        if self.claim("finish"):
            self.completed.clear()
            write_state()
            self.run.progress.summary(self._selected_names)
            self.run.close()

    @property
    def _selected_names(self) -> list[str]:
        return [stream.name for stream in self._all if stream.selected]

    def report(self) -> dict[str, Any]:
        """Return the counts of the run so far for its report, with the bookmarks before and after it."""
        snapshot = self.run.progress.snapshot()
        return report_counts(self._selected_names, snapshot, self._bookmarks_before, bookmark_values(self._state))


def _has_read(streams: Iterable[StreamFacts], partitions: Mapping[str, Partition]) -> bool:
    """Return whether any stream but logs has a bookmark or a read in progress, and so keeps rows until a later read."""
    kept = (partitions.get(stream.name, {}) for stream in streams if _has_lasting_rows(stream))
    return any("replication_key_value" in partition or "window" in partition for partition in kept)


def _has_lasting_rows(stream: StreamFacts) -> bool:
    return bool(stream.replication_key) and isinstance(stream.reader, Reader) and stream.reader.is_rereadable
