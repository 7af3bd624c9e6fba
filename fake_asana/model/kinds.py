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


class Open(Record):
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

    def head(self, row: R) -> Record:
        """What every record begins with."""
        return {"gid": row.gid, "resource_type": self.resource_type}

    def show(self, row: R, names: Iterable[str], *, whole: bool = False) -> Record:
        """The record with these fields; rows inside it by their usual fields, or `whole`."""
        record = self.head(row)
        for name in names:
            value = self.fields[name](row)
            if value is not ABSENT:
                record[name] = plain(value, whole=whole)
        return record

    def listed(self, row: R) -> Record:
        """The compact record."""
        return self.show(row, self.compact)

    def usual(self, row: R) -> Record:
        """The record without what must be opted into."""
        return self.show(row, (name for name in self.fields if name not in self.opt_in))

    def whole(self, row: R) -> Record:
        """The record with every field."""
        return self.show(row, self.fields, whole=True)

    def chosen(self, row: R, tree: Tree) -> Record:
        """The gid and the fields of an opt_fields tree, nothing unasked; unknown names are passed over."""
        record = {name: value for name, value in self.head(row).items() if name == "gid" or name in tree}
        fields = self.fields
        for name, inner in tree.items():
            if name in fields and (value := fields[name](row)) is not ABSENT:
                record[name] = value if type(value) in SCALARS else shape(value, inner)
        return record


S = TypeVar("S", bound=Typed)


class Mixed(Kind[S]):
    """A kind whose rows are of several types, each of which it says itself."""

    @override
    def head(self, row: S) -> Record:
        """What every record begins with."""
        return {"gid": row.gid, "resource_type": row.resource_type}


@dataclass(frozen=True)
class Inside(Generic[R]):
    """A row shown inside another record, rendered only as far as it is asked for."""

    kind: Kind[R]
    row: R


def plain(value: object, *, whole: bool) -> object:
    """The value with every row inside it rendered, by its usual fields or by all."""
    if isinstance(value, list):
        return [plain(item, whole=whole) for item in value]
    if isinstance(value, Inside):
        return value.kind.whole(value.row) if whole else value.kind.usual(value.row)
    return value


def shape(value: object, tree: Tree) -> object:
    """The value cut down to an opt_fields tree: the gid and what is named, at every depth.

    A nested object named alone keeps gid and resource_type; one of open shape, and a row rendered
    inside another (a custom field with all its options), comes whole.
    """
    if type(value) in SCALARS:
        return value
    if isinstance(value, list):
        return [shape(item, tree) for item in value]
    if isinstance(value, Inside):
        return value.kind.chosen(value.row, tree) if tree else value.kind.usual(value.row)
    if not isinstance(value, dict) or (not tree and isinstance(value, Open)):
        return value
    nested = cast("Record", value)
    cut: Record = {key: nested[key] for key in (("gid",) if tree else ("gid", "resource_type")) if key in nested}
    for name, inner in tree.items():
        if name in nested and name not in cut:
            cut[name] = shape(nested[name], inner)
    return cut


def ref(row: Named | None) -> Record | None:
    """The row as others refer to it: gid, resource_type and name."""
    if row is None:
        return None
    return {"gid": row.gid, "resource_type": row.resource_type, "name": row.name}


def refs(rows: Iterable[Named]) -> list[Record | None]:
    """Several rows as others refer to them."""
    return [ref(row) for row in rows]


def link(row: Typed) -> Record:
    """The row by gid and resource_type alone."""
    return {"gid": row.gid, "resource_type": row.resource_type}
