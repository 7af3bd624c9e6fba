"""Values of custom fields: what a task, project or other thing holds for each of its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from fake_asana.model import words
from fake_asana.model.clock import DAY, day, instant
from fake_asana.model.custom_fields import FIELDS, Fitted, shown
from fake_asana.model.kinds import ABSENT, Inside, Kind, Record, ref
from fake_asana.model.seeded_random import SeededRandom

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fake_asana.model.custom_fields import CustomField

NUMBERS = (99_999_999_999.25, 1e15, 1234.5678, 1, -3, 0, 9_007_199_254_740_991, 2.5e-7, 0.1)


class Holder(Fitted, Protocol):
    """Something whose own values follow from its seed."""

    @property
    def seed(self) -> int:
        """What its values follow from."""


class Value:
    """A field's value on one task, derived from the task's seed unless it was set later (`given`)."""

    __slots__ = ("data", "field", "gid")

    def __init__(self, field: CustomField, holder: int, given: Record | None = None) -> None:
        """The value on the thing with the seed `holder`."""
        self.field, self.gid = field, field.gid
        self.data = given if given is not None else drawn(field, SeededRandom(field.seed, holder))


def drawn(field: CustomField, dice: SeededRandom) -> Record:
    """The value keys of a field as people filled them in; more than a third leave it empty."""
    empty = dice.chance(35)
    return DRAWS[field.make.subtype](field, dice, empty)


def number(_: CustomField, dice: SeededRandom, empty: bool) -> Record:  # noqa: FBT001 - one shape for all draws
    """A number value."""
    value = None if empty else dice.pick(NUMBERS)
    return {"number_value": value, "display_value": None if value is None else f"{value:g}"}


def text(_: CustomField, dice: SeededRandom, empty: bool) -> Record:  # noqa: FBT001 - one shape for all draws
    """A text value."""
    value = None if empty else words.title(dice)
    return {"text_value": value, "html_text_value": value and words.html(value), "display_value": value}


def enum(field: CustomField, dice: SeededRandom, empty: bool) -> Record:  # noqa: FBT001 - one shape for all draws
    """A single choice."""
    option = None if empty else dice.pick(field.options)
    return {"enum_value": option and option.record(), "display_value": option and option.name}


def multi_enum(field: CustomField, dice: SeededRandom, empty: bool) -> Record:  # noqa: FBT001 - one shape for all draws
    """Several choices, or an empty list."""
    chosen = [] if empty else dice.some(field.options, 3)
    names = ", ".join(option.name for option in chosen)
    return {"multi_enum_values": [option.record() for option in chosen], "display_value": names or None}


def date(_: CustomField, dice: SeededRandom, empty: bool) -> Record:  # noqa: FBT001 - one shape for all draws
    """A day, sometimes with a time."""
    at = (20_000 + dice.below(900)) * DAY + dice.below(DAY)
    if empty:
        return {"date_value": None, "display_value": None}
    exact = instant(at) if dice.chance(40) else None
    return {"date_value": {"date": day(at), "date_time": exact}, "display_value": exact or day(at)}


def people(field: CustomField, dice: SeededRandom, empty: bool) -> Record:  # noqa: FBT001 - one shape for all draws
    """Some people, or an empty list."""
    chosen = [] if empty else dice.some(field.workspace.roster, 3)
    return {
        "people_value": [ref(user) for user in chosen],
        "display_value": ", ".join(user.name for user in chosen) or None,
    }


def reference(field: CustomField, _: SeededRandom, empty: bool) -> Record:  # noqa: FBT001 - one shape for all draws
    """A reference to another thing, or an empty list."""
    target = None if empty else next(iter(field.workspace.scenery.projects), None)
    return {"reference_value": [ref(target)] if target else [], "display_value": target and target.name}


def of_settings(holder: Holder) -> list[Inside[Value]]:
    """What something holds for each field that was put on it."""
    return [Inside(VALUE, Value(inside.row.field, holder.seed)) for inside in shown(holder)]


DRAWS: Mapping[str, Callable[[CustomField, SeededRandom, bool], Record]] = {
    "number": number,
    "text": text,
    "enum": enum,
    "multi_enum": multi_enum,
    "date": date,
    "people": people,
    "reference": reference,
}


VALUES = (
    "number_value",
    "text_value",
    "html_text_value",
    "enum_value",
    "multi_enum_values",
    "date_value",
    "people_value",
    "reference_value",
    "display_value",
)


def meta(name: str) -> Callable[[Value], object]:
    """A maker that shows what the definition says."""
    maker = FIELDS[name]

    def of(value: Value) -> object:
        return maker(value.field)

    return of


def datum(name: str) -> Callable[[Value], object]:
    """A maker that shows one key of the value; absent for fields of other types."""

    def of(value: Value) -> object:
        return value.data.get(name, ABSENT)

    return of


VALUE: Kind[Value] = Kind(
    "custom_field",
    {**{name: meta(name) for name in FIELDS}, **{name: datum(name) for name in VALUES}},
    opt_in=frozenset({"description"}),
)
