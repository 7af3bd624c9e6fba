"""What the documents say of speed is what was measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import report
from bench.report import BEGIN, END, PAGE, README, Section, page, quoted, rows

PLACE = f"Before.\n{BEGIN}\nold\n{END}\nBehind.\n"


def test_readme_quotes_the_figures_that_were_measured() -> None:
    """README's figures are those of docs/performance.md, and there are some."""
    figures = quoted(PAGE.read_text(encoding="utf-8"))
    block = README.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    assert [line for line in block.splitlines() if line] == figures
    assert figures[0].startswith("Measured ")
    for what in ("Requests, ", "1,500 a minute, ", "150 a minute, ", "Records, ", "Memory, ", "Start-up, "):
        assert any(line.startswith(f"* {what}") for line in figures), what


def test_what_is_written_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sections go to the page between its markers, what they have in short to README too, and nothing else."""
    for name in ("PAGE", "README"):
        path = tmp_path / name
        path.write_text(PLACE, encoding="utf-8")
        monkeypatch.setattr(report, name, path)
    table = rows(("what", "size:"), [("stone", "3")])
    report.write(page("Measured today.", [Section("Stones", table, ["Stones: 3."])]))
    assert table == ["| what | size |", "| --- | --: |", "| stone | 3 |"]
    short = "Measured today.\n\n* Stones: 3.\n"
    assert (tmp_path / "README").read_text(encoding="utf-8") == f"Before.\n{BEGIN}\n\n{short}\n{END}\nBehind.\n"
    whole = "Measured today.\n\n## In short\n\n* Stones: 3.\n\n## Stones\n\n" + "\n".join(table)
    assert (tmp_path / "PAGE").read_text(encoding="utf-8") == f"Before.\n{BEGIN}\n\n{whole}\n\n{END}\nBehind.\n"


def test_without_a_place_nothing_is_written() -> None:
    """A page that lost its markers is an error, not one that is filled anywhere."""
    with pytest.raises(ValueError, match="no place"):
        report.between("Before.", ["Measured today."])
