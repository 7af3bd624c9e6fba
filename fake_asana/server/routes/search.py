"""The search for tasks of a workspace."""

from __future__ import annotations

from fake_asana.messages import ApiError
from fake_asana.model.filters import NOBODY, Filters, Fits
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.state import State
from fake_asana.model.tasks import TASK
from fake_asana.server.call import Call, Route
from fake_asana.server.paging import Listing, limit_of
from fake_asana.server.search import Search


def in_portfolios(state: State, gids: list[str]) -> Fits:
    """A test of lying in a project that is in one of some portfolios."""
    projects = {item.thing.gid for item in state.items if item.portfolio.gid in gids}
    return lambda task: any(project.gid in projects for project in task.projects())


def tasks(call: Call) -> Listing:
    """As many tasks as `limit` says, at most a hundred; where instants are equal, the order is the dialect's."""
    workspace = call.workspace()
    call.paid(workspace, "search")
    limits, world, dialect = call.limits, call.world, call.dialect
    me = call.viewer.user.gid if call.viewer.user else ""
    query = dict(call.query)
    if query.get("assignee.any") == NOBODY and dialect.search_unassigned != "taken":
        if dialect.search_unassigned == "refused":
            raise ApiError(400, f"assignee.any: Not a recognized ID: {NOBODY}")
        del query["assignee.any"]
    filters = Filters(
        query,
        inclusive=limits.search_inclusive,
        seconds=dialect.search_seconds,
        ahead=dialect.search_ahead,
        me=me,
    )
    if "portfolios.any" in call.query:
        filters.tests.append(in_portfolios(world, call.query["portfolios.any"].split(",")))
    search = Search(
        call.viewer,
        filters,
        dialect,
        by=call.query.get("sort_by", "modified_at"),
        ascending=call.flag("sort_ascending") or False,
        overlay=world.past.at(world.now() - limits.search_lag * 1000) if limits.search_lag else {},
        most=limit_of(call.query) or dialect.search_rows,
    )
    world.searches += 1
    found = search.found(world.index, workspace, SeededRandom(world.seed, world.searches))
    return Listing([world.tasks[task.gid] for task in found] if limits.search_fresh else found)


ROUTES = (Route("GET /workspaces/{workspace_gid}/tasks/search", TASK, tasks, "whole", budget="search"),)
