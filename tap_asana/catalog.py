"""Catalogs of other versions, or written by hand: what leaves is what both the catalog and this version declare."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from singer_sdk.singerlib import Catalog, CatalogEntry, MetadataMapping, SelectionMask
from singer_sdk.singerlib import Schema as CatalogSchema

Schema = dict[str, Any]
Crumb = tuple[str, ...]


def fitted(catalog: Catalog, schemas: Mapping[str, Schema]) -> Catalog:
    """Return a catalog that declares only what this version knows, and selects no object without what is in it.

    `schemas` are those of this version by stream. What a catalog says of other streams stays as it is.
    """
    return Catalog({name: _fitted(entry, schemas.get(name)) for name, entry in catalog.items()})


def _fitted(entry: CatalogEntry, schema: Schema | None) -> CatalogEntry:
    if schema is None:
        return entry
    keys = {name: schema["properties"][name] for name in schema.get("required", ())}
    given = entry.schema.to_dict()
    declared = common(given, schema) if given.get("properties") else dict(schema)
    declared["properties"] = {**keys, **declared["properties"]}
    metadata = _with_whole_objects(entry.metadata, declared)
    return replace(entry, schema=CatalogSchema.from_dict(declared), metadata=metadata)


def unknown(catalog: Catalog, schemas: Mapping[str, Schema]) -> Iterator[str]:
    """Yield what a catalog selects and this version does not have: names of streams, and paths of fields."""
    for name, entry in catalog.items():
        mask = entry.metadata.resolve_selection()
        if mask[()] and name not in schemas:
            yield name
        elif mask[()]:
            yield from _unknown_fields(entry.schema.to_dict(), schemas[name], mask, (), name)


def _unknown_fields(
    schema: Mapping[str, Any], known: Mapping[str, Any], mask: SelectionMask, crumb: Crumb, place: str
) -> Iterator[str]:
    if not known.get("properties"):
        return
    for name, field in schema.get("properties", {}).items():
        here = (*crumb, "properties", name)
        if name in known["properties"]:
            yield from _unknown_fields(field, known["properties"][name], mask, here, f"{place}.{name}")
        elif mask[here]:
            yield f"{place}.{name}"


def common(schema: Mapping[str, Any], other: Mapping[str, Any], keys: Collection[str] = ()) -> Schema:
    """Return the part of a schema that another declares too, at any depth, and these keys in any case.

    An object without properties is open: it declares everything.
    """
    if schema.get("properties") and other.get("properties"):
        fields = dict(_common_fields(schema["properties"], other["properties"], keys))
        required = [name for name in schema.get("required", ()) if name in fields]
        return {**schema, "properties": fields, **({"required": required} if "required" in schema else {})}
    if "items" in schema and "items" in other:
        return {**schema, "items": common(schema["items"], other["items"])}
    return dict(schema)


def _common_fields(
    fields: Mapping[str, Any], others: Mapping[str, Any], keys: Collection[str]
) -> Iterator[tuple[str, Schema]]:
    for name, field in fields.items():
        if name in others:
            kept = common(field, others[name])
            if _is_empty(field) or not _is_empty(kept):
                yield name, kept
        elif name in keys:
            yield name, field


def _is_empty(schema: Mapping[str, Any]) -> bool:
    """Tell whether nothing is declared of an object, or of the objects in an array."""
    properties: object = schema.get("items", schema).get("properties")
    return properties == {}


def _with_whole_objects(metadata: MetadataMapping, schema: Schema) -> MetadataMapping:
    """Return metadata that says nothing of what lies in an object that is selected without any of its fields.

    What lies there is then selected with the object.
    """
    whole = set(_selected_alone(schema, metadata.resolve_selection(), ()))
    inside = {crumb for crumb in metadata if any(crumb[:depth] in whole for depth in range(len(crumb)))}
    return MetadataMapping({crumb: entry for crumb, entry in metadata.items() if crumb not in inside})


def _selected_alone(schema: Schema, mask: SelectionMask, crumb: Crumb) -> Iterator[Crumb]:
    for name, field in schema.get("properties", {}).items():
        here = (*crumb, "properties", name)
        if mask[here] and field.get("properties"):
            crumbs: Iterator[Crumb] = ((*here, "properties", inner) for inner in field["properties"])
            if any(mask[inside] for inside in crumbs):
                yield from _selected_alone(field, mask, here)
            else:
                yield here
