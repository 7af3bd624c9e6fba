"""Resourcing: allocations of people to projects, budgets and rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fake_asana.model.clock import DAY_MS, format_day
from fake_asana.model.kinds import Kind, Record, ref
from fake_asana.model.resources import Resource
from fake_asana.model.seeded_random import SeededRandom

if TYPE_CHECKING:
    from fake_asana.model.people import User
    from fake_asana.model.projects import Project

RESOURCING_FEATURE = "resourcing"
BILLABLE_FILTERS = ("billable", "non_billable", "any")
ESTIMATE_SOURCES = ("tasks", "capacity_plans")
AMOUNTS = (0, 480, 12.75, 1_234_567.89, 99_999_999_999.5)
EFFORTS: tuple[Record | None, ...] = (
    None,
    {"type": "hours", "value": 7.5},
    {"type": "percent", "value": 33.333333},
    {"type": "hours", "value": 99_999_999_999.5},
)


class Placeholder:
    """A role in a project that no person fills yet."""

    resource_type: ClassVar[str] = "placeholder"

    def __init__(self, gid: str, name: str) -> None:
        """Create a placeholder of this name."""
        self.gid, self.name = gid, name


class Allocation(Resource):
    """Time of a person or placeholder reserved for a project."""

    resource_type: ClassVar[str] = "allocation"
    feature: ClassVar[str] = RESOURCING_FEATURE
    project: Project
    assignee: User | Placeholder
    author: User
    start: int

    def __init__(self, gid: str, seed: int, project: Project, assignee: User | Placeholder) -> None:
        """Reserve some days in the life of the project."""
        super().__init__(gid, seed, project.workspace, project)
        self.project, self.assignee = project, assignee
        self.author = SeededRandom(seed, 1).pick(project.workspace.roster)
        self.start = project.created + seed % 100 * DAY_MS


class Budget(Resource):
    """The budget of a project, in money or time; a project has at most one."""

    resource_type: ClassVar[str] = "budget"
    feature: ClassVar[str] = RESOURCING_FEATURE
    project: Project

    def __init__(self, gid: str, seed: int, project: Project) -> None:
        """Create a budget with values from its seed."""
        super().__init__(gid, seed, project.workspace, project)
        self.project = project


class Rate(Resource):
    """The hourly rate of a person or placeholder in a project."""

    resource_type: ClassVar[str] = "rate"
    feature: ClassVar[str] = RESOURCING_FEATURE
    project: Project
    resource: User | Placeholder
    author: User

    def __init__(self, gid: str, seed: int, project: Project, resource: User | Placeholder) -> None:
        """Create a rate with values from its seed."""
        super().__init__(gid, seed, project.workspace, project)
        self.project, self.resource = project, resource
        self.author = SeededRandom(seed, 1).pick(project.workspace.roster)


def amount(budget: Budget, turn: int, *, enabled: bool) -> Record:
    """Return a value with its units; both None if disabled."""
    units = "EUR" if budget.seed % 2 else "minutes"
    value = AMOUNTS[(budget.seed // 2 + turn) % len(AMOUNTS)]
    return {"value": value if enabled else None, "units": units if enabled else None}


def estimate(budget: Budget) -> Record:
    """Return the estimated cost."""
    enabled = budget.seed % 5 > 0
    source = ESTIMATE_SOURCES[budget.seed // 5 % 2] if enabled else "none"
    allowed = BILLABLE_FILTERS[budget.seed // 3 % 3]
    return {
        "billable_status_filter": allowed,
        "source": source,
        "enabled": enabled,
        **amount(budget, 0, enabled=enabled),
    }


def actual(budget: Budget) -> Record:
    """Return the cost so far."""
    return {"billable_status_filter": BILLABLE_FILTERS[budget.seed // 7 % 3], **amount(budget, 1, enabled=True)}


def total(budget: Budget) -> Record:
    """Return the limit of the cost."""
    enabled = budget.seed % 3 > 0
    return {"enabled": enabled, **amount(budget, 2, enabled=enabled)}


ALLOCATION: Kind[Allocation] = Kind(
    "allocation",
    {
        "start_date": lambda a: format_day(a.start),
        "end_date": lambda a: format_day(a.start + a.seed // 100 % 60 * DAY_MS),
        "effort": lambda a: EFFORTS[a.seed // 5 % len(EFFORTS)],
        "assignee": lambda a: ref(a.assignee),
        "created_by": lambda a: ref(a.author),
        "parent": lambda a: ref(a.project),
        "resource_subtype": lambda _: "project_allocation",
    },
)
BUDGET: Kind[Budget] = Kind(
    "budget",
    {
        "budget_type": lambda b: "cost" if b.seed % 2 else "time",
        "estimate": estimate,
        "actual": actual,
        "total": total,
        "parent": lambda b: ref(b.project),
    },
)
RATE: Kind[Rate] = Kind(
    "rate",
    {
        "parent": lambda r: ref(r.project),
        "resource": lambda r: ref(r.resource),
        "rate": lambda r: (80, 99.95, 0.1, 99_999_999_999.25)[r.seed % 4],
        "currency_code": lambda _: "EUR",
        "created_by": lambda r: ref(r.author),
    },
    compact=("parent", "resource", "rate", "currency_code", "created_by"),
)
