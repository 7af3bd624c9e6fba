"""What events name and Asana refuses is named and counted (law 6); what is gone is not, and lists are owed."""

from __future__ import annotations

import logging
import re

import pytest
from harness import TINY, Message, Output, asana, clock, sync
from methods import ALL_TASK_STREAMS, HOUR, LIST

from fake_asana.server.api import Api
from fake_asana.server.faults import Refusal

ENTRIES_OF_TASK, ENTRIES = "GET /tasks/{task_gid}/time_tracking_entries", "GET /time_tracking_entries"

FOLLOWED = ("projects", "deletions", *ALL_TASK_STREAMS)


def first_run() -> tuple[Api, Output, str]:
    """Return an Asana an hour after a complete run, and a visible task in a project with comments."""
    api = asana(TINY)
    world = api.world
    visible = world.gids("tasks", "0/fake")
    task = next(gid for gid in visible if world.tasks[gid].sections and world.comment_gids(gid))
    output = sync(api, config=LIST, select=FOLLOWED)
    clock(api).advance(HOUR)
    return api, output, task


def refused_run(status: int, caplog: pytest.LogCaptureFixture) -> tuple[str, Message]:
    """Return the path of an edited comment that Asana refuses with a status, and the tap's state after that run."""
    caplog.set_level(logging.INFO)  # the first 402 is no warning
    api, first, task = first_run()
    story = api.world.comment_gids(task)[0]
    api.world.edit_comment(task, story)
    clock(api).advance(HOUR)
    api.world.access.deny(story, status)
    caplog.clear()
    second = sync(api, config=LIST, select=FOLLOWED, state=first.state)
    assert story not in second.gids("stories")
    return f"/stories/{story}", second.state


@pytest.mark.parametrize("status", [400, 401, 402, 403])
def test_a_refused_object_that_an_event_names_is_named(status: int, caplog: pytest.LogCaptureFixture) -> None:
    """A line has its path and status, the summary counts it, and nothing of it stays in state."""
    path, state = refused_run(status, caplog)
    assert any(path in line and f"({status})" in line for line in caplog.messages)
    summary = re.compile(rf"^stories: .* parents skipped with {status} \([^)]*{path}\b")
    assert sum(bool(summary.search(line)) for line in caplog.messages) == 1
    assert "debts" not in f"{state}"


@pytest.mark.parametrize("status", [404, 410])
def test_a_deleted_object_that_an_event_names_is_not_named(status: int, caplog: pytest.LogCaptureFixture) -> None:
    """It is only counted among the refused."""
    path, _ = refused_run(status, caplog)
    assert not [line for line in caplog.messages if path in line]
    assert sum(line.endswith("read again with 1 requests, 1 refused") for line in caplog.messages) == 1


def test_a_refused_list_of_entries_is_owed(caplog: pytest.LogCaptureFixture) -> None:
    """The next run reads the time entries of a task that this one could not list."""
    api, first, task = first_run()
    entry = api.world.track_time(task)
    clock(api).advance(HOUR)
    refusal = Refusal(ENTRIES_OF_TASK, 403, task)
    api.refusals.extend([Refusal(ENTRIES, 403), refusal])
    second = sync(api, config=LIST, select=FOLLOWED, state=first.state)
    assert entry not in second.gids("time_tracking_entries")
    assert any(f"/tasks/{task}/time_tracking_entries (403)" in line for line in caplog.messages)
    assert f"'time_tracking_entries': ['{task}']" in f"{second.state}"
    api.refusals.remove(refusal)
    clock(api).advance(HOUR)
    third = sync(api, config=LIST, select=FOLLOWED, state=second.state)
    assert entry in third.gids("time_tracking_entries")
    assert "debts" not in f"{third.state}"
