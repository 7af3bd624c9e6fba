"""Moving the start date to an earlier day backfills the objects excluded so far."""

from __future__ import annotations

import pytest
from harness import PERSON, TINY, asana, clock, sync
from interruptions import interrupted
from methods import FORCED_METHODS, HOUR, METHODS, TASKS_AND_STORIES

from fake_asana.model.clock import format_instant
from fake_asana.server.limits import Limits

LATE = "2026-03-01"


@pytest.mark.parametrize("method", FORCED_METHODS)
@pytest.mark.parametrize("early", ["2025-01-01", None])
def test_an_earlier_start_date_backfills(method: str, early: str | None) -> None:
    """After the start date is moved back or removed, the excluded objects are read once, even if interrupted."""
    api = asana(TINY)
    config = METHODS[method]
    tasks = api.world.expected_records("tasks", str(config["access_token"]))
    first = sync(api, select=TASKS_AND_STORIES, config={**config, "start_date": LATE})
    assert first.gids("tasks") == {gid for gid, task in tasks.items() if str(task["modified_at"]) >= LATE}
    clock(api).advance(HOUR)
    earlier = {**config, "start_date": early}
    cut = interrupted(api, 30, select=TASKS_AND_STORIES, config=earlier, state=first.state)
    second = cut.then(sync(api, select=TASKS_AND_STORIES, config=earlier, state=cut.state or first.state))
    expected = {gid for gid, task in tasks.items() if str(task["modified_at"]) >= (early or "")}
    assert len(expected) > len(first.gids("tasks")) > 0
    assert second.gids("tasks") == expected
    for start_date in (early, LATE, early):
        clock(api).advance(HOUR)
        second = sync(api, select=TASKS_AND_STORIES, config={**config, "start_date": start_date}, state=second.state)
        assert not second.records("tasks")


@pytest.mark.parametrize("method", FORCED_METHODS)
def test_changes_before_a_later_start_date_are_backfilled(method: str) -> None:
    """Changes between the last run and a later start date are read when that date is moved back."""
    api = asana(TINY)
    config = METHODS[method]
    first = sync(api, select=TASKS_AND_STORIES, config=config)
    clock(api).advance(HOUR)
    renamed = min(api.world.gids("tasks", PERSON["access_token"]))
    api.world.rename_task(renamed)
    clock(api).advance(HOUR)
    tomorrow = format_instant(api.world.now())
    clock(api).advance(HOUR)
    second = sync(api, select=TASKS_AND_STORIES, config={**config, "start_date": tomorrow}, state=first.state)
    assert renamed not in second.gids("tasks")
    clock(api).advance(HOUR)
    assert renamed in sync(api, select=TASKS_AND_STORIES, config=config, state=second.state).gids("tasks")


@pytest.mark.parametrize("method", FORCED_METHODS)
def test_a_task_of_the_start_date_itself_is_read(method: str) -> None:
    """Asana does not say whether the bounds of a search include their instant; the tap's start date does."""
    api = asana(TINY, limits=Limits(search_inclusive=frozenset()))
    config = METHODS[method]
    clock(api).advance(HOUR)
    task = api.world.add_task(parent=min(api.world.gids("tasks")))
    start_date = format_instant(api.world.tasks[task].modified)
    clock(api).advance(HOUR)
    assert task in sync(api, select=["tasks"], config={**config, "start_date": start_date}).gids("tasks")
