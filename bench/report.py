"""The page that the figures are kept on; what is between its markers is never written by hand."""

from __future__ import annotations

from collections.abc import Iterable

from scripts.pipeline import ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- measured: python -m bench --write -->", "<!-- end of measured -->"


README = ROOT / "README.md"


def quoted(text: str) -> list[str]:
    """Return README's lines about the figures on the page: the ratio of each kind of run, and the use of each limit."""
    lines = []
    for row in filter(lambda line: line.startswith("|"), text.splitlines()):
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        if cells[0] == "list" and cells[-1]:
            lines.append(f"* Requests, {cells[1]}, {cells[2]} tasks by list: {cells[-1]} times the least possible.")
        elif cells[1].endswith(" ms"):
            used = f"{cells[4]} of the allowance used, {cells[6]} answered 429"
            lines.append(f"* {cells[0]} a minute, {cells[1]} an answer, {cells[2]} in flight: {used}.")
    return lines


def write(lines: Iterable[str]) -> None:
    """Put these lines on the page and those quoted into README; raises ValueError where they lack markers."""
    page = between(PAGE.read_text(encoding="utf-8"), lines)
    readme = between(README.read_text(encoding="utf-8"), quoted(page))
    PAGE.write_text(page, encoding="utf-8")
    README.write_text(readme, encoding="utf-8")


def between(text: str, lines: Iterable[str]) -> str:
    """Return a text with these lines between its markers; raises ValueError where it lacks them."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("There is no place for figures")
    return "\n".join([f"{before}{BEGIN}", "", *lines, "", f"{END}{after}"])
