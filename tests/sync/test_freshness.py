"""docs/freshness.md says of each kind of change what a run shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import FunctionType

import pytest
from freshness import WAYS, arrivals, table
from harness import SMALL, asana
from kinds_of_change import CHANGES
from scene import Scene

from fake_asana.world import World
from scripts.freshness import PAGE

QUERIES = {"comment_gids", "is_exporting"}
"""What stands among the mutations and changes nothing."""

NO_ROW = "no row shows it"
OTHER_MUTATIONS: Mapping[str, str] = {
    "bulk_edit": "moves clocks, as a new name does",
    "place_in_project": "a part of add_to_project",
    "drag_task": NO_ROW,
    "purge_task": NO_ROW,
    "begin_export": NO_ROW,
    "begin_foreign_export": NO_ROW,
    "fail_exports": NO_ROW,
    "hide_project": "changes no object, and nothing that a service account sees",
    "add_team": "a list that every run reads whole, as that of tags",
    "add_absence": "a list that every run reads whole, as that of tags",
    "put_in_portfolio": "a list that every run reads whole, as that of tags",
    "delete_team": "a row of a list, as a removed user",
    "take_from_portfolio": "a row of a list, as a removed user",
}
"""The mutations of the fake that no row of the table makes, each with the reason."""


def test_the_page_says_when_each_change_arrives() -> None:
    """The table of the page is the one that `python -m scripts.freshness` measures."""
    measured = table((way, arrivals(way)) for way in WAYS)
    assert measured in PAGE.read_text(encoding="utf-8")


def mutations() -> Iterator[str]:
    """Yield the names of all mutations of a world."""
    for name, value in vars(World).items():
        if isinstance(value, FunctionType) and value.__module__.startswith("fake_asana.mutations."):
            yield name


def test_the_page_has_every_mutation_of_the_fake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each mutation of the world is made by the change of a row, or is listed with the reason why none makes it."""
    scene = Scene(asana(SMALL).world)
    made: set[str] = set()

    def noted(name: str, mutation: FunctionType) -> Callable[..., object]:
        def note(*given: object, **named: object) -> object:
            made.add(name)
            return mutation(*given, **named)

        return note

    for name in mutations():
        monkeypatch.setattr(World, name, noted(name, vars(World)[name]))
    for change in CHANGES.values():
        list(change(scene))
    monkeypatch.undo()
    assert set(mutations()) - made - QUERIES == OTHER_MUTATIONS.keys()
