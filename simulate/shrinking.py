"""Makes a failing history smaller: fewer runs, changes, refusals and faults, and an ordinary Asana."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields, replace
from typing import Any, TypeVar

from simulate.attempt import Attempt
from simulate.history import TASK_STREAMS, History

T = TypeVar("T")


def shrink(history: History, fails: Callable[[History], bool], *, max_plays: int = 200) -> History:
    """Return a history that still fails, from which no single part can be taken out; at most so many are played."""
    plays = 0
    progress = True
    while progress:
        progress = False
        for smaller in _smaller(history):
            plays += 1
            if plays > max_plays:
                return history
            if fails(smaller):
                history, progress = smaller, True
                break
    return history


def _smaller(history: History) -> Iterator[History]:
    for place in range(len(history.attempts)):
        yield _with_attempts(history, history.attempts[:place] + history.attempts[place + 1 :])
    yield from (replace(history, dialect=dialect) for dialect in _more_ordinary(history.dialect))
    yield from (replace(history, limits=limits) for limits in _more_ordinary(history.limits))
    for place, attempt in enumerate(history.attempts):
        for simpler in _simpler(attempt):
            yield _with_attempts(history, (*history.attempts[:place], simpler, *history.attempts[place + 1 :]))
    yield from _with_simpler_settings(history)


def _with_simpler_settings(history: History) -> Iterator[History]:
    for name in history.settings:
        yield replace(history, settings={key: value for key, value in history.settings.items() if key != name})
    if history.settings.get("max_concurrency") != 1:
        yield replace(history, settings={**history.settings, "max_concurrency": 1})
    if history.full_table:
        yield replace(history, full_table=())
    if history.streams != TASK_STREAMS:
        yield replace(history, streams=TASK_STREAMS)
    for place in range(len(history.lasting)):
        yield replace(history, lasting=history.lasting[:place] + history.lasting[place + 1 :])
    if history.deselected:
        yield replace(history, deselected=())
    if history.request_milliseconds:
        yield replace(history, request_milliseconds=0)
    if history.sizes.tasks > 1:
        yield replace(history, sizes=replace(history.sizes, tasks=history.sizes.tasks // 2))


def _more_ordinary(conditions: T) -> Iterator[T]:
    """Yield the conditions with one field less that differs from its default."""
    parts: Any = conditions
    for each in fields(parts):
        default = each.default if each.default_factory is MISSING else each.default_factory()
        if getattr(parts, each.name) != default:
            yield replace(parts, **{each.name: default})


def _with_attempts(history: History, attempts: tuple[Attempt, ...]) -> History:
    return replace(history, attempts=attempts)


def _simpler(attempt: Attempt) -> Iterator[Attempt]:
    if attempt.kill_before is not None:
        yield replace(attempt, kill_before=None)
    if attempt.kill_in_pass is not None:
        yield replace(attempt, kill_in_pass=None)
    if attempt.fault_kinds:
        yield replace(attempt, fault_kinds=(), fault_share=0.0)
    for name in attempt.settings:
        yield replace(attempt, settings={key: value for key, value in attempt.settings.items() if key != name})
    if (plain := replace(attempt, method=None, streams=(), clock_ahead_seconds=0, requests_per_minute=None)) != attempt:
        yield plain
    if (patient := replace(attempt, target_bytes=None, write_seconds=0, keeps_uncovered=False)) != attempt:
        yield patient
    for place in range(len(attempt.refused)):
        yield replace(attempt, refused=attempt.refused[:place] + attempt.refused[place + 1 :])
    for place in range(len(attempt.changes)):
        yield replace(attempt, changes=attempt.changes[:place] + attempt.changes[place + 1 :])
