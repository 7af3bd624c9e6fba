"""Who asks: tokens, what each may see, and what it is told it may not."""

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
    """The one behind a token: a person, or the service account of one organization.

    `workspaces` are the gids it belongs to, `blind` the gids of projects it does not see, `gone`
    those of what was deleted, and `denied` the gids that are answered with a status of their own. A service account
    is told of itself as an `account`. An app lacks the scopes of the templates in `unscoped`, and the workspaces in
    `disabled` have it disabled: all that is in them is answered as if the token were bad.
    """

    user: User | None
    workspaces: list[str]
    service: bool = False
    hidden_projects: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    denied_statuses: dict[str, int] = field(default_factory=dict)
    account: User | None = None
    unscoped_templates: set[str] = field(default_factory=set)
    disabled_workspaces: set[str] = field(default_factory=set)

    def sees(self, row: object) -> bool:
        """Whether a row shows in lists and can be asked for."""
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
        """A part shows where what it belongs to does; a field on something, where the plan has fields."""
        if isinstance(row, CustomField):
            return row.owner is None or self.reaches(row.owner)
        if isinstance(row, Setting):
            return "custom_fields" not in row.field.workspace.missing_features and self.reaches(row.parent)
        return row.project is not None and self.reaches(row.project)

    def reaches(self, holder: Row) -> bool:
        """Whether what hangs from something shows: it is seen, and was not deleted."""
        return holder.gid not in self.deleted and self.sees(holder)

    def sees_task(self, task: Task) -> bool:
        """A task shows when one of its projects does; without projects, when its parent does."""
        if task.workspace.gid not in self.workspaces:
            return False
        if task.sections:
            return any(project.gid not in self.hidden_projects for project in task.projects())
        return task.parent is None or self.sees_task(task.parent)


class Access:
    """Every token of a world, and the gids that are denied whoever asks."""

    def __init__(self, state: State) -> None:
        """A person who sees all that was shared, and the service account of the first organization."""
        me, everywhere = next(iter(state.users.values())), list(state.workspaces)
        self.viewers = {
            PERSON: Viewer(me, everywhere, hidden_projects=state.hidden_projects, deleted=state.deleted),
            SERVICE: Viewer(
                None, everywhere[:1], service=True, deleted=state.deleted, account=User(SERVICE_USER_GID, 0)
            ),
        }
        self.deleted = state.deleted
        self.denied_statuses: dict[str, int] = {}
        self.missing_owner_status = 0
        self.refuses_me = False

    def require_owner(self, status: int = 400) -> None:
        """Refuse a person's list of portfolios that does not say whose, with 400 or 403; the real API may do so."""
        self.missing_owner_status = status

    def refuse_me(self) -> None:
        """Refuse a service account that calls itself `me`; the real API may do so or not."""
        self.refuses_me = True

    def add(self, token: str, workspaces: list[Workspace], *, user: User | None = None) -> Viewer:
        """A further token, for a person who belongs to these workspaces."""
        viewer = self.viewers[token] = Viewer(user, [workspace.gid for workspace in workspaces], deleted=self.deleted)
        return viewer

    def deny(self, gid: str, status: int = 403, token: str | None = None) -> None:
        """Answer this status to whoever asks for the gid or lists what is under it."""
        (self.viewers[token].denied_statuses if token else self.denied_statuses)[gid] = status

    def denied_status(self, viewer: Viewer, gid: str) -> int | None:
        """The status with which a gid is denied to somebody."""
        if gid in viewer.disabled_workspaces:
            return 401
        return viewer.denied_statuses.get(gid, self.denied_statuses.get(gid))
