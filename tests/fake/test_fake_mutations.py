"""Changes by people move the same clocks as in Asana."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from fake_client import FakeClient

from fake_asana.model.kinds import Record
from fake_asana.model.tasks import Task
from fake_asana.world import World


@pytest.fixture
def world() -> World:
    """Give a world one hour after its last change."""
    client = FakeClient()
    client.clock.advance(3600)
    return client.world


def commented_task(world: World) -> str:
    """Return a task with a comment."""
    return next(gid for gid, task in world.tasks.items() if task.n_stories and world.comment_gids(gid))


def subtask_and_parent(world: World) -> tuple[Task, Task]:
    """Return a subtask and its parent."""
    return next((task, task.parent) for task in world.tasks.values() if task.parent)


@pytest.mark.parametrize("mutation", ["comment", "attach", "rename_task", "complete_task", "delete_comment"])
def test_changes_of_a_task_move_its_clock(world: World, mutation: str) -> None:
    """Comments, files, names, completion and deleted comments change the task."""
    gid = commented_task(world)
    extra = [world.comment_gids(gid)[0]] if mutation == "delete_comment" else []
    getattr(world, mutation)(gid, *extra)
    assert world.tasks[gid].modified == world.now()


@pytest.mark.parametrize("mutation", ["edit_comment", "like_comment"])
def test_editing_a_comment_moves_no_clock(world: World, mutation: str) -> None:
    """An edited or liked comment is an untimestamped change."""
    gid = commented_task(world)
    before, mark, story = world.tasks[gid].modified, world.mark(), world.comment_gids(gid)[0]
    getattr(world, mutation)(gid, story)
    assert world.tasks[gid].modified == before
    expected = {"changed": {}, "deleted": {}, "untimestamped": {"stories": [story]}, "deletions": []}
    assert world.changes_since(mark).record() == expected


def test_a_subtask_leaves_its_parents_clock_alone(world: World) -> None:
    """Neither a changed nor a new subtask changes the parent."""
    child, parent = subtask_and_parent(world)
    before = parent.modified
    world.rename_task(child.gid)
    world.add_task(parent=parent.gid)
    assert (parent.modified, child.modified) == (before, world.now())


def test_a_change_leaves_other_stories_alone(world: World) -> None:
    """A change of a task adds a story and keeps the others."""
    gid = max(world.tasks, key=lambda gid: world.tasks[gid].n_stories)
    before = world.expected_records("stories")
    story = world.comment(gid)
    after = world.expected_records("stories")
    assert set(after) - set(before) == {story}
    assert {gid: after[gid] for gid in before} == before


def test_a_deleted_task_takes_its_children(world: World) -> None:
    """Its subtasks, stories and files are reported as deleted too."""
    _, parent = subtask_and_parent(world)
    before, mark = (
        {stream: set(world.gids(stream)) for stream in ("tasks", "stories", "attachments")},
        world.mark(),
    )
    world.delete_task(parent.gid)
    deleted = world.changes_since(mark).deleted
    for stream, gids in before.items():
        assert gids - set(world.gids(stream)) == deleted.get(stream, set())


def test_sharing_a_project_moves_no_clock(world: World) -> None:
    """All tasks of a newly shared project appear with their old clocks."""
    gid = min(world.hidden_projects)
    before = set(world.gids("tasks"))
    clocks = {task.gid: task.modified for task in world.tasks.values()}
    mark = world.mark()
    world.share_project(gid)
    new = set(world.gids("tasks")) - before
    assert new >= set(world.projects[gid].tasks)
    assert new == world.changes_since(mark).changed["tasks"]
    assert all(world.tasks[task].modified == clocks[task] for task in new)


def test_a_bulk_edit_is_one_instant(world: World) -> None:
    """Many tasks can have the same modified_at."""
    world.bulk_edit(list(world.tasks))
    assert {task.modified for task in world.tasks.values()} == {world.now()}


def children_of(tasks: set[str], records: Mapping[str, Record]) -> set[str]:
    """Return the stories and files of some tasks."""
    holders = {
        gid: record.get("target") or record.get("task") or record.get("parent") or {} for gid, record in records.items()
    }
    return {gid for gid, holder in holders.items() if isinstance(holder, dict) and holder.get("gid") in tasks}


@pytest.mark.parametrize("seed", range(5))
def test_reported_changes_match_the_expected_records(seed: int) -> None:
    """After a workday, every difference is a reported change or below a changed task."""
    client = FakeClient()
    world = client.world
    before = {stream: world.expected_records(stream) for stream in world.counts()}
    client.clock.advance(3600)
    changes = world.mutate(seed)
    for stream, old in before.items():
        new = world.expected_records(stream)
        reported = changes.changed[stream] | changes.untimestamped[stream] | children_of(changes.changed["tasks"], new)
        assert set(old) - set(new) == changes.deleted[stream] & set(old), stream
        assert set(new) - set(old) == (changes.changed[stream] | changes.untimestamped[stream]) - set(old), stream
        assert {gid for gid in set(old) & set(new) if old[gid] != new[gid]} <= reported, stream


def test_a_workday_changes_every_editable_stream() -> None:
    """A workday has changes, deletions and untimestamped changes."""
    client = FakeClient()
    client.clock.advance(3600)
    changes = client.world.mutate()
    grown = {"tasks", "stories", "attachments", "projects", "sections", "tags", "users", "teams", "team_memberships"}
    assert {stream for stream, gids in changes.changed.items() if gids} >= grown
    assert {stream for stream, gids in changes.deleted.items() if gids} >= {"tasks", "stories", "users"}
    assert {stream for stream, gids in changes.untimestamped.items() if gids} >= {"tasks", "stories"}


def test_a_workday_sets_the_clocks_of_changed_tasks() -> None:
    """Changed tasks have the time of the workday, unless they were newly shared."""
    client = FakeClient()
    client.clock.advance(3600)
    old = set(client.world.gids("tasks"))
    changes = client.world.mutate()
    touched = [client.world.tasks[gid] for gid in changes.changed["tasks"] & old]
    assert {task.modified for task in touched} == {client.world.now()}
