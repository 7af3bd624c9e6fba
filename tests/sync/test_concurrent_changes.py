"""Objects change during a run: a disappearing object loses only itself, and the log names it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import count

import pytest
from harness import STREAMS, TINY, asana, clock, key, summary, sync
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from interruptions import Moments
from methods import HOUR, METHODS, TASK_STREAMS, every_method
from typing_extensions import override

from fake_asana.messages import HttpRequest
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.server.limits import Limits
from fake_asana.server.paging import Listing, Page
from fake_asana.world import ManualClock, Sizes, World


def visible_keys(api: Api, config: Mapping[str, object]) -> dict[str, set[str]]:
    """Return the keys of all visible records by stream, without those that a first run never has."""
    names = [name for name in STREAMS if name not in {"deletions", "audit_log_events"}]
    return {name: set(api.world.expected_records(name, str(config["access_token"]))) for name in names}


def before_request(
    pattern: str, number: int, action: Callable[[re.Match[str]], object]
) -> Callable[[HttpRequest], None]:
    """Return a hook that acts before the n-th request with a matching path and query."""
    matching = count(1)

    def act(request: HttpRequest) -> None:
        query = "&".join(f"{name}={value}" for name, value in request.query.items() if value.isdigit())
        if (found := re.search(pattern, f"{request.path}?{query}")) and next(matching) == number:
            action(found)

    return act


VANISHING: Mapping[str, tuple[str, Callable[[World, str], object], int]] = {
    "task before its stories": (r"/tasks/(\d+)/stories", lambda world, gid: world.delete_task(gid), 404),
    "task before its subtasks": (r"/tasks/(\d+)/subtasks", lambda world, gid: world.delete_task(gid), 404),
    "project before its sections": (r"/projects/(\d+)/sections", lambda world, gid: world.delete_project(gid), 404),
    "project before its tasks": (r"/tasks\?.*project=(\d+)", lambda world, gid: world.delete_project(gid), 404),
    "project made private before its sections": (r"/projects/(\d+)/sections", World.hide_project, 403),
    "project made private before its tasks": (r"/tasks\?.*project=(\d+)", World.hide_project, 403),
}


@pytest.mark.parametrize(("pattern", "action", "status"), VANISHING.values(), ids=VANISHING)
def test_a_vanished_object_loses_nothing_else(
    pattern: str,
    action: Callable[[World, str], object],
    status: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """If a listed object is deleted or hidden before it is read, the log names it, and all others are read."""
    caplog.set_level("INFO")
    api, config, deleted = asana(TINY), METHODS["list"], list[str]()
    before = visible_keys(api, config)

    def vanish(found: re.Match[str]) -> None:
        with api.world.lock:
            deleted.append(found[1])
            action(api.world, found[1])

    output = sync(api, config={**config, "max_concurrency": 3}, on_request=before_request(pattern, 2, vanish))
    (gid,) = deleted
    after = visible_keys(api, config)
    assert before != after
    emitted = {name: {key(name, row) for row in output.records(name)} for name in before}
    assert {name: (before[name] & after[name]) - emitted[name] for name in before if before[name] & after[name]} == {
        name: set() for name in before if before[name] & after[name]
    }
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("tap_asana")]
    assert re.search(rf"parents skipped with {status} \([^)]*{gid}", "\n".join(lines))
    assert any(gid in line and f"({status})" in line for line in lines[:-1])


def test_a_section_deleted_while_it_is_read_loses_nothing() -> None:
    """A truncated project is read by section; if a section is deleted meanwhile, its tasks are still read."""
    api = asana(Sizes(stories=1, busiest=80), limits=Limits(truncate=101))
    before = set(api.world.gids("tasks"))
    deleted: list[str] = []

    def vanish(found: re.Match[str]) -> None:
        with api.world.lock:
            deleted.append(found[1])
            api.world.delete_section(found[1])

    hook = before_request(r"/tasks\?.*section=(\d+)", 1, vanish)
    first = sync(api, select=["tasks"], config={"max_concurrency": 2}, on_request=hook)
    assert deleted
    assert [handled for handled in api.log if handled.query.get("section") == deleted[0] and handled.status == 404]
    clock(api).advance(HOUR)
    second = sync(api, select=["tasks"], state=first.state)
    assert before <= first.then(second).gids("tasks")


def test_a_task_added_to_a_finished_project_is_read_with_its_other_project() -> None:
    """A task is read with its first project; if it was added there too late, with the other one."""
    api = asana(TINY)
    clock(api).advance(HOUR)
    world = api.world
    first, last, task = next(
        (first, project.gid, task)
        for task in visible(world)
        for project in world.tasks[task].projects()
        for first in open_projects(world)
        if int(first) < int(project.gid)
        and len(list(world.tasks[task].projects())) == 1
        and world.projects[first].workspace is project.workspace
    )
    hook = before_request(rf"/tasks\?.*project={last}", 1, lambda _: world.add_to_project(task, first))
    output = sync(api, config={**METHODS["list"], "max_concurrency": 1}, select=["tasks"], on_request=hook)
    assert {project.gid for project in world.tasks[task].projects()} == {first, last}
    assert task in output.gids("tasks")


@pytest.mark.parametrize("first", [True, False], ids=["first read", "increment"])
def test_subtasks_of_a_moved_task_are_read_in_the_next_run(*, first: bool) -> None:
    """Subtasks of a task moved to a finished project are read in the next run, although they are unmodified."""
    api = asana(TINY, dialect=Dialect(moves_modify_tasks=True))
    world, config = api.world, {**METHODS["list"], "max_concurrency": 1}
    one = next(iter(world.workspaces))
    target, *_, source = sorted(
        (gid for gid in open_projects(world) if world.projects[gid].workspace.gid == one), key=int
    )
    clock(api).advance(HOUR)
    first_run = sync(api, config=config, select=TASK_STREAMS)
    clock(api).advance(HOUR)
    task = world.add_task(project=source)
    below = [world.add_task(parent=task)]
    below.append(world.add_task(parent=below[0]))
    stories = {world.comment(gid) for gid in below}
    clock(api).advance(HOUR)

    def move(_: object) -> None:
        world.add_to_project(task, target)
        world.remove_from_project(task, source)

    hook = before_request(rf"/tasks\?.*project={source}", 1, move)
    union = sync(api, config=config, select=TASK_STREAMS, state=None if first else first_run.state, on_request=hook)
    clock(api).advance(HOUR)
    union = union.then(sync(api, config=config, select=TASK_STREAMS, state=union.state))
    assert {task, *below} <= union.gids("tasks")
    assert stories <= union.gids("stories")
    clock(api).advance(HOUR)
    assert sync(api, config=config, select=TASK_STREAMS, state=union.state).records("tasks") == []


def test_a_changed_task_that_moves_between_the_list_and_its_changes_is_read() -> None:
    """The whole list of its project shows its change, and the list of changes, which comes after it, lacks the task."""
    api = asana(TINY)
    world, config = api.world, {**METHODS["list"], "max_concurrency": 1}
    one = next(iter(world.workspaces))
    target, *_, source = sorted(
        (gid for gid in open_projects(world) if world.projects[gid].workspace.gid == one), key=int
    )
    task, names = world.add_task(project=source), set[str]()
    clock(api).advance(HOUR)
    first = sync(api, config=config, select=["tasks"])
    clock(api).advance(HOUR)
    world.rename_task(task)
    clock(api).advance(HOUR)

    def move(request: HttpRequest) -> None:
        if request.query.get("project") == source and "modified_since" in request.query and not names:
            names.add(world.tasks[task].name)
            world.add_to_project(task, target)
            world.remove_from_project(task, source)

    second = sync(api, config=config, select=["tasks"], state=first.state, on_request=move)
    assert {row["name"] for row in second.records("tasks") if row["gid"] == task} == names != set()


class TruncatingChildLists(Api):
    """An Asana that truncates child lists after two rows, and can answer one request at a time."""

    @override
    def page(self, request: HttpRequest, listing: Listing, limit: int | None, *, paged: bool) -> Page:
        usual = self.limits
        if re.search(r"/stories$|/status_updates$", request.path):
            self.limits = Limits(truncate=2)
        try:
            return super().page(request, listing, limit, paged=paged)
        finally:
            self.limits = usual


@pytest.mark.parametrize("stream", ["stories", "status_updates"])
def test_a_truncated_child_list_is_named(stream: str, caplog: pytest.LogCaptureFixture) -> None:
    """A child list that cannot be split loses the omitted rows, and the log names its parent."""
    caplog.set_level("INFO")
    api = TruncatingChildLists(World.seeded(1, TINY, ManualClock()))
    output = sync(api, select=[stream], config={"page_size": 1, "max_concurrency": 1})
    assert [handled for handled in api.log if handled.status == 400]
    assert output.gids(stream) < set(api.world.gids(stream))
    part = summary(caplog.records)[stream]
    assert f"{sum(handled.status == 400 for handled in api.log)} parents skipped with 400 (/" in part


def visible(world: World) -> list[str]:
    """Return the gids of the tasks visible to a person."""
    return sorted(world.gids("tasks"))


def open_projects(world: World) -> list[str]:
    """Return the gids of the projects visible to a person."""
    return sorted(world.gids("projects"))


def work(world: World, change: str, number: int) -> None:
    """Make one change to a task and a project chosen by number."""
    with world.lock:
        tasks, projects = visible(world), open_projects(world)
        task, project = tasks[number % len(tasks)], projects[number % len(projects)]
        old_projects = [found.gid for found in world.tasks[task].projects()]
        if change == "delete task":
            world.delete_task(task)
        elif change == "delete project" and len(projects) > 2:
            world.delete_project(project)
        elif change == "hide project" and len(projects) > 2:
            world.hide_project(project)
        elif change == "move" and old_projects:
            world.add_to_project(task, project)
            if project not in old_projects:
                world.remove_from_project(task, old_projects[0])
        elif change == "move within" and old_projects:
            sections = list(world.projects[old_projects[0]].sections)
            world.move_task(task, sections[number % len(sections)])
        elif change == "add":
            world.comment(world.add_task(project=project))
        elif change == "comment":
            world.comment(task)


CHANGES = ("delete task", "delete project", "hide project", "move", "move within", "add", "comment")


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    method=st.sampled_from(sorted(METHODS)),
    concurrency=st.integers(1, 8),
    changes=st.dictionaries(
        st.integers(4, 90), st.tuples(st.sampled_from(CHANGES), st.integers(0, 1000)), min_size=3, max_size=12
    ),
)
def test_changes_during_a_run_are_read_by_it_or_the_next_one(
    method: str, concurrency: int, changes: dict[int, tuple[str, int]]
) -> None:
    """A first run with deletions, moves and changes meanwhile succeeds, and the next run reads the rest.

    Here moves change modified_at; `test_moved_tasks` covers moves that do not.
    """
    dialect = Dialect(moves_modify_tasks=True)
    api, config = asana(TINY, dialect=dialect), {**METHODS[method], "max_concurrency": concurrency, "page_size": 7}

    def worker(change: str, number: int) -> Callable[[], None]:
        return lambda: work(api.world, change, number)

    moments = Moments({at: worker(*change) for at, change in changes.items()})
    clock(api).advance(HOUR)
    first = sync(api, config=config, select=TASK_STREAMS, on_request=moments)
    clock(api).advance(HOUR)
    union = first.then(sync(api, config=config, state=first.state, select=TASK_STREAMS))
    for stream in TASK_STREAMS:
        truth = api.world.expected_records(stream, str(config["access_token"]))
        assert truth.keys() <= union.gids(stream)


@every_method
def test_a_workday_during_a_run_is_caught_up(config: Mapping[str, object]) -> None:
    """All changes of a workday during a run are read by it or by the next run."""
    api = asana(TINY)
    clock(api).advance(HOUR)
    first = sync(api, config=config, select=TASK_STREAMS, on_request=Moments({20: api.world.mutate}))
    clock(api).advance(HOUR)
    union = first.then(sync(api, config=config, state=first.state, select=TASK_STREAMS))
    for stream in TASK_STREAMS:
        assert api.world.expected_records(stream, str(config["access_token"])).keys() <= union.gids(stream)
