"""Searches rely on their responses only, and lose nothing in any behaviour that Asana's documentation leaves open."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest
from conditions import dialects, followed, quieted
from harness import SMALL, Message, Output, asana, attempt, clock, run_limits, sync
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from interruptions import killing
from methods import HOUR, METHODS, SEARCH, TASK_STREAMS, missing_or_stale

from fake_asana.messages import HttpRequest
from fake_asana.server.api import Api, Dialect
from fake_asana.server.limits import Limits
from fake_asana.world import Sizes

LARGE_WORLD = Sizes(workspaces=1, users=6, teams=2, projects=8, tags=2, tasks=230, stories=1, busiest=4, goals=0)
"""A world with more tasks, and more subtasks, than a response holds."""

SMALL_WORLD, TASKS_PER_RESPONSE = replace(LARGE_WORLD, tasks=50), 20
"""A world with fewer tasks, and responses with even fewer."""

DIALECTS: Mapping[str, Dialect] = {
    "few rows without a limit": Dialect(search_rows=20),
    "hidden tasks count": Dialect(search_counts_hidden=True),
    "whole seconds": Dialect(search_whole_seconds=True),
    "newer clock": Dialect(search_ahead_seconds=2 * HOUR),
    "fixed order": Dialect(search_ties="first"),
    "all of it": Dialect(
        search_counts_hidden=True, search_whole_seconds=True, search_ahead_seconds=90, search_ties="last"
    ),
}
INCLUSIVE = [frozenset[str](), frozenset({"after", "before"})]


def searches(api: Api) -> list[Message]:
    """Return the queries of all searches for tasks."""
    return [dict(handled.query) for handled in api.log if handled.path.endswith("/tasks/search")]


def repeated_searches(api: Api) -> list[str]:
    """Return the repeated searches."""
    counts = Counter(str(sorted(query.items())) for query in searches(api))
    return [query for query, times in counts.items() if times > 1]


def finish_requests(earlier: Collection[threading.Thread]) -> None:
    """Wait for the requests in flight of a killed run, which would count for the next run.

    The threads of `earlier` tests send nothing to this Asana, and idle ones end only with their pool.
    """
    for thread in threading.enumerate():
        if thread.name.startswith("asana_") and thread not in earlier:
            thread.join(60)


@pytest.mark.parametrize(
    ("dialect", "inclusive"),
    [(dialect, INCLUSIVE[number % 2]) for number, dialect in enumerate(DIALECTS.values())]
    + [(Dialect(), INCLUSIVE[1])],
    ids=[*DIALECTS, "inclusive"],
)
def test_a_first_and_an_incremental_run_are_complete(dialect: Dialect, inclusive: frozenset[str]) -> None:
    """The first run reads all tasks, and the second every change, whether sequential or at one instant."""
    api = asana(LARGE_WORLD, limits=Limits(search_inclusive=inclusive), dialect=dialect)
    world = api.world
    first = sync(api, config=SEARCH, select=["tasks"])
    assert unseen_tasks(api, first) == set()
    assert repeated_searches(api) == []
    clock(api).advance(HOUR)
    tasks = sorted(world.gids("tasks"))
    for gid in tasks[:150]:
        clock(api).advance(0.4)
        world.rename_task(gid)
    world.bulk_edit(set(tasks[150:330]))
    clock(api).advance(HOUR)
    api.log.clear()
    second = sync(api, config=SEARCH, state=first.state, select=["tasks"])
    assert unseen_tasks(api, first.then(second)) == set()
    assert repeated_searches(api) == []
    assert all(query["limit"] == "100" for query in searches(api))
    assert len(searches(api)) <= 2 * 330 / 100 + 4


def unseen_tasks(api: Api, output: Output) -> set[str]:
    """Return the tasks whose latest change is missing."""
    emitted = {gid: row["modified_at"] for gid, row in output.rows("tasks").items()}
    return {gid for gid, task in api.world.expected_records("tasks").items() if emitted.get(gid) != task["modified_at"]}


def test_a_search_ends_if_the_index_is_newer_than_the_field() -> None:
    """Hundreds of tasks whose indexed time is later than their field take one search per hundred."""
    api = asana(LARGE_WORLD, dialect=Dialect(search_ahead_seconds=30 * 86400))
    first = sync(api, config=SEARCH, select=["tasks"])
    clock(api).advance(HOUR)
    changed = sorted(api.world.gids("tasks"))[:330]
    api.world.bulk_edit(changed)
    clock(api).advance(HOUR)
    api.log.clear()
    second = sync(api, config=SEARCH, state=first.state, select=["tasks"])
    assert set(changed) <= second.gids("tasks")
    assert len(searches(api)) < 12


def test_responses_full_of_hidden_tasks_fall_back_to_lists(caplog: pytest.LogCaptureFixture) -> None:
    """If invisible tasks fill a whole response, the tasks after them are read by list."""
    caplog.set_level(logging.INFO)
    api = asana(LARGE_WORLD, dialect=Dialect(search_counts_hidden=True))
    world = api.world
    first = sync(api, config=SEARCH, select=["tasks"])
    clock(api).advance(HOUR)
    visible, hidden = sorted(world.gids("projects"))[:2]
    created = []
    for place in (visible, hidden, visible):
        for _ in range(250 if place == hidden else 5):
            clock(api).advance(3)
            created.append((place, world.add_task(project=place)))
    world.hide_project(hidden)
    clock(api).advance(HOUR)
    second = sync(api, config=SEARCH, state=first.state, select=["tasks"])
    assert {gid for place, gid in created if place == visible} <= second.gids("tasks")
    assert "tasks that the token may not see fill whole answers" in caplog.text


def test_an_increment_without_changes_takes_two_searches() -> None:
    """One search finds nothing, and one starts from the other end; no search is repeated."""
    api = asana(replace(SMALL, workspaces=1))
    first = sync(api, config=SEARCH, select=["tasks"])
    clock(api).advance(HOUR)
    api.log.clear()
    second = sync(api, config=SEARCH, state=first.state, select=["tasks"])
    assert second.gids("tasks") == set()
    assert [query["sort_ascending"] for query in searches(api)] == ["true", "false"]


@pytest.mark.parametrize("method", ["search", "auto"])
@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    dialect=st.builds(replace, dialects, search_counts_hidden=st.booleans()),
    inclusive=st.sampled_from(INCLUSIVE),
    kills=st.lists(st.none() | st.integers(3, 60), min_size=1, max_size=3),
    edits=st.tuples(st.integers(1, 4), st.sampled_from([0.0, 0.001, 0.3, 5.0])),
)
def test_no_dialect_loses_anything(
    method: str, dialect: Dialect, inclusive: frozenset[str], kills: list[int | None], edits: tuple[int, float]
) -> None:
    """In any behaviour that the documentation leaves open, and with kills anywhere, all tasks are read in the end."""
    api = asana(SMALL_WORLD, limits=Limits(search_inclusive=inclusive), dialect=dialect)
    earlier = threading.enumerate()
    bulk, pause = edits
    union, config = Output(), METHODS[method]
    with run_limits(output_per_state_byte=0, max_search_tasks=TASKS_PER_RESPONSE):
        for kill in kills:
            finish_requests(earlier)
            api.log.clear()
            union = followed(api, config, union, killing(kill) if kill else None)
            assert repeated_searches(api) == []
            clock(api).advance(HOUR)
            tasks = sorted(api.world.gids("tasks"))
            api.world.bulk_edit(set(tasks[::bulk]))
            for gid in tasks[1::7]:
                api.world.rename_task(gid)
                clock(api).advance(pause)
        union = quieted(api, config, union)
    assert missing_or_stale(api, union, config["access_token"]) == {}


@pytest.mark.usefixtures("eager")
def test_a_resumed_search_continues_at_its_position() -> None:
    """A run killed in the middle of its searches does not repeat the finished windows."""
    api = asana(LARGE_WORLD)
    state = sync(api, config=SEARCH, select=TASK_STREAMS).state
    clock(api).advance(HOUR)
    for gid in sorted(api.world.gids("tasks")):
        api.world.rename_task(gid)
        clock(api).advance(1)
    clock(api).advance(HOUR)
    api.log.clear()
    cut = attempt(
        api, config={**SEARCH, "max_concurrency": 1}, state=state, select=TASK_STREAMS, on_request=killing(200)
    )
    searches_before = len(searches(api))
    api.log.clear()
    rest = sync(api, config=SEARCH, state=cut.state, select=TASK_STREAMS)
    assert searches_before >= 2
    assert "created_at.after" in searches(api)[0]
    union = sync(asana(LARGE_WORLD), config=SEARCH, select=TASK_STREAMS).then(cut.confirmed()).then(rest)
    assert missing_or_stale(api, union, "0/fake") == {}


def test_changes_during_a_search_are_not_lost() -> None:
    """Tasks that change between two responses are read, both ahead of the search and behind it."""
    api = asana(LARGE_WORLD)
    world = api.world
    state = sync(api, config=SEARCH, select=["tasks"]).state
    clock(api).advance(HOUR)
    tasks = sorted(world.gids("tasks"))
    for gid in tasks[:400]:
        clock(api).advance(1)
        world.rename_task(gid)
    clock(api).advance(HOUR)

    def work(request: HttpRequest) -> None:
        if request.path.endswith("/tasks/search"):
            clock(api).advance(1)
            for gid in tasks[len(api.log) % 7 :: 7]:
                world.rename_task(gid)

    api.log.clear()
    second = sync(api, config=SEARCH, state=state, select=["tasks"], on_request=work)
    assert set(tasks[:400]) <= second.gids("tasks")
    clock(api).advance(HOUR)
    third = sync(api, config=SEARCH, state=second.state, select=["tasks"])
    truth = world.expected_records("tasks")
    emitted = {gid: row["modified_at"] for gid, row in second.then(third).rows("tasks").items()}
    assert emitted == {gid: truth[gid]["modified_at"] for gid in tasks}
