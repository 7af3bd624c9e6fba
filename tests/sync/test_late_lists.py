"""Lists that show new rows a minute after they were made: the next run overlaps the last one, and brings them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest
from deleted import deleted_gids
from harness import ENTRIES, SERVICE, Message, Output, asana, catalog_of, clock, sync
from interruptions import interrupted
from methods import ALL_TASK_STREAMS, EXPORT, HOUR, LIST, SEARCH, every_method, missing_or_stale, sync_task_streams

from fake_asana.messages import HttpRequest
from fake_asana.model.choices import FreshnessForm
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api, LoggedRequest
from fake_asana.server.limits import Limits
from fake_asana.world import Sizes

WORLD = Sizes(workspaces=1, users=3, teams=1, projects=3, tags=1, tasks=20, stories=1, busiest=4, goals=0, personal=20)
LATE = Dialect(freshness=FreshnessForm(late_seconds=60))
LATE_CHANGES = Dialect(freshness=FreshnessForm(late_seconds=60, late_changes=60, late_counts=60))
UNKNOWN_GIDS = Dialect(freshness=FreshnessForm(late_gids=60))
"""Lists show a new task at once; the lists below it answer 404 for a minute, and are owed."""

FOLLOWED = ("projects", "deletions", *ALL_TASK_STREAMS)


@pytest.mark.parametrize(
    "dialect", [LATE, LATE_CHANGES, UNKNOWN_GIDS], ids=["rows", "changes and counts too", "gids alone"]
)
@every_method
def test_what_lists_show_late_comes_with_the_next_run(config: dict[str, object], dialect: Dialect) -> None:
    """A task, a subtask, comments and files made ten seconds before a run, below old tasks and in a new project."""
    api = asana(WORLD, dialect=dialect)
    world = api.world
    clock(api).advance(HOUR)
    union = sync_task_streams(api, config)
    old = min(world.gids("tasks"))
    project = world.add_project(next(iter(world.workspaces)))
    for task in (old, world.add_task(project=project), world.add_task(parent=old)):
        world.comment(task)
        world.attach(task)
    clock(api).advance(10)
    for _ in range(2):
        union = union.then(sync_task_streams(api, config, union.state))
        clock(api).advance(HOUR)
    assert missing_or_stale(api, union, str(config["access_token"])) == {}


@pytest.mark.parametrize("reconcile_days", [None, 1])
@pytest.mark.parametrize("config", [LIST, SEARCH], ids=["list", "search"])
def test_two_runs_within_a_minute_name_no_new_task_as_deleted(config: Message, reconcile_days: int | None) -> None:
    """The first one lists the new task, and owes its stories; to the next one, Asana does not know their gids yet."""
    api = asana(WORLD, dialect=UNKNOWN_GIDS)
    world, settings = api.world, {**config, "reconcile_days": reconcile_days}
    union = sync(api, config=settings, select=FOLLOWED)
    clock(api).advance(HOUR)
    task = world.add_task(parent=min(union.gids("tasks")))
    world.comment(task)
    for pause in (5, 15, 15, HOUR, HOUR):
        clock(api).advance(pause)
        union = union.then(sync(api, config=settings, select=FOLLOWED, state=union.state))
    assert deleted_gids(union) == set()
    assert missing_or_stale(api, union, str(config["access_token"])) == {}


def test_two_exports_within_a_minute_name_no_new_task_as_deleted() -> None:
    """Asana makes the file within a second: it has the new task, whose time entries are requested by its gid."""
    api = asana(WORLD, dialect=UNKNOWN_GIDS, limits=Limits(export_seconds=1))
    union = sync(api, config=EXPORT, select=FOLLOWED)
    clock(api).advance(HOUR)
    task = api.world.add_task(parent=min(union.gids("tasks")))
    api.world.track_time(task, days_back=40)
    for pause in (5, 15, 15, HOUR, HOUR):
        clock(api).advance(pause)
        union = union.then(sync(api, config=EXPORT, select=FOLLOWED, state=union.state))
    assert deleted_gids(union) == set()
    assert set(api.world.gids("time_tracking_entries")) <= union.gids("time_tracking_entries")


def test_snapshots_are_complete_in_the_next_run() -> None:
    """A project and a tag made just before a run are in its next snapshots."""
    api = asana(WORLD, dialect=LATE)
    workspace = next(iter(api.world.workspaces))
    clock(api).advance(HOUR)
    new = {api.world.add_project(workspace), api.world.add_tag(workspace)}
    first = sync(api, select=["projects", "tags"])
    clock(api).advance(HOUR)
    second = sync(api, select=["projects", "tags"], state=first.state)
    brought = [output.gids("projects") | output.gids("tags") for output in (first, second)]
    assert [new & gids for gids in brought] == [set(), new]


def entries_of(requests: Iterable[LoggedRequest], task: str) -> int:
    """Return how many requests ask for the time entries of a task."""
    return sum(each.path.endswith(f"/tasks/{task}/time_tracking_entries") for each in requests)


def tracked(
    config: Message,
    dialect: Dialect,
    seconds: float,
    *,
    is_renamed: bool = False,
    select: Sequence[str] = FOLLOWED,
) -> tuple[Api, Output, str]:
    """Return a run so many seconds after time was tracked for last month, and the task; it may have a new name too."""
    api = asana(WORLD, dialect=dialect)
    task = min(gid for gid in api.world.gids("tasks") if api.world.tasks[gid].sections)
    api.world.track_time(task, days_back=40)
    clock(api).advance(HOUR)
    first = sync(api, config=config, select=select)
    if is_renamed:
        clock(api).advance(HOUR)
        api.world.rename_task(task)
    clock(api).advance(HOUR)
    api.world.track_time(task, days_back=31)
    clock(api).advance(seconds)
    api.log.clear()
    return api, first.then(sync(api, config=config, select=select, state=first.state)), task


def test_a_run_after_a_long_one_names_no_new_task_as_deleted() -> None:
    """A task is made a quarter of an hour after the start of a run, which owes its stories."""
    api = asana(WORLD, dialect=UNKNOWN_GIDS)
    output = sync(api, config=LIST, select=FOLLOWED)
    clock(api).advance(HOUR)
    made: list[str] = []

    def make(request: HttpRequest) -> None:
        if not made and request.path.endswith("/tasks") and "project" in request.query:
            clock(api).advance(HOUR / 4)
            made.append(api.world.add_task(project=request.query["project"]))

    output = output.then(sync(api, config=LIST, select=FOLLOWED, state=output.state, on_request=make))
    assert {*made} <= output.gids("tasks")
    clock(api).advance(15)
    output = output.then(sync(api, config=LIST, select=FOLLOWED, state=output.state))
    assert output.gids("deletions").isdisjoint(made)
    clock(api).advance(HOUR)
    output = output.then(sync(api, config=LIST, select=FOLLOWED, state=output.state))
    assert missing_or_stale(api, output, LIST["access_token"]) == {}


@pytest.mark.parametrize("is_renamed", [False, True], ids=["silent", "changed an hour before"])
@pytest.mark.parametrize("config", [LIST, SEARCH, {**LIST, **SERVICE}], ids=["list", "search", "service account"])
def test_tracked_time_that_its_list_shows_late_comes_with_the_next_run(config: Message, *, is_renamed: bool) -> None:
    """Its event names only the task, which counts more minutes than the list of its entries shows."""
    api, output, task = tracked(config, LATE, 10, is_renamed=is_renamed)
    truth = set(api.world.gids("time_tracking_entries", config["access_token"]))
    assert len(truth - output.gids("time_tracking_entries")) == 1
    for requests in (1, 0):
        clock(api).advance(HOUR)
        api.log.clear()
        output = output.then(sync(api, config=config, select=FOLLOWED, state=output.state))
        assert output.gids("time_tracking_entries") == truth
        assert entries_of(api.log, task) == requests


@pytest.mark.parametrize(("dialect", "seconds"), [(Dialect(), 10), (LATE, HOUR)], ids=["complete", "long ago"])
@every_method
def test_a_list_that_shows_all_tracked_time_is_not_read_again(
    config: Message, dialect: Dialect, seconds: float
) -> None:
    """The minutes of its entries are those of the task, or the list is not late any more."""
    api, output, task = tracked(config, dialect, seconds)
    assert entries_of(api.log, task) == 1
    clock(api).advance(HOUR)
    api.log.clear()
    output = output.then(sync(api, config=config, select=FOLLOWED, state=output.state))
    assert output.gids("time_tracking_entries") == set(api.world.gids("time_tracking_entries", config["access_token"]))
    assert entries_of(api.log, task) == 0


def test_without_tasks_a_list_is_read_again_soon_after_a_change() -> None:
    """Nothing shows how many minutes its entries should have."""
    select = ("projects", "deletions", "time_tracking_entries")
    api, output, task = tracked(LIST, LATE, 10, select=select)
    for requests in (1, 0):
        clock(api).advance(HOUR)
        api.log.clear()
        output = output.then(sync(api, config=LIST, select=select, state=output.state))
        assert output.gids("time_tracking_entries") == set(api.world.gids("time_tracking_entries"))
        assert entries_of(api.log, task) == requests


@pytest.mark.usefixtures("eager")
def test_a_late_list_is_read_again_if_an_interrupted_run_has_written_all_tasks() -> None:
    """Each run reads all tasks; the resumed one writes none of them, and so does not know their minutes."""
    catalog = catalog_of(FOLLOWED, {"tasks": {**ENTRIES["tasks"], "replication_method": "FULL_TABLE"}})
    api = asana(WORLD, dialect=LATE)
    task = min(gid for gid in api.world.gids("tasks") if api.world.tasks[gid].sections)
    api.world.track_time(task, days_back=40)
    clock(api).advance(HOUR)
    output = sync(api, config=LIST, catalog=catalog)
    clock(api).advance(HOUR)
    killed = interrupted(
        api,
        lambda request: request.path.endswith("/1.0/time_tracking_entries"),
        config=LIST,
        catalog=catalog,
        state=output.state,
    )
    output = output.then(killed)
    clock(api).advance(HOUR)
    entry = api.world.track_time(task, days_back=31)
    clock(api).advance(10)
    for requests in (1, 1, 0):
        api.log.clear()
        output = output.then(sync(api, config=LIST, catalog=catalog, state=output.state))
        assert entries_of(api.log, task) == requests
        clock(api).advance(HOUR)
    assert entry in output.gids("time_tracking_entries")


@pytest.mark.parametrize("config", [LIST, SEARCH], ids=["list", "search"])
def test_a_late_list_is_read_by_each_run_until_it_cannot_be_late_any_more(config: Message) -> None:
    """The second run begins before the list shows the entry."""
    api, output, task = tracked(config, LATE, 10)
    for pause, requests in ((20, 1), (20, 1), (HOUR, 1), (HOUR, 0)):
        clock(api).advance(pause)
        api.log.clear()
        output = output.then(sync(api, config=config, select=FOLLOWED, state=output.state))
        assert entries_of(api.log, task) == requests
    assert output.gids("time_tracking_entries") == set(api.world.gids("time_tracking_entries", config["access_token"]))
    assert "late" not in str(output.bookmark("time_tracking_entries"))
