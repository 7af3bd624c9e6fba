"""Write measured figures to docs/performance.md, between its markers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.pipeline import ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- measured: python -m bench --write -->", "<!-- end of measured -->"
SHORT = "## In short"


@dataclass(frozen=True)
class Section:
    """The measurements of one subject: its lines, and its figures in short."""

    title: str
    lines: Sequence[str]
    quotes: Sequence[str] = ()

    def text(self) -> list[str]:
        """Return the section as lines of Markdown."""
        return [f"## {self.title}", "", *self.lines, ""]


def page(measured: str, sections: Iterable[Section]) -> list[str]:
    """Return the page as lines: date and machine, the figures in short, then all sections."""
    sections = list(sections)
    quotes = [f"* {quote}" for section in sections for quote in section.quotes]
    return [measured, "", SHORT, "", *quotes, "", *(line for each in sections for line in each.text())]


def write(lines: Iterable[str], path: Path = PAGE) -> None:
    """Write these lines between the markers of a page; raises ValueError if it has no markers."""
    path.write_text(between(path.read_text(encoding="utf-8"), lines), encoding="utf-8")


def between(text: str, lines: Iterable[str]) -> str:
    """Return a text with these lines between its markers; raises ValueError if it has no markers."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("The page has no markers for figures")
    return "\n".join([f"{before}{BEGIN}", "", *lines, f"{END}{after}"])


def rows(heads: Sequence[str], cells: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table; a head that ends with a colon marks a right-aligned column."""
    rule = ("--:" if head.endswith(":") else "---" for head in heads)
    titles = [head.removesuffix(":") for head in heads]
    return [f"| {' | '.join(row)} |" for row in (titles, list(rule), *cells)]


def goal_text(*, met: bool) -> str:
    """Return whether a goal was met, in words."""
    return "met" if met else "not met"
