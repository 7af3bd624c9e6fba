"""Roles that an organization gives to its people, with what each allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fake_asana.model import words
from fake_asana.model.clock import instant
from fake_asana.model.kinds import Kind, Record, ref
from fake_asana.model.resources import Resource
from fake_asana.model.seeded_random import SeededRandom

if TYPE_CHECKING:
    from fake_asana.model.people import Workspace

STANDARD = (("Guest", "guest"), ("Member", "member"), ("Admin", "admin"), ("Super admin", "super_admin"))
POLICIES = ("all", "owned", "none")
FLAGS = (
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
    """A role; Asana's own were never made by anybody, and archived ones stay in the list."""

    resource_type: ClassVar[str] = "role"
    feature: ClassVar[str] = "roles"

    def __init__(  # noqa: PLR0917 - a gid and seed in one, then what the role is
        self,
        gid: str,
        seed: int,
        workspace: Workspace,
        name: str,
        base: str,
        created: int | None = None,
    ) -> None:
        """A role that builds on a standard one, or is one where it was never made."""
        super().__init__(gid, seed, workspace)
        self.name, self.base, self.created = name, base, created
        self.notes, self.archived = words.prose(SeededRandom(seed, 1)), False


def permissions(role: Role) -> Record:
    """What the role allows."""
    return {
        **{name: bool(role.seed >> bit & 1) for bit, name in enumerate(FLAGS)},
        "task_deletion_policy": POLICIES[role.seed % 3],
        "allowed_guest_invites": ("all", "none")[role.seed // 3 % 2],
    }


ROLE: Kind[Role] = Kind(
    "role",
    {
        "name": lambda r: r.name,
        "description": lambda r: r.notes,
        "is_standard_role": lambda r: r.created is None,
        "creation_time": lambda r: instant(r.created),
        "modified_at": lambda r: instant(r.created),
        "base_role_type": lambda r: r.base,
        "permissions": permissions,
        "workspace": lambda r: ref(r.workspace),
    },
    compact=("name", "description", "is_standard_role"),
)
