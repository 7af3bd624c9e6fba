"""docs/freshness.md says of each kind of change what a run shows."""

from __future__ import annotations

from freshness import WAYS, arrivals, table

from scripts.freshness import PAGE


def test_the_page_says_when_each_change_arrives() -> None:
    """The table of the page is the one that `python -m scripts.freshness` measures."""
    measured = table({way.title: arrivals(way) for way in WAYS})
    assert measured in PAGE.read_text(encoding="utf-8")
