"""Exports in the local Asana: jobs that take their time, and what is in their files."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from exporting import FIELDS, SERVICE, Exporter, read, want
from fake_client import FakeClient

from fake_asana.messages import HttpRequest
from fake_asana.model.clock import format_instant


@pytest.fixture
def exporter() -> Exporter:
    """Give a service account that nothing was exported for yet."""
    return Exporter(FakeClient())


def test_only_a_service_account_of_a_paid_plan_exports() -> None:
    """A person is forbidden to export, and so is a plan without it, with 402."""
    client = FakeClient()
    person = Exporter(client, "0/fake").begin(want())
    client.first.missing_features.add("resource_export")
    assert person.status_code == 403
    assert Exporter(client).begin(want()).status_code == 402


def test_a_job_goes_through_its_states(exporter: Exporter) -> None:
    """It waits, is in progress, and has succeeded, by the world's clock; only then it has a file."""
    gid = exporter.begin(want()).json()["data"]["gid"]
    seen = []
    for _ in range(4):
        job = exporter.job(gid)
        seen.append((job["status"], job["new_resource_export"]["download_url"] is not None))
        exporter.client.clock.advance(20)
    waiting, busy, done = ("not_started", False), ("in_progress", False), ("succeeded", True)
    assert seen == [waiting, busy, busy, done]


def test_a_job_may_fail(exporter: Exporter) -> None:
    """A failed job has no file, and the next one can be begun."""
    exporter.client.world.fail_exports(1)
    gid = exporter.begin(want()).json()["data"]["gid"]
    exporter.client.clock.advance(60)
    assert exporter.job(gid)["status"] == "failed"
    assert exporter.job(gid)["new_resource_export"]["download_url"] is None
    assert exporter.export(want())


def test_a_job_is_its_creators(exporter: Exporter) -> None:
    """Nobody else may look at it."""
    gid = exporter.begin(want()).json()["data"]["gid"]
    assert exporter.client.request(f"/jobs/{gid}", token="0/fake")[0] == 403


def test_one_export_at_a_time(exporter: Exporter) -> None:
    """While an export of a workspace is in progress, one's own or somebody else's, another is forbidden."""
    client = exporter.client
    client.world.begin_foreign_export(client.first.gid, 100)
    assert exporter.begin(want()).status_code == 403
    client.clock.advance(100)
    assert exporter.begin(want()).status_code == 201
    assert exporter.begin(want()).status_code == 403


@pytest.mark.parametrize("wants", [[], [{"resource_type": "project"}], ["task"]])
def test_what_cannot_be_exported_is_refused(exporter: Exporter, wants: list[Any]) -> None:
    """An export of nothing, or of a kind that exports do not have, is a bad request."""
    assert exporter.begin(*wants).status_code == 400


def test_an_export_holds_every_task(exporter: Exporter) -> None:
    """Every task of the workspace is there, each with the fields asked for and no others, in no order of time."""
    rows = exporter.export(want())
    truth = exporter.client.world.expected_records("tasks", SERVICE)
    assert Counter(row["gid"] for row in rows) == Counter(truth.keys())
    assert {frozenset(row) for row in rows} == {
        frozenset({"gid", *(f.split(".")[0] for f in FIELDS)}),
    }
    assert all(row["modified_at"] == truth[row["gid"]]["modified_at"] for row in rows)
    instants = [row["modified_at"] for row in rows]
    assert instants not in (sorted(instants), sorted(instants, reverse=True))


def test_stories_and_files_come_inside_their_task(exporter: Exporter) -> None:
    """Together the tasks hold every story and every file of a task, by the paths asked for."""
    rows = exporter.export(want())
    for stream, keys in (
        ("stories", {"gid", "text"}),
        ("attachments", {"gid", "name"}),
    ):
        inside = {record["gid"]: record for row in rows for record in row[stream]}
        truth = {
            gid
            for gid, record in exporter.client.world.expected_records(stream, SERVICE).items()
            if (record.get("target") or record.get("parent") or {})["resource_type"] == "task"  # type: ignore[index]  # one of them is a record
        }
        assert set(inside) == truth
        assert {frozenset(record) for record in inside.values()} == {frozenset(keys)}


def test_without_fields_the_usual_ones_come(exporter: Exporter) -> None:
    """Opt-in fields are missing, and files have no addresses."""
    rows = exporter.export({"resource_type": "task"})
    assert all("notes" in row and "html_notes" not in row for row in rows)
    files = [file for row in rows for file in row["attachments"]]
    assert files
    assert not {"download_url", "view_url"} & {key for file in files for key in file}


def test_filters_narrow_an_export(exporter: Exporter) -> None:
    """Instants and people are filters; several parameters are an or, and what both want comes twice."""
    tasks = exporter.client.world.expected_records("tasks", SERVICE)
    middle = sorted(str(task["modified_at"]) for task in tasks.values())[len(tasks) // 2]
    expected = {gid for gid, task in tasks.items() if str(task["modified_at"]) > middle}
    after = want({"modified_at.after": middle})
    user = exporter.client.first.roster[1].gid
    assigned = {gid for gid, task in tasks.items() if (task["assignee"] or {}).get("gid") == user}  # type: ignore[attr-defined]  # a record
    assert {row["gid"] for row in exporter.export(after)} == expected
    rows = exporter.export(after, want({"assignee.any": [user]}))
    assert assigned & expected
    assert Counter(row["gid"] for row in rows) == Counter(expected) + Counter(assigned)


def test_an_export_is_as_old_as_its_beginning(exporter: Exporter) -> None:
    """What changed while it was made is there as it was, what is new is not there, and what was deleted is gone."""
    world = exporter.client.world
    before = world.expected_records("tasks", SERVICE)
    changed, deleted = [gid for gid in before if not before[gid]["num_subtasks"]][:2]
    gid = exporter.begin(want()).json()["data"]["gid"]
    exporter.client.clock.advance(30)
    world.rename_task(changed)
    world.delete_task(deleted)
    new = world.add_task(workspace=exporter.client.first.gid)
    exporter.client.clock.advance(30)
    rows = read(exporter.http.get(exporter.job(gid)["new_resource_export"]["download_url"], stream=True))
    found = {row["gid"]: row for row in rows}
    assert (found[changed]["name"], found[changed]["modified_at"]) == (
        before[changed]["name"],
        before[changed]["modified_at"],
    )
    assert set(before) - set(found) == {deleted}
    assert new not in found


def test_teams_can_be_exported(exporter: Exporter) -> None:
    """Teams come with their members; messages are a kind, of which there are none."""
    rows = exporter.export({"resource_type": "team"}, {"resource_type": "message"})
    assert {row["gid"] for row in rows} == set(exporter.client.first.teams)
    assert any(row["members"] for row in rows)


def test_filters_are_read_when_the_export_begins(exporter: Exporter) -> None:
    """An instant that cannot be read is a bad request, and a filter that is not documented is not heard."""
    assert exporter.begin(want({"modified_at.after": "soon"})).status_code == 400
    rows = exporter.export(want({"modified_since": format_instant(exporter.client.world.now()), "completed": "true"}))
    assert {row["gid"] for row in rows} == set(exporter.client.world.gids("tasks", SERVICE))


def test_a_body_must_be_json(exporter: Exporter) -> None:
    """What is no JSON object with data is a bad request."""
    for body in (b"", b"[]", b'{"data": 1}'):
        request = HttpRequest("POST", "/api/1.0/exports/resource", headers=exporter.headers, body=body)
        assert exporter.client.api.respond(request).status == 400
