"""Operations on workspaces, users, teams and memberships."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.messages import ApiError
from fake_asana.model.people import TASK_LIST, TEAM, TEAM_MEMBERSHIP, USER, WORKSPACE, WORKSPACE_MEMBERSHIP, TaskList
from fake_asana.server.call import Call, Route
from fake_asana.server.paging import Listing

if TYPE_CHECKING:
    from fake_asana.model.people import Team, User, Workspace


def workspaces(call: Call) -> Listing:
    """Return the workspaces of the token."""
    return Listing.sorted([call.world.workspaces[gid] for gid in call.viewer.workspaces])


def active_users(workspace: Workspace) -> list[User]:
    """Return the active users of a workspace."""
    return [member.user for member in workspace.members.values() if member.active]


def users(call: Call) -> Listing:
    """Return the users of a workspace or team, by gid, without an upper limit."""
    if "team" in call.query:
        return Listing.sorted([membership.user for membership in team(call, call.query["team"]).members.values()])
    return Listing.sorted(active_users(call.workspace()))


def workspace_users(call: Call) -> Listing:
    """Return the users of a workspace by name, at most 2000."""
    return first_by_name(call, active_users(call.workspace()))


def team_users(call: Call) -> Listing:
    """Return the users of a team by name, at most 2000."""
    memberships = team(call, call.params["team_gid"]).members.values()
    return first_by_name(call, [membership.user for membership in memberships])


def first_by_name(call: Call, people: list[User]) -> Listing:
    """Return users by name, up to the limit of alphabetical lists."""
    return Listing(sorted(people, key=lambda user: (user.name, user.gid))[: call.limits.users])


def team(call: Call, gid: str) -> Team:
    """Return a visible team."""
    team: Team = call.find("team", call.world.teams, gid)
    return team


def teams(call: Call) -> Listing:
    """Return the teams of an organization; ApiError 400 for other workspaces."""
    workspace = call.workspace()
    if not workspace.organization:
        raise ApiError(400, f"workspace: Not an organization: {workspace.gid}")
    return Listing.sorted(list(workspace.teams.values()))


def user_teams(call: Call) -> Listing:
    """Return the teams of a user in an organization."""
    member, workspace = call.user(call.params["user_gid"]), call.workspace(call.query.get("organization"))
    memberships = [membership for team in workspace.teams.values() for membership in team.members.values()]
    return Listing.sorted([membership.team for membership in memberships if membership.user is member])


def team_memberships(call: Call) -> Listing:
    """Return the memberships of a team."""
    gid = call.params.get("team_gid") or call.query.get("team")
    if gid is None:
        raise ApiError(400, "Must specify a team, or a user and a workspace")
    return Listing.sorted(list(team(call, gid).members.values()))


def user_team_memberships(call: Call) -> Listing:
    """Return the memberships of a user in the teams of a workspace."""
    member, workspace = call.user(call.params["user_gid"]), call.workspace()
    memberships = [membership for team in workspace.teams.values() for membership in team.members.values()]
    return Listing.sorted([membership for membership in memberships if membership.user is member])


def workspace_memberships(call: Call) -> Listing:
    """Return the memberships of a workspace, including deactivated ones."""
    members = list(call.workspace().members.values())
    if "user" in call.query:
        user = call.user(call.query["user"])
        members = [member for member in members if member.user is user]
    return Listing.sorted(members)


def user(call: Call) -> User:
    """Return a user by gid or the token's own; a service account gets one outside all workspaces."""
    viewer = call.viewer
    return viewer.account if call.params["user_gid"] == "me" and viewer.account else call.user(call.params["user_gid"])


def task_list(call: Call) -> TaskList:
    """Return the My Tasks list of a user in a workspace; ApiError 404 for others than members."""
    owner = call.user(call.params["user_gid"])
    call.require("workspace")
    for member in call.workspace().members.values():
        if member.user is owner:
            return TaskList(member)
    raise ApiError(404, f"user: Not a member of the workspace: {owner.gid}")


PEOPLE_ROUTES = (
    Route("GET /workspaces", WORKSPACE, workspaces),
    Route("GET /workspaces/{workspace_gid}", WORKSPACE, lambda c: c.workspace(), "one"),
    Route("GET /workspaces/{workspace_gid}/users", USER, workspace_users, "none"),
    Route("GET /workspaces/{workspace_gid}/teams", TEAM, teams),
    Route("GET /workspaces/{workspace_gid}/workspace_memberships", WORKSPACE_MEMBERSHIP, workspace_memberships),
    Route("GET /users", USER, users),
    Route("GET /users/{user_gid}", USER, user, "one"),
    Route("GET /users/{user_gid}/user_task_list", TASK_LIST, task_list, "one"),
    Route("GET /users/{user_gid}/teams", TEAM, user_teams),
    Route("GET /users/{user_gid}/team_memberships", TEAM_MEMBERSHIP, user_team_memberships),
    Route("GET /teams/{team_gid}", TEAM, lambda c: team(c, c.params["team_gid"]), "one"),
    Route("GET /teams/{team_gid}/users", USER, team_users, "none"),
    Route("GET /teams/{team_gid}/team_memberships", TEAM_MEMBERSHIP, team_memberships),
    Route("GET /team_memberships", TEAM_MEMBERSHIP, team_memberships),
)
