"""What operators read: progress, warnings about what is left out, and the summary (laws 6 and 7)."""

from __future__ import annotations

import logging
import threading

import pytest
from clock import PATIENCE, Clock
from harness import PERSON, SMALL, TINY, asana, attempt, offline_run, sync
from interruptions import Killed
from typing_extensions import override

from fake_asana.messages import HttpRequest
from tap_asana.api.metrics import MAX_NAMED_PARENTS, RequestMetrics
from tap_asana.api.protocol import Unavailable
from tap_asana.api.request import Request
from tap_asana.config import Settings
from tap_asana.fetch.scheduler import END_OF_PARENT
from tap_asana.limits import Limits
from tap_asana.monitor import progress as room
from tap_asana.monitor.progress import MIN_SECONDS_FOR_ESTIMATE, NO_PARENTS, Progress
from tap_asana.parents.kinds import ProgressByKind
from tap_asana.state.bookmarks import SyncWindow
from tap_asana.tasks.by_list import ListSource
from tap_asana.tasks.list_scope import ListScope
from tap_asana.tasks.traversal import TraversalContext


class Lines(logging.Handler):
    """Keeps what is logged; the first line of progress takes until it is let through."""

    def __init__(self) -> None:
        """Start with nothing."""
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


def stories_of(task: int, workspace: str = "1") -> Request:
    """Return the ask for a task's stories."""
    return Request("stories", f"/tasks/{task}/stories", workspace=workspace)


def summary(progress: Progress, streams: list[str], caplog: pytest.LogCaptureFixture) -> str:
    """Return the summary as it is logged."""
    with caplog.at_level(logging.INFO):
        progress.summary(streams)
    return caplog.records[-1].getMessage()


def test_a_line_of_progress_tells_how_far_and_how_fast() -> None:
    """Progress tells records, requests, requests a minute since the last line, and the share of the parents done."""
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


def test_progress_needs_no_parents_and_no_time() -> None:
    """A line can be asked for before anything is known, and twice at once."""
    progress = Progress(RequestMetrics(), clock=Clock())
    assert progress.line() == "reading : 0 records, 0 requests, 0 a minute"
    assert progress.line() == "reading : 0 records, 0 requests, 0 a minute"


def test_the_rest_of_a_kind_is_estimated_by_what_was_seen_of_it() -> None:
    """At a steady pace the time that is left is right, however many parents were done before this run."""
    clock = Clock()
    progress = Progress(RequestMetrics(), clock=clock)
    for done in range(60, 100):
        progress.update("tasks", {"project": (done, 100), "user": (0, 500)})
        left = progress.snapshot().seconds_left
        assert left == (None if done < 60 + MIN_SECONDS_FOR_ESTIMATE / 3 else pytest.approx((100 - done) * 3))
        clock.now += 3


def test_nothing_is_said_of_the_rest_before_it_is_known() -> None:
    """No estimate without a share, after a few seconds only, of few parents, or of parents of another kind."""
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


def test_an_estimate_ends_where_the_pace_does() -> None:
    """A run that waits long for one parent promises less and less, and then nothing; so does one that speeds up."""
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


def test_a_run_tells_what_it_reads_and_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists tell how many of their parents are done, tasks also in which workspace; one list follows the other."""
    told: list[tuple[str, ProgressByKind]] = []
    monkeypatch.setattr(Progress, "update", lambda _, what, share=NO_PARENTS: told.append((what, share)))
    one_by_one = {"max_concurrency": 1}
    seen = sync(asana(TINY), select=["projects", "sections", "tasks"], config=one_by_one).rows("projects")
    assert list(dict.fromkeys(what for what, _ in told)) == [
        "projects",
        "sections",
        "tasks",
        "tasks of workspace 1 of 2",
        "tasks of workspace 2 of 2",
    ]
    projects = [share["project"] for what, share in told if what == "sections" and share]
    totals = [total for done, total in dict.fromkeys(projects) if done == 0]
    assert sum(totals) == len(seen)
    assert list(dict.fromkeys(projects)) == [(done, total) for total in totals for done in range(total)]
    first, *_, last = [share for what, share in told if what == "tasks of workspace 1 of 2" and share]
    assert list(first) == ["project", "user", "tag"]
    assert first["project"][0] < first["project"][1] == last["project"][0]


@pytest.mark.parametrize("method", ["list", "search"])
def test_a_run_that_is_taken_up_tells_what_was_done_before(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The share of a run that goes on begins where the last STATE left off, and not at nothing."""
    told: list[int] = []
    config = {"max_concurrency": 2, "extraction_method": method}

    def note(_: Progress, what: str, share: ProgressByKind = NO_PARENTS) -> None:
        if what.startswith("tasks of workspace 1 of") and share:
            told.append(share["project"][0])

    def kill(_: HttpRequest) -> None:
        if told and told[-1] >= 5:
            raise Killed

    monkeypatch.setattr(Progress, "update", note)
    api = asana(SMALL)
    first = attempt(api, select=["tasks", "stories"], config=config, on_request=kill)
    assert isinstance(first.error, Killed)
    done = told[-1]
    assert told == sorted(told)
    told.clear()
    sync(api, select=["tasks", "stories"], config=config, state=first.vouched().state)
    assert told == sorted(told)
    assert 0 < told[0] <= done


def test_what_was_done_before_is_done_from_the_start() -> None:
    """Before a walk that is taken up has finished anything, its share is that of its place, and not nothing."""
    run = offline_run(asana(SMALL), Settings.from_config(PERSON))
    workspace = run.directory.workspaces[0]
    third = run.directory.parents("project", workspace)[2]
    window = SyncWindow(None, run.start, (("lists", (0, third.sort_key, END_OF_PARENT)),))
    listing = ListSource(
        "lists",
        TraversalContext(run.client, run.fetcher, run.limits, run.directory, workspace, window, {}),
        ListScope(),
    )
    assert len(list(listing.work_items())) == 2 * sum(total - done for done, total in listing.progress(None).values())
    assert [done for done, _ in listing.progress(None).values()] == [3, 0, 0]


def test_progress_is_logged_until_the_summary(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever a run waits for, progress is logged every 30 seconds at the most; nothing comes behind the summary."""
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


def test_the_summary_tells_what_each_stream_cost(caplog: pytest.LogCaptureFixture) -> None:
    """Each stream of the run is there with records, requests and retries, then what else was asked for."""
    clock, metrics = Clock(), RequestMetrics()
    progress = Progress(metrics, clock=clock)
    progress.records["tasks"] = 12
    for purpose in ("crawl", "tasks", "tasks"):
        metrics.record_request(purpose)
    metrics.record_retry("tasks")
    clock.now += 61.4
    assert summary(progress, ["users", "tasks"], caplog) == (
        "done in 61 s: users 0 records, 0 requests, 0 retries; "
        "tasks 12 records, 2 requests, 1 retries; crawl 0 records, 1 requests, 0 retries"
    )


def test_the_summary_names_what_was_left_out(caplog: pytest.LogCaptureFixture) -> None:
    """Skipped parents are counted by status and named, ten of each status; the rest shows as an ellipsis."""
    metrics = RequestMetrics()
    for task in range(MAX_NAMED_PARENTS + 5):
        metrics.record_skip(stories_of(task), Unavailable(404, "Not Found"))
    metrics.record_skip(
        Request("stories", "/attachments", {"parent": "99", "opt_fields": "name"}), Unavailable(403, "Forbidden")
    )
    told = summary(Progress(metrics, clock=Clock()), ["stories"], caplog)
    first_ten = ", ".join(f"/tasks/{task}/stories" for task in range(10))
    assert told.endswith(
        f"0 retries, 1 parents skipped with 403 (/attachments?parent=99), 15 parents skipped with 404 ({first_ten}, …)"
    )


def test_ten_parents_are_named_without_an_ellipsis(caplog: pytest.LogCaptureFixture) -> None:
    """Where all that was left out is named, nothing hints at more."""
    metrics = RequestMetrics()
    for task in range(MAX_NAMED_PARENTS):
        metrics.record_skip(stories_of(task), Unavailable(404, "Not Found"))
    assert summary(Progress(metrics, clock=Clock()), ["stories"], caplog).endswith("/tasks/9/stories)")


def test_what_is_left_out_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    """There is one warning per stream, workspace and status: the first parent by name, or the plan."""
    metrics = RequestMetrics()
    for task in range(3):
        for status in (402, 403, 404):
            metrics.record_skip(stories_of(task), Unavailable(status, "No."))
    metrics.record_skip(stories_of(7, workspace="2"), Unavailable(402, "No."))
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "stories: the plan of workspace 1 does not have them (402)"),
        ("WARNING", "stories: /tasks/0/stories is left out (403), as may be others"),
        ("WARNING", "stories: /tasks/0/stories is left out (404), as may be others"),
        ("WARNING", "stories: the plan of workspace 2 does not have them (402)"),
    ]


def test_only_a_402_is_about_the_plan() -> None:
    """A 402 is remembered for its stream, workspace and kind of list; a 403 and a 404 are not."""
    metrics = RequestMetrics()
    metrics.record_skip(stories_of(1), Unavailable(403, "No."))
    metrics.record_skip(stories_of(2), Unavailable(404, "No."))
    assert metrics.not_in_plan(stories_of(3)) is None
    lacking = Unavailable(402, "No.")
    metrics.record_skip(stories_of(1), lacking)
    assert metrics.not_in_plan(stories_of(3)) == lacking
    assert metrics.not_in_plan(stories_of(3, workspace="2")) is None
    assert metrics.not_in_plan(Request("stories", "/goals/1/stories", workspace="1", label="goals")) is None
    assert metrics.not_in_plan(Request("tasks", "/tasks", workspace="1")) is None
