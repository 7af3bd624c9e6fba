"""Helpers to declare the schema of a stream, and the opt_fields that follow from a schema.

Each helper takes the description first and returns a JSON schema. All fields are nullable except keys, gids are
strings, and all numbers are of type `number`. Keywords of our own add facts that JSON schema cannot express; the
catalog does not contain them, so they are read from the stream's class:

- `x-privacy`: the kind of personal data in the field, see PRIVACY.
- `x-streams`: the streams that hold the object with this gid, see Targets.
- `x-local`: the tap adds the field itself and does not request it.
- `x-bare`: the field is requested by its bare name, because Asana documents no subfields.
- `x-unless`: the value is dropped unless another field of the record is known to differ from a given value.
- `x-unlisted`: the list does not document the field, so Asana may not send it; it is null then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Schema = dict[str, Any]
Breadcrumb = tuple[str, ...]
Mask = Mapping[Breadcrumb, bool]
Reasons = dict[str, str]

Targets = str | tuple[str, ...]
"""The streams that hold a referenced object, one or several; a list inside a stream is `STREAM.FIELD`."""

NO_STREAM: Targets = ()
"""Objects that only come nested in others."""

ANY_STREAM: Targets = "*"
"""Objects of any type; `resource_type` says which."""

PEOPLE: Targets = ("users", "agents")
"""Agents act like users: fields for users can hold agents."""

PRIVACY: Mapping[str, str] = {
    "person": "identifies a person: a value, or the gid and name of an object if its type is user or unknown",
    "email": "an e-mail address",
    "photo": "a portrait",
    "prose": "text written by people",
    "narrative": "text written by people in a comment, and by Asana about an action and its actors in other stories",
    "display": "the value of a custom field as text, which names people in a people field",
    "open": "any kind of data",
}
"""The kinds of personal data; a string of none of these kinds is machine-written: a code, a choice, a URL, a gid."""

GID = "gid"
"""The field that Asana always sends, at any depth; no list documents it among its opt_fields."""

GID_DESCRIPTION = "Globally unique identifier."

RESOURCE_TYPE = "resource_type"
"""A field that Asana sends only if it is requested, although no list documents it among its opt_fields."""


def _leaf(kind: str, description: str, **keywords: str) -> Schema:
    # Null comes first, because BigQuery's loaders treat a column as REQUIRED if it comes last.
    return {"type": ["null", kind], "description": description, **keywords}


def text(description: str, /) -> Schema:
    """Return the schema of a machine-written string: a code, a choice, a URL or a gid."""
    return _leaf("string", description)


def prose(description: str, /) -> Schema:
    """Return the schema of a text written by people: a name, a note, a comment, a file name."""
    return {**text(description), "x-privacy": "prose"}


def narrative(description: str, /) -> Schema:
    """Return the schema of the text of a story, which Asana writes itself unless the story is a comment."""
    return {**text(description), "x-privacy": "narrative"}


def display(description: str, /) -> Schema:
    """Return the schema of a custom field's value as text."""
    return {**text(description), "x-privacy": "display"}


def email(description: str, /) -> Schema:
    """Return the schema of an e-mail address."""
    return {**text(description), "x-privacy": "email"}


def instant(description: str, /) -> Schema:
    """Return the schema of a date-time in UTC."""
    return _leaf("string", description, format="date-time")


def day(description: str, /) -> Schema:
    """Return the schema of a date."""
    return _leaf("string", description, format="date")


def number(description: str, /) -> Schema:
    """Return the schema of an integer or a decimal number."""
    return _leaf("number", description)


def flag(description: str, /) -> Schema:
    """Return the schema of a boolean."""
    return _leaf("boolean", description)


def parent_gid(description: str, streams: Targets, /) -> Schema:
    """Return the schema of a parent's gid, which the tap adds because Asana does not send it."""
    return {**_referring(text(description), streams), "x-local": True}


def _referring(schema: Schema, streams: Targets) -> Schema:
    return {**schema, "x-streams": (streams,) if isinstance(streams, str) else streams}


def _object_schema(description: str, fields: Mapping[str, Schema]) -> Schema:
    return {**_leaf("object", description), "properties": dict(fields)}


def _array_schema(description: str, item: Schema) -> Schema:
    # BigQuery does not accept null in an array, and Asana sends none.
    return {**_leaf("array", description), "items": required(item)}


def array_of(description: str, item: Schema, /) -> Schema:
    """Return the schema of an array with this item schema."""
    return _array_schema(description, item)


def texts(description: str, /) -> Schema:
    """Return the schema of an array of machine-written strings."""
    return _array_schema(description, text("Item."))


def json_text(description: str, /) -> Schema:
    """Return the schema of JSON text, for an object without a documented shape; BigQuery would drop its properties."""
    return {**text(description), "x-privacy": "open"}


def obj(description: str, /, **fields: Schema) -> Schema:
    """Return the schema of a nested object without a gid."""
    return _object_schema(description, fields)


def objs(description: str, /, **fields: Schema) -> Schema:
    """Return the schema of an array of objects without a gid."""
    return _array_schema(description, obj("Item.", **fields))


def ref_gid(description: str, streams: Targets, /, **more: Schema) -> Schema:
    """Return the schema of a nested resource with a gid but without a documented name."""
    return _referring(_object_schema(description, {"gid": text("Gid."), **more}), streams)


def refs_gid(description: str, streams: Targets, /, **more: Schema) -> Schema:
    """Return the schema of an array of resources without a documented name."""
    return _array_schema(description, ref_gid("Item.", streams, **more))


def ref(description: str, streams: Targets, /, **more: Schema) -> Schema:
    """Return the schema of a nested resource with gid and name; if its type varies, declare resource_type too."""
    return ref_gid(description, streams, name=prose("Name."), **more)


def refs(description: str, streams: Targets, /, **more: Schema) -> Schema:
    """Return the schema of an array of resources with gid and name."""
    return _array_schema(description, ref("Item.", streams, **more))


def person(description: str, streams: Targets = PEOPLE, /, **more: Schema) -> Schema:
    """Return the schema of a nested user with gid and name."""
    return personal(ref_gid(description, streams, name=text("Name of the person."), **more))


def person_gid(description: str, /) -> Schema:
    """Return the schema of a nested user without a documented name."""
    return personal(ref_gid(description, PEOPLE))


def people(description: str, /, **more: Schema) -> Schema:
    """Return the schema of an array of users with gid and name."""
    return _array_schema(description, person("Item.", **more))


def record(**fields: Schema) -> Schema:
    """Return the schema of a stream's records; fields declared by `required` are the keys."""
    keys = [name for name, field in fields.items() if "null" not in field["type"]]
    return {"type": "object", "properties": fields, "required": keys}


def entity(**fields: Schema) -> Schema:
    """Return the schema of records with a gid and a resource_type."""
    return record(gid=required(text(GID_DESCRIPTION)), resource_type=resource_type(), **fields)


def gid_of(streams: Targets, /) -> Schema:
    """Return the schema of a key that is the gid of an object of another stream."""
    return required(_referring(text(GID_DESCRIPTION), streams))


def resource_type() -> Schema:
    """Return the schema of the type of a record."""
    return text("Type of the object.")


def personal(schema: Schema) -> Schema:
    """Mark a value, or the gid and the name of an object, as identifying a person."""
    return {**schema, "x-privacy": "person"}


def no_subfields(schema: Schema) -> Schema:
    """Mark a field without documented subfields: it is requested by its bare name and passed on as it comes.

    On a record: the endpoint documents no opt_fields, or its default fields are enough.
    """
    return {**schema, "x-bare": True}


def unless(schema: Schema, other: str, value: str) -> Schema:
    """Mark a field to be dropped unless the field `other` of the record is known to differ from `value`."""
    return {**schema, "x-unless": (other, value)}


def unlisted(schema: Schema) -> Schema:
    """Mark a field of the resource that the list does not document: it is requested, but may not come.

    Asana documents that it ignores unknown names.
    """
    return {**schema, "x-unlisted": True}


def required(schema: Schema) -> Schema:
    """Return a schema without null."""
    return {**schema, "type": schema["type"][-1]}


def types_of(schema: Mapping[str, Any]) -> list[str]:
    """Return the JSON types of a schema, as a list also if there is one or none."""
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else list(types)


def value_type(schema: Mapping[str, Any]) -> str:
    """Return the JSON type of a schema other than null."""
    names: str | list[str] = schema["type"]
    return names if isinstance(names, str) else next(name for name in names if name != "null")


def opt_fields(schema: Schema, mask: Mask | None = None) -> list[str]:
    """Return the dotted paths of all declared and selected fields, in their order; none for a bare record.

    Without a mask everything is selected. Arrays of objects are requested completely, because the SDK has no selection
    inside arrays. If only gid and resource_type of a nested resource are wanted, its bare name returns both. The field
    that `x-unless` depends on is requested too.
    """
    return [] if schema.get("x-bare") else list(dict.fromkeys(_selected_paths(schema, mask, ())))


def _selected_paths(schema: Schema, mask: Mask | None, breadcrumb: Breadcrumb) -> Iterator[str]:
    for name, field in schema["properties"].items():
        field_breadcrumb = (*breadcrumb, "properties", name)
        if name == GID or field.get("x-local"):
            continue
        if mask is None or mask[field_breadcrumb]:
            yield from _field_paths(name, field, mask, field_breadcrumb)
            yield from field.get("x-unless", ())[:1]


def _field_paths(name: str, field: Schema, mask: Mask | None, field_breadcrumb: Breadcrumb) -> Iterator[str]:
    item_schema = field.get("items", field)
    if field.get("x-bare") or "properties" not in item_schema:
        yield name
        return
    leaves = list(_selected_paths(item_schema, None if "items" in field else mask, field_breadcrumb))
    if GID in item_schema["properties"] and not set(leaves) - {RESOURCE_TYPE}:
        yield name
    yield from (f"{name}.{leaf}" for leaf in leaves)
