"""The directory of a run: its workspaces and the parents in them; each list is fetched once."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from http import HTTPStatus

from tap_asana.api.client import AsanaClient
from tap_asana.api.decoding import Record, rows_with_gid
from tap_asana.api.protocol import Unavailable
from tap_asana.api.request import UNLOCKS_LISTS, Page, Request, more_severe
from tap_asana.errors import AsanaError, FatalResponseError
from tap_asana.fetch.fetcher import Fetcher
from tap_asana.fetch.lane import WorkItem
from tap_asana.fetch.scheduler import FetchScheduler
from tap_asana.parents import splitting
from tap_asana.parents.archived_projects import ArchivedProjects
from tap_asana.parents.hints import BRIEF_HINT, PROJECT_PATH, ChildHints
from tap_asana.parents.kinds import (
    BY_GID,
    ORGANIZATIONS_ONLY,
    PARENT_FIELDS,
    PARENT_LISTS,
    SHARED_PORTFOLIOS_PATH,
    UNPAGED_PATHS,
    Parent,
    PersonOrder,
    Workspace,
    attributes_of,
    list_kind,
    parent_kind,
)
from tap_asana.parents.token_views import require_same_workspaces

logger = logging.getLogger(__name__)

STOP_ON_EMPTY_PAGE = "/audit_log_events"
"""Each page of this list names a next one; the list ends with an empty page."""

FALLBACK_PARAMS: Mapping[str, Mapping[str, str]] = {"/portfolios": {"owner": "me"}}
"""Parameters to add after a refusal: whether a person may list portfolios without an owner is not documented."""


class ParentDirectory:
    """The parents of a run, and the requests for their children.

    A stream that reads a list of parents anyway passes them to `store`, so that it is not fetched twice.
    """

    def __init__(
        self,
        client: AsanaClient,
        fetcher: Fetcher,
        selected_gids: Iterable[str],
        *,
        include_archived: bool,
        person_order: PersonOrder = BY_GID,
    ) -> None:
        """Fetch nothing yet; `selected_gids` are the setting `workspaces`."""
        self.person_order = person_order
        self._client = client
        self._fetcher = fetcher
        self._selected_gids = tuple(selected_gids)
        self.include_archived = include_archived
        self._workspaces: tuple[Workspace, ...] | None = None
        self._loaded: dict[tuple[str, str], dict[str, Parent]] = {}
        self._unavailable: dict[tuple[str, str], Page] = {}
        self._truncated_workspaces: set[str] = set()
        self._archived_projects = ArchivedProjects()
        self.hints = ChildHints(self.pages, client.metrics.record_lost_rows)

    @property
    def workspaces(self) -> tuple[Workspace, ...]:
        """Return the workspaces to read, in the order of their gids (`GET /workspaces`)."""
        if self._workspaces is None:
            return self.store_workspaces(self.list_workspaces("workspaces", PARENT_FIELDS["workspace"]))
        return self._workspaces

    def list_workspaces(self, stream: str, fields: Iterable[str]) -> Iterator[Record]:
        """Yield all workspaces of the token, selected or not; if the list is unavailable, the run ends."""
        params = {"opt_fields": ",".join(dict.fromkeys(fields))}
        request = Request(stream, "/workspaces", params, limit=self.page_size, is_root=True, numeric_gids=True)
        return (record for page in self.pages([request]) for record in page.records)

    def store_workspaces(self, records: Iterable[Record]) -> tuple[Workspace, ...]:
        """Keep the selected ones of the token's workspaces; raise AsanaError if a selected one is not among them."""
        # A workspace that does not say what it is may be an organization.
        visible = {
            record["gid"]: Workspace(record["gid"], record.get("is_organization") is not False) for record in records
        }
        if not visible:
            raise FatalResponseError("The token sees no workspace; nothing can be read")
        if unknown := [gid for gid in self._selected_gids if gid not in visible]:
            expected = ", ".join(sorted(visible))
            raise AsanaError(f"workspaces: got {', '.join(unknown)}; expected those that the token sees: {expected}.")
        require_same_workspaces(self._client, self.pages, self._selected_gids, visible)
        selected = (visible[gid] for gid in self._selected_gids or visible)
        self._workspaces = tuple(sorted(selected, key=lambda workspace: int(workspace.gid)))
        return self._workspaces

    @property
    def number_loaded(self) -> int:
        """Return the number of lists loaded so far."""
        return len(self._loaded)

    @property
    def page_size(self) -> int:
        """Return the number of rows to request per page."""
        return self._client.connection.page_size

    def parents(self, kind: str, workspace: Workspace) -> list[Parent]:
        """Return a workspace's parents of a kind in reading order; fetch their lists unless they are loaded."""
        if kind == "workspace":
            return [Parent(workspace.gid, {})]
        if kind in ORGANIZATIONS_ONLY and not workspace.is_organization:
            return []
        if kind == "project_brief":
            return self._briefs(workspace)
        if kind == "shared_portfolio":
            return self._shared_portfolios(workspace)
        parents: dict[str, Parent] = {}
        for path in PARENT_LISTS[kind]:
            if (path, workspace.gid) not in self._loaded:
                self._fetch(kind, path, workspace)
            parents.update(self._loaded[path, workspace.gid])
        return _in_order(parents.values())

    def read_list(self, request: Request) -> tuple[list[Record], Page | None]:
        """Return the rows of a list, and the page that explains why rows are missing, or None."""
        rows: list[Record] = []
        refusal: Page | None = None
        for page in self.pages([request]):
            rows.extend(page.records)
            refusal = more_severe(refusal, page)
        return rows, refusal

    def is_loaded(self, kind: str, workspace: Workspace) -> bool:
        """Return whether the parents of a kind are known without a request."""
        if kind == "project_brief":
            return self.is_loaded("project", workspace)
        if kind == "workspace" or (kind in ORGANIZATIONS_ONLY and not workspace.is_organization):
            return True
        return kind in PARENT_LISTS and all((path, workspace.gid) in self._loaded for path in PARENT_LISTS[kind])

    def _fetch(self, kind: str, path: str, workspace: Workspace) -> None:
        rows: list[Record] = []
        refusal: Page | None = None
        for parent in self.parents(parent_kind(path), workspace):
            keys = {f"{parent_kind(path)}_gid": parent.gid}
            for page in self.pages([self.parent_request(kind, path, keys, workspace)]):
                rows.extend(page.records)
                refusal = more_severe(refusal, page)
        self.store(kind, path, workspace, rows, refusal)

    def parent_request(self, kind: str, path: str, keys: Mapping[str, str], workspace: Workspace) -> Request:
        """Return the request for a list of parents that no stream reads."""
        return self.build_request(f"{kind}s", path, keys, PARENT_FIELDS.get(kind, ()), workspace)

    def store(
        self, kind: str, path: str, workspace: Workspace, records: Iterable[Record], refusal: Page | None
    ) -> None:
        """Keep the parents of a list; `refusal` is the page that explains why some are missing."""
        rank = self.person_order.sort_key if kind == "user" else int
        parents = (Parent(record["gid"], attributes_of(kind, record), rank(record["gid"])) for record in records)
        self._loaded[path, workspace.gid] = {parent.gid: parent for parent in parents}
        if refusal is not None:
            self._keep_refusal(kind, workspace, refusal)

    def _keep_refusal(self, kind: str, workspace: Workspace, refusal: Page) -> None:
        """Keep the most severe reason for missing parents of a kind."""
        earlier_refusal = self._unavailable.get((kind, workspace.gid))
        self._unavailable[kind, workspace.gid] = more_severe(earlier_refusal, refusal) or refusal

    def unavailable_reason(self, kind: str, workspace: Workspace) -> Page | None:
        """Return the page that explains why parents of a kind are missing, after they were fetched; else None."""
        return self._unavailable.get((kind, workspace.gid))

    def _briefs(self, workspace: Workspace) -> list[Parent]:
        """Return the project briefs."""

        def request(project: Parent) -> Request:
            keys = {"project_gid": project.gid}
            return self.build_request("project_briefs", PROJECT_PATH, keys, (BRIEF_HINT,), workspace)

        briefs, refusal = self.hints.briefs(self.parents("project", workspace), workspace, request)
        for page in filter(None, (refusal, self.unavailable_reason("project", workspace))):
            self._keep_refusal("project_brief", workspace, page)
        return _in_order(Parent(brief["gid"], {}) for brief in rows_with_gid(list(briefs), numeric=True)[0])

    def _shared_portfolios(self, workspace: Workspace) -> list[Parent]:
        """Return the portfolios shared with the token's user, which the list of portfolios does not contain."""
        path, *_ = PARENT_LISTS["portfolio"]
        if (path, workspace.gid) not in self._loaded:
            self._fetch("portfolio", path, workspace)
        own_portfolios, refusal = self._loaded[path, workspace.gid], self._unavailable.get(("portfolio", workspace.gid))
        if refusal and refusal.is_not_in_plan:
            return []
        rows, other_refusal = self.read_list(
            self.build_request("portfolios", SHARED_PORTFOLIOS_PATH, {}, ["portfolio"], workspace)
        )
        if other_refusal is not None:
            for kind in ("portfolio", "shared_portfolio"):
                self._keep_refusal(kind, workspace, other_refusal)
        portfolios, _ = rows_with_gid([row.get("portfolio") for row in rows], numeric=True)
        shared_gids = {portfolio["gid"] for portfolio in portfolios} - set(own_portfolios)
        return _in_order(Parent(gid, {}) for gid in shared_gids)

    def build_request(
        self, stream: str, path: str, keys: Mapping[str, str], fields: Iterable[str], workspace: Workspace
    ) -> Request:
        """Return the request for a path, with `keys` in its placeholders and its query as parameters."""
        keys = {**keys, "workspace_gid": workspace.gid}
        bare_path, _, query = path.format(**keys).partition("?")
        params = dict(part.split("=", 1) for part in query.split("&") if part)
        if bare_path == "/projects" and not self.include_archived:
            params["archived"] = "false"
        if opt_fields := ",".join(fields):
            params["opt_fields"] = opt_fields
        is_single = path.partition("?")[0].endswith("_gid}")
        limit = None if is_single or bare_path in UNPAGED_PATHS else self.page_size
        return Request(
            *(stream, bare_path, params, keys, workspace.gid, path, limit),
            stop_on_empty_page=bare_path.endswith(STOP_ON_EMPTY_PAGE),
            redact_gid=self.person_order.redact_gid,
            fallback_params=FALLBACK_PARAMS.get(bare_path),
            numeric_gids=list_kind(path) is not None,
            urgency=UNLOCKS_LISTS if list_kind(path) is not None else 0,
        )

    def pages(self, requests: Iterable[Request]) -> Iterator[Page]:
        """Yield the pages of lists; truncated lists are split."""
        return self.resolved_pages(self._fetcher.read([WorkItem((0,), list(requests))]))

    def resolved_pages(self, scheduler: FetchScheduler) -> Iterator[Page]:
        """Yield the pages of a scheduler; truncated lists are split, and truncated lists of children are skipped."""
        for page in scheduler:
            if page.request.parent_keys.keys() - {"workspace_gid"}:
                yield self.skip_truncated(page)
                continue
            filtered_page, parts = self.split_truncated(page)
            scheduler.add_requests([*parts, *self._archived_projects.requests_after(page)])
            yield filtered_page

    def requests_after(self, page: Page) -> list[Request]:
        """Return the request that follows a page, which is not truncated, in the read of its list; none at the end."""
        following = [] if page.next_request is None else [page.next_request]
        return [*following, *self._archived_projects.requests_after(page)]

    def split_truncated(self, page: Page) -> tuple[Page, list[Request]]:
        """Return a page with only the requested records, and requests for the parts of its list if it is truncated.

        If the list cannot be split, or the parts cannot or may not contain the rest, the page is unavailable.
        """
        try:
            splitting.require_search(page)
            parts = (
                splitting.split_list(page, lambda request: self._read_parts(page, request)) if page.truncated else []
            )
        except splitting.UnsplittableError as error:
            return self._skip_rest(page, f"{error}"), []
        except splitting.IncompletePartsError as error:
            return self.skip_truncated(page), error.parts
        return splitting.apply_client_filter(page), parts

    def skip_truncated(self, page: Page) -> Page:
        """Return a truncated page as unavailable, and count it as skipped; other pages are unchanged."""
        if not page.truncated:
            return page
        unavailable = Unavailable(HTTPStatus.BAD_REQUEST, "the list is truncated")
        self._client.metrics.record_skip(page.request, unavailable)
        return replace(page, unavailable=unavailable)

    def _read_parts(self, page: Page, request: Request) -> list[Record]:
        rows, refusal = self.read_list(request)
        if refusal is not None:
            raise splitting.UnsplittableError(
                f"Asana truncates {page.request.description}, and refuses {request.description}"
            )
        return rows

    def _skip_rest(self, page: Page, reason: str) -> Page:
        """Return a page as unavailable but with its records; a list of projects is counted and logged only once."""
        if page.request.client_filter is None:
            return self.skip_truncated(page)
        request, unavailable = splitting.truncated_list(page.request), Unavailable(HTTPStatus.BAD_REQUEST, reason)
        if request.workspace not in self._truncated_workspaces:
            self._truncated_workspaces.add(request.workspace)
            self._client.metrics.record_skip(request, unavailable, warn=False)
            logger.warning(
                "%s: Asana truncates the projects of workspace %s, and the rest cannot be read: %s",
                *(request.stream, request.workspace, reason),
            )
        return replace(splitting.apply_client_filter(page), request=request, unavailable=unavailable, truncated=False)


def _in_order(parents: Iterable[Parent]) -> list[Parent]:
    return sorted(parents, key=lambda parent: parent.sort_key)
