"""Nested things that several streams carry in the same shape."""

from __future__ import annotations

from tap_asana.records import fields as f

PHOTO_SIZES = (21, 27, 36, 60, 128, 1024)


def values(description: str, /, **more: f.Schema) -> f.Schema:
    """Values of custom fields, told apart by the gid of their field.

    Only values are asked for. The options of an enum field, which Asana would repeat
    in every record, are in the stream custom_fields.
    """
    return f.refs(
        description,
        representation_type=f.text("How the value is shown, formula among others."),
        enabled=f.flag("False where the value was left behind by a former project."),
        display_value=f.display("The value as words, whatever its type."),
        text_value=f.prose("Value of a text field."),
        number_value=f.number("Value of a number field; percentages are fractions."),
        date_value=f.obj(
            "Value of a date field.",
            date=f.day("Its day."),
            date_time=f.instant("Its moment, where a time of day was chosen."),
        ),
        enum_value=f.ref("Option chosen in a field of one choice."),
        multi_enum_values=f.refs("Options chosen in a field of several choices."),
        **more,
    )


def settings(description: str) -> f.Schema:
    """Custom fields in use on the record, in short; custom_field_settings has more."""
    return f.refs_gid(
        description,
        is_important=f.flag("Whether it shows up in the list view."),
        custom_field=f.ref("The field."),
    )


def likes(description: str) -> f.Schema:
    """Likes, each with the person that gave it."""
    return f.refs_gid(description, user=f.person("Who liked it."))


def reactions(description: str) -> f.Schema:
    """Counts of emoji reactions."""
    return f.objs(
        description,
        emoji_base=f.text("The emoji without its variant."),
        variant=f.text("The emoji as chosen, skin tone included."),
        count=f.number("How often it was given."),
        reacted=f.flag("Whether the owner of the token gave it."),
    )


def status(description: str) -> f.Schema:
    """The newest status update, in short."""
    return f.ref_gid(
        description,
        title=f.prose("Its headline."),
        resource_subtype=f.text("What it is about: project, portfolio or goal."),
    )


def period(description: str) -> f.Schema:
    """A fiscal year or a part of one."""
    return f.ref_gid(
        description,
        end_on=f.day("Its last day."),
        start_on=f.day("Its first day."),
        period=f.text("Kind of period, such as FY, H1 or Q4."),
        display_name=f.text("Kind of period and its fiscal year."),
    )


def photo(description: str) -> f.Schema:
    """Addresses of a portrait in several sizes."""
    sizes = {f"image_{size}x{size}": f.text(f"Address of it, {size} pixels wide.") for size in PHOTO_SIZES}
    return {**f.obj(description, **sizes), "x-privacy": "photo"}
