"""Operations on portfolios, goals and time periods."""

from __future__ import annotations

from collections import ChainMap
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fake_asana.messages import ApiError
from fake_asana.model.custom_fields import SETTING
from fake_asana.model.goals import GOAL, PERIOD, RELATIONSHIP, Goal, Period
from fake_asana.model.portfolios import ITEM, PORTFOLIO, Item, Portfolio, items_in
from fake_asana.server.call import Call, Route, list_in_workspace
from fake_asana.server.paging import Listing
from fake_asana.server.routes.people import team

if TYPE_CHECKING:
    from fake_asana.model.kinds import Row
    from fake_asana.model.people import Workspace

SUPPORTER_PARAMETERS = ("portfolio", "project", "task")
GOAL_PARENT_REQUIRED = "Must specify a workspace, a team, or a portfolio, project or task that goals are supported by"


def portfolio(call: Call) -> Portfolio:
    """Return a visible portfolio."""
    portfolio: Portfolio = call.find("portfolio", call.world.portfolios.rows, call.params["portfolio_gid"])
    return portfolio


def portfolios(call: Call) -> Listing:
    """Return the portfolios of a workspace for the service account; for a person only their own.

    `owner` restricts the list of a service account; a person's list ignores it.
    """
    call.require("workspace")
    workspace, owner = call.workspace(), call.viewer.user
    call.require_feature(workspace, Portfolio.feature)
    rows = call.world.portfolios.of(workspace)
    if call.viewer.service:
        owner = call.user(call.query["owner"]) if "owner" in call.query else None
        return Listing.sorted([row for row in rows if owner is None or row.owner is owner])
    status = call.dialect.access.ownerless_portfolios
    if status != HTTPStatus.OK and "owner" not in call.query:
        raise ApiError(status, "owner: Missing input")
    return Listing.sorted([row for row in rows if row.owner is owner])


def item_rank(item: Item) -> tuple[int, ...]:
    """Return the position of an item."""
    return (item.rank,)


def items(call: Call) -> Listing:
    """Return the visible items of a portfolio."""
    return Listing(sorted(items_in(call.world.portfolio_items, portfolio(call)), key=item_rank), item_rank)


def goal(call: Call) -> Goal:
    """Return one goal."""
    goal: Goal = call.find("goal", call.world.goals.rows, call.params["goal_gid"])
    return goal


def goals(call: Call) -> Listing:
    """Return the goals of a workspace, team or supporter, filtered by level and time periods."""
    rows = goals_of_holder(call)
    level, spans = call.flag("is_workspace_level"), call.query.get("time_periods", "").split(",")
    rows = [row for row in rows if level is None or (row.team is None) is level]
    if spans != [""]:
        rows = [row for row in rows if row.period and row.period.gid in spans]
    return Listing.sorted(rows)


def goals_of_holder(call: Call) -> list[Goal]:
    """Return the goals of the first holder in the query; ApiError 400 without one."""
    for name in SUPPORTER_PARAMETERS:
        if name in call.query:
            return goals_of_supporter(call, name)
    if "team" in call.query:
        goal_team = team(call, call.query["team"])
        return [row for row in goals_of_workspace(call, goal_team.workspace) if row.team is goal_team]
    if "workspace" not in call.query:
        raise ApiError(400, GOAL_PARENT_REQUIRED)
    return goals_of_workspace(call, call.workspace())


def goals_of_workspace(call: Call, workspace: Workspace) -> list[Goal]:
    """Return all goals of a workspace; ApiError 402 if its plan has no goals."""
    call.require_feature(workspace, Goal.feature)
    return call.world.goals.of(workspace)


def goals_of_supporter(call: Call, name: str) -> list[Goal]:
    """Return the goals of a supporter."""
    world = call.world
    holders = ChainMap[str, Any](world.portfolios.rows, world.projects, world.tasks)
    row: Row = call.find(name, holders, call.query[name])
    return [link.goal for link in world.goal_relationships.of(row) if link.support is row]


def relationships(call: Call) -> Listing:
    """Return the supporters of a goal."""
    supported_goal: Goal = call.find("supported_goal", call.world.goals.rows, call.require("supported_goal"))
    kind = call.query.get("resource_subtype")
    rows = [link for link in call.world.goal_relationships.of(supported_goal) if link.goal is supported_goal]
    return Listing.sorted(
        [row for row in rows if kind is None or RELATIONSHIP.compact_record(row)["resource_subtype"] == kind]
    )


def holder_settings(call: Call) -> Listing:
    """Return the fields of a portfolio or a goal."""
    holder = portfolio(call) if "portfolio_gid" in call.params else goal(call)
    call.require_feature(holder.workspace, "custom_fields")
    return Listing.sorted([nested.row for nested in holder.settings])


PLANNING_ROUTES = (
    Route("GET /portfolios", PORTFOLIO, portfolios),
    Route("GET /portfolios/{portfolio_gid}", PORTFOLIO, portfolio, "one"),
    Route("GET /portfolios/{portfolio_gid}/items", ITEM, items),
    Route("GET /portfolios/{portfolio_gid}/custom_field_settings", SETTING, holder_settings, full=True),
    Route("GET /goals", GOAL, goals),
    Route("GET /goals/{goal_gid}", GOAL, goal, "one"),
    Route("GET /goals/{goal_gid}/custom_field_settings", SETTING, holder_settings, full=True),
    Route("GET /goal_relationships", RELATIONSHIP, relationships),
    Route("GET /time_periods", PERIOD, list_in_workspace(lambda w: w.time_periods, Period.feature)),
)
