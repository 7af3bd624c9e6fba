"""Seed roles, AI teammates, absences, and the resourcing of projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model.clock import DAY_MS
from fake_asana.model.project_lists import PROJECT_LISTS, RESOURCING_FEATURE
from fake_asana.model.resourcing import Allocation, Placeholder, Rate
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.staffing import STANDARD_ROLES, Absence, Agent, Role
from fake_asana.seeding.people import WORLD_AGE_MS

if TYPE_CHECKING:
    from fake_asana.model.people import User, Workspace
    from fake_asana.model.projects import Project
    from fake_asana.model.state import State

AGENT_NAMES = ("Triage 🤖", "Übersetzer")


def add_staffing(state: State, workspace: Workspace) -> None:
    """Add absences, and the roles, teammates and resourcing in the workspace's plan."""
    for user in workspace.roster:
        if workspace.gid in user.workspaces:
            add_absences(state, workspace, user)
    if "roles" not in workspace.missing_features:
        add_roles(state, workspace)
    if "agents" not in workspace.missing_features:
        for name in AGENT_NAMES:
            state.agents.add(Agent(*state.new_gid(), workspace, name))
    if RESOURCING_FEATURE not in workspace.missing_features:
        placeholders = [Placeholder(state.new_gid()[0], name) for name in ("Designer (offen)", "数据分析")]
        for index, project in enumerate(workspace.projects.values()):
            add_resourcing(state, project, [*workspace.roster, *placeholders], 40 if index else 100)


def add_absences(state: State, workspace: Workspace, user: User) -> None:
    """Add past and future absences of one person; many have none."""
    rng = SeededRandom(user.seed, 40)
    for _ in range(rng.below(3)):
        start = state.now() + (rng.below(400) - 300) * DAY_MS
        state.absences.add(Absence(*state.new_gid(), workspace, user, start), user)


def add_roles(state: State, workspace: Workspace) -> None:
    """Add Asana's standard roles, a custom one, and an archived one."""
    for name, base in STANDARD_ROLES:
        state.roles.add(Role(*state.new_gid(), workspace, name, base))
    for name in ("Freelancer (extern)", "Früher"):
        role = state.roles.add(Role(*state.new_gid(), workspace, name, "member", state.now() - WORLD_AGE_MS // 4))
        role.archived = name == "Früher"


def add_resourcing(state: State, project: Project, people: list[User | Placeholder], percent: int) -> None:
    """Add a row of each of PROJECT_LISTS, rates and allocations to a project, each with some chance."""
    rng = SeededRandom(project.seed, 50)
    for each in PROJECT_LISTS:
        if rng.chance(percent):
            state.project_rows[each.stream].add(each.row_type(*state.new_gid(), project))
    for resource in [people[0], *rng.sample(people[1:], 3)] if rng.chance(percent) else []:
        state.rates.add(Rate(*state.new_gid(), project, resource))
    for resource in [*rng.sample(people[:-1], 3), people[-1]] if rng.chance(percent) else []:
        state.allocations.add(Allocation(*state.new_gid(), project, resource))
