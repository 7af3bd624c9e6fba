"""The state of a world: its rows, and the history of their changes."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Any

from fake_asana.model.dialect import Dialect
from fake_asana.model.events import EVENT_TYPES, Event, event_scope
from fake_asana.model.gids import gid
from fake_asana.model.history import PastTasks, Trash
from fake_asana.model.index import Index
from fake_asana.model.project_lists import PROJECT_LISTS
from fake_asana.model.resources import Collection
from fake_asana.model.seeded_random import SeededRandom, mix

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fake_asana.model.access import Access
    from fake_asana.model.attachments import Attachment
    from fake_asana.model.audit import AuditEntry
    from fake_asana.model.clock import Clock
    from fake_asana.model.custom_fields import CustomField
    from fake_asana.model.custom_types import CustomType
    from fake_asana.model.goals import Goal, Period, Relationship
    from fake_asana.model.jobs import Job
    from fake_asana.model.kinds import Record, Row, Typed
    from fake_asana.model.memberships import Membership
    from fake_asana.model.people import Team, TeamMembership, User, Workspace, WorkspaceMembership
    from fake_asana.model.portfolios import Item, Portfolio
    from fake_asana.model.project_lists import ProjectRow
    from fake_asana.model.projects import Brief, Project, Section, Tag
    from fake_asana.model.resources import Resource
    from fake_asana.model.resourcing import Allocation, Rate
    from fake_asana.model.staffing import Absence, Agent, Role
    from fake_asana.model.statuses import StatusUpdate
    from fake_asana.model.tasks import Task
    from fake_asana.model.templates import ProjectTemplate, TaskTemplate
    from fake_asana.model.tracking import Category, TimeEntry, Timesheet


class State:
    """Every row of a world by kind and gid, its clock, its tokens, and the history of its changes."""

    access: Access

    def __init__(self, seed: int, clock: Clock) -> None:
        """Create an empty world."""
        self.seed, self.clock, self.lock = seed, clock, RLock()
        self.dialect = Dialect()
        self.serial, self.created = 0, self.now()
        self.history: list[Event] = []
        self.trash, self.sync_token_epoch = Trash(), 0
        self.jobs: dict[str, Job] = {}
        self.exports_to_fail = self.download_count = 0
        self.job_views: dict[str, int] = {}
        self.written_files: dict[str, Sequence[bytes]] = {}
        self.past_entries: dict[str, tuple[Sequence[tuple[User, Record]], Sequence[AuditEntry]]] = {}
        self.past_tasks, self.index, self.search_count = PastTasks(), Index(self), 0
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
        self.hidden_projects: set[str] = set()
        self.deleted: set[str] = set()
        self.memberships: Collection[Membership] = Collection()
        self.status_updates: Collection[StatusUpdate] = Collection()
        self.project_templates: Collection[ProjectTemplate] = Collection()
        self.task_templates: Collection[TaskTemplate] = Collection()
        self.custom_types: Collection[CustomType] = Collection()
        self.portfolios: Collection[Portfolio] = Collection()
        self.portfolio_items: Collection[Item] = Collection()
        self.goals: Collection[Goal] = Collection()
        self.goal_relationships: Collection[Relationship] = Collection()
        self.time_periods: Collection[Period] = Collection()
        self.time_categories: Collection[Category] = Collection()
        self.time_entries: Collection[TimeEntry] = Collection()
        self.timesheets: Collection[Timesheet] = Collection()
        self.allocations: Collection[Allocation] = Collection()
        self.rates: Collection[Rate] = Collection()
        self.roles: Collection[Role] = Collection()
        self.agents: Collection[Agent] = Collection()
        self.absences: Collection[Absence] = Collection()
        self.collections: list[Collection[Any]] = [
            value for value in vars(self).values() if isinstance(value, Collection)
        ]
        self.project_rows: dict[str, Collection[ProjectRow]] = {each.stream: Collection() for each in PROJECT_LISTS}
        self.collections += self.project_rows.values()

    def now(self) -> int:
        """Return the world's time in milliseconds."""
        return int(self.clock() * 1000)

    def next_serial(self, count: int = 1) -> int:
        """Return the first of `count` new serial numbers."""
        first = self.serial + 1
        self.serial += count
        return first

    def new_gid(self) -> tuple[str, int]:
        """Return a new gid and its seed."""
        serial = self.next_serial()
        return gid(serial), mix(self.seed, serial)

    def record_event(
        self,
        action: str,
        row: Typed,
        *,
        parent: Row | None = None,
        field: str | None = None,
        untimestamped: bool = False,
        is_streamed: bool = True,
        change: str = "changed",
    ) -> None:
        """Record a change at the world's time; `change` says what it did to the field."""
        is_streamed = is_streamed and action != "shared" and row.resource_type in EVENT_TYPES
        scope = event_scope(row, parent) if is_streamed else frozenset[str]()
        event = Event(
            at=self.now(),
            action=action,
            row=row,
            resource_type=row.resource_type,
            parent=parent,
            field=field,
            untimestamped=untimestamped,
            is_streamed=is_streamed,
            change=change,
            scope=scope,
            author=self.pick_author(scope),
        )
        self.history.append(event)

    def expire_sync_tokens(self) -> None:
        """Expire every sync token given out so far."""
        self.sync_token_epoch += 1

    def pick_author(self, scope: frozenset[str]) -> User | None:
        """Return the author of the next change: a user of the workspace, sometimes nobody."""
        rng = SeededRandom(self.seed, len(self.history), 11)
        roster = next((workspace.roster for gid, workspace in self.workspaces.items() if gid in scope), ())
        return None if rng.chance(15) or not roster else rng.pick(roster)

    def resources_of(self, row: Row) -> Iterator[Resource]:
        """Yield all resources below a row."""
        for collection in self.collections:
            yield from collection.of(row)
