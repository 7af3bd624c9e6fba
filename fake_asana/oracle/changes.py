"""What a stretch of the world's history means for the next read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fake_asana.model.clock import instant
from fake_asana.model.memberships import Membership

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fake_asana.model.events import Event
    from fake_asana.model.kinds import Record

STREAM_OF = {
    "workspace": "workspaces",
    "user": "users",
    "workspace_membership": "workspace_memberships",
    "team": "teams",
    "team_membership": "team_memberships",
    "project": "projects",
    "section": "sections",
    "tag": "tags",
    "custom_field": "custom_fields",
    "task": "tasks",
    "story": "stories",
    "attachment": "attachments",
    "user_task_list": "user_task_lists",
    "project_brief": "project_briefs",
    "project_template": "project_templates",
    "task_template": "task_templates",
    "custom_field_setting": "custom_field_settings",
    "custom_type": "custom_types",
    "status_update": "status_updates",
    "portfolio": "portfolios",
    "portfolio_item": "portfolio_items",
    "goal": "goals",
    "goal_relationship": "goal_relationships",
    "time_tracking_entry": "time_tracking_entries",
    "allocation": "allocations",
    "budget": "budgets",
    "rate": "rates",
    "ooo_entry": "ooo_entries",
}


def stream_of(event: Event) -> str:
    """The stream that a row is in: memberships are in that of their parent's kind."""
    if isinstance(event.row, Membership):
        return f"{event.row.parent.resource_type}_memberships"
    return STREAM_OF[event.resource_type]


def sets() -> dict[str, set[str]]:
    """Gids by stream."""
    return defaultdict(set)


@dataclass
class Changes:
    """Gids by stream: what the next read must bring, what has vanished, and what changed without any clock moving.

    A silent change under a task that changed otherwise is read with it, and so counts as changed. `deletions` are in
    the order of time.
    """

    changed: dict[str, set[str]] = field(default_factory=sets)
    deleted: dict[str, set[str]] = field(default_factory=sets)
    silent: dict[str, set[str]] = field(default_factory=sets)
    deletions: list[Deletion] = field(default_factory=list)

    @classmethod
    def of(cls, events: Iterable[Event]) -> Changes:
        """The changes that these events add up to."""
        changes, quiet = cls(), []
        for event in events:
            stream, gid = stream_of(event), event.row.gid
            if found := deletion(event):
                changes.deletions.append(found)
            if event.action == "purged":
                continue
            if event.action == "deleted":
                changes.deleted[stream].add(gid)
            elif event.silent:
                quiet.append(event)
            else:
                changes.changed[stream].add(gid)
                changes.deleted[stream].discard(gid)
        for event in quiet:
            changes.settle(event)
        for stream, gids in changes.deleted.items():
            changes.changed[stream] -= gids
            changes.silent[stream] -= gids
        return changes

    def settle(self, event: Event) -> None:
        """Put a silent change where it belongs."""
        stream, gid = stream_of(event), event.row.gid
        if event.parent is not None and event.parent.gid in self.changed["tasks"]:
            self.changed[stream].add(gid)
        elif gid not in self.changed[stream]:
            self.silent[stream].add(gid)

    def record(self) -> Record:
        """The same as plain JSON, gids sorted, empty streams left out."""
        parts = {"changed": self.changed, "deleted": self.deleted, "silent": self.silent}
        told: Record = {
            part: {stream: sorted(gids) for stream, gids in sorted(found.items()) if gids}
            for part, found in parts.items()
        }
        return {**told, "deletions": [deletion.record() for deletion in self.deletions]}


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
