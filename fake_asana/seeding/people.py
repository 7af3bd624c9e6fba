"""Seed workspaces with people, teams and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model.clock import DAY_MS
from fake_asana.model.people import Team, TeamMembership, User, Workspace, WorkspaceMembership
from fake_asana.model.projects import Section, Tag
from fake_asana.model.seeded_random import SeededRandom

if TYPE_CHECKING:
    from fake_asana.model.state import State
    from fake_asana.seeding.sizes import Sizes

ORGANIZATION_NAMES = ("Nordwind & Söhne", "Fjord Labs", "Third Rail", "Quartz")
TEAM_NAMES = ("Entwicklung", "Design", "Marketing & Größe", "Operations", "Vertrieb", "People")
WORLD_AGE_MS = 1000 * DAY_MS
GUEST_INDEXES = range(7, 1_000_000, 10)


def shares(count: int) -> list[float]:
    """Return the share of each workspace: the first is the largest, the last (not an organization) is small."""
    if count == 1:
        return [1.0]
    middle = [0.22 / (count - 2)] * (count - 2) if count > 2 else []  # noqa: PLR2004 - first and last
    return [0.92 - sum(middle), *middle, 0.08]


def add_people(state: State, sizes: Sizes) -> list[tuple[Workspace, float]]:
    """Add the workspaces with people, teams and tags; return each with its share of the world."""
    token_user = add_token_user(state)
    workspaces = []
    for index, share in enumerate(shares(sizes.workspaces)):
        organization = sizes.workspaces == 1 or index < sizes.workspaces - 1
        workspace = add_workspace(state, index, organization=organization)
        add_members(state, workspace, token_user, max(4, round(sizes.users * share)))
        if organization:
            add_teams(state, workspace, max(2, round(sizes.teams * share)))
        for _ in range(max(2, round(sizes.tags * share))):
            seed_tag(state, workspace)
        workspaces.append((workspace, share))
    return workspaces


def add_workspace(state: State, index: int, *, organization: bool) -> Workspace:
    """Add the workspace at an index."""
    gid, seed = state.new_gid()
    name = ORGANIZATION_NAMES[index % len(ORGANIZATION_NAMES)] if organization else "Personal Projects"
    workspace = Workspace(gid, seed, name, organization=organization)
    state.workspaces[gid] = workspace
    return workspace


def add_token_user(state: State) -> User:
    """Add the token's person, with a My Tasks section."""
    user = User(*state.new_gid())
    user.my_tasks_section = Section(state.new_gid()[0], "Recently assigned", None, 0, state.now() - WORLD_AGE_MS)
    state.users[user.gid] = user
    return user


def add_members(state: State, workspace: Workspace, me: User, count: int) -> None:
    """Add `count` people to the workspace: the token's own, one of the previous workspace, and new ones.

    The last one of an organization is deactivated.
    """
    workspace.roster = [me, *list(state.users.values())[1:2]]
    while len(workspace.roster) < count:
        user = User(*state.new_gid())
        state.users[user.gid] = user
        workspace.roster.append(user)
    for index, user in enumerate(workspace.roster):
        member = add_workspace_membership(state, workspace, user)
        member.admin, member.guest = index == 0, index in GUEST_INDEXES
    if workspace.organization:
        member.active = False
        del user.workspaces[workspace.gid]


def add_workspace_membership(state: State, workspace: Workspace, user: User) -> WorkspaceMembership:
    """Make a person a member of a workspace."""
    gid, seed = state.new_gid()
    created = state.now() - WORLD_AGE_MS + SeededRandom(seed, 1).below(900) * DAY_MS
    member = WorkspaceMembership((gid, state.new_gid()[0]), seed, user, workspace, created)
    state.workspace_memberships[gid] = workspace.members[gid] = member
    user.workspaces[workspace.gid] = workspace
    return member


def add_teams(state: State, workspace: Workspace, count: int) -> None:
    """Add teams of several sizes; the last one is empty."""
    for index in range(count):
        name = TEAM_NAMES[index] if index < len(TEAM_NAMES) else f"Team {index} Größe"
        team = seed_team(state, workspace, name)
        rng = SeededRandom(team.seed, 3)
        for user in (
            workspace.roster[:-1] if index == 0 else rng.sample(workspace.roster[:-1], 12 if index < count - 1 else 0)
        ):
            add_team_membership(state, team, user)


def seed_team(state: State, workspace: Workspace, name: str) -> Team:
    """Add a team to an organization."""
    team = Team(*state.new_gid(), name, workspace)
    state.teams[team.gid] = workspace.teams[team.gid] = team
    return team


def add_team_membership(state: State, team: Team, user: User) -> TeamMembership:
    """Make a person a member of a team."""
    member = TeamMembership(*state.new_gid(), user, team)
    state.team_memberships[member.gid] = team.members[member.gid] = member
    return member


def seed_tag(state: State, workspace: Workspace) -> Tag:
    """Add a tag."""
    tag = Tag(*state.new_gid(), workspace, state.now() - WORLD_AGE_MS // 2)
    state.tags[tag.gid] = workspace.tags[tag.gid] = tag
    workspace.story_targets.tags.append(tag)
    return tag
