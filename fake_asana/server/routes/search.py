"""The search for tasks of a workspace."""

from __future__ import annotations

from fake_asana.messages import ApiError
from fake_asana.model.filters import NOBODY, Filters, TaskTest
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.state import State
from fake_asana.model.tasks import TASK
from fake_asana.server.call import Call, Route
from fake_asana.server.paging import Listing, limit_of
from fake_asana.server.search import Search

NO_FILTERS = frozenset({"sort_by", "sort_ascending", "limit", "opt_fields", "opt_pretty"})
"""The parameters of a search that leave out no task."""


def in_portfolios(state: State, gids: list[str]) -> TaskTest:
    """Return a test for tasks in a project of some portfolios."""
    projects = {item.resource.gid for item in state.portfolio_items if item.portfolio.gid in gids}
    return lambda task: any(project.gid in projects for project in task.projects())


def search_tasks(call: Call) -> Listing:
    """Return up to `limit` tasks, at most 100; the dialect orders those of the same instant."""
    workspace = call.workspace()
    call.require_feature(workspace, "search")
    limits, world, dialect = call.limits, call.world, call.dialect
    me = call.viewer.user.gid if call.viewer.user else ""
    query = dict(call.query)
    if dialect.queries.needs_filter and NO_FILTERS.issuperset(query):
        raise ApiError(400, "You should specify at least one filter.")
    if query.get("assignee.any") == NOBODY and dialect.search_unassigned != "taken":
        if dialect.search_unassigned == "refused":
            raise ApiError(400, f"assignee.any: Not a recognized ID: {NOBODY}")
        del query["assignee.any"]
    if "assignee.not" in query and dialect.searches.excluded_people != "taken":
        if dialect.searches.excluded_people == "refused":
            raise ApiError(400, "assignee.not: Not a recognized parameter")
        del query["assignee.not"]
    filters = Filters(
        query,
        inclusive=limits.search_inclusive,
        seconds=dialect.search_whole_seconds,
        ahead=dialect.search_ahead_seconds,
        me=me,
        only_uploads=dialect.search_attachments == "uploads",
    )
    if "assignee.not" in query and dialect.search_not_unassigned:
        filters.tests.append(lambda task: task.assignee is not None)
    if "portfolios.any" in call.query:
        filters.tests.append(in_portfolios(world, call.query["portfolios.any"].split(",")))
    horizon = world.now() - limits.search_lag * 1000
    search = Search(
        call.viewer,
        filters,
        dialect,
        by=call.query.get("sort_by", "modified_at"),
        ascending=bool(call.flag("sort_ascending")) and dialect.searches.obeys_ascending,
        overlay=world.past_tasks.overlay_at(horizon) if limits.search_lag else {},
        horizon=horizon,
        most=min(limit_of(call.query) or dialect.search_rows, dialect.searches.max_rows),
    )
    world.search_count += 1
    results = search.results(world.index, workspace, SeededRandom(world.seed, world.search_count))
    return Listing([world.tasks.get(task.gid, task) for task in results] if limits.search_fresh else results)


SEARCH_ROUTES = (
    Route("GET /workspaces/{workspace_gid}/tasks/search", TASK, search_tasks, "none", rate_limit="search"),
)
