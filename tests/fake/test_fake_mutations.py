"""What people do in the local Asana moves the clocks that it moves in the real one."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from fake_client import FakeClient

from fake_asana.model.kinds import Record
from fake_asana.model.tasks import Task
from fake_asana.world import World


@pytest.fixture
def world() -> World:
    """Give a world in which an hour has passed since anything happened."""
    client = FakeClient()
    client.clock.advance(3600)
    return client.world


def talked_about(world: World) -> str:
    """Find a task with a comment."""
    return next(gid for gid, task in world.tasks.items() if task.n_stories and world.comment_gids(gid))


def child_of(world: World) -> tuple[Task, Task]:
    """Find a subtask and its parent."""
    return next((task, task.parent) for task in world.tasks.values() if task.parent)


@pytest.mark.parametrize("deed", ["comment", "attach", "rename_task", "complete_task", "delete_comment"])
def test_these_deeds_move_the_tasks_clock(world: World, deed: str) -> None:
    """Comments, files, names, completion and trashed comments are changes of the task."""
    gid = talked_about(world)
    extra = [world.comment_gids(gid)[0]] if deed == "delete_comment" else []
    getattr(world, deed)(gid, *extra)
    assert world.tasks[gid].modified == world.now()


@pytest.mark.parametrize("deed", ["edit_comment", "like_comment"])
def test_touching_a_comment_moves_no_clock(world: World, deed: str) -> None:
    """Editing or liking a comment is no change of its task, and is told as silent."""
    gid = talked_about(world)
    before, mark, story = world.tasks[gid].modified, world.mark(), world.comment_gids(gid)[0]
    getattr(world, deed)(gid, story)
    assert world.tasks[gid].modified == before
    told = {"changed": {}, "deleted": {}, "silent": {"stories": [story]}, "deletions": []}
    assert world.changes_since(mark).record() == told


def test_a_subtask_leaves_its_parents_clock_alone(world: World) -> None:
    """Neither a changed nor a new subtask is a change of the parent."""
    child, parent = child_of(world)
    before = parent.modified
    world.rename_task(child.gid)
    world.add_task(parent=parent.gid)
    assert (parent.modified, child.modified) == (before, world.now())


def test_older_stories_stay_as_they_are(world: World) -> None:
    """A change of a task adds a story and leaves the records of the others alone."""
    gid = max(world.tasks, key=lambda gid: world.tasks[gid].n_stories)
    before = world.expected_records("stories")
    story = world.comment(gid)
    after = world.expected_records("stories")
    assert set(after) - set(before) == {story}
    assert {gid: after[gid] for gid in before} == before


def test_a_deleted_task_takes_what_hangs_from_it(world: World) -> None:
    """Subtasks, stories and files go with their task, and each is told as deleted."""
    _, parent = child_of(world)
    before, mark = (
        {stream: set(world.gids(stream)) for stream in ("tasks", "stories", "attachments")},
        world.mark(),
    )
    world.delete_task(parent.gid)
    deleted = world.changes_since(mark).deleted
    for stream, gids in before.items():
        assert gids - set(world.gids(stream)) == deleted.get(stream, set())


def test_sharing_a_project_moves_no_clock(world: World) -> None:
    """All that lies in a newly shared project appears, its tasks as old as they were."""
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
    """Many tasks can have one and the same modified_at."""
    world.bulk_edit(list(world.tasks))
    assert {task.modified for task in world.tasks.values()} == {world.now()}


def under(tasks: set[str], records: Mapping[str, Record]) -> set[str]:
    """Find the stories and files of some tasks."""
    holders = {
        gid: record.get("target") or record.get("task") or record.get("parent") or {} for gid, record in records.items()
    }
    return {gid for gid, holder in holders.items() if isinstance(holder, dict) and holder.get("gid") in tasks}


@pytest.mark.parametrize("seed", range(5))
def test_changes_tell_what_the_truth_became(seed: int) -> None:
    """After a day's work, what differs from before is what the changes name, or names a changed task."""
    client = FakeClient()
    world = client.world
    before = {stream: world.expected_records(stream) for stream in world.counts()}
    client.clock.advance(3600)
    changes = world.mutate(seed)
    for stream, old in before.items():
        new = world.expected_records(stream)
        known = changes.changed[stream] | changes.untimestamped[stream] | under(changes.changed["tasks"], new)
        assert set(old) - set(new) == changes.deleted[stream] & set(old), stream
        assert set(new) - set(old) == (changes.changed[stream] | changes.untimestamped[stream]) - set(old), stream
        assert {gid for gid in set(old) & set(new) if old[gid] != new[gid]} <= known, stream


def test_a_days_work_holds_some_of_everything() -> None:
    """A day brings changes in every stream that people change, deletions, and silent ones."""
    client = FakeClient()
    client.clock.advance(3600)
    changes = client.world.mutate()
    grown = {"tasks", "stories", "attachments", "projects", "sections", "tags", "users", "teams", "team_memberships"}
    assert {stream for stream, gids in changes.changed.items() if gids} >= grown
    assert {stream for stream, gids in changes.deleted.items() if gids} >= {"tasks", "stories", "users"}
    assert {stream for stream, gids in changes.untimestamped.items() if gids} >= {"tasks", "stories"}


def test_a_days_work_comes_after_what_was_read() -> None:
    """Every changed task that is not newly shared has its clock at the time of the change."""
    client = FakeClient()
    client.clock.advance(3600)
    old = set(client.world.gids("tasks"))
    changes = client.world.mutate()
    touched = [client.world.tasks[gid] for gid in changes.changed["tasks"] & old]
    assert {task.modified for task in touched} == {client.world.now()}
