"""The shelves of a world: all that hangs from workspaces, projects, portfolios, goals and tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_asana.model.resources import Collection

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
    from fake_asana.model.resources import Resource
    from fake_asana.model.resourcing import Allocation, Budget, Rate
    from fake_asana.model.roles import Role
    from fake_asana.model.statuses import StatusUpdate
    from fake_asana.model.templates import ProjectTemplate, TaskTemplate
    from fake_asana.model.tracking import Category, Entry, Timesheet


class Collections:
    """A shelf for each kind of thing, and the gids of what was deleted and took its things along."""

    def __init__(self) -> None:
        """Empty shelves."""
        self.gone: set[str] = set()
        self.memberships: Collection[Membership] = Collection()
        self.statuses: Collection[StatusUpdate] = Collection()
        self.project_templates: Collection[ProjectTemplate] = Collection()
        self.task_templates: Collection[TaskTemplate] = Collection()
        self.custom_types: Collection[CustomType] = Collection()
        self.portfolios: Collection[Portfolio] = Collection()
        self.items: Collection[Item] = Collection()
        self.goals: Collection[Goal] = Collection()
        self.relationships: Collection[Relationship] = Collection()
        self.periods: Collection[Period] = Collection()
        self.categories: Collection[Category] = Collection()
        self.entries: Collection[Entry] = Collection()
        self.timesheets: Collection[Timesheet] = Collection()
        self.allocations: Collection[Allocation] = Collection()
        self.budgets: Collection[Budget] = Collection()
        self.rates: Collection[Rate] = Collection()
        self.roles: Collection[Role] = Collection()
        self.agents: Collection[Agent] = Collection()
        self.absences: Collection[Absence] = Collection()
        self.shelves: list[Collection[Any]] = [shelf for shelf in vars(self).values() if isinstance(shelf, Collection)]

    def under(self, row: Row) -> Iterator[Resource]:
        """All things that hang from a row."""
        for shelf in self.shelves:
            yield from shelf.of(row)
