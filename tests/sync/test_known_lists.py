"""An increment by list requests each short list once, and its changes only if the list shows some."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping

import pytest
from harness import PERSON, Message, Output, asana, attempt, clock, sync
from interruptions import killing
from methods import HOUR, TASKS_AND_STORIES

from bench.minimum import Changes, min_requests
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.world import Sizes, World
from tap_asana.state.known_lists import HASH_BYTES, KnownLists

LITTLE = Sizes(workspaces=1, users=3, teams=1, projects=4, tags=1, tasks=16, stories=1, busiest=6)

TASK_LISTS = ("GET /tasks", "GET /tags/{tag_gid}/tasks", "GET /tasks/{task_gid}/subtasks")


def task_lists(api: Api, start: int) -> Counter[str]:
    """Return the number of requests for tasks by operation, after the first `start` requests."""
    counts = Counter(handled.template for handled in api.log[start:])
    return Counter({name: counts[name] for name in TASK_LISTS})


def changed(first: Output, api: Api, change: Callable[[World], object]) -> Output:
    """Return an hour's increment after a change."""
    clock(api).advance(HOUR)
    change(api.world)
    clock(api).advance(HOUR)
    return sync(api, select=TASKS_AND_STORIES, state=first.state)


def test_an_unchanged_list_is_requested_once() -> None:
    """If nothing has changed, an increment takes at most 1.05 times the whole lists."""
    api = asana(LITTLE)
    first = sync(api, select=TASKS_AND_STORIES)
    clock(api).advance(HOUR)
    start = len(api.log)
    second = sync(api, select=TASKS_AND_STORIES, state=first.state)
    minimum = min_requests(api.world, PERSON["access_token"], "list", Changes(api.world.now()))
    sent = task_lists(api, start)
    assert sent["GET /tasks"] == len(api.world.gids("projects")) + len(api.world.gids("users"))
    assert sent.total() <= 1.05 * sum(minimum[name] for name in TASK_LISTS)
    assert not second.records("tasks")


def test_only_the_changes_of_changed_lists_are_requested() -> None:
    """A changed task costs one more request for each list that contains it, and no list is read in full twice."""
    api = asana(LITTLE)
    first = sync(api, select=TASKS_AND_STORIES)
    task = next(task for task in api.world.tasks.values() if task.sections and task.assignee and not task.parent)
    start = len(api.log)
    second = changed(first, api, lambda world: world.comment(task.gid))
    unfiltered = len(api.world.gids("projects")) + len(api.world.gids("users"))
    assert task_lists(api, start)["GET /tasks"] == unfiltered + len(list(task.projects())) + 1
    assert second.gids("tasks") == {task.gid}


def to_another_section(world: World, task: str, _: str) -> None:
    """Move a task to another section of its first project, if there is one."""
    current = world.tasks[task].sections[0]
    others = [gid for gid, section in world.sections.items() if section.project is current.project]
    if len(others) > 1:
        world.move_task(task, next(gid for gid in others if gid != current.gid))


MOVES: Mapping[str, Callable[[World, str, str], object]] = {
    "add": lambda world, task, project: world.add_to_project(task, project),
    "remove": lambda world, task, _: world.remove_from_project(task, next(world.tasks[task].projects()).gid),
    "section": to_another_section,
    "like": lambda world, task, _: world.like_task(task),
    "comment": lambda world, task, _: world.comment(task),
}
"""Changes of a task in a project; only the last one moves its modified_at."""


def in_projects(world: World) -> list[str]:
    """Return the tasks in projects, but those that are only in one and assigned to nobody."""
    return [gid for gid, task in sorted(world.tasks.items()) if task.sections and task.assignee]


def content(task: Message) -> object:
    """Return the values of a task that the moves change."""
    places = sorted((place["project"]["gid"], place["section"]["gid"]) for place in task["memberships"])
    return task["modified_at"], task["num_likes"], places


def outdated(api: Api, output: Output) -> Mapping[str, object]:
    """Return the tasks in lists whose last record differs from the world, and the missing stories."""
    rows, expected = output.rows("tasks"), api.world.expected_records("tasks", PERSON["access_token"])
    listed = {gid for gid in expected if api.world.tasks[gid].sections or api.world.tasks[gid].assignee}
    stale = {gid: content(expected[gid]) for gid in listed if content(rows[gid]) != content(expected[gid])}
    return {**stale, **dict.fromkeys(set(api.world.gids("stories")) - output.gids("stories"))}


@pytest.mark.parametrize("seed", range(4))
def test_a_filter_that_knows_more_than_the_clock_loses_nothing(seed: int) -> None:
    """Asana's filter may find tasks that were moved or liked, although modified_at stands still: they are written."""
    api, dice = asana(LITTLE, dialect=Dialect(filter_counts_moves=True)), random.Random(seed)  # noqa: S311 - no secret
    world, union = api.world, sync(api, select=TASKS_AND_STORIES)
    projects = sorted(world.gids("projects"))
    for _ in range(3):
        clock(api).advance(HOUR)
        for _ in range(dice.randrange(4)):
            MOVES[dice.choice(sorted(MOVES))](world, dice.choice(in_projects(world)), dice.choice(projects))
        clock(api).advance(HOUR)
        union = union.then(sync(api, select=TASKS_AND_STORIES, state=union.state))
    assert outdated(api, union) == {}


@pytest.mark.usefixtures("eager")
def test_a_move_undone_after_a_kill_is_written() -> None:
    """A resumed increment requests all changes: what the first attempt saw and wrote may have changed back."""
    api = asana(LITTLE, dialect=Dialect(filter_counts_moves=True))
    world, first = api.world, sync(api, select=TASKS_AND_STORIES)
    clock(api).advance(HOUR)
    target = world.projects[max(world.gids("projects"), key=int)]
    moved = {gid for gid in in_projects(world) if target not in world.tasks[gid].projects()}
    for gid in moved:
        world.add_to_project(gid, target.gid)
    clock(api).advance(HOUR)
    cut = attempt(
        api,
        select=TASKS_AND_STORIES,
        state=first.state,
        config={"max_concurrency": 1},
        on_request=killing(26),
    ).confirmed()
    assert moved <= cut.gids("tasks")
    assert "window" in cut.bookmark("tasks")
    for gid in moved:
        world.remove_from_project(gid, target.gid)
    union = first.then(cut)
    for _ in range(2):
        clock(api).advance(HOUR)
        union = union.then(sync(api, select=TASKS_AND_STORIES, state=union.state))
    assert outdated(api, union).keys() & set(world.tasks) == set()


def test_contents_hold_for_the_run_that_saw_them() -> None:
    """Hashes serve only streams whose last read began in the same run, and the first of its reads keeps its own."""
    state: dict[str, object] = {}
    known = KnownLists(state, "1")
    old, new = b"a" * HASH_BYTES, b"b" * HASH_BYTES
    known.store(7, [old])
    known.store(7, [new])
    assert known.at([7, 7]) == {old}
    assert known.at([7, 6]) == known.at([None]) == known.at([]) == frozenset()
    known.store(8, [new])
    assert known.at([8]) == {new}
    known.store(9, [])
    assert known.at([9]) == frozenset()
