"""What a world holds, and its memory of what happened."""

from __future__ import annotations

from dataclasses import dataclass
from threading import RLock
from typing import TYPE_CHECKING

from fake_asana.model import event_scope
from fake_asana.model.collections import Collections
from fake_asana.model.dialect import Dialect
from fake_asana.model.event_scope import TOLD
from fake_asana.model.gids import gid
from fake_asana.model.history import History
from fake_asana.model.index import Index
from fake_asana.model.seeded_random import SeededRandom, mix
from fake_asana.model.trash import Trash

if TYPE_CHECKING:
    from fake_asana.model.attachments import Attachment
    from fake_asana.model.clock import Clock
    from fake_asana.model.custom_fields import CustomField
    from fake_asana.model.jobs import Job
    from fake_asana.model.kinds import Row, Typed
    from fake_asana.model.people import Team, TeamMembership, User, Workspace, WorkspaceMembership
    from fake_asana.model.projects import Brief, Project, Section
    from fake_asana.model.tags import Tag
    from fake_asana.model.tasks import Task


@dataclass(frozen=True)
class Event:
    """Something that happened to a row: added, changed, deleted, undeleted, purged, removed, or shared with somebody.

    A `silent` one moves no clock: only a read that looks at everything sees it. One that is `told`
    is in the event streams of its `homes`, by whoever did it (None for Asana itself), and may be in the audit log.
    """

    at: int
    action: str
    row: Row
    resource_type: str
    parent: Row | None
    field: str | None
    silent: bool
    told: bool
    ownership: frozenset[str]
    author: User | None

    @property
    def gid(self) -> str:
        """The gid of what it happened to."""
        return self.row.gid


class State(Collections):
    """Every row of a world by kind and gid, its clock, and the history of its changes."""

    def __init__(self, seed: int, clock: Clock) -> None:
        """An empty world."""
        super().__init__()
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
        ownership = event_scope.ownership(row, parent) if told else frozenset[str]()
        event = Event(
            at=self.now(),
            action=action,
            row=row,
            resource_type=row.resource_type,
            parent=parent,
            field=field,
            silent=silent,
            told=told,
            ownership=ownership,
            author=self.author(ownership),
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
