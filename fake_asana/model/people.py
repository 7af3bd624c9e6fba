"""Workspaces, users, teams, the memberships between them, and the list My Tasks of each member."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from fake_asana.model import words
from fake_asana.model.clock import instant
from fake_asana.model.custom_fields import shown
from fake_asana.model.kinds import Inside, Kind, Record, ref, refs
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.values import VALUE, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from fake_asana.model.custom_fields import CustomField, Setting
    from fake_asana.model.projects import Project, Section, Tag
    from fake_asana.model.tasks import Task

FREE = frozenset(
    {
        *("custom_fields", "search", "goals", "portfolios", "time_tracking", "dependencies"),
        *("workspace_events", "audit_log", "resource_export"),
        *("resourcing", "custom_types", "roles", "agents"),
    },
)
PAID = FREE | {"project_briefs"}
"""Every feature that a plan can lack; those of FREE are what the free one lacks."""

LEVELS = ("all_team_members", "only_team_admins")
PIXELS = ("21x21", "27x27", "36x36", "60x60", "128x128", "1024x1024")


@dataclass
class Scenery:
    """What stories and references may point to."""

    projects: list[Project] = field(default_factory=list)
    moves: list[tuple[Section, Section]] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    fields: list[CustomField] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)


class Workspace:
    """A workspace or organization, with what hangs from it.

    `roster` and `scenery` are what it held when the world was made (they never change, so that what
    is derived from them does not either); `lacks` names the features its plan does not have.
    """

    resource_type: ClassVar[str] = "workspace"

    def __init__(self, gid: str, seed: int, name: str, *, organization: bool) -> None:
        """An empty workspace."""
        self.gid, self.seed, self.name, self.organization = gid, seed, name, organization
        self.lacks: set[str] = set() if organization else set(FREE)
        self.roster: list[User] = []
        self.scenery = Scenery()
        self.members: dict[str, WorkspaceMembership] = {}
        self.teams: dict[str, Team] = {}
        self.projects: dict[str, Project] = {}
        self.tags: dict[str, Tag] = {}
        self.custom_fields: dict[str, CustomField] = {}


class User:
    """A person; `assigned` are the tasks that are theirs, `shelf` the section those lie in."""

    resource_type: ClassVar[str] = "user"
    __slots__ = ("assigned", "gid", "name", "seed", "shelf", "workspaces")

    def __init__(self, gid: str, seed: int) -> None:
        """A person who belongs nowhere yet."""
        self.gid, self.seed, self.name = gid, seed, words.person(SeededRandom(seed))
        self.workspaces: dict[str, Workspace] = {}
        self.assigned: dict[str, Task] = {}
        self.shelf: Section | None = None


class WorkspaceMembership:
    """One person's place in a workspace."""

    resource_type: ClassVar[str] = "workspace_membership"
    __slots__ = ("active", "admin", "created", "gid", "guest", "list_gid", "seed", "user", "workspace")

    def __init__(self, gids: tuple[str, str], seed: int, user: User, workspace: Workspace, created: int) -> None:
        """A place as a plain member; `gids` are its own and that of the person's task list."""
        (self.gid, self.list_gid), self.seed = gids, seed
        self.user, self.workspace, self.created = user, workspace, created
        self.active, self.admin, self.guest = True, False, False


class Team:
    """A team of an organization."""

    resource_type: ClassVar[str] = "team"
    __slots__ = ("gid", "members", "name", "notes", "seed", "settings", "visibility", "workspace")

    def __init__(self, gid: str, seed: int, name: str, workspace: Workspace) -> None:
        """A team without members."""
        self.gid, self.seed, self.name, self.workspace = gid, seed, name, workspace
        self.notes = words.prose(SeededRandom(seed, 1))
        self.visibility = SeededRandom(seed, 2).pick(("secret", "request_to_join", "public"))
        self.members: dict[str, TeamMembership] = {}
        self.settings: list[Inside[Setting]] = []


class TeamMembership:
    """One person's place in a team."""

    resource_type: ClassVar[str] = "team_membership"
    __slots__ = ("gid", "seed", "team", "user")

    def __init__(self, gid: str, seed: int, user: User, team: Team) -> None:
        """A place in a team."""
        self.gid, self.seed, self.user, self.team = gid, seed, user, team


def email(user: User) -> str | None:
    """The person's address; some do not show theirs."""
    return None if user.seed % 11 == 0 else f"person.{user.gid}@example.com"


def traits(user: User) -> list[Inside[Value]]:
    """What the first of the person's organizations keeps on them; nothing on some."""
    kept = (home for home in user.workspaces.values() if home.organization and "custom_fields" not in home.lacks)
    fields = next((home.scenery.fields for home in kept), []) if user.seed % 5 else []
    return [Inside(VALUE, Value(field, user.seed)) for field in fields[:5]]


def photo(user: User) -> Record | None:
    """The person's picture in its sizes; many have none."""
    return None if user.seed % 3 else portrait(user.gid)


def portrait(gid: str) -> Record:
    """A picture in all its sizes."""
    return {f"image_{size}": f"https://s3.example.com/{gid}_{size}.png" for size in PIXELS}


WORKSPACE: Kind[Workspace] = Kind(
    "workspace",
    {
        "name": lambda w: w.name,
        "email_domains": lambda w: [f"mail{w.seed % 97}.example.com", "example.com"] if w.organization else [],
        "is_organization": lambda w: w.organization,
    },
)
USER: Kind[User] = Kind(
    "user",
    {
        "name": lambda u: u.name,
        "email": email,
        "photo": photo,
        "workspaces": lambda u: refs(u.workspaces.values()),
        "custom_fields": traits,
    },
)
WORKSPACE_MEMBERSHIP: Kind[WorkspaceMembership] = Kind(
    "workspace_membership",
    {
        "user": lambda m: ref(m.user),
        "workspace": lambda m: ref(m.workspace),
        "user_task_list": lambda m: TASK_LIST.listed(TaskList(m)),
        "is_active": lambda m: m.active,
        "is_admin": lambda m: m.admin,
        "is_guest": lambda m: m.guest,
        "is_view_only": lambda m: m.seed % 13 == 0,
        "created_at": lambda m: instant(m.created),
    },
    compact=("user", "workspace"),
)
TEAM_LEVELS = (
    "edit_team_name_or_description_access_level",
    "edit_team_visibility_or_trash_team_access_level",
    "member_invite_management_access_level",
    "guest_invite_management_access_level",
    "join_request_management_access_level",
    "team_member_removal_access_level",
)


def level(bit: int) -> Callable[[Team], str]:
    """A maker of one access level of a team, by a bit of its seed."""

    def of(team: Team) -> str:
        return LEVELS[team.seed >> bit & 1]

    return of


TEAM: Kind[Team] = Kind(
    "team",
    {
        "name": lambda t: t.name,
        "description": lambda t: t.notes,
        "html_description": lambda t: words.html(t.notes),
        "organization": lambda t: ref(t.workspace),
        "permalink_url": lambda t: f"https://app.asana.com/0/{t.gid}/list",
        "visibility": lambda t: t.visibility,
        **{name: level(bit) for bit, name in enumerate(TEAM_LEVELS)},
        "team_content_management_access_level": lambda t: ("no_restriction", "only_team_admins")[t.seed >> 9 & 1],
        "endorsed": lambda t: t.seed % 4 == 0,
        "custom_field_settings": shown,
    },
    opt_in=frozenset({"description", "html_description"}),
)
TEAM_MEMBERSHIP: Kind[TeamMembership] = Kind(
    "team_membership",
    {
        "user": lambda m: ref(m.user),
        "team": lambda m: ref(m.team),
        "is_guest": lambda m: m.seed % 9 == 0,
        "is_limited_access": lambda m: m.seed % 9 == 1,
        "is_admin": lambda m: m.seed % 5 == 0,
    },
    compact=("user", "team", "is_guest", "is_limited_access", "is_admin"),
)


class TaskList:
    """The list of one person in one workspace."""

    resource_type: ClassVar[str] = "user_task_list"

    def __init__(self, member: WorkspaceMembership) -> None:
        """The list that comes with a place in a workspace."""
        self.gid: str = member.list_gid
        self.owner: User = member.user
        self.workspace: Workspace = member.workspace
        self.name: str = f"My tasks in {member.workspace.name}"


TASK_LIST: Kind[TaskList] = Kind(
    "user_task_list",
    {
        "name": lambda t: t.name,
        "owner": lambda t: ref(t.owner),
        "workspace": lambda t: ref(t.workspace),
    },
    compact=("name", "owner", "workspace"),
)
