"""What the log of a played history tells: the lists that are refused to the end, and the events that are lost.

Each excuse covers what the log names, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from expected_losses import UNDER, gid, unlisted_tasks
from harness import Message

from fake_asana.model.events import event_scope
from simulate.hardships import PARENTS
from simulate.player import Played

LISTS_OF_TASKS = frozenset({"/tasks", "/tasks/{task_gid}/subtasks", "/tags/{tag_gid}/tasks"})
"""The lists whose refusal hides tasks, with everything below them."""

ENTRIES = "time_tracking_entries"

STREAM_OF_LIST: Mapping[str, str] = {
    "/tasks/{task_gid}/stories": "stories",
    "/projects/{project_gid}/sections": "sections",
    "/attachments": "attachments",
    "/status_updates": "status_updates",
}
"""The stream that a refused list hides a part of."""

PARAMETERS: Mapping[str, str] = {"/tasks": "project", "/attachments": "parent", "/status_updates": "parent"}
"""The parameters that name the parent of a list."""

REFUSED = re.compile(r"skipped|not available in its plan")

MISSED = re.compile(
    r"(?:deletions|changes that move no modified_at) in ([\d, ]+\d)( and \d+ more)? from .* were missed: "
)


def refused_records(played: Played) -> dict[str, set[str]]:
    """Return what cannot be read because lists are refused to the end, by stream; only what the log names counts."""
    world, token = played.api.world, played.history.token
    refused = {template: _refused_parents(played, template) for template in PARENTS}
    closed = set[str]().union(*(refused[template] for template in LISTS_OF_TASKS))
    losses = {"tasks": unlisted_tasks(world, closed, token) if closed else set()}
    holders = {stream: losses["tasks"] | refused[template] for template, stream in STREAM_OF_LIST.items()}
    for stream, gids in {ENTRIES: losses["tasks"], **holders}.items():
        truth = world.expected_records(stream, token).items() if gids else ()
        losses[stream] = {key for key, record in truth if gid(record[UNDER[stream]]) in gids}
    return losses


def _refused_parents(played: Played, template: str) -> set[str]:
    """Return the parents whose lists are refused to the end, as the log names them."""
    refused = {refusal.gid for refusal in played.refused if refusal.template == f"GET {template}"}
    path = re.escape(path_of(template, "PARENT")).replace("PARENT", r"(\d+)\b")
    named = (
        {each for line in played.log if REFUSED.search(line) for each in re.findall(path, line)} if refused else set()
    )
    return named if "" in refused else named & refused


def path_of(template: str, parent: str) -> str:
    """Return the path of a list as the log names it."""
    if template in PARAMETERS:
        return f"{template}?{PARAMETERS[template]}={parent}"
    return re.sub(r"\{\w+\}", parent, template)


def unseen_tasks(played: Played) -> set[str]:
    """Return the tasks that may have come into a project unseen, because no timestamp shows a move.

    Either the log tells that the events are lost that name it, or the task moved while tasks were read by lists, and
    that read was interrupted (docs/reliability.md, "People may work during a run").
    """
    if played.history.dialect.moves_modify_tasks:
        return set()
    unwritten = set(played.api.world.gids("tasks", played.history.token)) - played.kept.gids("tasks")
    lists = played.moved_unseen if any("tasks are read by list" in line for line in played.log) else set()
    return {task for task in unwritten if task in lists or has_lost_events(played, task)}


def has_lost_events(played: Played, task_gid: str) -> bool:
    """Return whether the log tells that events are lost of a project or workspace that holds a task, or held it."""
    named: set[str] = set()
    for found in filter(None, map(MISSED.match, played.log)):
        named.update(found[1].split(", "), played.api.world.workspaces if found[2] else ())
    return bool(named & set(_places(played, task_gid)))


def _places(played: Played, task_gid: str) -> Iterator[str]:
    """Yield the gids of what holds a task, as in Asana or in its trash, and as written."""
    world, rows = played.api.world, played.kept.rows("tasks")
    yield from event_scope(world.tasks.get(task_gid) or world.trash.tasks.get(task_gid))
    seen: set[str] = set()
    row: Message | None = rows.get(task_gid)
    while row is not None and row["gid"] not in seen:
        seen.add(row["gid"])
        yield from (project["gid"] for project in row.get("projects") or ())
        row = rows.get((row.get("parent") or {}).get("gid", ""))
