"""Kinds of resources: which fields a row shows, in a compact, a usual, a chosen or a whole record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar, cast

from typing_extensions import override

if TYPE_CHECKING:
    from fake_asana.model.field_tree import Tree

Record = dict[str, object]
ABSENT = object()  # a conditional field that this row does not have
SCALARS = frozenset({str, int, float, bool, type(None)})


class Row(Protocol):
    """Whatever has a gid."""

    @property
    def gid(self) -> str:
        """The globally unique id."""


class Typed(Row, Protocol):
    """A row that says what it is."""

    resource_type: ClassVar[str]


class Named(Typed, Protocol):
    """A row that is referred to by its name."""

    @property
    def name(self) -> str:
        """What people call it."""


R = TypeVar("R", bound=Row)


class OpenObject(Record):
    """An object of open shape: asked by its bare name it comes whole."""


@dataclass(frozen=True)
class Kind(Generic[R]):
    """One kind of resource and how its rows are shown.

    `fields` holds every documented field but gid, resource_type and the deprecated ones. A field's
    function may answer ABSENT. `compact` names what a list shows when nothing is chosen,
    `opt_in` what comes only when it is chosen.
    """

    resource_type: str
    fields: Mapping[str, Callable[[R], object]]
    compact: tuple[str, ...] = ("name",)
    opt_in: frozenset[str] = frozenset()

    def header(self, row: R) -> Record:
        """What every record begins with."""
        return {"gid": row.gid, "resource_type": self.resource_type}

    def render(self, row: R, names: Iterable[str], *, whole: bool = False) -> Record:
        """The record with these fields; rows inside it by their usual fields, or `whole`."""
        record = self.header(row)
        for name in names:
            value = self.fields[name](row)
            if value is not ABSENT:
                record[name] = render_value(value, whole=whole)
        return record

    def compact_record(self, row: R) -> Record:
        """The compact record."""
        return self.render(row, self.compact)

    def default_record(self, row: R) -> Record:
        """The record without what must be opted into."""
        return self.render(row, (name for name in self.fields if name not in self.opt_in))

    def full_record(self, row: R) -> Record:
        """The record with every field."""
        return self.render(row, self.fields, whole=True)

    def selected_record(self, row: R, tree: Tree) -> Record:
        """The gid and the fields of an opt_fields tree, nothing unasked; unknown names are passed over."""
        record = {name: value for name, value in self.header(row).items() if name == "gid" or name in tree}
        fields = self.fields
        for name, inner in tree.items():
            if name in fields and (value := fields[name](row)) is not ABSENT:
                record[name] = value if type(value) in SCALARS else select(value, inner)
        return record


S = TypeVar("S", bound=Typed)


class MixedKind(Kind[S]):
    """A kind whose rows are of several types, each of which it says itself."""

    @override
    def header(self, row: S) -> Record:
        """What every record begins with."""
        return {"gid": row.gid, "resource_type": row.resource_type}


@dataclass(frozen=True)
class Nested(Generic[R]):
    """A row shown inside another record, rendered only as far as it is asked for."""

    kind: Kind[R]
    row: R


def render_value(value: object, *, whole: bool) -> object:
    """The value with every row inside it rendered, by its usual fields or by all."""
    if isinstance(value, list):
        return [render_value(item, whole=whole) for item in value]
    if isinstance(value, Nested):
        return value.kind.full_record(value.row) if whole else value.kind.default_record(value.row)
    return value


def select(value: object, tree: Tree) -> object:
    """The value cut down to an opt_fields tree: the gid and what is named, at every depth.

    A nested object named alone keeps gid and resource_type; one of open shape, and a row rendered
    inside another (a custom field with all its options), comes whole.
    """
    if type(value) in SCALARS:
        return value
    if isinstance(value, list):
        return [select(item, tree) for item in value]
    if isinstance(value, Nested):
        return value.kind.selected_record(value.row, tree) if tree else value.kind.default_record(value.row)
    if not isinstance(value, dict) or (not tree and isinstance(value, OpenObject)):
        return value
    nested = cast("Record", value)
    selected: Record = {key: nested[key] for key in (("gid",) if tree else ("gid", "resource_type")) if key in nested}
    for name, inner in tree.items():
        if name in nested and name not in selected:
            selected[name] = select(nested[name], inner)
    return selected


def ref(row: Named | None) -> Record | None:
    """The row as others refer to it: gid, resource_type and name."""
    if row is None:
        return None
    return {"gid": row.gid, "resource_type": row.resource_type, "name": row.name}


def refs(rows: Iterable[Named]) -> list[Record | None]:
    """Several rows as others refer to them."""
    return [ref(row) for row in rows]


def bare_ref(row: Typed) -> Record:
    """The row by gid and resource_type alone."""
    return {"gid": row.gid, "resource_type": row.resource_type}
