"""Workspaces with their people, teams and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model.clock import DAY
from fake_asana.model.people import Team, TeamMembership, User, Workspace, WorkspaceMembership
from fake_asana.model.projects import Section, Tag
from fake_asana.model.seeded_random import SeededRandom

if TYPE_CHECKING:
    from fake_asana.model.state import State
    from fake_asana.seeding.sizes import Sizes

NAMES = ("Nordwind & Söhne", "Fjord Labs", "Third Rail", "Quartz")
AGE = 1000 * DAY
GUESTS = range(7, 1_000_000, 10)


def shares(count: int) -> list[float]:
    """Which part of the world each workspace holds: the first most, the last (no organization) little."""
    if count == 1:
        return [1.0]
    middle = [0.22 / (count - 2)] * (count - 2) if count > 2 else []  # noqa: PLR2004 - first and last
    return [0.92 - sum(middle), *middle, 0.08]


def people(state: State, sizes: Sizes) -> list[tuple[Workspace, float]]:
    """The workspaces, each with its share of the world, its people, teams and tags."""
    me = join_world(state)
    found = []
    for at, share in enumerate(shares(sizes.workspaces)):
        organization = sizes.workspaces == 1 or at < sizes.workspaces - 1
        workspace = workspace_at(state, at, organization=organization)
        staff(state, workspace, me, max(4, round(sizes.users * share)))
        if organization:
            teams(state, workspace, max(2, round(sizes.teams * share)))
        for _ in range(max(2, round(sizes.tags * share))):
            tag(state, workspace)
        found.append((workspace, share))
    return found


def workspace_at(state: State, at: int, *, organization: bool) -> Workspace:
    """The workspace at its place among all."""
    gid, seed = state.fresh()
    name = NAMES[at % len(NAMES)] if organization else "Personal Projects"
    workspace = Workspace(gid, seed, name, organization=organization)
    state.workspaces[gid] = workspace
    return workspace


def join_world(state: State) -> User:
    """The person behind the token: with a shelf for the tasks that are theirs."""
    user = User(*state.fresh())
    user.shelf = Section(state.fresh()[0], "Recently assigned", None, 0, state.now() - AGE)
    state.users[user.gid] = user
    return user


def staff(state: State, workspace: Workspace, me: User, count: int) -> None:
    """Let `count` people belong to the workspace: the token's own, one from the workspace before, and new ones.

    The last of an organization has been deactivated.
    """
    workspace.roster = [me, *list(state.users.values())[1:2]]
    while len(workspace.roster) < count:
        user = User(*state.fresh())
        state.users[user.gid] = user
        workspace.roster.append(user)
    for at, user in enumerate(workspace.roster):
        member = join(state, workspace, user)
        member.admin, member.guest = at == 0, at in GUESTS
    if workspace.organization:
        member.active = False
        del user.workspaces[workspace.gid]


def join(state: State, workspace: Workspace, user: User) -> WorkspaceMembership:
    """Make a person a member."""
    gid, seed = state.fresh()
    created = state.now() - AGE + SeededRandom(seed, 1).below(900) * DAY
    member = WorkspaceMembership((gid, state.fresh()[0]), seed, user, workspace, created)
    state.workspace_memberships[gid] = workspace.members[gid] = member
    user.workspaces[workspace.gid] = workspace
    return member


def teams(state: State, workspace: Workspace, count: int) -> None:
    """Teams of several sizes; the last one has nobody."""
    for at in range(count):
        team = add_team(state, workspace, f"Team {at} Größe")
        dice = SeededRandom(team.seed, 3)
        for user in workspace.roster[:-1] if at == 0 else dice.some(workspace.roster[:-1], 12 if at < count - 1 else 0):
            add_member(state, team, user)


def add_team(state: State, workspace: Workspace, name: str) -> Team:
    """A new team of an organization."""
    team = Team(*state.fresh(), name, workspace)
    state.teams[team.gid] = workspace.teams[team.gid] = team
    return team


def add_member(state: State, team: Team, user: User) -> TeamMembership:
    """Make a person a member of a team."""
    member = TeamMembership(*state.fresh(), user, team)
    state.team_memberships[member.gid] = team.members[member.gid] = member
    return member


def tag(state: State, workspace: Workspace) -> Tag:
    """A new tag."""
    made = Tag(*state.fresh(), workspace, state.now() - AGE // 2)
    state.tags[made.gid] = workspace.tags[made.gid] = made
    workspace.scenery.tags.append(made)
    return made
