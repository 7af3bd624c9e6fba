"""Who is there for the work: roles, AI teammates, absences, and what projects may cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model.clock import DAY
from fake_asana.model.resourcing import FEATURE, Allocation, Budget, Placeholder, Rate
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.staffing import STANDARD, Absence, Agent, Role
from fake_asana.seeding.people import AGE

if TYPE_CHECKING:
    from fake_asana.model.people import User, Workspace
    from fake_asana.model.projects import Project
    from fake_asana.model.state import State

AGENTS = ("Triage 🤖", "Übersetzer")


def staffing(state: State, workspace: Workspace) -> None:
    """People's absences, and what the plan knows of roles, teammates and costs."""
    for user in workspace.roster:
        if workspace.gid in user.workspaces:
            be_away(state, workspace, user)
    if "roles" not in workspace.lacks:
        roles(state, workspace)
    if "agents" not in workspace.lacks:
        for name in AGENTS:
            state.agents.add(Agent(*state.fresh(), workspace, name))
    if FEATURE not in workspace.lacks:
        helpers = [Placeholder(state.fresh()[0], name) for name in ("Designer (offen)", "数据分析")]
        for at, project in enumerate(workspace.projects.values()):
            resource(state, project, [*workspace.roster, *helpers], 40 if at else 100)


def be_away(state: State, workspace: Workspace, user: User) -> None:
    """Absences of one person: none for most, past and to come for others."""
    dice = SeededRandom(user.seed, 40)
    for _ in range(dice.below(3)):
        start = state.now() + (dice.below(400) - 300) * DAY
        state.absences.add(Absence(*state.fresh(), workspace, user, start), user)


def roles(state: State, workspace: Workspace) -> None:
    """Asana's own roles, one of the company's, and one that was archived."""
    for name, base in STANDARD:
        state.roles.add(Role(*state.fresh(), workspace, name, base))
    for name in ("Freelancer (extern)", "Früher"):
        role = state.roles.add(Role(*state.fresh(), workspace, name, "member", state.now() - AGE // 4))
        role.archived = name == "Früher"


def resource(state: State, project: Project, people: list[User | Placeholder], percent: int) -> None:
    """What a project may cost, what its people do, and who is set aside for it; each of it with some chance."""
    dice = SeededRandom(project.seed, 50)
    if dice.chance(percent):
        state.budgets.add(Budget(*state.fresh(), project))
    for somebody in [people[0], *dice.some(people[1:], 3)] if dice.chance(percent) else []:
        state.rates.add(Rate(*state.fresh(), project, somebody))
    for somebody in [*dice.some(people[:-1], 3), people[-1]] if dice.chance(percent) else []:
        state.allocations.add(Allocation(*state.fresh(), project, somebody))
