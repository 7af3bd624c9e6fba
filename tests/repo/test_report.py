"""The benchmark writes its figures to docs/performance.md, the one page that has them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.__main__ import parts
from bench.rate_plot import PLOT, draw
from bench.report import BEGIN, END, PAGE, Section, rows, write
from scripts.readme import README, README_FIGURES, quoted_figures

TEMPLATE = f"Before.\n{BEGIN}\nold\n{END}\nBehind.\n"
STONES = Section("Stones", rows(("name", "size:"), [("stone", "3")]), ["Stones: 3."])


def test_the_page_has_figures_of_every_section() -> None:
    """docs/performance.md says when each section was measured, and has its figures in short."""
    _, _, measured = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    sections = measured.split("\n## ")[1:]
    assert len(sections) == len(parts(quick=False))
    for section in sections:
        title, date, figure = [line for line in section.splitlines() if line][:3]
        assert re.match(r"Measured 20\d\d-\d\d-\d\d, ", date), title
        assert figure.startswith("* "), title


def test_the_readme_quotes_five_figures_of_the_page() -> None:
    """A line of measured figures stands on the page, and those in README are copies of it."""
    text = PAGE.read_text(encoding="utf-8")
    figures = {line for line in text.splitlines() if line.startswith("* ")}
    readme = README.read_text(encoding="utf-8").splitlines()
    assert [line for line in readme if line in figures] == list(quoted_figures(text, README_FIGURES))
    assert len(README_FIGURES) == 5


def test_a_figure_that_is_not_on_the_page_cannot_be_quoted() -> None:
    """README names its figures by their first words; a renamed figure is an error."""
    with pytest.raises(ValueError, match="no figure that begins with Stone"):
        list(quoted_figures("* Trees: 4.\n", ["Stone"]))


def test_figures_are_written_between_the_markers(tmp_path: Path) -> None:
    """Sections with their date and short figures replace the text between the markers, and nothing else."""
    path = tmp_path / "performance.md"
    path.write_text(TEMPLATE, encoding="utf-8")
    write("Measured today.", [STONES], path)
    assert STONES.lines == ["| name | size |", "| --- | --: |", "| stone | 3 |"]
    figures = "## Stones\n\nMeasured today.\n\n* Stones: 3.\n\n" + "\n".join(STONES.lines)
    assert path.read_text(encoding="utf-8") == f"Before.\n{BEGIN}\n\n{figures}\n\n{END}\nBehind.\n"


def test_a_measured_part_leaves_the_other_parts(tmp_path: Path) -> None:
    """`--only` replaces the sections that were measured; the others keep their place, their figures and their date."""
    path = tmp_path / "performance.md"
    path.write_text(TEMPLATE, encoding="utf-8")
    write("Measured yesterday.", [STONES, Section("Trees", ["four"])], path)
    write("Measured today.", [Section("Stones", ["many"])], path, keeps_others=True)
    stones, trees = "## Stones\n\nMeasured today.\n\nmany\n", "## Trees\n\nMeasured yesterday.\n\nfour\n"
    assert path.read_text(encoding="utf-8") == f"Before.\n{BEGIN}\n\n{stones}\n{trees}\n{END}\nBehind.\n"


def test_a_page_without_markers_is_an_error(tmp_path: Path) -> None:
    """A page without markers is an error and stays unchanged."""
    path = tmp_path / "performance.md"
    path.write_text("Before.", encoding="utf-8")
    with pytest.raises(ValueError, match="no markers"):
        write("Measured today.", [], path)
    assert path.read_text(encoding="utf-8") == "Before."


def test_the_plot_shows_the_limiter_as_it_is() -> None:
    """docs/rate-limits.svg has a panel for each form of the limit, as the simulation draws it now."""
    assert PLOT.read_text(encoding="utf-8") == draw(), "run python -m bench.rate_plot"
    assert f"]({PLOT.name})" in PAGE.read_text(encoding="utf-8")
