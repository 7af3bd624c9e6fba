"""Status updates of projects, portfolios and goals, which are created and deleted but never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fake_asana.model import texts
from fake_asana.model.clock import format_instant
from fake_asana.model.kinds import Kind, Record, ref
from fake_asana.model.resources import Resource
from fake_asana.model.seeded_random import SeededRandom

if TYPE_CHECKING:
    from fake_asana.model.goals import Goal
    from fake_asana.model.people import User
    from fake_asana.model.portfolios import Portfolio
    from fake_asana.model.projects import Project

STATUS_TYPES = ("on_track", "at_risk", "off_track", "on_hold", "complete")
GOAL_STATUS_TYPES = (*STATUS_TYPES[:3], "achieved", "partial", "missed", "dropped")


class StatusUpdate(Resource):
    """A report on the state of its parent."""

    resource_type: ClassVar[str] = "status_update"
    parent: Project | Portfolio | Goal
    created: int
    name: str
    text: str

    def __init__(self, gid: str, seed: int, parent: Project | Portfolio | Goal, created: int) -> None:
        """Create a report with values from its seed."""
        super().__init__(gid, seed, parent.workspace, parent)
        rng = SeededRandom(seed, 1)
        self.parent, self.created = parent, created
        self.name, self.text = f"On track ✓ {texts.title(rng)}", texts.prose(rng)
        self.author: User = rng.pick(parent.workspace.roster)
        self.likers: list[User] = rng.sample(parent.workspace.roster, 2) if rng.chance(20) else []


def status_type(status: StatusUpdate) -> str:
    """Return the reported state."""
    types = GOAL_STATUS_TYPES if status.parent.resource_type == "goal" else STATUS_TYPES
    return types[status.seed % len(types)]


def status_likes(status: StatusUpdate) -> list[Record]:
    """Return the likes of the report."""
    return [{"gid": f"{status.gid}{index}", "user": ref(user)} for index, user in enumerate(status.likers)]


def status_reactions(status: StatusUpdate) -> list[Record]:
    """Return the number of reactions by emoji."""
    if status.seed % 7:
        return []
    return [{"emoji_base": "🎉", "variant": "🎉", "count": status.seed // 7 % 9 + 1, "reacted": False}]


STATUS: Kind[StatusUpdate] = Kind(
    "status_update",
    {
        "title": lambda s: s.name,
        "resource_subtype": lambda s: f"{s.parent.resource_type}_status_update",
        "text": lambda s: s.text,
        "html_text": lambda s: texts.html(s.text),
        "status_type": status_type,
        "author": lambda s: ref(s.author),
        "created_at": lambda s: format_instant(s.created),
        "created_by": lambda s: ref(s.author),
        "liked": lambda s: s.seed % 5 == 0,
        "likes": status_likes,
        "reaction_summary": status_reactions,
        "modified_at": lambda s: format_instant(s.created),
        "num_likes": lambda s: len(s.likers),
        "parent": lambda s: ref(s.parent),
    },
    compact=("title", "resource_subtype"),
    opt_in=frozenset({"html_text"}),
)


def newest(status: StatusUpdate | None) -> Record | None:
    """Return the newest report in the form that its parent uses."""
    return None if status is None else STATUS.compact_record(status)
