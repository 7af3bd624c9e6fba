"""Lists that stay unread as the summaries name them: the plan lacked them in some run (402), or the last run owes them.

No later run asks again for what a plan lacks. A list is owed to the end if it is refused, or if its page tokens always
expire before the next page, because each request waits for the rate limit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus

from expected_losses import gid, unlisted_tasks
from harness import Message

from simulate.comparing import truth_of, unreachable
from simulate.player import Played

TEMPLATES: Mapping[str, str] = {
    "tasks": "GET /tasks/{task_gid}/subtasks",
    "stories": "GET /tasks/{task_gid}/stories",
    "attachments": "GET /attachments",
    "time_tracking_entries": "GET /tasks/{task_gid}/time_tracking_entries",
}
"""The list of each stream that one task holds."""

FIRST = re.compile(r"^(\w+): (\S+) is not in the plan \(402\)$")
"""The line of the first such list of a stream: a killed run has no summary."""

SUMMARY = re.compile(r"^(\w+): \d+ records, .*parents skipped with 402 \((.*?)\)")
GID = re.compile(r"\d{5,}")
OWED = re.compile(r"lists still owed \((.*?)\)")
SKIPPED = re.compile(r"parents skipped with 400 \((.*?)\)")
HOLDERS = ("workspace_gid", "workspace", "project", "parent", "portfolio_gid", "team")
"""Fields that name what the list of a record belongs to."""

ABRIDGED = ", …"
"""The end of the names in a summary that has no room for more."""


def parents_without_plan(played: Played, stream: str) -> set[str]:
    """Return the parents whose list of a stream answered 402, if a summary names them, or has no room for them.

    The parents of a killed run count if it has named one.
    """
    path = f"/{TEMPLATES[stream].rpartition('/')[2]}"
    lines = [line for line in played.log if line.startswith(f"{stream}: ")]
    summaries, starts = (
        [found[2] for line in lines if (found := form.match(line)) and path in found[2]] for form in (SUMMARY, FIRST)
    )
    named = {gid for names in summaries for gid in GID.findall(names)}
    refused = set(_refused(played, stream))
    is_abridged = len(starts) > len(summaries) or any(names.endswith(ABRIDGED) for names in summaries)
    return refused if is_abridged else refused & named


def _refused(played: Played, stream: str) -> Iterator[str]:
    """Yield the parents whose list of a stream was answered with 402."""
    for request in played.api.log:
        if request.template == TEMPLATES[stream] and request.status == HTTPStatus.PAYMENT_REQUIRED:
            yield from GID.findall(f"{request.path} {request.query.get('parent')}")


def owed_parents(played: Played, stream: str) -> set[str]:
    """Return the parents whose lists of a stream the last run still owes, as its summary names them."""
    return set(GID.findall(_in_last_summary(played, stream, OWED)))


def _in_last_summary(played: Played, stream: str, form: re.Pattern[str]) -> str:
    """Return what the summary of a stream says of the last run in this form; nothing if it says nothing."""
    summaries = [line for line in played.log if re.match(rf"{stream}: \d+ records, ", line)]
    found = form.search(summaries[-1]) if summaries else None
    return found[1] if found else ""


def is_behind_expired_token(played: Played, stream: str, record: Message) -> bool:
    """Return whether the last run has skipped the list of a record because page tokens expired, as its summary says."""
    expired = {
        each
        for request in played.api.log
        if request.status == HTTPStatus.BAD_REQUEST and "offset" in request.query
        for each in GID.findall(f"{request.path} {request.query.get('project')} {request.query.get('parent')}")
    }
    names = _in_last_summary(played, stream, SKIPPED).split(", ")
    holders = {gid(record[name]) for name in HOLDERS if record.get(name)}
    return any(found[0] in holders & expired for found in map(GID.search, names) if found)


def unplanned_tasks(played: Played) -> set[str]:
    """Return the subtasks that only such lists hold."""
    parents = parents_without_plan(played, "tasks")
    token = played.history.token
    if not parents:
        return set()
    return unlisted_tasks(played.api.world, parents, token, truth_of(played, "tasks")) - unreachable(played)


def is_unread(played: Played, stream: str, record: Message) -> bool:
    """Return whether the list of a record below a task is one of those."""
    holder = record.get("target") or record.get("parent") or {"gid": record.get("task_gid")}
    return holder["gid"] in parents_without_plan(played, stream) | owed_parents(played, stream)
