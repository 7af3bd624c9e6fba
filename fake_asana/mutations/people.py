"""Change people, teams and absences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana import seeding
from fake_asana.model.people import TaskList, User
from fake_asana.model.staffing import Absence

if TYPE_CHECKING:
    from fake_asana.model.goals import Goal
    from fake_asana.model.people import Team
    from fake_asana.model.state import State
    from fake_asana.model.templates import ProjectTemplate


def add_user(state: State, workspace_gid: str) -> str:
    """A new person joins a workspace; their gid."""
    user = User(*state.fresh())
    state.users[user.gid] = user
    member = seeding.join(state, state.workspaces[workspace_gid], user)
    member.created = state.now()
    state.record("added", user)
    state.record("added", member)
    state.record("added", TaskList(member))
    return user.gid


def remove_user(state: State, user_gid: str, workspace_gid: str) -> None:
    """A person leaves a workspace and its teams; their tasks still name them."""
    workspace, user = state.workspaces[workspace_gid], state.users[user_gid]
    del user.workspaces[workspace_gid]
    for member in [member for member in workspace.members.values() if member.user is user]:
        del workspace.members[member.gid], state.workspace_memberships[member.gid]
        state.record("deleted", member)
        state.record("deleted", TaskList(member))
    for absence in [absence for absence in state.absences.of(user) if absence.workspace is workspace]:
        state.absences.drop(absence)
        state.record("deleted", absence)
    for team in workspace.teams.values():
        for place in [place for place in team.members.values() if place.user is user]:
            del team.members[place.gid], state.team_memberships[place.gid]
            state.record("deleted", place)
    state.record("changed" if user.workspaces else "deleted", user)


def add_team(state: State, workspace_gid: str, name: str = "New team ✨") -> str:
    """A new team with one member; its gid."""
    workspace = state.workspaces[workspace_gid]
    team = seeding.add_team(state, workspace, name)
    state.record("added", team)
    state.record("added", seeding.add_member(state, team, workspace.roster[0]))
    return team.gid


def delete_team(state: State, team_gid: str) -> None:
    """Delete a team: nobody is in it any more, and its projects belong to none."""
    team = state.teams.pop(team_gid)
    del team.workspace.teams[team_gid]
    for member in team.members.values():
        del state.team_memberships[member.gid]
        state.record("deleted", member)
    for inside in team.settings:
        if state.custom_fields.pop(inside.row.field.gid, None):
            state.record("deleted", inside.row.field, told=False)
    for project in team.workspace.projects.values():
        if project.team is team:
            project.team, project.modified = None, state.now()
            state.record("changed", project, field="team")
    detach_team(state, team)
    state.record("deleted", team)


def detach_team(state: State, team: Team) -> None:
    """Take a deleted team off everything that it was in, or that named it."""
    state.gone.add(team.gid)
    for inside in team.settings:
        state.record("deleted", inside.row, told=False)
    for membership in [membership for membership in state.memberships if membership.member is team]:
        state.memberships.drop(membership)
        state.record("deleted", membership, told=False)
    named: list[Goal | ProjectTemplate] = [*state.goals, *state.project_templates]
    for thing in named:
        if thing.team is team:
            thing.team = None
            state.record("changed", thing, field="team")


def add_absence(state: State, user_gid: str, workspace_gid: str) -> str:
    """Enter an absence of somebody that begins now; its gid."""
    user = state.users[user_gid]
    absence = Absence(*state.fresh(), state.workspaces[workspace_gid], user, state.now())
    state.absences.add(absence, user)
    state.record("added", absence)
    return absence.gid
