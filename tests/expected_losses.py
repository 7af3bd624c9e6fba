"""The records that a run must lose when parents are unavailable: those in no readable list, and no others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from fake_asana.model.access import PERSON
from fake_asana.model.dialect import Dialect
from fake_asana.model.project_lists import PROJECT_LISTS
from fake_asana.world import World

Json = dict[str, Any]

UNDER: Mapping[str, str] = {
    "team_memberships": "team",
    "ooo_entries": "user",
    "project_memberships": "parent",
    "project_briefs": "gid",
    "task_templates": "project",
    "sections": "project",
    "portfolio_items": "portfolio_gid",
    "portfolio_memberships": "parent",
    "goal_memberships": "parent",
    "goal_relationships": "supported_goal",
    **{each.stream: each.parent_param for each in PROJECT_LISTS},
    "rates": "parent",
    "status_updates": "parent",
    "stories": "target",
    "attachments": "parent",
    "time_tracking_entries": "task_gid",
}
"""Streams with each record in exactly one list, and the field that names the list's parent."""


def expected_losses(world: World, unavailable: Collection[str], token: str = PERSON) -> dict[str, set[str]]:
    """Return, by stream, the keys of all records lost if these gids are refused."""
    losses = {
        "tasks": unlisted_tasks(world, unavailable, token),
        "portfolios": unlisted_portfolios(world, unavailable, token),
    }
    unlisted = losses["tasks"] | losses["portfolios"]
    closed = unlisted | set(unavailable)
    for stream, field in UNDER.items():
        truth = world.expected_records(stream, token).items()
        losses[stream] = {key for key, record in truth if gid(record[field]) in closed}
    settings = world.expected_records("custom_field_settings", token).items()
    losses["custom_field_settings"] = {key for key, record in settings if gid(record["parent"]) in unlisted}
    owners = {key: world.custom_fields[key].owner for key in world.gids("custom_fields", token)}
    losses["custom_fields"] = {key for key, owner in owners.items() if owner and owner.gid in unlisted}
    projects = set(world.gids("projects", token)) - closed
    types = world.expected_records("custom_types", token)
    losses["custom_types"] = {
        key for key in types if projects.isdisjoint(used.gid for used in world.custom_types.rows[key].projects)
    }
    return {stream: keys for stream, keys in losses.items() if keys}


def unlisted_tasks(
    world: World, unavailable: Collection[str], token: str, tasks: Mapping[str, Json] | None = None
) -> set[str]:
    """Return the tasks in no readable list of a project, a user, a tag or a listed task.

    `tasks` are the expected records of all tasks, where the caller has them.
    """
    tasks = world.expected_records("tasks", token) if tasks is None else tasks
    lists = {each for stream in ("projects", "users", "tags") for each in world.gids(stream, token)}
    listed: set[str] = set()
    ways = {key: set(lists_of(task, world.dialect)) - _departed(world, key) for key, task in tasks.items()}
    while more := {
        key for key, named in ways.items() if key not in listed and named & (lists | listed) - set(unavailable)
    }:
        listed |= more
    return tasks.keys() - listed


def lists_of(task: Json, dialect: Dialect) -> Iterator[str]:
    """Yield the gids of all resources whose list contains a task."""
    is_top = task["parent"] is None
    tags = task["tags"] if is_top or dialect.tag_lists_subtasks else ()
    assignee = task["assignee"] if is_top or dialect.assignee_lists_subtasks else None
    for named in (*task["projects"], *tags, assignee, task["parent"]):
        if named:
            yield named["gid"]


def _departed(world: World, task_gid: str) -> set[str]:
    """Return the gid of a task's assignee who has left its workspace: no run requests a list of theirs there."""
    task = world.tasks[task_gid]
    is_member = any(member.user is task.assignee for member in task.workspace.members.values())
    return {task.assignee.gid} if task.assignee and not is_member else set()


def unlisted_portfolios(world: World, unavailable: Collection[str], token: str) -> set[str]:
    """Return the unavailable shared portfolios, which are requested one by one."""
    user = world.access.viewers[token].user
    rows = {key: world.portfolios.rows[key] for key in world.gids("portfolios", token) if key in unavailable}
    return {key for key, row in rows.items() if user is not None and row.owner is not user}


def gid(named: Any) -> str:  # noqa: ANN401 - a gid, or an object with one
    """Return the gid of a field's value."""
    return str(named["gid"] if isinstance(named, dict) else named)
