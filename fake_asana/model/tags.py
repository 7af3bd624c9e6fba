"""Tags of a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fake_asana.model import words
from fake_asana.model.clock import instant
from fake_asana.model.kinds import Kind, ref, refs
from fake_asana.model.seeded_random import SeededRandom

if TYPE_CHECKING:
    from fake_asana.model.people import Workspace
    from fake_asana.model.tasks import Task

COLORS = ("dark-pink", "dark-green", "light-blue", "light-warm-gray", None)


class Tag:
    """A label, and the tasks that carry it."""

    resource_type: ClassVar[str] = "tag"
    __slots__ = ("created", "gid", "name", "notes", "seed", "tasks", "workspace")

    def __init__(self, gid: str, seed: int, workspace: Workspace, created: int) -> None:
        """A label that nothing carries."""
        self.gid, self.seed, self.workspace, self.created = gid, seed, workspace, created
        self.name = f"#{words.title(SeededRandom(seed, 1))}"[:40]
        self.notes = words.prose(SeededRandom(seed, 2))
        self.tasks: dict[str, Task] = {}


TAG: Kind[Tag] = Kind(
    "tag",
    {
        "name": lambda t: t.name,
        "color": lambda t: COLORS[t.seed % 5],
        "notes": lambda t: t.notes,
        "created_at": lambda t: instant(t.created),
        "followers": lambda t: refs(SeededRandom(t.seed, 3).some(t.workspace.roster, 2)),
        "workspace": lambda t: ref(t.workspace),
        "permalink_url": lambda t: f"https://app.asana.com/0/{t.gid}/{t.gid}",
    },
)
