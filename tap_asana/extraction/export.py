"""Tasks with their stories and attachments from one file: the export that service accounts can ask for (facts 1.2)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping

from tap_asana.asks import Ask, Page
from tap_asana.errors import AsanaError, UnreadableFile
from tap_asana.extraction.export_file import ExportFile
from tap_asana.extraction.members import ATTACHMENTS, SIGNS, STORIES, TASKS, TIME, Batch, Checkpoint
from tap_asana.extraction.timed import Timed
from tap_asana.extraction.walk import Scope, Walk
from tap_asana.protocol import Record
from tap_asana.reading import LAST
from tap_asana.retries import waits
from tap_asana.state import fingerprint

NAME = "export"
INLINE = (STORIES, ATTACHMENTS)
"""What an export holds inside its tasks."""

NOT_EXPORTED = frozenset({"view_url"})
"""Fields of attachments that exports leave out."""

WAIT = 900.0
"""Seconds to wait for somebody else's export of the workspace before it is read in another way."""

POLL, SLOWEST_POLL = 2.0, 30.0
"""Seconds before the first and between the later looks at a job."""

LONGEST = 12 * 3600.0
"""Seconds that a job is waited for at the most; Asana speaks of minutes to a few hours (facts 1.2)."""

BATCH = 256 * 1024
"""Bytes of the file whose tasks are handed out together."""

logger = logging.getLogger(__name__)


class ExportUnavailableError(AsanaError):
    """The workspace cannot be exported now; it has to be read in another way."""


class Export:
    """One export of a workspace: asked for, waited for, downloaded and handed out.

    State keeps the job, how many tasks of its file were handed out and what it was asked for, so that a cut-off read
    goes on in the same file; where Asana does not have it any more, or more is selected by now, another is asked for.
    """

    def __init__(self, scope: Scope) -> None:
        """Ask for nothing yet."""
        self._scope = scope
        self._client = scope.client
        self._timed = Timed(scope)

    def events(self) -> Iterator[Batch | Checkpoint]:
        """Yield the tasks and what hangs from them; raises ExportUnavailableError where Asana exports nothing."""
        yield from self._events()
        if TIME in self._scope.fields:
            yield from Walk(self._scope, [self._timed], set()).events()

    def _events(self) -> Iterator[Batch | Checkpoint]:
        """Yield the tasks and what lies in them; a file that was taken to its end only tells where time is."""
        job, done = self._kept()
        if done == LAST and TIME not in self._scope.fields:
            return
        if job:
            try:
                yield from self._read(job, done)
            except ExportUnavailableError as error:
                logger.info("workspace %s: %s; another one is begun", self._scope.workspace.gid, error)
            else:
                return
        job = self._begin()
        yield self._checkpoint(job, 0, dear=True)
        yield from self._read(job, 0)

    def _kept(self) -> tuple[str, int]:
        """Return the job of a read that was cut off, and how many tasks it took; none where that asked for else."""
        job, done, asked = (*(self._scope.sweep.place(NAME) or ()), 0, 0, 0)[:3]
        return (str(job), done) if asked == self._asked else ("", 0)

    @property
    def _asked(self) -> int:
        return int(fingerprint(self._fields()), 16)

    def _read(self, job: str, done: int) -> Iterator[Batch | Checkpoint]:
        """Yield what a job's file holds behind so many tasks."""
        for wait in waits():
            seen = 0
            self._timed.clear()
            try:
                for tasks in self._file(job).batches(BATCH):
                    self._timed.note(tasks)
                    new, seen = tasks[max(done - seen, 0) :], seen + len(tasks)
                    if new:
                        yield from self._batch(new)
                        done = seen
                        yield self._checkpoint(job, done)
            except UnreadableFile as error:
                if wait is None:
                    raise
                logger.warning("workspace %s: %s; it is fetched again", self._scope.workspace.gid, error)
                self._client.pause(wait)
            else:
                yield self._checkpoint(job, LAST, dear=True)
                return

    def _checkpoint(self, job: str, done: int, *, dear: bool = False) -> Checkpoint:
        return Checkpoint({NAME: (int(job), done, self._asked)}, {}, dear=dear)

    def _begin(self) -> str:
        """Ask for an export and return its job's gid; wait for somebody else's, but not for ever."""
        waited, pause = 0.0, POLL
        while True:
            page = self._client.fetch(self._request())
            if page.refused is None:
                return str(page.records[0]["gid"])
            if "progress" not in page.refused.message.lower() or waited >= WAIT:
                raise ExportUnavailableError(f"the export is refused ({page.refused.label}: {page.refused.message})")
            self._client.pause(pause)
            waited, pause = waited + pause, min(pause * 2, SLOWEST_POLL)

    def _request(self) -> Ask:
        parameters: dict[str, object] = {"resource_type": "task", "fields": self._fields()}
        if self._scope.sweep.since is not None:
            parameters["filters"] = {"modified_at.after": self._scope.sweep.since}
        body = {"workspace": self._scope.workspace.gid, "export_request_parameters": [parameters]}
        return Ask(NAME, "/exports/resource", workspace=self._scope.workspace.gid, body=body)

    def _fields(self) -> list[str]:
        """Return the fields of tasks, that which tells of time, and under their names those of what lies in them."""
        signs = [SIGNS[TIME]] if TIME in self._scope.fields else []
        fields = list(dict.fromkeys((*self._scope.fields.get(TASKS, signs or ["gid"]), *signs)))
        for name in INLINE:
            wanted = (field for field in self._scope.fields.get(name, ()) if field not in NOT_EXPORTED)
            fields.extend(f"{name}.{field}" for field in wanted)
        return fields

    def _file(self, job: str) -> ExportFile:
        """Wait until the job is done, and return the file that it names at this moment."""
        waited, pause = 0.0, POLL
        while waited < LONGEST:
            record = self._job(job)
            if record.get("status") == "succeeded":
                return ExportFile(self._client, str(record["new_resource_export"]["download_url"]))
            if record.get("status") == "failed":
                raise ExportUnavailableError("Asana could not make the export")
            self._client.pause(pause)
            waited, pause = waited + pause, min(pause * 2, SLOWEST_POLL)
        raise ExportUnavailableError(f"Asana has not made the export in {LONGEST / 3600:.0f} hours")

    def _job(self, job: str) -> Record:
        fields = {"opt_fields": "status,new_resource_export.download_url"}
        page: Page = self._client.fetch(Ask(NAME, f"/jobs/{job}", fields, workspace=self._scope.workspace.gid))
        if page.refused is not None:
            raise ExportUnavailableError(f"the export's job cannot be read ({page.refused.label})")
        return page.records[0]

    def _batch(self, tasks: list[Record]) -> Iterator[Batch]:
        if TASKS in self._scope.fields:
            yield Batch(TASKS, tasks, {"workspace_gid": self._scope.workspace.gid})
        for name in INLINE:
            if name in self._scope.fields:
                yield Batch(name, list(self._inside(name, tasks)))

    def _inside(self, name: str, tasks: list[Record]) -> Iterator[Record]:
        keys: Mapping[str, str]
        for task in tasks:
            keys = {"task_gid": task["gid"], "workspace_gid": self._scope.workspace.gid}
            for record in task.get(name) or ():
                yield {**keys, **record}
