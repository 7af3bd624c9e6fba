"""The shelves of a world: all that hangs from workspaces, projects, portfolios, goals and tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_asana.model.resources import Shelf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_asana.model.absences import Absence
    from fake_asana.model.agents import Agent
    from fake_asana.model.custom_types import CustomType
    from fake_asana.model.goals import Goal, Relationship
    from fake_asana.model.kinds import Row
    from fake_asana.model.memberships import Membership
    from fake_asana.model.periods import Period
    from fake_asana.model.portfolios import Item, Portfolio
    from fake_asana.model.resources import Thing
    from fake_asana.model.resourcing import Allocation, Budget, Rate
    from fake_asana.model.roles import Role
    from fake_asana.model.statuses import StatusUpdate
    from fake_asana.model.templates import ProjectTemplate, TaskTemplate
    from fake_asana.model.tracking import Category, Entry, Timesheet


class Holdings:
    """A shelf for each kind of thing, and the gids of what was deleted and took its things along."""

    def __init__(self) -> None:
        """Empty shelves."""
        self.gone: set[str] = set()
        self.memberships: Shelf[Membership] = Shelf()
        self.statuses: Shelf[StatusUpdate] = Shelf()
        self.project_templates: Shelf[ProjectTemplate] = Shelf()
        self.task_templates: Shelf[TaskTemplate] = Shelf()
        self.custom_types: Shelf[CustomType] = Shelf()
        self.portfolios: Shelf[Portfolio] = Shelf()
        self.items: Shelf[Item] = Shelf()
        self.goals: Shelf[Goal] = Shelf()
        self.relationships: Shelf[Relationship] = Shelf()
        self.periods: Shelf[Period] = Shelf()
        self.categories: Shelf[Category] = Shelf()
        self.entries: Shelf[Entry] = Shelf()
        self.timesheets: Shelf[Timesheet] = Shelf()
        self.allocations: Shelf[Allocation] = Shelf()
        self.budgets: Shelf[Budget] = Shelf()
        self.rates: Shelf[Rate] = Shelf()
        self.roles: Shelf[Role] = Shelf()
        self.agents: Shelf[Agent] = Shelf()
        self.absences: Shelf[Absence] = Shelf()
        self.shelves: list[Shelf[Any]] = [shelf for shelf in vars(self).values() if isinstance(shelf, Shelf)]

    def under(self, row: Row) -> Iterator[Thing]:
        """All things that hang from a row."""
        for shelf in self.shelves:
            yield from shelf.of(row)
