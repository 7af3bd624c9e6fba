"""Who may do what with a project, portfolio, goal, custom field or custom type: five shapes of one thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

from fake_asana.model.kinds import ABSENT, Kind, Mixed, ref
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

LEVELS = {
    "project": ("admin", "editor", "commenter", "viewer"),
    "portfolio": ("admin", "editor", "viewer"),
    "goal": ("admin", "editor", "commenter", "viewer"),
    "custom_field": ("admin", "editor", "user"),
    "custom_type": ("admin", "editor", "user", "viewer"),
}


class Membership(Resource):
    """The place of a person or a team in something that is shared."""

    resource_type: ClassVar[str] = "membership"
    parent: Shared
    member: User | Team
    subtype: str
    level: str

    def __init__(self, gid: str, seed: int, parent: Shared, member: User | Team) -> None:
        """A place, with the access that its seed says."""
        super().__init__(gid, seed, parent.workspace, parent)
        self.parent, self.member = parent, member
        self.subtype = f"{parent.resource_type}_membership"
        levels = LEVELS[parent.resource_type]
        self.level = levels[seed % len(levels)]


class FieldMembership(Membership):
    """A place in a custom field, which says so by its resource_type too."""

    resource_type: ClassVar[str] = "custom_field_membership"


class TypeMembership(Membership):
    """A place in a custom type, which says so by its resource_type too."""

    resource_type: ClassVar[str] = "custom_type_membership"


def of_goal(maker: Callable[[Membership], object]) -> Callable[[Membership], object]:
    """A maker of a field that only memberships of goals have."""

    def of(row: Membership) -> object:
        return maker(row) if row.parent.resource_type == "goal" else ABSENT

    return of


MEMBERSHIP: Mixed[Membership] = Mixed(
    "membership",
    {
        "resource_subtype": lambda m: m.subtype,
        "parent": lambda m: ref(m.parent),
        "member": lambda m: ref(m.member),
        "access_level": lambda m: m.level,
    },
    compact=("resource_subtype", "parent", "member", "access_level"),
)
OLD = {
    "role": of_goal(lambda m: "commenter" if m.level in {"commenter", "viewer"} else "editor"),
    "goal": of_goal(lambda m: ref(m.parent)),
    "is_commenter": of_goal(lambda _: None),
    "is_editor": of_goal(lambda _: None),
}
LISTED: Mixed[Membership] = Mixed("membership", {**MEMBERSHIP.fields, **OLD}, compact=(*MEMBERSHIP.compact, *OLD))
"""What the list sends: goals bring their deprecated fields along."""

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
