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
    """The workspaces of the token."""
    return Listing.sorted([call.world.workspaces[gid] for gid in call.viewer.workspaces])


def active(workspace: Workspace) -> list[User]:
    """Those who were not deactivated."""
    return [member.user for member in workspace.members.values() if member.active]


def users(call: Call) -> Listing:
    """The users of a workspace or of a team, by gid, without end."""
    if "team" in call.query:
        return Listing.sorted([place.user for place in team(call, call.query["team"]).members.values()])
    return Listing.sorted(active(call.workspace()))


def workspace_users(call: Call) -> Listing:
    """The users of a workspace by name: only the first two thousand."""
    return first_by_name(call, active(call.workspace()))


def team_users(call: Call) -> Listing:
    """The users of a team by name: only the first two thousand."""
    places = team(call, call.params["team_gid"]).members.values()
    return first_by_name(call, [place.user for place in places])


def first_by_name(call: Call, people: list[User]) -> Listing:
    """People by name up to where the alphabetical lists end."""
    return Listing(sorted(people, key=lambda user: (user.name, user.gid))[: call.limits.users])


def team(call: Call, gid: str) -> Team:
    """A team that the token sees."""
    found: Team = call.find("team", call.world.teams, gid)
    return found


def teams(call: Call) -> Listing:
    """The teams of an organization; ApiError 400 for a workspace that is none."""
    workspace = call.workspace()
    if not workspace.organization:
        raise ApiError(400, f"workspace: Not an organization: {workspace.gid}")
    return Listing.sorted(list(workspace.teams.values()))


def user_teams(call: Call) -> Listing:
    """The teams of a user in an organization."""
    member, workspace = call.user(call.params["user_gid"]), call.workspace(call.query.get("organization"))
    places = [place for team in workspace.teams.values() for place in team.members.values()]
    return Listing.sorted([place.team for place in places if place.user is member])


def team_memberships(call: Call) -> Listing:
    """The places in one team."""
    gid = call.params.get("team_gid") or call.query.get("team")
    if gid is None:
        raise ApiError(400, "Must specify a team, or a user and a workspace")
    return Listing.sorted(list(team(call, gid).members.values()))


def user_team_memberships(call: Call) -> Listing:
    """The places of one user in the teams of a workspace."""
    member, workspace = call.user(call.params["user_gid"]), call.workspace()
    places = [place for team in workspace.teams.values() for place in team.members.values()]
    return Listing.sorted([place for place in places if place.user is member])


def workspace_memberships(call: Call) -> Listing:
    """The places in a workspace, also of those who were deactivated."""
    members = list(call.workspace().members.values())
    if "user" in call.query:
        wanted = call.user(call.query["user"])
        members = [member for member in members if member.user is wanted]
    return Listing.sorted(members)


def user(call: Call) -> User:
    """A user by gid, or whoever asks; a service account is one too, though no workspace lists it."""
    viewer = call.viewer
    return viewer.account if call.params["user_gid"] == "me" and viewer.account else call.user(call.params["user_gid"])


def task_list(call: Call) -> TaskList:
    """The list of a user in a workspace; ApiError 404 when they are not in it."""
    owner = call.user(call.params["user_gid"])
    call.needed("workspace")
    for member in call.workspace().members.values():
        if member.user is owner:
            return TaskList(member)
    raise ApiError(404, f"user: Not a member of the workspace: {owner.gid}")


ROUTES = (
    Route("GET /workspaces", WORKSPACE, workspaces),
    Route("GET /workspaces/{workspace_gid}", WORKSPACE, lambda c: c.workspace(), "one"),
    Route("GET /workspaces/{workspace_gid}/users", USER, workspace_users, "whole"),
    Route("GET /workspaces/{workspace_gid}/teams", TEAM, teams),
    Route("GET /workspaces/{workspace_gid}/workspace_memberships", WORKSPACE_MEMBERSHIP, workspace_memberships),
    Route("GET /users", USER, users),
    Route("GET /users/{user_gid}", USER, user, "one"),
    Route("GET /users/{user_gid}/user_task_list", TASK_LIST, task_list, "one"),
    Route("GET /users/{user_gid}/teams", TEAM, user_teams),
    Route("GET /users/{user_gid}/team_memberships", TEAM_MEMBERSHIP, user_team_memberships),
    Route("GET /teams/{team_gid}", TEAM, lambda c: team(c, c.params["team_gid"]), "one"),
    Route("GET /teams/{team_gid}/users", USER, team_users, "whole"),
    Route("GET /teams/{team_gid}/team_memberships", TEAM_MEMBERSHIP, team_memberships),
    Route("GET /team_memberships", TEAM_MEMBERSHIP, team_memberships),
)
