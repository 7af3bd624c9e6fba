"""Nested objects with the same fields in several streams."""

from __future__ import annotations

from tap_asana.records import fields as f

PHOTO_SIZES = (21, 27, 36, 60, 128, 1024)


def values(description: str, /, **more: f.Schema) -> f.Schema:
    """Return the schema of custom field values; the gid of each is the gid of its field.

    The options of enum fields are left out, because Asana repeats them in every record. They are in the stream
    custom_fields.
    """
    return f.refs(
        description,
        "custom_fields",
        representation_type=f.text("Display type of the value, such as formula."),
        enabled=f.flag("False if the value belongs to a field of a former project."),
        display_value=f.display("Value as text, for every type."),
        text_value=f.prose("Value of a text field."),
        number_value=f.number("Value of a number field; percentages are fractions."),
        date_value=f.obj(
            "Value of a date field.",
            date=f.day("Date."),
            date_time=f.instant("Time, if one is set."),
        ),
        enum_value=f.ref("Selected option of a single-select field.", "custom_fields.enum_options"),
        multi_enum_values=f.refs("Selected options of a multi-select field.", "custom_fields.enum_options"),
        **more,
    )


def settings(description: str) -> f.Schema:
    """Return the schema of the custom fields in use; the stream custom_field_settings has all their fields."""
    return f.refs_gid(
        description,
        "custom_field_settings",
        is_important=f.flag("Whether the field is shown in the list view."),
        custom_field=f.ref("Custom field.", "custom_fields"),
    )


def likes(description: str) -> f.Schema:
    """Return the schema of likes."""
    return f.refs_gid(description, f.NO_STREAM, user=f.person("User."))


def reactions(description: str) -> f.Schema:
    """Return the schema of counts of emoji reactions."""
    return f.objs(
        description,
        emoji_base=f.text("Emoji without its variant."),
        variant=f.text("Emoji with its variant, such as the skin tone."),
        count=f.number("Number of these reactions."),
        reacted=f.flag("Whether the token's user has reacted so."),
    )


def status(description: str) -> f.Schema:
    """Return the schema of the latest status update; the stream status_updates has all its fields."""
    return f.ref_gid(
        description,
        "status_updates",
        title=f.prose("Title."),
        resource_subtype=f.text("project_status_update, portfolio_status_update or goal_status_update."),
    )


def period(description: str) -> f.Schema:
    """Return the schema of a fiscal year, half or quarter."""
    return f.ref_gid(
        description,
        "time_periods",
        end_on=f.day("Last day."),
        start_on=f.day("First day."),
        period=f.text("Type of period, such as FY, H1 or Q4."),
        display_name=f.text("Type of period and fiscal year."),
    )


def photo(description: str) -> f.Schema:
    """Return the schema of the URLs of a photo in several sizes."""
    sizes = {f"image_{size}x{size}": f.text(f"URL of the photo, {size} pixels wide.") for size in PHOTO_SIZES}
    return {**f.obj(description, **sizes), "x-privacy": "photo"}
