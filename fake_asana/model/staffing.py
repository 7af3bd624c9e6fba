"""Absences of people, AI teammates, and the roles of an organization."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fake_asana.model import texts
from fake_asana.model.clock import DAY_MS, format_day, format_instant
from fake_asana.model.kinds import Kind, Record, ref
from fake_asana.model.people import photo_urls
from fake_asana.model.resources import Resource
from fake_asana.model.seeded_random import SeededRandom

if TYPE_CHECKING:
    from fake_asana.model.people import User, Workspace


class Absence(Resource):
    """Days on which a person is away from a workspace."""

    resource_type: ClassVar[str] = "ooo_entry"

    def __init__(self, gid: str, seed: int, workspace: Workspace, user: User, start: int) -> None:
        """Enter up to three weeks from an instant on, by the person or by somebody else."""
        super().__init__(gid, seed, workspace)
        self.user, self.author = user, user if seed % 3 else workspace.roster[0]
        self.first, self.last = str(format_day(start)), str(format_day(start + seed % 21 * DAY_MS))


ABSENCE: Kind[Absence] = Kind(
    "ooo_entry",
    {
        "start_date": lambda a: a.first,
        "end_date": lambda a: a.last,
        "user": lambda a: ref(a.user),
        "created_by": lambda a: ref(a.author),
    },
)


class Agent(Resource):
    """An AI teammate; few have a description and guidance."""

    resource_type: ClassVar[str] = "agent"
    feature: ClassVar[str] = "agents"

    def __init__(self, gid: str, seed: int, workspace: Workspace, name: str) -> None:
        """Create a teammate."""
        super().__init__(gid, seed, workspace)
        self.name = name


AGENT: Kind[Agent] = Kind(
    "agent",
    {
        "resource_subtype": lambda _: "asana_teammate",
        "name": lambda a: a.name,
        "description": lambda a: texts.prose(SeededRandom(a.seed, 1)) or None,
        "behavior_guidance": lambda a: texts.prose(SeededRandom(a.seed, 2)) or None,
        "workspace": lambda a: ref(a.workspace),
        "photo": lambda a: photo_urls(a.gid) if a.seed % 2 else None,
    },
    compact=("resource_subtype", "name"),
)

STANDARD_ROLES = (("Guest", "guest"), ("Member", "member"), ("Admin", "admin"), ("Super admin", "super_admin"))
DELETION_POLICIES = ("all", "owned", "none")
PERMISSIONS = (
    "create_app_authorization",
    "create_pat_authorization",
    "share_goal_with_domain",
    "share_portfolios_with_org",
    "assign_roles",
    "manage_roles",
    "export_project_data",
    "download_mobile_attachments",
    "import_data",
    "create_global_custom_fields",
    "upload_attachments",
    "create_team",
    "create_and_edit_ai_automations",
    "proactive_ai",
    "standard_ai",
    "create_and_edit_ai_teammates",
    "share_teams_with_org",
    "create_goal",
    "create_project",
    "create_read_only_link",
    "create_portfolio",
    "view_public_teams",
    "view_shared_with_org_projects",
    "view_shared_with_org_tasks",
    "view_shared_with_org_portfolios",
)


class Role(Resource):
    """A role; Asana's standard roles have no creation time, and archived roles stay in the list."""

    resource_type: ClassVar[str] = "role"
    feature: ClassVar[str] = "roles"

    def __init__(  # noqa: PLR0917 - a gid and its seed, then the fields of the role
        self,
        gid: str,
        seed: int,
        workspace: Workspace,
        name: str,
        base: str,
        created: int | None = None,
    ) -> None:
        """Create a role based on a standard role; without a creation time it is a standard role itself."""
        super().__init__(gid, seed, workspace)
        self.name, self.base, self.created = name, base, created
        self.notes, self.archived = texts.prose(SeededRandom(seed, 1)), False


def permissions(role: Role) -> Record:
    """Return the permissions of the role."""
    return {
        **{name: bool(role.seed >> bit & 1) for bit, name in enumerate(PERMISSIONS)},
        "task_deletion_policy": DELETION_POLICIES[role.seed % 3],
        "allowed_guest_invites": ("all", "none")[role.seed // 3 % 2],
    }


ROLE: Kind[Role] = Kind(
    "role",
    {
        "name": lambda r: r.name,
        "description": lambda r: r.notes,
        "is_standard_role": lambda r: r.created is None,
        "creation_time": lambda r: format_instant(r.created),
        "modified_at": lambda r: format_instant(r.created),
        "base_role_type": lambda r: r.base,
        "permissions": permissions,
        "workspace": lambda r: ref(r.workspace),
    },
    compact=("name", "description", "is_standard_role"),
)
