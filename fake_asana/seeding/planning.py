"""Seed portfolios, goals, time periods and status updates."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from fake_asana.model.clock import DAY_MS, to_datetime
from fake_asana.model.custom_fields import LOCAL_TYPES
from fake_asana.model.goals import HALVES, QUARTERS, Goal, Period, Relationship
from fake_asana.model.portfolios import Item, Portfolio, items_in
from fake_asana.model.seeded_random import SeededRandom, mix
from fake_asana.model.statuses import StatusUpdate
from fake_asana.model.stories import Story
from fake_asana.seeding.people import WORLD_AGE_MS
from fake_asana.seeding.projects import add_field, add_setting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fake_asana.model.goals import Support
    from fake_asana.model.people import Workspace
    from fake_asana.model.projects import Project
    from fake_asana.model.state import State
    from fake_asana.seeding.sizes import Sizes

MANY_STATUS_UPDATES = 101  # status updates of the first project with any: one more than a page
GOAL_STORY_SUBTYPES = ("comment_added", "comment_added", "name_changed", "due_date_changed")


def add_planning(state: State, workspace: Workspace, sizes: Sizes, share: float) -> None:
    """Add the planning resources in the workspace's plan, and status updates."""
    if "portfolios" not in workspace.missing_features:
        add_portfolios(state, workspace, sizes, round(sizes.portfolios * share))
    if "goals" not in workspace.missing_features:
        add_time_periods(state, workspace)
        add_goals(state, workspace, sizes, round(sizes.goals * share))
    add_status_updates(state, workspace)


def add_portfolios(state: State, workspace: Workspace, sizes: Sizes, count: int) -> None:
    """Add portfolios in turn: owned by the token's person, empty, shared with them, owned by others."""
    token_user, others = workspace.roster[0], workspace.roster[1:]
    portfolios = [Portfolio(*state.new_gid(), workspace, state.now() - WORLD_AGE_MS // 2) for _ in range(count)]
    for index, portfolio in enumerate(portfolios):
        rng = SeededRandom(portfolio.seed, 2)
        portfolio.owner = token_user if index % 4 < 2 else rng.pick(others)  # noqa: PLR2004 - the first two of four
        portfolio.members = [*([token_user] if index % 4 == 2 else []), *rng.sample(others, 3)]  # noqa: PLR2004 - the third of four
        portfolio.templates = rng.sample(state.project_templates.of(workspace), 2)
        state.portfolios.add(portfolio)
        add_settings(state, portfolio, sizes)
        projects = [project for project in workspace.projects.values() if project.gid not in state.hidden_projects]
        add_portfolio_items(state, portfolio, [] if index % 4 == 1 else rng.sample(projects, 8))
    if portfolios:
        hidden = sorted(state.hidden_projects & set(workspace.projects))
        add_portfolio_items(state, portfolios[0], [*portfolios[2:4], *[state.projects[gid] for gid in hidden]])


def add_portfolio_items(state: State, portfolio: Portfolio, resources: Sequence[Project | Portfolio]) -> None:
    """Add resources at the end of a portfolio, each once, and never the portfolio itself."""
    for resource in resources:
        rank = 1 + max((item.rank for item in items_in(state.portfolio_items, portfolio)), default=-1)
        if resource is not portfolio and f"{portfolio.gid}:{resource.gid}" not in state.portfolio_items.rows:
            state.portfolio_items.add(Item(mix(portfolio.seed, resource.seed), portfolio, resource, rank))


def add_settings(state: State, holder: Portfolio | Goal, sizes: Sizes) -> None:
    """Put some fields of the library on a row, and perhaps a local one."""
    rng = SeededRandom(holder.seed, 3)
    for field in rng.sample(list(holder.workspace.custom_fields.values()), 3):
        add_setting(state, holder, field)
    if rng.chance(sizes.own_fields):
        add_setting(state, holder, add_field(state, holder.workspace, rng.pick(LOCAL_TYPES), owner=holder))


def add_time_periods(state: State, workspace: Workspace) -> None:
    """Add the fiscal years around now, with their halves and quarters."""
    now = to_datetime(state.now()).year
    for year in (now - 1, now):
        fiscal_year = state.time_periods.add(Period(*state.new_gid(), workspace, year, "FY", None))
        halves = [
            state.time_periods.add(Period(*state.new_gid(), workspace, year, name, fiscal_year)) for name in HALVES
        ]
        for index, name in enumerate(QUARTERS):
            state.time_periods.add(Period(*state.new_gid(), workspace, year, name, halves[index // 2]))


def add_goals(state: State, workspace: Workspace, sizes: Sizes, count: int) -> None:
    """Add goals of the organization and of teams; two are private, one of these shared with the token's person."""
    for index in range(count):
        goal = state.goals.add(Goal(*state.new_gid(), workspace, state.now() - WORLD_AGE_MS // 3 + index * DAY_MS))
        rng = SeededRandom(goal.seed, 2)
        goal.team = rng.pick(list(workspace.teams.values())) if rng.chance(40) else None
        goal.period = rng.pick(state.time_periods.of(workspace)) if rng.chance(70) else None
        goal.metric = state.new_gid()[0] if index % 3 else None
        add_settings(state, goal, sizes)
        goal.private = index in {1, count - 1}
        if goal.private:
            other_users = workspace.roster[1:]
            goal.owner, goal.followers = other_users[0], [workspace.roster[0]] if index == 1 else other_users[:1]
        add_goal_stories(state, goal, rng.below(2 * sizes.goal_stories) if sizes.goal_stories else 0)
    add_relationships(state, workspace)


def add_goal_stories(state: State, goal: Goal, count: int) -> None:
    """Add stories to a goal, one for each day."""
    for index in range(count):
        gid, seed = state.new_gid()
        goal.stories.append(
            Story(gid, seed, goal, GOAL_STORY_SUBTYPES[seed % len(GOAL_STORY_SUBTYPES)], goal.created + index * DAY_MS)
        )


def add_relationships(state: State, workspace: Workspace) -> None:
    """Add supporters: of every kind for the first goal, none for the last, some for the others."""
    goals = state.goals.of(workspace)
    projects = list(workspace.projects.values())
    for goal, subgoal in pairwise(goals):
        rng = SeededRandom(goal.seed, 5)
        supporters: list[Support] = [*projects[:2], *projects[-1:], *state.portfolios.of(workspace)[:1]]
        supporters += [subgoal, *workspace.story_targets.tasks[:1]]
        for supporter in supporters if goal is goals[0] else rng.sample(supporters, 4):
            state.goal_relationships.add(Relationship(*state.new_gid(), goal, supporter))


def add_status_updates(state: State, workspace: Workspace) -> None:
    """Add older reports on projects with a newest one, and reports on some portfolios and goals."""
    count = MANY_STATUS_UPDATES - 1 if workspace is next(iter(state.workspaces.values())) else 0
    for project in workspace.projects.values():
        if project.status:
            for index in range(count or project.seed % 4):
                age = (index + 1) * (project.modified - project.created) // MANY_STATUS_UPDATES
                state.status_updates.add(StatusUpdate(*state.new_gid(), project, project.modified - age))
            count = 0
    holders: list[Portfolio | Goal] = [*state.portfolios.of(workspace), *state.goals.of(workspace)]
    for index, holder in enumerate(holders):
        for week in range(index % 3):
            holder.status = StatusUpdate(*state.new_gid(), holder, holder.created + (week + 1) * 7 * DAY_MS)
            state.status_updates.add(holder.status)
