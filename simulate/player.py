"""Plays a history: several runs of the tap in this process, without threads and without waiting."""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import harness
from harness import Message, Output
from interruptions import Killed
from typing_extensions import override

from fake_asana.model.seeded_random import SeededRandom
from fake_asana.server.api import Api
from fake_asana.server.faults import REFUSAL_MESSAGE, Faults, Refusal
from fake_asana.server.oauth import ACCESS_TOKEN_PREFIX
from fake_asana.world import ManualClock, World
from simulate.attempt import SECOND_MS, Attempt, Refused
from simulate.bookmarks import passed_changes
from simulate.hardships import PARENTS
from simulate.history import History
from simulate.meanwhile import SHARED, EventRead, HiddenProject, Meanwhile
from simulate.messages import (
    leaks_in_messages,
    planted_words,
    workspaces_lacking_unlisted,
    wrong_records,
)
from simulate.repeats import RepeatedRows
from simulate.tap import Selection, SimulatedTap, credentials, run_in_order
from simulate.target import KeptRows, Target, run_into
from tap_asana.errors import TargetClosedError
from tap_asana.run import Run
from tap_asana.tap import TapAsana

SEARCHED = re.compile(r"workspace (\d+): tasks are read by search")
"""The line that tells of a workspace whose tasks a run reads by search."""


@dataclass(frozen=True)
class PlayedRun:
    """One run: its start by the world's clock, and the workspaces whose tasks it has read by search, as the log tells.

    In `searched_unlisted`, it has searched for tasks in no list. The log had `lines` before it began, and the target
    had kept `messages` by its end.
    """

    start_ms: float
    searched: frozenset[str]
    searched_unlisted: frozenset[str]
    messages: int
    lines: int
    is_complete: bool


@dataclass
class Played:
    """The result of a history: its world, the output that a target kept, and the lines of the log."""

    history: History
    api: Api
    kept: Output = field(default_factory=Output)
    last: Output = field(default_factory=Output)
    """The output of the last run."""

    rows: KeptRows = field(default_factory=KeptRows)
    """What later runs know of the rows that the target has."""

    log: list[str] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    """The exceptions that ended runs early, other than kills and dead targets."""

    findings: list[str] = field(default_factory=list)
    """The violations that only the moment after a run shows."""

    refused: list[Refusal] = field(default_factory=list)
    """The lists refused to the end."""

    was_interrupted: bool = False
    """Whether the last run ended early."""

    runs: list[PlayedRun] = field(default_factory=list)
    """The runs so far."""

    visible: frozenset[str] = frozenset()
    """The tasks that the token saw when the last run began, and the interrupted runs before it, which it resumed."""

    moved: list[str] = field(default_factory=list)
    """The tasks that the run in progress has seen moved to another project, or that moved just before it."""

    moved_unseen: set[str] = field(default_factory=set)
    """The tasks that moved to another project in or before a run that was interrupted, or that resumed such a one, and
    those that moved during a run before it had listed any list with them."""

    hidden: dict[str, HiddenProject] = field(default_factory=dict)
    """The projects that were made private during the last run."""

    event_reads: list[EventRead] = field(default_factory=list)
    """The requests for events so far."""

    shown_again: dict[str, tuple[float, int]] = field(default_factory=dict)
    """The objects of projects that were private while a search was sent, and that no list of projects lacked: the
    milliseconds since when that run reads changes, and those at which they were shared again. Where no events are read,
    also the tasks of private projects that were added to visible ones, from 0 on."""

    truth: dict[str, dict[str, Message]] = field(default_factory=dict)
    """What Asana has at the end, for those streams that have been compared."""

    unlisted: set[str] | None = None
    """The tasks that no list holds at the end."""

    quiet_runs: int = 0
    """The runs without changes and faults so far."""

    earlier: list[Played] = field(default_factory=list)
    """The history after each quiet run but the last."""

    def changed_while_hidden(self) -> set[str]:
        """Return the tasks that were hidden while the tap may have asked for their last change, and are shown again.

        No list of projects shows it (docs/reliability.md, "People may work during a run"; docs/freshness.md, "task of a
        private project added to a visible one").
        """
        tasks = self.api.world.tasks
        shown = self.shown_again.items()
        return {gid for gid, (since, at) in shown if gid in tasks and since <= tasks[gid].modified <= at}

    @property
    def complete_start_ms(self) -> float:
        """Return the start of the last complete run, from which the next one reads changes."""
        return max((run.start_ms for run in self.runs if run.is_complete), default=0.0)

    def had_written(self, gid: str, run: PlayedRun) -> bool:
        """Return whether the target held a record of an object after a run."""
        messages = self.kept.messages[: run.messages]
        return any(each["type"] == "RECORD" and each["record"].get("gid") == gid for each in messages)

    def after_quiet_run(self) -> Played:
        """Return the history as it is now; nothing changes in its world any more."""
        return replace(
            self,
            log=[*self.log],
            errors=[*self.errors],
            findings=[*self.findings],
            runs=[*self.runs],
            rows=self.rows.copy(),
            moved_unseen={*self.moved_unseen},
            event_reads=[*self.event_reads],
            shown_again={**self.shown_again},
            earlier=[],
        )


class _Lines(logging.Handler):
    """Collects the lines of the log."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.INFO)
        self._lines = lines

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))


@contextmanager
def _collecting(lines: list[str]) -> Iterator[None]:
    root, handler = logging.getLogger(), _Lines(lines)
    levels = {name: logging.getLogger(name).level for name in ("", "tap_asana")}
    root.addHandler(handler)
    for name in levels:
        logging.getLogger(name).setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def play(history: History) -> Played:
    """Run the tap through a history, and then until nothing changes any more."""
    random.seed(history.seed)  # the waits between retries
    world = World.seeded(history.seed, history.sizes, ManualClock())
    played = Played(history, Api(world, history.limits, dialect=history.dialect))
    played.refused = [_refusal(played, each, times=None) for each in history.lasting]
    thresholds = {"output_per_state_byte": history.output_per_state_byte, "max_stage_tasks": history.stage_tasks}
    with _collecting(played.log), harness.run_limits(**thresholds):
        for number, attempt in enumerate(history.attempts):
            _run(played, number, attempt)
        for number, attempt in enumerate(history.quiet_attempts, start=len(history.attempts)):
            if played.quiet_runs:
                played.earlier.append(played.after_quiet_run())
            played.quiet_runs += 1
            _run(played, number, attempt)
    return played


def _refusal(played: Played, refused: Refused, times: int | None) -> Refusal:
    """Return a refusal of a route, or of one parent's list among those that the token sees now."""
    gids = (
        sorted(played.api.world.gids(PARENTS[refused.template], played.history.token))
        if refused.template in PARENTS
        else []
    )
    gid = gids[refused.parent % len(gids)] if gids and refused.parent is not None else ""
    message = played.history.dialect.refusals.truncated if refused.is_too_long else REFUSAL_MESSAGE
    return Refusal(f"GET {refused.template}", refused.status, gid, times, message, refused.in_envelope)


def _run(played: Played, number: int, attempt: Attempt) -> None:
    api, history = played.api, played.history
    clock = harness.clock(api)
    clock.advance(attempt.pause_seconds)
    api.faults = Faults(attempt.fault_share, attempt.fault_kinds, number + 1) if attempt.fault_kinds else None
    api.refusals[:] = [*played.refused, *(_refusal(played, each, each.times) for each in attempt.refused)]
    api.limits = replace(history.limits, truncate=attempt.truncate, circle_after=attempt.circle_after)
    meanwhile = Meanwhile(played, attempt)
    meanwhile.before_run()
    clock.advance(attempt.settled_seconds)
    start_ms, lines, requests = api.world.clock() * SECOND_MS, len(played.log), len(api.log)
    visible = frozenset(api.world.gids("tasks", history.token))
    played.visible = played.visible & visible if played.was_interrupted else visible
    people = planted_words(api.world, history.token) if "privacy" in history.settings else frozenset[str]()
    tap = _tap(played, attempt, number, meanwhile)
    repeated = RepeatedRows(played.kept.state)
    target = Target(lambda: clock.advance(attempt.write_seconds), attempt.target_bytes)
    output = run_into(target, tap)
    tap.keep_derived()
    people &= planted_words(api.world, history.token)
    played.findings += wrong_records(output)
    played.findings += leaks_in_messages(target.getvalue(), secrets(history), people)
    error = output.error
    if played.quiet_runs and error is None and not played.was_interrupted:
        seen = played.log[lines:], api.log[requests:]
        played.findings += repeated.lines(output, *seen, history.dialect)
    _note_moves(played, is_interrupted=error is not None)
    played.rows.add(output, output.state or played.kept.state)
    if error is not None:
        output = output if attempt.keeps_uncovered else output.confirmed()
        has_died = isinstance(error, TargetClosedError) and target.has_died
        if not has_died and not isinstance(error, Killed):
            played.errors.append(error)
        if played.quiet_runs and not history.lasting:
            played.findings.append(f"a quiet run ended with {type(error).__name__}: {error}")
    played.kept, played.last = played.kept.then(output), output
    searched = frozenset(found[1] for found in filter(None, map(SEARCHED.match, played.log[lines:])))
    unlisted, messages = meanwhile.searched_unlisted(), len(played.kept.messages)
    played.runs.append(PlayedRun(start_ms, searched, unlisted, messages, lines, is_complete=error is None))
    played.visible -= {each.gid for each in api.world.history if each.action == SHARED and each.at >= start_ms}
    lacking = workspaces_lacking_unlisted(played.log, history.dialect)
    visible = played.visible - played.moved_unseen - played.changed_while_hidden()
    played.findings += passed_changes(history, api.world, played.kept, visible, lacking)


def _note_moves(played: Played, *, is_interrupted: bool) -> None:
    """Keep the moves of a run, if a read was interrupted by its end, or before its start."""
    if is_interrupted or played.was_interrupted:
        played.moved_unseen.update(played.moved)
    played.was_interrupted = is_interrupted
    played.moved.clear()


def secrets(history: History) -> Collection[str]:
    """Return what no output may hold."""
    return {
        history.token,
        ACCESS_TOKEN_PREFIX,
        *([history.settings["privacy_key"]] if "privacy_key" in history.settings else []),
    }


def _tap(played: Played, attempt: Attempt, number: int, hook: Meanwhile) -> SimulatedTap:
    history, api = played.history, played.api
    settings = {
        **credentials(history, api),
        **history.settings,
        **attempt.settings,
        **({"requests_per_minute": attempt.requests_per_minute} if attempt.requests_per_minute else {}),
        "extraction_method": attempt.method or history.method,
    }

    def new_run(tap: TapAsana) -> Run:
        rng = SeededRandom(history.seed, number)
        run = run_in_order(api, tap.settings, hook, rng, clock_ahead_seconds=attempt.clock_ahead_seconds)
        hook.phase = lambda: run.progress.snapshot().phase.description
        return run

    selection = Selection.of(attempt.streams or history.streams, history.deselected, history.full_table)
    return SimulatedTap(selection, new_run, config=settings, state=played.kept.state)
