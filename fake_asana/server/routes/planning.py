"""Operations on portfolios, goals and time periods."""

from __future__ import annotations

from collections import ChainMap
from typing import TYPE_CHECKING, Any

from fake_asana.messages import ApiError
from fake_asana.model.custom_fields import SETTING
from fake_asana.model.goals import GOAL, PERIOD, RELATIONSHIP, Goal, Period
from fake_asana.model.portfolios import ITEM, PORTFOLIO, Item, Portfolio, inside
from fake_asana.server.call import Call, Route, of_workspace
from fake_asana.server.paging import Listing
from fake_asana.server.routes.people import team

if TYPE_CHECKING:
    from fake_asana.model.kinds import Row
    from fake_asana.model.people import Workspace

SUPPORTS = ("portfolio", "project", "task")
SOMETHING = "Must specify a workspace, a team, or a portfolio, project or task that goals are supported by"


def portfolio(call: Call) -> Portfolio:
    """A portfolio that the token owns or is a member of; any for the service account."""
    found: Portfolio = call.find("portfolio", call.world.portfolios.rows, call.params["portfolio_gid"])
    return found


def portfolios(call: Call) -> Listing:
    """The portfolios of a workspace: all of them, or an owner's, for the service account; for a person only their own.

    A person gets their own whatever `owner` says.
    """
    call.needed("workspace")
    workspace, owner = call.workspace(), call.viewer.user
    call.paid(workspace, Portfolio.feature)
    rows = call.world.portfolios.of(workspace)
    if call.viewer.service:
        owner = call.user(call.query["owner"]) if "owner" in call.query else None
        return Listing.sorted([row for row in rows if owner is None or row.owner is owner])
    if call.world.access.owners_named and "owner" not in call.query:
        raise ApiError(call.world.access.owners_named, "owner: Missing input")
    return Listing.sorted([row for row in rows if row.owner is owner])


def rank(item: Item) -> tuple[int, ...]:
    """Items lie in a portfolio in the order in which they were put there."""
    return (item.rank,)


def items(call: Call) -> Listing:
    """What lies in a portfolio, as far as the token sees it."""
    return Listing(sorted(inside(call.world.items, portfolio(call)), key=rank), rank)


def goal(call: Call) -> Goal:
    """One goal."""
    found: Goal = call.find("goal", call.world.goals.rows, call.params["goal_gid"])
    return found


def goals(call: Call) -> Listing:
    """The goals of a workspace or team, or those that something supports, of some level or some time periods."""
    rows = chosen(call)
    level, spans = call.flag("is_workspace_level"), call.query.get("time_periods", "").split(",")
    rows = [row for row in rows if level is None or (row.team is None) is level]
    if spans != [""]:
        rows = [row for row in rows if row.period and row.period.gid in spans]
    return Listing.sorted(rows)


def chosen(call: Call) -> list[Goal]:
    """The goals by the first of the holders that the query names; ApiError 400 when it names none."""
    for name in SUPPORTS:
        if name in call.query:
            return supported(call, name)
    if "team" in call.query:
        found = team(call, call.query["team"])
        return [row for row in in_workspace(call, found.workspace) if row.team is found]
    if "workspace" not in call.query:
        raise ApiError(400, SOMETHING)
    return in_workspace(call, call.workspace())


def in_workspace(call: Call, workspace: Workspace) -> list[Goal]:
    """All goals of a workspace whose plan has any."""
    call.paid(workspace, Goal.feature)
    return call.world.goals.of(workspace)


def supported(call: Call, name: str) -> list[Goal]:
    """The goals that something supports."""
    world = call.world
    holders = ChainMap[str, Any](world.portfolios.rows, world.projects, world.tasks)
    row: Row = call.find(name, holders, call.query[name])
    return [link.goal for link in world.relationships.of(row) if link.support is row]


def relationships(call: Call) -> Listing:
    """What supports a goal."""
    found: Goal = call.find("supported_goal", call.world.goals.rows, call.needed("supported_goal"))
    kind = call.query.get("resource_subtype")
    rows = [link for link in call.world.relationships.of(found) if link.goal is found]
    return Listing.sorted([row for row in rows if kind is None or RELATIONSHIP.listed(row)["resource_subtype"] == kind])


def settings(call: Call) -> Listing:
    """The fields on a portfolio or a goal."""
    holder = portfolio(call) if "portfolio_gid" in call.params else goal(call)
    call.paid(holder.workspace, "custom_fields")
    return Listing.sorted([inside.row for inside in holder.settings])


ROUTES = (
    Route("GET /portfolios", PORTFOLIO, portfolios),
    Route("GET /portfolios/{portfolio_gid}", PORTFOLIO, portfolio, "one"),
    Route("GET /portfolios/{portfolio_gid}/items", ITEM, items),
    Route("GET /portfolios/{portfolio_gid}/custom_field_settings", SETTING, settings, full=True),
    Route("GET /goals", GOAL, goals),
    Route("GET /goals/{goal_gid}", GOAL, goal, "one"),
    Route("GET /goals/{goal_gid}/custom_field_settings", SETTING, settings, full=True),
    Route("GET /goal_relationships", RELATIONSHIP, relationships),
    Route("GET /time_periods", PERIOD, of_workspace(lambda w: w.periods, Period.feature)),
)
