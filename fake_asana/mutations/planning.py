"""Change goals, portfolios and status updates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana import seeding
from fake_asana.model.statuses import StatusUpdate
from fake_asana.model.stories import Story
from fake_asana.model.story_history import COMMENT

if TYPE_CHECKING:
    from fake_asana.model.goals import Goal
    from fake_asana.model.portfolios import Portfolio
    from fake_asana.model.projects import Project
    from fake_asana.model.state import State


def post_status_update(state: State, parent_gid: str, text: str = "Läuft gut 🚀") -> str:
    """Report on a project, portfolio or goal and return the gid of the status update."""
    parent = status_parent(state, parent_gid)
    status = state.status_updates.add(StatusUpdate(*state.new_gid(), parent, state.now()))
    status.text = text
    parent.status = status
    state.record_event("added", status, parent=parent)
    state.record_event("changed", parent, field="current_status_update", untimestamped=True)
    return status.gid


def like_status_update(state: State, status_gid: str) -> None:
    """Have another person like a status update; no clock moves, and no event is documented."""
    status = state.status_updates.rows[status_gid]
    status.likers = [*status.likers, next(user for user in status.workspace.roster if user not in status.likers)]
    state.record_event("changed", status, parent=status.parent, field="likes", untimestamped=True, is_streamed=False)


def status_parent(state: State, gid: str) -> Project | Portfolio | Goal:
    """Return the project, portfolio or goal with this gid."""
    return state.projects.get(gid) or state.portfolios.rows.get(gid) or state.goals.rows[gid]


def advance_goal(state: State, goal_gid: str, value: float = 0.1 + 0.2) -> None:
    """Set the progress of a goal; goals have no clock."""
    goal = state.goals.rows[goal_gid]
    goal.metric = goal.metric or state.new_gid()[0]
    goal.current_value = value
    state.record_event("changed", goal, field="metric")


def comment_on_goal(state: State, goal_gid: str, text: str = "Weiter so 💪") -> str:
    """Comment on a goal and return the gid of the comment."""
    goal = state.goals.rows[goal_gid]
    gid, seed = state.new_gid()
    story = Story(gid, seed, goal, COMMENT, state.now())
    story.comment = text
    goal.stories.append(story)
    state.record_event("added", story, parent=goal)
    return gid


def put_in_portfolio(state: State, portfolio_gid: str, gid: str) -> str:
    """Put a project or portfolio in a portfolio and return the gid of the item, made of both gids."""
    portfolio = state.portfolios.rows[portfolio_gid]
    seeding.fill_portfolio(state, portfolio, [state.projects.get(gid) or state.portfolios.rows[gid]])
    item = state.portfolio_items.rows[f"{portfolio_gid}:{gid}"]
    state.record_event("added", item, parent=portfolio)
    return item.gid


def take_from_portfolio(state: State, portfolio_gid: str, gid: str) -> None:
    """Remove a project or portfolio from a portfolio."""
    item = state.portfolio_items.rows[f"{portfolio_gid}:{gid}"]
    state.portfolio_items.remove(item)
    state.record_event("deleted", item, parent=item.portfolio)
