"""Change goals, portfolios and status updates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana import seeding
from fake_asana.model.statuses import StatusUpdate
from fake_asana.model.stories import COMMENT, Story

if TYPE_CHECKING:
    from fake_asana.model.goals import Goal
    from fake_asana.model.portfolios import Portfolio
    from fake_asana.model.projects import Project
    from fake_asana.model.state import State


def post_status_update(state: State, parent_gid: str, text: str = "Läuft gut 🚀") -> str:
    """Report on a project, portfolio or goal; the gid of the status update, which is its newest now."""
    parent = status_parent(state, parent_gid)
    status = state.statuses.add(StatusUpdate(*state.fresh(), parent, state.now()))
    status.text = text
    parent.status = status
    state.record("added", status, parent=parent)
    state.record("changed", parent, field="current_status_update", silent=True)
    return status.gid


def status_parent(state: State, gid: str) -> Project | Portfolio | Goal:
    """Whatever reports can be about."""
    return state.projects.get(gid) or state.portfolios.rows.get(gid) or state.goals.rows[gid]


def advance_goal(state: State, goal_gid: str, value: float = 0.1 + 0.2) -> None:
    """Set how far a goal has come; goals have no clock."""
    goal = state.goals.rows[goal_gid]
    goal.metric = goal.metric or state.fresh()[0]
    goal.reached = value
    state.record("changed", goal, field="metric")


def comment_on_goal(state: State, goal_gid: str, text: str = "Weiter so 💪") -> str:
    """Comment on a goal; the gid of the comment."""
    goal = state.goals.rows[goal_gid]
    gid, seed = state.fresh()
    story = Story(gid, seed, goal, COMMENT, state.now())
    story.text = text
    goal.stories.append(story)
    state.record("added", story, parent=goal)
    return gid


def put_in_portfolio(state: State, portfolio_gid: str, gid: str) -> str:
    """Lay a project or portfolio in a portfolio; the key of the item, made of both gids."""
    portfolio = state.portfolios.rows[portfolio_gid]
    seeding.fill_portfolio(state, portfolio, [state.projects.get(gid) or state.portfolios.rows[gid]])
    item = state.items.rows[f"{portfolio_gid}:{gid}"]
    state.record("added", item, parent=portfolio)
    return item.gid


def take_from_portfolio(state: State, portfolio_gid: str, gid: str) -> None:
    """Take a project or portfolio out of a portfolio."""
    item = state.items.rows[f"{portfolio_gid}:{gid}"]
    state.items.drop(item)
    state.record("deleted", item, parent=item.portfolio)
