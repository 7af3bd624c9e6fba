"""Exports of the fake: jobs with a duration, and the content of their files."""

from __future__ import annotations

import json
from collections import Counter
from operator import itemgetter
from typing import Any

import pytest
from fake_client import FIELDS, SERVICE, ExportClient, FakeClient, read_rows, task_export

from fake_asana.messages import HttpRequest
from fake_asana.model.breakage import NUL, Breakage
from fake_asana.model.clock import format_instant
from fake_asana.model.dialect import Dialect


@pytest.fixture
def exporter() -> ExportClient:
    """Give a service account without exports."""
    return ExportClient(FakeClient())


def test_only_service_accounts_of_paid_plans_export() -> None:
    """A person gets 403, and a plan without exports 402."""
    client = FakeClient()
    person = ExportClient(client, "0/fake").begin(task_export())
    client.first.missing_features.add("resource_export")
    assert person.status_code == 403
    assert ExportClient(client).begin(task_export()).status_code == 402


def test_a_job_passes_through_its_states(exporter: ExportClient) -> None:
    """It waits, is in progress and succeeds by the world's clock; only then does it have a file."""
    gid = exporter.begin(task_export()).json()["data"]["gid"]
    states = []
    for _ in range(4):
        job = exporter.job(gid)
        states.append((job["status"], job["new_resource_export"]["download_url"] is not None))
        exporter.client.clock.advance(20)
    waiting, busy, done = ("not_started", False), ("in_progress", False), ("succeeded", True)
    assert states == [waiting, busy, busy, done]


def test_a_job_can_fail(exporter: ExportClient) -> None:
    """A failed job has no file, and another export can start."""
    exporter.client.world.fail_exports(1)
    gid = exporter.begin(task_export()).json()["data"]["gid"]
    exporter.client.clock.advance(60)
    assert exporter.job(gid)["status"] == "failed"
    assert exporter.job(gid)["new_resource_export"]["download_url"] is None
    assert exporter.export(task_export())


def test_a_job_belongs_to_its_creator(exporter: ExportClient) -> None:
    """Other tokens cannot see it."""
    gid = exporter.begin(task_export()).json()["data"]["gid"]
    assert exporter.client.request(f"/jobs/{gid}", token="0/fake")[0] == 403


def test_a_workspace_has_one_export_at_a_time(exporter: ExportClient) -> None:
    """While any export of the workspace is in progress, another gets 403."""
    client = exporter.client
    client.world.begin_foreign_export(client.first.gid, 100)
    assert exporter.begin(task_export()).status_code == 403
    client.clock.advance(100)
    assert exporter.begin(task_export()).status_code == 201
    assert exporter.begin(task_export()).status_code == 403


@pytest.mark.parametrize("parameters", [[], [{"resource_type": "project"}], ["task"]])
def test_unknown_export_parameters_are_refused(exporter: ExportClient, parameters: list[Any]) -> None:
    """An empty export and an unknown resource type are bad requests."""
    assert exporter.begin(*parameters).status_code == 400


def test_an_export_contains_every_task(exporter: ExportClient) -> None:
    """Every task of the workspace has exactly the requested fields, in no order of time."""
    rows = exporter.export(task_export())
    expected = exporter.client.world.expected_records("tasks", SERVICE)
    assert Counter(row["gid"] for row in rows) == Counter(expected.keys())
    assert {frozenset(row) for row in rows} == {
        frozenset({"gid", *(f.split(".")[0] for f in FIELDS)}),
    }
    assert all(row["modified_at"] == expected[row["gid"]]["modified_at"] for row in rows)
    instants = [row["modified_at"] for row in rows]
    assert instants not in (sorted(instants), sorted(instants, reverse=True))


def test_stories_and_files_are_nested_in_tasks(exporter: ExportClient) -> None:
    """All stories and files of tasks are included, with the requested fields."""
    rows = exporter.export(task_export())
    for stream, keys in (
        ("stories", {"gid", "text"}),
        ("attachments", {"gid", "name"}),
    ):
        nested = {record["gid"]: record for row in rows for record in row[stream]}
        expected = {
            gid
            for gid, record in exporter.client.world.expected_records(stream, SERVICE).items()
            if (record.get("target") or record.get("parent") or {})["resource_type"] == "task"  # type: ignore[index]  # a record
        }
        assert set(nested) == expected
        assert {frozenset(record) for record in nested.values()} == {frozenset(keys)}


@pytest.mark.parametrize(("name", "path"), [("stories", "/tasks/{}/stories"), ("attachments", "/attachments")])
def test_an_export_is_corrupt_where_lists_are(name: str, path: str) -> None:
    """The same value is always corrupt in the same way, also that of an object inside a story or a file."""
    client = FakeClient(dialect=Dialect(breakage=Breakage(texts=NUL)))
    rows = ExportClient(client).export(task_export(fields=[f"{name}.created_by.name", f"{name}.name"]))
    task = max(rows, key=lambda row: len(row[name]))
    list_path = path.format(task["gid"])
    listed = client.all(list_path, parent=task["gid"], opt_fields="created_by.name,name", token=SERVICE)
    assert sorted(task[name], key=itemgetter("gid")) == sorted(listed, key=itemgetter("gid"))
    assert r"\u0000" in json.dumps(listed)


def test_an_export_without_fields_has_the_default_ones(exporter: ExportClient) -> None:
    """Opt-in fields are missing, and files have no addresses."""
    rows = exporter.export({"resource_type": "task"})
    assert all("notes" in row and "html_notes" not in row for row in rows)
    files = [file for row in rows for file in row["attachments"]]
    assert files
    assert not {"download_url", "view_url"} & {key for file in files for key in file}


def test_exports_are_filtered(exporter: ExportClient) -> None:
    """Filters are instants and people; tasks of several parameters appear once for each."""
    tasks = exporter.client.world.expected_records("tasks", SERVICE)
    middle = sorted(str(task["modified_at"]) for task in tasks.values())[len(tasks) // 2]
    expected = {gid for gid, task in tasks.items() if str(task["modified_at"]) > middle}
    after = task_export({"modified_at.after": middle})
    user = exporter.client.first.roster[1].gid
    assigned = {gid for gid, task in tasks.items() if (task["assignee"] or {}).get("gid") == user}  # type: ignore[attr-defined]  # a record
    assert {row["gid"] for row in exporter.export(after)} == expected
    rows = exporter.export(after, task_export({"assignee.any": [user]}))
    assert assigned & expected
    assert Counter(row["gid"] for row in rows) == Counter(expected) + Counter(assigned)


def test_an_export_shows_the_state_at_its_start(exporter: ExportClient) -> None:
    """Changed tasks appear as they were, new and deleted ones do not appear."""
    world = exporter.client.world
    before = world.expected_records("tasks", SERVICE)
    changed, deleted = [gid for gid in before if not before[gid]["num_subtasks"]][:2]
    gid = exporter.begin(task_export()).json()["data"]["gid"]
    exporter.client.clock.advance(30)
    world.rename_task(changed)
    world.delete_task(deleted)
    new = world.add_task(workspace=exporter.client.first.gid)
    exporter.client.clock.advance(30)
    rows = read_rows(exporter.http.get(exporter.job(gid)["new_resource_export"]["download_url"], stream=True))
    exported = {row["gid"]: row for row in rows}
    assert (exported[changed]["name"], exported[changed]["modified_at"]) == (
        before[changed]["name"],
        before[changed]["modified_at"],
    )
    assert set(before) - set(exported) == {deleted}
    assert new not in exported


def test_teams_are_exported(exporter: ExportClient) -> None:
    """Teams include their members; messages are a type without rows."""
    rows = exporter.export({"resource_type": "team"}, {"resource_type": "message"})
    assert {row["gid"] for row in rows} == set(exporter.client.first.teams)
    assert any(row["members"] for row in rows)


def test_filters_are_checked_at_the_start(exporter: ExportClient) -> None:
    """An unreadable instant is a bad request, and an undocumented filter is ignored."""
    assert exporter.begin(task_export({"modified_at.after": "soon"})).status_code == 400
    rows = exporter.export(
        task_export({"modified_since": format_instant(exporter.client.world.now()), "completed": "true"})
    )
    assert {row["gid"] for row in rows} == set(exporter.client.world.gids("tasks", SERVICE))


def test_a_body_must_be_json(exporter: ExportClient) -> None:
    """A body other than a JSON object with data is a bad request."""
    for body in (b"", b"[]", b'{"data": 1}'):
        request = HttpRequest("POST", "/api/1.0/exports/resource", headers=exporter.headers, body=body)
        assert exporter.client.api.respond(request).status == 400
