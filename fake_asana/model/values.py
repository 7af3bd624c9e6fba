"""Values of custom fields on tasks, projects and other holders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from fake_asana.model import texts
from fake_asana.model.clock import DAY_MS, format_day, format_instant
from fake_asana.model.custom_fields import DEFINITION_FIELDS, HasFields, visible_settings
from fake_asana.model.kinds import ABSENT, Kind, Nested, Record, ref
from fake_asana.model.seeded_random import SeededRandom

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fake_asana.model.custom_fields import CustomField

NUMBERS = (99_999_999_999.25, 1e15, 1234.5678, 1, -3, 0, 9_007_199_254_740_991, 2.5e-7, 0.1)


class Holder(HasFields, Protocol):
    """A row whose values follow from its seed."""

    @property
    def seed(self) -> int:
        """Return the seed of its values."""


class Value:
    """The value of a field on one row, derived from both seeds unless `data` sets it."""

    __slots__ = ("data", "field", "gid")

    def __init__(self, field: CustomField, holder: int, data: Record | None = None) -> None:
        """Create the value of a field on the row with the seed `holder`."""
        self.field, self.gid = field, field.gid
        self.data = data if data is not None else draw_value(field, SeededRandom(field.seed, holder))


def draw_value(field: CustomField, rng: SeededRandom) -> Record:
    """Return the value keys of a field; more than a third are empty."""
    empty = rng.chance(35)
    return DRAWS[field.type.subtype](field, rng, empty)


def number(_: CustomField, rng: SeededRandom, empty: bool) -> Record:  # noqa: FBT001 - one shape for all draws
    """Return a number value."""
    value = None if empty else rng.pick(NUMBERS)
    return {"number_value": value, "display_value": None if value is None else f"{value:g}"}


def text(_: CustomField, rng: SeededRandom, empty: bool) -> Record:  # noqa: FBT001 - one shape for all draws
    """Return a text value."""
    value = None if empty else texts.title(rng)
    return {"text_value": value, "html_text_value": value and texts.html(value), "display_value": value}


def enum(field: CustomField, rng: SeededRandom, empty: bool) -> Record:  # noqa: FBT001 - one shape for all draws
    """Return a single choice."""
    option = None if empty else rng.pick(field.options)
    return {"enum_value": option and option.record(), "display_value": option and option.name}


def multi_enum(field: CustomField, rng: SeededRandom, empty: bool) -> Record:  # noqa: FBT001 - one shape for all draws
    """Return several choices, or an empty list."""
    options = [] if empty else rng.sample(field.options, 3)
    names = ", ".join(option.name for option in options)
    return {"multi_enum_values": [option.record() for option in options], "display_value": names or None}


def date(_: CustomField, rng: SeededRandom, empty: bool) -> Record:  # noqa: FBT001 - one shape for all draws
    """Return a day, sometimes with a time."""
    instant = (20_000 + rng.below(900)) * DAY_MS + rng.below(DAY_MS)
    if empty:
        return {"date_value": None, "display_value": None}
    exact = format_instant(instant) if rng.chance(40) else None
    return {
        "date_value": {"date": format_day(instant), "date_time": exact},
        "display_value": exact or format_day(instant),
    }


def people(field: CustomField, rng: SeededRandom, empty: bool) -> Record:  # noqa: FBT001 - one shape for all draws
    """Return some people, or an empty list."""
    users = [] if empty else rng.sample(field.workspace.roster, 3)
    return {
        "people_value": [ref(user) for user in users],
        "display_value": ", ".join(user.name for user in users) or None,
    }


def reference(field: CustomField, _: SeededRandom, empty: bool) -> Record:  # noqa: FBT001 - one shape for all draws
    """Return a reference to a project, or an empty list."""
    target = None if empty else next(iter(field.workspace.story_targets.projects), None)
    return {"reference_value": [ref(target)] if target else [], "display_value": target and target.name}


def field_values(holder: Holder) -> list[Nested[Value]]:
    """Return the values of the fields on a row."""
    return [Nested(VALUE, Value(nested.row.field, holder.seed)) for nested in visible_settings(holder)]


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


def definition_field(name: str) -> Callable[[Value], object]:
    """Return a function for a field of the definition."""
    maker = DEFINITION_FIELDS[name]

    def of(value: Value) -> object:
        return maker(value.field)

    return of


def value_field(name: str) -> Callable[[Value], object]:
    """Return a function for one key of the value; ABSENT for fields of other types."""

    def of(value: Value) -> object:
        return value.data.get(name, ABSENT)

    return of


VALUE: Kind[Value] = Kind(
    "custom_field",
    {**{name: definition_field(name) for name in DEFINITION_FIELDS}, **{name: value_field(name) for name in VALUES}},
    opt_in=frozenset({"description"}),
)
