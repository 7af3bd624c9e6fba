"""A run that resumes an interrupted one repeats nothing and misses nothing (law 4)."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

import pytest
from harness import (
    CORE,
    PERSON,
    SERVICE,
    TINY,
    Message,
    Output,
    asana,
    attempt,
    choose,
    clock,
    discovered,
    fake_session,
    selecting,
    sync,
    written,
)
from interruptions import Killed, interrupted, killing
from methods import HOUR, TASKS_AND_STORIES
from typing_extensions import override

from fake_asana.server.api import Api
from fake_asana.server.faults import Fault, Faults
from fake_asana.world import World
from tap_asana.config import Settings
from tap_asana.run import Run
from tap_asana.sync.session import NOT_READ
from tap_asana.tap import TapAsana

TIMEOUT_SECONDS = 20.0
"""Real seconds after which a thread counts as stuck."""

TREE = TapAsana(validate_config=False).streams
INCREMENTAL = [name for name, stream in TREE.items() if stream.replication_key]
SNAPSHOTS = [name for name in CORE if name not in INCREMENTAL]
PARENT_AND_CHANGE: dict[str, tuple[str, Callable[[World, str], str]]] = {
    "stories": ("target", World.comment),
    "status_updates": ("parent", World.post_status_update),
}
"""The field of a record that names its parent, and what adds another record there."""

SECTIONS = "GET /projects/{project_gid}/sections"
STORIES = "GET /tasks/{task_gid}/stories"
SEARCH = "GET /workspaces/{workspace_gid}/tasks/search"

pytestmark = pytest.mark.usefixtures("eager")


def request_counts(api: Api, since: int) -> Counter[str]:
    """Return the number of requests by operation since a request."""
    return Counter(handled.template for handled in api.log[since:])


def interrupted_run(api: Api, **options: Message) -> Output:
    """Kill a first run in the middle of its tasks; return the output confirmed by STATE."""
    cut = attempt(api, select=CORE, on_request=killing(110), **options)
    assert isinstance(cut.error, Killed)
    assert request_counts(api, 0)[STORIES] > 5
    return cut.confirmed()


def announced(output: Output) -> Counter[str]:
    """Return the number of announced versions by stream."""
    return Counter(message["stream"] for message in output.of("ACTIVATE_VERSION"))


def test_complete_lists_are_not_read_again() -> None:
    """A run resumed in the middle of the tasks requests no list needed only for snapshots."""
    api, config = asana(TINY), {"emit_activate_version_messages": True}
    first = interrupted_run(api, config=config)
    middle = len(api.log)
    rest = sync(api, select=CORE, config=config, state=first.state)
    assert request_counts(api, 0)[SECTIONS]
    assert not request_counts(api, middle)[SECTIONS]
    assert not set(rest.schemas) & set(SNAPSHOTS)
    assert announced(first.then(rest)) == announced(sync(asana(TINY), select=CORE, config=config))
    for stream in CORE:
        assert set(api.world.gids(stream)) <= first.then(rest).rows(stream).keys()


def test_an_operator_sees_which_streams_are_left_to_the_next_run(caplog: pytest.LogCaptureFixture) -> None:
    """A resumed run says once which complete streams it does not read, and a complete one says nothing."""
    api = asana(TINY)
    first = interrupted_run(api)
    with caplog.at_level(logging.INFO):
        rest = sync(api, select=CORE, state=first.state)
        said = [line for line in caplog.messages if line.startswith("not read in this run")]
        sync(api, select=CORE, state=rest.state)
    (line,) = said
    assert line == NOT_READ % ", ".join(name for name in TREE if name in SNAPSHOTS)
    assert [each for each in caplog.messages if each.startswith("not read in this run")] == said


def test_complete_searches_are_not_repeated() -> None:
    """A first run resumed after its last search continues with its lists and sends no search."""
    api = asana(replace(TINY, workspaces=1, tasks=200))
    config = {**PERSON, "extraction_method": "search", "max_concurrency": 20}
    cut = interrupted(api, 180, select=TASKS_AND_STORIES, config=config)
    middle = len(api.log)
    rest = sync(api, select=TASKS_AND_STORIES, config=config, state=cut.state)
    assert request_counts(api, 0)[SEARCH]
    assert request_counts(api, middle)[STORIES]
    assert not request_counts(api, middle)[SEARCH]
    assert cut.then(rest).gids("tasks") == sync(api, select=TASKS_AND_STORIES, config=config).gids("tasks")


@pytest.mark.parametrize("at", range(12, 130, 9))
def test_subtasks_are_not_read_again(at: int) -> None:
    """A run by list killed in the middle of a large project resumes at most one task earlier."""
    api = asana(replace(TINY, workspaces=1))
    project = next(iter(api.world.projects))
    for _ in range(12):
        top = api.world.add_task(project=project)
        for _ in range(2):
            api.world.add_task(parent=api.world.add_task(parent=top))
    config = {**PERSON, "extraction_method": "list", "max_concurrency": 1}
    cut = interrupted(api, at, select=TASKS_AND_STORIES, config=config)
    rest = sync(api, select=TASKS_AND_STORIES, config=config, state=cut.state)
    below = Counter(handled.path for handled in api.log if handled.path.endswith("/subtasks"))
    assert len(below) >= 12 * (1 + 2)
    assert below.total() - len(below) <= 2 * (1 + 2)
    for stream in ("tasks", "stories"):
        assert cut.then(rest).gids(stream) == set(api.world.gids(stream))


def test_a_complete_run_is_not_resumed() -> None:
    """After a resumed run has finished, the next one reads every snapshot."""
    api = asana(TINY)
    done = sync(api, select=CORE, state=interrupted_run(api).state)
    assert "completed" not in str(done.state)
    assert set(sync(api, select=CORE, state=done.state).schemas) == set(CORE)


@pytest.mark.parametrize(("hours", "is_reread"), [(11, False), (13, True)])
def test_an_old_run_is_not_resumed(hours: int, *, is_reread: bool) -> None:
    """Half a day after its last STATE, an interrupted run is not resumed: its snapshots are read again."""
    api = asana(TINY)
    first = interrupted_run(api)
    clock(api).advance(hours * HOUR)
    rest = sync(api, select=CORE, state=first.state)
    assert (set(SNAPSHOTS) <= set(rest.schemas)) is is_reread


def test_another_selection_is_not_resumed() -> None:
    """If the selected fields differ from those of the interrupted run, its snapshots are read again."""
    api = asana(TINY)
    first = interrupted_run(api)
    catalog = selecting(discovered(), CORE)
    (teams,) = (entry for entry in catalog["streams"] if entry["tap_stream_id"] == "teams")
    choose(teams, ("properties", "description"), selected=False)
    assert set(sync(api, catalog=catalog, state=first.state).schemas) == set(CORE)


def test_a_renewed_token_does_not_prevent_resuming() -> None:
    """A run with a renewed token resumes the previous one: state does not depend on the token."""
    api = asana(TINY)
    first = interrupted_run(api)
    api.world.access.viewers["0/renewed"] = api.world.access.viewers[PERSON["access_token"]]
    rest = sync(api, select=CORE, config={"access_token": "0/renewed"}, state=first.state)
    assert not set(rest.schemas) & set(SNAPSHOTS)


def run_with_a_workday(api: Api, config: Message) -> Output:
    """Run all streams, and let a day pass with changes for each stream."""
    first = sync(api, config=config, select=[*INCREMENTAL, "projects"])
    clock(api).advance(HOUR)
    for seed in range(2):
        api.world.mutate(seed)
        clock(api).advance(HOUR)
    return first


def unfinished_window_start(output: Output, stream: str) -> list[str]:
    """Return the start of a stream's interrupted window in its first workspace, if there is one."""
    (partition, *_) = output.state.get("bookmarks", {}).get(stream, {}).get("partitions", [{}])
    return [partition["window"]["until"]] if "window" in partition else []


@pytest.mark.parametrize("config", [PERSON, SERVICE], ids=["project events", "audit log"])
def test_every_incremental_stream_resumes_completely(config: Message) -> None:
    """An incremental run killed at any request and restarted reads the same records as an uninterrupted one."""
    api = asana(TINY)
    first = run_with_a_workday(api, config)
    middle = len(api.log)
    uninterrupted = sync(api, config=config, select=INCREMENTAL, state=first.state)
    requests = len(api.log) - middle
    for at in range(2, requests, max(1, requests // 5)):
        cut = interrupted(api, at, config=config, select=INCREMENTAL, state=first.state)
        confirmed = cut.confirmed()
        union = confirmed.then(sync(api, config=config, select=INCREMENTAL, state=confirmed.state or first.state))
        for stream in INCREMENTAL:
            assert uninterrupted.rows(stream).keys() - union.rows(stream).keys() == set(), (stream, at)
            for until in unfinished_window_start(confirmed, stream):
                assert union.bookmark(stream)["replication_key_value"] == until
    nonempty = {stream for stream in INCREMENTAL if uninterrupted.records(stream)}
    assert nonempty >= {"deletions", "status_updates", "attachments", "time_tracking_entries"}
    assert ("audit_log_events" in nonempty) is (config is SERVICE)


@pytest.mark.parametrize("stream", ["stories", "status_updates"])
@pytest.mark.parametrize("method", ["INCREMENTAL", "FULL_TABLE"])
def test_one_run_completes_a_first_read_and_brings_what_is_new(stream: str, method: str) -> None:
    """What came since a first read began an hour ago follows its rest, also if each run reads the whole table."""
    api, catalog, one_by_one = asana(TINY), selecting(discovered(), (stream,)), {"max_concurrency": 1}
    (entry,) = (entry for entry in catalog["streams"] if entry["tap_stream_id"] == stream)
    entry["replication_method"] = method
    (parent, add), goals = PARENT_AND_CHANGE[stream], api.world.gids("goals", PERSON["access_token"])
    cuts = (interrupted(api, at, catalog=catalog, config=one_by_one).confirmed() for at in range(8, 200))
    before, first = next(
        (cut, record[parent]["gid"])
        for cut in cuts
        for record in cut.records(stream)
        if unfinished_window_start(cut, stream) and record[parent]["gid"] not in goals
    )
    new = add(api.world, first)
    clock(api).advance(HOUR)
    end = len(api.log)
    rest = sync(api, catalog=catalog, state=before.state)
    bounds = {name for request in api.log[end:] for name in request.query if name.endswith("_since")}
    assert new in rest.gids(stream)
    assert before.then(rest).gids(stream) == {*api.world.gids(stream, PERSON["access_token"])}
    assert bounds, "what follows the rest is an increment"


def test_the_end_of_a_run_interrupts_its_pauses() -> None:
    """When a run ends early, requests waiting for a retry give up in all threads."""
    down = Faults(plan=lambda request: Fault("503") if request.path.endswith("/stories") else None)
    api = asana(TINY, faults=down)
    session = fake_session(api, killing(40))

    class PatientTap(TapAsana):
        """A tap whose pauses last as long as in production."""

        @cached_property
        @override
        def run(self) -> Run:
            return Run(Settings.from_config(self.config), session=session, now=clock(api))

    catalog = selecting(discovered(), ["tasks", "stories"])
    earlier = set(threading.enumerate())
    assert isinstance(written(PatientTap(config=dict(PERSON), catalog=catalog)).error, Killed)
    started = set(threading.enumerate()) - earlier  # idle threads of another test's pool end with that pool
    for thread in started:
        thread.join(TIMEOUT_SECONDS)
    assert not [thread.name for thread in started if thread.is_alive()]


@pytest.mark.usefixtures("eager")
def test_refused_lists_of_an_interrupted_run_are_requested_again() -> None:
    """The stories of goals are no debt: the run that resumes the one which skipped them requests them."""
    api = asana(TINY)
    api.refuse("GET /goals/{goal_gid}/stories", 403)
    before = interrupted(api, 60, select=TASKS_AND_STORIES)
    api.refusals.clear()
    union = before.then(sync(api, select=TASKS_AND_STORIES, state=before.state))
    assert union.gids("stories") == set(api.world.gids("stories"))


@pytest.mark.usefixtures("eager")
def test_skips_of_a_complete_stream_count_in_the_run_that_resumes(caplog: pytest.LogCaptureFixture) -> None:
    """It does not read the stream: without these counts, its last line would tell of no skip."""
    api, streams = asana(TINY), ("sections", "tasks")
    project = api.world.gids("projects")[0]
    api.refuse("GET /projects/{project_gid}/sections", 403, gid=project)
    config = {"max_concurrency": 1}
    before = interrupted(api, lambda request: "project" in request.query, select=streams, config=config)
    assert "sections" in before.state["bookmarks"]["workspaces"]["completed"]["streams"]
    api.refusals.clear()
    caplog.set_level(logging.INFO)
    resumed = sync(api, select=streams, state=before.state, config=config)
    lines = [record.getMessage() for record in caplog.records]
    assert any(line.startswith("sections: 0 records, ") and "1 parents skipped with 403 (…)" in line for line in lines)
    assert "1 parents skipped (1 with 403)" in lines[-1]
    assert sync(api, select=streams, state=resumed.state).gids("sections") == {*api.world.gids("sections")}
