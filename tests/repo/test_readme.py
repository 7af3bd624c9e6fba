"""README shows what the demo prints, and its numbers are those of the code; e2e/test_readme.py types its lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from harness import STREAMS

from scripts.demo import report
from tap_asana.api.retries import MAX_ATTEMPTS
from tap_asana.tasks.by_export import MAX_WAIT_FOR_OTHER_EXPORT_SECONDS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
RELIABILITY = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")


def demo() -> tuple[str, Mapping[str, int]]:
    """Return what README shows of the demo, and how many rows it tells of each stream."""
    _, shown, _ = re.split(r"^\$ make demo\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
    told = re.findall(r"^(\w+) +([\d,]+) +[\d,]+  equal$", shown, re.MULTILINE)
    return shown, {name: int(count.replace(",", "")) for name, count in told}


def test_the_readme_shows_the_demo_as_it_prints(capsys: pytest.CaptureFixture[str]) -> None:
    """Every stream is there in reading order, in the columns that the demo prints, and the sum is right."""
    shown, landed = demo()
    report(dict(landed), dict(landed))
    assert capsys.readouterr().out in shown
    assert tuple(landed) == STREAMS
    assert f"\n{sum(landed.values()):,} rows in " in shown


def test_the_readme_counts_the_streams() -> None:
    """The table that compares tells how many streams there are."""
    assert f"| Streams or tables | {len(STREAMS)} |" in README


def test_the_readme_names_what_meltano_leaves_out() -> None:
    """The streams that README says are left out are those that meltano.yml leaves out."""
    tap, *_ = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))["plugins"]["extractors"]
    _, _, told = README.partition("The `select` of that file leaves out")
    told, _, _ = told.partition("few people need")
    left_out = {rule.removeprefix("!").removesuffix(".*") for rule in tap["select"] if rule.startswith("!")}
    assert set(re.findall(r"`(\w+)`", told)) == left_out


def test_numbers_are_those_of_the_code() -> None:
    """The patience with exports and the number of tries are those of the code."""
    assert f"The tap waits {MAX_WAIT_FOR_OTHER_EXPORT_SECONDS / 60:.0f} minutes" in README
    assert f"are tried {NUMBERS[MAX_ATTEMPTS]} times" in RELIABILITY
