"""The read of objects that events named and that a run has not read otherwise."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from tap_asana.api.decoding import Record, nested_object
from tap_asana.api.request import Page, Request
from tap_asana.fetch.lane import WorkItem
from tap_asana.parents.kinds import Workspace
from tap_asana.state.debts import GONE_STATUSES
from tap_asana.state.instants import look_back, parse_instant
from tap_asana.sync.changed_objects import ChangedObject
from tap_asana.sync.facts import Commit, Event, StreamFacts
from tap_asana.sync.late_tasks import LateTasks
from tap_asana.sync.session import SyncSession
from tap_asana.sync.shared_lists import TASK_STREAMS
from tap_asana.sync.task_scope import HOLDER, SCOPE_FIELDS, TaskScope
from tap_asana.sync.tracked_time import ENTRY_MINUTES, MINUTES
from tap_asana.tasks.events import ATTACHMENTS, CHILD_PATHS, STORIES, TASKS, TIME, Batch
from tap_asana.tasks.owed import TASK_PATH

SINGLE_PATHS: Mapping[str, str] = {
    TASKS: TASK_PATH,
    STORIES: "/stories/{story_gid}",
    ATTACHMENTS: "/attachments/{attachment_gid}",
    TIME: "/time_tracking_entries/{time_tracking_entry_gid}",
}
"""The path of one object of each stream; its placeholder is the object's gid."""

HOLDER_FIELD: Mapping[str, str] = {STORIES: "target", ATTACHMENTS: "parent", TIME: "task"}
"""The field that names the task of an object, or another object that holds it."""

logger = logging.getLogger(__name__)


def follow_up(session: SyncSession, streams: Mapping[str, StreamFacts]) -> Iterator[Event]:
    """Yield the changed objects of each workspace, then the changes of state that have waited for them."""
    for workspace in session.run.directory.workspaces:
        if session.changes.has_waiting(workspace.gid):
            read = _FollowUp(session, workspace, streams)
            yield from read.events()
            if read.is_complete:
                yield from read.late_entries()
                yield Commit(partial(session.changes.keep, workspace.gid), force=True)


class _FollowUp:
    """One read of the changed objects of a workspace, each with one request.

    A task that was in no visible project before is read with everything below it, and first: its comments and subtasks
    may have changed too.
    """

    def __init__(self, session: SyncSession, workspace: Workspace, streams: Mapping[str, StreamFacts]) -> None:
        self.is_complete = True
        self._session = session
        self._run = session.run
        self._changes = session.changes
        self._workspace = workspace
        self._streams = streams
        self._late = LateTasks({name: streams[name] for name in streams if name in TASK_STREAMS}, session)
        self._scope = TaskScope(self._run, workspace)
        self._counts: Counter[str] = Counter()
        self._unread: list[Record] = []

    def events(self) -> Iterator[Event]:
        """Yield the records of these objects; those that Asana refuses are named, unless they are gone (law 6)."""
        moved = [each for each in self._unwritten if each.stream == TASKS and each.gid in self._changes.moved]
        yield from self._read(moved)
        self._changes.drop(moved)
        # The run may have read these tasks as they were before they moved, in the older file of an export.
        self._changes.moved.read_gids.difference_update(int(task["gid"]) for task in self._unread)
        unread = [*self._changes.moved.pop_unread(self._workspace.gid), *self._unread]
        if unread:
            yield from self._late.whole(self._workspace, unread)
        others = self._unwritten
        yield from self._read(others)
        self.is_complete = not self._counts["failed"]
        if moved or others:
            logger.info(
                "workspace %s: %d objects changed without their modified_at; read again with %d requests, %d refused",
                self._workspace.gid,
                *(len(moved) + len(others), self._counts.total(), self._counts["refused"]),
            )
        if not self.is_complete:
            logger.warning(
                "workspace %s: %d changed objects could not be read; the next run reads their events again",
                *(self._workspace.gid, self._counts["failed"]),
            )

    def late_entries(self) -> Iterator[Commit]:
        """Yield the debt of those lists of time entries that may be late: soon after a change, they lack minutes."""
        run, changes = self._run, self._changes
        since = look_back(parse_instant(run.start), run.settings.lookback_seconds)
        # A run that resumes one which has written all tasks writes none, and does not know their minutes.
        are_tasks_read = TASKS in changes.streams and self._session.includes(TASKS)
        gids = changes.tracked.incomplete(self._workspace.gid, since, are_tasks_read=are_tasks_read)
        requests = [self._request(ChangedObject(TIME, gid, holds_children=True)) for gid in gids]
        if requests:
            yield Commit(partial(self._session.cursor(self._streams[TIME]).owe_late, self._workspace, requests))

    @property
    def _unwritten(self) -> Sequence[ChangedObject]:
        return self._changes.unwritten(self._workspace.gid)

    def _read(self, objects: Sequence[ChangedObject]) -> Iterator[Event]:
        """Yield the records of objects, which the inventory notes."""
        return self._session.inventories.followed(self._records(objects), self._workspace)

    def _records(self, objects: Sequence[ChangedObject]) -> Iterator[Batch]:
        scheduler = self._run.fetcher.read(
            WorkItem((place,), [self._request(changed)]) for place, changed in enumerate(objects)
        )
        for page in scheduler:
            self._counts[_outcome(page)] += 1
            self._name_refusal(page)
            if page.request.label == HOLDER:
                yield from self._scope.release(page)
            else:
                requests = yield from self._process(page)
                scheduler.add_requests(requests)

    def _name_refusal(self, page: Page) -> None:
        """Count and name what is refused although it may exist, and owe the list of a task's children.

        A single object is not owed: Asana answers 403 too for what has left the sight of the token for good.
        """
        request, refusal = page.request, page.unavailable
        if refusal is None or refusal.is_failure or refusal.status in GONE_STATUSES:
            return
        if request.stream != TASKS and "task_gid" in request.parent_keys:
            self._session.cursor(self._streams[request.label]).owe_children(self._workspace, request, refusal)
        else:
            self._run.client.metrics.record_skip(request, refusal)

    def _request(self, changed: ChangedObject) -> Request:
        stream = changed.stream
        if stream == TASKS and changed.gid in self._changes.moved:
            return replace(self._late.task_request(self._workspace, changed.gid), label=TASKS, is_probe=True)
        own_fields = self._streams[stream].opt_fields()
        if changed.holds_children:
            fields = list(dict.fromkeys((*own_fields, ENTRY_MINUTES)))
            return self._build(stream, CHILD_PATHS[stream], fields, {"task_gid": changed.gid})
        needed = (*SCOPE_FIELDS, MINUTES) if stream == TASKS else ("created_at", *_holder_fields(stream))
        fields = list(dict.fromkeys((*own_fields, *needed)))
        name = SINGLE_PATHS[stream].rpartition("{")[2].rstrip("}")
        return replace(self._build(stream, SINGLE_PATHS[stream], fields, {name: changed.gid}), numeric_gids=True)

    def _build(self, stream: str, path: str, fields: Sequence[str], keys: Mapping[str, str]) -> Request:
        request = self._run.directory.build_request(stream, path, keys, fields, self._workspace)
        return replace(request, label=stream, is_probe=True)

    def _process(self, page: Page) -> Generator[Batch, None, list[Request]]:
        """Yield the records of a page if the settings include them; return the request that is needed to know."""
        stream, workspace_key = page.request.label, {"workspace_gid": self._workspace.gid}
        if stream == TASKS:
            tasks = [task for task in page.records if self._scope.includes(task)]
            unread = [task for task in tasks if self._changes.moved.is_unread(task, self._workspace.gid)]
            self._unread += unread
            yield Batch(TASKS, [task for task in tasks if task not in unread], workspace_key)
            return []
        requests: list[Request] = []
        task_gid = page.request.parent_keys.get("task_gid")
        for record in page.records:
            keys = {"task_gid": task_gid} if task_gid else _holder_keys(stream, record)
            batch = Batch(stream, [record], {**workspace_key, **keys})
            if "task_gid" in keys:
                requests += yield from self._scope.admit(batch)
            else:
                yield batch if keys else Batch(stream, [])
        return requests


def _outcome(page: Page) -> str:
    """Return whether a request was answered, refused, or failed for now."""
    if page.unavailable is None:
        return "read"
    return "failed" if page.unavailable.is_failure else "refused"


def _holder_fields(stream: str) -> tuple[str, str]:
    """Return the opt_fields that name the object which holds an object of a stream."""
    return HOLDER_FIELD[stream], f"{HOLDER_FIELD[stream]}.resource_type"


def _holder_keys(stream: str, record: Record) -> dict[str, str]:
    """Return the gid of the task, or of the goal of a story, that holds an object; empty if it is unknown."""
    holder = nested_object(record, HOLDER_FIELD[stream])
    kind = holder.get("resource_type", "task")
    return {f"{kind}_gid": holder["gid"]} if holder else {}
