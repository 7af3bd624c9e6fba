"""Simulations draw each switch of the fake, with each of its plausible values, and each part of a history.

A new switch that they never draw fails here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from fake_asana.model.breakage import Breakage
from fake_asana.model.dialect import Dialect, plausible_values
from fake_asana.server.faults import FAULT_KINDS
from fake_asana.server.limits import Limits
from simulate.attempt import Attempt, Change, Refused
from simulate.history import History, draw

SEEDS = range(1, 501)

WHOLE = History(
    lasting=(Refused("", 0, 0),), attempts=(Attempt(changes=(Change(0, "", 0),), refused=(Refused("", 0, 0),)),)
)
"""A history with all parts of which simulations draw several."""

UNDRAWN: Mapping[str, str] = {
    "dialect.breakage": "its own parts are drawn",
    "dialect.breakage.excluded": "what Asana itself says wrongly of times, nobody can read",
    "dialect.breakage.others": "a value of any type in place of an object, such as a parent, hides what it was",
    "limits.circle_after": "drawn for each run (attempts.circle_after)",
    "limits.truncate": "drawn for each run (attempts.truncate)",
}
"""What simulations do not draw, and why."""


def parts(name: str, value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - a part of a history
    """Yield the parts of a history that are no form themselves, by their dotted names."""
    if is_dataclass(value):
        for each in fields(value):
            yield from parts(f"{name}.{each.name}".removeprefix("history."), getattr(value, each.name))
    elif isinstance(value, tuple) and any(map(is_dataclass, value)):
        yield name, len(value)
        for element in value:
            yield from parts(name, element)
    elif isinstance(value, Mapping):
        yield from ((f"{name}.{key}", part) for key, part in value.items())
    else:
        yield name, value


def plausible(name: str, form: object) -> Iterator[tuple[str, set[Any]]]:
    """Yield the declared values of the switches of a form, and of those inside it, by their dotted names."""
    for each in fields(form):  # type: ignore[arg-type] # the forms are dataclasses
        value = getattr(form, each.name)
        if is_dataclass(value):
            yield from plausible(f"{name}.{each.name}", value)
        else:
            yield f"{name}.{each.name}", set(plausible_values(each))


@pytest.fixture(scope="module")
def drawn() -> Mapping[str, set[Any]]:
    """Return the values of each part of many histories."""
    values: dict[str, set[Any]] = defaultdict(set)
    for seed in SEEDS:
        for name, value in parts("history", draw(seed)):
            values[name].add(value)
    return values


def test_each_plausible_value_is_drawn(drawn: Mapping[str, set[Any]]) -> None:
    """No declared value of a switch is left out, and none is drawn that is not declared."""
    declared = dict(plausible("dialect", Dialect())) | dict(plausible("limits", Limits()))
    named = {name: values for name, values in declared.items() if values and name not in UNDRAWN}
    assert {name: drawn[name] for name in named} == named


def test_each_switch_has_several_values(drawn: Mapping[str, set[Any]]) -> None:
    """Each switch, and each other part of a history, differs between histories."""
    switches = {name for name, _ in (*plausible("dialect", Dialect()), *plausible("limits", Limits()))}
    names = (
        switches | {name for name, _ in parts("history", WHOLE)} | dict(parts("dialect.breakage", Breakage())).keys()
    )
    assert sorted(name for name in names if len(drawn[name]) < 2) == sorted(UNDRAWN)


def test_each_fault_is_drawn(drawn: Mapping[str, set[Any]]) -> None:
    """Requests of simulated runs meet all kinds of faults."""
    assert {kind for kinds in drawn["attempts.fault_kinds"] for kind in kinds} == FAULT_KINDS.keys()
