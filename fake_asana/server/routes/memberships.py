"""Operations on memberships, and the older ones of portfolios."""

from __future__ import annotations

from collections import ChainMap
from typing import TYPE_CHECKING, Any

from fake_asana.messages import ApiError
from fake_asana.model.memberships import LISTED_MEMBERSHIP, PORTFOLIO_MEMBERSHIP
from fake_asana.model.portfolios import Portfolio
from fake_asana.server.call import Call, Route
from fake_asana.server.paging import Listing
from fake_asana.server.routes.people import team

if TYPE_CHECKING:
    from fake_asana.model.memberships import Membership
    from fake_asana.world import World

PROJECTS = "project_membership"
WANTED = "Must specify a parent, or a team as member with resource_subtype=project_membership"
OLD_WANTED = "Must specify portfolio, portfolio and user, or workspace and user"


def parents(world: World) -> ChainMap[str, Any]:
    """Return every possible parent of memberships, by gid."""
    shelves = world.portfolios.rows, world.goals.rows, world.custom_types.rows
    return ChainMap(world.projects, *shelves, world.custom_fields)


def memberships(call: Call) -> Listing:
    """Return the memberships in one parent, of all or of one member; or those of a team in projects."""
    if "parent" not in call.query:
        return of_team(call)
    parent = call.find("parent", parents(call.world), call.query["parent"])
    rows = call.world.memberships.of(parent)
    member = call.query.get("member")
    return Listing.sorted([row for row in rows if member in {None, row.member.gid}])


def of_team(call: Call) -> Listing:
    """Return the memberships of a team in projects; ApiError 400 for other queries."""
    if "member" not in call.query or call.query.get("resource_subtype") != PROJECTS:
        raise ApiError(400, WANTED)
    member_team = team(call, call.query["member"])
    rows = call.world.memberships.of(member_team.workspace)
    return Listing.sorted([row for row in rows if row.member is member_team and row.subtype == PROJECTS])


def portfolio_memberships(call: Call) -> Listing:
    """Return the memberships in a portfolio, or those of a user in the portfolios of a workspace."""
    if "portfolio" in call.query:
        parent = call.find("portfolio", call.world.portfolios.rows, call.query["portfolio"])
        return of_people(call, call.world.memberships.of(parent))
    if not {"workspace", "user"} <= call.query.keys():
        raise ApiError(400, OLD_WANTED)
    workspace = call.workspace()
    call.require_feature(workspace, Portfolio.feature)
    return of_people(call, call.world.memberships.of(workspace))


def of_people(call: Call, rows: list[Membership]) -> Listing:
    """Return the portfolio memberships of users, or of one; a service account has none."""
    name = call.query.get("user")
    if name == "me" and call.viewer.service and not call.world.access.refuses_me:
        return Listing([])
    user = call.user(name) if name else None
    user_rows = (row for row in rows if row.subtype == "portfolio_membership" and row.member.resource_type == "user")
    return Listing.sorted([row for row in user_rows if user in {None, row.member}])


ROUTES = (
    Route("GET /memberships", LISTED_MEMBERSHIP, memberships, fixed=True),
    Route("GET /portfolio_memberships", PORTFOLIO_MEMBERSHIP, portfolio_memberships),
)
