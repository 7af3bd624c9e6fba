"""A request on its way through the server: who asks, what for, and the rows it names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from fake_asana.messages import ApiError
from fake_asana.model import clock
from fake_asana.model.access import UNAUTHORIZED
from fake_asana.model.resources import Resource
from fake_asana.server.paging import Listing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fake_asana.model.access import Viewer
    from fake_asana.model.dialect import Dialect
    from fake_asana.model.kinds import Kind, Row
    from fake_asana.model.people import User, Workspace
    from fake_asana.model.projects import Project
    from fake_asana.model.resources import Collection
    from fake_asana.model.tasks import Task
    from fake_asana.server.limits import Limits
    from fake_asana.world import World

FORBIDDEN = {
    401: UNAUTHORIZED,
    402: "Payment Required",
    403: "Forbidden: You do not have access to this {kind}.",
    404: "Not Found",
}
SERVICE_ONLY = "Forbidden: Only service accounts of the organization may do this."
PAID = "{feature} is only available to premium users."


@dataclass(frozen=True)
class Call:
    """One request, matched to a route: its path's gids, its query, and who asks; `files_url` is the host of files."""

    world: World
    viewer: Viewer
    limits: Limits
    dialect: Dialect
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes = b""
    files_url: str = ""

    def find(self, kind: str, rows: Mapping[str, Any], gid: str) -> Any:  # noqa: ANN401 - a row of the kind asked for
        """The row with this gid; ApiError 400, 402, 403 or 404 when it is malformed, paid for, denied or not there."""
        if not gid.isdigit():
            raise ApiError(400, f"{kind}: Not a recognized ID: {gid}")
        status = self.world.access.denial(self.viewer, gid)
        if status:
            raise ApiError(status, FORBIDDEN.get(status, "Forbidden").format(kind=kind))
        row = rows.get(gid)
        if row is None:
            raise ApiError(404, f"{kind}: Unknown object: {gid}")
        place = getattr(row, "workspace", None)
        if place is not None and place.gid in self.viewer.disabled:
            raise ApiError(401, UNAUTHORIZED)
        if isinstance(row, Resource):
            self.paid(row.workspace, row.feature)
        if not self.viewer.sees(row):
            raise ApiError(403, FORBIDDEN[403].format(kind=kind))
        return row

    def needed(self, name: str) -> str:
        """A parameter of the query; ApiError 400 when it is missing."""
        if name not in self.query:
            raise ApiError(400, f"{name}: Missing input")
        return self.query[name]

    def workspace(self, gid: str | None = None) -> Workspace:
        """The workspace of a gid, of the path, or of the query; the only one of the token when none is named.

        ApiError 400 when none is named and the token has several, 403 when it is not the token's.
        """
        gid = gid or self.params.get("workspace_gid") or self.query.get("workspace")
        if gid is None and len(self.viewer.workspaces) > 1:
            raise ApiError(400, "workspace: Missing input. The token has several workspaces, so one must be named.")
        found: Workspace = self.find("workspace", self.world.workspaces, gid or self.viewer.workspaces[0])
        if found.gid not in self.viewer.workspaces:
            raise ApiError(403, FORBIDDEN[403].format(kind="workspace"))
        return found

    def paid(self, workspace: Workspace, feature: str) -> None:
        """ApiError 402 when the workspace's plan has no such feature."""
        if feature in workspace.lacks:
            raise ApiError(402, PAID.format(feature=feature.replace("_", " ").capitalize()))

    def served(self, feature: str) -> Workspace:
        """The workspace of the path, for its service account; ApiError 403 for others, 402 where the plan lacks it."""
        workspace = self.workspace()
        self.official(workspace, feature)
        return workspace

    def official(self, workspace: Workspace, feature: str) -> None:
        """ApiError 403 for everybody but a service account, 402 when the workspace's plan has no such feature."""
        if not self.viewer.service:
            raise ApiError(403, SERVICE_ONLY)
        self.paid(workspace, feature)

    def project(self, gid: str) -> Project:
        """A project that the token sees."""
        found: Project = self.find("project", self.world.projects, gid)
        return found

    def task(self, gid: str) -> Task:
        """A task that the token sees."""
        found: Task = self.find("task", self.world.tasks, gid)
        return found

    def user(self, gid: str) -> User:
        """A user by gid, or the token's own as `me`."""
        if gid == "me" and self.viewer.user:
            return self.viewer.user
        found: User = self.find("user", self.world.users, gid)
        return found

    def since(self, name: str) -> int | None:
        """An instant of the query in milliseconds; ApiError 400 when it is unreadable."""
        text = self.query.get(name)
        if text is None:
            return None
        if text == "now":
            return self.world.now()
        try:
            return clock.parse(text)
        except ValueError:
            raise ApiError(400, f"{name}: Not a valid date-time: {text}") from None

    def flag(self, name: str) -> bool | None:
        """A boolean of the query, None when it is not given."""
        text = self.query.get(name)
        return None if text is None else text.lower() == "true"


Answer = Callable[[Call], "Listing | Row | dict[str, object]"]


@dataclass(frozen=True)
class Route:
    """One operation: its template as Asana documents it, its kind, and the rows it answers.

    `paging` is `pages` (limit and offset), `whole` (never paged) or `one` (a single record).
    A list shows compact records unless `full`, and does so whatever opt_fields ask for when `fixed`.
    `budget` names the allowance that it spends beside the general one; `status` is that of a good answer.
    `unlisted` names fields of the kind that the operation does not document; they come where the dialect says so.
    """

    template: str
    kind: Kind[Any]
    answer: Answer
    paging: Literal["pages", "whole", "one"] = "pages"
    full: bool = False
    fixed: bool = False
    budget: str | None = None
    status: int = 200
    unlisted: frozenset[str] = frozenset()


Pick = Callable[["World"], "Collection[Any]"]


def of_workspace(pick: Pick, feature: str = "") -> Answer:
    """What hangs from a workspace whose plan has the feature."""

    def answer(call: Call) -> Listing:
        workspace = call.workspace()
        call.paid(workspace, feature)
        return Listing.sorted(pick(call.world).of(workspace))

    return answer


def of_project(pick: Pick, name: str, feature: str = "") -> Answer:
    """What hangs from the project that a parameter names; ApiError 400 without it."""

    def answer(call: Call) -> Listing:
        project = call.project(call.needed(name))
        call.paid(project.workspace, feature)
        return Listing.sorted(pick(call.world).of(project))

    return answer
