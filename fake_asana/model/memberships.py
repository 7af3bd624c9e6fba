"""Memberships: the access of users and teams to projects, portfolios, goals, custom fields and custom types."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

from fake_asana.model.kinds import ABSENT, Kind, MixedKind, ref
from fake_asana.model.resources import Resource

if TYPE_CHECKING:
    from collections.abc import Callable

    from fake_asana.model.custom_fields import CustomField
    from fake_asana.model.custom_types import CustomType
    from fake_asana.model.goals import Goal
    from fake_asana.model.people import Team, User
    from fake_asana.model.portfolios import Portfolio
    from fake_asana.model.projects import Project

    Shared: TypeAlias = "Project | Portfolio | Goal | CustomField | CustomType"

ACCESS_LEVELS = {
    "project": ("admin", "editor", "commenter", "viewer"),
    "portfolio": ("admin", "editor", "viewer"),
    "goal": ("admin", "editor", "commenter", "viewer"),
    "custom_field": ("admin", "editor", "user"),
    "custom_type": ("admin", "editor", "user", "viewer"),
}


class Membership(Resource):
    """The access of a user or a team to a shared resource."""

    resource_type: ClassVar[str] = "membership"
    parent: Shared
    member: User | Team
    subtype: str
    level: str

    def __init__(self, gid: str, seed: int, parent: Shared, member: User | Team) -> None:
        """Create a membership with an access level from its seed."""
        super().__init__(gid, seed, parent.workspace, parent)
        self.parent, self.member = parent, member
        self.subtype = f"{parent.resource_type}_membership"
        levels = ACCESS_LEVELS[parent.resource_type]
        self.level = levels[seed % len(levels)]


class FieldMembership(Membership):
    """A membership in a custom field, with a resource_type of its own."""

    resource_type: ClassVar[str] = "custom_field_membership"


class TypeMembership(Membership):
    """A membership in a custom type, with a resource_type of its own."""

    resource_type: ClassVar[str] = "custom_type_membership"


def goals_only(maker: Callable[[Membership], object]) -> Callable[[Membership], object]:
    """Return a field function; ABSENT for parents other than goals."""

    def of(row: Membership) -> object:
        return maker(row) if row.parent.resource_type == "goal" else ABSENT

    return of


MEMBERSHIP: MixedKind[Membership] = MixedKind(
    "membership",
    {
        "resource_subtype": lambda m: m.subtype,
        "parent": lambda m: ref(m.parent),
        "member": lambda m: ref(m.member),
        "access_level": lambda m: m.level,
    },
    compact=("resource_subtype", "parent", "member", "access_level"),
)
DEPRECATED_GOAL_FIELDS = {
    "role": goals_only(lambda m: "commenter" if m.level in {"commenter", "viewer"} else "editor"),
    "goal": goals_only(lambda m: ref(m.parent)),
    "is_commenter": goals_only(lambda _: None),
    "is_editor": goals_only(lambda _: None),
}
LISTED_MEMBERSHIP: MixedKind[Membership] = MixedKind(
    "membership",
    {**MEMBERSHIP.fields, **DEPRECATED_GOAL_FIELDS},
    compact=(*MEMBERSHIP.compact, *DEPRECATED_GOAL_FIELDS),
)
"""The kind of the list, which includes the deprecated fields of goals."""

PORTFOLIO_MEMBERSHIP: Kind[Membership] = Kind(
    "portfolio_membership",
    {
        "portfolio": lambda m: ref(m.parent),
        "user": lambda m: ref(m.member),
        "access_level": lambda m: m.level,
    },
    compact=("user", "access_level"),
    opt_in=frozenset({"portfolio"}),
)
