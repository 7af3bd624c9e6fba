"""A request matched to a route, with its viewer and the rows it names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

from fake_asana.messages import ApiError
from fake_asana.model import clock
from fake_asana.model.access import UNAUTHORIZED
from fake_asana.model.resources import Resource
from fake_asana.model.tasks import Task
from fake_asana.server.paging import Listing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fake_asana.model.access import Viewer
    from fake_asana.model.dialect import Dialect
    from fake_asana.model.kinds import Kind, Row
    from fake_asana.model.people import User, Workspace
    from fake_asana.model.projects import Project
    from fake_asana.model.resources import Collection
    from fake_asana.server.limits import Limits
    from fake_asana.world import World

DENIALS = {
    401: UNAUTHORIZED,
    402: "Payment Required",
    403: "Forbidden: You do not have access to this {kind}.",
    404: "Not Found",
}
SERVICE_ONLY = "Forbidden: Only service accounts of the organization may do this."
FEATURE_MISSING = "{feature} is only available to premium users."


@dataclass(frozen=True)
class Call:
    """One request matched to a route; `params` are the gids of its path, `files_url` is the host of files."""

    world: World
    viewer: Viewer
    limits: Limits
    dialect: Dialect
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes = b""
    files_url: str = ""

    def find(self, kind: str, rows: Mapping[str, Any], gid: str) -> Any:  # noqa: ANN401 - a row of the kind asked for
        """Return the row with this gid.

        Raises ApiError 400 if the gid is malformed, 404 if there is no such row, 402 if the plan does not have the
        feature, 401, 402, 403 or 404 if access is denied.
        """
        if not gid.isdigit():
            raise ApiError(400, f"{kind}: Not a recognized ID: {gid}")
        status = self.world.access.denied_status(self.viewer, gid)
        if status:
            raise ApiError(status, DENIALS.get(status, "Forbidden").format(kind=kind))
        row = rows.get(gid)
        trashed = self.dialect.refusals.trashed
        if row is None and trashed != HTTPStatus.NOT_FOUND and kind == "task" and gid in self.world.trash.tasks:
            raise ApiError(trashed, DENIALS.get(trashed, "Gone").format(kind=kind))
        if row is None or self._is_too_new(row):
            raise ApiError(404, f"{kind}: Unknown object: {gid}")
        workspace = getattr(row, "workspace", None)
        if workspace is not None and workspace.gid in self.viewer.disabled_workspaces:
            raise ApiError(401, UNAUTHORIZED)
        if isinstance(row, Resource):
            self.require_feature(row.workspace, row.feature)
        if not self.viewer.sees(row):
            raise ApiError(403, DENIALS[403].format(kind=kind))
        return row

    def _is_too_new(self, row: object) -> bool:
        """Return True for a task that answers no request for its gid yet."""
        seconds = self.dialect.freshness.late_gids
        return bool(seconds) and isinstance(row, Task) and row.created > self.world.now() - seconds * clock.SECOND_MS

    def require(self, name: str) -> str:
        """Return a parameter of the query; ApiError 400 if it is missing."""
        if name not in self.query:
            raise ApiError(400, f"{name}: Missing input")
        return self.query[name]

    def workspace(self, gid: str | None = None) -> Workspace:
        """Return the workspace named by gid, path or query; by default the token's only one.

        Raises ApiError 400 if none is named and the token has several, 403 if it is not the token's.
        """
        gid = gid or self.params.get("workspace_gid") or self.query.get("workspace")
        if gid is None and len(self.viewer.workspaces) > 1:
            raise ApiError(400, "workspace: Missing input. The token has several workspaces, so one must be named.")
        workspace: Workspace = self.find("workspace", self.world.workspaces, gid or self.viewer.workspaces[0])
        if workspace.gid not in self.viewer.workspaces:
            raise ApiError(403, DENIALS[403].format(kind="workspace"))
        return workspace

    def require_feature(self, workspace: Workspace, feature: str) -> None:
        """Raise ApiError 402 if the workspace's plan does not have the feature."""
        if feature in workspace.missing_features:
            raise ApiError(402, FEATURE_MISSING.format(feature=feature.replace("_", " ").capitalize()))

    def service_workspace(self, feature: str) -> Workspace:
        """Return the workspace of the path; ApiError 403 unless a service account asks, 402 without the feature."""
        workspace = self.workspace()
        self.require_service_account(workspace, feature)
        return workspace

    def require_service_account(self, workspace: Workspace, feature: str) -> None:
        """Raise ApiError 403 unless a service account asks, 402 if the plan does not have the feature."""
        if not self.viewer.service:
            raise ApiError(403, SERVICE_ONLY)
        self.require_feature(workspace, feature)

    def project(self, gid: str) -> Project:
        """Return a visible project."""
        project: Project = self.find("project", self.world.projects, gid)
        return project

    def task(self, gid: str) -> Task:
        """Return a visible task."""
        task: Task = self.find("task", self.world.tasks, gid)
        return task

    def user(self, gid: str) -> User:
        """Return a user by gid, or the token's own for `me`."""
        if gid == "me" and self.viewer.user:
            return self.viewer.user
        user: User = self.find("user", self.world.users, gid)
        return user

    def instant(self, name: str) -> int | None:
        """Return an instant of the query in milliseconds; ApiError 400 if it is unreadable."""
        text = self.query.get(name)
        if text is None:
            return None
        if text == "now":
            return self.world.now()
        try:
            return clock.parse_milliseconds(text)
        except ValueError:
            raise ApiError(400, f"{name}: Not a valid date-time: {text}") from None

    def flag(self, name: str) -> bool | None:
        """Return a boolean of the query, None if it is missing."""
        text = self.query.get(name)
        return None if text is None else text.lower() == "true"


Answer = Callable[[Call], "Listing | Row | dict[str, object]"]


@dataclass(frozen=True)
class Route:
    """One operation: its documented template, its kind, and a function for its rows.

    `paging` is `pages` (limit and offset), `none` (never paged) or `one` (a single record). A list shows compact
    records unless it is `full`; with `fixed` it ignores opt_fields. `rate_limit` names a limit in addition to the
    general one; `status` is that of success. `unlisted` names undocumented fields of the kind; the dialect decides
    whether they are returned.
    """

    template: str
    kind: Kind[Any]
    answer: Answer
    paging: Literal["pages", "none", "one"] = "pages"
    full: bool = False
    fixed: bool = False
    rate_limit: str | None = None
    status: int = 200
    unlisted: frozenset[str] = frozenset()


PickCollection = Callable[["World"], "Collection[Any]"]


def list_in_workspace(pick: PickCollection, feature: str = "") -> Answer:
    """Return a function for the rows of a workspace whose plan has the feature."""

    def answer(call: Call) -> Listing:
        workspace = call.workspace()
        call.require_feature(workspace, feature)
        return Listing.sorted(pick(call.world).of(workspace))

    return answer


def list_in_project(pick: PickCollection, name: str, feature: str = "") -> Answer:
    """Return a function for the rows of the project in a parameter; ApiError 400 without it."""

    def answer(call: Call) -> Listing:
        project = call.project(call.require(name))
        call.require_feature(project.workspace, feature)
        return Listing.sorted(pick(call.world).of(project))

    return answer
