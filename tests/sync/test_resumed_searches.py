"""A read by search, or in place of one, resumes only at positions of what it reads itself."""

from __future__ import annotations

import pytest
from harness import Output, asana, clock, run_limits, sync
from interruptions import interrupted
from methods import HOUR, SEARCH, TASK_STREAMS, missing_or_stale

from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.server.faults import Refusal
from fake_asana.world import Sizes

WORLD = Sizes(workspaces=1, users=4, teams=1, projects=6, tags=1, tasks=40, stories=1, busiest=4, goals=0, personal=20)
CONFIG = {**SEARCH, "max_concurrency": 1}
SEARCH_ROUTE = "GET /workspaces/{workspace_gid}/tasks/search"


def runs(api: Api, union: Output, number: int) -> Output:
    """Return some runs and so many further ones, a minute and then some hours later."""
    for count in range(number):
        clock(api).advance(count * HOUR or 60)
        union = union.then(sync(api, config=CONFIG, select=TASK_STREAMS, state=union.state or None))
    return union


@pytest.mark.usefixtures("eager")
def test_a_read_of_everything_does_not_resume_in_the_lists_of_a_read_of_changes() -> None:
    """Searches leave out subtasks. The first attempt is refused all searches, and the second one finds that out."""
    api = asana(WORLD, dialect=Dialect(search_subtasks="never"))
    clock(api).advance(48 * HOUR)
    for gid in api.world.gids("tasks"):
        api.world.comment(api.world.add_task(parent=gid))
    clock(api).advance(HOUR)
    with run_limits(max_uncompared_lists=0):
        union = runs(api, Output(), 1)
        clock(api).advance(48 * HOUR)
        api.refusals.append(Refusal(SEARCH_ROUTE, 403))
        killed = interrupted(
            api, lambda request: "assignee" in request.query, config=CONFIG, select=TASK_STREAMS, state=union.state
        )
        assert killed.bookmark("tasks")["window"]["positions"]["lists"]
        api.refusals.clear()
        union = runs(api, union.then(killed), 3)
    assert union.bookmark("projects")["search"]["subtasks"] == "missing"
    assert missing_or_stale(api, union, CONFIG["access_token"]) == {}
