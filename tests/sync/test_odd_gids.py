"""A gid that is not a number does not stop a run (law 11)."""

from __future__ import annotations

import pytest
from harness import TINY, Message, clock, sync
from methods import HOUR, LIST, SEARCH
from reads import full_read
from refused_lists import rewriting

ODD: tuple[object, ...] = ("abc", "-5", "1.5", " 7 ", "1" * 19, "1" * 25, 10**19, -5, "\u0667")
SELECT = ("workspaces", "users", "projects", "sections", "goals", "status_updates", "tasks", "stories", "attachments")
KINDS = {
    "parents": ("GET /workspaces", "GET /users", "GET /projects", "GET /tags", "GET /portfolios", "GET /goals"),
    "tasks": ("GET /tasks of project", "GET /tasks of assignee", "GET /tasks/{task_gid}/subtasks"),
    "searches": ("GET /workspaces/{workspace_gid}/tasks/search",),
    "stories": ("GET /tasks/{task_gid}/stories",),
}
WITH_ODD_ROWS = {
    "parents": {"workspaces", "users", "projects", "tags", "portfolios", "goals"},
    "tasks": {"tasks"},
    "searches": {"tasks"},
    "stories": {"stories"},
}
"""The streams whose rows the log says are skipped, by the lists that hold odd gids."""


def with_odd_rows(rows: list[Message]) -> list[Message]:
    """Return the rows of a list after an additional row for each odd gid."""
    return [*({**rows[0], "gid": gid} for gid in ODD), *rows]


@pytest.mark.parametrize("config", [LIST, SEARCH], ids=["list", "search"])
@pytest.mark.parametrize("kinds", KINDS)
def test_an_odd_gid_stops_no_run(kinds: str, config: Message, caplog: pytest.LogCaptureFixture) -> None:
    """A first and an incremental run read everything else, by list and by search, and one line reports the rows."""
    api = rewriting(TINY, KINDS[kinds], with_odd_rows)
    clock(api).advance(HOUR)
    first = sync(api, config=config, select=SELECT)
    clock(api).advance(HOUR)
    sync(api, config=config, select=SELECT, state=first.state)
    clean = full_read(config=config, select=SELECT).output
    assert all(clean.gids(stream) <= first.gids(stream) for stream in SELECT)
    named = {line.partition(":")[0] for line in caplog.messages if "without a valid gid" in line}
    assert named == (set() if (kinds, config) == ("searches", LIST) else WITH_ODD_ROWS[kinds])
