"""Reads by export: selected fields, waiting for the job, damaged files and resumed jobs."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Callable

import pytest
from client_fixture import ClientFixture
from harness import TINY, Message, Output, asana, attempt, choose, clock, discovered, selecting, sync
from interruptions import Killed, Moments
from methods import DAY, EXPORT, TASK_STREAMS
from typing_extensions import override

from fake_asana.messages import ApiError, HttpRequest, HttpResponse
from fake_asana.server.api import Api
from fake_asana.server.limits import Limits
from fake_asana.world import ManualClock, World
from tap_asana.errors import CorruptDownloadError
from tap_asana.limits import Limits as RunLimits
from tap_asana.tasks.export_file import ExportFile

BEGIN, LOOK, FETCH = "POST /exports/resource", "GET /jobs/{job_gid}", "GET /-/download/{file}"


class ExportLog:
    """A hook that records the times at which a job is polled, and the bodies of new exports."""

    def __init__(self, api: Api) -> None:
        """Start with nothing recorded."""
        self.api = api
        self.looks: list[float] = []
        self.begun: list[Message] = []

    def __call__(self, request: HttpRequest) -> None:
        """Record a request of an export."""
        if "/jobs/" in request.path:
            self.looks.append(clock(self.api)())
        elif request.method == "POST":
            self.begun.append(json.loads(request.body)["data"])


def export_requests(api: Api, since: int = 0) -> list[str]:
    """Return the operations of exports requested so far, in order."""
    return [handled.template for handled in api.log[since:] if handled.template in {BEGIN, LOOK, FETCH}]


def lacking(api: Api, output: Output) -> dict[str, set[str]]:
    """Return the missing gids of a read, by stream."""
    truth = {stream: set(api.world.gids(stream, EXPORT["access_token"])) for stream in TASK_STREAMS}
    return {stream: gids - output.gids(stream) for stream, gids in truth.items() if gids - output.gids(stream)}


def only(fields: Message) -> Message:
    """Return a catalog with only these fields of these streams selected, and their keys."""
    catalog = selecting(discovered(), fields)
    for entry in catalog["streams"]:
        selected = fields.get(entry["tap_stream_id"], ())
        for metadata in entry["metadata"]:
            if metadata["breadcrumb"] and metadata["metadata"].get("inclusion") != "automatic":
                choose(entry, metadata["breadcrumb"], selected=metadata["breadcrumb"][1] in selected)
    return catalog


def test_only_selected_fields_are_exported() -> None:
    """An export requests the selected fields, those of stories under their stream, and the projects for counting."""
    api = asana(TINY)
    watch = ExportLog(api)
    sync(api, config=EXPORT, catalog=only({"tasks": {"name"}, "stories": {"text"}}), on_request=watch)
    (fields,) = (parameters["fields"] for body in watch.begun for parameters in body["export_request_parameters"])
    needed = ["modified_at", "name", "num_subtasks", "parent", "projects"]
    assert sorted(fields) == [*needed, "stories.created_at", "stories.text"]


def test_a_job_is_polled_with_growing_delays() -> None:
    """Polls of a job become rarer, and the last one directly precedes the download."""
    api = asana(TINY, limits=Limits(export_seconds=300))
    watch = ExportLog(api)
    sync(
        api, config={**EXPORT, "workspaces": [next(iter(api.world.workspaces))]}, select=TASK_STREAMS, on_request=watch
    )
    pauses = [after - before for before, after in zip(watch.looks, watch.looks[1:], strict=False)]
    assert pauses[0] == 0.5
    assert pauses == sorted(pauses)
    assert pauses[-1] == 30
    assert export_requests(api)[-2:] == [LOOK, FETCH]


def test_an_export_is_requested_before_other_lists() -> None:
    """Exports of all workspaces are requested once the projects are read, and awaited after all other lists."""
    api = asana(TINY)
    output = sync(api, config=EXPORT, select=["workspaces", "projects", "sections", "goals", *TASK_STREAMS])
    operations = [handled.template for handled in api.log]
    workspaces = api.world.access.viewers[EXPORT["access_token"]].workspaces
    sections = operations.index("GET /projects/{project_gid}/sections")
    assert operations[:sections].count(BEGIN) == len(workspaces) == operations.count(BEGIN)
    assert LOOK not in operations[: len(operations) - operations[::-1].index("GET /goals")]
    assert operations.count("GET /workspaces") == 1
    assert lacking(api, output) == {}


def test_a_job_requested_early_is_in_the_first_state() -> None:
    """If a run is killed while lists are read, the next one finds the job of its export in the state."""
    api = asana(TINY)

    def kill(request: HttpRequest) -> None:
        if request.path.endswith("/sections"):
            raise Killed

    before = attempt(api, config=EXPORT, select=["projects", "sections", *TASK_STREAMS], on_request=kill).confirmed()
    begun = export_requests(api)
    rest = sync(api, config=EXPORT, select=["projects", "sections", *TASK_STREAMS], state=before.state)
    assert export_requests(api).count(BEGIN) == len(begun) == begun.count(BEGIN) > 0
    assert lacking(api, before.then(rest)) == {}


def test_a_foreign_export_is_waited_for_15_minutes() -> None:
    """While Asana runs another export, the request is retried for 15 minutes and not much longer."""
    api = asana(TINY)
    workspace = next(iter(api.world.workspaces))
    api.world.begin_foreign_export(workspace, DAY)
    start = clock(api)()
    sync(api, config={**EXPORT, "workspaces": [workspace]}, select=["tasks"])
    assert 900 <= clock(api)() - start < 960


def test_a_job_is_abandoned_after_12_hours(caplog: pytest.LogCaptureFixture) -> None:
    """After half a day, the job is abandoned with a log line and the workspace is read by another method."""
    api = asana(TINY, limits=Limits(export_seconds=3 * DAY))
    workspace = next(iter(api.world.workspaces))
    start = clock(api)()
    caplog.set_level(logging.INFO)
    output = sync(api, config={**EXPORT, "workspaces": [workspace]}, select=["tasks"])
    assert DAY / 2 <= clock(api)() - start < DAY
    assert "Asana has not completed the export in 12 hours" in caplog.text
    there = api.world.expected_records("tasks", EXPORT["access_token"])
    assert output.gids("tasks") == {task for task in there if api.world.tasks[task].workspace.gid == workspace}


def interrupted(api: Api, at: str) -> Output:
    """Kill a first read before its first request of this path; return its output up to the last STATE."""

    def kill(request: HttpRequest) -> None:
        if at in request.path:
            raise Killed

    return attempt(api, config=EXPORT, select=TASK_STREAMS, on_request=kill).confirmed()


@pytest.mark.parametrize("at", ["/jobs/", "/-/download/"])
def test_a_killed_run_resumes_its_job(at: str) -> None:
    """A read killed while Asana makes the file, or before the download, resumes with the same job."""
    api = asana(TINY)
    before = interrupted(api, at)
    middle = len(api.log)
    rest = sync(api, config=EXPORT, select=TASK_STREAMS, state=before.state)
    assert export_requests(api)[0] == BEGIN
    workspaces = api.world.access.viewers[EXPORT["access_token"]].workspaces
    assert export_requests(api).count(BEGIN) == len(workspaces)
    assert export_requests(api, middle)[0] == LOOK
    assert lacking(api, before.then(rest)) == {}


class Forgetful(Api):
    """An Asana that keeps jobs for one day only."""

    @override
    def handle(self, request: HttpRequest) -> HttpResponse:
        job = self.world.jobs.get(request.path.rpartition("/")[2])
        if job and self.world.now() - job.started > DAY * 1000:
            return ApiError(404, "job: Not a recognized ID").response()
        return super().handle(request)


def test_a_vanished_job_is_replaced() -> None:
    """If the job of an interrupted read has vanished, another export is started, and its whole file is read."""
    api = Forgetful(World.seeded(1, TINY, ManualClock()))
    before = interrupted(api, "/-/download/")
    clock(api).advance(2 * DAY)
    middle = len(api.log)
    rest = sync(api, config=EXPORT, select=TASK_STREAMS, state=before.state)
    assert export_requests(api, middle)[:2] == [LOOK, BEGIN]
    assert lacking(api, before.then(rest)) == {}


def test_a_failed_job_is_replaced() -> None:
    """If the job of an interrupted read has failed, another export is started."""
    api = asana(TINY)
    api.world.fail_exports()
    before = interrupted(api, "/jobs/")
    middle = len(api.log)
    rest = sync(api, config=EXPORT, select=TASK_STREAMS, state=before.state)
    assert FETCH in export_requests(api, middle)
    assert lacking(api, before.then(rest)) == {}


def test_a_file_without_all_selected_fields_is_replaced() -> None:
    """If fields are selected that the file of an interrupted read does not hold, another export is started."""
    api = asana(TINY)
    few = attempt(api, config=EXPORT, catalog=only({"tasks": {"name"}}), on_request=Moments({11: _killed})).confirmed()
    assert BEGIN in export_requests(api)
    rest = sync(api, config=EXPORT, catalog=only({"tasks": {"name", "notes"}}), state=few.state)
    assert all(record["notes"] is not None for record in rest.records("tasks"))
    assert rest.gids("tasks") == set(api.world.gids("tasks", EXPORT["access_token"]))


WITH_TIME = (*TASK_STREAMS, "time_tracking_entries")


def test_an_export_shows_the_tasks_with_time() -> None:
    """With an export, few lists and searches of tasks are requested, and the entries only of tasks with time."""
    api = asana(TINY)
    output = sync(api, config=EXPORT, select=WITH_TIME)
    truth = api.world.expected_records("time_tracking_entries", EXPORT["access_token"])
    assert output.gids("time_tracking_entries") == set(truth) != set()
    under = [handled for handled in api.log if handled.template == "GET /tasks/{task_gid}/time_tracking_entries"]
    assert len(under) == len({entry["task_gid"] for entry in output.records("time_tracking_entries")})
    others = {"GET /tasks", "GET /tags/{tag_gid}/tasks", "GET /workspaces/{workspace_gid}/tasks/search"}
    compared = [handled.template for handled in api.log if handled.template in others]
    assert len(compared) == 1, "one search of the service account's workspace shows whether the file has all kinds"


@pytest.mark.parametrize("at", [1, 2])
def test_tasks_of_a_completed_file_are_not_repeated(at: int) -> None:
    """A run killed while it reads time entries only searches the same file for the remaining ones."""
    api = asana(TINY)
    requests = 0

    def kill(request: HttpRequest) -> None:
        nonlocal requests
        requests += "/tasks/" in request.path and request.path.endswith("/time_tracking_entries")
        if requests == at:
            raise Killed

    workspace = {"workspaces": [next(iter(api.world.workspaces))]}
    before = attempt(api, config={**EXPORT, **workspace}, select=WITH_TIME, on_request=kill).confirmed()
    middle = len(api.log)
    rest = sync(api, config={**EXPORT, **workspace}, select=WITH_TIME, state=before.state)
    assert export_requests(api, middle) == [LOOK, FETCH]
    assert not rest.records("tasks")
    both = before.then(rest)
    complete = sync(api, config={**EXPORT, **workspace}, select=WITH_TIME)
    assert {stream: both.gids(stream) for stream in WITH_TIME} == {
        stream: complete.gids(stream) for stream in WITH_TIME
    }


@pytest.mark.usefixtures("small_batches")
def test_a_resumed_file_returns_all_time_entries() -> None:
    """If a read resumes within a file, the time entries of earlier tasks in the file are read too."""
    api = asana(TINY)
    complete = sync(api, config=EXPORT, select=WITH_TIME)
    timed = {entry["task_gid"] for entry in complete.records("time_tracking_entries")}
    tasks = [
        at for at, each in enumerate(complete.messages) if each.get("stream") == "tasks" and each["type"] == "RECORD"
    ]
    last = max(at for at in tasks if complete.messages[at]["record"]["gid"] in timed)
    before = complete.up_to(last + 6).confirmed()
    assert before.gids("tasks") & timed
    rest = sync(api, config=EXPORT, select=WITH_TIME, state=before.state)
    assert before.then(rest).gids("time_tracking_entries") == complete.gids("time_tracking_entries")


def _killed() -> None:
    raise Killed


def stored(content: bytes) -> bytes:
    """Return content in an uncompressed gzip container."""
    return gzip.compress(content, compresslevel=0)


@pytest.mark.parametrize(
    "spoil",
    [lambda good: good.replace(b"Ada", b"Eve"), lambda good: good[:-9]],
    ids=["other letters", "cut"],
)
def test_a_damaged_file_returns_no_tasks(spoil: Callable[[bytes], bytes]) -> None:
    """Not one task is returned from a file silently damaged or truncated at its very end."""
    fixture = ClientFixture()
    good = stored(b'{"gid":"1","name":"Ada"}\n' * 100_000)
    fixture.asana.register_uri("GET", "https://files.example.com/export.gz", content=spoil(good))
    limits = RunLimits(export_batch_bytes=1000)
    batches = ExportFile(fixture.client, "https://files.example.com/export.gz", limits).batches()
    with pytest.raises(CorruptDownloadError):
        next(batches)
