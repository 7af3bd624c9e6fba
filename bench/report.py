"""The page that the figures are kept on; what is between its markers is never written by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scripts.pipeline import ROOT

PAGE = ROOT / "docs" / "performance.md"
README = ROOT / "README.md"
BEGIN, END = "<!-- measured: python -m bench --write -->", "<!-- end of measured -->"
SHORT = "## In short"


@dataclass(frozen=True)
class Section:
    """What was measured of one thing: its lines, and the sentences that README quotes."""

    title: str
    lines: Sequence[str]
    quotes: Sequence[str] = ()

    def text(self) -> list[str]:
        """Return the section as lines of Markdown."""
        return [f"## {self.title}", "", *self.lines, ""]


def page(measured: str, sections: Iterable[Section]) -> list[str]:
    """Return all sections as lines, behind what is quoted of them and the line that says what was measured on."""
    sections = list(sections)
    quotes = [f"* {quote}" for section in sections for quote in section.quotes]
    return [measured, "", SHORT, "", *quotes, "", *(line for each in sections for line in each.text())]


def quoted(text: str) -> list[str]:
    """Return README's lines about the figures on the page: when and where they were measured, and what is in short."""
    lines = text.partition(BEGIN)[2].partition(END)[0].splitlines()
    short = "\n".join(lines).partition(SHORT)[2].partition("\n## ")[0].splitlines()
    return [line for line in lines if line.startswith("Measured ")] + [line for line in short if line]


def write(lines: Iterable[str]) -> None:
    """Put these lines on the page and those quoted into README; raises ValueError where they lack markers."""
    text = between(PAGE.read_text(encoding="utf-8"), lines)
    measured, *quotes = quoted(text)
    readme = between(README.read_text(encoding="utf-8"), [measured, "", *quotes, ""])
    PAGE.write_text(text, encoding="utf-8")
    README.write_text(readme, encoding="utf-8")


def between(text: str, lines: Iterable[str]) -> str:
    """Return a text with these lines between its markers; raises ValueError where it lacks them."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("There is no place for figures")
    return "\n".join([f"{before}{BEGIN}", "", *lines, f"{END}{after}"])


def rows(heads: Sequence[str], found: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table; the columns of numbers are those whose head ends with a colon."""
    rule = ("--:" if head.endswith(":") else "---" for head in heads)
    titles = [head.removesuffix(":") for head in heads]
    return [f"| {' | '.join(cells)} |" for cells in (titles, list(rule), *found)]


def verdict(holds: bool) -> str:  # noqa: FBT001 - the one thing it says
    """Return the words for a goal."""
    return "holds" if holds else "does not hold"
