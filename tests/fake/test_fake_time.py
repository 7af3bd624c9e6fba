"""Time tracking of the fake."""

from __future__ import annotations

import pytest
from fake_client import FakeClient, Json


@pytest.fixture(scope="module")
def client() -> FakeClient:
    """Give a client of a world that no test changes."""
    return FakeClient()


def test_minutes_of_a_task_are_the_sum_of_its_entries(client: FakeClient) -> None:
    """A task without entries has null."""
    sums: dict[str, int] = {}
    for entry in client.world.time_entries:
        sums[entry.task.gid] = sums.get(entry.task.gid, 0) + entry.minutes
    tasks = client.world.expected_records("tasks")
    assert {gid: task["actual_time_minutes"] for gid, task in tasks.items()} == {gid: sums.get(gid) for gid in tasks}
    assert sums


def test_entries_are_listed_by_task_and_by_workspace(client: FakeClient) -> None:
    """Both ways return the expected entries; a workspace needs a bound for the day."""
    expected = client.world.expected_records("time_tracking_entries")
    tasks = [
        gid for gid, task in client.world.expected_records("tasks").items() if task["actual_time_minutes"] is not None
    ]
    by_task = {row["gid"] for gid in tasks for row in client.all(f"/tasks/{gid}/time_tracking_entries")}
    assert by_task == set(expected)
    by_workspace = {
        row["gid"]
        for workspace in (client.first, client.second)
        for row in client.all("/time_tracking_entries", workspace=workspace.gid, entered_on_start_date="2000-01-01")
    }
    assert by_workspace == set(expected)


def test_entries_of_a_workspace_need_a_bound(client: FakeClient) -> None:
    """Queries without a bound or a holder are bad requests; bounds apply on both sides."""
    assert client.error("/time_tracking_entries", workspace=client.first.gid)[0] == 400
    assert client.error("/time_tracking_entries")[0] == 400
    days = sorted(entry.entered_on for entry in client.world.time_entries.of(client.first))
    bounds: Json = {"entered_on_start_date": days[1], "entered_on_end_date": days[-2]}
    rows = client.all("/time_tracking_entries", workspace=client.first.gid, **bounds)
    assert {row["entered_on"] for row in rows} <= set(days[1:-1])


def test_entries_are_listed_by_holder(client: FakeClient) -> None:
    """A task, a user and a project each list their entries."""
    expected = client.world.expected_records("time_tracking_entries")
    entry = next(entry for entry in client.world.time_entries if entry.gid in expected and entry.task.sections)
    project = next(entry.task.projects())
    holders = {"task": entry.task.gid, "user": entry.author.gid, "attributable_to": project.gid}
    for name, gid in holders.items():
        query: Json = {name: gid}
        assert entry.gid in {row["gid"] for row in client.all("/time_tracking_entries", **query)}


def test_archived_categories_are_listed_separately(client: FakeClient) -> None:
    """Without is_archived only active ones are listed."""
    query: Json = {"workspace": client.first.gid, "opt_fields": "is_archived"}
    active, archived = (
        client.all("/time_tracking_categories", is_archived=value, **query) for value in ("false", "true")
    )
    assert client.all("/time_tracking_categories", **query) == active
    assert {row["is_archived"] for row in archived} == {True}
    gids = {row["gid"] for row in active + archived}
    assert gids == {row.gid for row in client.world.time_categories.of(client.first)}


def test_timesheets_cover_weeks(client: FakeClient) -> None:
    """A timesheet is one week of a person."""
    rows = client.all("/timesheet_approval_statuses", workspace=client.first.gid)
    assert {row["approval_status"] for row in rows} <= {"DRAFT", "SUBMITTED", "APPROVED", "REJECTED"}
    assert all(row["start_date"] < row["end_date"] for row in rows)
