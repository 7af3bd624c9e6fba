"""Absences: days on which somebody is out of office."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fake_asana.model.clock import DAY, day
from fake_asana.model.kinds import Kind, ref
from fake_asana.model.resources import Resource

if TYPE_CHECKING:
    from fake_asana.model.people import User, Workspace


class Absence(Resource):
    """Some days on which a person is away from a workspace."""

    resource_type: ClassVar[str] = "ooo_entry"

    def __init__(self, gid: str, seed: int, workspace: Workspace, user: User, start: int) -> None:
        """Up to three weeks from an instant on, entered by the person or by somebody else."""
        super().__init__(gid, seed, workspace)
        self.user, self.author = user, user if seed % 3 else workspace.roster[0]
        self.first, self.last = str(day(start)), str(day(start + seed % 21 * DAY))


ABSENCE: Kind[Absence] = Kind(
    "ooo_entry",
    {
        "start_date": lambda a: a.first,
        "end_date": lambda a: a.last,
        "user": lambda a: ref(a.user),
        "created_by": lambda a: ref(a.author),
    },
)
