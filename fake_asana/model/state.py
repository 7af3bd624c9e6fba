"""What a world holds, and its memory of what happened."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Any

from fake_asana.model.dialect import Dialect
from fake_asana.model.events import TOLD, Event, ownership
from fake_asana.model.gids import gid
from fake_asana.model.history import History, Trash
from fake_asana.model.index import Index
from fake_asana.model.resources import Collection
from fake_asana.model.seeded_random import SeededRandom, mix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_asana.model.access import Access
    from fake_asana.model.attachments import Attachment
    from fake_asana.model.clock import Clock
    from fake_asana.model.custom_fields import CustomField
    from fake_asana.model.custom_types import CustomType
    from fake_asana.model.goals import Goal, Period, Relationship
    from fake_asana.model.jobs import Job
    from fake_asana.model.kinds import Row, Typed
    from fake_asana.model.memberships import Membership
    from fake_asana.model.people import Team, TeamMembership, User, Workspace, WorkspaceMembership
    from fake_asana.model.portfolios import Item, Portfolio
    from fake_asana.model.projects import Brief, Project, Section, Tag
    from fake_asana.model.resources import Resource
    from fake_asana.model.resourcing import Allocation, Budget, Rate
    from fake_asana.model.staffing import Absence, Agent, Role
    from fake_asana.model.statuses import StatusUpdate
    from fake_asana.model.tasks import Task
    from fake_asana.model.templates import ProjectTemplate, TaskTemplate
    from fake_asana.model.tracking import Category, Entry, Timesheet


class State:
    """Every row of a world by kind and gid, its clock, the tokens, and the history of its changes."""

    access: Access

    def __init__(self, seed: int, clock: Clock) -> None:
        """An empty world."""
        self.seed, self.clock, self.lock = seed, clock, RLock()
        self.dialect = Dialect()
        self.serial, self.born = 0, self.now()
        self.history: list[Event] = []
        self.trash, self.forgotten = Trash(), 0
        self.jobs: dict[str, Job] = {}
        self.failing = self.downloads = 0
        self.looks: dict[str, int] = {}
        self.past, self.index, self.searches = History(), Index(self), 0
        self.workspaces: dict[str, Workspace] = {}
        self.users: dict[str, User] = {}
        self.workspace_memberships: dict[str, WorkspaceMembership] = {}
        self.teams: dict[str, Team] = {}
        self.team_memberships: dict[str, TeamMembership] = {}
        self.projects: dict[str, Project] = {}
        self.sections: dict[str, Section] = {}
        self.briefs: dict[str, Brief] = {}
        self.tags: dict[str, Tag] = {}
        self.custom_fields: dict[str, CustomField] = {}
        self.tasks: dict[str, Task] = {}
        self.ranks: dict[str, dict[str, int]] = {}
        self.files: dict[str, list[Attachment]] = {}
        self.hidden: set[str] = set()
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

    def now(self) -> int:
        """The world's time in milliseconds."""
        return int(self.clock() * 1000)

    def take(self, count: int = 1) -> int:
        """The first of `count` fresh serial numbers."""
        first = self.serial + 1
        self.serial += count
        return first

    def fresh(self) -> tuple[str, int]:
        """A new gid with its seed."""
        serial = self.take()
        return gid(serial), mix(self.seed, serial)

    def record(
        self,
        action: str,
        row: Typed,
        *,
        parent: Row | None = None,
        field: str | None = None,
        silent: bool = False,
        told: bool = True,
    ) -> None:
        """Remember what happened, at the world's time."""
        told = told and action != "shared" and row.resource_type in TOLD
        homes = ownership(row, parent) if told else frozenset[str]()
        event = Event(
            at=self.now(),
            action=action,
            row=row,
            resource_type=row.resource_type,
            parent=parent,
            field=field,
            silent=silent,
            told=told,
            ownership=homes,
            author=self.author(homes),
        )
        self.history.append(event)

    def forget_syncs(self) -> None:
        """Let every sync token of an event stream that was given out so far be too old."""
        self.forgotten += 1

    def author(self, ownership: frozenset[str]) -> User | None:
        """Who does the next thing: somebody of the workspace, now and then nobody."""
        dice = SeededRandom(self.seed, len(self.history), 11)
        roster = next((found.roster for gid, found in self.workspaces.items() if gid in ownership), ())
        return None if dice.chance(15) or not roster else dice.pick(roster)

    def under(self, row: Row) -> Iterator[Resource]:
        """All things that hang from a row."""
        for shelf in self.shelves:
            yield from shelf.of(row)
