"""A read by export asks for what is selected, waits patiently, takes nothing of a bad file, and goes on in its job."""

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


class Watch:
    """A hook that keeps what a run asks of exports: the time of each look, and the bodies of what it begins."""

    def __init__(self, api: Api) -> None:
        """See nothing yet."""
        self.api = api
        self.looks: list[float] = []
        self.begun: list[Message] = []

    def __call__(self, request: HttpRequest) -> None:
        """Keep a request, if it is one of these."""
        if "/jobs/" in request.path:
            self.looks.append(clock(self.api)())
        elif request.method == "POST":
            self.begun.append(json.loads(request.body)["data"])


def asked(api: Api, since: int = 0) -> list[str]:
    """Return what was asked of exports, in order."""
    return [handled.template for handled in api.log[since:] if handled.template in {BEGIN, LOOK, FETCH}]


def lacking(api: Api, output: Output) -> dict[str, set[str]]:
    """Return by stream what a read lacks."""
    truth = {stream: set(api.world.gids(stream, EXPORT["access_token"])) for stream in TASK_STREAMS}
    return {stream: gids - output.gids(stream) for stream, gids in truth.items() if gids - output.gids(stream)}


def only(fields: Message) -> Message:
    """Return a catalog in which these fields of these streams are selected, and their keys."""
    catalog = selecting(discovered(), fields)
    for entry in catalog["streams"]:
        wanted = fields.get(entry["tap_stream_id"], ())
        for metadata in entry["metadata"]:
            if metadata["breadcrumb"] and metadata["metadata"].get("inclusion") != "automatic":
                choose(entry, metadata["breadcrumb"], selected=metadata["breadcrumb"][1] in wanted)
    return catalog


def test_what_is_not_selected_is_not_exported() -> None:
    """An export is asked for the selected fields, those of stories under their stream, and the projects to count in."""
    api = asana(TINY)
    watch = Watch(api)
    sync(api, config=EXPORT, catalog=only({"tasks": {"name"}, "stories": {"text"}}), on_request=watch)
    (wanted,) = (parameters["fields"] for body in watch.begun for parameters in body["export_request_parameters"])
    assert sorted(wanted) == ["modified_at", "name", "projects", "stories.created_at", "stories.text"]


def test_a_job_is_looked_at_with_growing_pauses() -> None:
    """Looks at a job come more and more seldom, and one of them is the request before the download."""
    api = asana(TINY, limits=Limits(export_seconds=300))
    watch = Watch(api)
    sync(
        api, config={**EXPORT, "workspaces": [next(iter(api.world.workspaces))]}, select=TASK_STREAMS, on_request=watch
    )
    pauses = [after - before for before, after in zip(watch.looks, watch.looks[1:], strict=False)]
    assert pauses[0] < 5
    assert pauses == sorted(pauses)
    assert pauses[-1] == 30
    assert asked(api)[-2:] == [LOOK, FETCH]


def test_somebody_elses_export_is_waited_for_a_quarter_of_an_hour() -> None:
    """As long as Asana exports for somebody else, it is asked again for 15 minutes and not much longer."""
    api = asana(TINY)
    workspace = next(iter(api.world.workspaces))
    api.world.begin_foreign_export(workspace, DAY)
    begun = clock(api)()
    sync(api, config={**EXPORT, "workspaces": [workspace]}, select=["tasks"])
    assert 900 <= clock(api)() - begun < 960


def test_a_job_that_never_ends_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    """After half a day a job is waited for no longer: the workspace is read in another way, and the log says so."""
    api = asana(TINY, limits=Limits(export_seconds=3 * DAY))
    workspace = next(iter(api.world.workspaces))
    begun = clock(api)()
    caplog.set_level(logging.INFO)
    output = sync(api, config={**EXPORT, "workspaces": [workspace]}, select=["tasks"])
    assert DAY / 2 <= clock(api)() - begun < DAY
    assert "Asana has not made the export in 12 hours" in caplog.text
    there = api.world.expected_records("tasks", EXPORT["access_token"])
    assert output.gids("tasks") == {task for task in there if api.world.tasks[task].workspace.gid == workspace}


def interrupted(api: Api, at: str) -> Output:
    """Kill a first read before it asks this for the first time; returns what a target may keep of it."""

    def kill(request: HttpRequest) -> None:
        if at in request.path:
            raise Killed

    return attempt(api, config=EXPORT, select=TASK_STREAMS, on_request=kill).vouched()


@pytest.mark.parametrize("at", ["/jobs/", "/-/download/"])
def test_a_job_outlives_the_run_that_began_it(at: str) -> None:
    """Killed while Asana makes the file, and started again, a read goes on with the job that was begun."""
    api = asana(TINY)
    begun = interrupted(api, at)
    middle = len(api.log)
    rest = sync(api, config=EXPORT, select=TASK_STREAMS, state=begun.state)
    assert asked(api)[0] == BEGIN
    workspaces = api.world.access.viewers[EXPORT["access_token"]].workspaces
    assert asked(api).count(BEGIN) == len(workspaces)
    assert asked(api, middle)[0] == LOOK
    assert lacking(api, begun.then(rest)) == {}


class Forgetful(Api):
    """An Asana that knows jobs for a day only."""

    @override
    def handle(self, request: HttpRequest) -> HttpResponse:
        job = self.world.jobs.get(request.path.rpartition("/")[2])
        if job and self.world.now() - job.started > DAY * 1000:
            return ApiError(404, "job: Not a recognized ID").response()
        return super().handle(request)


def test_a_job_that_is_forgotten_is_begun_anew() -> None:
    """Where the job of a read that was cut off is gone, another export is begun, and the whole of its file is read."""
    api = Forgetful(World.seeded(1, TINY, ManualClock()))
    begun = interrupted(api, "/-/download/")
    clock(api).advance(2 * DAY)
    middle = len(api.log)
    rest = sync(api, config=EXPORT, select=TASK_STREAMS, state=begun.state)
    assert asked(api, middle)[:2] == [LOOK, BEGIN]
    assert lacking(api, begun.then(rest)) == {}


def test_a_job_that_fails_after_all_is_begun_anew() -> None:
    """Where the job of a read that was cut off has failed, another export is begun."""
    api = asana(TINY)
    api.world.fail_exports()
    begun = interrupted(api, "/jobs/")
    middle = len(api.log)
    rest = sync(api, config=EXPORT, select=TASK_STREAMS, state=begun.state)
    assert FETCH in asked(api, middle)
    assert lacking(api, begun.then(rest)) == {}


def test_a_file_with_other_fields_is_not_gone_on_with() -> None:
    """Where more is selected than the file of a read that was cut off holds, another export is begun."""
    api = asana(TINY)
    few = attempt(api, config=EXPORT, catalog=only({"tasks": {"name"}}), on_request=Moments({11: _killed})).vouched()
    assert BEGIN in asked(api)
    rest = sync(api, config=EXPORT, catalog=only({"tasks": {"name", "notes"}}), state=few.state)
    assert all(record["notes"] is not None for record in rest.records("tasks"))
    assert rest.gids("tasks") == set(api.world.gids("tasks", EXPORT["access_token"]))


WITH_TIME = (*TASK_STREAMS, "time_tracking_entries")


def test_an_export_tells_which_tasks_have_time_on_them() -> None:
    """Beside an export no list and no search is asked for tasks: only those with time on them, for their entries."""
    api = asana(TINY)
    output = sync(api, config=EXPORT, select=WITH_TIME)
    truth = api.world.expected_records("time_tracking_entries", EXPORT["access_token"])
    assert output.gids("time_tracking_entries") == set(truth) != set()
    under = [handled for handled in api.log if handled.template == "GET /tasks/{task_gid}/time_tracking_entries"]
    assert len(under) == len({entry["task_gid"] for entry in output.records("time_tracking_entries")})
    others = {"GET /tasks", "GET /tags/{tag_gid}/tasks", "GET /workspaces/{workspace_gid}/tasks/search"}
    assert others.isdisjoint(handled.template for handled in api.log)


@pytest.mark.parametrize("at", [1, 2])
def test_no_task_of_a_file_that_was_read_to_its_end_comes_again(at: int) -> None:
    """Killed while it asks for time, and started again, a run only looks up in the same file where the rest is."""
    api = asana(TINY)
    requests = 0

    def kill(request: HttpRequest) -> None:
        nonlocal requests
        requests += request.path.endswith("/time_tracking_entries")
        if requests == at:
            raise Killed

    workspace = {"workspaces": [next(iter(api.world.workspaces))]}
    begun = attempt(api, config={**EXPORT, **workspace}, select=WITH_TIME, on_request=kill).vouched()
    middle = len(api.log)
    rest = sync(api, config={**EXPORT, **workspace}, select=WITH_TIME, state=begun.state)
    assert asked(api, middle) == [LOOK, FETCH]
    assert not rest.records("tasks")
    both = begun.then(rest)
    whole = sync(api, config={**EXPORT, **workspace}, select=WITH_TIME)
    assert {stream: both.gids(stream) for stream in WITH_TIME} == {stream: whole.gids(stream) for stream in WITH_TIME}


@pytest.mark.usefixtures("small_batches")
def test_a_file_that_was_read_in_part_tells_all_time() -> None:
    """Where a read is taken up in the middle of a file, time on the tasks before that place is asked for too."""
    api = asana(TINY)
    whole = sync(api, config=EXPORT, select=WITH_TIME)
    timed = {entry["task_gid"] for entry in whole.records("time_tracking_entries")}
    tasks = [at for at, each in enumerate(whole.messages) if each.get("stream") == "tasks" and each["type"] == "RECORD"]
    last = max(at for at in tasks if whole.messages[at]["record"]["gid"] in timed)
    begun = whole.upto(last + 6).vouched()
    assert begun.gids("tasks") & timed
    rest = sync(api, config=EXPORT, select=WITH_TIME, state=begun.state)
    assert begun.then(rest).gids("time_tracking_entries") == whole.gids("time_tracking_entries")


def _killed() -> None:
    raise Killed


def stored(content: bytes) -> bytes:
    """Return content in a gzip container that leaves its bytes as they are."""
    return gzip.compress(content, compresslevel=0)


@pytest.mark.parametrize(
    "spoil",
    [lambda good: good.replace(b"Ada", b"Eve"), lambda good: good[:-9]],
    ids=["other letters", "cut"],
)
def test_nothing_comes_of_a_file_that_is_not_whole(spoil: Callable[[bytes], bytes]) -> None:
    """Of a file that is damaged where nobody would see it, or cut at its very end, not one task is taken."""
    fixture = ClientFixture()
    good = stored(b'{"gid":"1","name":"Ada"}\n' * 100_000)
    fixture.asana.register_uri("GET", "https://files.example.com/export.gz", content=spoil(good))
    limits = RunLimits(export_batch_bytes=1000)
    taken = ExportFile(fixture.client, "https://files.example.com/export.gz", limits).batches()
    with pytest.raises(CorruptDownloadError):
        next(taken)
