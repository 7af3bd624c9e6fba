"""The benchmark writes its figures to docs/performance.md, the one page that has them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.rate_plot import PLOT, draw
from bench.report import BEGIN, END, PAGE, SHORT, Section, page, rows, write

README = PAGE.parents[1] / "README.md"
TEMPLATE = f"Before.\n{BEGIN}\nold\n{END}\nBehind.\n"


def test_the_page_has_figures_of_every_section() -> None:
    """docs/performance.md says when it was measured, and has the figures of each section in short."""
    _, _, measured = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    assert re.search(r"^Measured 20\d\d-", measured, re.MULTILINE)
    short = measured.partition(SHORT)[2].partition("\n## ")[0]
    for title in ("Requests, ", "1,500 a minute, ", "150 a minute, ", "Records, ", "Memory, ", "Start-up, "):
        assert f"\n* {title}" in short, title


def test_the_readme_repeats_no_measured_figure() -> None:
    """A line of measured figures stands on the page alone."""
    figures = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("* ")]
    readme = README.read_text(encoding="utf-8")
    assert [line for line in figures if line.removeprefix("* ") in readme] == []


def test_figures_are_written_between_the_markers(tmp_path: Path) -> None:
    """The sections and their short figures replace the text between the markers, and nothing else."""
    path = tmp_path / "performance.md"
    path.write_text(TEMPLATE, encoding="utf-8")
    table = rows(("name", "size:"), [("stone", "3")])
    write(page("Measured today.", [Section("Stones", table, ["Stones: 3."])]), path)
    assert table == ["| name | size |", "| --- | --: |", "| stone | 3 |"]
    figures = "Measured today.\n\n## In short\n\n* Stones: 3.\n\n## Stones\n\n" + "\n".join(table)
    assert path.read_text(encoding="utf-8") == f"Before.\n{BEGIN}\n\n{figures}\n\n{END}\nBehind.\n"


def test_a_page_without_markers_is_an_error(tmp_path: Path) -> None:
    """A page without markers is an error and stays unchanged."""
    path = tmp_path / "performance.md"
    path.write_text("Before.", encoding="utf-8")
    with pytest.raises(ValueError, match="no markers"):
        write(["Measured today."], path)
    assert path.read_text(encoding="utf-8") == "Before."


def test_the_plot_shows_the_limiter_as_it_is() -> None:
    """docs/rate-limits.svg has a panel for each form of the limit, as the simulation draws it now."""
    assert PLOT.read_text(encoding="utf-8") == draw(), "run python -m bench.rate_plot"
    assert f"]({PLOT.name})" in PAGE.read_text(encoding="utf-8")
