"""Searches with few tasks per response, so that a small world takes many windows and ties."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conditions import Conditions, any_conditions, followed, quieted
from harness import Output, asana, clock, run_limits, sync
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from interruptions import killing
from methods import HOUR, SEARCH, missing_or_stale

from fake_asana.server.api import Api
from fake_asana.server.limits import Limits
from fake_asana.world import Sizes

TASKS_PER_RESPONSE = 5
OVERLAP_TASKS = 2
"""Tasks in the overlap of two windows, if tasks were created a little more than a second apart."""

WORLD = Sizes(workspaces=1, users=2, teams=1, projects=3, tags=1, tasks=30, stories=1, busiest=4, subtasks=40, goals=0)


@pytest.fixture(autouse=True, scope="module")
def _few_tasks_per_response() -> Iterator[None]:
    """Limit responses to few tasks."""
    with run_limits(max_search_tasks=TASKS_PER_RESPONSE):
        yield


def work(api: Api, change: str, number: int, pause: float) -> None:
    """Change one task, or a third of the tasks at one instant, or create some at one instant; then let time pass."""
    world = api.world
    tasks = sorted(world.gids("tasks"))
    if change == "rename":
        world.rename_task(tasks[number % len(tasks)])
    elif change == "bulk":
        world.bulk_edit(set(tasks[number % 3 :: 3]))
    else:
        for _ in range(TASKS_PER_RESPONSE + number % TASKS_PER_RESPONSE):
            world.comment(world.add_task(parent=tasks[number % len(tasks)]))
    clock(api).advance(pause)


changes = st.tuples(
    st.sampled_from(["rename", "rename", "bulk", "make"]), st.integers(0, 1000), st.sampled_from([0, 0.001, 1, 100])
)
rounds = st.lists(
    st.tuples(st.lists(changes, max_size=12), st.sampled_from([0, 60, 550, 700]), st.none() | st.integers(3, 60)),
    min_size=1,
    max_size=4,
)
"""The changes before an attempt, the pause after them, and the request before which the attempt is killed."""


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(plan=rounds, conditions=any_conditions)
def test_windows_and_ties_read_every_task(
    plan: list[tuple[list[tuple[str, int, float]], int, int | None]], conditions: Conditions
) -> None:
    """No task is missed when tasks share instants, lag in the index, and change between killed attempts."""
    api = asana(WORLD, limits=conditions.limits, dialect=conditions.dialect)
    config = {**SEARCH, "max_concurrency": conditions.concurrency, "page_size": conditions.page_size}
    union = Output()
    with run_limits(output_per_state_byte=conditions.share_of_state):
        for batch, pause, kill in plan:
            clock(api).advance(HOUR)
            for change in batch:
                work(api, *change)
            clock(api).advance(pause)
            union = followed(api, config, union, killing(kill) if kill else None)
        union = quieted(api, config, union)
    assert missing_or_stale(api, union, config["access_token"]) == {}


@pytest.mark.parametrize("more", [0, 1], ids=["only stale tasks", "one indexed task"])
def test_stale_search_index_hides_no_tasks(more: int) -> None:
    """A response full of tasks changed since they were indexed does not prove that all earlier tasks were read."""
    api = asana(WORLD, limits=Limits(search_lag=500, search_fresh=True))
    clock(api).advance(HOUR)
    state = sync(api, config=SEARCH, select=["tasks"]).state
    clock(api).advance(HOUR)
    tasks = sorted(api.world.gids("tasks"))
    stale, settled = tasks[: TASKS_PER_RESPONSE - more], tasks[TASKS_PER_RESPONSE - more : 2 * TASKS_PER_RESPONSE]
    for gid in [*settled[:more], *stale, *settled[more:]]:
        api.world.rename_task(gid)
        clock(api).advance(1)
    clock(api).advance(700)
    for gid in stale:
        api.world.rename_task(gid)
    assert set(settled) <= sync(api, config=SEARCH, state=state, select=["tasks"]).gids("tasks")


def searches(count: int, pause: float, *, bulk: bool) -> int:
    """Return the number of searches of an incremental run that reads this many new tasks, created one after another."""
    api = asana(WORLD)
    clock(api).advance(HOUR)
    state = sync(api, config=SEARCH, select=["tasks"]).state
    clock(api).advance(HOUR)
    gids = set()
    for _ in range(count):
        clock(api).advance(1.01)
        gids.add(api.world.add_task(workspace=next(iter(api.world.workspaces))))
    clock(api).advance(1)
    if bulk:
        api.world.bulk_edit(gids)
    clock(api).advance(pause)
    before = len(api.log)
    assert sync(api, config=SEARCH, state=state, select=["tasks"]).gids("tasks") == gids
    return sum(handled.path.endswith("/tasks/search") for handled in api.log[before:])


@pytest.mark.parametrize("pause", [0, HOUR], ids=["just now", "an hour ago"])
@pytest.mark.parametrize("bulk", [False, True], ids=["one after another", "all at one instant"])
def test_a_search_takes_one_request_more_than_windows(pause: float, *, bulk: bool) -> None:
    """Windows overlap by two seconds, and the last request returns nothing new."""
    assert searches(TASKS_PER_RESPONSE - 1, pause, bulk=bulk) == 1 + 1
    assert searches(TASKS_PER_RESPONSE + 2 * (TASKS_PER_RESPONSE - OVERLAP_TASKS) + 1, pause, bulk=bulk) == 4 + 1
