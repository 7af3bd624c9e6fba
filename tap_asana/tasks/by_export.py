"""Tasks with their stories and attachments from one file: the export that service accounts can request."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from dataclasses import replace

from tap_asana.api.decoding import Record
from tap_asana.api.protocol import Unavailable
from tap_asana.api.request import Page, Request
from tap_asana.api.retries import backoff_delays
from tap_asana.errors import CorruptDownloadError, CorruptExportError
from tap_asana.fetch.lane import END_OF_PARENT
from tap_asana.state.bookmarks import short_hash
from tap_asana.tasks.by_task import TaskChildSource
from tap_asana.tasks.context import ExportUnavailableError, TraversalContext
from tap_asana.tasks.events import (
    INLINE,
    KIND_FIELDS,
    REQUIRED_TASK_FIELD,
    TASKS,
    TIME,
    Batch,
    Checkpoint,
    ParentUnavailable,
    TaskEvent,
)
from tap_asana.tasks.export_file import ExportFile
from tap_asana.tasks.export_position import ExportPosition
from tap_asana.tasks.export_reach import ExportReach
from tap_asana.tasks.exported_tasks import ExportedTasks
from tap_asana.tasks.project_counts import MAX_PROJECTS, ProjectCounts
from tap_asana.tasks.traversal import TaskTraversal

EXPORT_LANE = "export"
NOT_EXPORTED = frozenset({"view_url"})
"""Fields of attachments that exports do not contain."""

MAX_WAIT_FOR_OTHER_EXPORT_SECONDS = 900.0
"""Seconds to wait for another client's export of the workspace before another method is used."""

MAX_EXPORT_SECONDS = 12 * 3600.0
"""Seconds to wait for a job; Asana speaks of minutes to a few hours."""

FIRST_POLL_SECONDS, MAX_POLL_SECONDS = 0.5, 30.0
"""Seconds before the first request for a job's status, and between later ones."""

logger = logging.getLogger(__name__)


class Export:
    """One export of a workspace: requested, awaited, downloaded and read.

    An interrupted read resumes in the same file, by the position in the state. If the file has another content by then,
    it is read from its start. If Asana no longer has it, or more fields are selected, another export is requested.

    If everything is exported, Asana counts the tasks of at most `max_projects` projects first: a file that contains
    fewer is corrupt. `by_task` are the lists below single tasks that the file does not replace.
    """

    def __init__(
        self,
        context: TraversalContext,
        start_date: str | None = None,
        expected: Collection[str] = (),
        *,
        max_projects: int = MAX_PROJECTS,
    ) -> None:
        """Request nothing yet; `expected` are private tasks that the file must contain."""
        self._max_projects = max_projects
        self._counts = ProjectCounts(context.fetcher, context.directory, context.workspace)
        self._context = context
        self._client = context.client
        self.by_task = [TaskChildSource(context, name) for name in (*INLINE, TIME) if name in context.fields]
        self._reach = ExportReach(context, start_date, expected)
        self._tasks = ExportedTasks(context, self._counts, self.by_task, self._reach)

    def begin(self) -> Iterator[Checkpoint]:
        """Request the export and yield the position of its job, for `events` to begin with.

        Yields nothing if an interrupted read is to be resumed, or if Asana makes an export for another client. Raises
        ExportUnavailableError if it is refused.
        """
        if self._context.window.position(EXPORT_LANE) is None:
            counts = self._request_counts()
            if (job := self._job_unless_busy()) is not None:
                yield self._checkpoint(ExportPosition(job, 0, self._fields_hash, counts=counts), force=True)

    def events(self) -> Iterator[TaskEvent]:
        """Yield the tasks and their children.

        Raises ExportUnavailableError if Asana does not export them, UnprovenExportError if only an export of everything
        can show whether it does.
        """
        yield from self.file_events()
        if any(self.by_task):
            below = replace(self._context, on_unavailable=self._refuse_below)
            yield from TaskTraversal(below, self.by_task).events()

    def _refuse_below(self, request: Request, refusal: Unavailable) -> None:
        """Report a refused list below a task of the file, which may be too new for a 404 to prove anything."""
        self._context.new_gids.add(int(request.parent_keys["task_gid"]))
        self._context.on_unavailable(request, refusal)

    def file_events(self) -> Iterator[TaskEvent]:
        """Yield the tasks and children in the file; a finished file only shows which tasks have other children."""
        position = self._position()
        if position.done == END_OF_PARENT and not position.by_task and TIME not in self._context.fields:
            return
        if position.job:
            try:
                yield from self._read(position)
            except ExportUnavailableError as error:
                # The job is of this run, because `begin` has just requested it, or another file would lack as much.
                if not self._context.is_resumed or self._context.reach.missing_in_exports:
                    raise
                logger.info("workspace %s: %s; another one is requested", self._context.workspace.gid, error)
            else:
                return
        position = self._start()
        yield self._checkpoint(position, force=True)
        yield from self._read(position)

    def _position(self) -> ExportPosition:
        """Return the position of an interrupted read of the same fields, or the start."""
        position = ExportPosition.from_state(self._context.window.position(EXPORT_LANE) or ())
        return position if position.fields == self._fields_hash else ExportPosition()

    def _start(self) -> ExportPosition:
        """Request an export, after what its file is compared with."""
        counts = self._request_counts()
        self._reach.expect()
        return ExportPosition(self._request_export(), 0, self._fields_hash, counts=counts)

    def _request_counts(self) -> tuple[int, ...]:
        """Have Asana count the tasks of some projects, if everything is exported; return the numbers for the state."""
        if self._exports_everything:
            self._counts.request(self._max_projects)
        return tuple(value for gid, number in self._counts.expected_counts.items() for value in (int(gid), number))

    @property
    def _exports_everything(self) -> bool:
        return self._context.window.since is None

    @property
    def _fields_hash(self) -> int:
        return int(short_hash(self._fields()), 16)

    def _read(self, position: ExportPosition) -> Iterator[TaskEvent]:
        """Yield the rest of a job's file; raises ExportUnavailableError if the file stays corrupt."""
        corrupt_content, self._counts.expected_counts = 0, position.expected_counts
        for delay in backoff_delays():
            for source in self.by_task:
                source.clear()
            self._counts.start()
            self._reach.start()
            file = self._wait_for_file(f"{position.job}")
            try:
                for event in self._rest(file, position):
                    if isinstance(event, ExportPosition):
                        position = event
                        yield self._checkpoint(position)
                    else:
                        yield event
            except CorruptDownloadError as error:
                if isinstance(error, CorruptExportError) and (delay is None or file.content == corrupt_content != 0):
                    self._reach.compare_archived()  # for the next run: this may be the reason
                    raise ExportUnavailableError(f"{error}, in each download") from error
                if delay is None:
                    raise
                corrupt_content = file.content
                logger.warning("workspace %s: %s; downloading it again", self._context.workspace.gid, error)
                self._client.pause(delay)
            else:
                self._reach.check(self.by_task)
                yield from map(ParentUnavailable, self._reach.archived.unread)
                by_task = int(any(self.by_task))
                end = position._replace(done=END_OF_PARENT, content=file.content, by_task=by_task)
                yield replace(self._checkpoint(end, force=True), unavailable=self._reach.archived.unread)
                return

    def _rest(self, file: ExportFile, position: ExportPosition) -> Iterator[Batch | ExportPosition]:
        """Yield the tasks of a file beyond a position, and the new position after each batch of the file."""
        tasks_read = 0
        for tasks in file.batches():
            if position.done and file.content != position.content and position.done != END_OF_PARENT:
                gid = self._context.workspace.gid
                logger.warning("workspace %s: the export's file has changed; it is read again from its start", gid)
                position = position._replace(done=0)
            self._tasks.show(tasks)
            unread_tasks, tasks_read = tasks[max(position.done - tasks_read, 0) :], tasks_read + len(tasks)
            if unread_tasks:
                yield from self._tasks.batches(unread_tasks)
                position = position._replace(done=tasks_read, content=file.content)
                yield position
        self._counts.check()

    @staticmethod
    def _checkpoint(position: ExportPosition, *, force: bool = False) -> Checkpoint:
        return Checkpoint({EXPORT_LANE: position.to_state()}, {}, force=force)

    def _request_export(self) -> int:
        """Request an export and return its job's gid; wait a limited time for another client's export."""
        seconds, pause = 0.0, FIRST_POLL_SECONDS
        while (job := self._job_unless_busy(is_last=seconds >= MAX_WAIT_FOR_OTHER_EXPORT_SECONDS)) is None:
            self._client.pause(pause)
            seconds, pause = seconds + pause, min(pause * 2, MAX_POLL_SECONDS)
        return job

    def _job_unless_busy(self, *, is_last: bool = False) -> int | None:
        """Request an export once, and return its job's gid; None if Asana makes one for another client.

        Raises ExportUnavailableError if Asana refuses it for another reason, or if it `is_last` and refused.
        """
        page = self._client.fetch(self._export_request())
        refusal = page.unavailable
        if refusal is None:
            return _job_of(page)
        if is_last or "progress" not in refusal.message.lower():
            raise ExportUnavailableError(f"the export is refused ({refusal.label}: {refusal.message})")
        return None

    def _export_request(self) -> Request:
        workspace, since = self._context.workspace.gid, self._context.window.filter_bound
        parameters: dict[str, object] = {"resource_type": "task", "fields": self._fields()}
        if since is not None:
            parameters["filters"] = {"modified_at.after": since}
        body = {"workspace": workspace, "export_request_parameters": [parameters]}
        return Request(EXPORT_LANE, "/exports/resource", workspace=workspace, body=body)

    def _fields(self) -> list[str]:
        """Return the task fields, including those that show time and subtasks, and the fields of the inline streams."""
        required_fields = [REQUIRED_TASK_FIELD[TIME]] if TIME in self._context.fields else []
        fields = list(dict.fromkeys((*self._context.fields.get(TASKS, required_fields or ["gid"]), *required_fields)))
        named = {field.partition(".")[0] for field in fields}
        fields.extend(name for name in KIND_FIELDS if name not in named)
        for name in INLINE:
            if name in self._context.fields:
                names = [field for field in self._context.fields[name] if field not in NOT_EXPORTED]
                fields.extend(f"{name}.{field}" for field in names or ["gid"])
        return fields

    def _wait_for_file(self, job: str) -> ExportFile:
        """Wait until a job is done, and return its file."""
        seconds, pause = 0.0, FIRST_POLL_SECONDS
        while seconds < MAX_EXPORT_SECONDS:
            record = self._job(job)
            url = _url_of(record)
            if record.get("status") == "succeeded" and url:
                decoder = self._tasks.decoder
                return ExportFile(
                    self._client, url, self._context.limits, decoder.decode if decoder is not None else None
                )
            if record.get("status") == "failed":
                raise ExportUnavailableError("Asana failed to create the export")
            self._client.pause(pause)
            seconds, pause = seconds + pause, min(pause * 2, MAX_POLL_SECONDS)
        raise ExportUnavailableError(f"Asana has not completed the export in {MAX_EXPORT_SECONDS / 3600:.0f} hours")

    def _job(self, job: str) -> Record:
        fields = {"opt_fields": "status,new_resource_export.download_url"}
        page = self._client.fetch(Request(EXPORT_LANE, f"/jobs/{job}", fields, workspace=self._context.workspace.gid))
        if page.unavailable is not None:
            raise ExportUnavailableError(f"the export's job cannot be read ({page.unavailable.label})")
        return page.records[0] if page.records else {}


def _job_of(page: Page) -> int:
    """Return the gid of a new job."""
    gid = f"{page.records[0]['gid']}" if page.records else ""
    if not gid.isdecimal():
        raise ExportUnavailableError("Asana started an export, but named no job")
    return int(gid)


def _url_of(job: Record) -> str:
    """Return the URL of a job's file; empty as long as there is none."""
    export = job.get("new_resource_export")
    url = export.get("download_url") if isinstance(export, dict) else None
    return url if isinstance(url, str) else ""
