"""Lists and counts that show late what people do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fake_asana.model.clock import SECOND_MS
from fake_asana.model.tasks import Task

if TYPE_CHECKING:
    from fake_asana.model.kinds import Record
    from fake_asana.server.paging import Listing
    from fake_asana.world import World


def as_shown(world: World, listing: Listing) -> Listing:
    """Return a list with the rows, and the last changes of tasks, that it shows so far.

    Event streams and the audit log have a lateness of their own.
    """
    form = world.dialect.freshness
    if listing.never_ends:
        return listing
    if form.late_changes:
        past = world.past_tasks.overlay_at(world.now() - form.late_changes * SECOND_MS)
        listing = replace(listing, rows=[_before(row, past.get(row.gid)) for row in listing.rows]) if past else listing
    if form.late_seconds:
        latest = world.now() - form.late_seconds * SECOND_MS
        listing = replace(listing, rows=[row for row in listing.rows if _created(row) <= latest])
    return listing


def with_late_count(world: World, row: object, record: Record) -> Record:
    """Return the record of a task without the new subtasks in their number."""
    seconds = world.dialect.freshness.late_counts
    if not seconds or not isinstance(row, Task) or "num_subtasks" not in record:
        return record
    latest = world.now() - seconds * SECOND_MS
    return {**record, "num_subtasks": sum(each.created <= latest for each in (row.subtasks or {}).values())}


def _before(row: Any, past: Task | None) -> Any:  # noqa: ANN401 - a row of any kind
    """Return a task as it was, unless it was created or has moved since."""
    return past if past is not None and isinstance(row, Task) and past.sections == row.sections else row


def _created(row: object) -> int:
    return getattr(row, "created", None) or 0
