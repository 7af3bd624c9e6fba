"""Events and the audit log may be late, repeated, out of order or empty at first: no deletion is lost (law 10)."""

from __future__ import annotations

import pytest
from harness import TINY, Output, asana, clock, sync
from methods import EXPORT, HOUR, LIST

from fake_asana.model.dialect import Dialect, LogForm
from fake_asana.server.api import Api

SELECTED = ["tasks", "deletions", "audit_log_events"]
DIALECTS = {
    "late entries": Dialect(audit_lag_minutes=20),
    "repeated events": Dialect(repeats_events=True),
    "empty pages": Dialect(empty_event_pages=True),
    "late events": Dialect(logs=LogForm(late_seconds=600)),
    "repeated entries in disorder": Dialect(logs=LogForm(repeats_entries=True, reverses_pages=True)),
    "no new token": Dialect(stale_without_sync=True),
}


def run(api: Api, config: dict[str, object], earlier: Output) -> Output:
    """Return some runs and one more."""
    return earlier.then(sync(api, config=config, select=SELECTED, state=earlier.state))


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=list(DIALECTS))
@pytest.mark.parametrize("config", [LIST, EXPORT], ids=["events", "audit log"])
def test_no_deletion_is_lost(config: dict[str, object], dialect: Dialect) -> None:
    """Tasks deleted shortly before a run are reported by it or by the next one, even after the tokens expired."""
    api = asana(TINY, dialect=dialect)
    union = run(api, config, Output())
    for pause in (HOUR, 2 * 24 * HOUR, HOUR, HOUR):
        clock(api).advance(pause)
        union = run(api, config, union)
        in_projects = [gid for gid, task in api.world.tasks.items() if task.parent is None and any(task.projects())]
        deleted = sorted(in_projects)[:4]
        for gid in deleted:
            clock(api).advance(1)
            api.world.delete_task(gid)
        clock(api).advance(60)
        union = run(api, config, union)
        clock(api).advance(HOUR)
        union = run(api, config, union)
        reported = {row["gid"] for row in union.records("deletions") if row["action"] == "deleted"}
        assert set(deleted) <= reported
    token = str(config["access_token"])
    assert set(api.world.gids("audit_log_events", token)) <= union.gids("audit_log_events")
