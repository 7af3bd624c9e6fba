"""Events: what happened to a row, and which rows' event streams show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fake_asana.model.tasks import Task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_asana.model.kinds import Record, Row
    from fake_asana.model.people import User

UP = ("task", "parent", "project", "portfolio", "goal", "team", "workspace")
TOLD = frozenset(
    {
        *("task", "story", "attachment", "project", "section", "project_brief", "team", "tag", "goal", "portfolio"),
        *("custom_field", "status_update", "task_template", "project_template"),
    },
)


def above(row: Row) -> Iterator[Row]:
    """What a row directly belongs to."""
    for name in UP:
        found = getattr(row, name, None)
        if found is not None:
            yield found
    yield from getattr(row, "holders", ())
    if isinstance(row, Task):
        yield from row.projects()


def ownership(*rows: Row | None) -> frozenset[str]:
    """The gids of the rows and of all that they belong to, as far up as it goes."""
    found: set[str] = set()
    waiting = [row for row in rows if row is not None]
    while waiting:
        row = waiting.pop()
        if row.gid not in found:
            found.add(row.gid)
            waiting.extend(above(row))
    return frozenset(found)


@dataclass(frozen=True)
class Event:
    """Something that happened to a row: added, changed, deleted, undeleted, purged, removed, or shared with somebody.

    A `silent` one moves no clock: only a read that looks at everything sees it. One that is `told`
    is in the event streams of its `homes`, by whoever did it (None for Asana itself), and may be in the audit log.
    """

    at: int
    action: str
    row: Row
    resource_type: str
    parent: Row | None
    field: str | None
    silent: bool
    told: bool
    ownership: frozenset[str]
    author: User | None

    @property
    def gid(self) -> str:
        """The gid of what it happened to."""
        return self.row.gid


def event_ref(row: Any) -> Record | None:  # noqa: ANN401 - any row that something can happen to
    """A row as events refer to it: with its name and subtype, where it has them."""
    if row is None:
        return None
    found: Record = {"gid": row.gid, "resource_type": row.resource_type}
    for attribute, name in (("subtype", "resource_subtype"), ("host", "resource_subtype"), ("name", "name")):
        if hasattr(row, attribute):
            found[name] = getattr(row, attribute)
    return found
