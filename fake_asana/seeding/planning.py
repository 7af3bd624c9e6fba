"""Portfolios, goals, time periods and status updates of a workspace."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from fake_asana.model.clock import DAY, moment
from fake_asana.model.custom_fields import LOCAL
from fake_asana.model.goals import HALVES, QUARTERS, Goal, Period, Relationship
from fake_asana.model.portfolios import Item, Portfolio, inside
from fake_asana.model.seeded_random import SeededRandom, mix
from fake_asana.model.statuses import StatusUpdate
from fake_asana.model.stories import Story
from fake_asana.seeding.people import AGE
from fake_asana.seeding.projects import add_field, settle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fake_asana.model.goals import Support
    from fake_asana.model.people import Workspace
    from fake_asana.model.projects import Project
    from fake_asana.model.state import State
    from fake_asana.seeding.sizes import Sizes

MUCH = 101  # status updates of the first project that has any: one more than a page
TOLD = ("comment_added", "comment_added", "name_changed", "due_date_changed")


def planning(state: State, workspace: Workspace, sizes: Sizes, share: float) -> None:
    """What the workspace aims at, where its plan knows of it, and what was reported on it."""
    if "portfolios" not in workspace.lacks:
        portfolios(state, workspace, sizes, round(sizes.portfolios * share))
    if "goals" not in workspace.lacks:
        periods(state, workspace)
        goals(state, workspace, sizes, round(sizes.goals * share))
    reports(state, workspace)


def portfolios(state: State, workspace: Workspace, sizes: Sizes, count: int) -> None:
    """Portfolios in turn: of the token's person, empty, shared with them, of others; the first holds the next two."""
    me, others = workspace.roster[0], workspace.roster[1:]
    made = [Portfolio(*state.fresh(), workspace, state.now() - AGE // 2) for _ in range(count)]
    for at, portfolio in enumerate(made):
        dice = SeededRandom(portfolio.seed, 2)
        portfolio.owner = me if at % 4 < 2 else dice.pick(others)  # noqa: PLR2004 - the first two of four
        portfolio.members = [*([me] if at % 4 == 2 else []), *dice.some(others, 3)]  # noqa: PLR2004 - the third of four
        portfolio.templates = dice.some(state.project_templates.of(workspace), 2)
        state.portfolios.add(portfolio)
        fit(state, portfolio, sizes)
        projects = [project for project in workspace.projects.values() if project.gid not in state.hidden]
        fill(state, portfolio, [] if at % 4 == 1 else dice.some(projects, 8))
    if made:
        secret = sorted(state.hidden & set(workspace.projects))
        fill(state, made[0], [*made[2:4], *[state.projects[gid] for gid in secret]])


def fill(state: State, portfolio: Portfolio, things: Sequence[Project | Portfolio]) -> None:
    """Lay things at the end of a portfolio, each once, and not in itself."""
    for thing in things:
        rank = len(inside(state.items, portfolio))
        if thing is not portfolio and f"{portfolio.gid}:{thing.gid}" not in state.items.rows:
            state.items.add(Item(mix(portfolio.seed, thing.seed), portfolio, thing, rank))


def fit(state: State, holder: Portfolio | Goal, sizes: Sizes) -> None:
    """Put fields on something: some of the library, and perhaps one of its own."""
    dice = SeededRandom(holder.seed, 3)
    for field in dice.some(list(holder.workspace.custom_fields.values()), 3):
        settle(state, holder, field)
    if dice.chance(sizes.own_fields):
        settle(state, holder, add_field(state, holder.workspace, dice.pick(LOCAL), owner=holder))


def periods(state: State, workspace: Workspace) -> None:
    """The fiscal years around now, each with its halves, and those with their quarters."""
    now = moment(state.now()).year
    for year in (now - 1, now):
        whole = state.periods.add(Period(*state.fresh(), workspace, year, "FY", None))
        halves = [state.periods.add(Period(*state.fresh(), workspace, year, name, whole)) for name in HALVES]
        for at, name in enumerate(QUARTERS):
            state.periods.add(Period(*state.fresh(), workspace, year, name, halves[at // 2]))


def goals(state: State, workspace: Workspace, sizes: Sizes, count: int) -> None:
    """Goals of the organization and of teams; two are private, one of those for the token's person too."""
    for at in range(count):
        goal = state.goals.add(Goal(*state.fresh(), workspace, state.now() - AGE // 3 + at * DAY))
        dice = SeededRandom(goal.seed, 2)
        goal.team = dice.pick(list(workspace.teams.values())) if dice.chance(40) else None
        goal.period = dice.pick(state.periods.of(workspace)) if dice.chance(70) else None
        goal.metric = state.fresh()[0] if at % 3 else None
        fit(state, goal, sizes)
        goal.private = at in {1, count - 1}
        if goal.private:
            strangers = workspace.roster[1:]
            goal.owner, goal.followers = strangers[0], [workspace.roster[0]] if at == 1 else strangers[:1]
        tell(state, goal, dice.below(2 * sizes.goal_stories) if sizes.goal_stories else 0)
    support(state, workspace)


def tell(state: State, goal: Goal, count: int) -> None:
    """Stories under a goal, a day apart."""
    for at in range(count):
        gid, seed = state.fresh()
        goal.stories.append(Story(gid, seed, goal, TOLD[seed % len(TOLD)], goal.created + at * DAY))


def support(state: State, workspace: Workspace) -> None:
    """What supports the goals: the first by things of every kind, the last by none, each of the others by some."""
    found = state.goals.of(workspace)
    projects = list(workspace.projects.values())
    for goal, subgoal in pairwise(found):
        dice = SeededRandom(goal.seed, 5)
        choice: list[Support] = [*projects[:2], *projects[-1:], *state.portfolios.of(workspace)[:1]]
        choice += [subgoal, *workspace.scenery.tasks[:1]]
        for thing in choice if goal is found[0] else dice.some(choice, 4):
            state.relationships.add(Relationship(*state.fresh(), goal, thing))


def reports(state: State, workspace: Workspace) -> None:
    """Older reports on the projects that have a newest one, and reports on some portfolios and goals."""
    often = MUCH - 1 if workspace is next(iter(state.workspaces.values())) else 0
    for project in workspace.projects.values():
        if project.status:
            for at in range(often or project.seed % 4):
                age = (at + 1) * (project.modified - project.created) // MUCH
                state.statuses.add(StatusUpdate(*state.fresh(), project, project.modified - age))
            often = 0
    holders: list[Portfolio | Goal] = [*state.portfolios.of(workspace), *state.goals.of(workspace)]
    for at, holder in enumerate(holders):
        for week in range(at % 3):
            holder.status = StatusUpdate(*state.fresh(), holder, holder.created + (week + 1) * 7 * DAY)
            state.statuses.add(holder.status)
