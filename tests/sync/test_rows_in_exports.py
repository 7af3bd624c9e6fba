"""A file may hold only the first stories of each task: which tasks have more, no three of them tell (law 10)."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from harness import TINY, asana, clock, sync
from methods import EXPORT, HOUR, TASKS_AND_STORIES, missing_gids

from fake_asana.model.dialect import Dialect
from fake_asana.model.stories import stories_of_task
from fake_asana.server.api import Api

ROWS = 5
"""The stories of a task that a file holds at most."""

WORLD = replace(TINY, workspaces=1, stories=1, busiest=1, subtasks=0)
PATH = "GET /tasks/{task_gid}/stories"


def with_full_tasks(number: int, dialect: Dialect) -> tuple[Api, list[str]]:
    """Return an Asana with so many tasks, each of which has five stories, and these tasks."""
    api = asana(WORLD, dialect=dialect)
    tasks = sorted(api.world.gids("tasks", EXPORT["access_token"]), key=int)
    for gid in tasks[number:]:
        api.world.delete_task(gid)
    for gid in tasks[:number]:
        while len(stories_of_task(api.world.tasks[gid])) < ROWS:
            api.world.comment(gid)
    return api, tasks[:number]


@pytest.mark.parametrize("place", range(6))
def test_the_only_task_that_has_more_stories_than_a_file_holds_is_found(place: int) -> None:
    """All other tasks have just as many as the file holds."""
    api, tasks = with_full_tasks(6, Dialect(exported_rows=ROWS))
    api.world.comment(tasks[place])
    clock(api).advance(HOUR)
    output = sync(api, config=EXPORT, select=TASKS_AND_STORIES)
    assert missing_gids(api, output, EXPORT).get("stories", set()) == set()


@pytest.mark.parametrize(("number", "requested"), [(1, 1), (20, 20), (25, 20)])
def test_more_tasks_than_are_requested_are_named(number: int, requested: int, caplog: pytest.LogCaptureFixture) -> None:
    """The stories of at most twenty of the tasks with the most stories are counted, and the log names the others."""
    caplog.set_level(logging.INFO, "tap_asana")
    api, _ = with_full_tasks(number, Dialect())
    clock(api).advance(HOUR)
    sync(api, config=EXPORT, select=TASKS_AND_STORIES)
    assert sum(each.template == PATH for each in api.log) == requested
    assert any("those of 5 other tasks may be missing" in line for line in caplog.messages) == (number > requested)
