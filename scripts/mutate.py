"""Takes out one protection of the tap after another, and says which of them no test and no simulation misses.

`python -m scripts.mutate` prints a row for each protection: the first test that fails without it, and if none does,
whether random histories fail. It works in copies of the last commit. `--write` puts the rows into docs/reliability.md.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from scripts.mutations import MUTATIONS
from scripts.mutations.mutation import Mutation
from scripts.mutations.table import FAILS, UNKNOWN, Verdict, table, verdicts, write

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reliability.md"

MAX_SECONDS = 900
"""The time for the tests or the histories of one protection; a run that takes longer counts as failed."""

ALL_TESTS = ("tests/sync", "tests/unit")
"""The suite that is run, if it is wanted, for a protection that none of its named tests misses."""

PYTEST = ("-m", "pytest", "-x", "-n0", "-p", "no:cacheprovider", "--tb=no", "--no-showlocals")
PLAY = ("--max-failures=1", "--jobs=1", "--no-shrink")
TIMEOUT = "timeout"
"""In place of a failing test if they take too long."""

FAILED, NOT_COLLECTED = 1, 5
"""Exit codes of pytest: a test failed; no test has the name."""


def mutated(text: str, mutation: Mutation) -> str:
    """Return a file without a protection; raises ValueError unless the file has it exactly once."""
    if (places := text.count(mutation.old)) != 1:
        msg = f"{mutation.name}: {mutation.file} has its code {places} times, not once"
        raise ValueError(msg)
    return text.replace(mutation.old, mutation.new)


def check(mutations: Iterable[Mutation]) -> Iterator[str]:
    """Yield a line for each protection that the code no longer has as the list says, or whose tests are gone."""
    for mutation in mutations:
        try:
            mutated((ROOT / mutation.file).read_text(encoding="utf-8"), mutation)
        except (OSError, ValueError) as error:
            yield str(error)
        yield from (f"{mutation.name}: no {test}" for test in mutation.tests if not (ROOT / test).exists())


def judge(
    mutation: Mutation, known_test: str | None, copies: Copies, *, suite: bool, play: Callable[[Path], str]
) -> Verdict:
    """Take a protection out of a copy of the repository, and run the tests there; histories if no test fails.

    The test that has missed it before is run first, all of ALL_TESTS last if the `suite` is wanted.
    """
    with copies.without(mutation) as folder:
        named = (f"-k={known_test}", *mutation.tests) if known_test else mutation.tests
        steps = dict.fromkeys((named, mutation.tests, *([ALL_TESTS] if suite else [])))
        test = next(filter(None, (failing_test(folder, step) for step in steps)), None)
        return Verdict(test, UNKNOWN if test else play(folder))


class Copies:
    """Copies of the last commit, each for one protection at a time: Python compiles only the changed file again."""

    def __init__(self, root: Path, number: int) -> None:
        """Make copies below a folder."""
        archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True)  # noqa: S607 - git
        self._free: SimpleQueue[Path] = SimpleQueue()
        for place in range(number):
            with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
                files.extractall(root / f"{place}", filter="data")
            self._free.put(root / f"{place}")

    @contextmanager
    def unchanged(self) -> Iterator[Path]:
        """Take a free copy until the end of the context."""
        folder = self._free.get()
        try:
            yield folder
        finally:
            self._free.put(folder)

    @contextmanager
    def without(self, mutation: Mutation) -> Iterator[Path]:
        """Take a protection out of a copy until the end of the context."""
        with self.unchanged() as folder:
            file = folder / mutation.file
            text, times = file.read_text(encoding="utf-8"), file.stat()
            try:
                file.write_text(mutated(text, mutation), encoding="utf-8")
                yield folder
            finally:
                file.write_text(text, encoding="utf-8")
                os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


def failing_test(folder: Path, tests: Sequence[str]) -> str | None:
    """Return the name of the first test that fails in a folder; raises RuntimeError if pytest cannot run them."""
    done = _python(folder, (*PYTEST, f"--basetemp={folder}/pytest", *tests))
    if done is None:
        return TIMEOUT
    if done.returncode not in {0, FAILED, NOT_COLLECTED}:
        raise RuntimeError(f"pytest {' '.join(tests)}: {done.stdout.decode()}{done.stderr.decode()}")
    name = re.search(r"^(?:FAILED|ERROR) \S+?::(\w+)", done.stdout.decode(), re.MULTILINE)
    return name[1] if name else None


def simulated(folder: Path, *, histories: int, minutes: float, first_seed: int) -> str:
    """Play histories in a folder, so many or for so long; return what the table says about them."""
    if not histories and not minutes:
        return UNKNOWN
    length = (f"--histories={histories}", "--minutes=30") if histories else (f"--minutes={minutes}",)
    done = _python(folder, ("-m", "simulate", f"--first={first_seed}", *length, *PLAY))
    if done is None or done.returncode:
        return FAILS
    played = re.findall(r"^(\d+) histories in", done.stdout.decode(), re.MULTILINE)
    return f"passes {played[-1]} histories"


def _python(folder: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[bytes] | None:
    """Run a command of Python in a folder; return None if it takes too long."""
    environment = {**os.environ, "PYTHONPATH": f"{folder}", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, *arguments]
    try:
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, timeout=MAX_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return None


def unchanged_failure(
    copies: Copies, tests: Iterable[str], files: Iterable[str], play: Callable[[Path], str]
) -> str | None:
    """Return which of these tests, or whether a history, fails without any change; None if nothing does."""
    names = " or ".join(dict.fromkeys(tests))
    with copies.unchanged() as folder:
        test = failing_test(folder, (f"-k={names}", *dict.fromkeys(files))) if names else None
        simulation = play(folder)
    return test or ("a history" if simulation == FAILS else None)


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge the protections of the list; return 1 if nobody misses one that has no argument."""
    options = _options(arguments)
    if lines := list(check(MUTATIONS)):
        print("\n".join(lines))
        return 2
    if options.check:
        return 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        return _judge_chosen(Copies(Path(folder), options.jobs), options)


def _judge_chosen(copies: Copies, options: argparse.Namespace) -> int:
    """Judge the protections that the options name, between two checks that nothing fails without a change."""
    known = verdicts(PAGE.read_text(encoding="utf-8"))
    chosen = [
        each
        for each in MUTATIONS
        if options.only in f"{each.name} {each.file}"
        and not (options.new and known.get(each.name, Verdict()).is_missed)
    ]
    play = partial(simulated, histories=options.histories, minutes=options.minutes, first_seed=options.first)
    if failure := unchanged_failure(copies, (), (), play):
        print(f"without any change, {failure} fails")
        return 2
    found = dict(_judge_all(chosen, known, copies, play, options))
    tests = (verdict.test for verdict in found.values() if verdict.test not in {None, TIMEOUT})
    files = ALL_TESTS if options.suite else [file for mutation in chosen for file in mutation.tests]
    if failure := unchanged_failure(copies, filter(None, tests), files, lambda _: UNKNOWN):
        print(f"without any change, {failure} fails too")
        return 2
    survivors = [each.name for each in chosen if not (found[each.name].is_missed or each.argument)]
    usage = os.times()
    seconds = usage.children_user + usage.children_system
    print(f"{len(survivors)} of {len(chosen)} survive without an argument ({seconds:.0f} s of CPU)")
    return 1 if survivors else 0


def _judge_all(
    chosen: Sequence[Mutation],
    known: Mapping[str, Verdict],
    copies: Copies,
    play: Callable[[Path], str],
    options: argparse.Namespace,
) -> Iterator[tuple[str, Verdict]]:
    """Yield the verdict on each protection by its name, print its row, and write it if that is wanted."""
    tests = [known.get(mutation.name, Verdict()).test for mutation in chosen]
    judge_one = partial(judge, copies=copies, suite=options.suite, play=play)
    with ThreadPoolExecutor(options.jobs) as pool:
        for mutation, verdict in zip(chosen, pool.map(judge_one, chosen, tests), strict=True):
            print(*table([mutation], {mutation.name: verdict}), end="", flush=True)
            if options.write:
                write(PAGE, MUTATIONS, {mutation.name: verdict})
            yield mutation.name, verdict


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scripts.mutate", description=__doc__)
    parser.add_argument("--only", default="", help="judge only protections with this text in their name or file")
    parser.add_argument(
        "--new", action="store_true", help="judge only protections that the table lacks, or that nobody misses"
    )
    parser.add_argument("--suite", action="store_true", help="run tests/sync and tests/unit for those not missed yet")
    parser.add_argument("--histories", type=int, default=0, help="histories of each that no test misses")
    parser.add_argument("--minutes", type=float, default=0.0, help="the same by time, in place of a number")
    parser.add_argument("--first", type=int, default=time.time_ns() // 10**9, help="their first seed")
    parser.add_argument("--jobs", type=int, default=1, help="protections judged at once (default: %(default)s)")
    parser.add_argument("--write", action="store_true", help="put the verdicts into docs/reliability.md")
    parser.add_argument("--check", action="store_true", help="only check that the code has each protection once")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
