"""A read that was cut off is finished truly, whatever became of its method or its projects meanwhile (law 4)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from harness import PERSON, SERVICE, TINY, Message, asana, attempt, clock, sync
from interruptions import killing
from methods import HOUR, LIST, SEARCH, TASKS_AND_STORIES
from typing_extensions import override

from fake_asana.messages import ApiError, HttpRequest, HttpResponse
from fake_asana.model.clock import format_instant
from fake_asana.model.tasks import Task
from fake_asana.server.api import Api
from fake_asana.world import ManualClock, Sizes, World
from tap_asana.fetch.lane import Key
from tap_asana.state.bookmarks import Bookmark, SyncWindow
from tap_asana.tasks.context import end_marker


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("at", [20, 35, 50, 65])
@pytest.mark.parametrize(("begun", "ended"), [(SEARCH, LIST), (LIST, SEARCH)], ids=["search to list", "list to search"])
def test_another_method_finishes_a_first_read(begun: Message, ended: Message, at: int) -> None:
    """A first read that one method began lacks nothing when another ends it."""
    api = asana(TINY)
    cut = attempt(api, config=begun, select=TASKS_AND_STORIES, on_request=killing(at))
    union = cut.then(sync(api, config=ended, select=TASKS_AND_STORIES, state=cut.state))
    for stream in TASKS_AND_STORIES:
        assert set(api.world.gids(stream)) <= union.gids(stream)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("at", range(4, 16, 2))
def test_lists_finish_an_increment_that_search_began(at: int) -> None:
    """An increment by search that is cut off in a project that was new does not hide what changed in all others."""
    api = asana(TINY)
    first = sync(api, config=SEARCH, select=TASKS_AND_STORIES)
    clock(api).advance(HOUR)
    changes = api.world.mutate()
    clock(api).advance(HOUR)
    cut = attempt(api, config=SEARCH, select=TASKS_AND_STORIES, state=first.state, on_request=killing(at))
    rest = sync(api, config=LIST, select=TASKS_AND_STORIES, state=cut.state or first.state)
    for stream in TASKS_AND_STORIES:
        assert changes.changed[stream] & set(api.world.gids(stream)) <= cut.then(rest).gids(stream)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("at", range(6, 70, 4))
def test_a_project_that_was_refused_stays_refused_for_a_read_that_goes_on(at: int) -> None:
    """A task that is in a refused project and in another comes with the other, in however many attempts."""
    api = asana(TINY)
    world = api.world
    one = next(iter(world.workspaces))
    mine = sorted((gid for gid, each in world.projects.items() if each.workspace.gid == one), key=int)
    visible = [gid for gid in mine if gid in world.gids("projects")]
    shared = next(iter(world.projects[visible[-1]].tasks))
    world.add_to_project(shared, visible[0])
    world.access.deny(visible[0], 403)
    clock(api).advance(HOUR)
    config = {**LIST, "max_concurrency": 1, "workspaces": [one]}
    cut = attempt(api, config=config, select=TASKS_AND_STORIES, on_request=killing(at))
    assert shared in cut.then(sync(api, config=config, select=TASKS_AND_STORIES, state=cut.state)).gids("tasks")


def under(tasks: Mapping[str, Task]) -> Iterator[str]:
    """Yield the gids of tasks and of their subtasks of any depth."""
    for gid, task in tasks.items():
        yield gid
        yield from under(task.subtasks or {})


@pytest.mark.usefixtures("eager")
def test_a_project_shared_before_a_read_goes_on_is_all_that_is_new_after_it() -> None:
    """A project that was shared between two attempts comes whole with the run after them, and no other task does."""
    api = asana(TINY)
    world = api.world
    one = next(iter(world.workspaces))
    config = {**LIST, "workspaces": [one], "max_concurrency": 1}
    mine = sorted((gid for gid in world.gids("projects") if world.projects[gid].workspace.gid == one), key=int)
    world.hide_project(mine[0])
    cut = attempt(api, config=config, select=TASKS_AND_STORIES, on_request=killing(30))
    (_, project, _) = cut.bookmark("tasks")["window"]["positions"]["lists"]
    assert int(project) > int(mine[0])
    clock(api).advance(HOUR)
    world.share_project(mine[0])
    rest = sync(api, config=config, select=TASKS_AND_STORIES, state=cut.state)
    clock(api).advance(HOUR)
    third = sync(api, config=config, select=TASKS_AND_STORIES, state=rest.state)
    assert third.gids("tasks") == set(under(world.projects[mine[0]].tasks))


def as_killed(api: Api, until: str, place: Key) -> Message:
    """Return the state that a kill leaves of a first read by lists that has come to a place."""
    state: Message = {"bookmarks": {}}
    for stream in TASKS_AND_STORIES:
        bookmark = Bookmark(state["bookmarks"].setdefault(stream, {}), next(iter(api.world.workspaces)), "")
        bookmark.advance(SyncWindow(None, until).advanced({"lists": place}))
    return state


def test_a_task_in_two_lists_is_read_whichever_was_met_first() -> None:
    """The stories of a subtask come with its assignee, when the first attempt met it there and the second elsewhere."""
    api = asana(Sizes(workspaces=1, users=2, projects=1, tasks=0))
    project, assignee = (
        next(iter(api.world.gids("projects"))),
        next(iter(api.world.gids("users"))),
    )
    parent = api.world.add_task(project=project)
    subtask = api.world.add_task(parent=parent, assignee=assignee)
    behind = max((api.world.add_task(project=project) for _ in range(8)), key=int)
    story = api.world.comment(subtask)
    until = format_instant(api.world.now())
    assert until
    clock(api).advance(HOUR)
    # As a kill leaves it that came while a later task of the project was read, and the assignee's tasks were not.
    assert int(subtask) < int(behind)
    state = as_killed(api, until, (0, int(project), int(behind)))
    rest = sync(api, config={**LIST, "max_concurrency": 1}, select=TASKS_AND_STORIES, state=state)
    assert story in rest.gids("stories")


@pytest.mark.parametrize("concurrency", [1, 20])
@pytest.mark.parametrize("whole", [False, True], ids=["half read", "read"])
def test_a_task_that_comes_into_a_project_that_was_read_is_looked_under_where_it_still_is(
    concurrency: int, *, whole: bool
) -> None:
    """The subtasks of a task come with the project that it was left to, though it lies in a finished one by now."""
    api = asana(Sizes(workspaces=1, users=2, projects=2, tasks=0))
    world = api.world
    first, last = sorted(world.gids("projects"), key=int)
    parent = world.add_task(project=last)
    subtask = world.add_task(parent=parent)
    behind = max((world.add_task(project=first) for _ in range(8)), key=int)
    until = format_instant(world.now())
    assert until
    assert int(parent) < int(behind)
    clock(api).advance(HOUR)
    world.add_to_project(parent, first)
    state = as_killed(api, until, end_marker((0, int(first))).key if whole else (0, int(first), int(behind)))
    rest = sync(api, config={**LIST, "max_concurrency": concurrency}, select=TASKS_AND_STORIES, state=state)
    assert {parent, subtask} <= rest.gids("tasks")


@dataclass(frozen=True)
class Shared:
    """A task of the first project, its subtasks that lie in the last project, and what is said under these."""

    api: Api
    first: str
    last: str
    subtasks: frozenset[str]
    stories: frozenset[str]

    @classmethod
    def made(cls) -> Shared:
        """Make a world that has little else."""
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
def test_what_was_left_to_a_project_that_is_refused_comes_however_often_a_read_is_killed(
    config: Message, concurrency: int
) -> None:
    """Subtasks that were left to their project, which is refused then, come with their parent all the same."""
    config = {**config, "max_concurrency": concurrency}
    for at in range(8, 60, 3):
        shared = Shared.made()
        shared.api.world.access.deny(shared.last, 403)
        cut = attempt(shared.api, config=config, select=TASKS_AND_STORIES, on_request=killing(at))
        union = cut.vouched().then(sync(shared.api, config=config, select=TASKS_AND_STORIES, state=cut.state or None))
        assert shared.subtasks <= union.gids("tasks"), at
        assert shared.stories <= union.gids("stories"), at


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("config", [LIST, SEARCH], ids=["list", "search"])
def test_what_was_left_to_a_project_that_is_deleted_before_a_read_goes_on_comes(config: Message) -> None:
    """Subtasks stay when their project goes, and no clock tells of it: they come with the read that goes on."""
    config = {**config, "max_concurrency": 1}
    for at in range(8, 60, 3):
        shared = Shared.made()
        cut = attempt(shared.api, config=config, select=TASKS_AND_STORIES, on_request=killing(at))
        shared.api.world.delete_project(shared.last)
        union = cut.vouched().then(sync(shared.api, config=config, select=TASKS_AND_STORIES, state=cut.state or None))
        assert shared.subtasks <= union.gids("tasks"), at
        assert shared.stories <= union.gids("stories"), at


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("read", [True, False], ids=["read", "not read"])
def test_a_project_that_goes_before_a_read_goes_on_makes_nothing_begin_anew(*, read: bool) -> None:
    """Where a project has gone, whether it was read already or not, a read goes on where it was."""
    shared = Shared.made()
    api, config = shared.api, {**LIST, "max_concurrency": 1}
    cut = attempt(api, config=config, select=TASKS_AND_STORIES, on_request=killing(26))
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
def test_a_window_that_reaches_further_when_a_read_goes_on_hides_nothing(at: int) -> None:
    """Tasks that change before a read by search goes on make room in their window for one that stood behind it."""
    api = asana(Sizes(workspaces=1, users=2, projects=1, tasks=0))
    world = api.world
    parent = world.add_task(project=next(iter(world.projects)))
    late, *others = sorted((world.add_task(parent=parent) for _ in range(160)), key=int)
    for gid in [*others[:110], late, *others[110:]]:
        clock(api).advance(1)
        world.rename_task(gid)
    clock(api).advance(HOUR)
    config = {**SEARCH, "max_concurrency": 1}
    cut = attempt(api, config=config, select=TASKS_AND_STORIES, on_request=killing(at))
    clock(api).advance(HOUR)
    for gid in others[:60]:
        world.rename_task(gid)
    rest = sync(api, config=config, select=TASKS_AND_STORIES, state=cut.state)
    told = {story["task_gid"] for story in cut.vouched().then(rest).records("stories")}
    assert late in told


class Closed(Api):
    """An Asana that refuses to tell of which portfolios somebody is a member."""

    @override
    def handle(self, request: HttpRequest) -> HttpResponse:
        if request.path.endswith("/portfolio_memberships"):
            return ApiError(403, "Forbidden").response()
        return super().handle(request)


@pytest.mark.parametrize(("kind", "told"), [(Api, True), (Closed, False)], ids=["all are known", "some are unknown"])
def test_portfolios_are_announced_only_if_all_are_known(kind: type[Api], told: bool) -> None:  # noqa: FBT001 - a case
    """Where portfolios that were shared cannot be found, neither they nor their items are announced (law 8)."""
    api = kind(World.seeded(1, TINY, ManualClock()))
    config = {**PERSON, "emit_activate_version_messages": True, "workspaces": [next(iter(api.world.workspaces))]}
    output = sync(api, config=config)
    announced = {message["stream"] for message in output.of("ACTIVATE_VERSION")}
    hanging = {"portfolios", "portfolio_items", "portfolio_memberships", "custom_field_settings"}
    assert "users" in announced
    assert announced & hanging == (hanging if told else set())


@pytest.mark.parametrize("later", [SERVICE, PERSON], ids=["workspace events", "project events"])
def test_a_source_of_deletions_that_closes_leaves_a_gap_that_is_told(
    later: Message, caplog: pytest.LogCaptureFixture
) -> None:
    """Where the audit log is not to be read any more, the span until events take over is named, once."""
    api = asana(TINY)
    workspace = next(iter(api.world.workspaces))
    first = sync(api, config=SERVICE, select=["deletions"])
    clock(api).advance(HOUR)
    api.world.workspaces[workspace].missing_features.add("audit_log")
    with caplog.at_level(logging.WARNING):
        sync(api, config={**later, "workspaces": [workspace]}, select=["deletions"], state=first.state)
    gaps = [record.getMessage() for record in caplog.records if "are unknown" in record.getMessage()]
    assert [gap.split()[2] for gap in gaps] == [workspace]
