"""Access: the tokens of a world, the rows that each token sees, and the denied requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fake_asana.model.custom_fields import CustomField, Setting
from fake_asana.model.people import Team, User
from fake_asana.model.projects import Brief, Project, Section
from fake_asana.model.resources import Resource
from fake_asana.model.tasks import Task

if TYPE_CHECKING:
    from fake_asana.model.kinds import Row
    from fake_asana.model.people import Workspace
    from fake_asana.model.state import State

UNAUTHORIZED = "Not Authorized"
PERSON = "0/fake"
SERVICE = "0/service"
SERVICE_USER_GID = "1190000000000001"
"""The gid of the service account's own user."""


@dataclass
class Viewer:
    """The user behind a token: a person, or the service account of one organization."""

    user: User | None
    workspaces: list[str]
    """Gids of the token's workspaces."""

    service: bool = False
    hidden_projects: set[str] = field(default_factory=set)
    """Gids of projects invisible to the token."""

    deleted: set[str] = field(default_factory=set)
    """Gids of deleted rows with rows below them."""

    denied_statuses: dict[str, int] = field(default_factory=dict)
    """Status of each gid denied to this token."""

    account: User | None = None
    """The user of a service account, returned for `me`."""

    unscoped_templates: set[str] = field(default_factory=set)
    """Templates of the routes outside the app's scopes."""

    disabled_workspaces: set[str] = field(default_factory=set)
    """Gids of workspaces with the app disabled: requests for their rows are answered like those of a bad token."""

    def sees(self, row: object) -> bool:
        """Return True if a row is listed and can be requested."""
        if isinstance(row, Task):
            return self.sees_task(row)
        if isinstance(row, Resource):
            return row.is_visible_to(self)
        if isinstance(row, (Project, Team)):
            return row.gid not in self.hidden_projects and row.workspace.gid in self.workspaces
        if isinstance(row, (Section, Brief, CustomField, Setting)):
            return self.sees_part(row)
        return True

    def sees_part(self, row: Section | Brief | CustomField | Setting) -> bool:
        """Return True if the owner of a part is visible; a setting also needs a plan with custom fields."""
        if isinstance(row, CustomField):
            return row.owner is None or self.reaches(row.owner)
        if isinstance(row, Setting):
            return "custom_fields" not in row.field.workspace.missing_features and self.reaches(row.parent)
        return row.project is not None and self.reaches(row.project)

    def reaches(self, holder: Row) -> bool:
        """Return True if a holder is visible and not deleted, so that rows below it can be visible too."""
        return holder.gid not in self.deleted and self.sees(holder)

    def sees_task(self, task: Task) -> bool:
        """Return True if one of the task's projects is visible; for a task without projects, if its parent is."""
        if task.workspace.gid not in self.workspaces:
            return False
        if task.sections:
            return any(project.gid not in self.hidden_projects for project in task.projects())
        return task.parent is None or self.sees_task(task.parent)


class Access:
    """The tokens of a world, and the gids denied to every token."""

    def __init__(self, state: State) -> None:
        """Create a person who sees every shared project, and the service account of the first organization."""
        user, workspaces = next(iter(state.users.values())), list(state.workspaces)
        self.viewers = {
            PERSON: Viewer(user, workspaces, hidden_projects=state.hidden_projects, deleted=state.deleted),
            SERVICE: Viewer(
                None, workspaces[:1], service=True, deleted=state.deleted, account=User(SERVICE_USER_GID, 0)
            ),
        }
        self.deleted = state.deleted
        self.denied_statuses: dict[str, int] = {}

    def add(self, token: str, workspaces: list[Workspace], *, user: User | None = None) -> Viewer:
        """Add a token for a person who belongs to these workspaces."""
        viewer = self.viewers[token] = Viewer(user, [workspace.gid for workspace in workspaces], deleted=self.deleted)
        return viewer

    def deny(self, gid: str, status: int = 403, token: str | None = None) -> None:
        """Answer this status to requests for the gid and for lists below it: to one token, or to all."""
        (self.viewers[token].denied_statuses if token else self.denied_statuses)[gid] = status

    def denied_status(self, viewer: Viewer, gid: str) -> int | None:
        """Return the status with which a gid is denied to a viewer, None if it is not."""
        if gid in viewer.disabled_workspaces:
            return 401
        return viewer.denied_statuses.get(gid, self.denied_statuses.get(gid))
