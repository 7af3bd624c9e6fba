"""Every extraction method reads the same records: everything first, and then every change."""

from __future__ import annotations

import logging

import pytest
from harness import CORE, SERVICE, SMALL, TINY, Message, asana, attempt, clock, sync
from interruptions import Killed, interrupted, killing
from methods import HOUR, METHODS, TASK_STREAMS, every_method, missing_gids, sync_task_streams

from fake_asana.messages import HttpRequest
from fake_asana.server.faults import Fault, Faults


@every_method
def test_a_first_run_is_complete(config: Message) -> None:
    """A first run misses nothing, invents nothing and repeats no task."""
    api = asana(SMALL)
    output = sync_task_streams(api, config)
    assert missing_gids(api, output, config) == {}
    assert output.gids("tasks") == set(api.world.gids("tasks", config["access_token"]))
    assert len(output.records("tasks")) == len(output.gids("tasks"))


@every_method
def test_the_next_run_has_every_change_and_the_one_after_none(config: Message) -> None:
    """After a workday, one run reads all changes; the run after it reads nothing beyond the lookback."""
    api, token = asana(TINY), config["access_token"]
    first = sync(api, config=config, select=CORE)
    records = {stream: api.world.expected_records(stream, token) for stream in CORE}
    clock(api).advance(HOUR)
    changes = api.world.mutate()
    clock(api).advance(HOUR)
    second = sync(api, config=config, select=CORE, state=first.state)
    truth = {stream: api.world.expected_records(stream, token) for stream in CORE}
    for stream in CORE:
        # A service account has seen everything before, including objects shared with a person since.
        shared = {
            gid for gid in records[stream] if token == SERVICE["access_token"] and _is_old(truth[stream].get(gid))
        }
        assert changes.changed[stream] & truth[stream].keys() - shared <= second.gids(stream), stream
        if stream not in TASK_STREAMS:
            assert second.gids(stream) == truth[stream].keys()
    assert (
        truth["projects"].keys() - records["projects"].keys()
        == changes.changed["projects"] - records["projects"].keys()
    )
    assert changes.changed["users"]
    assert changes.changed["teams"]
    assert changes.deleted["workspace_memberships"]
    clock(api).advance(HOUR)
    third = sync(api, config=config, select=CORE, state=second.state)
    assert third.records("tasks") == []
    assert [record for record in third.records("stories") if record["task_gid"]] == []
    assert [record for record in third.records("attachments") if record["parent"]["resource_type"] == "task"] == []


def _is_old(record: Message | None) -> bool:
    """Return whether a record is unchanged on the workday by its modified_at."""
    moment = (record or {}).get("modified_at") or (record or {}).get("created_at")
    return str(moment) < "2026-05-28T21"


@pytest.mark.usefixtures("eager")
@every_method
@pytest.mark.parametrize("at", [15, 60])
def test_a_killed_first_run_resumes(config: Message, at: int) -> None:
    """A first run killed at some request and restarted from its last STATE misses nothing (law 4)."""
    api = asana(TINY)
    cut = interrupted(api, at, config=config, select=TASK_STREAMS)
    rest = sync_task_streams(api, config, cut.state)
    assert missing_gids(api, cut.then(rest), config) == {}


def test_a_workspace_without_search_is_read_by_lists(caplog: pytest.LogCaptureFixture) -> None:
    """The method is chosen for each workspace, and the log says why."""
    api = asana(SMALL)
    with caplog.at_level(logging.INFO):
        sync_task_streams(api, METHODS["auto"])
    reasons = [record.getMessage() for record in caplog.records if "tasks are read by" in record.getMessage()]
    assert sum("by search, because the workspace's plan" in reason for reason in reasons) == 2
    assert sum("by list, because search is refused (402)" in reason for reason in reasons) == 1


def test_a_foreign_export_is_waited_for() -> None:
    """The run waits for another user's export of the workspace."""
    api = asana(TINY)
    api.world.begin_foreign_export(next(iter(api.world.workspaces)), 300)
    output = sync_task_streams(api, METHODS["export"])
    assert missing_gids(api, output, METHODS["export"]) == {}
    assert any(handled.template == "GET /-/download/{file}" for handled in api.log)


def test_an_endless_foreign_export_falls_back_to_search(caplog: pytest.LogCaptureFixture) -> None:
    """After 15 minutes the workspace is read by another method, and the log says so."""
    api = asana(TINY)
    api.world.begin_foreign_export(next(iter(api.world.workspaces)), 10**6)
    with caplog.at_level(logging.INFO):
        output = sync_task_streams(api, METHODS["export"])
    assert missing_gids(api, output, METHODS["export"]) == {}
    assert "by search, because the export is refused (403" in caplog.text


@pytest.mark.parametrize("kind", ["cut", "corrupt"])
def test_a_corrupt_file_is_downloaded_again(kind: str) -> None:
    """An incomplete or corrupt file is downloaded again, from a currently valid URL."""
    api = asana(TINY)
    damaged = iter([True, True, False])

    def plan(request: HttpRequest) -> Fault | None:
        return Fault(kind) if "/-/download/" in request.path and next(damaged, False) else None

    api.faults = Faults(plan=plan)
    output = sync_task_streams(api, METHODS["export"])
    assert missing_gids(api, output, METHODS["export"]) == {}
    assert sum(handled.template == "GET /-/download/{file}" for handled in api.log) == 3


def test_the_harness_reports_a_killed_run() -> None:
    """A run killed by the harness ends as killed, and for no other reason."""
    assert isinstance(attempt(asana(TINY), on_request=killing(5)).error, Killed)


@every_method
def test_without_archived_projects_lists_are_read(config: Message) -> None:
    """No method sends a search or an export, because these could not exclude tasks of archived projects."""
    api = asana(TINY)
    output = sync_task_streams(api, {**config, "include_archived_projects": False})
    assert output.gids("tasks")
    assert [handled.path for handled in api.log if "/tasks/search" in handled.path or "export" in handled.path] == []
