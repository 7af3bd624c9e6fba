"""Projects that leave the list of projects are reported as deletions or by a warning."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from harness import TINY, Message, Output, asana, clock, sync
from methods import HOUR

from fake_asana.messages import HttpRequest
from fake_asana.model.dialect import Dialect, LogForm
from fake_asana.server.api import Api
from fake_asana.server.faults import Refusal
from tap_asana.errors import AsanaError
from tap_asana.state.instants import format_instant, parse_instant

every_answer = pytest.mark.parametrize("status", [200, 403, 404])


@pytest.fixture(autouse=True)
def _warnings(caplog: pytest.LogCaptureFixture) -> None:
    """Capture the stream's warnings."""
    caplog.set_level(logging.WARNING, "tap_asana.sync.missed_events")


def after_first_run(status: int = 200, late_seconds: int = 0) -> tuple[Api, Message, str]:
    """Return an Asana, the state after a person's first run, and a project with tasks of its own."""
    api = asana(TINY, dialect=Dialect(deleted_project_events=status, logs=LogForm(late_seconds=late_seconds)))
    state = sync(api, select=["deletions"]).state
    clock(api).advance(HOUR)
    tasks: list[Message] = list(api.world.expected_records("tasks", "0/fake").values())
    gid = next(str(task["projects"][0]["gid"]) for task in tasks if len(task["projects"]) == 1 and not task["parent"])
    return api, state, gid


def run(api: Api, state: Message, **config: object) -> Output:
    """Read the deletions with a person's token."""
    clock(api).advance(HOUR)
    return sync(api, select=["deletions"], state=state, config=config)


def named_start(state: Message) -> str:
    """Return the start of the time that a warning names: half an hour before the bookmark, as events may come late."""
    bookmark = str(state["bookmarks"]["deletions"]["partitions"][0]["replication_key_value"])
    return format_instant(parse_instant(bookmark) - timedelta(minutes=30))


def gaps(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the logged gaps."""
    return [message for message in caplog.messages if message.startswith("deletions in ")]


def deleted(output: Output) -> set[str]:
    """Return the gids reported as deleted."""
    return {str(record["gid"]) for record in output.records("deletions") if record["action"] == "deleted"}


def test_events_that_do_not_name_the_deletion_yet_are_missed(caplog: pytest.LogCaptureFixture) -> None:
    """The project is deleted just before the run: its last events come later, and nobody asks for them then."""
    api, state, gid = after_first_run(late_seconds=600)
    clock(api).advance(HOUR)
    api.world.delete_project(gid)
    second = sync(api, select=["deletions"], state=state)
    assert deleted(second) == {gid}
    (line,) = gaps(caplog)
    assert line.startswith(f"deletions in {gid} from ")


@every_answer
def test_a_deleted_project_is_reported_once(status: int, caplog: pytest.LogCaptureFixture) -> None:
    """The project is always a row; its tasks are rows if its last events are readable, else a warning names the gap."""
    api, state, gid = after_first_run(status)
    before = set(api.world.gids("tasks", "0/fake"))
    api.world.delete_project(gid)
    gone = before - set(api.world.gids("tasks", "0/fake"))
    second = run(api, state)
    assert gone
    assert deleted(second) == ({gid, *gone} if status == 200 else {gid})
    (row,) = [record for record in second.records("deletions") if record["gid"] == gid]
    assert (row["resource_type"], row["parent_gid"]) == ("project", row["workspace_gid"])
    assert row["source"] == ("project_events" if status == 200 else "projects")
    warnings = gaps(caplog)
    assert len(warnings) == (status != 200)
    assert all(f"deletions in {gid} from 2026-" in line and "the project was deleted" in line for line in warnings)
    third = run(api, second.state)
    assert (third.records("deletions"), gaps(caplog)) == ([], warnings)


@every_answer
def test_an_invisible_project_is_not_deleted(status: int, caplog: pytest.LogCaptureFixture) -> None:
    """It still exists for others: one warning names the start of the gap."""
    api, state, gid = after_first_run(status)
    api.world.hide_project(gid)
    second = run(api, state)
    assert gid not in deleted(second)
    (line,) = gaps(caplog)
    assert f"deletions in {gid} " in line
    assert line.endswith("the project is not listed any more; as long as it is not, later ones are missed too")
    run(api, second.state)
    assert gaps(caplog) == [line]


def test_an_excluded_archived_project_is_not_deleted(caplog: pytest.LogCaptureFixture) -> None:
    """It still exists, but is not listed."""
    api = asana(TINY)
    narrow = {"include_archived_projects": False}
    state = sync(api, select=["deletions"], config=narrow).state
    listed = [
        gid for gid, project in api.world.expected_records("projects", "0/fake").items() if not project["archived"]
    ]
    api.world.archive_project(listed[0])
    second = run(api, state, **narrow)
    assert deleted(second) == set()
    assert [listed[0] in line for line in gaps(caplog)] == [True]


@every_answer
def test_the_last_deleted_project_is_reported(status: int) -> None:
    """Without any project left there are no events to request, but the deletions are reported."""
    api, state, _ = after_first_run(status)
    projects = set(api.world.gids("projects", "0/fake"))
    for gid in sorted(projects):
        api.world.delete_project(gid)
    assert deleted(run(api, state)) >= projects


def test_a_deletion_with_an_expired_token_is_reported_without_tasks(caplog: pytest.LogCaptureFixture) -> None:
    """The sync token has expired, but the deletion of the project itself is still known."""
    api, state, gid = after_first_run()
    api.world.delete_project(gid)
    api.world.expire_sync_tokens()
    assert deleted(run(api, state)) == {gid}
    assert [line for line in gaps(caplog) if gid in line]


def test_a_failing_project_is_retried_by_the_next_run(caplog: pytest.LogCaptureFixture) -> None:
    """A server error reveals nothing about the project, so its token is kept."""
    api, state, gid = after_first_run(404)
    api.world.delete_project(gid)
    api.world.access.deny(gid, 500)
    try:
        state = run(api, state).state
    except AsanaError:
        pytest.fail("one failing project must not end the run")
    assert gaps(caplog) == []
    api.world.access.denied_statuses.pop(gid)
    assert deleted(run(api, state)) == {gid}


def test_a_project_shared_again_tells_the_time_without_it(caplog: pytest.LogCaptureFixture) -> None:
    """What was deleted while the token did not see it has no event: one warning names the whole time."""
    api, state, gid = after_first_run()
    before = named_start(state)
    api.world.hide_project(gid)
    state = run(api, run(api, state).state).state
    caplog.clear()
    api.world.share_project(gid)
    state = run(api, state).state
    (line,) = gaps(caplog)
    assert line.startswith(f"deletions in {gid} from {before} to ")
    run(api, state)
    assert gaps(caplog) == [line]


def test_events_refused_for_a_time_are_told_if_their_token_expires(caplog: pytest.LogCaptureFixture) -> None:
    """The time without them begins before the run that was refused."""
    api, state, gid = after_first_run()
    before = named_start(state)
    refused = Refusal("GET /events", 403, gid)
    api.refusals.append(refused)
    state = run(api, state).state
    assert gaps(caplog) == []
    api.refusals.remove(refused)
    api.world.expire_sync_tokens()
    run(api, state)
    assert [line for line in gaps(caplog) if line.startswith(f"deletions in {gid} from {before} to ")]


@pytest.mark.parametrize("is_deleted", [False, True], ids=["a task", "the project"])
def test_what_was_written_before_the_first_token_is_told(is_deleted: bool, caplog: pytest.LogCaptureFixture) -> None:  # noqa: FBT001 - a parameter of the test
    """A search finds the task of a project created after the list of projects; it is deleted before the next run."""
    api = asana(TINY)
    workspace = next(iter(api.world.workspaces))
    config = {"extraction_method": "search", "workspaces": [workspace]}
    streams = ["projects", "tasks", "deletions"]
    state = sync(api, select=streams, config=config).state
    clock(api).advance(HOUR)
    created: list[str] = []

    def create(request: HttpRequest) -> None:
        if request.path.endswith("/tasks/search") and not created:
            project = api.world.add_project(workspace)
            created.extend([project, api.world.add_task(project=project)])

    second = sync(api, select=streams, config=config, state=state, on_request=create)
    project, task = created
    assert task in second.gids("tasks")
    clock(api).advance(HOUR)
    caplog.clear()
    if is_deleted:
        api.world.delete_project(project)
    else:
        api.world.delete_task(task)
    third = sync(api, select=streams, config=config, state=second.state)
    (line,) = gaps(caplog)
    start = named_start(second.state)
    assert line.startswith(f"deletions in {project} from {start} to ")
    assert deleted(third) == ({project} if is_deleted else set())
    sync(api, select=streams, config=config, state=third.state)
    assert gaps(caplog) == [line]


@pytest.mark.parametrize(("answer", "is_row"), [(410, True), (400, False)])
@every_answer
def test_another_refusal_of_a_departed_project_is_told(
    status: int, answer: int, caplog: pytest.LogCaptureFixture, *, is_row: bool
) -> None:
    """Where Asana answers 410 for a deleted project, it becomes a row; any other refusal may hide it: a warning."""
    api, state, gid = after_first_run(status)
    api.world.delete_project(gid)
    clock(api).advance(3 * 24 * HOUR)  # the sync token of its events expires
    api.refusals.append(Refusal("GET /projects/{project_gid}", answer, gid))
    output = run(api, state)
    assert (gid in deleted(output)) is is_row
    assert any(gid in line for line in gaps(caplog))
    assert run(api, output.state).gids("deletions") == set()
