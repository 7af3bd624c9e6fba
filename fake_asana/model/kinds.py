"""Kinds of resources: the fields of a row in a compact, default, selected or full record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar, cast

from typing_extensions import override

if TYPE_CHECKING:
    from fake_asana.model.field_tree import Tree

Record = dict[str, object]
ABSENT = object()  # a conditional field that this row does not have
SCALAR_TYPES = frozenset({str, int, float, bool, type(None)})


class Row(Protocol):
    """An object with a gid."""

    @property
    def gid(self) -> str:
        """Return the globally unique id."""


class Typed(Row, Protocol):
    """A row with a resource_type."""

    resource_type: ClassVar[str]


class Named(Typed, Protocol):
    """A row with a name, by which records refer to it."""

    @property
    def name(self) -> str:
        """Return the name."""


R = TypeVar("R", bound=Row)


class OpenObject(Record):
    """An object without a fixed schema: opt_fields name it as a whole."""


@dataclass(frozen=True)
class Kind(Generic[R]):
    """One kind of resource, and the way its rows are rendered.

    `fields` holds every documented field except gid, resource_type and deprecated ones; a field's function may return
    ABSENT. A list without opt_fields shows the `compact` fields. Fields in `opt_in` appear only if opt_fields name
    them.
    """

    resource_type: str
    fields: Mapping[str, Callable[[R], object]]
    compact: tuple[str, ...] = ("name",)
    opt_in: frozenset[str] = frozenset()

    def header(self, row: R) -> Record:
        """Return the fields of every record."""
        return {"gid": row.gid, "resource_type": self.resource_type}

    def render(self, row: R, names: Iterable[str], *, full: bool = False) -> Record:
        """Return a record with these fields; nested rows with their default fields, or with all if `full`."""
        record, fields = self.header(row), self.fields
        for name in names:
            value = fields[name](row)
            if type(value) in SCALAR_TYPES:
                record[name] = value
            elif value is not ABSENT:
                record[name] = render_value(value, full=full)
        return record

    def compact_record(self, row: R) -> Record:
        """Return the compact record."""
        return self.render(row, self.compact)

    def default_record(self, row: R) -> Record:
        """Return the record without opt-in fields."""
        return self.render(row, self.default_fields)

    @cached_property
    def default_fields(self) -> Sequence[str]:
        """Return the fields that need not be opted into."""
        return [name for name in self.fields if name not in self.opt_in]

    def full_record(self, row: R) -> Record:
        """Return the record with every field."""
        return self.render(row, self.fields, full=True)

    def selected_record(self, row: R, tree: Tree) -> Record:
        """Return the gid and the fields of an opt_fields tree; unknown names are ignored."""
        record = self.header(row)
        if "resource_type" in record and "resource_type" not in tree:
            del record["resource_type"]
        fields = self.fields
        for name, subtree in tree.items():
            if name in fields and (value := fields[name](row)) is not ABSENT:
                record[name] = value if type(value) in SCALAR_TYPES else select(value, subtree)
        return record


S = TypeVar("S", bound=Typed)


class MixedKind(Kind[S]):
    """A kind whose rows have several resource types."""

    @override
    def header(self, row: S) -> Record:
        """Return the fields of every record."""
        return {"gid": row.gid, "resource_type": row.resource_type}


@dataclass(frozen=True)
class Nested(Generic[R]):
    """A row inside another record, rendered only with its selected fields."""

    kind: Kind[R]
    row: R


def render_value(value: object, *, full: bool) -> object:
    """Return the value with every nested row rendered, with its default fields or with all."""
    if isinstance(value, list):
        return [render_value(item, full=full) for item in value]
    if isinstance(value, Nested):
        return value.kind.full_record(value.row) if full else value.kind.default_record(value.row)
    return value


def select(value: object, tree: Tree) -> object:
    """Return the part of a value that an opt_fields tree selects: the gid and the named fields, at every depth.

    A nested object named alone keeps gid and resource_type. An open object and a nested row, such as a custom field
    with its options, are returned whole.
    """
    if type(value) in SCALAR_TYPES:
        return value
    if isinstance(value, list):
        return [item if type(item) in SCALAR_TYPES else select(item, tree) for item in value]
    if isinstance(value, Nested):
        return value.kind.selected_record(value.row, tree) if tree else value.kind.default_record(value.row)
    if not isinstance(value, dict) or (not tree and isinstance(value, OpenObject)):
        return value
    nested = cast("Record", value)
    selected: Record = {key: nested[key] for key in (("gid",) if tree else ("gid", "resource_type")) if key in nested}
    for name, subtree in tree.items():
        if name in nested and name not in selected:
            part = nested[name]
            selected[name] = part if type(part) in SCALAR_TYPES else select(part, subtree)
    return selected


def ref(row: Named | None) -> Record | None:
    """Return a reference to a row: gid, resource_type and name."""
    if row is None:
        return None
    return {"gid": row.gid, "resource_type": row.resource_type, "name": row.name}


def refs(rows: Iterable[Named]) -> list[Record | None]:
    """Return references to several rows."""
    return [ref(row) for row in rows]


def bare_ref(row: Typed) -> Record:
    """Return a reference without the name."""
    return {"gid": row.gid, "resource_type": row.resource_type}
