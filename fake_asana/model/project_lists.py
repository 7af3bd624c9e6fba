"""Lists below every project that a declaration alone describes, such as budgets: see docs/adding-a-stream.md.

A list in PROJECT_LISTS is seeded, served, and expected from a read of its stream.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

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


class ProjectRow(Resource):
    """A row below a project: its values follow from its seed, and `person` is someone of the workspace."""

    project: Project
    person: User

    def __init__(self, gid: str, seed: int, project: Project) -> None:
        """Create a row with values from its seed."""
        super().__init__(gid, seed, project.workspace, project)
        self.project, self.person = project, SeededRandom(seed, 1).pick(project.workspace.roster)


@dataclass(frozen=True)
class ProjectList:
    """A list below every project: its stream, its kind of rows, and the documented operation.

    `parent_param` names the project in the query. `feature` is the feature of the plan that the list needs. For
    `paging`, `full` and `fixed` see `server.call.Route`.
    """

    stream: str
    kind: Kind[ProjectRow]
    template: str
    parent_param: str
    feature: str = ""
    paging: Literal["pages", "none"] = "pages"
    full: bool = False
    fixed: bool = False

    @cached_property
    def row_type(self) -> type[ProjectRow]:
        """Return the class of the rows."""
        members: dict[str, Any] = {"resource_type": self.kind.resource_type, "feature": self.feature}
        return type(self.kind.resource_type, (ProjectRow,), members)


def amount(budget: ProjectRow, turn: int, *, enabled: bool) -> Record:
    """Return a value with its units; both None if disabled."""
    units = "EUR" if budget.seed % 2 else "minutes"
    value = AMOUNTS[(budget.seed // 2 + turn) % len(AMOUNTS)]
    return {"value": value if enabled else None, "units": units if enabled else None}


def estimate(budget: ProjectRow) -> Record:
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


def actual(budget: ProjectRow) -> Record:
    """Return the cost so far."""
    return {"billable_status_filter": BILLABLE_FILTERS[budget.seed // 7 % 3], **amount(budget, 1, enabled=True)}


def total(budget: ProjectRow) -> Record:
    """Return the limit of the cost."""
    enabled = budget.seed % 3 > 0
    return {"enabled": enabled, **amount(budget, 2, enabled=enabled)}


BUDGET: Kind[ProjectRow] = Kind(
    "budget",
    {
        "budget_type": lambda b: "cost" if b.seed % 2 else "time",
        "estimate": estimate,
        "actual": actual,
        "total": total,
        "parent": lambda b: ref(b.project),
    },
)

PROJECT_LISTS = (
    ProjectList("budgets", BUDGET, "GET /budgets", "parent", RESOURCING_FEATURE, paging="none", full=True, fixed=True),
)
