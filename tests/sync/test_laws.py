"""Laws 1, 3 and 4 of the design: bookmarks, the size of state, runs that are cut off; test_incremental has law 2."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator

import pytest
from expected import expected
from harness import CORE, SMALL, TINY, Message, Output, asana, attempt, clock, run_limits, sync
from interruptions import Killed, Moments, killing
from methods import HOUR, TASKS_AND_STORIES
from typing_extensions import override

from fake_asana.messages import HttpRequest, HttpResponse
from fake_asana.model.clock import format_instant
from fake_asana.server.api import Api, LoggedRequest
from fake_asana.world import Changes, ManualClock, Sizes, World

PATIENCE = 20.0
"""Real seconds after which a request that waits for another gives up: never reached unless something hangs."""
INCREMENTAL = ("tasks", "stories", "attachments")
MANY = Sizes(workspaces=1, users=8, teams=2, projects=40, tags=4, tasks=150, stories=1, busiest=10)
"""A world of many small projects."""


def lacking(api: Api, output: Output, changes: Changes | None = None) -> dict[str, set[str]]:
    """Return by stream what a table lacks after these runs, and what it holds of an old kind.

    What was deleted may stay, and what changed without moving any clock may be old.
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
    """Yield the bookmark of every incremental stream in the first workspace; None where no read was completed."""
    return (output.bookmark(stream).get("replication_key_value") for stream in INCREMENTAL)


@pytest.mark.parametrize(("at_once", "moving"), [(1, ""), (48, "/tasks")], ids=["one at a time", "many in flight"])
def test_a_bookmark_is_the_start_of_its_read(at_once: int, moving: str) -> None:
    """However long a read takes, its bookmark is its beginning (law 1).

    With many in flight only requests of the read itself move the clock: before that, a move between an answer's Date
    and the look at our own clock would make our clock look fast (test_clocks has that case).
    """
    api = asana(TINY)
    begin = api.world.now()

    def pass_time(request: HttpRequest) -> None:
        clock(api).advance(14 if moving in request.path else 0)

    output = sync(api, select=CORE, config={"max_concurrency": at_once}, on_request=pass_time)
    assert api.world.now() - begin > 600_000
    assert set(bookmarks(output)) == {format_instant(begin)}


@pytest.mark.parametrize("at", range(5, 130, 24))
def test_what_changes_while_it_is_read_is_not_lost(at: int) -> None:
    """What people do during a run is brought by it or by the next one (law 1)."""
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
    """A run that is cut off leaves the bookmark where it was (law 1)."""
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
    """An Asana whose filter lets through more than it was asked for."""

    @override
    def handle(self, request: HttpRequest) -> HttpResponse:
        query = {name: value for name, value in request.query.items() if name != "modified_since"}
        return super().handle(HttpRequest(request.method, request.path, query, request.headers, request.body))


def test_the_server_decides_what_is_new() -> None:
    """What Asana's filter lets through is written, however old its modified_at looks (law 1)."""
    api = Generous(World.seeded(1, TINY, ManualClock()))
    state = sync(api, select=CORE).state
    clock(api).advance(HOUR)
    listed = {task.gid for project in api.world.projects.values() for task in project.tasks.values()}
    assert listed <= sync(api, select=CORE, state=state).gids("tasks")


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("share", [step / 6 for step in range(7)])
def test_state_vouches_only_for_what_was_written(share: float) -> None:
    """Whatever STATE a run is taken up from, the records before it and those of the rest are all (law 3)."""
    api = asana(TINY)
    whole = sync(api, select=CORE, config={"max_concurrency": 2})
    places = [at for at, message in enumerate(whole.messages) if message["type"] == "STATE"]
    assert len(places) > 30
    begun = whole.upto(places[round(share * (len(places) - 1))])
    rest = sync(api, select=CORE, state=begun.state)
    assert lacking(api, begun.then(rest)) == {}


def place(state: Message) -> tuple[float, ...]:
    """Return how far the tasks of the first workspace are vouched for; a completed read is beyond all places."""
    (partition, *_) = state["bookmarks"].get("tasks", {}).get("partitions", [{}])
    if "replication_key_value" in partition:
        return (math.inf,)
    done = partition.get("window", {}).get("positions", {}).get("lists", [])
    return tuple(math.inf if number == "end" else int(number) for number in done)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("in_flight", [1, 4, 20])
def test_state_takes_nothing_back(in_flight: int) -> None:
    """No STATE vouches for less than the one before it (law 4)."""
    output = sync(asana(MANY), config={"max_concurrency": in_flight}, select=TASKS_AND_STORIES)
    places = [place(message["value"]) for message in output.of("STATE")]
    assert len(set(places)) > 5
    assert places == sorted(places)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("at", range(5, 130, 20))
def test_killed_and_started_again_nothing_is_missed(at: int) -> None:
    """A run killed at any request and one started from its last STATE bring everything together (law 4)."""
    api = asana(TINY)
    cut = attempt(api, select=CORE, on_request=killing(at))
    assert isinstance(cut.error, Killed)
    begun = cut.vouched()
    rest = sync(api, select=CORE, state=begun.state)
    assert lacking(api, begun.then(rest)) == {}
    assert set(begun.schemas) | set(rest.schemas) == set(CORE)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("at", range(10, 80, 14))
def test_an_increment_killed_and_started_again_misses_nothing(at: int) -> None:
    """What holds for a first read that is killed holds for any later one (law 4)."""
    api = asana(TINY)
    first = sync(api, select=CORE)
    clock(api).advance(HOUR)
    changes = api.world.mutate()
    cut = attempt(api, select=CORE, state=first.state, on_request=killing(at))
    assert isinstance(cut.error, Killed)
    begun = cut.vouched()
    rest = sync(api, select=CORE, state=begun.state or first.state)
    assert lacking(api, first.then(begun).then(rest), changes) == {}


Lists = dict[str, set[str]]
"""What was asked for, by operation: a project or a path."""


@pytest.fixture(scope="module", params=[130, 170, 240, 310, 380], ids="killed at {}".format)
def twice(request: pytest.FixtureRequest) -> Lists:
    """Return the lists that both a run killed at a request and its continuation asked for, four at a time."""
    api, config = asana(MANY), {"max_concurrency": 4}
    with run_limits(output_per_state_byte=0):
        cut = attempt(api, select=CORE, config=config, on_request=killing(request.param))
    assert isinstance(cut.error, Killed)
    middle = len(api.log)
    sync(api, select=CORE, state=cut.vouched().state, config=config)
    before, after = lists(api.log[:middle]), lists(api.log[middle:])
    assert before["GET /tasks"]
    return {operation: asked & after.get(operation, set()) for operation, asked in before.items()}


def lists(log: list[LoggedRequest]) -> Lists:
    """Sort what was asked for."""
    found: Lists = {}
    for handled in log:
        found.setdefault(handled.template, set()).add(handled.query.get("project", handled.path))
    return found


FLYING = 8
"""Four requests are in flight, and as many may have been answered behind one that was not."""


def test_finished_projects_are_not_read_again(twice: Lists) -> None:
    """A run taken up again asks only for those projects again that were in flight (law 4)."""
    assert len(twice["GET /tasks"]) <= FLYING


def test_what_hangs_from_finished_tasks_is_not_read_again(twice: Lists) -> None:
    """A run taken up again asks for the stories only of those tasks again whose lists were in flight (law 4).

    That holds for tasks of one list. One that lies in two projects, or below a task and in a list of its own, comes
    once more where a list ahead has it too: it may have moved there since the kill, no clock tells so, and state has no
    entry for each task (law 3). So the bound for all is FLYING, and one for each task of several lists.
    """
    tasks = asana(MANY).world.tasks
    stories = {path.split("/")[-2] for path in twice["GET /tasks/{task_gid}/stories"]}
    several = {gid for gid, task in tasks.items() if task.parent or len(list(task.projects())) != 1}
    assert stories <= tasks.keys()
    assert len(stories - several) <= FLYING


class Overtaking:
    """Two projects that share a task; the list of the second is read first, and the task's stories never are.

    Hooks into a run with three requests in flight, which is killed once the shared task's place in the first project
    has been passed.
    """

    def __init__(self, world: World) -> None:
        """Add tasks to an empty world: one to both projects, some to the first, behind it by gid, one to the second."""
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
def test_a_shared_task_is_read_whichever_project_comes_first() -> None:
    """The stories of a task in two projects come though another order of arrival was cut off before them (law 4)."""
    api = asana(Sizes(workspaces=1, users=4, projects=2, tasks=0))
    overtaking = Overtaking(api.world)
    clock(api).advance(HOUR)
    select = ["tasks", "stories"]
    cut = attempt(api, select=select, config={"max_concurrency": 3}, on_request=overtaking)
    assert isinstance(cut.error, Killed)
    begun = cut.vouched()
    assert overtaking.story not in begun.gids("stories")
    assert overtaking.story in sync(api, state=begun.state, select=select).gids("stories")


@pytest.mark.usefixtures("eager")
def test_a_read_in_two_parts_is_as_old_as_its_first() -> None:
    """What changes between two parts of a read is brought by the next read: the bookmark is the first start (law 4)."""
    api = asana(TINY)
    start = format_instant(api.world.now())
    begun = attempt(api, select=CORE, on_request=killing(110)).vouched()
    gone = begun.records("tasks")[0]["gid"]
    clock(api).advance(HOUR)
    api.world.rename_task(gone)
    clock(api).advance(HOUR)
    rest = sync(api, select=CORE, state=begun.state)
    assert set(bookmarks(rest)) == {start}
    assert gone in sync(api, select=CORE, state=rest.state).gids("tasks")
