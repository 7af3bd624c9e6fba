"""Plays one seed and says how it fails, with its shrunk story."""

from __future__ import annotations

import gc
import logging
import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass

from simulate.history import History, draw
from simulate.oracle import verdicts
from simulate.player import play
from simulate.pool import Hang
from simulate.shrinking import shrink
from simulate.story import as_test

MAX_CPU_SECONDS = 60
"""The time after which a history counts as endless; most take less than one second."""

MAX_SECONDS = 600
"""The same for a history that waits, and takes no CPU time."""

GARBAGE_OBJECTS = 1_000_000
"""New objects after which garbage is collected, between two histories: during one, most objects are still in use."""


@dataclass(frozen=True)
class Failure:
    """A seed whose history violates something, and the test that plays its shrunk history, if it was shrunk."""

    seed: int
    violations: tuple[str, ...]
    story: str = ""


def violations(history: History) -> tuple[str, ...]:
    """Play a history and return its violations; an exception of the simulation itself is one."""
    if gc.get_count()[0] > GARBAGE_OBJECTS:
        gc.collect()
    signal.signal(signal.SIGVTALRM, _hang)
    signal.signal(signal.SIGALRM, _hang)
    signal.setitimer(signal.ITIMER_VIRTUAL, MAX_CPU_SECONDS, 1)
    signal.setitimer(signal.ITIMER_REAL, MAX_SECONDS, 1)
    try:
        return tuple(verdicts(play(history)))
    except Exception as error:  # noqa: BLE001 - reported with its seed
        return (f"the simulation ended with {type(error).__name__}: {error}",)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _hang(number: int, _: object) -> None:
    limit = f"{MAX_CPU_SECONDS} CPU seconds" if number == signal.SIGVTALRM else f"{MAX_SECONDS} seconds"
    raise Hang(f"no end after {limit}")


def prepare() -> None:
    """Prepare a process for many histories: once, because what is frozen stays in memory."""
    logging.lastResort = None  # the lines go to the simulation alone
    logging._srcfile = None  # noqa: SLF001 - as its documentation advises for speed: nobody asks where a line is logged
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    gc.freeze()  # garbage collections skip the loaded modules
    gc.disable()  # `violations` collects garbage


def failure_of(seed: int, *, is_large: bool | None = None, shrinks: bool = False) -> Failure | None:
    """Play a seed in a world as `draw` has it, and return how it fails, None if it does not."""
    history = draw(seed, is_large=is_large)
    found = violations(history)
    if not found or not shrinks:
        return Failure(seed, found) if found else None
    shrunk = shrink(history, lambda smaller: bool(kinds(found) & kinds(violations(smaller))))
    return Failure(seed, found, as_test(shrunk, violations(shrunk)))


def kinds(lines: Sequence[str]) -> set[str]:
    """Return violations without what they name, so that a smaller history cannot fail for another reason."""
    return {re.split(r"[\d\[]", line, maxsplit=1)[0] for line in lines}
