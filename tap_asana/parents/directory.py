"""The parents of a run: workspaces, and the lists in them, each fetched once."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from tap_asana.api.client import AsanaClient
from tap_asana.api.decoding import nested_object, rows_with_gid
from tap_asana.api.protocol import Record, Unavailable
from tap_asana.api.request import Page, Request, more_severe
from tap_asana.errors import AsanaError, FatalResponseError
from tap_asana.fetch.fetcher import Fetcher
from tap_asana.fetch.scheduler import FetchScheduler, WorkItem
from tap_asana.parents import splitting
from tap_asana.parents.kinds import (
    BY_GID,
    ORGANIZATIONS_ONLY,
    PARENT_FIELDS,
    PARENT_LISTS,
    Parent,
    PersonOrder,
    Workspace,
    attributes_of,
    list_kind,
    parent_kind,
)
from tap_asana.parents.splitting import UnsplittableError

logger = logging.getLogger(__name__)

STOP_ON_EMPTY_PAGE = "/audit_log_events"
"""Its pages never end by themselves; an empty one is the last (facts 1.1)."""
FALLBACK_PARAMS: Mapping[str, Mapping[str, str]] = {"/portfolios": {"owner": "me"}}
"""What a list is asked with where Asana refuses it without.

A service account gets all portfolios of a workspace if it names no owner, a person their own (facts 1.1); nothing tells
beforehand whose token it is, and whether a person may leave the owner out is not documented.
"""

SHARED_PORTFOLIOS_PATH = "/portfolio_memberships?user=me&workspace={workspace_gid}"

MEMBERS = "/workspaces/{workspace_gid}/workspace_memberships"
"""Where those are listed too who have left a workspace: texts still name them."""

UNPAGED_PATHS = ("/budgets",)
"""Lists that take no page size."""


class ParentDirectory:
    """The parents of a run, and the asks for what hangs from them.

    `wanted` are the gids of the setting `workspaces`; an unknown one raises AsanaError with those that exist.
    A stream that lists parents anyway hands them over by `learn`, and no request is made for them.
    """

    def __init__(
        self,
        client: AsanaClient,
        fetcher: Fetcher,
        wanted: Iterable[str],
        *,
        archived: bool,
        ranking: PersonOrder = BY_GID,
    ) -> None:
        """Fetch nothing yet; people are read in the order of the ranking."""
        self.person_order = ranking
        self._client = client
        self._fetcher = fetcher
        self._selected_gids = tuple(wanted)
        self.include_archived = archived
        self._workspaces: tuple[Workspace, ...] | None = None
        self._loaded: dict[tuple[str, str], dict[str, Parent]] = {}
        self._unavailable: dict[tuple[str, str], Page] = {}
        self._incomplete: set[str] = set()

    @property
    def workspaces(self) -> tuple[Workspace, ...]:
        """Return the workspaces to read, in the order of their gids (`GET /workspaces`)."""
        if self._workspaces is None:
            return self.store_workspaces(self.list_workspaces("workspaces", PARENT_FIELDS["workspace"]))
        return self._workspaces

    def list_workspaces(self, purpose: str, fields: Iterable[str]) -> Iterator[Record]:
        """Yield all workspaces that the token sees, wanted or not; whatever is refused of them ends the run."""
        params = {"opt_fields": ",".join(dict.fromkeys(fields))}
        ask = Request(purpose, "/workspaces", params, limit=self.page_size, is_root=True, numeric_gids=True)
        return (record for page in self.pages([ask]) for record in page.records)

    def store_workspaces(self, records: Iterable[Record]) -> tuple[Workspace, ...]:
        """Keep those of the token's workspaces that are wanted; raises AsanaError where a wanted one is not there."""
        seen = {record["gid"]: Workspace(record["gid"], bool(record.get("is_organization"))) for record in records}
        if not seen:
            raise FatalResponseError("The token sees no workspace; nothing can be read")
        unknown = [gid for gid in self._selected_gids if gid not in seen]
        if unknown:
            exist = ", ".join(sorted(seen)) or "none"
            raise AsanaError(f"workspaces: got {', '.join(unknown)}; expected those that the token sees: {exist}.")
        wanted = (seen[gid] for gid in self._selected_gids or seen)
        self._workspaces = tuple(sorted(wanted, key=lambda workspace: int(workspace.gid)))
        return self._workspaces

    @property
    def number_loaded(self) -> int:
        """Return how many lists of parents were loaded so far."""
        return len(self._loaded)

    @property
    def page_size(self) -> int:
        """Return the number of rows that lists are asked in."""
        return self._client.connection.page_size

    def parents(self, kind: str, workspace: Workspace) -> list[Parent]:
        """Return a workspace's parents of a kind, in the order of their gids; fetched unless a stream has them."""
        if kind == "workspace":
            return [Parent(workspace.gid, {})]
        if kind in ORGANIZATIONS_ONLY and not workspace.is_organization:
            return []
        if kind == "project_brief":
            return self._briefs(workspace)
        if kind == "shared_portfolio":
            return self._shared_portfolios(workspace)
        found: dict[str, Parent] = {}
        for path in PARENT_LISTS[kind]:
            if (path, workspace.gid) not in self._loaded:
                self._fetch(kind, path, workspace)
            found.update(self._loaded[path, workspace.gid])
        return _in_order(found.values())

    def people(self, workspace: Workspace) -> Iterator[Mapping[str, Any]]:
        """Yield the people of a workspace with gid, name and address: its users, then members that left it too.

        Fetched even if a stream reads the same lists: their names have to be known before any record leaves.
        """
        (path,) = PARENT_LISTS["user"]
        listed, refusal = self._whole(self.build_request("users", path, {}, ("name", "email"), workspace))
        self.store("user", path, workspace, listed, refusal)
        yield from listed
        members, left_out = self._whole(self.build_request("people", MEMBERS, {}, ("user.name",), workspace))
        yield from (nested_object(member, "user") for member in members)
        for page in filter(None, (refusal, left_out)):
            logger.warning(
                "workspace %s: not all people could be listed (%s); in texts those stay named whom no record names",
                workspace.gid,
                page.unavailable.status if page.unavailable else "truncated",
            )

    def _whole(self, ask: Request) -> tuple[list[Record], Page | None]:
        """Return the rows of a list, and the page that says why they are not all of them."""
        rows: list[Record] = []
        refusal: Page | None = None
        for page in self.pages([ask]):
            rows.extend(page.records)
            refusal = more_severe(refusal, page)
        return rows, refusal

    def is_loaded(self, kind: str, workspace: Workspace) -> bool:
        """Tell whether the parents of a kind are known without a request."""
        if kind == "project_brief":
            return self.is_loaded("project", workspace)
        no_teams = kind in ORGANIZATIONS_ONLY and not workspace.is_organization
        listed = kind in PARENT_LISTS and all((path, workspace.gid) in self._loaded for path in PARENT_LISTS[kind])
        return kind == "workspace" or no_teams or listed

    def _fetch(self, kind: str, path: str, workspace: Workspace) -> None:
        listed: list[Record] = []
        refusal: Page | None = None
        for parent in self.parents(parent_kind(path), workspace):
            keys = {f"{parent_kind(path)}_gid": parent.gid}
            for page in self.pages(
                [self.build_request(f"{kind}s", path, keys, PARENT_FIELDS.get(kind, ()), workspace)]
            ):
                listed.extend(page.records)
                refusal = more_severe(refusal, page)
        self.store(kind, path, workspace, listed, refusal)

    def store(
        self, kind: str, path: str, workspace: Workspace, records: Iterable[Record], refusal: Page | None
    ) -> None:
        """Keep the parents that a list has brought; after a `refusal` what hangs from them is not whole either."""
        rank = self.person_order.sort_key if kind == "user" else int
        parents = (Parent(record["gid"], attributes_of(kind, record), rank(record["gid"])) for record in records)
        self._loaded[path, workspace.gid] = {parent.gid: parent for parent in parents}
        if refusal is not None:
            self._refuse(kind, workspace, refusal)

    def _refuse(self, kind: str, workspace: Workspace, refusal: Page) -> None:
        """Keep why not all parents of a kind are known; of several reasons the gravest."""
        known = self._unavailable.get((kind, workspace.gid))
        self._unavailable[kind, workspace.gid] = more_severe(known, refusal) or refusal

    def unavailable_reason(self, kind: str, workspace: Workspace) -> Page | None:
        """Return why not all parents of a kind are known, after they were asked for; None where they are."""
        return self._unavailable.get(("project" if kind == "project_brief" else kind, workspace.gid))

    def _briefs(self, workspace: Workspace) -> list[Parent]:
        """Return the project briefs: they have no list, their projects name them."""
        briefs = (project.attributes["project_brief"] for project in self.parents("project", workspace))
        return _in_order(Parent(brief["gid"], {}) for brief in rows_with_gid(list(briefs), numbered=True)[0])

    def _shared_portfolios(self, workspace: Workspace) -> list[Parent]:
        """Return the portfolios that the token's user is a member of, but that the list of portfolios lacks."""
        listed, *_ = PARENT_LISTS["portfolio"]
        if (listed, workspace.gid) not in self._loaded:
            self._fetch("portfolio", listed, workspace)
        own, refusal = self._loaded[listed, workspace.gid], self._unavailable.get(("portfolio", workspace.gid))
        if refusal and refusal.is_not_in_plan:
            return []
        gids: set[str] = set()
        for page in self.pages(
            [self.build_request("portfolios", SHARED_PORTFOLIOS_PATH, {}, ["portfolio"], workspace)]
        ):
            shared, _ = rows_with_gid([each.get("portfolio") for each in page.records], numbered=True)
            gids.update(portfolio["gid"] for portfolio in shared)
            if page.unavailable is not None:
                for kind in ("portfolio", "shared_portfolio"):
                    self._refuse(kind, workspace, page)
        return _in_order(Parent(gid, {}) for gid in gids - set(own))

    def build_request(
        self, purpose: str, path: str, keys: Mapping[str, str], fields: Iterable[str], workspace: Workspace
    ) -> Request:
        """Return the ask for a path whose placeholders are the keys; its query part becomes parameters."""
        keys = {**keys, "workspace_gid": workspace.gid}
        bare, _, query = path.format(**keys).partition("?")
        params = dict(part.split("=", 1) for part in query.split("&") if part)
        if bare == "/projects" and not self.include_archived:
            params["archived"] = "false"
        if wanted := ",".join(fields):
            params["opt_fields"] = wanted
        single = path.partition("?")[0].endswith("_gid}")
        limit = None if single or bare in UNPAGED_PATHS else self.page_size
        endless, alias = bare.endswith(STOP_ON_EMPTY_PAGE), self.person_order.redact_gid
        ask = Request(
            purpose, bare, params, keys, workspace.gid, path, limit, stop_on_empty_page=endless, redact_gid=alias
        )
        return replace(ask, fallback_params=FALLBACK_PARAMS.get(bare), numeric_gids=list_kind(path) is not None)

    def parted(self, page: Page, reading: FetchScheduler) -> Page:
        """Ask for the parts of a list that Asana truncates; return what was asked for of the page.

        It is refused where the list has no parts, or where they cannot bring the rest of it.
        """
        try:
            splitting.require_search(page)
            if page.truncated:
                reading.add_requests(splitting.split_list(page, lambda ask: self._parts(page, ask)))
        except UnsplittableError as error:
            return self._skip_rest(page, f"{error}")
        return splitting.apply_client_filter(page)

    def _parts(self, page: Page, ask: Request) -> list[Record]:
        found, refusal = self._whole(ask)
        if refusal is not None:
            raise UnsplittableError(f"Asana truncates {page.request.description}, and refuses {ask.description}")
        return found

    def _skip_rest(self, page: Page, reason: str) -> Page:
        """Return a page as refused, with what it brought; the rest of a list of projects is counted and named once."""
        if page.request.client_filter is None:
            return self.skip_truncated(page)
        whole, refused = splitting.truncated_list(page.request), Unavailable(HTTPStatus.BAD_REQUEST, reason)
        if whole.workspace not in self._incomplete:
            self._incomplete.add(whole.workspace)
            self._client.metrics.record_skip(whole, refused, warn=False)
            logger.warning(
                "%s: Asana truncates the projects of workspace %s, and cannot bring the rest: %s",
                *(whole.stream, whole.workspace, reason),
            )
        return replace(splitting.apply_client_filter(page), request=whole, unavailable=refused, truncated=False)

    def skip_truncated(self, page: Page) -> Page:
        """Return a page as refused where Asana truncates what hangs from its parent: that is counted and named."""
        if not page.truncated:
            return page
        refused = Unavailable(HTTPStatus.BAD_REQUEST, "the list is truncated")
        self._client.metrics.record_skip(page.request, refused)
        return replace(page, unavailable=refused)

    def resolve_page(self, page: Page, reading: FetchScheduler) -> Page:
        """Return what was asked for of the page handed out last, after what it lacks was asked for."""
        if page.request.parent_keys.keys() - {"workspace_gid"}:
            return self.skip_truncated(page)
        return self.parted(page, reading)

    def pages(self, asks: Iterable[Request]) -> Iterator[Page]:
        """Yield the pages of some lists, truncated ones in parts."""
        reading = self._fetcher.read([WorkItem((0,), list(asks))])
        for page in reading:
            yield self.resolve_page(page, reading)


def _in_order(parents: Iterable[Parent]) -> list[Parent]:
    return sorted(parents, key=lambda parent: parent.sort_key)
