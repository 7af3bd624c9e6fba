"""The log of a run: progress, warnings about skipped parents, and the summary (laws 6 and 7)."""

from __future__ import annotations

import logging
import threading
from contextlib import closing

import pytest
from clock import PATIENCE, Clock
from harness import PERSON, SMALL, TINY, asana, attempt, offline_run, sync
from interruptions import Killed
from methods import TASKS_AND_STORIES
from typing_extensions import override

from fake_asana.messages import HttpRequest
from tap_asana.api.metrics import RequestMetrics
from tap_asana.config import Settings
from tap_asana.fetch.lane import END_OF_PARENT
from tap_asana.limits import Limits
from tap_asana.monitor import progress as room
from tap_asana.monitor.progress import MIN_SECONDS_FOR_ESTIMATE, NO_PARENTS, Progress
from tap_asana.parents.kinds import ProgressByKind
from tap_asana.state.bookmarks import SyncWindow
from tap_asana.tasks.by_list import ListSource
from tap_asana.tasks.context import TraversalContext
from tap_asana.tasks.task_lists import ListScope


class Lines(logging.Handler):
    """Keeps log lines; the first progress line blocks until `through` is set."""

    def __init__(self) -> None:
        """Start with no lines."""
        super().__init__()
        # Without a lock of its own this handler holds up the thread that logs, and no other.
        self.lock = None
        self.lines: list[str] = []
        self.something = threading.Event()
        self.through = threading.Event()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.something.set()
        if record.getMessage().startswith("reading"):
            assert self.through.wait(PATIENCE)
        self.lines.append(record.getMessage())


def test_a_progress_line_has_counts_rate_and_share() -> None:
    """A progress line has records, requests, the request rate since the last line, and the share of parents done."""
    clock, metrics = Clock(), RequestMetrics()
    progress = Progress(metrics, clock=clock)
    progress.records.update(tasks=1200, stories=300)
    progress.update("tasks", {"project": (2, 2), "user": (1, 2)})
    for _ in range(50):
        metrics.record_request("tasks")
    clock.now += 30
    assert progress.line() == "reading tasks: 1500 records, 50 requests, 100 a minute, 3 of 4 parents (75%) done"
    metrics.record_request("stories")
    clock.now += 60
    progress.update("stories", {"project": (4, 4)})
    assert progress.line() == "reading stories: 1500 records, 51 requests, 1 a minute, 4 of 4 parents (100%) done"


def test_a_progress_line_without_parents_or_elapsed_time() -> None:
    """A progress line can be made before the first phase, and twice at the same time."""
    progress = Progress(RequestMetrics(), clock=Clock())
    assert progress.line() == "reading : 0 records, 0 requests, 0 a minute"
    assert progress.line() == "reading : 0 records, 0 requests, 0 a minute"


def test_the_time_left_is_estimated_from_the_speed_so_far() -> None:
    """At a steady speed the estimate is exact, regardless of the parents done before this run."""
    clock = Clock()
    progress = Progress(RequestMetrics(), clock=clock)
    for done in range(60, 100):
        progress.update("tasks", {"project": (done, 100), "user": (0, 500)})
        seconds_left = progress.snapshot().seconds_left
        assert seconds_left == (None if done < 60 + MIN_SECONDS_FOR_ESTIMATE / 3 else pytest.approx((100 - done) * 3))
        clock.now += 3


def test_no_estimate_without_enough_data() -> None:
    """No estimate is made without parents, in the first seconds, for few parents, or from parents of another kind."""
    clock = Clock()
    progress = Progress(RequestMetrics(), clock=clock)
    progress.update("users")
    clock.now += 100
    assert progress.snapshot().seconds_left is None
    progress.update("tasks", {"project": (0, 100), "user": (0, 500)})
    clock.now += MIN_SECONDS_FOR_ESTIMATE - 1
    progress.update("tasks", {"project": (50, 100), "user": (0, 500)})
    assert progress.snapshot().seconds_left is None
    clock.now += 1
    assert progress.snapshot().seconds_left == MIN_SECONDS_FOR_ESTIMATE
    progress.update("tasks", {"project": (100, 100), "user": (0, 500)})
    assert (progress.snapshot().phase.kind, progress.snapshot().seconds_left) == ("user", None)
    progress.update("tasks", {"project": (100, 100), "user": (100, 500)})
    assert progress.snapshot().seconds_left is None
    progress.update("stories", {"project": (1, 100)})
    clock.now += 3600
    progress.update("stories", {"project": (4, 100)})
    assert progress.snapshot().seconds_left is None


def test_the_estimate_disappears_when_the_speed_changes() -> None:
    """If a run stalls, its estimate grows and then disappears; it also disappears if the run gets much faster."""
    clock = Clock()
    progress = Progress(RequestMetrics(), clock=clock)
    for done in range(51):
        progress.update("tasks", {"project": (done, 200)})
        clock.now += 2
    lefts = []
    for _ in range(4):
        lefts.append(progress.snapshot().seconds_left)
        clock.now += 20
    assert lefts[0] is not None
    assert lefts[1] is not None
    assert lefts[0] < lefts[1] == (122 - 60) / (50 - 30) * 150
    assert lefts[-1] is None
    progress.update("tasks", {"project": (190, 200)})
    assert progress.snapshot().seconds_left is None


def test_a_run_reports_its_phase_and_the_parents_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists report their parents done, and tasks also their workspace; one list follows the other."""
    updates: list[tuple[str, ProgressByKind]] = []
    monkeypatch.setattr(Progress, "update", lambda _, phase, share=NO_PARENTS: updates.append((phase, share)))
    one_by_one = {"max_concurrency": 1}
    projects_read = sync(asana(TINY), select=["projects", "sections", "tasks"], config=one_by_one).rows("projects")
    assert list(dict.fromkeys(phase for phase, _ in updates)) == [
        "projects",
        "sections",
        "tasks",
        "tasks of workspace 1 of 2",
        "tasks of workspace 2 of 2",
    ]
    projects = [share["project"] for phase, share in updates if phase == "sections" and share]
    totals = [total for done, total in dict.fromkeys(projects) if done == 0]
    assert sum(totals) == len(projects_read)
    assert list(dict.fromkeys(projects)) == [(done, total) for total in totals for done in range(total)]
    first, *_, last = [share for phase, share in updates if phase == "tasks of workspace 1 of 2" and share]
    assert list(first) == ["project", "user", "tag"]
    assert first["project"][0] < first["project"][1] == last["project"][0]


@pytest.mark.parametrize("method", ["list", "search"])
def test_a_resumed_run_counts_the_parents_done_before(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The share of a resumed run starts at the last STATE, not at zero."""
    updates: list[int] = []
    config = {"max_concurrency": 2, "extraction_method": method}

    def note(_: Progress, phase: str, share: ProgressByKind = NO_PARENTS) -> None:
        if phase.startswith("tasks of workspace 1 of") and share:
            updates.append(share["project"][0])

    def kill(_: HttpRequest) -> None:
        if updates and updates[-1] >= 5:
            raise Killed

    monkeypatch.setattr(Progress, "update", note)
    api = asana(SMALL)
    first = attempt(api, select=TASKS_AND_STORIES, config=config, on_request=kill)
    assert isinstance(first.error, Killed)
    done = updates[-1]
    assert updates == sorted(updates)
    updates.clear()
    sync(api, select=TASKS_AND_STORIES, config=config, state=first.confirmed().state)
    assert updates == sorted(updates)
    assert 0 < updates[0] <= done


def test_a_resumed_traversal_counts_parents_before_its_first_page() -> None:
    """The share of a resumed traversal is that of its position, even before a parent is finished."""
    with closing(offline_run(asana(SMALL), Settings.from_config(PERSON))) as run:
        workspace = run.directory.workspaces[0]
        third = run.directory.parents("project", workspace)[2]
        window = SyncWindow(None, run.start, (("lists", (0, third.sort_key, END_OF_PARENT)),))
        listing = ListSource(
            "lists",
            TraversalContext(run.client, run.fetcher, run.limits, run.directory, workspace, window, {}),
            ListScope(),
        )
        items = list(listing.work_items())
    assert len(items) == 2 * sum(total - done for done, total in listing.progress(None).values())
    assert [done for done, _ in listing.progress(None).values()] == [3, 0, 0]


def test_progress_is_logged_until_the_summary(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Progress is logged while the run waits, and no line follows the summary."""
    assert Limits.log_interval_seconds <= 30
    heard, join = Lines(), threading.Thread.join

    def joining(thread: threading.Thread, timeout: float | None = None) -> None:
        heard.through.set()
        join(thread, timeout)

    monkeypatch.setattr(threading.Thread, "join", joining)
    caplog.set_level(logging.INFO, room.logger.name)
    monkeypatch.setattr(room.logger, "handlers", [heard])
    progress = Progress(RequestMetrics(), log_interval=0)
    progress.start()
    assert heard.something.wait(PATIENCE)
    progress.summary(["tasks"])
    for thread in threading.enumerate():
        if thread.name == "progress":
            thread.join(PATIENCE)
    assert heard.lines[0].startswith("reading ")
    assert heard.lines[-1].startswith("done in ")
