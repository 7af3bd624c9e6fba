"""A run that takes up one that was cut off reads nothing of it again, and lacks nothing (law 4)."""

from __future__ import annotations

import threading
from collections import Counter
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
from interruptions import Killed, killing
from methods import HOUR, TASKS_AND_STORIES
from typing_extensions import override

from fake_asana.server.api import Api
from fake_asana.server.faults import Fault, Faults
from tap_asana.config import Settings
from tap_asana.run import Run
from tap_asana.tap import TapAsana

PATIENCE = 20.0
"""Real seconds after which a thread counts as one that never ends."""

TREE = TapAsana(validate_config=False).streams
INCREMENTAL = [name for name, stream in TREE.items() if stream.replication_key]
SNAPSHOTS = [name for name in CORE if name not in INCREMENTAL]
SECTIONS = "GET /projects/{project_gid}/sections"
STORIES = "GET /tasks/{task_gid}/stories"
SEARCH = "GET /workspaces/{workspace_gid}/tasks/search"

pytestmark = pytest.mark.usefixtures("eager")


def asked(api: Api, since: int) -> Counter[str]:
    """Return how often each operation was asked for since a request."""
    return Counter(handled.template for handled in api.log[since:])


def in_the_walk(api: Api, **options: Message) -> Output:
    """Kill a first read in the middle of its tasks; returns what a target may keep of it."""
    cut = attempt(api, select=CORE, on_request=killing(110), **options)
    assert isinstance(cut.error, Killed)
    assert asked(api, 0)[STORIES] > 5
    return cut.vouched()


def announced(output: Output) -> Counter[str]:
    """Return how often each stream's version was announced."""
    return Counter(message["stream"] for message in output.of("ACTIVATE_VERSION"))


def test_lists_that_were_read_whole_are_not_read_again() -> None:
    """Taken up in the middle of the tasks, a run asks for no list that only snapshots hang from."""
    api, config = asana(TINY), {"emit_activate_version_messages": True}
    begun = in_the_walk(api, config=config)
    middle = len(api.log)
    rest = sync(api, select=CORE, config=config, state=begun.state)
    assert asked(api, 0)[SECTIONS]
    assert not asked(api, middle)[SECTIONS]
    assert not set(rest.schemas) & set(SNAPSHOTS)
    assert announced(begun.then(rest)) == announced(sync(asana(TINY), select=CORE, config=config))
    for stream in CORE:
        assert set(api.world.gids(stream)) <= begun.then(rest).rows(stream).keys()


def test_searches_that_found_all_are_not_asked_again() -> None:
    """Taken up when all searches were answered, a first read goes on with its lists and searches no more."""
    api = asana(replace(TINY, workspaces=1, tasks=200))
    config = {**PERSON, "extraction_method": "search"}
    cut = attempt(api, select=TASKS_AND_STORIES, config=config, on_request=killing(180))
    middle = len(api.log)
    rest = sync(api, select=TASKS_AND_STORIES, config=config, state=cut.state)
    assert asked(api, 0)[SEARCH]
    assert asked(api, middle)[STORIES]
    assert not asked(api, middle)[SEARCH]
    assert cut.then(rest).gids("tasks") == sync(api, select=TASKS_AND_STORIES, config=config).gids("tasks")


@pytest.mark.parametrize("at", range(12, 130, 9))
def test_what_lies_below_tasks_is_not_read_again(at: int) -> None:
    """Killed in the middle of one large project, a read by lists goes on at most one task before where it was."""
    api = asana(replace(TINY, workspaces=1))
    project = next(iter(api.world.projects))
    for _ in range(12):
        top = api.world.add_task(project=project)
        for _ in range(2):
            api.world.add_task(parent=api.world.add_task(parent=top))
    config = {**PERSON, "extraction_method": "list", "max_concurrency": 1}
    cut = attempt(api, select=TASKS_AND_STORIES, config=config, on_request=killing(at))
    rest = sync(api, select=TASKS_AND_STORIES, config=config, state=cut.state)
    below = Counter(handled.path for handled in api.log if handled.path.endswith("/subtasks"))
    assert len(below) >= 12 * (1 + 2)
    assert below.total() - len(below) <= 2 * (1 + 2)
    for stream in ("tasks", "stories"):
        assert cut.then(rest).gids(stream) == set(api.world.gids(stream))


def test_a_run_that_is_complete_leaves_nothing_to_take_up() -> None:
    """After a run that was taken up and finished, the next one reads every snapshot."""
    api = asana(TINY)
    done = sync(api, select=CORE, state=in_the_walk(api).state)
    assert "completed" not in str(done.state)
    assert set(sync(api, select=CORE, state=done.state).schemas) == set(CORE)


@pytest.mark.parametrize(("hours", "again"), [(11, False), (13, True)])
def test_what_is_too_old_is_read_again(hours: int, *, again: bool) -> None:
    """Half a day after its last STATE, a run that was cut off is not taken up: its snapshots are read anew."""
    api = asana(TINY)
    begun = in_the_walk(api)
    clock(api).advance(hours * HOUR)
    rest = sync(api, select=CORE, state=begun.state)
    assert (set(SNAPSHOTS) <= set(rest.schemas)) is again


def test_another_selection_reads_all_lists_again() -> None:
    """Where other fields are selected than before the run was cut off, its snapshots are read anew."""
    api = asana(TINY)
    begun = in_the_walk(api)
    catalog = selecting(discovered(), CORE)
    (teams,) = (entry for entry in catalog["streams"] if entry["tap_stream_id"] == "teams")
    choose(teams, ("properties", "description"), selected=False)
    assert set(sync(api, catalog=catalog, state=begun.state).schemas) == set(CORE)


def test_secrets_do_not_tell_runs_apart() -> None:
    """A run with a renewed token takes up the one before it: nothing of a token is in state."""
    api = asana(TINY)
    begun = in_the_walk(api)
    api.world.access.viewers["0/renewed"] = api.world.access.viewers[PERSON["access_token"]]
    rest = sync(api, select=CORE, config={"access_token": "0/renewed"}, state=begun.state)
    assert not set(rest.schemas) & set(SNAPSHOTS)


def history(api: Api, config: Message) -> Output:
    """Run with all streams, and let a day pass that has something for each of them."""
    first = sync(api, config=config, select=[*INCREMENTAL, "projects"])
    clock(api).advance(HOUR)
    for seed in range(2):
        api.world.mutate(seed)
        clock(api).advance(HOUR)
    return first


def unfinished(output: Output, stream: str) -> list[str]:
    """Return when the read of a stream began that was cut off, if it was, for the first of its workspaces."""
    (partition, *_) = output.state.get("bookmarks", {}).get(stream, {}).get("partitions", [{}])
    return [partition["window"]["until"]] if "window" in partition else []


@pytest.mark.parametrize("config", [PERSON, SERVICE], ids=["project events", "audit log"])
def test_every_incremental_stream_is_taken_up_whole(config: Message) -> None:
    """Killed at any of its requests and started again, an increment of each stream brings what one at a stroke does."""
    api = asana(TINY)
    first = history(api, config)
    middle = len(api.log)
    whole = sync(api, config=config, select=INCREMENTAL, state=first.state)
    requests = len(api.log) - middle
    for at in range(2, requests, max(1, requests // 5)):
        cut = attempt(api, config=config, select=INCREMENTAL, state=first.state, on_request=killing(at))
        begun = cut.vouched()
        union = begun.then(sync(api, config=config, select=INCREMENTAL, state=begun.state or first.state))
        for stream in INCREMENTAL:
            assert whole.rows(stream).keys() - union.rows(stream).keys() == set(), (stream, at)
            for until in unfinished(begun, stream):
                assert union.bookmark(stream)["replication_key_value"] == until
    told = {stream for stream in INCREMENTAL if whole.records(stream)}
    assert told >= {"deletions", "status_updates", "attachments", "time_tracking_entries"}
    assert ("audit_log_events" in told) is (config is SERVICE)


def test_a_run_that_ends_ends_its_pauses() -> None:
    """When a run ends before its time, requests that wait to be sent again give up, in all threads."""
    down = Faults(plan=lambda request: Fault("503") if request.path.endswith("/stories") else None)
    api = asana(TINY, faults=down)
    session = fake_session(api, killing(40))

    class PatientTap(TapAsana):
        """A tap whose pauses last as long as they do for everybody."""

        @cached_property
        @override
        def run(self) -> Run:
            return Run(Settings.from_config(self.config), session=session, now=clock(api))

    catalog = selecting(discovered(), ["tasks", "stories"])
    assert isinstance(written(PatientTap(config=dict(PERSON), catalog=catalog)).error, Killed)
    for thread in threading.enumerate():
        if thread.name.startswith("asana"):
            thread.join(PATIENCE)
            assert not thread.is_alive()
