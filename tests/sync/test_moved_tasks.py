"""A task dragged or moved during a run is read, although its modified_at does not change."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import count
from typing import TypeAlias

import pytest
from harness import PERSON, Hook, Message, Output, asana, attempt, clock, run_limits, sync
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from interruptions import interrupted, killing
from methods import HOUR, TASKS_AND_STORIES
from typing_extensions import override

from fake_asana.messages import ApiError, HttpRequest, HttpResponse
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.world import Sizes, World

EMPTY = Sizes(workspaces=1, users=2, projects=3, tags=1, tasks=0)
CONFIG: Message = {**PERSON, "extraction_method": "list", "page_size": 5, "max_concurrency": 1}

clocks = pytest.mark.parametrize("moves", [False, True], ids=["no clock", "clock"])


class Closed(Api):
    """An Asana that rejects requests with a matching path and query."""

    pattern = ""

    @override
    def handle(self, request: HttpRequest) -> HttpResponse:
        if self.pattern and re.search(self.pattern, address_of(request)):
            return ApiError(403, "You do not have access to this.").response()
        return super().handle(request)


def address_of(request: HttpRequest) -> str:
    """Return the path of a request with its parameters in order."""
    return f"{request.path}?" + "&".join(f"{name}={value}" for name, value in sorted(request.query.items()))


def on_request(pattern: str, number: int, action: Callable[[], object]) -> Hook:
    """Return a hook that acts before the n-th request with a matching path and query."""
    matching = count(1)

    def act(request: HttpRequest) -> None:
        if re.search(pattern, address_of(request)) and next(matching) == number:
            action()

    return act


def with_long_projects(*, moves: bool = False) -> tuple[Api, list[str]]:
    """Return an Asana with three projects of three pages of tasks each, and their gids."""
    api = asana(EMPTY, dialect=Dialect(moves_modify_tasks=moves))
    projects = sorted(api.world.gids("projects"), key=int)
    for project in projects:
        for _ in range(12):
            api.world.comment(api.world.add_task(project=project))
    return api, projects


MOVE_STORIES = {"added_to_project", "removed_from_project", "section_changed"}
"""Stories read with the next change of their task, if a move does not change modified_at."""


def assert_complete(api: Api, output: Output) -> None:
    """Fail if the runs miss a task, or a story that is not about a move."""
    stories = {
        gid
        for gid, each in api.world.expected_records("stories").items()
        if each["resource_subtype"] not in MOVE_STORIES
    }
    assert set(api.world.gids("tasks")) - output.gids("tasks") == set()
    assert stories - output.gids("stories") == set()


def holders(world: World) -> Mapping[str, tuple[str, list[str]]]:
    """Return lists of three pages: the pattern of their requests, and their tasks in order."""
    project, user = min(world.gids("projects"), key=int), min(world.gids("users"), key=int)
    tag = world.tags[min(world.gids("tags"), key=int)]
    parent = world.add_task(project=project)
    tasks = [task.gid for task in world.projects[project].ordered_tasks()]
    own = [world.add_task(assignee=user) for _ in range(12)]
    tagged = [world.add_task() for _ in range(12)]
    for gid in tagged:
        world.tasks[gid].tags = (tag,)
        tag.tasks[gid] = world.tasks[gid]
    below = [world.add_task(parent=parent) for _ in range(12)]
    return {
        project: (rf"/tasks\?.*offset.*project={project}", tasks),
        user: (rf"/tasks\?.*assignee={user}.*offset", own),
        tag.gid: (rf"/tags/{tag.gid}/tasks\?.*offset", tagged),
        parent: (rf"/tasks/{parent}/subtasks\?.*offset", below),
    }


@pytest.mark.parametrize("kind", range(4), ids=["project", "user", "tag", "subtasks"])
def test_a_task_dragged_to_a_finished_page_is_read(kind: int) -> None:
    """A task dragged to the first page during the second request is read, with its stories and subtasks."""
    api, _ = with_long_projects()
    world = api.world
    holder, (pattern, tasks) = list(holders(world).items())[kind]
    last = tasks[-1]
    below = world.add_task(parent=last)
    world.comment(below)
    clock(api).advance(HOUR)
    output = sync(
        api,
        config=CONFIG,
        select=TASKS_AND_STORIES,
        on_request=on_request(pattern, 1, lambda: world.drag_task(last, holder)),
    )
    assert world.tasks[last].modified < world.now()
    assert_complete(api, output)


@pytest.mark.parametrize("kind", [1, 2, 3], ids=["user", "tag", "subtasks"])
def test_a_task_dragged_while_an_owed_list_is_read(kind: int) -> None:
    """An owed list is read twice too before it counts as read."""
    api, _ = with_long_projects()
    closed = Closed(api.world)
    holder, (pattern, tasks) = list(holders(api.world).items())[kind]
    clock(api).advance(HOUR)
    closed.pattern = pattern.partition(".*offset")[0]
    first = sync(closed, config=CONFIG, select=TASKS_AND_STORIES)
    assert not set(tasks) & first.gids("tasks")
    closed.pattern = ""
    clock(api).advance(HOUR)
    hook = on_request(pattern, 1, lambda: api.world.drag_task(tasks[-1], holder))
    assert_complete(
        api, first.then(sync(closed, config=CONFIG, select=TASKS_AND_STORIES, state=first.state, on_request=hook))
    )


@clocks
def test_a_task_moved_to_a_finished_list_is_read(*, moves: bool) -> None:
    """An unassigned task is moved from the last project to the first, which is already read."""
    api, (first, _, last) = with_long_projects(moves=moves)
    world = api.world
    task = next(iter(world.projects[last].tasks))
    world.comment(world.add_task(parent=task))
    clock(api).advance(HOUR)

    def move() -> None:
        world.add_to_project(task, first)
        world.remove_from_project(task, last)

    output = sync(api, config=CONFIG, select=TASKS_AND_STORIES, on_request=on_request(f"project={last}", 1, move))
    clock(api).advance(HOUR)
    assert_complete(api, output.then(sync(api, config=CONFIG, select=TASKS_AND_STORIES, state=output.state)))


@pytest.mark.parametrize("method", ["list", "auto"])
@pytest.mark.parametrize("page_size", [5, 100])
def test_a_task_added_to_a_finished_project_is_read_with_the_other(method: str, page_size: int) -> None:
    """A task is read with its first project unless it was added there too late, even with an unchanged modified_at."""
    api, (first, _, last) = with_long_projects()
    world = api.world
    task = next(iter(world.projects[last].tasks))
    below = world.add_task(parent=task)
    clock(api).advance(HOUR)
    config = {**CONFIG, "extraction_method": method, "page_size": page_size}
    hook = on_request(f"project={last}", 1, lambda: world.add_to_project(task, first))
    output = sync(api, config=config, select=TASKS_AND_STORIES, on_request=hook)
    assert {task, below} <= output.gids("tasks")


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("at", range(14, 60, 5))
def test_a_move_before_a_kill_is_found_after_it(at: int) -> None:
    """A resumed run repeats the lists of the previous attempt, and finds tasks added since."""
    api, (first, _, last) = with_long_projects()
    world = api.world
    task = next(iter(world.projects[last].tasks))
    clock(api).advance(HOUR)
    cut = interrupted(api, at, config=CONFIG, select=TASKS_AND_STORIES)
    world.place_in_project(world.tasks[task], first)
    world.tasks[task].sections = tuple(
        section for section in world.tasks[task].sections if section.project and section.project.gid == first
    )
    world.projects[last].tasks.pop(task)
    world.projects[last].order = None
    assert_complete(api, cut.then(sync(api, config=CONFIG, select=TASKS_AND_STORIES, state=cut.state)))


@pytest.mark.usefixtures("eager")
def test_a_resumed_run_repeats_only_lists_with_several_pages() -> None:
    """Without moves, a kill only costs the second reading of lists with several pages."""
    api, _ = with_long_projects()
    clock(api).advance(HOUR)
    cut = interrupted(api, 45, config=CONFIG, select=TASKS_AND_STORIES)
    middle = len(api.log)
    union = cut.then(sync(api, config=CONFIG, select=TASKS_AND_STORIES, state=cut.state))
    assert len(union.records("stories")) <= len(api.world.gids("stories")) + 2
    assert middle > 40
    assert_complete(api, union)


def test_a_changed_subtask_of_a_dragged_parent_is_read() -> None:
    """An incremental run reads the subtasks of all tasks of a list, also of a task dragged meanwhile."""
    api, (first, *_) = with_long_projects()
    world = api.world
    parent = world.projects[first].ordered_tasks()[-1].gid
    below = world.add_task(parent=parent)
    clock(api).advance(HOUR)
    state = sync(api, config=CONFIG, select=TASKS_AND_STORIES).state
    clock(api).advance(HOUR)
    world.rename_task(below)
    clock(api).advance(HOUR)
    hook = on_request(
        rf"/tasks\?(?!.*modified_since).*offset.*project={first}", 1, lambda: world.drag_task(parent, first)
    )
    assert sync(api, config=CONFIG, select=TASKS_AND_STORIES, state=state, on_request=hook).gids("tasks") == {below}


def both(first: Hook, second: Hook) -> Hook:
    """Return a hook that calls two hooks."""

    def act(request: HttpRequest) -> None:
        first(request)
        second(request)

    return act


Move: TypeAlias = tuple[str, int, int]
MOVES = st.tuples(st.sampled_from(["drag", "move", "share", "section"]), st.integers(0, 2), st.integers(0, 2))
"""A change, the place of its task from the end of a list, and the number of the project that it moves to."""


def moving(world: World, moves: Mapping[int, Move]) -> Hook:
    """Return a hook that moves a task of a list of tasks before some of the requests for these lists."""
    numbers = count(1)

    def act(request: HttpRequest) -> None:
        found = re.search(r"/tasks\?.*(?:project|assignee)=(\d+)", address_of(request))
        if found and (change := moves.get(next(numbers))):
            move(world, found[1], *change)

    return act


def move(world: World, holder: str, action: str, place: int, number: int) -> None:
    """Drag or move a task from the end of a list, which is read last; a project keeps more than one page of tasks."""
    with world.lock:
        if user := world.users.get(holder):
            for task in [*user.assigned][-1 - place :][:1]:
                world.drag_task(task, holder)
            return
        source, target = world.projects[holder], sorted(world.gids("projects"), key=int)[number]
        task = list(source.ordered_tasks())[-1 - place].gid
        if action == "drag":
            world.drag_task(task, holder)
        elif action == "section":
            world.move_task(task, next(iter(source.sections)))
        elif target != holder:
            world.add_to_project(task, target)
            if action == "move" and len(source.tasks) > 8:
                world.remove_from_project(task, holder)


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    method=st.sampled_from(["list", "auto"]),
    concurrency=st.sampled_from([1, 1, 4]),
    clocks=st.booleans(),
    moves=st.dictionaries(st.integers(2, 30), MOVES, min_size=3, max_size=10),
    kills=st.lists(st.integers(10, 70), max_size=2),
)
def test_no_task_is_lost_with_any_moves(
    *, method: str, concurrency: int, clocks: bool, moves: dict[int, Move], kills: list[int]
) -> None:
    """With tasks dragged and moved out of lists that are being read, and with kills, no task is missed."""
    api, _ = with_long_projects(moves=clocks)
    world = api.world
    people = sorted(world.gids("users"), key=int)
    for number, task in enumerate(list(world.tasks)):
        if number % 3 == 0:
            world.assign_task(task, people[number % len(people)])
        if number % 9 == 0:
            world.add_task(parent=world.add_task(parent=task))
    clock(api).advance(HOUR)
    config = {**CONFIG, "extraction_method": method, "max_concurrency": concurrency}
    hook = moving(world, moves)
    union, state = Output(), None
    with run_limits(output_per_state_byte=0):
        for kill in kills:
            killed = both(hook, killing(kill))
            cut = attempt(api, config=config, select=["tasks"], state=state, on_request=killed)
            union, state = union.then(cut.confirmed()), cut.confirmed().state or state
        union = union.then(sync(api, config=config, select=["tasks"], state=state, on_request=hook))
    clock(api).advance(HOUR)
    union = union.then(sync(api, config=config, select=["tasks"], state=union.state))
    assert set(world.gids("tasks")) - union.gids("tasks") == set()
