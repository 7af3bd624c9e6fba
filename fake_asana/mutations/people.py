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
    """Add a new person to a workspace and return their gid."""
    user = User(*state.new_gid())
    state.users[user.gid] = user
    member = seeding.add_workspace_membership(state, state.workspaces[workspace_gid], user)
    member.created = state.now()
    state.record_event("added", user)
    state.record_event("added", member)
    state.record_event("added", TaskList(member))
    return user.gid


def remove_user(state: State, user_gid: str, workspace_gid: str) -> None:
    """Remove a person from a workspace and its teams; their tasks still name them."""
    workspace, user = state.workspaces[workspace_gid], state.users[user_gid]
    del user.workspaces[workspace_gid]
    for member in [member for member in workspace.members.values() if member.user is user]:
        del workspace.members[member.gid], state.workspace_memberships[member.gid]
        state.record_event("deleted", member)
        state.record_event("deleted", TaskList(member))
    for absence in [absence for absence in state.absences.of(user) if absence.workspace is workspace]:
        state.absences.remove(absence)
        state.record_event("deleted", absence)
    for team in workspace.teams.values():
        for membership in [membership for membership in team.members.values() if membership.user is user]:
            del team.members[membership.gid], state.team_memberships[membership.gid]
            state.record_event("deleted", membership)
    state.record_event("changed" if user.workspaces else "deleted", user)


def add_team(state: State, workspace_gid: str, name: str = "New team ✨") -> str:
    """Add a team with one member and return its gid."""
    workspace = state.workspaces[workspace_gid]
    team = seeding.seed_team(state, workspace, name)
    state.record_event("added", team)
    state.record_event("added", seeding.add_team_membership(state, team, workspace.roster[0]))
    return team.gid


def delete_team(state: State, team_gid: str) -> None:
    """Delete a team with its memberships; its projects have no team afterwards."""
    team = state.teams.pop(team_gid)
    del team.workspace.teams[team_gid]
    for member in team.members.values():
        del state.team_memberships[member.gid]
        state.record_event("deleted", member)
    for nested in team.settings:
        if state.custom_fields.pop(nested.row.field.gid, None):
            state.record_event("deleted", nested.row.field, is_streamed=False)
    for project in team.workspace.projects.values():
        if project.team is team:
            project.team, project.modified = None, state.now()
            state.record_event("changed", project, field="team")
    detach_team(state, team)
    state.record_event("deleted", team)


def detach_team(state: State, team: Team) -> None:
    """Remove a deleted team from memberships, goals and templates."""
    state.deleted.add(team.gid)
    for nested in team.settings:
        state.record_event("deleted", nested.row, is_streamed=False)
    for membership in [membership for membership in state.memberships if membership.member is team]:
        state.memberships.remove(membership)
        state.record_event("deleted", membership, is_streamed=False)
    named: list[Goal | ProjectTemplate] = [*state.goals, *state.project_templates]
    for owner in named:
        if owner.team is team:
            owner.team = None
            state.record_event("changed", owner, field="team")


def add_absence(state: State, user_gid: str, workspace_gid: str) -> str:
    """Add an absence that begins now and return its gid."""
    user = state.users[user_gid]
    absence = Absence(*state.new_gid(), state.workspaces[workspace_gid], user, state.now())
    state.absences.add(absence, user)
    state.record_event("added", absence)
    return absence.gid
