"""The simulation finds each kind of fault: planted once in the tap, it is a violation.

Without the fault, the same history has none (see the first test): a check that cannot fail would hide defects.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from fake_asana.model.breakage import NUL, Breakage
from fake_asana.model.dialect import Dialect
from fake_asana.world import Sizes
from simulate.attempt import DAY_SECONDS, Attempt, Change
from simulate.failures import violations
from simulate.hardships import NO_FIELDS, PRIVACY_SETTINGS
from simulate.history import FOLLOWED, History
from tap_asana.api.client import AsanaClient
from tap_asana.api.request import Page, Request
from tap_asana.state.bookmarks import Bookmark, SyncWindow
from tap_asana.sync.cursor import ParentHistory
from tap_asana.sync.pass_walk import PassWalk
from tap_asana.sync.sdk_stream import SdkStream
from tap_asana.sync.stream import AsanaStream
from tap_asana.sync.written_rows import WrittenRows
from tap_asana.tasks.events import Batch
from tap_asana.tasks.walk import WalkEvent

Patch = pytest.MonkeyPatch

SIZES = Sizes(workspaces=1, users=2, teams=1, projects=2, tasks=6)
HISTORY = History(sizes=SIZES, attempts=(Attempt(changes=tuple(Change(at, "rename", at) for at in range(6, 36, 2))),))
"""A first read during which tasks change."""


def after_days(change: str) -> Attempt:
    """Return a run after a pause so long that the sync tokens of events have expired, with changes of one kind."""
    return Attempt(3 * DAY_SECONDS, changes=tuple(Change(0, change, number) for number in range(0, 30, 10)))


PRIVATE = History(sizes=SIZES, settings=PRIVACY_SETTINGS, streams=FOLLOWED)
BROKEN = History(sizes=SIZES, streams=FOLLOWED, dialect=Dialect(breakage=Breakage(texts=NUL, excluded=NO_FIELDS)))
LOGGED = History(sizes=SIZES, method="export", streams=("audit_log_events",))

PASSING = History(
    sizes=SIZES,
    settings={"reconcile_days": 1},
    streams=FOLLOWED,
    dialect=Dialect(moves_modify_tasks=False),
)
"""A history whose quiet runs read all tasks again."""

TRACKED = replace(PASSING, attempts=(Attempt(), after_days("track time of last month")))
REVEALED = replace(PASSING, attempts=(Attempt(changes=(Change(0, "share", 0),)), after_days("reveal")))
MOVED = replace(PASSING, attempts=(Attempt(), after_days("move")))
"""Time is tracked, a task of a private project is added to a visible one, or moves; no event tells it."""

KILLED = History(
    sizes=SIZES,
    streams=FOLLOWED,
    attempts=(Attempt(kill_before=5), Attempt(changes=(Change(0, "delete project", 0),))),
)
"""The first run is killed before it has sync tokens, and a project is deleted before the next one."""


def changed_records(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[..., list[Any]]:
    """Return a replacement of the tap's conforming, which changes each record behind it."""
    original = AsanaStream.conform

    def conform(stream: AsanaStream, records: Any) -> list[Any]:  # noqa: ANN401 - as the original
        from msgspec import to_builtins  # noqa: PLC0415 - for this fault alone

        return [change(row) for row in to_builtins(original(stream, records))]

    return conform


def add_a_field(patch: Patch) -> None:
    """Write a field that no SCHEMA declares."""
    patch.setattr(AsanaStream, "conform", changed_records(lambda row: {**row, "surplus": 1}))


def change_a_value(patch: Patch) -> None:
    """Write that finished tasks are open, and open ones finished."""
    patch.setattr(
        AsanaStream,
        "conform",
        changed_records(lambda row: {**row, "completed": not row["completed"]} if "completed" in row else row),
    )


def empty(name: str) -> Callable[[Patch], None]:
    """Return a fault: a field is null in all records."""
    without = changed_records(lambda row: {**row, name: None} if name in row else row)
    return lambda patch: patch.setattr(AsanaStream, "conform", without)


def change_a_type(patch: Patch) -> None:
    """Write a number where the SCHEMA says text."""
    patch.setattr(AsanaStream, "conform", changed_records(lambda row: {**row, "gid": int(row["gid"])}))


def write_the_token(patch: Patch) -> None:
    """Write the token into records."""
    patch.setattr(AsanaStream, "conform", changed_records(lambda row: {**row, "gid": "0/fake"}))


def log(line: str) -> Callable[[Patch], None]:
    """Return a fault that logs a line."""

    def plant(patch: Patch) -> None:
        send = AsanaClient.fetch

        def fetch(client: AsanaClient, request: Request) -> Page:
            page = send(client, request)
            titles = [row["name"] for row in page.records if "html_notes" in row]
            logging.getLogger("tap_asana").warning(line, *titles[:1])
            return page

        patch.setattr(AsanaClient, "fetch", fetch)

    return plant


def request_forever(patch: Patch) -> None:
    """Send the same request without end."""
    send = AsanaClient.fetch

    def fetch(client: AsanaClient, request: Request) -> Page:
        for _ in count():
            page = send(client, request)
        return page

    patch.setattr(AsanaClient, "fetch", fetch)


def lose_an_answer(patch: Patch) -> None:
    """Wait for the pages of a list that nobody has requested."""
    patch.setattr("simulate.pool.SeededPool.submit", lambda pool, *_: _never(pool))


def _never(pool: Any) -> Any:  # noqa: ANN401 - a pool and its future
    from simulate.pool import _Future  # noqa: PLC0415 - a future that nobody answers

    return _Future(pool)


def request_what_asana_does_not_document(patch: Patch) -> None:
    """Send a parameter that Asana does not document."""
    query = Request.query_params
    patch.setattr(Request, "query_params", lambda request: {**query(request), "colour": "blue"})


def raise_an_error(patch: Patch) -> None:
    """End a run with an error that is not for operators."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    patch.setattr(SdkStream, "write_conformed", fail)


def move_the_bookmark_too_far(patch: Patch) -> None:
    """Move bookmarks an hour beyond the start of their reads."""
    close = Bookmark.close

    def close_later(bookmark: Bookmark, window: SyncWindow) -> None:
        from dataclasses import replace  # noqa: PLC0415 - for this fault alone

        from tap_asana.state.instants import format_instant, look_back, parse_instant  # noqa: PLC0415 - for it alone

        close(bookmark, replace(window, until=format_instant(look_back(parse_instant(window.until), -3600))))

    patch.setattr(Bookmark, "close", close_later)


def drop_records(patch: Patch) -> None:
    """Write all records of an answer but the first."""
    original = AsanaStream.conform
    patch.setattr(AsanaStream, "conform", lambda stream, records: original(stream, list(records)[1:]))


def write_twice(patch: Patch) -> None:
    """Write each record twice, as if no run knew what it has written."""
    patch.setattr(WrittenRows, "unwritten", lambda _, __, rows: [*rows, *rows])


def leave_out_of_passes(stream: str) -> Callable[[Patch], None]:
    """Return a fault: passes leave out the records of a stream."""

    def plant(patch: Patch) -> None:
        original = PassWalk.events

        def events(walk: PassWalk, stage_tasks: int) -> Iterator[WalkEvent]:
            found = original(walk, stage_tasks)
            return (event for event in found if not isinstance(event, Batch) or event.stream != stream)

        patch.setattr(PassWalk, "events", events)

    return plant


def forget_projects(patch: Patch) -> None:
    """Count projects as written, without naming them in state."""
    patch.setattr(ParentHistory, "keep", lambda *_: None)


FAULTS = [
    (add_a_field, HISTORY, "is not as declared: Object contains unknown field `surplus`"),
    (change_a_type, HISTORY, "is not as declared: Expected `str`, got `int`"),
    (write_the_token, HISTORY, "a message tells a secret"),
    (log("using 0/fake now"), HISTORY, "the log tells what it must not: using 0/fake now"),
    (log("asked ann@example.com"), HISTORY, "the log tells what it must not"),
    (log("Traceback (most recent call last)"), HISTORY, "the log has a traceback"),
    (request_forever, HISTORY, "a run ended with Hang: 5000 requests in one run"),
    (lose_an_answer, HISTORY, "a run ended with Hang"),
    (request_what_asana_does_not_document, HISTORY, "a run ended with AssertionError"),
    (raise_an_error, HISTORY, "a run ended with ZeroDivisionError"),
    (move_the_bookmark_too_far, HISTORY, "the bookmark passes the last change"),
    (drop_records, HISTORY, "tasks: lost"),
    (drop_records, LOGGED, "audit_log_events: not as in Asana"),
    (write_twice, HISTORY, "tasks: written twice by one run"),
    (change_a_value, PRIVATE, "tasks: not as events tell"),
    (change_a_value, BROKEN, "tasks: not as events tell"),
    (empty("actual_time_minutes"), TRACKED, "tasks: not as a pass reads"),
    (empty("resource_subtype"), HISTORY, "stories: without resource_subtype"),
    (leave_out_of_passes("time_tracking_entries"), TRACKED, "time_tracking_entries: lost"),
    (leave_out_of_passes("tasks"), REVEALED, "tasks: lost"),
    (leave_out_of_passes("stories"), REVEALED, "stories: lost"),
    (leave_out_of_passes("stories"), MOVED, "stories: lost"),
    (forget_projects, KILLED, "projects: deleted, but not named"),
]


@pytest.mark.parametrize("history", [HISTORY, PRIVATE, BROKEN, LOGGED, TRACKED, REVEALED, MOVED, KILLED])
def test_without_a_fault_nothing_is_found(history: History) -> None:
    """The histories of this file have no violation of their own."""
    assert violations(history) == ()


@pytest.mark.parametrize(
    ("plant", "history", "line"), FAULTS, ids=[f"{number} {fault[2][-30:]}" for number, fault in enumerate(FAULTS)]
)
def test_each_fault_is_found(
    plant: Callable[[Patch], None], history: History, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault in the tap is a violation of its own kind."""
    plant(monkeypatch)
    assert [found for found in violations(history) if line in found]


def test_a_named_person_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """With privacy, the name of a person in any message is a violation."""
    monkeypatch.setattr(AsanaStream, "_redactor", None)
    assert [found for found in violations(PRIVATE) if "a person in spite of privacy" in found]


def test_a_loop_without_requests_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A history that takes CPU time without end is a violation."""
    monkeypatch.setattr("simulate.failures.MAX_CPU_SECONDS", 0.05)

    def spin(*_: object) -> None:
        for _number in count():
            pass

    monkeypatch.setattr(SdkStream, "write_conformed", spin)
    assert [found for found in violations(HISTORY) if "CPU seconds" in found]
