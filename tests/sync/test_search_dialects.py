"""A search goes by what its answers bring, and loses nothing whatever Asana does where its documents are silent."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest
from conditions import dialects, followed, quieted
from harness import SMALL, Message, Output, asana, attempt, clock, run_limits, sync
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from interruptions import killing
from methods import HOUR, METHODS, SEARCH, TASK_STREAMS, unseen

from fake_asana.messages import HttpRequest
from fake_asana.server.api import Api, Dialect
from fake_asana.server.limits import Limits
from fake_asana.world import Sizes

PLENTY = Sizes(workspaces=1, users=6, teams=2, projects=8, tags=2, tasks=230, stories=1, busiest=4, goals=0)
"""More tasks than an answer holds, and more subtasks."""

SOME, FEW = replace(PLENTY, tasks=50), 20
"""Fewer tasks, and an answer that holds fewer of them still."""

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


def asked_twice(api: Api) -> list[str]:
    """Return the searches that were asked more than once."""
    asked = Counter(str(sorted(query.items())) for query in searches(api))
    return [query for query, times in asked.items() if times > 1]


def finish_requests() -> None:
    """Wait for requests that a killed run had under way: they would count among those of the next run."""
    for thread in threading.enumerate():
        if thread.name.startswith("asana_"):
            thread.join(60)


@pytest.mark.parametrize(
    ("dialect", "inclusive"),
    [(dialect, INCLUSIVE[number % 2]) for number, dialect in enumerate(DIALECTS.values())]
    + [(Dialect(), INCLUSIVE[1])],
    ids=[*DIALECTS, "inclusive"],
)
def test_a_first_read_and_an_increment_are_whole(dialect: Dialect, inclusive: frozenset[str]) -> None:
    """All tasks come first, and then all that changed, some of it one after another and much of it at one instant."""
    api = asana(PLENTY, limits=Limits(search_inclusive=inclusive), dialect=dialect)
    world = api.world
    first = sync(api, config=SEARCH, select=["tasks"])
    assert unseen_tasks(api, first) == set()
    assert asked_twice(api) == []
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
    assert asked_twice(api) == []
    assert all(query["limit"] == "100" for query in searches(api))
    assert len(searches(api)) <= 2 * 330 / 100 + 4


def unseen_tasks(api: Api, output: Output) -> set[str]:
    """Return the tasks whose latest change was not brought."""
    brought = {gid: row["modified_at"] for gid, row in output.rows("tasks").items()}
    return {gid for gid, task in api.world.expected_records("tasks").items() if brought.get(gid) != task["modified_at"]}


def test_a_search_ends_though_the_index_has_a_newer_clock_than_the_field() -> None:
    """Hundreds of tasks that stand behind every bound that their field passes take a search for each hundred."""
    api = asana(PLENTY, dialect=Dialect(search_ahead_seconds=30 * 86400))
    first = sync(api, config=SEARCH, select=["tasks"])
    clock(api).advance(HOUR)
    changed = sorted(api.world.gids("tasks"))[:330]
    api.world.bulk_edit(changed)
    clock(api).advance(HOUR)
    api.log.clear()
    second = sync(api, config=SEARCH, state=first.state, select=["tasks"])
    assert set(changed) <= second.gids("tasks")
    assert len(searches(api)) < 12


def test_answers_that_hidden_tasks_fill_give_way_to_lists(caplog: pytest.LogCaptureFixture) -> None:
    """Where tasks that the token may not see fill a whole answer, what lies behind them comes by lists."""
    caplog.set_level(logging.INFO)
    api = asana(PLENTY, dialect=Dialect(search_counts_hidden=True))
    world = api.world
    first = sync(api, config=SEARCH, select=["tasks"])
    clock(api).advance(HOUR)
    shown, hidden = sorted(world.gids("projects"))[:2]
    made = []
    for place in (shown, hidden, shown):
        for _ in range(250 if place == hidden else 5):
            clock(api).advance(3)
            made.append((place, world.add_task(project=place)))
    world.hide_project(hidden)
    clock(api).advance(HOUR)
    second = sync(api, config=SEARCH, state=first.state, select=["tasks"])
    assert {gid for place, gid in made if place == shown} <= second.gids("tasks")
    assert "tasks that the token may not see fill whole answers" in caplog.text


def test_an_increment_in_which_nothing_changed_takes_two_searches() -> None:
    """One finds nothing, and one looks from the other end; a read by search alone takes none twice."""
    api = asana(replace(SMALL, workspaces=1))
    first = sync(api, config=SEARCH, select=["tasks"])
    clock(api).advance(HOUR)
    api.log.clear()
    second = sync(api, config=SEARCH, state=first.state, select=["tasks"])
    assert second.gids("tasks") == set()
    assert [query["sort_ascending"] for query in searches(api)] == ["true", "false"]


@pytest.mark.parametrize("method", ["search", "auto"])
@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    dialect=st.builds(replace, dialects, search_hides=st.booleans()),
    inclusive=st.sampled_from(INCLUSIVE),
    kills=st.lists(st.none() | st.integers(3, 60), min_size=1, max_size=3),
    edits=st.tuples(st.integers(1, 4), st.sampled_from([0.0, 0.001, 0.3, 5.0])),
)
def test_no_dialect_loses_anything(
    method: str, dialect: Dialect, inclusive: frozenset[str], kills: list[int | None], edits: tuple[int, float]
) -> None:
    """Whatever a search does where documents are silent, and wherever reads are killed, all comes in the end."""
    api = asana(SOME, limits=Limits(search_inclusive=inclusive), dialect=dialect)
    bulk, pause = edits
    union, config = Output(), METHODS[method]
    with run_limits(output_per_state_byte=0, max_search_tasks=FEW):
        for kill in kills:
            finish_requests()
            api.log.clear()
            union = followed(api, config, union, killing(kill) if kill else None)
            assert asked_twice(api) == []
            clock(api).advance(HOUR)
            tasks = sorted(api.world.gids("tasks"))
            api.world.bulk_edit(set(tasks[::bulk]))
            for gid in tasks[1::7]:
                api.world.rename_task(gid)
                clock(api).advance(pause)
        union = quieted(api, config, union)
    assert unseen(api, union, config["access_token"]) == {}


@pytest.mark.usefixtures("eager")
def test_a_resumed_search_goes_on_where_it_was() -> None:
    """A read that is killed in the middle of its searches does not ask again for the windows behind it."""
    api = asana(PLENTY)
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
    begun = len(searches(api))
    api.log.clear()
    rest = sync(api, config=SEARCH, state=cut.state, select=TASK_STREAMS)
    assert begun >= 2
    assert "created_at.after" in searches(api)[0]
    assert (
        unseen(api, sync(asana(PLENTY), config=SEARCH, select=TASK_STREAMS).then(cut.vouched()).then(rest), "0/fake")
        == {}
    )


def test_what_changes_while_a_search_goes_on_is_not_lost() -> None:
    """Tasks that change between two answers, those ahead of the search and those behind it, come all the same."""
    api = asana(PLENTY)
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
    brought = {gid: row["modified_at"] for gid, row in second.then(third).rows("tasks").items()}
    assert brought == {gid: truth[gid]["modified_at"] for gid in tasks}
