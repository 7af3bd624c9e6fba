"""What a plan lacks in some run only: lists that answered 402, which no later run owes, as the summaries name them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus

from expected_losses import unlisted_tasks
from harness import Message

from simulate.comparing import unreachable
from simulate.player import Played

TEMPLATES: Mapping[str, str] = {
    "tasks": "GET /tasks/{task_gid}/subtasks",
    "stories": "GET /tasks/{task_gid}/stories",
    "attachments": "GET /attachments",
    "time_tracking_entries": "GET /tasks/{task_gid}/time_tracking_entries",
}
"""The list of each stream that one task holds."""

SUMMARY = re.compile(r"^(\w+): \d+ records, .*parents skipped with 402 \((.*?)\)")
GID = re.compile(r"\d{5,}")
ABRIDGED = ", …"
"""The end of the names in a summary that has no room for more."""


def parents_without_plan(played: Played, stream: str) -> set[str]:
    """Return the parents whose list of a stream answered 402, as the summary of a run names or abridges them."""
    summaries = [found[2] for line in played.log if (found := SUMMARY.match(line)) and found[1] == stream]
    named = {gid for names in summaries for gid in GID.findall(names)}
    refused = set(_refused(played, stream))
    return refused if any(names.endswith(ABRIDGED) for names in summaries) else refused & named


def _refused(played: Played, stream: str) -> Iterator[str]:
    """Yield the parents whose list of a stream was answered with 402."""
    for request in played.api.log:
        if request.template == TEMPLATES[stream] and request.status == HTTPStatus.PAYMENT_REQUIRED:
            yield from GID.findall(f"{request.path} {request.query.get('parent')}")


def unplanned_tasks(played: Played) -> set[str]:
    """Return the subtasks that only such lists hold."""
    parents = parents_without_plan(played, "tasks")
    token = played.history.token
    return unlisted_tasks(played.api.world, parents, token) - unreachable(played) if parents else set()


def is_without_plan(played: Played, stream: str, record: Message) -> bool:
    """Return whether the list of a record below a task is one of those."""
    holder = record.get("target") or record.get("parent") or {"gid": record.get("task_gid")}
    return holder["gid"] in parents_without_plan(played, stream)
