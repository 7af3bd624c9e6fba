"""Goals, portfolios and status updates as people change them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana import seeding
from fake_asana.model.state import State
from fake_asana.model.statuses import StatusUpdate
from fake_asana.model.stories import COMMENT, Story

if TYPE_CHECKING:
    from fake_asana.model.goals import Goal
    from fake_asana.model.portfolios import Portfolio
    from fake_asana.model.projects import Project


class PlanningDeeds(State):
    """What people do to plans."""

    def report(self, parent_gid: str, text: str = "Läuft gut 🚀") -> str:
        """Report on a project, portfolio or goal; the gid of the status update, which is its newest now."""
        parent = self.reported(parent_gid)
        status = self.statuses.add(StatusUpdate(*self.fresh(), parent, self.now()))
        status.text = text
        parent.status = status
        self.record("added", status, parent=parent)
        self.record("changed", parent, field="current_status_update", silent=True)
        return status.gid

    def reported(self, gid: str) -> Project | Portfolio | Goal:
        """Whatever reports can be about."""
        return self.projects.get(gid) or self.portfolios.rows.get(gid) or self.goals.rows[gid]

    def advance_goal(self, goal_gid: str, value: float = 0.1 + 0.2) -> None:
        """Set how far a goal has come; goals have no clock."""
        goal = self.goals.rows[goal_gid]
        goal.metric = goal.metric or self.fresh()[0]
        goal.reached = value
        self.record("changed", goal, field="metric")

    def comment_on_goal(self, goal_gid: str, text: str = "Weiter so 💪") -> str:
        """Comment on a goal; the gid of the comment."""
        goal = self.goals.rows[goal_gid]
        gid, seed = self.fresh()
        story = Story(gid, seed, goal, COMMENT, self.now())
        story.text = text
        goal.stories.append(story)
        self.record("added", story, parent=goal)
        return gid

    def put_in_portfolio(self, portfolio_gid: str, gid: str) -> str:
        """Lay a project or portfolio in a portfolio; the key of the item, made of both gids."""
        portfolio = self.portfolios.rows[portfolio_gid]
        seeding.fill_portfolio(self, portfolio, [self.projects.get(gid) or self.portfolios.rows[gid]])
        item = self.items.rows[f"{portfolio_gid}:{gid}"]
        self.record("added", item, parent=portfolio)
        return item.gid

    def take_from_portfolio(self, portfolio_gid: str, gid: str) -> None:
        """Take a project or portfolio out of a portfolio."""
        item = self.items.rows[f"{portfolio_gid}:{gid}"]
        self.items.drop(item)
        self.record("deleted", item, parent=item.portfolio)
