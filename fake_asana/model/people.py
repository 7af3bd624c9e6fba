"""Workspaces, users, teams, their memberships, and the My Tasks list of each member."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from fake_asana.model import texts
from fake_asana.model.clock import format_instant
from fake_asana.model.custom_fields import visible_settings
from fake_asana.model.kinds import Kind, Nested, Record, ref, refs
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.values import VALUE, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from fake_asana.model.custom_fields import CustomField, Setting
    from fake_asana.model.projects import Project, Section, Tag
    from fake_asana.model.tasks import Task

MISSING_IN_FREE_PLAN = frozenset(
    {
        *("custom_fields", "search", "goals", "portfolios", "time_tracking", "dependencies"),
        *("workspace_events", "audit_log", "resource_export"),
        *("resourcing", "custom_types", "roles", "agents"),
    },
)
PAID_FEATURES = MISSING_IN_FREE_PLAN | {"project_briefs"}
"""Every feature outside some plan."""

TEAM_ACCESS = ("all_team_members", "only_team_admins")
PHOTO_SIZES = ("21x21", "27x27", "36x36", "60x60", "128x128", "1024x1024")


@dataclass
class StoryTargets:
    """The resources that stories and references may refer to."""

    projects: list[Project] = field(default_factory=list)
    moves: list[tuple[Section, Section]] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    fields: list[CustomField] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)


class Workspace:
    """A workspace or organization, and its rows.

    `roster` and `story_targets` are its users and resources at the start; they never change, so derived values stay
    stable. `missing_features` names the features outside its plan.
    """

    resource_type: ClassVar[str] = "workspace"

    def __init__(self, gid: str, seed: int, name: str, *, organization: bool) -> None:
        """Create an empty workspace."""
        self.gid, self.seed, self.name, self.organization = gid, seed, name, organization
        self.missing_features: set[str] = set() if organization else set(MISSING_IN_FREE_PLAN)
        self.roster: list[User] = []
        self.story_targets = StoryTargets()
        self.members: dict[str, WorkspaceMembership] = {}
        self.teams: dict[str, Team] = {}
        self.projects: dict[str, Project] = {}
        self.tags: dict[str, Tag] = {}
        self.custom_fields: dict[str, CustomField] = {}


class User:
    """A person, with the tasks assigned to them and the section of My Tasks for those tasks."""

    resource_type: ClassVar[str] = "user"
    __slots__ = ("assigned", "gid", "my_tasks_section", "name", "seed", "workspaces")

    def __init__(self, gid: str, seed: int) -> None:
        """Create a person without workspaces."""
        self.gid, self.seed, self.name = gid, seed, texts.person_name(SeededRandom(seed))
        self.workspaces: dict[str, Workspace] = {}
        self.assigned: dict[str, Task] = {}
        self.my_tasks_section: Section | None = None


class WorkspaceMembership:
    """The membership of one person in a workspace."""

    resource_type: ClassVar[str] = "workspace_membership"
    __slots__ = ("active", "admin", "created", "gid", "guest", "list_gid", "seed", "user", "workspace")

    def __init__(self, gids: tuple[str, str], seed: int, user: User, workspace: Workspace, created: int) -> None:
        """Create a plain membership; `gids` are its own and that of the person's task list."""
        (self.gid, self.list_gid), self.seed = gids, seed
        self.user, self.workspace, self.created = user, workspace, created
        self.active, self.admin, self.guest = True, False, False


class Team:
    """A team of an organization."""

    resource_type: ClassVar[str] = "team"
    __slots__ = ("gid", "members", "name", "notes", "seed", "settings", "visibility", "workspace")

    def __init__(self, gid: str, seed: int, name: str, workspace: Workspace) -> None:
        """Create a team without members."""
        self.gid, self.seed, self.name, self.workspace = gid, seed, name, workspace
        self.notes = texts.prose(SeededRandom(seed, 1))
        self.visibility = SeededRandom(seed, 2).pick(("secret", "request_to_join", "public"))
        self.members: dict[str, TeamMembership] = {}
        self.settings: list[Nested[Setting]] = []


class TeamMembership:
    """The membership of one person in a team."""

    resource_type: ClassVar[str] = "team_membership"
    __slots__ = ("gid", "seed", "team", "user")

    def __init__(self, gid: str, seed: int, user: User, team: Team) -> None:
        """Create a membership."""
        self.gid, self.seed, self.user, self.team = gid, seed, user, team


def email(user: User) -> str | None:
    """Return the person's address, None for those who hide it."""
    return None if user.seed % 11 == 0 else f"person.{user.gid}@example.com"


def user_values(user: User) -> list[Nested[Value]]:
    """Return the custom field values of a person in their first organization; none for some people."""
    organizations = (
        workspace
        for workspace in user.workspaces.values()
        if workspace.organization and "custom_fields" not in workspace.missing_features
    )
    fields = next((workspace.story_targets.fields for workspace in organizations), []) if user.seed % 5 else []
    return [Nested(VALUE, Value(field, user.seed)) for field in fields[:5]]


def photo(user: User) -> Record | None:
    """Return the person's photo in each size, None for many."""
    return None if user.seed % 3 else photo_urls(user.gid)


def photo_urls(gid: str) -> Record:
    """Return the addresses of a photo in each size."""
    return {f"image_{size}": f"https://s3.example.com/{gid}_{size}.png" for size in PHOTO_SIZES}


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
        "custom_fields": user_values,
    },
)
WORKSPACE_MEMBERSHIP: Kind[WorkspaceMembership] = Kind(
    "workspace_membership",
    {
        "user": lambda m: ref(m.user),
        "workspace": lambda m: ref(m.workspace),
        "user_task_list": lambda m: TASK_LIST.compact_record(TaskList(m)),
        "is_active": lambda m: m.active,
        "is_admin": lambda m: m.admin,
        "is_guest": lambda m: m.guest,
        "is_view_only": lambda m: m.seed % 13 == 0,
        "created_at": lambda m: format_instant(m.created),
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


def access_level(bit: int) -> Callable[[Team], str]:
    """Return a field function for one access level of a team, taken from a bit of its seed."""

    def of(team: Team) -> str:
        return TEAM_ACCESS[team.seed >> bit & 1]

    return of


TEAM: Kind[Team] = Kind(
    "team",
    {
        "name": lambda t: t.name,
        "description": lambda t: t.notes,
        "html_description": lambda t: texts.html(t.notes),
        "organization": lambda t: ref(t.workspace),
        "permalink_url": lambda t: f"https://app.asana.com/0/{t.gid}/list",
        "visibility": lambda t: t.visibility,
        **{name: access_level(bit) for bit, name in enumerate(TEAM_LEVELS)},
        "team_content_management_access_level": lambda t: ("no_restriction", "only_team_admins")[t.seed >> 9 & 1],
        "endorsed": lambda t: t.seed % 4 == 0,
        "custom_field_settings": visible_settings,
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
    """The My Tasks list of one person in one workspace."""

    resource_type: ClassVar[str] = "user_task_list"

    def __init__(self, member: WorkspaceMembership) -> None:
        """Create the list of a workspace membership."""
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
