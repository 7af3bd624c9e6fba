"""Tasks with their stories and attachments from one file: the export that service accounts can ask for (facts 1.2)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tap_asana.api.decoding import Record, rows_with_gid
from tap_asana.api.request import Page, Request
from tap_asana.api.retries import backoff_delays
from tap_asana.errors import AsanaError, CorruptDownloadError, CorruptExportError
from tap_asana.fetch.scheduler import END_OF_PARENT
from tap_asana.state.bookmarks import short_hash
from tap_asana.tasks.by_task import TaskChildSource
from tap_asana.tasks.events import INLINE, REQUIRED_TASK_FIELD, TASKS, TIME, Batch, Checkpoint
from tap_asana.tasks.export_file import ExportFile
from tap_asana.tasks.project_counts import FIELD, MAX_PROJECTS, ProjectCounts
from tap_asana.tasks.traversal import TaskTraversal, TraversalContext

EXPORT_LANE = "export"
NOT_EXPORTED = frozenset({"view_url"})
"""Fields of attachments that exports leave out."""

MAX_WAIT_FOR_OTHER_EXPORT_SECONDS = 900.0
"""Seconds to wait for somebody else's export of the workspace before it is read in another way."""

POLL, SLOWEST_POLL = 2.0, 30.0
"""Seconds before the first and between the later looks at a job."""

MAX_EXPORT_SECONDS = 12 * 3600.0
"""Seconds that a job is waited for at the most; Asana speaks of minutes to a few hours (facts 1.2)."""

logger = logging.getLogger(__name__)


SINGLE_NUMBERS = 5
"""How many numbers of a place in state stand before the counts of projects."""


class ExportUnavailableError(AsanaError):
    """The workspace cannot be exported now; it has to be read in another way."""


class _Place(NamedTuple):
    """How far a read by export has come, as state keeps it.

    `done` is how many tasks of the job's file were handed out, or LAST; `asked` tells the fields apart that were asked
    for, and `mark` the file's content. `by_task` says whether the file left something to be asked task by task. State
    has `counts` behind the other numbers, each project's gid before its number of tasks.
    """

    job: int = 0
    done: int = 0
    asked: int = 0
    mark: int = 0
    by_task: int = 0
    counts: tuple[int, ...] = ()

    @classmethod
    def kept(cls, numbers: Sequence[int]) -> _Place:
        """Return the place that state holds."""
        job, done, asked, mark, by_task = (*numbers, *[0] * SINGLE_NUMBERS)[:SINGLE_NUMBERS]
        return cls(job, done, asked, mark, by_task, tuple(numbers[SINGLE_NUMBERS:]))

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return what state keeps of the place."""
        return (self.job, self.done, self.asked, self.mark, self.by_task, *self.counts)

    @property
    def expected(self) -> dict[str, int]:
        """Return how many tasks Asana counted in some projects."""
        pairs = zip(self.counts[::2], self.counts[1::2], strict=False)
        return {f"{gid}": number for gid, number in pairs}


class Export:
    """One export of a workspace: asked for, waited for, downloaded and handed out.

    State keeps the job, how many tasks of its file were handed out, what it was asked for and what tells its content,
    so that a cut-off read goes on in the same file. A file that holds something else by now is read from its start.
    Where Asana does not have it any more, or more is selected by now, another is asked for.

    Of a workspace that is read whole, Asana counts the tasks of at most `max_projects` projects before: a file that
    holds fewer is damaged.
    """

    def __init__(self, scope: TraversalContext, max_projects: int = MAX_PROJECTS) -> None:
        """Ask for nothing yet."""
        self._max_projects = max_projects
        self._counts = ProjectCounts(scope.client, scope.directory, scope.workspace)
        self._scope = scope
        self._client = scope.client
        self._by_task = [TaskChildSource(scope, name) for name in (*INLINE, TIME) if name in scope.fields]

    def events(self) -> Iterator[Batch | Checkpoint]:
        """Yield the tasks and what hangs from them; raises ExportUnavailableError where Asana exports nothing."""
        yield from self._events()
        if any(self._by_task):
            yield from TaskTraversal(self._scope, self._by_task, set()).events()

    def _events(self) -> Iterator[Batch | Checkpoint]:
        """Yield the tasks and what lies in them; a file that was taken to its end only tells what is asked by task."""
        place = self._kept()
        if place.done == END_OF_PARENT and not place.by_task and TIME not in self._scope.fields:
            return
        if place.job:
            try:
                yield from self._read(place)
            except ExportUnavailableError as error:
                logger.info("workspace %s: %s; another one is begun", self._scope.workspace.gid, error)
            else:
                return
        place = self._begun()
        yield self._checkpoint(place, dear=True)
        yield from self._read(place)

    def _kept(self) -> _Place:
        """Return how far a read came that was cut off; nowhere where that asked for else."""
        place = _Place.kept(self._scope.window.position(EXPORT_LANE) or ())
        return place if place.asked == self._asked else _Place()

    def _begun(self) -> _Place:
        """Have some projects counted where everything is read, and ask for an export."""
        if self._is_whole:
            self._counts.ask(self._max_projects)
        counts = tuple(each for gid, number in self._counts.expected.items() for each in (int(gid), number))
        return _Place(self._begin(), 0, self._asked, counts=counts)

    @property
    def _is_whole(self) -> bool:
        return self._scope.window.since is None

    @property
    def _asked(self) -> int:
        return int(short_hash(self._fields()), 16)

    def _read(self, place: _Place) -> Iterator[Batch | Checkpoint]:
        """Yield what a job's file holds behind a place; raises ExportUnavailableError where it stays damaged."""
        damaged, self._counts.expected = 0, place.expected
        for wait in backoff_delays():
            for lane in self._by_task:
                lane.clear()
            self._counts.start()
            file = self._file(f"{place.job}")
            try:
                for event in self._behind(file, place):
                    if isinstance(event, _Place):
                        place = event
                        yield self._checkpoint(place)
                    else:
                        yield event
            except CorruptDownloadError as error:
                if isinstance(error, CorruptExportError) and (wait is None or file.mark == damaged != 0):
                    raise ExportUnavailableError(f"{error}, however often it is fetched") from error
                if wait is None:
                    raise
                damaged = file.mark
                logger.warning("workspace %s: %s; it is fetched again", self._scope.workspace.gid, error)
                self._client.pause(wait)
            else:
                by_task = int(any(self._by_task))
                yield self._checkpoint(place._replace(done=END_OF_PARENT, mark=file.mark, by_task=by_task), dear=True)
                return

    def _behind(self, file: ExportFile, place: _Place) -> Iterator[Batch | _Place]:
        """Yield the tasks of a file behind a place, and after some of them how far that is."""
        seen = 0
        for tasks in file.batches():
            if place.done and file.mark != place.mark and place.done != END_OF_PARENT:
                gid = self._scope.workspace.gid
                logger.warning("workspace %s: the export's file is not the one that was begun; it is read anew", gid)
                place = place._replace(done=0)
            for lane in self._by_task:
                lane.note(tasks)
            self._counts.note(tasks)
            new, seen = tasks[max(place.done - seen, 0) :], seen + len(tasks)
            if new:
                yield from self._batch(new)
                place = place._replace(done=seen, mark=file.mark)
                yield place
        self._counts.check()

    def _checkpoint(self, place: _Place, *, dear: bool = False) -> Checkpoint:
        return Checkpoint({EXPORT_LANE: place.numbers}, {}, force=dear)

    def _begin(self) -> int:
        """Ask for an export and return its job's gid; wait for somebody else's, but not for ever."""
        waited, pause = 0.0, POLL
        while True:
            page = self._client.fetch(self._request())
            if page.unavailable is None:
                return _job_of(page)
            if "progress" not in page.unavailable.message.lower() or waited >= MAX_WAIT_FOR_OTHER_EXPORT_SECONDS:
                raise ExportUnavailableError(
                    f"the export is refused ({page.unavailable.label}: {page.unavailable.message})"
                )
            self._client.pause(pause)
            waited, pause = waited + pause, min(pause * 2, SLOWEST_POLL)

    def _request(self) -> Request:
        parameters: dict[str, object] = {"resource_type": "task", "fields": self._fields()}
        if self._scope.window.since is not None:
            parameters["filters"] = {"modified_at.after": self._scope.window.since}
        body = {"workspace": self._scope.workspace.gid, "export_request_parameters": [parameters]}
        return Request(EXPORT_LANE, "/exports/resource", workspace=self._scope.workspace.gid, body=body)

    def _fields(self) -> list[str]:
        """Return the fields of tasks, those that tell of time and projects, and those of what lies in them."""
        signs = [REQUIRED_TASK_FIELD[TIME]] if TIME in self._scope.fields else []
        fields = list(dict.fromkeys((*self._scope.fields.get(TASKS, signs or ["gid"]), *signs)))
        if self._is_whole and not any(field.partition(".")[0] == FIELD for field in fields):
            fields.append(FIELD)
        for name in INLINE:
            wanted = [field for field in self._scope.fields.get(name, ()) if field not in NOT_EXPORTED]
            bare = ["gid"] if name in self._scope.fields else []
            fields.extend(f"{name}.{field}" for field in wanted or bare)
        return fields

    def _file(self, job: str) -> ExportFile:
        """Wait until the job is done, and return the file that it names at this moment."""
        waited, pause = 0.0, POLL
        while waited < MAX_EXPORT_SECONDS:
            record = self._job(job)
            url = _url_of(record)
            if record.get("status") == "succeeded" and url:
                return ExportFile(self._client, url, self._scope.limits)
            if record.get("status") == "failed":
                raise ExportUnavailableError("Asana could not make the export")
            self._client.pause(pause)
            waited, pause = waited + pause, min(pause * 2, SLOWEST_POLL)
        raise ExportUnavailableError(f"Asana has not made the export in {MAX_EXPORT_SECONDS / 3600:.0f} hours")

    def _job(self, job: str) -> Record:
        fields = {"opt_fields": "status,new_resource_export.download_url"}
        page: Page = self._client.fetch(
            Request(EXPORT_LANE, f"/jobs/{job}", fields, workspace=self._scope.workspace.gid)
        )
        if page.unavailable is not None:
            raise ExportUnavailableError(f"the export's job cannot be read ({page.unavailable.label})")
        return page.records[0] if page.records else {}

    def _batch(self, tasks: list[Record]) -> Iterator[Batch]:
        if TASKS in self._scope.fields:
            yield Batch(TASKS, tasks, {"workspace_gid": self._scope.workspace.gid})
        for name in INLINE:
            if name in self._scope.fields:
                yield Batch(name, list(self._inside(name, tasks)))

    def _inside(self, name: str, tasks: list[Record]) -> Iterator[Record]:
        keys: Mapping[str, str]
        for task in tasks:
            inside = task.get(name)
            if isinstance(inside, list):
                keys = {"task_gid": task["gid"], "workspace_gid": self._scope.workspace.gid}
                records, odd = rows_with_gid(inside)
                self._client.metrics.record_unusable_rows(name, odd)
                yield from ({**keys, **record} for record in records)


def _job_of(page: Page) -> int:
    """Return the gid of a job that was begun."""
    gid = f"{page.records[0]['gid']}" if page.records else ""
    if not gid.isdecimal():
        raise ExportUnavailableError("Asana begins an export, but names no job for it")
    return int(gid)


def _url_of(job: Record) -> str:
    """Return where the file of a job can be had; empty where Asana does not say so yet."""
    export = job.get("new_resource_export")
    url = export.get("download_url") if isinstance(export, dict) else None
    return url if isinstance(url, str) else ""
