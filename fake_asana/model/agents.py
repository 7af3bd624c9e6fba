"""AI teammates of a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fake_asana.model import words
from fake_asana.model.kinds import Kind, ref
from fake_asana.model.people import portrait
from fake_asana.model.resources import Resource
from fake_asana.model.seeded_random import SeededRandom

if TYPE_CHECKING:
    from fake_asana.model.people import Workspace


class Agent(Resource):
    """An AI teammate; few say what they do, and how they were told to."""

    resource_type: ClassVar[str] = "agent"
    feature: ClassVar[str] = "agents"

    def __init__(self, gid: str, seed: int, workspace: Workspace, name: str) -> None:
        """A teammate."""
        super().__init__(gid, seed, workspace)
        self.name = name


AGENT: Kind[Agent] = Kind(
    "agent",
    {
        "resource_subtype": lambda _: "asana_teammate",
        "name": lambda a: a.name,
        "description": lambda a: words.prose(SeededRandom(a.seed, 1)) or None,
        "behavior_guidance": lambda a: words.prose(SeededRandom(a.seed, 2)) or None,
        "workspace": lambda a: ref(a.workspace),
        "photo": lambda a: portrait(a.gid) if a.seed % 2 else None,
    },
    compact=("resource_subtype", "name"),
)
