"""What the documents say of speed is what was measured."""

from __future__ import annotations

from bench.report import BEGIN, END, PAGE, README, quoted


def test_readme_quotes_the_figures_that_were_measured() -> None:
    """README's figures are those of docs/performance.md, and there are some."""
    figures = quoted(PAGE.read_text(encoding="utf-8"))
    block = README.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    assert [line for line in block.splitlines() if line] == figures
    assert len(figures) >= 2
