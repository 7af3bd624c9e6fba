"""Write measured figures to docs/performance.md, between its markers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.pipeline import ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- measured: python -m bench --write -->", "<!-- end of measured -->"
HEAD = "## "


@dataclass(frozen=True)
class Section:
    """The measurements of one subject: its lines, and its figures in short."""

    title: str
    lines: Sequence[str]
    quotes: Sequence[str] = ()

    def text(self) -> str:
        """Return the section as Markdown: its figures in short, then its lines."""
        short = [*(f"* {quote}" for quote in self.quotes), *([""] if self.quotes else [])]
        return "\n".join([f"{HEAD}{self.title}", "", *short, *self.lines, ""])


def write(measured: str, sections: Iterable[Section], path: Path = PAGE, *, keeps_others: bool = False) -> None:
    """Write sections between the markers of a page, each with the date and machine of its measurement.

    With `keeps_others` the other sections stay as they are. Raises ValueError if the page has no markers.
    """
    before, begin, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("The page has no markers for figures")
    texts = dict(_sections_of(old)) if keeps_others else {}
    for section in sections:
        title, _, figures = section.text().partition("\n")
        texts[title] = f"{title}\n\n{measured}\n{figures}"
    path.write_text(f"{before}{BEGIN}\n\n{chr(10).join(texts.values())}\n{END}{after}", encoding="utf-8")


def _sections_of(text: str) -> Iterator[tuple[str, str]]:
    """Yield the headline and the whole text of each section."""
    for part in text.split(f"\n{HEAD}")[1:]:
        yield f"{HEAD}{part.partition(chr(10))[0]}", f"{HEAD}{part.rstrip()}\n"


def rows(heads: Sequence[str], cells: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table; a head that ends with a colon marks a right-aligned column."""
    rule = ("--:" if head.endswith(":") else "---" for head in heads)
    titles = [head.removesuffix(":") for head in heads]
    return [f"| {' | '.join(row)} |" for row in (titles, list(rule), *cells)]


def goal_text(*, met: bool) -> str:
    """Return whether a goal was met, in words."""
    return "met" if met else "not met"
