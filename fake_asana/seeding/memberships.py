"""Seed the memberships of users and teams in projects, portfolios, goals, fields and types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model.custom_fields import CustomField
from fake_asana.model.custom_types import CustomType
from fake_asana.model.memberships import FieldMembership, Membership, TypeMembership

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fake_asana.model.memberships import Shared
    from fake_asana.model.people import Team, User, Workspace
    from fake_asana.model.projects import Project
    from fake_asana.model.state import State

SHARED_COUNT = 2  # shared fields and types of a workspace


def add_memberships(state: State, workspace: Workspace) -> None:
    """Add memberships to every shared resource of the workspace."""
    for project in workspace.projects.values():
        add_project_memberships(state, project)
    for portfolio in state.portfolios.of(workspace):
        share_with(state, portfolio, [portfolio.owner, *portfolio.members])
    for goal in state.goals.of(workspace):
        share_with(state, goal, [goal.owner, *goal.followers, goal.team])
    fields, types = list(workspace.custom_fields.values()), state.custom_types.of(workspace)
    shared: list[Shared] = [*fields[:SHARED_COUNT], *types[:SHARED_COUNT]]
    for parent in shared:
        share_with(state, parent, workspace.roster[:SHARED_COUNT])


def add_project_memberships(state: State, project: Project) -> list[Membership]:
    """Add memberships of a project's owner, members and team."""
    return share_with(state, project, [project.owner, *project.members, project.team])


def share_with(state: State, parent: Shared, members: Iterable[User | Team | None]) -> list[Membership]:
    """Add one membership for each of the members."""
    once = {member.gid: member for member in members if member is not None}
    return [state.memberships.add(new_membership(state, parent, member)) for member in once.values()]


def new_membership(state: State, parent: Shared, member: User | Team) -> Membership:
    """Return a membership of the class that its parent needs."""
    if isinstance(parent, CustomField):
        return FieldMembership(*state.new_gid(), parent, member)
    if isinstance(parent, CustomType):
        return TypeMembership(*state.new_gid(), parent, member)
    return Membership(*state.new_gid(), parent, member)
