"""The expected result of the next read, from a part of the history."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fake_asana.model.clock import format_instant
from fake_asana.model.memberships import Membership
from fake_asana.model.project_lists import PROJECT_LISTS

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
    "rate": "rates",
    "ooo_entry": "ooo_entries",
    **{each.kind.resource_type: each.stream for each in PROJECT_LISTS},
}


def stream_of(event: Event) -> str:
    """Return the stream of a row; memberships have one for each kind of parent."""
    if isinstance(event.row, Membership):
        return f"{event.row.parent.resource_type}_memberships"
    return STREAM_OF[event.resource_type]


def gids_by_stream() -> dict[str, set[str]]:
    """Return an empty set of gids for each stream."""
    return defaultdict(set)


@dataclass
class Changes:
    """Gids by stream: changed rows that the next read must return, deleted rows, and changes without any clock.

    An untimestamped change under a changed task is read with the task, and so counts as changed. `deletions` are in the
    order of time.
    """

    changed: dict[str, set[str]] = field(default_factory=gids_by_stream)
    deleted: dict[str, set[str]] = field(default_factory=gids_by_stream)
    untimestamped: dict[str, set[str]] = field(default_factory=gids_by_stream)
    deletions: list[Deletion] = field(default_factory=list)

    @classmethod
    def from_events(cls, events: Iterable[Event]) -> Changes:
        """Return the combined changes of some events."""
        changes, untimestamped = cls(), []
        for event in events:
            stream, gid = stream_of(event), event.row.gid
            if deleted := deletion(event):
                changes.deletions.append(deleted)
            if event.action == "purged":
                continue
            if event.action == "deleted":
                changes.deleted[stream].add(gid)
            elif event.untimestamped:
                untimestamped.append(event)
            else:
                changes.changed[stream].add(gid)
                changes.deleted[stream].discard(gid)
        for event in untimestamped:
            changes.add_untimestamped(event)
        for stream, gids in changes.deleted.items():
            changes.changed[stream] -= gids
            changes.untimestamped[stream] -= gids
        return changes

    def add_untimestamped(self, event: Event) -> None:
        """Add a change without a clock."""
        stream, gid = stream_of(event), event.row.gid
        if event.parent is not None and event.parent.gid in self.changed["tasks"]:
            self.changed[stream].add(gid)
        elif gid not in self.changed[stream]:
            self.untimestamped[stream].add(gid)

    def record(self) -> Record:
        """Return the changes as plain JSON, gids sorted, empty streams left out."""
        parts = {"changed": self.changed, "deleted": self.deleted, "untimestamped": self.untimestamped}
        plain: Record = {
            part: {stream: sorted(gids) for stream, gids in sorted(gids_by_stream.items()) if gids}
            for part, gids_by_stream in parts.items()
        }
        return {**plain, "deletions": [deletion.record() for deletion in self.deletions]}


DELETION_ACTIONS = frozenset({"deleted", "undeleted", "removed"})


@dataclass(frozen=True)
class Deletion:
    """A deleted or undeleted row, or one removed from its parent.

    All fields are gids; `actor` is None for Asana itself, and only removed rows have a `parent`. `scope` holds the
    ancestors at that time: the event stream of a project, a task or a workspace reports the deletion if its gid is
    among them. The audit log reports all but removals.
    """

    gid: str
    action: str
    resource_type: str
    occurred_at: str
    actor: str | None
    parent: str | None
    scope: frozenset[str]

    def record(self) -> Record:
        """Return the deletion as plain JSON."""
        return {
            "gid": self.gid,
            "action": self.action,
            "resource_type": self.resource_type,
            "occurred_at": self.occurred_at,
            "actor": self.actor,
            "parent": self.parent,
            "scope": sorted(self.scope),
        }


def deletion(event: Event) -> Deletion | None:
    """Return the deletion of an event, None if no stream or log reports it."""
    if not event.is_streamed or event.action not in DELETION_ACTIONS:
        return None
    parent = event.parent.gid if event.parent and event.action == "removed" else None
    actor = event.author.gid if event.author else None
    occurred_at = format_instant(event.at) or ""
    return Deletion(event.gid, event.action, event.resource_type, occurred_at, actor, parent, event.scope)
