"""The table of docs/reliability.md: which test, and whether the simulation, misses each protection."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from scripts.mutations.mutation import Mutation

BEGIN, END = "<!-- protections:begin -->\n", "<!-- protections:end -->"
HEAD = "| Protection | Test that fails without it | Simulation |\n|---|---|---|\n"
FAILS, UNKNOWN = "fails", "not played"
"""The verdicts of a simulation that fails, and of histories that were not played."""

ROW = re.compile(r"^\| (?P<name>[^|]+) \| (?P<test>[^|]+) \| (?P<simulation>[^|]+) \|$", re.MULTILINE)


class Verdict(NamedTuple):
    """Who misses a protection: the first test that fails without it, None if none does, and the simulation."""

    test: str | None = None
    simulation: str = UNKNOWN

    @property
    def is_missed(self) -> bool:
        """Return whether a test or a history fails without the protection."""
        return self.test is not None or self.simulation == FAILS


def verdicts(page: str) -> dict[str, Verdict]:
    """Return the verdicts in the table of a page, by the name of the protection."""
    rows = ROW.finditer(page.partition(BEGIN)[2].partition(END)[0].removeprefix(HEAD))
    return {row["name"]: Verdict(_test(row["test"]), row["simulation"]) for row in rows}


def _test(cell: str) -> str | None:
    return cell.strip("`") if cell.startswith("`") else None


def table(mutations: Iterable[Mutation], known: Mapping[str, Verdict]) -> Iterator[str]:
    """Yield the rows of the judged protections in the order of their list."""
    for mutation in mutations:
        if verdict := known.get(mutation.name):
            test = f"`{verdict.test}`" if verdict.test else mutation.argument or "none"
            yield f"| {mutation.name} | {test} | {verdict.simulation} |\n"


def write(page: Path, mutations: Iterable[Mutation], found: Mapping[str, Verdict]) -> None:
    """Put new verdicts into the table of a page; a simulation that was not played keeps its old verdict."""
    text = page.read_text(encoding="utf-8")
    known = verdicts(text)
    for name, verdict in found.items():
        is_played = verdict.simulation != UNKNOWN
        known[name] = verdict if is_played else verdict._replace(simulation=known.get(name, verdict).simulation)
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}{HEAD}{''.join(table(mutations, known))}{END}{after}", encoding="utf-8")
