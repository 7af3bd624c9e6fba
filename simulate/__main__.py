"""The command `python -m simulate`: plays random histories until the time is over, or one seed again."""

from __future__ import annotations

import argparse
import math
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import count, islice

from simulate.failures import Failure, failure_of
from simulate.workers import play_seeds

MINUTES = 2.0
"""How long to play if neither the time nor the number of histories is given."""

PROGRESS_SECONDS = 60

MAX_LINE_CHARACTERS = 500


class Campaign:
    """Plays seeds, prints each failure, and counts."""

    def __init__(self, options: argparse.Namespace) -> None:
        """Count nothing yet; the time begins now."""
        self._options = options
        self._started = self._last_progress = time.monotonic()
        self._is_stopped = False
        self._pending: set[int] = set()
        self._next_seed = 0
        self._played = 0
        self.failures: list[Failure] = []

    def stop(self, *_: object) -> None:
        """Play no further seed."""
        self._is_stopped = True

    def play(self, seeds: Iterator[int]) -> None:
        """Play seeds until the time is over or too many fail."""
        options = self._options
        play = partial(failure_of, is_large=options.large, shrinks=options.shrink)
        for seed, failure in play_seeds(self._noted(seeds), play, options.jobs, self._is_over):
            self._pending.discard(seed)
            self._played += 1
            if failure is not None:
                self.failures.append(failure)
                self._report(failure)
            if time.monotonic() - self._last_progress >= PROGRESS_SECONDS:
                self._last_progress = time.monotonic()
                print(self._counts(), flush=True)

    def report(self) -> None:
        """Print which seeds failed, one on each line, how many were played, and where to continue."""
        for failure in self.failures:
            print(f"failed: {failure.seed} {failure.violations[0][:100]}")
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds_each = (used.ru_utime + used.ru_stime) / max(1, self._played)
        print(f"{self._counts()}, {seconds_each:.2f} CPU s each")
        if self._options.seed is None:
            print(f"continue with --first {min(self._pending, default=self._next_seed)}")

    def _noted(self, seeds: Iterator[int]) -> Iterator[int]:
        for seed in seeds:
            self._next_seed = seed + 1
            self._pending.add(seed)
            yield seed

    def _is_over(self) -> bool:
        has_time = time.monotonic() - self._started < 60 * self._options.minutes
        return self._is_stopped or not has_time or len(self.failures) >= self._options.max_failures

    def _counts(self) -> str:
        seconds = time.monotonic() - self._started
        rate = self._played / seconds if seconds else 0.0
        return f"{self._played} histories in {seconds:.0f} s ({rate:.1f} a second), {len(self.failures)} failed"

    def _report(self, failure: Failure) -> None:
        option = {None: "", True: " --large", False: " --no-large"}[self._options.large]
        print(f"\nseed {failure.seed} fails: python -m simulate --seed {failure.seed}{option}")
        for line in failure.violations:
            print(f"  {line[:MAX_LINE_CHARACTERS]}")
        if failure.story:
            print(failure.story)
        sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Play histories and print each failure with its shrunk story; return 1 if there was any."""
    campaign = Campaign(options := _options(arguments))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, campaign.stop)
    campaign.play(_seeds(options))
    campaign.report()
    return 1 if campaign.failures else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulate", description=__doc__)
    parser.add_argument("--seed", type=int, help="play this seed alone")
    parser.add_argument("--first", type=int, help="the first of the seeds (default: random)")
    parser.add_argument("--histories", type=int, help="how many histories to play at most")
    large_help = "play in large worlds alone, or in none (default: one in ten, by its seed)"
    parser.add_argument("--large", action=argparse.BooleanOptionalAction, help=large_help)
    minutes_help = f"how long to play (default: {MINUTES:.0f}; with --histories, until all are played)"
    parser.add_argument("--minutes", type=float, help=minutes_help)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one per core)")
    parser.add_argument("--max-failures", type=int, default=5, help="stop after so many (default: %(default)s)")
    parser.add_argument("--shrink", action=argparse.BooleanOptionalAction, default=True, help="shrink failures")
    options = parser.parse_args(arguments)
    if options.minutes is None:
        options.minutes = MINUTES if options.histories is None else math.inf
    if options.seed is not None:
        options.jobs = 1
    return options


def _seeds(options: argparse.Namespace) -> Iterator[int]:
    if options.seed is not None:
        return iter([options.seed])
    first = options.first if options.first is not None else random.SystemRandom().randrange(10**9)
    print(f"seeds from {first}", flush=True)
    return islice(count(first), options.histories)


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order of sets must follow from the seed too
        again = [sys.executable, "-m", "simulate", *sys.argv[1:]]
        os.execve(sys.executable, again, {**os.environ, "PYTHONHASHSEED": "0"})  # noqa: S606 - it is this command
    sys.exit(main())
