"""The content of the fake's world."""

from __future__ import annotations

import contract
import pytest
from fake_client import FakeClient

from fake_asana.model.values import VALUES
from fake_asana.oracle.streams import STREAMS
from fake_asana.world import ManualClock, Sizes, World


@pytest.fixture(scope="module")
def world() -> World:
    """Give the default world."""
    return World.seeded(clock=ManualClock())


def test_the_same_seed_gives_the_same_world() -> None:
    """Seed, sizes and time determine a world."""
    small = Sizes(tasks=50, projects=6)
    first, again = (World.seeded(3, small, ManualClock()).expected_records("tasks") for _ in range(2))
    assert first == again
    assert first != World.seeded(4, small, ManualClock()).expected_records("tasks")


MEMBERSHIPS = ("project_memberships", "portfolio_memberships", "goal_memberships")
"""Streams of one resource: that of the older, deprecated one has another shape."""

LINKS = {"portfolio_items"}
"""Streams whose records are links to things that other streams show whole."""


@pytest.mark.parametrize("stream", sorted(STREAMS.keys() - LINKS))
def test_every_documented_field_exists(stream: str) -> None:
    """A kind has each documented field except deprecated ones; a definition has no values."""
    resource = "memberships" if stream in MEMBERSHIPS else stream
    documented = {name for name, field in contract.fields(resource).items() if not field.deprecated}
    if stream == "custom_fields":
        documented -= set(VALUES) - {"display_value"}
    heads = {"gid", "resource_type"}  # entries of the audit log have no resource_type
    assert set(STREAMS[stream].kind.fields) | heads == documented | heads


def test_a_compact_story_has_the_documented_fields(world: World) -> None:
    """A compact story has five fields and its gid."""
    row = next(iter(STREAMS["stories"].rows(world, world.access.viewers["0/fake"])))
    compact = {"gid", "resource_type", "created_at", "resource_subtype", "text", "created_by"}
    assert set(STREAMS["stories"].kind.compact_record(row)) == compact


def test_gids_are_unique_and_awkward(world: World) -> None:
    """Some exceed 2**53, some are short, and their order is not that of creation."""
    tasks = world.expected_records("tasks")
    all_gids = [gid for stream in STREAMS for gid in world.gids(stream)]
    assert len(set(all_gids)) == len(all_gids)
    assert any(int(gid) > 2**53 for gid in tasks)
    assert {len(gid) for gid in tasks} == {13, 16}
    assert sorted(tasks, key=int) != sorted(tasks, key=lambda gid: str(tasks[gid]["created_at"]))


def test_the_world_has_every_sort_of_task(world: World) -> None:
    """Tasks are in one project, in two, in none with an assignee or a tag, and three levels deep."""
    tasks = list(world.tasks.values())
    free = [task for task in tasks if not task.sections and not task.parent]
    assert any(len(task.sections) == 2 for task in tasks)
    assert any(task.assignee for task in free)
    assert any(task.tags and not task.assignee for task in free)
    assert any(task.parent and task.parent.parent and task.parent.parent.parent for task in tasks)
    assert any(task.parent and task.sections for task in tasks)
    assert {task.subtype for task in tasks} == {"default_task", "milestone", "approval", "custom"}
    assert max(task.n_stories for task in tasks) == 240
    assert min(task.n_stories for task in tasks) == 0


def test_the_world_has_every_sort_of_project(world: World) -> None:
    """Projects are archived, teamless, hidden or empty; one workspace is not an organization."""
    projects = list(world.projects.values())
    assert {project.archived for project in projects} == {True, False}
    assert any(project.team is None and project.workspace.organization for project in projects)
    assert any(not project.tasks for project in projects)
    assert any(len(project.tasks) > 100 for project in projects)
    assert any(len(project.sections) > 100 for project in projects)
    assert len(world.hidden_projects) >= 1
    assert [workspace.organization for workspace in world.workspaces.values()] == [True, True, False]
    assert sum(len(user.workspaces) > 1 for user in world.users.values()) >= 2


def test_attachments_have_every_kind_of_parent(world: World) -> None:
    """Parents are tasks, projects and briefs."""
    parents = {record["parent"]["resource_type"] for record in world.expected_records("attachments").values()}  # type: ignore[index]  # every file has a parent
    assert parents == {"task", "project", "project_brief"}


def test_custom_fields_of_every_type_have_values(world: World) -> None:
    """Each type of field has a value on some task, and none on another."""
    values: dict[str, set[bool]] = {}
    for task in world.expected_records("tasks").values():
        for value in task["custom_fields"]:  # type: ignore[attr-defined]  # a list of records
            values.setdefault(value["representation_type"], set()).add(value["display_value"] is None)
    kinds = {"enum", "multi_enum", "number", "text", "date", "people", "reference", "formula", "custom_id"}
    assert set(values) == kinds
    assert all(emptiness == {True, False} for emptiness in values.values())


def test_stories_are_older_than_their_tasks_clock(world: World) -> None:
    """Every story was created between its task's creation and last change."""
    tasks = world.expected_records("tasks")
    for story in world.expected_records("stories").values():
        if story["task_gid"] is None:
            continue
        task = tasks[str(story["task_gid"])]
        assert str(task["created_at"]) <= str(story["created_at"]) <= str(task["modified_at"])


def test_lists_reach_every_visible_task() -> None:
    """Projects, assignees, tags and parents together list exactly the expected tasks."""
    client = FakeClient()
    gids: set[str] = set()
    for workspace in client.world.workspaces.values():
        for project in client.all("/projects", workspace=workspace.gid):
            gids |= {row["gid"] for row in client.all("/tasks", project=project["gid"])}
        for user in client.all("/users", workspace=workspace.gid):
            gids |= {row["gid"] for row in client.all("/tasks", assignee=user["gid"], workspace=workspace.gid)}
        for tag in client.all("/tags", workspace=workspace.gid):
            gids |= {row["gid"] for row in client.all(f"/tags/{tag['gid']}/tasks")}
    pending = list(gids)
    while pending:
        children = {row["gid"] for row in client.all(f"/tasks/{pending.pop()}/subtasks")} - gids
        gids |= children
        pending.extend(children)
    assert gids == set(client.world.gids("tasks"))


def test_counts_match_the_expected_records(world: World) -> None:
    """The count of each stream is the number of its expected records."""
    assert world.counts() == {stream: len(world.gids(stream)) for stream in STREAMS}
