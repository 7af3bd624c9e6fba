"""README shows lines of the demo, and its numbers are those of the code; e2e/test_readme.py runs its commands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from harness import STREAMS

from scripts.demo import report
from scripts.project import DISTRIBUTION
from tap_asana.api.retries import MAX_ATTEMPTS
from tap_asana.tasks.by_export import MAX_WAIT_FOR_OTHER_EXPORT_SECONDS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
COMPARISON = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
RELIABILITY = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")


def demo() -> tuple[str, Mapping[str, int]]:
    """Return the demo's output in README, and the rows of each stream in it."""
    _, shown, _ = re.split(r"^\$ make demo\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
    rows = re.findall(r"^(\w+) +([\d,]+) +[\d,]+  equal$", shown, re.MULTILINE)
    return shown, {name: int(count.replace(",", "")) for name, count in rows}


def test_the_readme_shows_lines_that_the_demo_prints(capsys: pytest.CaptureFixture[str]) -> None:
    """Each line of the table stands in the columns that the demo prints, in reading order."""
    shown, landed = demo()
    report(dict(landed), dict(landed))
    printed = capsys.readouterr().out.splitlines()
    table, _ = re.split(r"\n\n[\d,]+ rows in ", shown.partition("reading it ...\n")[2])
    assert len(landed) == 4
    assert [line for line in table.splitlines() if line != "..."] == printed
    assert list(landed) == [name for name in STREAMS if name in landed]


def test_the_readme_counts_the_streams() -> None:
    """README and the comparison say how many streams there are."""
    assert f"**Complete**: {len(STREAMS)} streams" in README
    assert f"| Streams or tables | {len(STREAMS)} |" in COMPARISON


def test_the_readme_names_the_deselected_streams() -> None:
    """README names exactly the streams that the `select` of meltano.yml leaves out."""
    tap, *_ = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))["plugins"]["extractors"]
    _, _, rest = README.partition("Its `select` leaves out streams")
    sentence, _, _ = rest.partition(". Remove")
    left_out = {rule.removeprefix("!").removesuffix(".*") for rule in tap["select"] if rule.startswith("!")}
    assert set(re.findall(r"`(\w+)`", sentence)) == left_out


def test_numbers_are_those_of_the_code() -> None:
    """The patience with exports and the number of tries are those of the code."""
    assert f"tap waits\n{MAX_WAIT_FOR_OTHER_EXPORT_SECONDS / 60:.0f} minutes" in README
    assert f"are tried {NUMBERS[MAX_ATTEMPTS]} times" in RELIABILITY


def test_the_readme_installs_this_distribution() -> None:
    """Each way to install names the distribution of pyproject.toml, or the definition for the Hub, which has it."""
    section = README.partition("## Install\n")[2].partition("```console\n")[2].partition("```")[0]
    lines = section.splitlines()
    assert [line.split()[1] for line in lines] == ["uv", "pipx", "uvx", "python3", "meltano"]
    assert all(f" {DISTRIBUTION}" in line for line in lines[:-1])
    assert lines[-1].endswith(" --from-ref docs/tap-asana.hub.yml")
