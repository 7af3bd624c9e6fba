"""The words that schemas are written in, and the opt_fields that a schema asks for.

A maker takes the description first and returns a JSON schema. Everything is nullable but keys, gids are strings, and
every numeral is a `number`. Keywords of our own say what JSON schema cannot; the catalog does not show them, so they
are read from the stream's class:

- `x-privacy`: what it tells of people, see PRIVACY.
- `x-local`: the tap adds this field itself, Asana is not asked for it.
- `x-bare`: asked by its bare name, because Asana documents no path below it.
- `x-unless`: null unless a field beside it is known to have another value than this one.
- `x-unlisted`: no list documents it, so it may not come; it is null then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Schema = dict[str, Any]
Breadcrumb = tuple[str, ...]
Mask = Mapping[Breadcrumb, bool]
Reasons = dict[str, str]

PRIVACY: Mapping[str, str] = {
    "person": "who somebody is: a value, or the gid and name in an object; in one of several kinds, if it is a user",
    "email": "an e-mail address",
    "photo": "a portrait",
    "prose": "words that people wrote",
    "narrative": "prose in a comment, but in all other stories Asana's words on who did what to whom",
    "display": "a custom field's value as words: those of a people field name people",
    "open": "anything at all: nobody knows what it tells",
}
"""What a field can tell of people; a text that says nothing of this kind is machine words: codes, choices, gids."""

GID = "gid"
"""The one field that Asana sends without being asked, at any depth; no list names it among its opt_fields."""

RESOURCE_TYPE = "resource_type"
"""No list names it among its opt_fields either, but it comes only where it is asked for."""


def _leaf(kind: str, description: str, **words: str) -> Schema:
    # Null comes first: BigQuery's loaders take a column for REQUIRED where it comes last.
    return {"type": ["null", kind], "description": description, **words}


def text(description: str, /) -> Schema:
    """Machine words: codes, choices, addresses, gids."""
    return _leaf("string", description)


def prose(description: str, /) -> Schema:
    """Words that people wrote: names, notes, comments, names of files."""
    return {**text(description), "x-privacy": "prose"}


def narrative(description: str, /) -> Schema:
    """The words of a story, which Asana itself writes where it is no comment."""
    return {**text(description), "x-privacy": "narrative"}


def display(description: str, /) -> Schema:
    """The value of a custom field as words, whatever its type."""
    return {**text(description), "x-privacy": "display"}


def email(description: str, /) -> Schema:
    """An e-mail address."""
    return {**text(description), "x-privacy": "email"}


def instant(description: str, /) -> Schema:
    """A moment, in UTC."""
    return _leaf("string", description, format="date-time")


def day(description: str, /) -> Schema:
    """A calendar day."""
    return _leaf("string", description, format="date")


def number(description: str, /) -> Schema:
    """Any numeral, whole or not."""
    return _leaf("number", description)


def flag(description: str, /) -> Schema:
    """Yes or no."""
    return _leaf("boolean", description)


def parent_gid(description: str, /) -> Schema:
    """A parent's gid, which the tap adds because the record lacks it."""
    return {**text(description), "x-local": True}


def _object(description: str, fields: Mapping[str, Schema]) -> Schema:
    return {**_leaf("object", description), "properties": dict(fields)}


def _many(description: str, item: Schema) -> Schema:
    # BigQuery knows no null inside an array, and Asana sends none.
    return {**_leaf("array", description), "items": required(item)}


def array_of(description: str, item: Schema, /) -> Schema:
    """Several of what another word says."""
    return _many(description, item)


def texts(description: str, /) -> Schema:
    """Several machine words."""
    return _many(description, text("One of them."))


def json_text(description: str, /) -> Schema:
    """An object whose shape Asana leaves open, as JSON text: an object without properties loses all in BigQuery."""
    return {**text(description), "x-privacy": "open"}


def obj(description: str, /, **fields: Schema) -> Schema:
    """A nested object that is no thing of its own: it has no gid."""
    return _object(description, fields)


def objs(description: str, /, **fields: Schema) -> Schema:
    """Several nested objects that have no gid."""
    return _many(description, obj("One of them.", **fields))


def ref_gid(description: str, /, **more: Schema) -> Schema:
    """A nested thing that has a gid, but no name that Asana documents."""
    return _object(description, {"gid": text("Gid of it."), **more})


def refs_gid(description: str, /, **more: Schema) -> Schema:
    """Several nested things without a name."""
    return _many(description, ref_gid("One of them.", **more))


def ref(description: str, /, **more: Schema) -> Schema:
    """A nested thing with gid and name; where it can be of several kinds, declare its resource_type too."""
    return ref_gid(description, name=prose("Name of it."), **more)


def refs(description: str, /, **more: Schema) -> Schema:
    """Several nested things with gid and name."""
    return _many(description, ref("One of them.", **more))


def person(description: str, /, **more: Schema) -> Schema:
    """A nested user with gid and name."""
    return personal(ref_gid(description, name=text("Name of that person."), **more))


def people(description: str, /, **more: Schema) -> Schema:
    """Several nested users with gid and name."""
    return _many(description, person("One of them.", **more))


def record(**fields: Schema) -> Schema:
    """A stream's record; what is `certain` in it is required."""
    required = [name for name, field in fields.items() if "null" not in field["type"]]
    return {"type": "object", "properties": fields, "required": required}


def entity(**fields: Schema) -> Schema:
    """A record of a thing that Asana tells apart by gid and resource_type."""
    return record(
        gid=required(text("Identifier that no other thing in Asana has.")),
        resource_type=text("Kind of thing, as Asana calls it."),
        **fields,
    )


def personal(schema: Schema) -> Schema:
    """Say that this value, or the gid and the name in this object, tell who a person is."""
    return {**schema, "x-privacy": "person"}


def no_subfields(schema: Schema) -> Schema:
    """Say that Asana documents no path below this, and sends it as it is when asked by its bare name.

    On a record: the endpoint documents no opt_fields at all, or those that it sends unasked are what is wanted.
    """
    return {**schema, "x-bare": True}


def unless(schema: Schema, beside: str, value: str) -> Schema:
    """Say that this field of a record leaves only where the field beside it is known to have another value."""
    return {**schema, "x-unless": (beside, value)}


def unlisted(schema: Schema) -> Schema:
    """Say that the resource has this field, but that the list does not document it: it is asked for, and may not come.

    Asana documents that names which it does not know are ignored.
    """
    return {**schema, "x-unlisted": True}


def required(schema: Schema) -> Schema:
    """Say that this is never null."""
    return {**schema, "type": schema["type"][-1]}


def opt_fields(schema: Schema, mask: Mask | None = None) -> list[str]:
    """List the dotted paths that are declared and selected, as declared.

    Without a mask everything is selected. An array of objects is asked whole, because the SDK knows no selection inside
    of arrays. The bare name of a nested thing is asked where no more is wanted than its gid and resource_type: both
    come with the bare name alone. What decides whether a field may leave is asked with it. Nothing is listed for a bare
    record.
    """
    return [] if schema.get("x-bare") else list(dict.fromkeys(_asked(schema, mask, ())))


def _asked(schema: Schema, mask: Mask | None, crumb: Breadcrumb) -> Iterator[str]:
    for name, field in schema["properties"].items():
        here = (*crumb, "properties", name)
        if name == GID or field.get("x-local"):
            continue
        if mask is None or mask[here]:
            yield from _paths(name, field, mask, here)
            yield from field.get("x-unless", ())[:1]


def _paths(name: str, field: Schema, mask: Mask | None, here: Breadcrumb) -> Iterator[str]:
    nested = field.get("items", field)
    if field.get("x-bare") or "properties" not in nested:
        yield name
        return
    leaves = list(_asked(nested, None if "items" in field else mask, here))
    if GID in nested["properties"] and not set(leaves) - {RESOURCE_TYPE}:
        yield name
    yield from (f"{name}.{leaf}" for leaf in leaves)
