"""What disappeared, came back or left its place, as all who tell of it agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fake_asana.model.clock import instant

if TYPE_CHECKING:
    from fake_asana.model.kinds import Record
    from fake_asana.model.state import Event

ACTIONS = frozenset({"deleted", "undeleted", "removed"})


@dataclass(frozen=True)
class Deletion:
    """One thing that was deleted, undeleted, or removed from its parent.

    Gids throughout; `actor` is None for Asana itself, `parent` only known of what was removed.
    `homes` are the things above it at that time: a project's or task's event stream tells of it when its gid is
    among them, a workspace's likewise. The audit log tells of everything but what was removed.
    """

    gid: str
    action: str
    resource_type: str
    occurred_at: str
    actor: str | None
    parent: str | None
    ownership: frozenset[str]

    def record(self) -> Record:
        """The same as plain JSON."""
        return {
            "gid": self.gid,
            "action": self.action,
            "resource_type": self.resource_type,
            "occurred_at": self.occurred_at,
            "actor": self.actor,
            "parent": self.parent,
            "homes": sorted(self.ownership),
        }


def deletion(event: Event) -> Deletion | None:
    """The deletion that an event is, if it is one that anybody tells of."""
    if not event.told or event.action not in ACTIONS:
        return None
    parent = event.parent.gid if event.parent and event.action == "removed" else None
    actor = event.author.gid if event.author else None
    at = instant(event.at) or ""
    return Deletion(event.gid, event.action, event.resource_type, at, actor, parent, event.ownership)
