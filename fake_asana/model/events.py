"""Events: a change of a row, and the rows whose event streams contain it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fake_asana.model.tasks import Task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_asana.model.kinds import Record, Row
    from fake_asana.model.people import User

PARENT_ATTRIBUTES = ("task", "parent", "project", "portfolio", "goal", "team", "workspace")
EVENT_TYPES = frozenset(
    {
        *("task", "story", "attachment", "project", "section", "project_brief", "team", "tag", "goal", "portfolio"),
        *("custom_field", "status_update", "task_template", "project_template"),
    },
)


def parents_of(row: Row) -> Iterator[Row]:
    """Yield the direct parents of a row."""
    for name in PARENT_ATTRIBUTES:
        parent = getattr(row, name, None)
        if parent is not None:
            yield parent
    yield from getattr(row, "holders", ())
    if isinstance(row, Task):
        yield from row.projects()


def event_scope(*rows: Row | None) -> frozenset[str]:
    """Return the gids of the rows and of all their ancestors, up to the workspaces."""
    gids: set[str] = set()
    pending = [row for row in rows if row is not None]
    while pending:
        row = pending.pop()
        if row.gid not in gids:
            gids.add(row.gid)
            pending.extend(parents_of(row))
    return frozenset(gids)


@dataclass(frozen=True)
class Event:
    """One change of a row: added, changed, deleted, undeleted, purged, removed, or shared with more people.

    An `untimestamped` change moves no clock, so only a full read notices it. An event with `is_streamed` appears in the
    event streams of the rows in its `scope` and possibly in the audit log. `change` is what a change did to the field:
    changed, added or removed. `author` is None for Asana itself.
    """

    at: int
    action: str
    row: Row
    resource_type: str
    parent: Row | None
    field: str | None
    untimestamped: bool
    is_streamed: bool
    change: str
    scope: frozenset[str]
    author: User | None

    @property
    def gid(self) -> str:
        """Return the gid of the row."""
        return self.row.gid


def event_ref(row: Any) -> Record | None:  # noqa: ANN401 - a row of any kind
    """Return a row in the form that events use: with its name and subtype if it has them."""
    if row is None:
        return None
    record: Record = {"gid": row.gid, "resource_type": row.resource_type}
    for attribute, name in (("subtype", "resource_subtype"), ("host", "resource_subtype"), ("name", "name")):
        if hasattr(row, attribute):
            record[name] = getattr(row, attribute)
    return record
