"""Searches that ignore parameters are found out, and lists are read instead; those that need a filter have one."""

from __future__ import annotations

import logging
from typing import Literal, TypeAlias

import pytest
from harness import asana, clock, sync
from methods import HOUR, SEARCH
from passes import WITHOUT_EVENTS, world_of

from fake_asana.model.choices import QueryForm, SearchForm
from fake_asana.model.dialect import Dialect
from fake_asana.world import Sizes

TieOrder: TypeAlias = Literal["any", "first", "last"]

WORLD = Sizes(workspaces=1, users=3, teams=1, projects=2, tags=1, tasks=12, stories=1, busiest=3, goals=0)
MANY = Sizes(workspaces=1, users=5, teams=2, projects=6, tags=4, tasks=70, stories=2, busiest=6)
"""A workspace in which a search is seen to find tasks of every kind: passes are by search too."""


@pytest.mark.parametrize("max_rows", [100, 3])
def test_the_newest_tasks_first_hide_no_older_ones(max_rows: int, caplog: pytest.LogCaptureFixture) -> None:
    """An increment reads each change, although each answer has only the newest tasks."""
    api = asana(WORLD, dialect=Dialect(searches=SearchForm(max_rows=max_rows, obeys_ascending=False)))
    caplog.set_level(logging.INFO)
    first = sync(api, config=SEARCH, select=["tasks"])
    clock(api).advance(HOUR)
    for gid in (changed := sorted(api.world.gids("tasks"))):
        api.world.rename_task(gid)
    clock(api).advance(HOUR)
    second = sync(api, config=SEARCH, state=first.state, select=["tasks"])
    listed = {gid for gid in changed if api.world.tasks[gid].sections}
    assert listed <= second.gids("tasks")
    assert "read by list, because searches ignore the order in which tasks are asked for" in caplog.text


def test_a_pass_is_by_list_then(caplog: pytest.LogCaptureFixture) -> None:
    """It names the deleted story of a task, and a deleted task that only searches found, in the run that notices it."""
    api, config = world_of(MANY), {**SEARCH, **WITHOUT_EVENTS, "reconcile_days": 1}
    task, unlisted = api.world.add_task(project=min(api.world.gids("projects"))), api.world.add_task()
    deleted = {api.world.comment(task), unlisted}
    streams = ["tasks", "stories", "deletions"]
    clock(api).advance(HOUR)
    output = sync(api, config=config, select=streams)
    assert deleted <= output.gids("tasks") | output.gids("stories")
    clock(api).advance(12 * HOUR)
    output = sync(api, config=config, state=output.state, select=streams)
    api.dialect = Dialect(searches=SearchForm(obeys_ascending=False))
    api.world.delete_comment(task, min(deleted - {unlisted}))
    api.world.delete_task(unlisted)
    caplog.set_level(logging.INFO)
    clock(api).advance(12 * HOUR)
    last = sync(api, config=config, state=output.state, select=streams)
    assert "all tasks are read again by list, because searches ignore the order" in caplog.text
    assert "a pass reads no tasks outside of all lists but those that state knows, because searches" in caplog.text
    assert {row["gid"] for row in last.records("deletions")} == deleted


def test_searches_that_return_few_tasks_are_read_to_their_end() -> None:
    """An Asana that ignores `limit` costs searches, and no task."""
    api = asana(WORLD, dialect=Dialect(searches=SearchForm(max_rows=3)))
    first = sync(api, config=SEARCH, select=["tasks"])
    assert first.gids("tasks") == set(api.world.gids("tasks"))
    clock(api).advance(HOUR)
    for gid in (changed := set(api.world.gids("tasks"))):
        api.world.rename_task(gid)
    clock(api).advance(HOUR)
    assert sync(api, config=SEARCH, state=first.state, select=["tasks"]).gids("tasks") == changed


@pytest.mark.parametrize("ties", ["first", "last", "any"])
@pytest.mark.parametrize("together", [4, 7])
@pytest.mark.parametrize(("earlier", "later"), [(5, 0), (0, 1), (0, 2)])
def test_more_tasks_created_together_than_an_answer_has_are_all_found(
    ties: TieOrder, together: int, earlier: int, later: int
) -> None:
    """The searches from both ends meet at the instant of their creation, and neither shows them all (9600007592)."""
    api = asana(WORLD, dialect=Dialect(searches=SearchForm(max_rows=3), search_ties=ties))
    state = sync(api, config=SEARCH, select=["tasks"]).state
    project = min(api.world.gids("projects"))
    clock(api).advance(HOUR)
    changed = set[str]()
    for count in (*[1] * earlier, together, *[1] * later):
        clock(api).advance(10)
        changed |= {api.world.add_task(project=project) for _ in range(count)}
    clock(api).advance(HOUR)
    assert sync(api, config=SEARCH, state=state, select=["tasks"]).gids("tasks") >= changed


def test_each_search_has_a_filter(caplog: pytest.LogCaptureFixture) -> None:
    """A pass searches for all tasks, and names a filter that all of them pass."""
    api, config = world_of(MANY), {**SEARCH, **WITHOUT_EVENTS, "reconcile_days": 1}
    api.dialect = Dialect(queries=QueryForm(needs_filter=True))
    caplog.set_level(logging.INFO)
    output = sync(api, config=config, select=["tasks", "stories"])
    clock(api).advance(12 * HOUR)
    sync(api, config=config, state=output.state, select=["tasks", "stories"])
    assert "reconciled" in caplog.text
    assert "refused" not in caplog.text
