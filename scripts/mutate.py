"""Takes out one protection of the tap after another, and says which of them no test and no simulation misses.

`python -m scripts.mutate` prints a row for each protection: whether its tests fail without it, and whether random
histories do. It works in a copy of the last commit.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from scripts.mutations import MUTATIONS
from scripts.mutations.mutation import Mutation

ROOT = Path(__file__).parents[1]
MAX_SECONDS = 900
"""The time for the tests or the histories of one protection; a run that takes longer counts as failed."""


class Verdict(NamedTuple):
    """Who missed a protection: its tests, the simulation, both or nobody."""

    mutation: Mutation
    by_tests: bool
    by_simulation: bool

    def row(self) -> str:
        """Return a row of the table in docs/reliability.md."""
        marks = ["yes" if missed else "no" for missed in (self.by_tests, self.by_simulation)]
        return f"| {self.mutation.name} | {' | '.join(marks)} |"


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


def judge(mutation: Mutation, histories: int, first_seed: int) -> Verdict:
    """Change the code in a copy of the repository, and run the tests and some histories there."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        _copy(Path(folder))
        file = Path(folder) / mutation.file
        if mutation.old:
            file.write_text(mutated(file.read_text(encoding="utf-8"), mutation), encoding="utf-8")
        tests = ("-m", "pytest", "-q", "-x", "-n0", "-p", "no:cacheprovider", f"--basetemp={folder}/pytest")
        simulation = ("-m", "simulate", f"--first={first_seed}", f"--histories={histories}", "--minutes=30")
        bounds = ("--max-failures=1", "--jobs=1", "--no-shrink")
        return Verdict(mutation, _fails(folder, (*tests, *mutation.tests)), _fails(folder, (*simulation, *bounds)))


def _copy(folder: Path) -> None:
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True)  # noqa: S607 - git
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")


def _fails(folder: str, arguments: Sequence[str]) -> bool:
    """Return whether a command of Python fails in a folder; one that takes too long does."""
    environment = {**os.environ, "PYTHONPATH": folder, "PYTHONHASHSEED": "0"}
    try:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            timeout=MAX_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge the protections of the list, or those whose names contain a text; return 1 if nobody misses one."""
    parser = argparse.ArgumentParser(prog="python -m scripts.mutate", description=__doc__)
    parser.add_argument("--only", default="", help="judge only protections with this text in their name")
    parser.add_argument("--part", default="1/1", help="judge one part of the list, such as 2/3")
    parser.add_argument("--histories", type=int, default=120, help="histories of each (default: %(default)s)")
    parser.add_argument("--first", type=int, default=time.time_ns() // 10**9, help="their first seed")
    parser.add_argument("--check", action="store_true", help="only check that the code has each protection once")
    options = parser.parse_args(arguments)
    if lines := list(check(MUTATIONS)):
        print("\n".join(lines))
        return 2
    if options.check:
        return 0
    part, parts = map(int, options.part.split("/"))
    chosen = [each for each in MUTATIONS[part - 1 :: parts] if options.only in each.name]
    tests = sorted({test for mutation in chosen for test in mutation.tests})
    unchanged = judge(Mutation("nothing", "", "", "", tuple(tests)), options.histories, options.first)
    if unchanged.by_tests or unchanged.by_simulation:
        print(f"without any change, something fails: {unchanged.row()} (seeds from {options.first})")
        return 2
    survivors = 0
    for mutation in chosen:
        verdict = judge(mutation, options.histories, options.first)
        survivors += not (verdict.by_tests or verdict.by_simulation)
        print(verdict.row(), flush=True)
    print(f"{survivors} of {len(chosen)} survive")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
