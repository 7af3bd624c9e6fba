"""The span of events that no run can read any more, as the log tells it."""

from __future__ import annotations

import pytest
from harness import PERSON, SERVICE, TINY, Message, asana, clock, sync
from interruptions import interrupted
from methods import ALL_TASK_STREAMS, HOUR, LIST, before_late_events

from fake_asana.model.dialect import Dialect

SELECT = ("deletions", *ALL_TASK_STREAMS)
BY_LIST: Message = {**SERVICE, "extraction_method": "list", "max_concurrency": 1}

DAY = 24 * HOUR


@pytest.mark.usefixtures("eager")
def test_the_span_begins_before_a_run_that_was_killed_between_the_log_and_the_objects(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The bookmark of the audit log has passed what the events told, because nothing of it was written."""
    api = asana(TINY)
    first = sync(api, config=BY_LIST, select=SELECT)
    liked = next(gid for gid in api.world.gids("tasks", SERVICE["access_token"]) if api.world.tasks[gid].sections)
    clock(api).advance(HOUR)
    api.world.like_task(liked)
    clock(api).advance(HOUR)
    requests = len(api.log)
    kept = interrupted(
        api, lambda request: request.path.endswith("/tasks"), config=BY_LIST, state=first.state, select=SELECT
    )
    assert any(each.path.endswith("/events") for each in api.log[requests:])
    starts = [run.bookmark("deletions")["replication_key_value"] for run in (first, kept)]
    assert starts[0] < starts[1]
    clock(api).advance(2 * DAY)
    sync(api, config=BY_LIST, select=SELECT, state=kept.state)
    lines = [line for line in caplog.messages if "changes that move no modified_at" in line and "were missed" in line]
    assert lines
    assert all(f"from {before_late_events(starts[0])} to " in line for line in lines)


def test_the_span_of_a_project_begins_with_a_run_without_deletions(caplog: pytest.LogCaptureFixture) -> None:
    """Such a run writes tasks of a new project, and takes no sync token that could bring their silent changes."""
    api = asana(TINY)
    first = sync(api, config=LIST, select=SELECT)
    project = api.world.add_project(next(iter(api.world.workspaces)))
    task = api.world.add_task(project=project)
    clock(api).advance(HOUR)
    second = sync(api, config=LIST, select=ALL_TASK_STREAMS, state=first.state)
    assert task in second.gids("tasks")
    clock(api).advance(HOUR)
    api.world.like_task(task)
    sync(api, config=LIST, select=SELECT, state=second.state)
    assert [line for line in caplog.messages if project in line and "were missed" in line]


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_a_deleted_project_is_named_although_all_other_events_are_refused(status: int) -> None:
    """Its own events and itself answer 404; they are requested once."""
    api = asana(TINY, dialect=Dialect(deleted_project_events=404))
    output = sync(api, config=LIST, select=SELECT)
    clock(api).advance(HOUR)
    deleted = min(api.world.gids("projects", PERSON["access_token"]))
    api.world.delete_project(deleted)
    for gid in api.world.gids("projects", PERSON["access_token"]):
        api.refuse("GET /events", status, gid=gid)
    for _ in range(3):
        clock(api).advance(HOUR)
        output = output.then(sync(api, config=LIST, select=SELECT, state=output.state))
    assert [row["source"] for row in output.records("deletions") if row["gid"] == deleted] == ["projects"]
    assert [each.path for each in api.log].count(f"/api/1.0/projects/{deleted}") == 1
