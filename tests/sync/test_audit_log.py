"""The audit log is read incrementally."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from expected import expected
from harness import PERSON, SERVICE, TINY, Output, asana, attempt, clock, run_limits, sync
from interruptions import killing, killing_before
from typing_extensions import override

from fake_asana.messages import HttpRequest, HttpResponse
from fake_asana.model.clock import format_instant
from fake_asana.server.api import Api
from fake_asana.server.limits import Limits
from fake_asana.world import ManualClock, World

LOG = "/audit_log_events"


def audit_run(api: Api, state: dict[str, Any] | None = None) -> Output:
    """Read the audit log."""
    return sync(api, config=SERVICE, select=["audit_log_events"], state=state)


def test_each_run_reads_the_new_entries() -> None:
    """Each run returns the entries since the previous one, unchanged, and sets its bookmark to its own start."""
    api = asana(TINY)
    runs: list[Output] = []
    for _ in range(3):
        began = format_instant(api.world.now())
        before = {gid for run in runs for gid in run.gids("audit_log_events")}
        runs.append(audit_run(api, runs[-1].state if runs else None))
        schema = runs[-1].schemas["audit_log_events"]
        truth = expected(api.world, "audit_log_events", schema, SERVICE["access_token"])
        assert runs[-1].rows("audit_log_events") == {gid: truth[gid] for gid in truth.keys() - before}
        assert runs[-1].records("audit_log_events")
        assert str(runs[-1].bookmark("audit_log_events")["replication_key_value"])[:19] == str(began)[:19]
        clock(api).advance(3600)
        api.world.mutate()
        clock(api).advance(3600)


def test_the_lookback_repeats_recent_entries() -> None:
    """An entry from the last minutes before the bookmark is returned again."""
    api = asana(TINY)
    api.world.mutate()
    late = {gid for gid, entry in truth_of(api).items() if entry["created_at"] == format_instant(api.world.now())}
    clock(api).advance(60)
    state = audit_run(api).state
    clock(api).advance(3600)
    assert late
    assert audit_run(api, state).gids("audit_log_events") == late


def test_a_refused_log_is_requested_once(caplog: pytest.LogCaptureFixture) -> None:
    """A single request per workspace skips both streams of the audit log, and each logs it."""
    api = asana(TINY)
    sync(api, config=PERSON, select=["audit_log_events", "deletions"])
    requests = [handled for handled in api.log if handled.template.endswith("/audit_log_events")]
    assert len(requests) == len(api.world.workspaces)
    for name in ("audit_log_events", "deletions"):
        skips = [line for line in caplog.messages if line.startswith(f"{name}: skipped /workspaces/")]
        assert len([line for line in skips if "log_events" in line]) == len(requests)


class NullRow(Api):
    """An Asana whose audit log has null in place of one entry."""

    null_gid = ""

    @override
    def handle(self, request: HttpRequest) -> HttpResponse:
        response = super().handle(request)
        body = json.loads(response.body) if request.path.endswith("/audit_log_events") else {}
        rows = [None if row["gid"] == self.null_gid else row for row in body.get("data", ())]
        return replace(response, body=json.dumps({**body, "data": rows}).encode()) if rows else response


def test_a_page_of_null_rows_does_not_end_the_log() -> None:
    """Only a page without any row does: others may follow those that are null."""
    api = NullRow(World.seeded(1, TINY, ManualClock()))
    truth = truth_of(api)
    api.null_gid = sorted(truth, key=lambda gid: str(truth[gid]["created_at"]))[1]
    output = sync(api, config={**SERVICE, "page_size": 1}, select=["audit_log_events"])
    assert truth.keys() - output.gids("audit_log_events") == {api.null_gid}


def test_two_streams_of_the_log_have_their_own_pasts() -> None:
    """If the deletions were read before, the log selected later is read from its start all the same."""
    api = asana(TINY)
    state = sync(api, config=SERVICE, select=["deletions"]).state
    clock(api).advance(3600)
    output = sync(api, config=SERVICE, select=["audit_log_events", "deletions"], state=state)
    assert output.gids("audit_log_events") == truth_of(api).keys()


def truth_of(api: Api) -> dict[str, Any]:
    """Return the complete audit log."""
    return dict(api.world.expected_records("audit_log_events", SERVICE["access_token"]))


@pytest.mark.parametrize("select", [["audit_log_events"], ["audit_log_events", "deletions", "tasks"]])
def test_a_truncated_log_is_read_in_parts(select: list[str]) -> None:
    """A list that begins at the last entry follows where Asana truncates the log."""
    api = asana(TINY)
    tasks = list(api.world.gids("tasks", SERVICE["access_token"]))[:9]
    first = sync(api, config=SERVICE, select=select)
    for task in tasks:
        clock(api).advance(60)
        api.world.delete_task(task)
    clock(api).advance(3600)
    api.limits = Limits(truncate=4)
    last = sync(api, config={**SERVICE, "page_size": 2}, select=select, state=first.state)
    kept, truth = first.then(last), truth_of(api)
    assert kept.rows("audit_log_events").keys() >= truth.keys()
    assert "deletions" not in select or last.gids("deletions") >= {*tasks}


def test_a_log_truncated_within_one_instant_is_read_later(caplog: pytest.LogCaptureFixture) -> None:
    """If the parts of the log bring nothing new, the log is skipped, and the next run begins at the same entry."""
    api = asana(TINY)
    first = audit_run(api)
    clock(api).advance(3600)
    for task in list(api.world.gids("tasks", SERVICE["access_token"]))[:4]:
        api.world.delete_task(task)
    clock(api).advance(3600)
    api.limits = Limits(truncate=1)
    second = sync(api, config={**SERVICE, "page_size": 1}, select=["audit_log_events"], state=first.state)
    assert [line for line in caplog.messages if line.startswith("audit_log_events: skipped /workspaces/")]
    api.limits = Limits()
    kept = first.then(second).then(audit_run(api, second.state))
    assert kept.rows("audit_log_events").keys() >= truth_of(api).keys()


@pytest.mark.parametrize("select", [["audit_log_events"], ["audit_log_events", "deletions", "tasks"]])
@pytest.mark.parametrize("is_killed", [False, True])
def test_the_log_before_a_start_date_is_read_once_the_date_is_moved_back(select: list[str], *, is_killed: bool) -> None:
    """A first read from a start date, whole or killed and resumed, leaves nothing out once that setting is gone."""
    api = asana(TINY)
    moments = sorted(str(entry["created_at"]) for entry in truth_of(api).values())
    config = {**SERVICE, "page_size": 2, "start_date": moments[len(moments) // 2]}
    pages = count(1)
    kill = killing_before(lambda each: is_killed and LOG in each.path and next(pages) == 6)
    first = attempt(api, on_request=kill, config=config, select=select)
    assert (first.error is not None) == is_killed
    kept = first.confirmed()
    for _ in range(3):
        clock(api).advance(3600)
        last = sync(api, config=SERVICE, select=select, state=kept.state)
        kept = kept.then(last)
    assert kept.gids("audit_log_events") >= truth_of(api).keys()
    assert not last.gids("audit_log_events")


def test_a_resumed_read_of_the_log_begins_at_its_last_entry() -> None:
    """Nothing before the last entry of the killed run is requested again."""
    api = asana(TINY)
    config = {**SERVICE, "page_size": 2}
    kept = attempt(api, on_request=killing(5), config=config, select=["audit_log_events"]).confirmed()
    last_moment = max(str(row["created_at"]) for row in kept.rows("audit_log_events").values())
    resumed = sync(api, config=config, select=["audit_log_events"], state=kept.state)
    assert all(str(row["created_at"]) >= last_moment for row in resumed.rows("audit_log_events").values())
    assert kept.then(resumed).gids("audit_log_events") >= truth_of(api).keys()


@pytest.mark.parametrize("is_first", [True, False])
def test_an_interrupted_read_of_an_older_version_is_resumed_and_not_repeated(*, is_first: bool) -> None:
    """Older versions kept the time of the last entry in place of the start of the read."""
    api, select = asana(TINY), ["audit_log_events"]
    kept = Output([]) if is_first else audit_run(api)
    clock(api).advance(7200)
    for task in sorted(api.world.gids("tasks", SERVICE["access_token"]))[::3]:
        if task in api.world.tasks:
            clock(api).advance(60)
            api.world.delete_task(task)
    clock(api).advance(7200)
    state = None if is_first else kept.state
    with run_limits(output_per_state_byte=0):
        cut = attempt(api, on_request=killing(14), config={**SERVICE, "page_size": 1}, select=select, state=state)
    kept, last = kept.then(cut.confirmed()), cut.confirmed()
    windows = [each["window"] for each in last.state["bookmarks"][select[0]]["partitions"] if "window" in each]
    assert windows
    for window in windows:
        window |= {"since": max(str(row["created_at"]) for row in last.records(select[0])), "positions": {}}
    state = last.state
    for _ in range(2):
        last = sync(api, config=SERVICE, select=select, state=state)
        kept, state = kept.then(last), last.state
        clock(api).advance(7200)
    assert kept.gids(select[0]) >= truth_of(api).keys()
    assert not last.gids(select[0])
