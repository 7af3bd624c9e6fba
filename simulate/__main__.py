"""The command `python -m simulate`: plays random histories until the time is over, or one seed again."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import random
import re
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import count, islice

from simulate.history import History, draw
from simulate.oracle import verdicts
from simulate.player import play
from simulate.pool import Hang
from simulate.shrinking import shrink
from simulate.story import as_test

CHUNK = 4
"""Histories that a process plays at once."""

CHUNKS_AT_ONCE = 8
"""Chunks for each process between two looks at the clock: the last of them leaves other processes idle."""

MAX_CPU_SECONDS = 60
"""The time after which a history counts as endless; most take less than one second."""

GARBAGE_OBJECTS = 100_000
"""New objects that start a collection of garbage."""


@dataclass(frozen=True)
class Failure:
    """A seed whose history violates something."""

    seed: int
    violations: tuple[str, ...]


def violations(history: History) -> tuple[str, ...]:
    """Play a history and return its violations; an exception of the simulation itself is one."""
    signal.signal(signal.SIGVTALRM, _hang)
    signal.setitimer(signal.ITIMER_VIRTUAL, MAX_CPU_SECONDS, 1)
    try:
        return tuple(verdicts(play(history)))
    except Exception as error:  # noqa: BLE001 - reported with its seed
        return (f"the simulation ended with {type(error).__name__}: {error}",)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _hang(_: int, __: object) -> None:
    raise Hang(f"no end after {MAX_CPU_SECONDS} CPU seconds")


def prepare() -> None:
    """Prepare a process for many histories: once, because what is frozen stays in memory."""
    logging.lastResort = None  # the lines go to the simulation alone
    logging._srcfile = None  # noqa: SLF001 - as its documentation advises for speed: nobody asks where a line is logged
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    gc.freeze()  # garbage collections skip the loaded modules, and run less often
    gc.set_threshold(GARBAGE_OBJECTS)


def play_seeds(seeds: Sequence[int], *, is_large: bool | None) -> list[Failure]:
    """Play some seeds, in worlds as `draw` has them, and return those that fail."""
    return [Failure(seed, found) for seed in seeds if (found := violations(draw(seed, is_large=is_large)))]


def main(arguments: Sequence[str] | None = None) -> int:
    """Play histories and print each failure with its shrunk story; return 1 if there was any."""
    options = _options(arguments)
    started = time.monotonic()
    played = failed = 0
    seeds, play_chunk = _seeds(options), partial(play_seeds, is_large=options.large)
    with ProcessPoolExecutor(options.jobs, initializer=prepare) as pool:
        while time.monotonic() - started < options.minutes * 60 and failed < options.max_failures:
            chunks = [chunk for _ in range(options.jobs * CHUNKS_AT_ONCE) if (chunk := list(islice(seeds, CHUNK)))]
            if not chunks:
                break
            for failures in pool.map(play_chunk, chunks):
                failed += len(failures)
                for failure in failures:
                    _report(failure, is_large=options.large, shrinks=options.shrink)
            played += sum(map(len, chunks))
    seconds = time.monotonic() - started
    print(f"{played} histories in {seconds:.0f} s ({played / seconds:.1f} a second), {failed} failed")
    return 1 if failed else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulate", description=__doc__)
    parser.add_argument("--seed", type=int, help="play this seed alone")
    parser.add_argument("--first", type=int, help="the first of the seeds (default: random)")
    parser.add_argument("--histories", type=int, help="how many histories to play at most")
    large_help = "play in large worlds alone, or in none (default: one in ten, by its seed)"
    parser.add_argument("--large", action=argparse.BooleanOptionalAction, help=large_help)
    parser.add_argument("--minutes", type=float, default=2.0, help="how long to play (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one per core)")
    parser.add_argument("--max-failures", type=int, default=5, help="stop after so many (default: %(default)s)")
    parser.add_argument("--shrink", action=argparse.BooleanOptionalAction, default=True, help="shrink failures")
    return parser.parse_args(arguments)


def _seeds(options: argparse.Namespace) -> Iterator[int]:
    if options.seed is not None:
        return iter([options.seed])
    first = options.first if options.first is not None else random.SystemRandom().randrange(10**9)
    print(f"seeds from {first}")
    return islice(count(first), options.histories)


def kinds(lines: Sequence[str]) -> set[str]:
    """Return violations without what they name, so that a smaller history cannot fail for another reason."""
    return {re.split(r"[\d\[]", line, maxsplit=1)[0] for line in lines}


def _report(failure: Failure, *, is_large: bool | None, shrinks: bool) -> None:
    option = {None: "", True: " --large", False: " --no-large"}[is_large]
    print(f"\nseed {failure.seed} fails: python -m simulate --seed {failure.seed}{option}")
    for line in failure.violations:
        print(f"  {line[:500]}")
    if shrinks:
        found = kinds(failure.violations)
        history = shrink(
            draw(failure.seed, is_large=is_large), lambda smaller: bool(found & kinds(violations(smaller)))
        )
        print(as_test(history, violations(history)))
    sys.stdout.flush()


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order of sets must follow from the seed too
        again = [sys.executable, "-m", "simulate", *sys.argv[1:]]
        os.execve(sys.executable, again, {**os.environ, "PYTHONHASHSEED": "0"})  # noqa: S606 - it is this command
    sys.exit(main())
