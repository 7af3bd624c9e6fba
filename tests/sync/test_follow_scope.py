"""Events name objects that the settings leave out, or that belong to goals: these are not written as those of tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from harness import PERSON, SERVICE, TINY, Message, Output, asana, clock, discovered, selecting, sync
from interruptions import interrupted
from methods import ALL_TASK_STREAMS, HOUR, LIST, METHODS

from fake_asana.model.choices import AccessForm
from fake_asana.model.clock import format_instant
from fake_asana.model.dialect import Dialect
from fake_asana.model.tasks import Task
from fake_asana.server.api import Api
from fake_asana.world import World
from tap_asana.state.number_sets import NumberSet
from tap_asana.sync.changed_objects import ChangedObject, ChangedObjects
from tap_asana.tasks.attachment_comparison import LINK_FIELDS

RARE_PASSES: Message = {
    "reconcile_days": 30,
    "reconcile_percent": 1,
    "requests_per_minute": 10,
    "attachment_lists": "all",
}
"""A pass that has begun, and has not read anything."""

FOLLOWED = ("projects", "deletions", *ALL_TASK_STREAMS)


def after_first_run(config: Message) -> tuple[Api, Output]:
    """Return an Asana an hour after a run with a setting that leaves tasks out."""
    api = asana(TINY)
    output = sync(api, config=config, select=FOLLOWED)
    clock(api).advance(HOUR)
    return api, output


def next_run(api: Api, config: Message, first: Output) -> Output:
    """Return the run after the changes."""
    clock(api).advance(HOUR)
    return sync(api, config=config, select=FOLLOWED, state=first.state)


def commented(world: World) -> list[Task]:
    """Return the tasks in visible projects with a comment, those changed long ago first."""
    tasks = (world.tasks[gid] for gid in world.gids("tasks"))
    return sorted((task for task in tasks if task.sections and world.comment_gids(task.gid)), key=lambda t: t.modified)


def test_tasks_before_the_start_date_stay_out() -> None:
    """A liked task and an edited comment before `start_date` stay out; an old comment on a new task does not."""
    world = asana(TINY).world
    oldest, newest = commented(world)[0], commented(world)[-1]
    comment = world.comment_gids(newest.gid)[0]
    start = format_instant(newest.modified)
    config = {**PERSON, "start_date": start}
    api, first = after_first_run(config)
    assert first.gids("tasks").isdisjoint({oldest.gid})
    assert str(world.expected_records("stories")[comment]["created_at"]) < str(start)
    api.world.like_task(oldest.gid)
    old_comment = api.world.comment_gids(oldest.gid)[0]
    api.world.edit_comment(oldest.gid, old_comment)
    api.world.edit_comment(newest.gid, comment)
    second = next_run(api, config, first)
    assert oldest.gid not in second.gids("tasks")
    assert old_comment not in second.gids("stories")
    (row,) = [row for row in second.records("stories") if row["gid"] == comment]
    assert (row["is_edited"], row["task_gid"]) == (True, newest.gid)


def test_tasks_of_archived_projects_stay_out() -> None:
    """The events of a workspace name them and their comments, but without archived projects none is written."""
    config = {**SERVICE, "include_archived_projects": False}
    api = asana(TINY)
    world, workspace = api.world, next(iter(api.world.workspaces))
    inside = [task for task in commented(world) if task.workspace.gid == workspace and len(task.sections) == 1]
    project = next(inside[0].projects())
    world.archive_project(project.gid)
    archived = [task for task in inside if project in task.projects()]
    active = [task for task in inside if not any(other.archived for other in task.projects())]
    first = sync(api, config=config, select=FOLLOWED)
    clock(api).advance(HOUR)
    stories = [world.comment_gids(task.gid)[0] for task in (archived[0], active[0])]
    for task, story in zip((archived[0], active[0]), stories, strict=True):
        world.like_task(task.gid)
        world.edit_comment(task.gid, story)
    second = next_run(api, config, first)
    assert {archived[0].gid, active[0].gid} & second.gids("tasks") == {active[0].gid}
    assert set(stories) & second.gids("stories") == {stories[1]}


@pytest.mark.parametrize("is_named", [True, False])
def test_a_changed_comment_on_a_goal_is_no_story_of_a_task(*, is_named: bool) -> None:
    """Each run reads the stories of goals whole, and so requests none of them by itself."""
    api = asana(TINY, dialect=Dialect(nested_resource_type=is_named))
    first = sync(api, config=SERVICE, select=FOLLOWED)
    clock(api).advance(HOUR)
    goal = next(goal for goal in api.world.goals if goal.workspace.gid in first.gids("workspaces") or goal.stories)
    story = api.world.comment_on_goal(goal.gid)
    paths: list[str] = []
    clock(api).advance(HOUR)
    second = sync(
        api, config=SERVICE, select=FOLLOWED, state=first.state, on_request=lambda request: paths.append(request.path)
    )
    assert {row["goal_gid"] for row in second.records("stories") if row["gid"] == story} == {goal.gid}
    assert not [path for path in paths if path.endswith(f"/stories/{story}")]


def private_task(world: World) -> Task:
    """Hide a project, and return its task, with a comment, a file, time and a subtask with a comment."""
    project = max(world.gids("projects"), key=lambda gid: len(world.projects[gid].tasks))
    world.hide_project(project)
    task = next(task for task in world.projects[project].tasks.values() if len(task.sections) == 1)
    world.comment(task.gid)
    world.attach(task.gid)
    world.track_time(task.gid, days_back=31)
    world.comment(world.add_task(parent=task.gid))
    return task


def unknown(output: Output) -> list[str]:
    """Return the streams with a record that the next pass would not miss if it were deleted."""
    sets: Counter[str] = Counter()
    for partition in output.state["bookmarks"]["tasks"]["partitions"]:
        for name in ("known", "missing"):
            for kind, text in partition["reconciliation"].get(name, {}).items():
                sets[kind] += len(NumberSet.from_text(text))
    below = [row["gid"] for name in ALL_TASK_STREAMS for row in output.rows(name).values() if row.get("task_gid")]
    rows = {"tasks": len(output.gids("tasks")), "below": len(below)}
    return [kind for kind in rows if sets[kind] < rows[kind]]


def subtask_of(task: Task) -> Task:
    """Return the first subtask of a task."""
    return next(iter((task.subtasks or {}).values()))


def rename(world: World, task: Task) -> None:
    """Rename a task: a search finds it alone."""
    world.rename_task(task.gid)


def rename_subtask(world: World, task: Task) -> None:
    """Rename the subtask: a search finds it alone."""
    world.rename_task(subtask_of(task).gid)


def like_below(world: World, task: Task) -> None:
    """Like the subtask and a comment of the task: events name both."""
    world.like_task(subtask_of(task).gid)
    world.edit_comment(task.gid, world.comment_gids(task.gid)[0])


@pytest.mark.parametrize("config", [LIST, METHODS["search"]], ids=["list", "search"])
@pytest.mark.parametrize("change", [None, rename, rename_subtask, like_below])
@pytest.mark.parametrize("status", [403, 200], ids=["events of projects", "events of workspaces"])
def test_a_task_from_a_hidden_project_brings_what_is_below_it(
    config: Message, change: Callable[[World, Task], None] | None, status: int
) -> None:
    """Nothing below it was read before, and its move changes no `modified_at`; each object is read once."""
    api = asana(TINY, dialect=Dialect(access=AccessForm(person_events=status)))
    world = api.world
    task = private_task(world)
    clock(api).advance(24 * HOUR)
    first = sync(api, config={**config, **RARE_PASSES}, select=FOLLOWED)
    assert task.gid not in first.gids("tasks")
    clock(api).advance(HOUR)
    other = next(gid for gid in world.gids("projects") if world.projects[gid].workspace is task.workspace)
    world.add_to_project(task.gid, other)
    if change is not None:
        change(world, task)
    api.log.clear()
    second = next_run(api, {**config, **RARE_PASSES}, first)
    for stream in ALL_TASK_STREAMS:
        assert set(world.gids(stream)) - first.gids(stream) == second.gids(stream) - first.gids(stream), stream
        assert len(second.records(stream)) == len(second.gids(stream)), stream
    assert not unknown(first.then(second))
    asked = Counter(
        (handled.template, handled.path, handled.query.get("parent", ""))
        for handled in api.log
        if handled.query.get("opt_fields") != ",".join(LINK_FIELDS)
    )
    single = {key: count for key, count in asked.items() if "_gid}" in key[0] and "workspace" not in key[0]}
    single |= {key: count for key, count in asked.items() if key[2]}
    assert {key: count for key, count in single.items() if count > 1} == {}
    requested = {path.rpartition("/")[2] for template, path, _ in single if template.endswith("/tasks/{task_gid}")}
    assert (task.gid in requested) == (change is not rename)
    assert subtask_of(task).gid not in requested


@pytest.mark.parametrize("config", [LIST, METHODS["search"]], ids=["list", "search"])
def test_what_is_below_a_task_from_a_hidden_project_comes_if_each_run_reads_all_tasks(config: Message) -> None:
    """The read of all tasks writes the task, and what is below it is read apart, by what has changed."""
    api, catalog = asana(TINY), selecting(discovered(), FOLLOWED)
    (entry,) = (entry for entry in catalog["streams"] if entry["tap_stream_id"] == "tasks")
    entry["replication_method"] = "FULL_TABLE"
    world, task = api.world, private_task(api.world)
    clock(api).advance(24 * HOUR)
    first = sync(api, config=config, catalog=catalog)
    clock(api).advance(HOUR)
    other = next(gid for gid in world.gids("projects") if world.projects[gid].workspace is task.workspace)
    world.add_to_project(task.gid, other)
    clock(api).advance(HOUR)
    second = sync(api, config=config, catalog=catalog, state=first.state)
    for stream in ALL_TASK_STREAMS:
        assert set(world.gids(stream)) == first.then(second).gids(stream), stream
        assert len(second.records(stream)) == len(second.gids(stream)), stream


@pytest.mark.usefixtures("eager")
def test_a_run_that_ends_a_read_of_all_tasks_requests_no_task_that_events_name() -> None:
    """The interrupted run has written all tasks: only those that came into a project are read again."""
    api, catalog = asana(TINY), selecting(discovered(), FOLLOWED)
    (entry,) = (entry for entry in catalog["streams"] if entry["tap_stream_id"] == "tasks")
    entry["replication_method"] = "FULL_TABLE"
    first = sync(api, config=LIST, catalog=catalog)
    clock(api).advance(HOUR)
    task = commented(api.world)[0].gid
    api.world.like_task(task)
    comment = api.world.comment_gids(task)[0]
    api.world.edit_comment(task, comment)
    cut = interrupted(api, lambda it: comment in it.path, config=LIST, catalog=catalog, state=first.state)
    assert "tasks" in cut.state["bookmarks"]["workspaces"]["completed"]["streams"]
    api.log.clear()
    assert comment in sync(api, config=LIST, catalog=catalog, state=cut.state).gids("stories")
    assert not [handled for handled in api.log if handled.template == "GET /tasks/{task_gid}"]


def test_a_task_added_to_another_visible_project_costs_one_request() -> None:
    """What is below it was read before: only the story of its move is new."""
    api, first = after_first_run(LIST)
    world = api.world
    task = commented(world)[0]
    other = next(
        gid
        for gid in world.gids("projects")
        if world.projects[gid] not in set(task.projects()) and world.projects[gid].workspace is task.workspace
    )
    left = next(task.projects())
    world.add_to_project(task.gid, other)
    world.remove_from_project(task.gid, left.gid)
    api.log.clear()
    second = next_run(api, LIST, first)
    asked = [handled.template for handled in api.log if handled.path.rpartition("/")[0].endswith(f"/tasks/{task.gid}")]
    assert not asked
    assert second.gids("tasks") == {task.gid}
    assert second.gids("stories") - first.gids("stories") == set(world.gids("stories")) - first.gids("stories")


def test_the_last_event_of_an_object_decides() -> None:
    """The events of several projects name the same object, and not in the order of time."""
    changes, resource = ChangedObjects(["tasks"]), {"gid": "1", "resource_type": "task"}
    for action, moment in (("deleted", "2026-01-02T00:00:00.000Z"), ("changed", "2026-01-01T00:00:00.000Z")):
        changes.add("9", [{"resource": resource, "action": action, "created_at": moment}])
    assert changes.unwritten("9") == []


@pytest.mark.parametrize(
    ("change", "may_be_time"),
    [
        ({"field": "actual_time_minutes"}, True),
        ({"field": "name"}, False),
        (None, False),
        ({"field": 17}, True),
        ({"field": None}, True),
        (-1.5, True),
    ],
    ids=["minutes", "name", "none", "number", "null", "number in place of all"],
)
def test_a_field_that_is_unreadable_may_be_the_tracked_minutes(change: object, *, may_be_time: bool) -> None:
    """The entries of the task are read again then (seed 9700113587)."""
    changes, resource = ChangedObjects(["tasks", "time_tracking_entries"]), {"gid": "1", "resource_type": "task"}
    changes.add("9", [{"resource": resource, "action": "changed", "created_at": "2026-01-01", "change": change}])
    entries = ChangedObject("time_tracking_entries", "1", holds_children=True)
    assert (entries in changes.unwritten("9")) is may_be_time
