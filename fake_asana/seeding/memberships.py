"""Who shares what: the places of people and teams in projects, portfolios, goals, fields and types."""

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

SHARED = 2  # fields and types of a workspace that are shared by name


def memberships(state: State, workspace: Workspace) -> None:
    """The places in everything that the workspace holds."""
    for project in workspace.projects.values():
        admit(state, project)
    for portfolio in state.portfolios.of(workspace):
        enroll(state, portfolio, [portfolio.owner, *portfolio.members])
    for goal in state.goals.of(workspace):
        enroll(state, goal, [goal.owner, *goal.followers, goal.team])
    fields, types = list(workspace.custom_fields.values()), state.custom_types.of(workspace)
    shared: list[Shared] = [*fields[:SHARED], *types[:SHARED]]
    for parent in shared:
        enroll(state, parent, workspace.roster[:SHARED])


def admit(state: State, project: Project) -> list[Membership]:
    """The places in a project: of its owner, its members and its team."""
    return enroll(state, project, [project.owner, *project.members, project.team])


def enroll(state: State, parent: Shared, members: Iterable[User | Team | None]) -> list[Membership]:
    """A place for each of the members, once."""
    once = {member.gid: member for member in members if member is not None}
    return [state.memberships.add(place(state, parent, member)) for member in once.values()]


def place(state: State, parent: Shared, member: User | Team) -> Membership:
    """A place in the shape that its parent asks for."""
    if isinstance(parent, CustomField):
        return FieldMembership(*state.fresh(), parent, member)
    if isinstance(parent, CustomType):
        return TypeMembership(*state.fresh(), parent, member)
    return Membership(*state.fresh(), parent, member)
