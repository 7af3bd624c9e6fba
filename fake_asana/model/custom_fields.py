"""Custom fields: the library of a workspace, fields local to one parent, and settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol

from fake_asana.model import texts
from fake_asana.model.kinds import ABSENT, Kind, Nested, Record, ref
from fake_asana.model.seeded_random import SeededRandom

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fake_asana.model.kinds import Named
    from fake_asana.model.people import User, Workspace

OPTION_COLORS = ("red", "orange", "yellow-green", "blue-green", "hot-pink", "none")


class FieldType(NamedTuple):
    """The type of a field: its subtype, its representation, and the format of its numbers."""

    name: str
    subtype: str
    representation: str
    format: str = "none"
    precision: int = 0
    restrictions: tuple[str, ...] = ()


LIBRARY_TYPES = (
    FieldType("Risk", "enum", "enum"),
    FieldType("Cost ¢", "number", "number", "currency", 2),
    FieldType("Channels", "multi_enum", "multi_enum"),
    FieldType("Ref. text", "text", "text"),
    FieldType("Go live", "date", "date"),
    FieldType("Reviewers", "people", "people"),
    FieldType("Related", "reference", "reference", restrictions=("task", "project")),
    FieldType("Share", "number", "number", "percentage", 4),
    FieldType("Total", "number", "formula", "custom", 6),
    FieldType("Ticket", "text", "custom_id"),
)
LOCAL_TYPES = (
    FieldType("Local stage", "enum", "enum"),
    FieldType("Local number", "number", "number"),
    FieldType("Lokal", "text", "text"),
)


class Option:
    """A choice of an enum field; disabled choices stay in the list."""

    resource_type: ClassVar[str] = "enum_option"
    __slots__ = ("color", "enabled", "gid", "name")

    def __init__(self, gid: str, name: str, color: str, *, enabled: bool) -> None:
        """Create a choice."""
        self.gid, self.name, self.color, self.enabled = gid, name, color, enabled

    def record(self) -> Record:
        """Return the choice in the form that fields, values and stories use."""
        return {
            "gid": self.gid,
            "resource_type": self.resource_type,
            "name": self.name,
            "enabled": self.enabled,
            "color": self.color,
        }


class CustomField:
    """The definition of a field; `owner` is its only parent, or None for a field of the library."""

    resource_type: ClassVar[str] = "custom_field"
    __slots__ = ("author", "gid", "name", "notes", "options", "owner", "seed", "type", "workspace")

    def __init__(self, gid: str, seed: int, make: FieldType, workspace: Workspace) -> None:
        """Create a definition without choices."""
        self.gid, self.seed, self.type, self.name, self.workspace = gid, seed, make, make.name, workspace
        self.notes = texts.prose(SeededRandom(seed, 1))
        self.author: User | None = SeededRandom(seed, 2).pick(workspace.roster) if seed % 4 else None
        self.options: list[Option] = []
        self.owner: Named | None = None


class Setting:
    """The use of a field by a project, portfolio, goal or team."""

    resource_type: ClassVar[str] = "custom_field_setting"
    __slots__ = ("field", "gid", "important", "parent")

    def __init__(self, gid: str, field: CustomField, parent: Named, *, important: bool) -> None:
        """Put the field on its parent."""
        self.gid, self.field, self.parent, self.important = gid, field, parent, important


class HasFields(Protocol):
    """A row with custom fields."""

    @property
    def workspace(self) -> Workspace:
        """Return the workspace, whose plan decides on custom fields."""

    @property
    def settings(self) -> list[Nested[Setting]]:
        """Return the settings of the fields on this row."""


def visible_settings(holder: HasFields) -> list[Nested[Setting]]:
    """Return the settings of a row; none if the plan has no custom fields."""
    return [] if "custom_fields" in holder.workspace.missing_features else list(holder.settings)


def options(field: CustomField) -> object:
    """Return the choices of an enum field; ABSENT for other types."""
    if field.type.subtype not in {"enum", "multi_enum"}:
        return ABSENT
    return [option.record() for option in field.options]


DEFINITION_FIELDS: Mapping[str, Callable[[CustomField], object]] = {
    "name": lambda f: f.name,
    "resource_subtype": lambda f: f.type.subtype,
    "representation_type": lambda f: f.type.representation,
    "enum_options": options,
    "enabled": lambda _: True,
    "id_prefix": lambda f: "TKT" if f.type.representation == "custom_id" else None,
    "input_restrictions": lambda f: list(f.type.restrictions),
    "is_formula_field": lambda f: f.type.representation == "formula",
    "is_value_read_only": lambda f: f.type.representation in {"formula", "custom_id"},
    "description": lambda f: f.notes,
    "precision": lambda f: f.type.precision if f.type.subtype == "number" else ABSENT,
    "format": lambda f: f.type.format,
    "currency_code": lambda f: "EUR" if f.type.format == "currency" else None,
    "custom_label": lambda f: "ƒ units" if f.type.format == "custom" else None,
    "custom_label_position": lambda f: "suffix" if f.type.format == "custom" else None,
    "is_global_to_workspace": lambda f: f.owner is None,
    "has_notifications_enabled": lambda f: f.seed % 2 == 0,
    "asana_created_field": lambda f: "priority" if f.seed % 7 == 0 else None,
    "created_by": lambda f: ref(f.author),
    "privacy_setting": lambda f: ("public_with_guests", "public", "private")[f.seed % 3],
    "default_access_level": lambda f: ("admin", "editor", "user")[f.seed // 3 % 3],
}
FIELD: Kind[CustomField] = Kind(
    "custom_field",
    {**DEFINITION_FIELDS, "display_value": lambda _: None},
    opt_in=frozenset({"description"}),
)
SETTING: Kind[Setting] = Kind(
    "custom_field_setting",
    {
        "is_important": lambda s: s.important,
        "parent": lambda s: ref(s.parent),
        "custom_field": lambda s: Nested(FIELD, s.field),
    },
    compact=("is_important", "parent", "custom_field"),
)
