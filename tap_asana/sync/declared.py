"""What a stream declares of itself, and what a catalog leaves of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar

from singer_sdk.singerlib.catalog import Catalog
from typing_extensions import override

from tap_asana.records.catalog import common_schema
from tap_asana.records.fields import Reasons, Schema, opt_fields
from tap_asana.sync.replication import Native
from tap_asana.sync.sdk_stream import SdkStream


class DeclaredStream(SdkStream):
    """A stream as its class declares it.

    A subclass is its docstring (the stream's description), `name`, `path` and `schema`. The placeholder of the
    path says which parents it is listed under; records get the parent's gid where the schema declares it.

    `paths` stands for `path` where the same things hang from several kinds of parents. `carried` tells of records
    that come inside those of other lists: the list's path, and the field there that holds them. `needs` names the
    fact that a parent must have to be asked at all, by the parent's kind. `rereadable` tells whether everything that
    the table holds can be read again.
    """

    path: ClassVar[str] = ""
    paths: ClassVar[tuple[str, ...]] = ()
    embedded_in: ClassVar[Mapping[str, str]] = {}
    requires_field: ClassVar[Mapping[str, str]] = {}
    schema: ClassVar[Schema]
    omitted: ClassVar[Reasons] = {}
    primary_keys: tuple[str, ...] = ("gid",)
    rereadable: ClassVar[bool] = True

    @override
    def __init_subclass__(cls, **words: object) -> None:
        """Let the schema, and with it the catalog, say of each stream what its docstring says."""
        super().__init_subclass__(**words)
        if "schema" in vars(cls) and cls.__doc__:
            cls.schema = {"description": cls.__doc__.partition("\n")[0], **cls.schema}

    @classmethod
    def native(cls) -> Native:
        """Return how this stream is read where no catalog asks for something else."""
        return Native(vars(cls)["name"], cls.primary_keys, vars(cls).get("replication_key"), cls.rereadable)

    @override
    def apply_catalog(self, catalog: Catalog) -> None:
        """Take schema and selection from a catalog; keys and method stay the stream's own (see `TapAsana.streams`)."""
        super().apply_catalog(catalog)
        for name in ("primary_keys", "declared", "_opt_fields"):
            vars(self).pop(name, None)
        vars(self).pop("replication_key", None)
        self._replication_key = self.forced_replication_method = None

    @classmethod
    def list_paths(cls) -> Mapping[str, str]:
        """Return the lists that this stream's records are in, and the field that holds them there, if it is one."""
        return {**dict.fromkeys(cls.paths or filter(None, [cls.path]), ""), **cls.embedded_in}

    def opt_fields(self) -> list[str]:
        """Return the opt_fields of this stream's records: what the catalog selects."""
        return self._opt_fields

    @cached_property
    def _opt_fields(self) -> list[str]:
        return opt_fields(self.declared, self.mask)

    @cached_property
    def declared(self) -> Schema:
        """Return the schema of this stream's records: what the catalog declares of the stream's own, and its keys."""
        return common_schema(type(self).schema, self.effective_schema, type(self).schema["required"])
