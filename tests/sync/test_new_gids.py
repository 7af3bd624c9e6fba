"""Asana lists a new task, and answers 404 for its gid for a minute: nothing is lost or named as deleted."""

from __future__ import annotations

import pytest
from harness import Message, asana, clock, sync
from methods import ALL_TASK_STREAMS, EXPORT, HOUR, LIST, SEARCH, every_method, missing_or_stale, sync_task_streams
from passes import FEW

from fake_asana.model.choices import FreshnessForm
from fake_asana.model.dialect import Dialect
from fake_asana.world import Sizes

WORLD = Sizes(workspaces=1, users=3, teams=1, projects=3, tags=1, tasks=20, stories=1, busiest=4, goals=0, personal=20)
UNKNOWN = Dialect(freshness=FreshnessForm(late_gids=60))
DAILY_PASS: Message = {"reconcile_days": 1, "follow_events": False}


@every_method
def test_what_lies_below_a_new_task_comes_with_the_next_run(config: Message) -> None:
    """Comments and files of a task made ten seconds before a run: their lists answer 404, and are owed."""
    api = asana(WORLD, dialect=UNKNOWN)
    world = api.world
    clock(api).advance(HOUR)
    union = sync_task_streams(api, config)
    project = world.add_project(next(iter(world.workspaces)))
    for task in (world.add_task(project=project), world.add_task(parent=min(world.gids("tasks")))):
        world.comment(task)
        world.attach(task)
    clock(api).advance(10)
    for _ in range(2):
        union = union.then(sync_task_streams(api, config, union.state))
        clock(api).advance(HOUR)
    assert missing_or_stale(api, union, str(config["access_token"])) == {}


@pytest.mark.parametrize("method", [LIST, SEARCH, EXPORT], ids=["list", "search", "export"])
def test_a_pass_names_no_task_that_this_run_has_just_read(method: Message) -> None:
    """A task made ten seconds before a run with a pass; the next pass names it once it was deleted."""
    api, config, streams = asana(FEW, dialect=UNKNOWN), {**method, **DAILY_PASS}, ("deletions", *ALL_TASK_STREAMS)
    output = sync(api, config=config, select=streams)
    clock(api).advance(24 * HOUR)
    new = api.world.add_task(project=min(api.world.projects))
    clock(api).advance(10)
    output = output.then(sync(api, config=config, select=streams, state=output.state))
    assert new in output.gids("tasks")
    assert new not in output.gids("deletions")
    api.world.delete_task(new)
    for _ in range(2):
        clock(api).advance(24 * HOUR)
        output = output.then(sync(api, config=config, select=streams, state=output.state))
    assert new in output.gids("deletions")
