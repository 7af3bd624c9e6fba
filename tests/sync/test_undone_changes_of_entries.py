"""A time entry that a run has written, and whose change people undo then, is right again in the next run."""

from __future__ import annotations

import pytest
from harness import ENTRIES as CATALOG
from harness import attempt, catalog_of, clock, sync
from methods import DAY, HOUR, LIST
from recent_entries import ENTRIES, STREAMS, before_request, last_entry, next_run, with_entries, wrong_entries

MONTH_MS = 30 * DAY * 1000


def test_an_edit_is_undone_after_a_kill_behind_the_last_state() -> None:
    """The target keeps the rows that no STATE followed."""
    api, first, tasks = with_entries()
    entry = last_entry(api.world, tasks[0])
    minutes = api.world.time_entries.rows[entry].minutes
    api.world.edit_time(entry, 7)
    clock(api).advance(HOUR)
    second = sync(api, config=LIST, select=STREAMS, state=first.state)
    written = [message["type"] == "RECORD" and message["record"]["gid"] == entry for message in second.messages]
    kept = second.up_to(written.index(True))
    assert kept.rows(ENTRIES)[entry]["duration_minutes"] == 7
    api.world.edit_time(entry, minutes)
    rows = first.then(kept)
    assert not wrong_entries(api, rows.then(next_run(api, rows)))


@pytest.mark.usefixtures("eager")
def test_a_move_to_an_old_day_is_undone_after_a_kill() -> None:
    """The killed run has written the entry with its task, for a day that no run lists any more."""
    api, first, tasks = with_entries()
    entry = api.world.time_entries.rows[last_entry(api.world, tasks[0])]
    entry.entered -= MONTH_MS
    api.world.rename_task(tasks[0])
    clock(api).advance(HOUR)

    def end() -> None:
        raise ZeroDivisionError

    killed = attempt(api, config=LIST, select=STREAMS, state=first.state, on_request=before_request(1, end)).confirmed()
    assert entry.gid in killed.gids(ENTRIES)
    entry.entered += MONTH_MS
    rows = first.then(killed)
    assert not wrong_entries(api, rows.then(next_run(api, rows)))


def test_a_move_to_an_old_day_is_undone_after_a_full_table() -> None:
    """A read of the whole table lists no days; the day that the entry left has no other entry."""
    api, rows, tasks = with_entries()
    entry = api.world.time_entries.rows[last_entry(api.world, tasks[0])]
    for other in api.world.time_entries:
        if other.entered_on == entry.entered_on and other is not entry:
            other.entered -= 2 * MONTH_MS
    for _ in range(2):
        rows = rows.then(next_run(api, rows))
    entry.entered -= MONTH_MS
    catalog = catalog_of(STREAMS, {ENTRIES: {**CATALOG[ENTRIES], "replication_method": "FULL_TABLE"}})
    clock(api).advance(HOUR)
    rows = rows.then(sync(api, config=LIST, catalog=catalog, state=rows.state))
    assert entry.gid not in wrong_entries(api, rows)
    entry.entered += MONTH_MS
    rows = rows.then(next_run(api, rows))
    assert entry.gid not in wrong_entries(api, rows)
