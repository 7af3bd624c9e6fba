"""What a run must lose where parents refuse to be read: the records that no open list brings, and no others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from fake_asana.model.access import PERSON
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
    "budgets": "parent",
    "rates": "parent",
    "status_updates": "parent",
    "stories": "target",
    "attachments": "parent",
    "time_tracking_entries": "task_gid",
}
"""Streams of which each record is in one list, and the field that names the parent of that list."""


def lost(world: World, shut: Collection[str], token: str = PERSON) -> dict[str, set[str]]:
    """Return by stream the keys of all that cannot come where these gids are refused."""
    lacking = {"tasks": lost_tasks(world, shut, token), "portfolios": lost_portfolios(world, shut, token)}
    unlisted = lacking["tasks"] | lacking["portfolios"]
    closed = unlisted | set(shut)
    for stream, field in UNDER.items():
        truth = world.expected_records(stream, token).items()
        lacking[stream] = {key for key, record in truth if gid(record[field]) in closed}
    settings = world.expected_records("custom_field_settings", token).items()
    lacking["custom_field_settings"] = {key for key, record in settings if gid(record["parent"]) in unlisted}
    owners = {key: world.custom_fields[key].owner for key in world.gids("custom_fields", token)}
    lacking["custom_fields"] = {key for key, owner in owners.items() if owner and owner.gid in unlisted}
    projects = set(world.gids("projects", token)) - closed
    types = world.expected_records("custom_types", token)
    lacking["custom_types"] = {
        key for key in types if projects.isdisjoint(used.gid for used in world.custom_types.rows[key].projects)
    }
    return {stream: keys for stream, keys in lacking.items() if keys}


def lost_tasks(world: World, shut: Collection[str], token: str) -> set[str]:
    """Return the tasks that are in no open list: of a project, of a person, of a tag, of a task that is in one."""
    tasks: Mapping[str, Json] = world.expected_records("tasks", token)
    lists = {each for stream in ("projects", "users", "tags") for each in world.gids(stream, token)}
    found: set[str] = set()
    ways = {key: set(lists_of(task)) for key, task in tasks.items()}
    while more := {key for key, named in ways.items() if key not in found and named & (lists | found) - set(shut)}:
        found |= more
    return tasks.keys() - found


def lists_of(task: Json) -> Iterator[str]:
    """Yield the gids of all that lists a task."""
    for named in (*task["projects"], *task["tags"], task["assignee"], task["parent"]):
        if named:
            yield named["gid"]


def lost_portfolios(world: World, shut: Collection[str], token: str) -> set[str]:
    """Return the portfolios that are asked for one by one, because they are shared, and refused."""
    user = world.access.viewers[token].user
    rows = {key: world.portfolios.rows[key] for key in world.gids("portfolios", token) if key in shut}
    return {key for key, row in rows.items() if user is not None and row.owner is not user}


def gid(named: Any) -> str:  # noqa: ANN401 - a gid, or something that has one
    """Return the gid of what a field names."""
    return str(named["gid"] if isinstance(named, dict) else named)
