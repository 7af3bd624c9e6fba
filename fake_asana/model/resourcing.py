"""Resourcing: allocations of people to projects, and rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fake_asana.model.clock import DAY_MS, format_day
from fake_asana.model.kinds import Kind, Record, ref
from fake_asana.model.project_lists import RESOURCING_FEATURE
from fake_asana.model.resources import Resource
from fake_asana.model.seeded_random import SeededRandom

if TYPE_CHECKING:
    from fake_asana.model.people import User
    from fake_asana.model.projects import Project

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
