"""Measure in the fake when each kind of change arrives, and write the table of docs/freshness.md: `make readme`."""

from __future__ import annotations

import sys

from scripts.project import ROOT

PAGE = ROOT / "docs" / "freshness.md"
BEGIN, END = "<!-- freshness:begin -->", "<!-- freshness:end -->"


def fill(text: str, measured: str) -> str:
    """Return the text of the page with another table; raises ValueError without its markers."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{measured}\n{END}{after}"


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))  # the changes are those of the tests
    from freshness import WAYS, arrivals, table

    PAGE.write_text(
        fill(PAGE.read_text(encoding="utf-8"), table((way, arrivals(way)) for way in WAYS)), encoding="utf-8"
    )
