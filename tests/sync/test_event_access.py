"""Which events a person may read is not documented: whatever Asana answers, deletions and silent changes arrive."""

from __future__ import annotations

from dataclasses import replace

import pytest
from harness import SERVICE, TINY, asana, clock, sync
from methods import HOUR

from fake_asana.model.access import PERSON
from fake_asana.model.choices import AccessForm
from fake_asana.model.dialect import Dialect

SELECTED = ("projects", "tasks", "stories", "deletions")


@pytest.mark.parametrize("status", [200, 400, 403])
def test_a_person_learns_of_deletions(status: int) -> None:
    """If the events of a workspace are refused with 400 too, those of its projects are read."""
    api = asana(TINY, dialect=Dialect(access=AccessForm(person_events=status)))
    first = sync(api, select=SELECTED)
    clock(api).advance(3600)
    gone, liked = [gid for gid in api.world.gids("tasks", PERSON) if api.world.tasks[gid].sections][:2]
    api.world.delete_task(gone)
    if api.world.comment_gids(liked):
        api.world.like_comment(liked, api.world.comment_gids(liked)[0])
    api.world.like_task(liked)
    clock(api).advance(3600)
    second = sync(api, select=SELECTED, state=first.state)
    assert gone in second.gids("deletions")
    assert liked in second.gids("tasks")


def test_a_passing_400_changes_no_source() -> None:
    """Where the workspace's events have been read before, a 400 leaves them to the next run."""
    api = asana(replace(TINY, workspaces=1), dialect=Dialect(access=AccessForm(person_events=200)))
    first = sync(api, select=SELECTED)
    clock(api).advance(3600)
    gone = next(gid for gid in api.world.gids("tasks", PERSON) if api.world.tasks[gid].sections)
    api.world.delete_task(gone)
    api.refuse("GET /workspaces/{workspace_gid}/events", 400)
    api.log.clear()
    second = sync(api, select=SELECTED, state=first.state)
    assert not [request for request in api.log if request.template == "GET /events"]
    api.refusals.clear()
    third = sync(api, select=SELECTED, state=second.state)
    assert gone in third.gids("deletions")


def test_events_are_followed_from_a_first_run_whose_log_fails() -> None:
    """The log tells later what was deleted since, but not what has changed: the first run takes a sync token."""
    api = asana(TINY)
    api.refuse("GET /workspaces/{workspace_gid}/audit_log_events", 500)
    first = sync(api, config=SERVICE, select=SELECTED)
    api.refusals.clear()
    clock(api).advance(HOUR)
    task = next(iter(api.world.gids("tasks", SERVICE["access_token"])))
    api.world.like_task(task)
    clock(api).advance(HOUR)
    assert task in sync(api, config=SERVICE, select=SELECTED, state=first.state).gids("tasks")
