"""The extraction methods, and the records missing from their runs."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from harness import Message, Output, sync

from fake_asana.server.api import Api
from tap_asana.state.instants import format_instant, look_back, parse_instant

HOUR, DAY = 3600, 86_400


METHODS: Mapping[str, Message] = {
    "list": {"access_token": "0/fake", "extraction_method": "list"},
    "search": {"access_token": "0/fake", "extraction_method": "search"},
    "auto": {"access_token": "0/fake", "extraction_method": "auto"},
    "export": {"access_token": "0/service", "extraction_method": "export"},
}


FORCED_METHODS = ("list", "search", "export")
"""The methods that a user may demand, instead of leaving the choice to the tap."""

LIST, SEARCH, EXPORT = METHODS["list"], METHODS["search"], METHODS["export"]

VERSIONED: Message = {"emit_activate_version_messages": True}

TASKS_AND_STORIES = ("tasks", "stories")
TASK_STREAMS = (*TASKS_AND_STORIES, "attachments")
ALL_TASK_STREAMS = (*TASK_STREAMS, "time_tracking_entries")
"""The streams of tasks and their children."""


every_method = pytest.mark.parametrize("config", METHODS.values(), ids=METHODS)


def before_late_events(instant: str) -> str:
    """Return the instant half an hour before another one: events may come as late as that."""
    return format_instant(look_back(parse_instant(instant), HOUR // 2))


def missing_gids(api: Api, output: Output, config: Message) -> dict[str, set[str]]:
    """Return the missing gids of a read, by stream."""
    truth = {stream: set(api.world.gids(stream, config["access_token"])) for stream in TASK_STREAMS}
    return {
        stream: set(gids) - output.gids(stream) for stream, gids in truth.items() if set(gids) - output.gids(stream)
    }


def sync_task_streams(api: Api, config: Message, state: Message | None = None) -> Output:
    """Run the streams of tasks and their children."""
    return sync(api, config=config, state=state, select=TASK_STREAMS)


def missing_or_stale(api: Api, output: Output, token: str) -> Mapping[str, object]:
    """Return, by stream, the gids that no run returned, and the tasks without their latest change."""
    missing_gids: dict[str, object] = {
        stream: set(api.world.gids(stream, token)) - output.gids(stream) for stream in TASK_STREAMS
    }
    brought = {gid: row["modified_at"] for gid, row in output.rows("tasks").items()}
    tasks = api.world.expected_records("tasks", token).items()
    stale = {gid for gid, task in tasks if brought.get(gid) != task["modified_at"]}
    return {name: gids for name, gids in {**missing_gids, "stale": stale}.items() if gids}


def exports_of(output: Output) -> Message:
    """Return what the state knows of exports."""
    partitions = output.state["bookmarks"]["projects"]["partitions"]
    return dict(partitions[0].get("export", {}))
