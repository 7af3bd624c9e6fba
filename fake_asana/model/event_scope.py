"""Where an event is told: on the row itself, and on everything above it up to its workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.model.tasks import Task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_asana.model.kinds import Row

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
