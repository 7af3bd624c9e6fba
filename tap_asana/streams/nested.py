"""Nested things that several streams carry in the same shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_asana.records.fields import (
    day,
    display,
    flag,
    instant,
    number,
    obj,
    objs,
    person,
    prose,
    ref,
    ref_gid,
    refs,
    refs_gid,
    text,
)

if TYPE_CHECKING:
    from tap_asana.records.fields import Schema

PHOTO_SIZES = (21, 27, 36, 60, 128, 1024)


def values(description: str, /, **more: Schema) -> Schema:
    """Values of custom fields, told apart by the gid of their field.

    Only values are asked for. The options of an enum field, which Asana would repeat
    in every record, are in the stream custom_fields.
    """
    return refs(
        description,
        representation_type=text("How the value is shown, formula among others."),
        enabled=flag("False where the value was left behind by a former project."),
        display_value=display("The value as words, whatever its type."),
        text_value=prose("Value of a text field."),
        number_value=number("Value of a number field; percentages are fractions."),
        date_value=obj(
            "Value of a date field.",
            date=day("Its day."),
            date_time=instant("Its moment, where a time of day was chosen."),
        ),
        enum_value=ref("Option chosen in a field of one choice."),
        multi_enum_values=refs("Options chosen in a field of several choices."),
        **more,
    )


def settings(description: str) -> Schema:
    """Custom fields in use on the record, in short; custom_field_settings has more."""
    return refs_gid(
        description,
        is_important=flag("Whether it shows up in the list view."),
        custom_field=ref("The field."),
    )


def likes(description: str) -> Schema:
    """Likes, each with the person that gave it."""
    return refs_gid(description, user=person("Who liked it."))


def reactions(description: str) -> Schema:
    """Counts of emoji reactions."""
    return objs(
        description,
        emoji_base=text("The emoji without its variant."),
        variant=text("The emoji as chosen, skin tone included."),
        count=number("How often it was given."),
        reacted=flag("Whether the owner of the token gave it."),
    )


def status(description: str) -> Schema:
    """The newest status update, in short."""
    return ref_gid(
        description,
        title=prose("Its headline."),
        resource_subtype=text("What it is about: project, portfolio or goal."),
    )


def period(description: str) -> Schema:
    """A fiscal year or a part of one."""
    return ref_gid(
        description,
        end_on=day("Its last day."),
        start_on=day("Its first day."),
        period=text("Kind of period, such as FY, H1 or Q4."),
        display_name=text("Kind of period and its fiscal year."),
    )


def photo(description: str) -> Schema:
    """Addresses of a portrait in several sizes."""
    sizes = {f"image_{size}x{size}": text(f"Address of it, {size} pixels wide.") for size in PHOTO_SIZES}
    return {**obj(description, **sizes), "x-privacy": "photo"}
