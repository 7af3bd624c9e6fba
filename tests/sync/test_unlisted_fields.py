"""Fields of a resource that its list does not document are requested, and are null if Asana omits them."""

from __future__ import annotations

import pytest
from expected import expected
from harness import SMALL, Message, asana, choose, clock, discovered, selecting, sync
from methods import HOUR

from fake_asana.model.dialect import Dialect
from fake_asana.model.field_tree import paths

ENTRIES = "time_tracking_entries"
LIST = "GET /tasks/{task_gid}/time_tracking_entries"
UNLISTED = {"task", "created_at", "approval_status", "billable_status", "description"}


def expected_rows(rows: dict[str, Message], *, is_sent: bool) -> dict[str, Message]:
    """Return the expected rows of a world, with or without those fields."""
    return rows if is_sent else {gid: {**row, **dict.fromkeys(UNLISTED)} for gid, row in rows.items()}


@pytest.mark.parametrize("method", ["list", "search"])
@pytest.mark.parametrize("is_sent", [True, False])
def test_undocumented_fields_are_read_or_null(method: str, *, is_sent: bool) -> None:
    """The first and the next run emit every entry, exactly with the fields that Asana sends."""
    api = asana(SMALL, dialect=Dialect(unlisted_fields=is_sent))
    settings = {"extraction_method": method}
    first = sync(api, config=settings, select=[ENTRIES])
    schema = first.schemas[ENTRIES]
    assert first.rows(ENTRIES) == expected_rows(expected(api.world, ENTRIES, schema), is_sent=is_sent)
    assert not UNLISTED - schema["properties"].keys()
    clock(api).advance(HOUR)
    task = next(entry.task for entry in api.world.time_entries if entry.gid in first.gids(ENTRIES))
    new = api.world.track_time(task.gid, 30)
    api.world.comment(task.gid)  # a time entry does not change the task's modified_at
    second = sync(api, config=settings, select=[ENTRIES], state=first.state)
    now = expected_rows(expected(api.world, ENTRIES, schema), is_sent=is_sent)
    assert new in second.gids(ENTRIES)
    assert second.rows(ENTRIES).items() <= now.items()


def test_a_deselected_field_is_not_requested() -> None:
    """A deselected field is neither requested nor emitted as null."""
    catalog = selecting(discovered(), [ENTRIES])
    entry = next(entry for entry in catalog["streams"] if entry["tap_stream_id"] == ENTRIES)
    for name in ("task", "description"):
        choose(entry, ("properties", name), selected=False)
    api = asana(SMALL)
    records = sync(api, catalog=catalog).records(ENTRIES)
    requested = {path for each in api.log if each.template == LIST for path in paths(each.query["opt_fields"])}
    assert "billable_status" in requested
    assert not {path for path in requested if path.startswith(("task", "description"))}
    assert records
    assert not [record for record in records if record.keys() & {"task", "description"}]
