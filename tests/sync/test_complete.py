"""A full run misses nothing, invents nothing and repeats nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from expected import AUDIT, BEARINGS, expected, invalid
from harness import SERVICE, STREAMS, TINY, Output, asana, key, sync
from nested import inner
from reads import Full

from fake_asana.model.clock import format_instant
from fake_asana.model.tasks import Task
from fake_asana.server.limits import Limits
from fake_asana.world import Sizes, World
from tap_asana.errors import AsanaError

Gids = set[str]

every_stream = pytest.mark.parametrize("stream", STREAMS)


def nothing_to_read(stream: str, token: str) -> bool:
    """Report whether a first run of a stream never returns records."""
    return stream == BEARINGS or (stream == AUDIT and token != SERVICE["access_token"])


@every_stream
def test_every_record_equals_the_expected_one(either: Full, stream: str) -> None:
    """Each stream returns exactly the records in Asana, value for value, for each token."""
    truth = expected(either.api.world, stream, either.output.schemas[stream], either.token)
    assert bool(truth) != nothing_to_read(stream, either.token)
    assert either.output.rows(stream) == truth


@every_stream
def test_no_record_is_repeated(either: Full, stream: str) -> None:
    """A resource in several lists is emitted once."""
    repeated = Counter(key(stream, record) for record in either.output.records(stream))
    assert [gid for gid, times in repeated.items() if times > 1] == []


@every_stream
def test_keys_are_unique(either: Full, stream: str) -> None:
    """No two resources have the same key."""
    truth = () if stream == BEARINGS else either.api.world.records(stream, either.token)
    assert [gid for gid, times in Counter(key(stream, record) for record in truth).items() if times > 1] == []


@every_stream
def test_every_record_is_valid(either: Full, stream: str) -> None:
    """Each record is valid against its SCHEMA, formats included."""
    assert invalid(either.output, stream) == []


def with_value(value: object, wanted: str) -> Output:
    """Return an output of one record, whose field must have a format."""
    schema = {"type": "object", "properties": {"field": {"type": ["string", "null"], "format": wanted}}}
    record = {"type": "RECORD", "stream": "tasks", "record": {"field": value}}
    return Output([{"type": "SCHEMA", "stream": "tasks", "schema": schema}, record])


@pytest.mark.parametrize("value", [None, "2024-02-29T08:00:00Z", "2024-02-29T23:59:59.123456+05:30"])
def test_a_date_time_is_valid(value: str | None) -> None:
    """The check of formats accepts every zone and precision, and null."""
    assert invalid(with_value(value, "date-time")) == []


@pytest.mark.parametrize(
    "value", ["", "soon", "2024-01-31", "2024-01-31T08:00:00", "2023-02-29T08:00:00Z", "2024-01-31T24:00:00Z"]
)
def test_a_text_that_is_no_date_time_is_found(value: str) -> None:
    """The check of formats rejects a text without time or zone, and a day or an hour that does not exist."""
    assert invalid(with_value(value, "date-time")) == [f"tasks: {value!r} is not a 'date-time'"]


@pytest.mark.parametrize("value", ["", "2024-01-31T08:00:00Z", "2023-02-29"])
def test_a_text_that_is_no_date_is_found(value: str) -> None:
    """The check of formats rejects a date-time for a date, and a day that does not exist."""
    assert invalid(with_value(value, "date")) == [f"tasks: {value!r} is not a 'date'"]


@every_stream
def test_each_schema_comes_first_and_once(either: Full, stream: str) -> None:
    """Each stream's SCHEMA is written once, before its records."""
    kinds = [message["type"] for message in either.output.messages if message.get("stream") == stream]
    assert kinds[0] == "SCHEMA"
    assert set(kinds[1:]) == (set() if nothing_to_read(stream, either.token) else {"RECORD"})


def visible(world: World) -> list[Task]:
    """Return the tasks visible to the token."""
    viewer = world.access.viewers["0/fake"]
    return [task for task in world.tasks.values() if viewer.sees(task)]


def tasks(fits: Callable[[Task], object]) -> Callable[[World], Gids]:
    """Return a finder of the visible tasks with this property."""
    return lambda world: {task.gid for task in visible(world) if fits(task)}


def projects(fits: Callable[[Any], object]) -> Callable[[World], Gids]:
    """Return a finder of the shared projects with this property."""
    return lambda world: {
        gid for gid, found in world.projects.items() if gid not in world.hidden_projects and fits(found)
    }


def depth(task: Task) -> int:
    """Return the number of a task's ancestors."""
    return 1 + depth(task.parent) if task.parent else 0


def only_in_archived(task: Task) -> bool:
    """Report whether a task has archived projects only."""
    return bool(task.sections) and all(project.archived for project in task.projects())


def attached(world: World, holders: Mapping[str, object]) -> Gids:
    """Return the gids of the visible files of these resources."""
    visible_files = {
        holder: files
        for holder, files in world.files.items()
        if holder in holders and holder not in world.hidden_projects
    }
    return {file.gid for files in visible_files.values() for file in files}


HARD: Mapping[str, tuple[str, Callable[[World], Gids]]] = {
    "archived projects": ("projects", projects(lambda project: project.archived)),
    "projects without a team": ("projects", projects(lambda project: project.team is None)),
    "projects with restricted access": ("projects", projects(lambda project: project.privacy != "public_to_workspace")),
    "a board of more sections than a page": (
        "sections",
        lambda world: next(set(project.sections) for project in world.projects.values() if len(project.sections) > 100),
    ),
    "fields of one project only": (
        "custom_fields",
        lambda world: {field.gid for field in world.custom_fields.values() if field.owner in world.projects.values()},
    ),
    "fields of one team only": (
        "custom_fields",
        lambda world: {field.gid for field in world.custom_fields.values() if field.owner in world.teams.values()},
    ),
    "tasks of archived projects": ("tasks", tasks(only_in_archived)),
    "tasks in a personal workspace": ("tasks", tasks(lambda task: not task.workspace.organization)),
    "tasks in two projects": ("tasks", tasks(lambda task: len(task.sections) == 2)),
    "tasks in no project": ("tasks", tasks(lambda task: not task.sections and not task.parent and task.assignee)),
    "tasks with a tag only": (
        "tasks",
        tasks(lambda task: task.tags and not (task.sections or task.parent or task.assignee)),
    ),
    "subtasks of subtasks of subtasks": ("tasks", tasks(lambda task: depth(task) == 3)),
    "subtasks of tasks in no project": (
        "tasks",
        tasks(lambda task: task.parent and not task.parent.sections and not task.parent.parent and not task.sections),
    ),
    "milestones": ("tasks", tasks(lambda task: task.subtype == "milestone")),
    "approvals": ("tasks", tasks(lambda task: task.subtype == "approval")),
    "files of projects": ("attachments", lambda world: attached(world, world.projects)),
    "files of project briefs": ("attachments", lambda world: attached(world, world.briefs)),
}
"""Easily missed resources: their stream, and a finder in the world."""


@pytest.mark.parametrize("case", HARD)
def test_easily_missed_resources_are_read(full: Full, case: str) -> None:
    """The world has such resources, and the run returns them all."""
    stream, find = HARD[case]
    expected_gids = find(full.api.world)
    assert expected_gids
    assert expected_gids <= full.output.gids(stream)


def test_all_pages_of_stories_are_read(full: Full) -> None:
    """A task with several pages of stories is read completely."""
    counts = Counter(record["task_gid"] for record in full.output.records("stories"))
    assert max(counts.values()) > 200


def test_subtasks_are_read_at_any_depth() -> None:
    """Subtasks are read to a depth of at least twelve."""
    api = asana(TINY)
    chain = [api.world.add_task(project=next(iter(api.world.projects)))]
    for _ in range(12):
        chain.append(api.world.add_task(parent=chain[-1]))
    assert set(chain) <= sync(api, select=["tasks"]).gids("tasks")


def test_all_users_of_a_large_organization_are_read() -> None:
    """More users are read than the 2,000 to which some lists are limited."""
    api = asana(Sizes(users=2400, tasks=4, projects=1))
    users = sync(api, select=["users"]).gids("users")
    assert len(users) > 2000
    assert users == set(api.world.gids("users"))


def test_tasks_of_users_beyond_a_list_limit_are_read() -> None:
    """Tasks without a project are read for all assignees, even if some lists of users are limited."""
    api = asana(limits=Limits(users=2))
    assert sync(api, select=["tasks"]).gids("tasks") == set(api.world.gids("tasks"))


def test_hidden_projects_are_not_requested(full: Full) -> None:
    """Resources invisible to the token are neither requested nor written."""
    hidden = full.api.world.hidden_projects
    assert hidden
    assert not hidden & full.output.gids("projects")
    named = {gid for handled in full.api.log for gid in (*handled.path.split("/"), *handled.query.values())}
    assert not hidden & named
    refused_operations = {handled.template for handled in full.api.log if handled.status == 403}
    assert refused_operations == {f"GET /workspaces/{{workspace_gid}}/{log}" for log in ("audit_log_events", "events")}


def test_archived_projects_can_be_excluded() -> None:
    """With the setting off, archived projects and the resources only in them are not read."""
    api = asana()
    world = api.world
    output = sync(api, config={"include_archived_projects": False})
    archived = projects(lambda project: project.archived)(world)
    assert archived
    assert output.gids("projects") == projects(lambda project: not project.archived)(world)
    assert not {record["gid"] for record in output.records("sections") if record["project"]["gid"] in archived}
    assert not attached(world, dict.fromkeys(archived)) & output.gids("attachments")
    assert not [handled.query for handled in api.log if handled.query.get("project") in archived]
    gone = {task.gid for task in visible(world) if only_in_archived(task) and not task.parent}
    assert gone
    assert not gone & output.gids("tasks")


def test_start_date_excludes_older_tasks_and_their_children() -> None:
    """Tasks not modified since the start date are not read, nor are their stories and attachments."""
    api = asana()
    world = api.world
    start = sorted(task.modified for task in visible(world))[50]
    recent = {task.gid for task in visible(world) if task.modified >= start}
    assert recent < set(world.gids("tasks"))
    output = sync(api, config={"start_date": format_instant(start)})
    assert output.gids("tasks") == recent
    stories = {gid for gid, story in world.expected_records("stories").items() if story["task_gid"] in recent}
    assert {record["gid"] for record in output.records("stories") if record["task_gid"]} == stories


def test_workspaces_can_be_selected() -> None:
    """Only resources of the selected workspaces are read."""
    api = asana()
    chosen = list(api.world.workspaces)[1]
    output = sync(api, config={"workspaces": [chosen]})
    assert output.gids("workspaces") == {chosen}
    assert output.gids("users") == {user.gid for user in members(api.world, chosen)}
    truth = api.world.expected_records("tasks")
    assert output.gids("tasks") == {gid for gid, task in truth.items() if inner(task, "workspace", "gid") == chosen}
    assert {record["workspace_gid"] for record in output.records("stories")} == {chosen}


def members(world: World, workspace_gid: str) -> list[Any]:
    """Return the active users of a workspace."""
    return [member.user for member in world.workspaces[workspace_gid].members.values() if member.active]


def test_an_unknown_workspace_ends_the_run() -> None:
    """An invisible workspace in the settings raises a one-line error, which lists the visible ones."""
    api = asana()
    with pytest.raises(AsanaError) as raised:
        sync(api, config={"workspaces": ["404"]})
    line = str(raised.value)
    assert "\n" not in line
    assert all(gid in line for gid in ("404", *api.world.workspaces))
