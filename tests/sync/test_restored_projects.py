"""Projects restored from the archive just before a run by search, where searches leave out archived projects."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from harness import Output, asana, clock, sync
from methods import HOUR, SEARCH, TASK_STREAMS, missing_or_stale

from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.server.limits import Limits
from fake_asana.world import Sizes

WORLD = Sizes(workspaces=1, users=4, teams=1, projects=6, tags=1, tasks=40, stories=1, busiest=4, goals=0, personal=20)
LATE_SECONDS = 1200


def run(api: Api, union: Output, pause: int = HOUR, streams: Collection[str] = TASK_STREAMS) -> Output:
    """Return some runs and the next one, some seconds later."""
    clock(api).advance(pause)
    api.log.clear()
    return union.then(sync(api, config=SEARCH, select=streams, state=union.state or None))


@pytest.mark.parametrize("is_left_out", [False, True], ids=["at once", "after a run with fewer streams"])
def test_changes_in_a_restored_project_that_the_index_takes_for_archived_are_read(*, is_left_out: bool) -> None:
    """The index shows late that a project is restored, and it is not among the archived ones any more."""
    api = asana(WORLD, dialect=Dialect(search_archived=False), limits=Limits(search_lag=LATE_SECONDS))
    last = max(api.world.gids("projects"), key=int)
    api.world.archive_project(last)
    union = run(api, Output(), 48 * HOUR)
    assert union.bookmark("projects")["search"]["archived"] == "missing"
    clock(api).advance(HOUR)
    for gid in api.world.projects[last].tasks:
        api.world.comment(gid)
    clock(api).advance(HOUR)
    api.world.unarchive_project(last)
    if is_left_out:
        union = run(api, union, 60, ["tasks", "projects"])
    union = run(api, union, 60)
    assert missing_or_stale(api, union, SEARCH["access_token"]) == {}
    union = run(api, union)
    assert "archived_for" not in union.bookmark("projects")["search"]
    lists = [request for request in api.log if request.query.get("project") == last]
    assert not [request for request in lists if "custom_fields" in request.query["opt_fields"]]
