"""Runs without a stream take the events that name its changes: the next run with it says what is lost (law 2)."""

from __future__ import annotations

import pytest
from harness import TINY, Message, Output, asana, clock, sync
from methods import ALL_TASK_STREAMS, EXPORT, HOUR, LIST

from fake_asana.server.api import Api

FOLLOWED = ("projects", "deletions", *ALL_TASK_STREAMS)
SOME = ("tasks", "deletions")
LOST = "runs of that time have not followed attachments, stories, time_tracking_entries"


@pytest.fixture(params=[LIST, EXPORT], ids=["person", "service account"])
def config(request: pytest.FixtureRequest) -> Message:
    """Return settings of a token that reads the events of projects, or of its workspace."""
    return dict(request.param)


def next_run(api: Api, before: Output, config: Message, select: tuple[str, ...]) -> Output:
    """Return the output of a run an hour later."""
    clock(api).advance(HOUR)
    return sync(api, config=config, select=select, state=before.state)


def test_changes_of_a_stream_that_a_run_leaves_out_are_named(config: Message, caplog: pytest.LogCaptureFixture) -> None:
    """One warning has the span from the last run with the stream to the last run without it, and is not repeated."""
    api = asana(TINY)
    first = sync(api, config=config, select=FOLLOWED)
    without = next_run(api, first, config, SOME)
    start, end = (run.bookmark("deletions")["replication_key_value"] for run in (first, without))
    assert not any("were missed" in line for line in caplog.messages)
    again = next_run(api, without, config, FOLLOWED)
    lines = [line for line in caplog.messages if LOST in line]
    assert len(lines) == len(api.world.access.viewers[config["access_token"]].workspaces)
    assert any(f"from {start} to {end} were missed" in line for line in lines)
    assert "unfollowed" not in again.bookmark("deletions")
    caplog.clear()
    next_run(api, again, config, FOLLOWED)
    assert not any("were missed" in line for line in caplog.messages)


def test_a_stream_that_no_run_has_read_misses_nothing(config: Message, caplog: pytest.LogCaptureFixture) -> None:
    """It reads its own past."""
    api = asana(TINY)
    first = sync(api, config=config, select=SOME)
    assert "unfollowed" not in first.bookmark("deletions")
    later = next_run(api, first, config, FOLLOWED)
    assert later.gids("stories")
    assert not any("were missed" in line for line in caplog.messages)


def test_events_that_the_settings_leave_out_are_named(config: Message, caplog: pytest.LogCaptureFixture) -> None:
    """The setting follow_events may be false for some runs."""
    api = asana(TINY)
    first = sync(api, config=config, select=FOLLOWED)
    without = next_run(api, first, {**config, "follow_events": False}, FOLLOWED)
    next_run(api, without, config, FOLLOWED)
    assert any("have not followed attachments, stories, tasks, time_tracking" in line for line in caplog.messages)
