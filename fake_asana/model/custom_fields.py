"""Custom fields: the workspace's library, those local to one parent, and their settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol

from fake_asana.model import words
from fake_asana.model.kinds import ABSENT, Inside, Kind, Record, ref
from fake_asana.model.seeded_random import SeededRandom

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fake_asana.model.kinds import Named
    from fake_asana.model.people import User, Workspace

COLORS = ("red", "orange", "yellow-green", "blue-green", "hot-pink", "none")


class Make(NamedTuple):
    """How a field is made: its type, what represents it, and how its numbers look."""

    name: str
    subtype: str
    representation: str
    format: str = "none"
    precision: int = 0
    restrictions: tuple[str, ...] = ()


LIBRARY = (
    Make("Risk", "enum", "enum"),
    Make("Cost ¢", "number", "number", "currency", 2),
    Make("Channels", "multi_enum", "multi_enum"),
    Make("Ref. text", "text", "text"),
    Make("Go live", "date", "date"),
    Make("Reviewers", "people", "people"),
    Make("Related", "reference", "reference", restrictions=("task", "project")),
    Make("Share", "number", "number", "percentage", 4),
    Make("Total", "number", "formula", "custom", 6),
    Make("Ticket", "text", "custom_id"),
)
LOCAL = (Make("Local stage", "enum", "enum"), Make("Local number", "number", "number"), Make("Lokal", "text", "text"))


class Option:
    """A choice of an enum field; disabled ones stay in the list."""

    resource_type: ClassVar[str] = "enum_option"
    __slots__ = ("color", "enabled", "gid", "name")

    def __init__(self, gid: str, name: str, color: str, *, enabled: bool) -> None:
        """A choice."""
        self.gid, self.name, self.color, self.enabled = gid, name, color, enabled

    def record(self) -> Record:
        """The choice as it appears in fields, values and stories."""
        return {
            "gid": self.gid,
            "resource_type": self.resource_type,
            "name": self.name,
            "enabled": self.enabled,
            "color": self.color,
        }


class CustomField:
    """The definition of a field; `owner` is the one parent it is local to, None for the library."""

    resource_type: ClassVar[str] = "custom_field"
    __slots__ = ("author", "gid", "make", "name", "notes", "options", "owner", "seed", "workspace")

    def __init__(self, gid: str, seed: int, make: Make, workspace: Workspace) -> None:
        """A definition without choices."""
        self.gid, self.seed, self.make, self.name, self.workspace = gid, seed, make, make.name, workspace
        self.notes = words.prose(SeededRandom(seed, 1))
        self.author: User | None = SeededRandom(seed, 2).pick(workspace.roster) if seed % 4 else None
        self.options: list[Option] = []
        self.owner: Named | None = None


class Setting:
    """A field's place on a project, portfolio, goal or team."""

    resource_type: ClassVar[str] = "custom_field_setting"
    __slots__ = ("field", "gid", "important", "parent")

    def __init__(self, gid: str, field: CustomField, parent: Named, *, important: bool) -> None:
        """The field on its parent."""
        self.gid, self.field, self.parent, self.important = gid, field, parent, important


class Fitted(Protocol):
    """What custom fields can be put on."""

    @property
    def workspace(self) -> Workspace:
        """The workspace whose plan may have no custom fields."""

    @property
    def settings(self) -> list[Inside[Setting]]:
        """The fields that were put on it."""


def shown(holder: Fitted) -> list[Inside[Setting]]:
    """The fields on something: none to be seen where the plan has no custom fields."""
    return [] if "custom_fields" in holder.workspace.lacks else list(holder.settings)


def options(field: CustomField) -> object:
    """The choices of an enum field; other fields have no such key."""
    if field.make.subtype not in {"enum", "multi_enum"}:
        return ABSENT
    return [option.record() for option in field.options]


FIELDS: Mapping[str, Callable[[CustomField], object]] = {
    "name": lambda f: f.name,
    "resource_subtype": lambda f: f.make.subtype,
    "representation_type": lambda f: f.make.representation,
    "enum_options": options,
    "enabled": lambda _: True,
    "id_prefix": lambda f: "TKT" if f.make.representation == "custom_id" else None,
    "input_restrictions": lambda f: list(f.make.restrictions),
    "is_formula_field": lambda f: f.make.representation == "formula",
    "is_value_read_only": lambda f: f.make.representation in {"formula", "custom_id"},
    "description": lambda f: f.notes,
    "precision": lambda f: f.make.precision if f.make.subtype == "number" else ABSENT,
    "format": lambda f: f.make.format,
    "currency_code": lambda f: "EUR" if f.make.format == "currency" else None,
    "custom_label": lambda f: "ƒ units" if f.make.format == "custom" else None,
    "custom_label_position": lambda f: "suffix" if f.make.format == "custom" else None,
    "is_global_to_workspace": lambda f: f.owner is None,
    "has_notifications_enabled": lambda f: f.seed % 2 == 0,
    "asana_created_field": lambda f: "priority" if f.seed % 7 == 0 else None,
    "created_by": lambda f: ref(f.author),
    "privacy_setting": lambda f: ("public_with_guests", "public", "private")[f.seed % 3],
    "default_access_level": lambda f: ("admin", "editor", "user")[f.seed // 3 % 3],
}
FIELD: Kind[CustomField] = Kind(
    "custom_field",
    {**FIELDS, "display_value": lambda _: None},
    opt_in=frozenset({"description"}),
)
SETTING: Kind[Setting] = Kind(
    "custom_field_setting",
    {
        "is_important": lambda s: s.important,
        "parent": lambda s: ref(s.parent),
        "custom_field": lambda s: Inside(FIELD, s.field),
    },
    compact=("is_important", "parent", "custom_field"),
)
