"""Catalogs of other versions, or written by hand: what leaves is what both the catalog and this version declare."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from singer_sdk.singerlib import Catalog, CatalogEntry, Metadata, MetadataMapping, SelectionMask
from singer_sdk.singerlib import Schema as CatalogSchema

Schema = dict[str, Any]
Breadcrumb = tuple[str, ...]


def fit_catalog(catalog: Catalog, schemas: Mapping[str, Schema]) -> Catalog:
    """Return a catalog that declares only what this version knows, and selects no object without anything in it.

    `schemas` are those of this version by stream. What a catalog says of other streams stays as it is.
    """
    return Catalog({name: _fitted(entry, schemas.get(name)) for name, entry in catalog.items()})


def _fitted(entry: CatalogEntry, schema: Schema | None) -> CatalogEntry:
    if schema is None:
        return entry
    keys = {name: schema["properties"][name] for name in schema.get("required", ())}
    declared = common_schema(_agreed(entry.schema.to_dict(), schema), schema)
    declared["properties"] = {**keys, **declared["properties"]}
    metadata = _without_empty_objects(entry.metadata, declared)
    return replace(entry, schema=CatalogSchema.from_dict(declared), metadata=metadata)


def _agreed(given: Mapping[str, Any], own: Mapping[str, Any]) -> Schema:
    """Return what a catalog declares, with this version's own words where those are of another type, or say nothing."""
    if not _accepts(given, own) or _is_open(given, own):
        return dict(own)
    declared = {"type": own["type"], **given}
    if own.get("properties"):
        declared["properties"] = {
            name: _agreed(field, own["properties"][name]) if name in own["properties"] else field
            for name, field in given["properties"].items()
        }
    elif own.get("items"):
        declared["items"] = _agreed(given["items"], own["items"])
    return declared


def _accepts(given: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    """Tell whether every value of this version's type is also of the type that a catalog declares, if it does."""
    same_format = given.get("format", own.get("format")) == own.get("format")
    return not given.get("type") or (_types(own) <= _types(given) and same_format)


def _is_open(given: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    """Tell whether a catalog does not say what a value is, or what is in it."""
    inside = [word for word in ("properties", "items") if own.get(word)]
    return not all(given.get(word) for word in inside or ["type"])


def _types(schema: Mapping[str, Any]) -> set[str]:
    types = schema.get("type", [])
    return {types} if isinstance(types, str) else set(types)


def differing_types(catalog: Catalog, schemas: Mapping[str, Schema]) -> Iterator[str]:
    """Yield the paths of selected fields that a catalog declares as another type than this version."""
    for name, entry in catalog.items():
        mask = entry.metadata.resolve_selection()
        if mask[()] and name in schemas:
            yield from _other_types(entry.schema.to_dict(), schemas[name], mask, (), name)


def _other_types(
    given: Mapping[str, Any], own: Mapping[str, Any], mask: SelectionMask, crumb: Breadcrumb, place: str
) -> Iterator[str]:
    if not _accepts(given, own):
        yield place
        return
    if given.get("items") and own.get("items"):
        yield from _other_types(given["items"], own["items"], mask, crumb, place)
    known = own.get("properties", {})
    for name, field in given.get("properties", {}).items():
        here = (*crumb, "properties", name)
        if name in known and mask[here]:
            yield from _other_types(field, known[name], mask, here, f"{place}.{name}")


def unknown_selections(catalog: Catalog, schemas: Mapping[str, Schema]) -> Iterator[str]:
    """Yield what a catalog selects and this version does not have: names of streams, and paths of fields."""
    for name, entry in catalog.items():
        mask = entry.metadata.resolve_selection()
        if mask[()] and name not in schemas:
            yield name
        elif mask[()]:
            yield from _unknown_fields(entry.schema.to_dict(), schemas[name], mask, (), name)


def _unknown_fields(
    schema: Mapping[str, Any], known: Mapping[str, Any], mask: SelectionMask, crumb: Breadcrumb, place: str
) -> Iterator[str]:
    if not known.get("properties"):
        return
    for name, field in schema.get("properties", {}).items():
        here = (*crumb, "properties", name)
        if name in known["properties"]:
            yield from _unknown_fields(field, known["properties"][name], mask, here, f"{place}.{name}")
        elif mask[here]:
            yield f"{place}.{name}"


def common_schema(schema: Mapping[str, Any], other: Mapping[str, Any], keys: Collection[str] = ()) -> Schema:
    """Return the part of a schema that another declares too, at any depth, and these keys in any case.

    An object without properties is open: it declares everything.
    """
    if schema.get("properties") and other.get("properties"):
        fields = dict(_common_fields(schema["properties"], other["properties"], keys))
        required = [name for name in schema.get("required", ()) if name in fields]
        return {**schema, "properties": fields, **({"required": required} if "required" in schema else {})}
    if "items" in schema and "items" in other:
        return {**schema, "items": common_schema(schema["items"], other["items"])}
    return dict(schema)


def _common_fields(
    fields: Mapping[str, Any], others: Mapping[str, Any], keys: Collection[str]
) -> Iterator[tuple[str, Schema]]:
    for name, field in fields.items():
        if name in others:
            kept = common_schema(field, others[name])
            if _is_empty(field) or not _is_empty(kept):
                yield name, kept
        elif name in keys:
            yield name, field


def _is_empty(schema: Mapping[str, Any]) -> bool:
    """Tell whether nothing is declared of an object, or of the objects in an array."""
    properties: object = schema.get("items", schema).get("properties")
    return properties == {}


def _without_empty_objects(metadata: MetadataMapping, schema: Schema) -> MetadataMapping:
    """Return metadata that selects no object without any of its fields.

    One that was selected by itself is selected with all that lies in it; one that was not, and of which every field was
    deselected, is deselected.
    """
    empty = _EmptyObjects(metadata)
    empty.find(schema["properties"], ())
    found = {**metadata, **{crumb: replace(metadata.get(crumb, Metadata()), selected=False) for crumb in empty.dropped}}
    return MetadataMapping(
        {
            crumb: entry
            for crumb, entry in found.items()
            if not any(crumb[:depth] in empty.whole for depth in range(len(crumb)))
        }
    )


class _EmptyObjects:
    """The selected objects of which nothing is selected: those to have `whole`, and those to have `dropped`."""

    def __init__(self, metadata: MetadataMapping) -> None:
        self._metadata = metadata
        self._mask = metadata.resolve_selection()
        self.whole: set[Breadcrumb] = set()
        self.dropped: set[Breadcrumb] = set()

    def find(self, fields: Mapping[str, Any], crumb: Breadcrumb) -> bool:
        """Look for such objects among fields, the innermost first; return whether any field is to come."""
        any_comes = False
        for name, field in fields.items():
            here = (*crumb, "properties", name)
            if self._mask[here]:
                any_comes |= not field.get("properties") or self.find(field["properties"], here) or self._comes(here)
        return any_comes

    def _comes(self, here: Breadcrumb) -> bool:
        """Keep what becomes of an object without selected fields; return whether it comes."""
        entry = self._metadata.get(here)
        by_itself = entry is not None and entry.selected is True
        (self.whole if by_itself else self.dropped).add(here)
        return by_itself
