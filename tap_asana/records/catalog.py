"""Catalogs of other versions or edited by hand, reduced to the fields that this version also declares."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from singer_sdk.singerlib import Catalog, CatalogEntry, Metadata, MetadataMapping, SelectionMask
from singer_sdk.singerlib import Schema as CatalogSchema
from typing_extensions import override

from tap_asana.errors import AsanaError
from tap_asana.records.fields import Breadcrumb, Schema, types_of

OWN_KEYWORDS = "x-"
"""The start of the keywords of our own, which no catalog has."""


class NativeSchema(CatalogSchema):
    """The schema of a stream in this version; it stays JSON, because the SDK makes an object of each field."""

    def __init__(self, schema: Schema) -> None:
        """Keep the schema as the stream's class declares it."""
        super().__init__()
        self.declared = schema

    @cached_property
    def document(self) -> Schema:
        """Return the schema as the catalog has it: without the keywords of our own."""
        return _published(self.declared)

    @override
    def to_dict(self) -> Schema:
        return self.document


Natives = Mapping[str, NativeSchema]
"""The schemas of this version by stream."""


def _published(schema: Schema) -> Schema:
    published = {keyword: value for keyword, value in schema.items() if not keyword.startswith(OWN_KEYWORDS)}
    if "properties" in schema:
        published["properties"] = {name: _published(field) for name, field in schema["properties"].items()}
    if "items" in schema:
        published["items"] = _published(schema["items"])
    return published


def parse_catalog(catalog: Mapping[str, Any], natives: Natives) -> Catalog:
    """Return the catalog that a JSON object describes; raises AsanaError for one in another form.

    Fields of deselected streams are not looked at, which would take long.
    """
    try:
        entries = [_parse_entry(entry, natives) for entry in catalog.get("streams", ())]
    except (AttributeError, KeyError, TypeError, ValueError):
        raise AsanaError("--catalog: not a catalog of Singer; expected the output of --discover.") from None
    return Catalog({entry.tap_stream_id: entry for entry in entries})


def _parse_entry(given: Mapping[str, Any], natives: Natives) -> CatalogEntry:
    native = natives.get(given["tap_stream_id"])
    roots = [part for part in given.get("metadata", ()) if not part["breadcrumb"]]
    root_entry = CatalogEntry.from_dict({**given, "schema": {}, "metadata": roots})
    if native is None:
        return CatalogEntry.from_dict(dict(given))
    if not is_selected(root_entry):
        return replace(root_entry, schema=native)
    if given.get("schema") == native.document:
        metadata = MetadataMapping.from_iterable(given.get("metadata", ()))
        return replace(root_entry, schema=native, metadata=metadata)
    return CatalogEntry.from_dict(dict(given))


def fit_catalog(catalog: Catalog, natives: Natives) -> Catalog:
    """Return a catalog with only the fields of this version, and without objects that have only deselected fields.

    Entries of unknown or deselected streams stay unchanged.
    """
    return Catalog({name: _fit_entry(entry, natives.get(name)) for name, entry in catalog.items()})


def is_selected(entry: CatalogEntry) -> bool:
    """Return whether a catalog selects a stream; its fields are not looked at, which would take long."""
    root = entry.metadata.get(())
    return root is None or MetadataMapping({(): root}).resolve_selection()[()]


def _fit_entry(entry: CatalogEntry, native: NativeSchema | None) -> CatalogEntry:
    if native is None or not is_selected(entry):
        return entry
    if entry.schema is native:
        return replace(entry, metadata=_without_empty_objects(entry.metadata, native.document))
    schema = native.declared
    keys = {name: schema["properties"][name] for name in schema.get("required", ())}
    fitted_schema = common_schema(_merge_declarations(entry.schema.to_dict(), schema), schema)
    fitted_schema["properties"] = {**keys, **fitted_schema["properties"]}
    metadata = _without_empty_objects(entry.metadata, fitted_schema)
    return replace(entry, schema=CatalogSchema.from_dict(fitted_schema), metadata=metadata)


def selected_schema(entry: CatalogEntry) -> Schema:
    """Return the schema of the selected fields, as a document of its own."""
    return _selected_fields(entry.schema.to_dict(), entry.metadata.resolve_selection(), ())


def _selected_fields(schema: Mapping[str, Any], mask: SelectionMask, breadcrumb: Breadcrumb) -> Schema:
    """Return a copy of a schema without deselected fields; the SDK's own function copies the values of keywords too."""
    if "properties" not in schema:
        return dict(schema)
    breadcrumbs = {name: (*breadcrumb, "properties", name) for name in schema["properties"]}
    fields = {
        name: _selected_fields(field, mask, breadcrumbs[name])
        for name, field in schema["properties"].items()
        if mask[breadcrumbs[name]]
    }
    required = [name for name in schema.get("required", ()) if name in fields]
    return {**schema, "properties": fields, **({"required": required} if "required" in schema else {})}


def _merge_declarations(schema: Mapping[str, Any], native: Mapping[str, Any]) -> Schema:
    """Return the schema of a catalog; fields of another type, or without a type, get this version's schema."""
    if not _accepts(schema, native) or _is_open(schema, native):
        return dict(native)
    merged_schema = {"type": native["type"], **schema}
    if native.get("properties"):
        merged_schema["properties"] = {
            name: _merge_declarations(field, native["properties"][name]) if name in native["properties"] else field
            for name, field in schema["properties"].items()
        }
    elif native.get("items"):
        merged_schema["items"] = _merge_declarations(schema["items"], native["items"])
    return merged_schema


def _accepts(schema: Mapping[str, Any], native: Mapping[str, Any]) -> bool:
    """Return whether every value of this version's type is valid in a catalog's schema."""
    same_format = schema.get("format", native.get("format")) == native.get("format")
    return not schema.get("type") or (set(types_of(native)) <= set(types_of(schema)) and same_format)


def _is_open(schema: Mapping[str, Any], native: Mapping[str, Any]) -> bool:
    """Return whether a catalog declares a value without a type, or without its properties or items."""
    keywords = [keyword for keyword in ("properties", "items") if native.get(keyword)] or ["type"]
    return not all(schema.get(keyword) for keyword in keywords)


def differing_types(catalog: Catalog, natives: Natives) -> Iterator[str]:
    """Yield the paths of selected fields to which a catalog gives another type than this version."""
    for name, entry in _foreign(catalog):
        if name in natives:
            mask = entry.metadata.resolve_selection()
            yield from _differing_fields(entry.schema.to_dict(), natives[name].declared, mask, (), name)


def _foreign(catalog: Catalog) -> Iterator[tuple[str, CatalogEntry]]:
    """Return the selected streams whose schema is not that of this version."""
    return (
        (name, entry)
        for name, entry in catalog.items()
        if is_selected(entry) and not isinstance(entry.schema, NativeSchema)
    )


def _differing_fields(
    schema: Mapping[str, Any], native: Mapping[str, Any], mask: SelectionMask, breadcrumb: Breadcrumb, path: str
) -> Iterator[str]:
    if not _accepts(schema, native):
        yield path
        return
    if schema.get("items") and native.get("items"):
        yield from _differing_fields(schema["items"], native["items"], mask, breadcrumb, path)
    native_fields = native.get("properties", {})
    for name, field in schema.get("properties", {}).items():
        field_breadcrumb = (*breadcrumb, "properties", name)
        if name in native_fields and mask[field_breadcrumb]:
            yield from _differing_fields(field, native_fields[name], mask, field_breadcrumb, f"{path}.{name}")


def unknown_selections(catalog: Catalog, natives: Natives) -> Iterator[str]:
    """Yield the streams and the paths of fields that a catalog selects but this version does not have."""
    for name, entry in _foreign(catalog):
        if name not in natives:
            yield name
        else:
            mask = entry.metadata.resolve_selection()
            yield from _unknown_fields(entry.schema.to_dict(), natives[name].declared, mask, (), name)


def _unknown_fields(
    schema: Mapping[str, Any], native: Mapping[str, Any], mask: SelectionMask, breadcrumb: Breadcrumb, path: str
) -> Iterator[str]:
    if not native.get("properties"):
        return
    for name, field in schema.get("properties", {}).items():
        field_breadcrumb = (*breadcrumb, "properties", name)
        if name in native["properties"]:
            yield from _unknown_fields(field, native["properties"][name], mask, field_breadcrumb, f"{path}.{name}")
        elif mask[field_breadcrumb]:
            yield f"{path}.{name}"


def common_schema(schema: Mapping[str, Any], other: Mapping[str, Any], keys: Collection[str] = ()) -> Schema:
    """Return the part of a schema that another schema also declares, at any depth, plus the fields in `keys`.

    An object without properties declares everything.
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
            common = common_schema(field, others[name])
            if _is_empty(field) or not _is_empty(common):
                yield name, common
        elif name in keys:
            yield name, field


def _is_empty(schema: Mapping[str, Any]) -> bool:
    """Return whether an object, or the objects in an array, are declared without properties."""
    properties: object = schema.get("items", schema).get("properties")
    return properties == {}


def _without_empty_objects(metadata: MetadataMapping, schema: Schema) -> MetadataMapping:
    """Return metadata without selected objects that have only deselected fields.

    An explicitly selected object gets all of its fields. Other objects are deselected.
    """
    empty = _EmptyObjects(metadata)
    empty.find(schema["properties"], ())
    deselected = {crumb: replace(metadata.get(crumb, Metadata()), selected=False) for crumb in empty.to_deselect}
    return MetadataMapping(
        {
            crumb: entry
            for crumb, entry in {**metadata, **deselected}.items()
            if not any(crumb[:depth] in empty.to_complete for depth in range(len(crumb)))
        }
    )


class _EmptyObjects:
    """The selected objects without a selected field: `to_complete` get all their fields, `to_deselect` are dropped."""

    def __init__(self, metadata: MetadataMapping) -> None:
        self._metadata = metadata
        self._mask = metadata.resolve_selection()
        self.to_complete: set[Breadcrumb] = set()
        self.to_deselect: set[Breadcrumb] = set()

    def find(self, fields: Mapping[str, Any], breadcrumb: Breadcrumb) -> bool:
        """Collect the empty objects among fields, the innermost first; return whether any field stays selected."""
        any_selected = False
        for name, field in fields.items():
            field_breadcrumb = (*breadcrumb, "properties", name)
            if self._mask[field_breadcrumb]:
                properties = field.get("properties")
                any_selected |= (
                    not properties or self.find(properties, field_breadcrumb) or self._is_kept(field_breadcrumb)
                )
        return any_selected

    def _is_kept(self, field_breadcrumb: Breadcrumb) -> bool:
        """Collect an empty object; return whether it stays selected."""
        entry = self._metadata.get(field_breadcrumb)
        is_explicit = entry is not None and entry.selected is True
        (self.to_complete if is_explicit else self.to_deselect).add(field_breadcrumb)
        return is_explicit
