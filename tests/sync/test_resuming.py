"""An interrupted run is completed correctly, even if its method or its projects change in between (law 4)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from harness import PERSON, SERVICE, TINY, Message, asana, clock, sync
from interruptions import interrupted
from methods import HOUR, LIST, SEARCH, TASKS_AND_STORIES

from fake_asana.model.clock import format_instant
from fake_asana.model.tasks import Task
from fake_asana.server.api import Api
from fake_asana.world import Sizes
from tap_asana.fetch.lane import Key
from tap_asana.state.bookmarks import Bookmark, SyncWindow
from tap_asana.tasks.context import end_marker


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("at", [20, 35, 50, 65])
@pytest.mark.parametrize(
    ("first_method", "next_method"), [(SEARCH, LIST), (LIST, SEARCH)], ids=["search to list", "list to search"]
)
def test_another_method_completes_a_first_run(first_method: Message, next_method: Message, at: int) -> None:
    """A first run started by one method and completed by another misses nothing."""
    api = asana(TINY)
    cut = interrupted(api, at, config=first_method, select=TASKS_AND_STORIES)
    union = cut.then(sync(api, config=next_method, select=TASKS_AND_STORIES, state=cut.state))
    for stream in TASKS_AND_STORIES:
        assert set(api.world.gids(stream)) <= union.gids(stream)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("minutes", [5, 60])
def test_lists_of_a_recent_attempt_are_not_read_again(minutes: int) -> None:
    """The stories of goals move no clock: a resumed run lists them again, unless the first attempt is recent."""
    api = asana(TINY)
    goals = f"/api/1.0/goals/{next(iter(api.world.goals)).gid}/stories"
    config = {**LIST, "max_concurrency": 1}
    before = interrupted(api, 60, config=config, select=TASKS_AND_STORIES)
    assert [request.path for request in api.log].count(goals) == 1
    clock(api).advance(minutes * 60)
    sync(api, config=config, select=TASKS_AND_STORIES, state=before.state)
    assert [request.path for request in api.log].count(goals) == (1 if minutes < 10 else 2)


@pytest.mark.usefixtures("eager")
def test_an_unfinished_run_of_an_older_version_is_resumed() -> None:
    """Its state lacks the start of the first attempt."""
    api = asana(TINY)
    before = interrupted(api, 60, config=LIST, select=TASKS_AND_STORIES)
    del before.state["bookmarks"]["workspaces"]["completed"]["since"]
    rest = sync(api, config=LIST, select=TASKS_AND_STORIES, state=before.state)
    assert before.then(rest).gids("stories") == set(api.world.gids("stories"))


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("at", range(4, 16, 2))
def test_lists_complete_an_incremental_run_by_search(at: int) -> None:
    """An incremental run by search, interrupted in a new project, does not hide changes in other projects."""
    api = asana(TINY)
    first = sync(api, config=SEARCH, select=TASKS_AND_STORIES)
    clock(api).advance(HOUR)
    changes = api.world.mutate()
    clock(api).advance(HOUR)
    cut = interrupted(api, at, config=SEARCH, select=TASKS_AND_STORIES, state=first.state)
    rest = sync(api, config=LIST, select=TASKS_AND_STORIES, state=cut.state or first.state)
    for stream in TASKS_AND_STORIES:
        assert changes.changed[stream] & set(api.world.gids(stream)) <= cut.then(rest).gids(stream)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("at", range(6, 70, 4))
def test_an_unavailable_project_stays_unavailable_in_a_resumed_run(at: int) -> None:
    """A task in an unavailable project and another one is read with the other, in any number of attempts."""
    api = asana(TINY)
    world = api.world
    one = next(iter(world.workspaces))
    projects = sorted((gid for gid, each in world.projects.items() if each.workspace.gid == one), key=int)
    visible = [gid for gid in projects if gid in world.gids("projects")]
    shared = next(iter(world.projects[visible[-1]].tasks))
    world.add_to_project(shared, visible[0])
    world.access.deny(visible[0], 403)
    clock(api).advance(HOUR)
    config = {**LIST, "max_concurrency": 1, "workspaces": [one]}
    cut = interrupted(api, at, config=config, select=TASKS_AND_STORIES)
    assert shared in cut.then(sync(api, config=config, select=TASKS_AND_STORIES, state=cut.state)).gids("tasks")


def gids_below(tasks: Mapping[str, Task]) -> Iterator[str]:
    """Yield the gids of tasks and their subtasks at any depth."""
    for gid, task in tasks.items():
        yield gid
        yield from gids_below(task.subtasks or {})


@pytest.mark.usefixtures("eager")
def test_a_project_shared_between_attempts_is_read_with_the_rest() -> None:
    """A project shared between two attempts is read completely by the second one, and by no later one."""
    api = asana(TINY)
    world = api.world
    one = next(iter(world.workspaces))
    config = {**LIST, "workspaces": [one], "max_concurrency": 1}
    projects = sorted((gid for gid in world.gids("projects") if world.projects[gid].workspace.gid == one), key=int)
    world.hide_project(projects[0])
    cut = interrupted(api, 30, config=config, select=TASKS_AND_STORIES)
    (_, project, _) = cut.bookmark("tasks")["window"]["positions"]["lists"]
    assert int(project) > int(projects[0])
    clock(api).advance(HOUR)
    world.share_project(projects[0])
    rest = sync(api, config=config, select=TASKS_AND_STORIES, state=cut.state)
    clock(api).advance(HOUR)
    third = sync(api, config=config, select=TASKS_AND_STORIES, state=rest.state)
    assert rest.gids("tasks") >= set(gids_below(world.projects[projects[0]].tasks))
    assert third.gids("tasks") == set()


def as_killed(api: Api, until: str, place: Key) -> Message:
    """Return the state of a first run by list killed at a position."""
    state: Message = {"bookmarks": {}}
    for stream in TASKS_AND_STORIES:
        bookmark = Bookmark(state["bookmarks"].setdefault(stream, {}), next(iter(api.world.workspaces)), "")
        bookmark.advance(SyncWindow(None, until).advanced({"lists": place}))
    return state


def test_a_task_in_two_lists_is_read_from_either() -> None:
    """The stories of a subtask are read with its assignee, if only the first attempt met it there."""
    api = asana(Sizes(workspaces=1, users=2, projects=1, tasks=0))
    project, assignee = (
        next(iter(api.world.gids("projects"))),
        next(iter(api.world.gids("users"))),
    )
    parent = api.world.add_task(project=project)
    subtask = api.world.add_task(parent=parent, assignee=assignee)
    last_task = max((api.world.add_task(project=project) for _ in range(8)), key=int)
    story = api.world.comment(subtask)
    until = format_instant(api.world.now())
    assert until
    clock(api).advance(HOUR)
    # The state of a kill during a later task of the project, before the assignee's tasks.
    assert int(subtask) < int(last_task)
    state = as_killed(api, until, (0, int(project), int(last_task)))
    rest = sync(api, config={**LIST, "max_concurrency": 1}, select=TASKS_AND_STORIES, state=state)
    assert story in rest.gids("stories")


@pytest.mark.parametrize("concurrency", [1, 20])
@pytest.mark.parametrize("finished", [False, True], ids=["half read", "read"])
def test_subtasks_of_a_task_added_to_a_finished_project_are_read(concurrency: int, *, finished: bool) -> None:
    """A task also added to a finished project is read, with its subtasks, in the project it was deferred to."""
    api = asana(Sizes(workspaces=1, users=2, projects=2, tasks=0))
    world = api.world
    first, last = sorted(world.gids("projects"), key=int)
    parent = world.add_task(project=last)
    subtask = world.add_task(parent=parent)
    last_task = max((world.add_task(project=first) for _ in range(8)), key=int)
    until = format_instant(world.now())
    assert until
    assert int(parent) < int(last_task)
    clock(api).advance(HOUR)
    world.add_to_project(parent, first)
    state = as_killed(api, until, end_marker((0, int(first))).key if finished else (0, int(first), int(last_task)))
    rest = sync(api, config={**LIST, "max_concurrency": concurrency}, select=TASKS_AND_STORIES, state=state)
    assert {parent, subtask} <= rest.gids("tasks")


@dataclass(frozen=True)
class SharedSubtasks:
    """A task of the first project, its subtasks in the last project, and their stories."""

    api: Api
    first: str
    last: str
    subtasks: frozenset[str]
    stories: frozenset[str]

    @classmethod
    def seeded(cls) -> SharedSubtasks:
        """Create a world with little else."""
        api = asana(Sizes(workspaces=1, users=2, projects=3, tasks=6, portfolios=0, goals=0))
        world = api.world
        first, *_, last = sorted(world.gids("projects"), key=int)
        parent = world.add_task(project=first)
        subtasks = [world.add_task(parent=parent) for _ in range(3)]
        for gid in subtasks:
            world.add_to_project(gid, last)
        stories = frozenset(world.comment(gid) for gid in subtasks)
        for _ in range(4):
            world.comment(world.add_task(project=first))
        clock(api).advance(HOUR)
        return cls(api, first, last, frozenset(subtasks), stories)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("config", [LIST, SEARCH], ids=["list", "search"])
@pytest.mark.parametrize("concurrency", [1, 20])
def test_tasks_deferred_to_an_unavailable_project_are_read_despite_kills(config: Message, concurrency: int) -> None:
    """Subtasks deferred to a project that then becomes unavailable are read with their parent."""
    config = {**config, "max_concurrency": concurrency}
    for at in range(8 if concurrency == 1 else 11, 60, 6):
        shared = SharedSubtasks.seeded()
        shared.api.world.access.deny(shared.last, 403)
        cut = interrupted(shared.api, at, config=config, select=TASKS_AND_STORIES)
        union = cut.then(sync(shared.api, config=config, select=TASKS_AND_STORIES, state=cut.state or None))
        assert shared.subtasks <= union.gids("tasks"), at
        assert shared.stories <= union.gids("stories"), at


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("config", [LIST, SEARCH], ids=["list", "search"])
def test_tasks_deferred_to_a_deleted_project_are_read(config: Message) -> None:
    """Subtasks outlive their project without a new modified_at; the resumed run reads them."""
    config = {**config, "max_concurrency": 1}
    for at in range(8 if config["extraction_method"] == "list" else 11, 60, 6):
        shared = SharedSubtasks.seeded()
        cut = interrupted(shared.api, at, config=config, select=TASKS_AND_STORIES)
        shared.api.world.delete_project(shared.last)
        union = cut.then(sync(shared.api, config=config, select=TASKS_AND_STORIES, state=cut.state or None))
        assert shared.subtasks <= union.gids("tasks"), at
        assert shared.stories <= union.gids("stories"), at


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("read", [True, False], ids=["read", "not read"])
def test_a_deleted_project_does_not_restart_a_resumed_run(*, read: bool) -> None:
    """If a project was deleted, read or unread, the resumed run continues at its position."""
    shared = SharedSubtasks.seeded()
    api, config = shared.api, {**LIST, "max_concurrency": 1}
    cut = interrupted(api, lambda request: "assignee" in request.query, config=config, select=TASKS_AND_STORIES)
    (place, project, _) = cut.bookmark("tasks")["window"]["positions"]["lists"]
    assert (0, int(shared.first)) < (int(place), int(project)) < (0, int(shared.last))
    api.world.delete_project(shared.first if read else shared.last)
    before = len(api.log)
    sync(api, config=config, select=TASKS_AND_STORIES, state=cut.state)
    stories = [
        {handled.path for handled in half if handled.path.endswith("/stories")}
        for half in (api.log[:before], api.log[before:])
    ]
    assert len(stories[0] & stories[1]) <= 1


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("at", [40, 80, 120, 160])
def test_a_task_that_moves_into_the_window_of_a_resumed_run_is_read(at: int) -> None:
    """If tasks leave the window of a run by search before it is resumed, the task that takes their place is read."""
    api = asana(Sizes(workspaces=1, users=2, projects=1, tasks=0))
    world = api.world
    parent = world.add_task(project=next(iter(world.projects)))
    late, *others = sorted((world.add_task(parent=parent) for _ in range(160)), key=int)
    for gid in [*others[:110], late, *others[110:]]:
        clock(api).advance(1)
        world.rename_task(gid)
    clock(api).advance(HOUR)
    config = {**SEARCH, "max_concurrency": 1}
    cut = interrupted(api, at, config=config, select=TASKS_AND_STORIES)
    clock(api).advance(HOUR)
    for gid in others[:60]:
        world.rename_task(gid)
    rest = sync(api, config=config, select=TASKS_AND_STORIES, state=cut.state)
    task_gids = {story["task_gid"] for story in cut.then(rest).records("stories")}
    assert late in task_gids


@pytest.mark.parametrize("known", [True, False], ids=["all are known", "some are unknown"])
def test_portfolios_are_announced_only_if_all_are_known(*, known: bool) -> None:
    """If shared portfolios cannot be listed, neither they nor their items get a version (law 8)."""
    api = asana(TINY)
    if not known:
        api.refuse("GET /portfolio_memberships", 403)
    config = {**PERSON, "emit_activate_version_messages": True, "workspaces": [next(iter(api.world.workspaces))]}
    output = sync(api, config=config)
    announced = {message["stream"] for message in output.of("ACTIVATE_VERSION")}
    dependents = {"portfolios", "portfolio_items", "portfolio_memberships", "custom_field_settings"}
    assert "users" in announced
    assert announced & dependents == (dependents if known else set())


@pytest.mark.parametrize("later", [SERVICE, PERSON], ids=["workspace events", "project events"])
def test_losing_a_deletion_source_logs_the_gap(later: Message, caplog: pytest.LogCaptureFixture) -> None:
    """If the audit log becomes unavailable, the gap until events take over is logged once."""
    api = asana(TINY)
    workspace = next(iter(api.world.workspaces))
    first = sync(api, config=SERVICE, select=["deletions"])
    clock(api).advance(HOUR)
    api.world.workspaces[workspace].missing_features.add("audit_log")
    with caplog.at_level(logging.WARNING):
        sync(api, config={**later, "workspaces": [workspace]}, select=["deletions"], state=first.state)
    gaps = [record.getMessage() for record in caplog.records if "were missed" in record.getMessage()]
    assert [gap.split()[2] for gap in gaps] == [workspace]
