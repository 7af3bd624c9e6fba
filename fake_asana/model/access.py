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
ACCOUNT = "1190000000000001"
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
    blind: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    denied: dict[str, int] = field(default_factory=dict)
    account: User | None = None
    unscoped: set[str] = field(default_factory=set)
    disabled: set[str] = field(default_factory=set)

    def sees(self, row: object) -> bool:
        """Whether a row shows in lists and can be asked for."""
        if isinstance(row, Task):
            return self.sees_task(row)
        if isinstance(row, Resource):
            return row.seen_by(self)
        if isinstance(row, (Project, Team)):
            return row.gid not in self.blind and row.workspace.gid in self.workspaces
        if isinstance(row, (Section, Brief, CustomField, Setting)):
            return self.sees_part(row)
        return True

    def sees_part(self, row: Section | Brief | CustomField | Setting) -> bool:
        """A part shows where what it belongs to does; a field on something, where the plan has fields."""
        if isinstance(row, CustomField):
            return row.owner is None or self.reaches(row.owner)
        if isinstance(row, Setting):
            return "custom_fields" not in row.field.workspace.lacks and self.reaches(row.parent)
        return row.project is not None and self.reaches(row.project)

    def reaches(self, holder: Row) -> bool:
        """Whether what hangs from something shows: it is seen, and was not deleted."""
        return holder.gid not in self.gone and self.sees(holder)

    def sees_task(self, task: Task) -> bool:
        """A task shows when one of its projects does; without projects, when its parent does."""
        if task.workspace.gid not in self.workspaces:
            return False
        if task.sections:
            return any(project.gid not in self.blind for project in task.projects())
        return task.parent is None or self.sees_task(task.parent)


class Access:
    """Every token of a world, and the gids that are denied whoever asks."""

    def __init__(self, state: State) -> None:
        """A person who sees all that was shared, and the service account of the first organization."""
        me, everywhere = next(iter(state.users.values())), list(state.workspaces)
        self.viewers = {
            PERSON: Viewer(me, everywhere, blind=state.hidden, gone=state.gone),
            SERVICE: Viewer(None, everywhere[:1], service=True, gone=state.gone, account=User(ACCOUNT, 0)),
        }
        self.gone = state.gone
        self.denied: dict[str, int] = {}
        self.owners_named = 0
        self.names_asked = False

    def ask_for_owners(self, status: int = 400) -> None:
        """Refuse a person's list of portfolios that does not say whose, with 400 or 403; the real API may do so."""
        self.owners_named = status

    def ask_for_names(self) -> None:
        """Refuse a service account that calls itself `me`; the real API may do so or not."""
        self.names_asked = True

    def add(self, token: str, workspaces: list[Workspace], *, user: User | None = None) -> Viewer:
        """A further token, for a person who belongs to these workspaces."""
        found = self.viewers[token] = Viewer(user, [workspace.gid for workspace in workspaces], gone=self.gone)
        return found

    def deny(self, gid: str, status: int = 403, token: str | None = None) -> None:
        """Answer this status to whoever asks for the gid or lists what is under it."""
        (self.viewers[token].denied if token else self.denied)[gid] = status

    def denial(self, viewer: Viewer, gid: str) -> int | None:
        """The status with which a gid is denied to somebody."""
        if gid in viewer.disabled:
            return 401
        return viewer.denied.get(gid, self.denied.get(gid))
