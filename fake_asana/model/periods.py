"""Time periods: fiscal years with their halves and quarters."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fake_asana.model.kinds import Kind
from fake_asana.model.resources import Resource

if TYPE_CHECKING:
    from fake_asana.model.people import Workspace

HALVES = {"H1": (1, 6), "H2": (7, 12)}
QUARTERS = {"Q1": (1, 3), "Q2": (4, 6), "Q3": (7, 9), "Q4": (10, 12)}
DAYS = {3: 31, 6: 30, 9: 30, 12: 31}


class Period(Resource):
    """A fiscal year or a part of one; a year has no parent."""

    resource_type: ClassVar[str] = "time_period"
    feature: ClassVar[str] = "goals"

    def __init__(  # noqa: PLR0917 - a gid and seed in one, then what the period is
        self,
        gid: str,
        seed: int,
        workspace: Workspace,
        year: int,
        cadence: str,
        parent: Period | None,
    ) -> None:
        """The part of a year that its cadence names."""
        super().__init__(gid, seed, workspace)
        self.cadence, self.parent = cadence, parent
        first, last = {**HALVES, **QUARTERS}.get(cadence, (1, 12))
        self.start, self.end = f"{year}-{first:02}-01", f"{year}-{last:02}-{DAYS[last]}"
        self.name = f"{cadence} FY{year % 100:02}" if parent else f"FY{year % 100:02}"


PERIOD: Kind[Period] = Kind(
    "time_period",
    {
        "end_on": lambda p: p.end,
        "start_on": lambda p: p.start,
        "period": lambda p: p.cadence,
        "display_name": lambda p: p.name,
        "parent": lambda p: p.parent and PERIOD.listed(p.parent),
    },
    compact=("end_on", "start_on", "period", "display_name"),
)
