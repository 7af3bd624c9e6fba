"""Tracked time, its categories, and the approval of weekly timesheets."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fake_asana.model import texts
from fake_asana.model.clock import DAY_MS, format_day, format_instant
from fake_asana.model.kinds import Kind, Record, ref
from fake_asana.model.resources import Resource
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.tasks import task_ref

if TYPE_CHECKING:
    from fake_asana.model.people import User, Workspace
    from fake_asana.model.tasks import Task

APPROVAL_STATES = ("DRAFT", "SUBMITTED", "APPROVED", "REJECTED")
BILLABLE = ("billable", "nonBillable", "notApplicable")
CATEGORY_COLORS = ("blue", "hot-pink", "none")


class Category(Resource):
    """A category of time; a list returns either active or archived ones."""

    resource_type: ClassVar[str] = "time_tracking_category"
    feature: ClassVar[str] = "time_tracking"

    def __init__(self, gid: str, seed: int, workspace: Workspace, name: str, *, archived: bool) -> None:
        """Create a category."""
        super().__init__(gid, seed, workspace)
        self.name, self.archived = name, archived


class TimeEntry(Resource):
    """Time spent on a task."""

    resource_type: ClassVar[str] = "time_tracking_entry"
    feature: ClassVar[str] = "time_tracking"

    def __init__(self, gid: str, seed: int, task: Task, minutes: int, created: int) -> None:
        """Create an entry without categories, entered for the day of tracking or one shortly before."""
        super().__init__(gid, seed, task.workspace, task)
        self.task, self.minutes, self.created = task, minutes, created
        self.entered = created - seed % 3 * DAY_MS
        self.author = SeededRandom(seed, 1).pick(task.workspace.roster)
        self.categories: list[Category] = []

    @property
    def entered_on(self) -> str:
        """Return the day for which the time counts."""
        return str(format_day(self.entered))


class Timesheet(Resource):
    """One week of a person."""

    resource_type: ClassVar[str] = "timesheet_approval_status"
    feature: ClassVar[str] = "time_tracking"

    def __init__(self, gid: str, seed: int, workspace: Workspace, user: User, start: int) -> None:
        """Create the week from an instant on."""
        super().__init__(gid, seed, workspace)
        self.user, self.start = user, start


def category_ref(category: Category) -> Record:
    """Return a category in the form that entries use."""
    return CATEGORY.compact_record(category)


CATEGORY: Kind[Category] = Kind(
    "time_tracking_category",
    {
        "name": lambda c: c.name,
        "color": lambda c: CATEGORY_COLORS[c.seed % 3],
        "is_archived": lambda c: c.archived,
    },
    compact=("name", "color"),
)
ENTRY: Kind[TimeEntry] = Kind(
    "time_tracking_entry",
    {
        "duration_minutes": lambda e: e.minutes,
        "entered_on": lambda e: e.entered_on,
        "attributable_to": lambda e: ref(next(e.task.projects(), None)),
        "created_by": lambda e: ref(e.author),
        "categories": lambda e: [category_ref(category) for category in e.categories],
        "task": lambda e: task_ref(e.task),
        "created_at": lambda e: format_instant(e.created),
        "approval_status": lambda e: APPROVAL_STATES[e.seed % 4],
        "billable_status": lambda e: BILLABLE[e.seed // 4 % 3],
        "description": lambda e: texts.prose(SeededRandom(e.seed, 2)),
    },
    compact=("duration_minutes", "entered_on", "attributable_to", "created_by", "categories"),
)
TIMESHEET: Kind[Timesheet] = Kind(
    "timesheet_approval_status",
    {
        "created_at": lambda t: format_instant(t.start + t.seed % DAY_MS),
        "user": lambda t: ref(t.user),
        "workspace": lambda t: ref(t.workspace),
        "start_date": lambda t: format_day(t.start),
        "end_date": lambda t: format_day(t.start + 6 * DAY_MS),
        "approval_status": lambda t: APPROVAL_STATES[t.seed % 4],
    },
    compact=("created_at", "user", "workspace", "start_date", "end_date", "approval_status"),
)
