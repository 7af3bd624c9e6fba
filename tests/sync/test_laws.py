"""Laws 1, 3 and 4: bookmarks, the size of state, interrupted runs; test_incremental has law 2."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator

import pytest
from direct_session import Waiting
from expected import expected
from harness import CORE, PERSON, SMALL, TINY, Message, Output, asana, attempt, clock, run_limits, sync, written
from interruptions import Killed, Moments, interrupted, killing
from methods import HOUR, TASKS_AND_STORIES
from typing_extensions import override

from fake_asana.messages import HttpRequest, HttpResponse
from fake_asana.model.clock import format_instant
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.server.api import Api, LoggedRequest
from fake_asana.world import Changes, ManualClock, Sizes, World
from simulate.tap import Selection, SimulatedTap, run_in_order

PATIENCE = 20.0
"""Real seconds after which a request that waits for another gives up; reached only if something hangs."""
INCREMENTAL = ("tasks", "stories", "attachments")
MANY = Sizes(workspaces=1, users=8, teams=2, projects=40, tags=4, tasks=150, stories=1, busiest=10)
"""A world of many small projects."""


def lacking(api: Api, output: Output, changes: Changes | None = None) -> dict[str, set[str]]:
    """Return, by stream, the keys missing or stale in a table after these runs.

    Deleted records may remain, and changes without a timestamp may be missing.
    """
    silent = changes.untimestamped if changes else {}
    found: dict[str, set[str]] = {}
    for stream, schema in output.schemas.items():
        rows = output.rows(stream)
        stale = {gid for gid, row in expected(api.world, stream, schema).items() if rows.get(gid) != row}
        if stale - silent.get(stream, set()):
            found[stream] = stale - silent.get(stream, set())
    return found


def bookmarks(output: Output) -> Iterator[str | None]:
    """Yield each incremental stream's bookmark in the first workspace, or None before a complete read."""
    return (output.bookmark(stream).get("replication_key_value") for stream in INCREMENTAL)


@pytest.mark.parametrize(("at_once", "moving"), [(1, ""), (48, "/tasks")], ids=["one at a time", "many in flight"])
def test_a_bookmark_is_the_start_of_its_read(at_once: int, moving: str) -> None:
    """After a read of any duration, its bookmark is its start (law 1).

    With many requests in flight, only those of the read itself advance the clock: before that, an advance between a
    response's Date and the local clock would make the local clock look fast (test_clocks has that case).
    """
    api = asana(TINY)
    begin = api.world.now()

    def pass_time(request: HttpRequest) -> None:
        clock(api).advance(14 if moving in request.path else 0)

    output = sync(api, select=CORE, config={"max_concurrency": at_once}, on_request=pass_time)
    assert api.world.now() - begin > 600_000
    assert set(bookmarks(output)) == {format_instant(begin)}


@pytest.mark.parametrize("at", range(5, 130, 24))
def test_changes_during_a_read_are_not_lost(at: int) -> None:
    """Changes during a run are returned by it or by the next one (law 1)."""
    api = asana(TINY)
    found: list[Changes] = []

    def work() -> None:
        clock(api).advance(HOUR)
        found.append(api.world.mutate())
        clock(api).advance(HOUR)

    first = sync(api, select=CORE, on_request=Moments({at: work}))
    second = sync(api, select=CORE, state=first.state)
    (changes,) = found
    assert lacking(api, first.then(second), changes) == {}


def test_a_bookmark_does_not_move_before_its_read_is_complete() -> None:
    """An interrupted run leaves the bookmark unchanged (law 1)."""
    api = asana(SMALL)
    clock(api).advance(HOUR)
    first = sync(api, select=CORE)
    clock(api).advance(HOUR)
    api.world.mutate()
    requests = len(api.log)
    sync(api, select=CORE, state=first.state)
    later = len(api.log) - requests
    cut = attempt(api, select=CORE, state=first.state, on_request=killing(later // 2))
    assert isinstance(cut.error, Killed)
    assert set(bookmarks(cut)) == set(bookmarks(first))


class Generous(Api):
    """An Asana whose filter returns more than requested."""

    @override
    def handle(self, request: HttpRequest) -> HttpResponse:
        query = {name: value for name, value in request.query.items() if name != "modified_since"}
        return super().handle(HttpRequest(request.method, request.path, query, request.headers, request.body))


def test_all_tasks_from_the_filter_are_written() -> None:
    """All tasks from Asana's filter are written, even with an old modified_at (law 1)."""
    api = Generous(World.seeded(1, TINY, ManualClock()))
    state = sync(api, select=CORE).state
    clock(api).advance(HOUR)
    filled = [project for project in api.world.projects.values() if project.tasks]
    for project in filled:
        api.world.comment(next(iter(project.tasks)))  # or the filter is not asked
    listed = {task.gid for project in filled for task in project.tasks.values()}
    assert listed
    assert listed <= sync(api, select=CORE, state=state).gids("tasks")


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("share", [step / 6 for step in range(7)])
def test_each_state_covers_written_records_only(share: float) -> None:
    """For any STATE, the records before it and those of a run resumed from it are complete (law 3)."""
    api = asana(TINY)
    complete = sync(api, select=CORE, config={"max_concurrency": 2})
    places = [at for at, message in enumerate(complete.messages) if message["type"] == "STATE"]
    assert len(places) > 30
    before = complete.up_to(places[round(share * (len(places) - 1))])
    rest = sync(api, select=CORE, state=before.state)
    assert lacking(api, before.then(rest)) == {}


def place(state: Message) -> tuple[float, ...]:
    """Return the position of the first workspace's tasks in a state; a completed read is beyond all positions."""
    (partition, *_) = state["bookmarks"].get("tasks", {}).get("partitions", [{}])
    if "replication_key_value" in partition:
        return (math.inf,)
    done = partition.get("window", {}).get("positions", {}).get("lists", [])
    return tuple(math.inf if number == "end" else int(number) for number in done)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("in_flight", [1, 4, 20])
def test_positions_in_the_state_never_move_back(in_flight: int) -> None:
    """No STATE covers less than the one before it (law 4)."""
    output = sync(asana(MANY), config={"max_concurrency": in_flight}, select=TASKS_AND_STORIES)
    places = [place(message["value"]) for message in output.of("STATE")]
    assert len(set(places)) > 5
    assert places == sorted(places)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("at", range(5, 130, 20))
def test_a_killed_run_and_its_resumption_are_complete(at: int) -> None:
    """A run killed at any request and a run from its last STATE are complete together (law 4)."""
    api = asana(TINY)
    cut = attempt(api, select=CORE, on_request=killing(at))
    assert isinstance(cut.error, Killed)
    before = cut.confirmed()
    rest = sync(api, select=CORE, state=before.state)
    assert lacking(api, before.then(rest)) == {}
    assert set(before.schemas) | set(rest.schemas) == set(CORE)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("at", range(10, 80, 14))
def test_a_killed_increment_and_its_resumption_are_complete(at: int) -> None:
    """An incremental run killed at any request and its resumption are complete together (law 4)."""
    api = asana(TINY)
    first = sync(api, select=CORE)
    clock(api).advance(HOUR)
    changes = api.world.mutate()
    cut = attempt(api, select=CORE, state=first.state, on_request=killing(at))
    assert isinstance(cut.error, Killed)
    before = cut.confirmed()
    rest = sync(api, select=CORE, state=before.state or first.state)
    assert lacking(api, first.then(before).then(rest), changes) == {}


Lists = dict[str, set[str]]
"""The requested lists by operation: a project or a path each."""


@pytest.fixture(scope="module", params=[130, 170, 240, 310, 380], ids="killed at {}".format)
def twice(request: pytest.FixtureRequest) -> Lists:
    """Return the lists requested both by a killed run and by its resumption, with four requests in flight."""
    api, config = asana(MANY), {"max_concurrency": 4}
    rng, kill = SeededRandom(0, request.param), killing(request.param)
    with run_limits(output_per_state_byte=0):  # without threads: on a busy machine, one may be late
        selection, settings = Selection.of(CORE, (), ()), {**PERSON, **config}
        tap = SimulatedTap(selection, lambda it: run_in_order(api, it.settings, kill, rng), config=settings, state={})
        cut = written(tap)
    assert isinstance(cut.error, Killed)
    middle = len(api.log)
    sync(api, select=CORE, state=cut.confirmed().state, config=config)
    before, after = lists(api.log[:middle]), lists(api.log[middle:])
    assert before["GET /tasks"]
    return {operation: requested & after.get(operation, set()) for operation, requested in before.items()}


def lists(log: list[LoggedRequest]) -> Lists:
    """Group the requested lists by operation."""
    found: Lists = {}
    for handled in log:
        found.setdefault(handled.template, set()).add(handled.query.get("project", handled.path))
    return found


MAX_REPEATED = 8
"""Four requests are in flight, and as many may have been answered before an earlier one."""


def test_finished_projects_are_not_read_again(twice: Lists) -> None:
    """A resumed run repeats only the projects in flight at the kill (law 4)."""
    assert len(twice["GET /tasks"]) <= MAX_REPEATED


def test_children_of_finished_tasks_are_not_read_again(twice: Lists) -> None:
    """A resumed run repeats only the stories of tasks whose lists were in flight (law 4).

    This holds for tasks of one list. A task in two projects, or a subtask in a list of its own, is repeated once if a
    later list has it too: it may have moved there since the kill, which no timestamp shows, and the state has no entry
    for each task (law 3). So the bound for all is MAX_REPEATED, plus one for each task of several lists.
    """
    tasks = asana(MANY).world.tasks
    stories = {path.split("/")[-2] for path in twice["GET /tasks/{task_gid}/stories"]}
    several = {gid for gid, task in tasks.items() if task.parent or len(list(task.projects())) != 1}
    assert stories <= tasks.keys()
    assert len(stories - several) <= MAX_REPEATED


class Overtaking:
    """Two projects with a shared task: the second list is read first, and the task's stories are not read.

    A hook into a run with three requests in flight, which kills it after the shared task's position in the first
    project has been passed.
    """

    def __init__(self, world: World) -> None:
        """Add tasks to an empty world: one to both projects, some with larger gids to the first, one to the second."""
        self.first, second = sorted(world.projects, key=int)
        tasks = sorted((world.add_task(project=self.first) for _ in range(9)), key=int)
        self.shared, self.behind = tasks[0], tasks[1:]
        world.add_to_project(self.shared, second)
        self.story = world.comment(self.shared)
        self.other = world.add_task(project=second)
        self.overtaken, self.passed = threading.Event(), threading.Event()

    def __call__(self, request: HttpRequest) -> None:
        """Hold back the first project's list and the shared task's stories, each until the other side is ahead."""
        if request.query.get("project") == self.first:
            assert self.overtaken.wait(PATIENCE)
        elif request.path.endswith(f"/{self.other}/stories"):
            self.overtaken.set()
        elif request.path.endswith(f"/{self.behind[-1]}/stories"):
            self.passed.set()
        elif request.path.endswith(f"/{self.shared}/stories"):
            assert self.passed.wait(PATIENCE)
            raise Killed


@pytest.mark.usefixtures("eager")
def test_a_shared_task_is_read_in_any_order_of_projects() -> None:
    """The stories of a task in two projects are read even if a kill follows another order of arrival (law 4)."""
    api = asana(Sizes(workspaces=1, users=4, projects=2, tasks=0))
    overtaking = Overtaking(api.world)
    clock(api).advance(HOUR)
    select = ["tasks", "stories"]
    cut = attempt(api, select=select, config={"max_concurrency": 3}, on_request=Waiting(overtaking))
    assert isinstance(cut.error, Killed)
    before = cut.confirmed()
    assert overtaking.story not in before.gids("stories")
    assert overtaking.story in sync(api, state=before.state, select=select).gids("stories")


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("minutes", [5, 60])
def test_what_changed_between_two_parts_of_a_read_follows(minutes: int) -> None:
    """The bookmark of a resumed read is its first start (law 4): the next read returns what has changed since.

    If that start is long ago, that read is part of the same run.
    """
    api = asana(TINY)
    start = format_instant(api.world.now())
    before = interrupted(api, 110, select=CORE, config={"max_concurrency": 1})
    gone = before.records("tasks")[0]["gid"]
    api.world.rename_task(gone)
    clock(api).advance(minutes * 60)
    rest = sync(api, select=CORE, state=before.state)
    is_recent = minutes < 10
    assert (set(bookmarks(rest)) == {start}) == is_recent
    assert gone in (sync(api, select=CORE, state=rest.state) if is_recent else rest).gids("tasks")
