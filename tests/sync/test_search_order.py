"""Searches that ignore the order in which tasks are asked for are found out, and lists are read instead."""

from __future__ import annotations

import logging

import pytest
from harness import asana, clock, sync
from methods import HOUR, SEARCH

from fake_asana.model.choices import SearchForm
from fake_asana.model.dialect import Dialect
from fake_asana.world import Sizes

WORLD = Sizes(workspaces=1, users=3, teams=1, projects=2, tags=1, tasks=12, stories=1, busiest=3, goals=0)


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
