"""Refused samples: a request that should show what an empty field means shows nothing if Asana refuses it (law 10)."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import pytest
from harness import ENTRIES, PERSON, TINY, Message, Output, catalog_of, clock, selecting, sync
from methods import HOUR, VERSIONED
from reads import full_table
from refusals import brief_with_files
from refused_lists import RefusingApi, refusal_with

from fake_asana.model.dialect import HINTS, Dialect
from fake_asana.world import ManualClock, World
from tap_asana.parents.hints import MAX_SAMPLE

WITHHELD = Dialect(unknown_hints=frozenset(HINTS), unknown_hints_are_null=True)
TOKEN = str(PERSON["access_token"])
UPDATES, BRIEFS, ENTRIES_OF_TIME = "status_updates", "project_briefs", "time_tracking_entries"
FILES = "attachments"


def api_of_null_hints() -> RefusingApi:
    """Return an Asana with one workspace that leaves every hint null."""
    return RefusingApi(World.seeded(1, replace(TINY, workspaces=1), ManualClock()), dialect=WITHHELD)


def refuse_updates(api: RefusingApi, status: int) -> None:
    """Refuse the status updates of everything that can have any."""
    world = api.world
    gids = (*world.projects, *world.portfolios.rows, *world.goals.rows)
    api.refuse_lists([f"/api/1.0/status_updates parent={gid}" for gid in gids], refusal_with(status))


def two_runs(api: RefusingApi, *streams: str) -> Output:
    """Return the messages of a run with refused lists, and of one without, an hour later."""
    first = sync(api, select=streams)
    assert api.met_refusals
    api.reopen()
    clock(api).advance(HOUR)
    return first.then(sync(api, select=streams, state=first.state))


@pytest.mark.parametrize("status", [403, 404, 500])
def test_refused_status_updates_come_once_their_lists_are_readable(status: int) -> None:
    """The sample of projects, portfolios and goals is refused as a whole."""
    api = api_of_null_hints()
    refuse_updates(api, status)
    output = two_runs(api, "projects", UPDATES)
    assert output.gids(UPDATES) == set(api.world.gids(UPDATES, TOKEN)) != set()


def test_one_refused_list_of_a_sample_is_owed() -> None:
    """Nothing is below the other project: null means nothing there, and says nothing of the refused one."""
    api = api_of_null_hints()
    world = api.world
    updates: list[Message] = list(world.expected_records(UPDATES, TOKEN).values())
    project = next(gid for update in updates if (gid := update["parent"]["gid"]) in world.projects)
    for other in {*world.gids("projects", TOKEN)} - {project}:
        world.hide_project(other)
    world.add_project(next(iter(world.workspaces)))
    api.refuse_lists([f"/api/1.0/status_updates parent={project}"], refusal_with(403))
    assert two_runs(api, "projects", UPDATES).gids(UPDATES) == set(world.gids(UPDATES, TOKEN))


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_version_without_refused_samples_is_not_announced(status: int) -> None:
    """A whole table of status updates, and the briefs, which only single projects show."""
    api = api_of_null_hints()
    refuse_updates(api, status)
    api.refuse_lists([f"/api/1.0/projects/{gid}" for gid in api.world.projects], refusal_with(status))
    entry = deepcopy(ENTRIES[UPDATES])
    entry["replication_method"] = "FULL_TABLE"
    catalog = catalog_of(["projects", BRIEFS, UPDATES], {UPDATES: entry})
    output = sync(api, catalog=catalog, config={"emit_activate_version_messages": True})
    versions = {message["stream"] for message in output.of("ACTIVATE_VERSION")}
    assert "projects" in versions
    assert not {UPDATES, BRIEFS} & versions


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_version_without_the_files_of_a_refused_brief_is_not_announced(status: int) -> None:
    """No list names the brief of a project: if Asana refuses that project, its brief's files are unknown."""
    api = api_of_null_hints()
    brief = api.world.briefs[brief_with_files(api.world)]
    assert brief.project is not None
    api.refuse_lists([f"/api/1.0/projects/{brief.project.gid}"], refusal_with(status))
    output = sync(api, catalog=selecting(full_table(FILES), ["projects", FILES]), config=VERSIONED)
    assert set(api.world.gids(FILES, TOKEN)) - output.gids(FILES)
    versions = {message["stream"] for message in output.of("ACTIVATE_VERSION")}
    assert "projects" in versions
    assert FILES not in versions


@pytest.mark.parametrize("status", [403, 404, 500])
def test_entries_come_although_the_sampled_tasks_are_refused(status: int, caplog: pytest.LogCaptureFixture) -> None:
    """No task shows its minutes, and those of the sampled entries cannot be requested: every task is asked."""
    api = api_of_null_hints()
    api.refuse_lists([f"/api/1.0/tasks/{gid}" for gid in api.world.tasks], refusal_with(status))
    first = sync(api, select=["projects", "tasks", ENTRIES_OF_TIME])
    assert api.met_refusals
    assert any("Asana shows no task of the entries" in line for line in caplog.messages)
    assert first.gids(ENTRIES_OF_TIME) == set(api.world.gids(ENTRIES_OF_TIME, TOKEN)) != set()


@pytest.mark.parametrize("status", [403, 500])
def test_an_entry_comes_once_its_task_is_shown(status: int) -> None:
    """Whether the settings exclude the task of a new time entry is unknown while Asana refuses the task."""
    api, config = api_of_null_hints(), {"include_archived_projects": False}
    streams = ["projects", "tasks", ENTRIES_OF_TIME]
    output = sync(api, select=streams, config=config)
    clock(api).advance(HOUR)
    task = min(output.gids("tasks"))
    before = set(api.world.gids(ENTRIES_OF_TIME, TOKEN))
    api.world.track_time(task)
    clock(api).advance(HOUR)
    api.refuse_lists([f"/api/1.0/tasks/{task}"], refusal_with(status))
    for _ in range(2):
        output = output.then(sync(api, select=streams, config=config, state=output.state))
        api.reopen()
        clock(api).advance(HOUR)
    assert set(api.world.gids(ENTRIES_OF_TIME, TOKEN)) - before
    assert set(api.world.gids(ENTRIES_OF_TIME, TOKEN)) - before <= output.gids(ENTRIES_OF_TIME)


def test_a_sample_outside_the_plan_shows_that_nothing_is_below() -> None:
    """A 402 says that the plan has no status updates: no other list of them is requested."""
    sizes = replace(TINY, workspaces=1, projects=40)
    api = RefusingApi(World.seeded(1, sizes, ManualClock()), dialect=WITHHELD)
    refuse_updates(api, 402)
    sync(api, select=["projects", UPDATES])
    projects = [each for each in api.log if each.query.get("parent") in api.world.projects]
    assert len(projects) == MAX_SAMPLE
