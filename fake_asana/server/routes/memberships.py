"""Operations on memberships, and the older ones of portfolios."""

from __future__ import annotations

from collections import ChainMap
from http import HTTPStatus
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

PROJECT_SUBTYPE = "project_membership"
PARENT_REQUIRED = "Must specify a parent, or a team as member with resource_subtype=project_membership"
PORTFOLIO_REQUIRED = "Must specify portfolio, portfolio and user, or workspace and user"


def membership_parents(world: World) -> ChainMap[str, Any]:
    """Return every possible parent of memberships, by gid."""
    collections = world.portfolios.rows, world.goals.rows, world.custom_types.rows
    return ChainMap(world.projects, *collections, world.custom_fields)


def memberships(call: Call) -> Listing:
    """Return the memberships in one parent, of all or of one member; or those of a team in projects."""
    if "parent" not in call.query:
        return team_memberships_in_projects(call)
    parent = call.find("parent", membership_parents(call.world), call.query["parent"])
    rows = call.world.memberships.of(parent)
    member = call.query.get("member")
    return Listing.sorted([row for row in rows if member in {None, row.member.gid}])


def team_memberships_in_projects(call: Call) -> Listing:
    """Return the memberships of a team in projects; ApiError 400 for other queries."""
    if "member" not in call.query or call.query.get("resource_subtype") != PROJECT_SUBTYPE:
        raise ApiError(400, PARENT_REQUIRED)
    member_team = team(call, call.query["member"])
    rows = call.world.memberships.of(member_team.workspace)
    return Listing.sorted([row for row in rows if row.member is member_team and row.subtype == PROJECT_SUBTYPE])


def portfolio_memberships(call: Call) -> Listing:
    """Return the memberships in a portfolio, or those of a user in the portfolios of a workspace."""
    if "portfolio" in call.query:
        parent = call.find("portfolio", call.world.portfolios.rows, call.query["portfolio"])
        return user_memberships(call, call.world.memberships.of(parent))
    if not {"workspace", "user"} <= call.query.keys():
        raise ApiError(400, PORTFOLIO_REQUIRED)
    workspace = call.workspace()
    call.require_feature(workspace, Portfolio.feature)
    return user_memberships(call, call.world.memberships.of(workspace))


def user_memberships(call: Call, rows: list[Membership]) -> Listing:
    """Return the portfolio memberships of users, or of one; a service account has none."""
    name, status = call.query.get("user"), call.dialect.access.service_memberships
    if name == "me" and call.viewer.service:
        if status != HTTPStatus.OK:
            raise ApiError(status, f"user: Not a recognized ID: {name}")
        return Listing([])
    user = call.user(name) if name else None
    user_rows = (row for row in rows if row.subtype == "portfolio_membership" and row.member.resource_type == "user")
    return Listing.sorted([row for row in user_rows if user in {None, row.member}])


MEMBERSHIP_ROUTES = (
    Route("GET /memberships", LISTED_MEMBERSHIP, memberships, fixed=True),
    Route("GET /portfolio_memberships", PORTFOLIO_MEMBERSHIP, portfolio_memberships),
)
