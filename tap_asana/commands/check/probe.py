"""Probe a workspace: which features the token can use, and how many projects, users and other parents there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from tap_asana.api.client import AsanaClient
from tap_asana.api.request import Page, Request
from tap_asana.parents.directory import ParentDirectory
from tap_asana.parents.kinds import ORGANIZATIONS_ONLY, PARENT_FIELDS, PARENT_LISTS, Parent, Workspace, attributes_of
from tap_asana.tasks.by_search import BUDGET, PATH

AUDIT_LOG = "/workspaces/{workspace_gid}/audit_log_events"
CATEGORIES = "/time_tracking_categories?workspace={workspace_gid}&is_archived=false"

COUNTED_KINDS = ("project", "user", "team", "tag", "portfolio", "goal")
"""Kinds counted page by page, in the order in which a small budget is spent."""

PAID_KINDS = ("portfolio", "goal")
"""Counted kinds that not every plan includes."""

MIN_PROBE_REQUESTS = 3 + len(COUNTED_KINDS)
"""Requests that probing a workspace takes at least: three features, and the first page of each list."""


class RequestBudget:
    """Limits the requests of a check and times the answers. Retries do not count against the limit."""

    def __init__(self, client: AsanaClient, max_requests: int, clock: Callable[[], float]) -> None:
        """Allow `max_requests`; `clock` returns monotonic seconds."""
        self.remaining = max_requests
        self._client = client
        self._clock = clock
        self._pages = 0
        self._seconds = 0.0

    def fetch(self, request: Request) -> Page:
        """Fetch a page; the caller has checked `remaining`."""
        self.spend(1)
        start = self._clock()
        page = self._client.fetch(request)
        self._seconds += self._clock() - start
        self._pages += 1
        return page

    def spend(self, requests: int) -> None:
        """Subtract requests from the budget."""
        self.remaining -= requests

    @property
    def mean_latency_seconds(self) -> float:
        """Return the mean seconds per answer."""
        return self._seconds / max(1, self._pages)

    @property
    def requests_sent(self) -> int:
        """Return the number of requests sent, retries included."""
        return self._client.metrics.requests()


@dataclass(frozen=True, slots=True)
class ParentList:
    """The listed parents of one kind.

    `truncated`: the list continues after the last page read. `status`: HTTP status of the first page. `applicable` is
    False if this workspace cannot have the kind, in which case nothing was requested.
    """

    parents: tuple[Parent, ...] = ()
    truncated: bool = False
    status: int = HTTPStatus.OK
    applicable: bool = True


@dataclass(frozen=True, slots=True)
class WorkspaceProbe:
    """The features and parents of a workspace; `feature_status` maps each probed feature to its HTTP status."""

    workspace: Workspace
    feature_status: Mapping[str, int]
    lists: Mapping[str, ParentList]

    def has(self, feature: str) -> bool:
        """Return whether the token can use a feature."""
        return self.feature_status[feature] == HTTPStatus.OK

    def count(self, kind: str) -> int:
        """Return the number of listed parents of a kind."""
        return len(self.lists[kind].parents)

    @property
    def truncated(self) -> bool:
        """Return whether any list continues after the last page read."""
        return any(parents.truncated for parents in self.lists.values())

    @property
    def may_export(self) -> bool:
        """Return whether exports may be available: they need a service account, as the audit log does."""
        return self.has("audit log")

    @property
    def is_on_free_plan(self) -> bool:
        """Return whether Asana answered 402 to a search, which every paid plan includes."""
        return self.feature_status["search"] == HTTPStatus.PAYMENT_REQUIRED


def probe_workspaces(
    workspaces: Sequence[Workspace], directory: ParentDirectory, budget: RequestBudget, now: str
) -> list[WorkspaceProbe]:
    """Probe workspaces; the budget must cover MIN_PROBE_REQUESTS for each."""
    probes: list[WorkspaceProbe] = []
    for index, workspace in enumerate(workspaces):
        remaining_number = len(workspaces) - index
        # Half of the spare requests go to further pages of long lists. The task samples need the other half.
        further_pages = max(0, budget.remaining - remaining_number * MIN_PROBE_REQUESTS) // 2 // remaining_number
        probes.append(_probe(workspace, directory, budget, further_pages, now))
    return probes


def _probe(
    workspace: Workspace, directory: ParentDirectory, budget: RequestBudget, further_pages: int, now: str
) -> WorkspaceProbe:
    status = {
        "search": _status(budget.fetch(_search_request(workspace, now))),
        "audit log": _status(budget.fetch(_first_item_request(directory, AUDIT_LOG, workspace))),
        "time tracking": _status(budget.fetch(_first_item_request(directory, CATEGORIES, workspace))),
    }
    pages = {kind: [budget.fetch(_list_request(directory, kind, workspace))] for kind in _kinds(workspace)}
    for pages_of_kind in pages.values():
        while further_pages and (next_request := pages_of_kind[-1].next_request):
            pages_of_kind.append(budget.fetch(next_request))
            further_pages -= 1
    lists = {kind: _parent_list(kind, pages.get(kind, [])) for kind in COUNTED_KINDS}
    return WorkspaceProbe(workspace, {**status, **{f"{kind}s": lists[kind].status for kind in PAID_KINDS}}, lists)


def _kinds(workspace: Workspace) -> list[str]:
    return [kind for kind in COUNTED_KINDS if workspace.is_organization or kind not in ORGANIZATIONS_ONLY]


def _list_request(directory: ParentDirectory, kind: str, workspace: Workspace) -> Request:
    return directory.build_request(f"{kind}s", PARENT_LISTS[kind][0], {}, PARENT_FIELDS.get(kind, ()), workspace)


def _first_item_request(directory: ParentDirectory, path: str, workspace: Workspace) -> Request:
    request = directory.build_request("check", path, {}, (), workspace)
    return Request(path, request.path, request.params, workspace=workspace.gid, limit=1)


def _search_request(workspace: Workspace, now: str) -> Request:
    """Return a search for tasks modified in the future: it matches none, so it is the cheapest search."""
    path, params = PATH.format(workspace_gid=workspace.gid), {"modified_at.after": now, "opt_fields": "modified_at"}
    return Request("search", path, params, workspace=workspace.gid, endpoint_limit=BUDGET, is_probe=True)


def _status(page: Page) -> int:
    return HTTPStatus.OK if page.unavailable is None else page.unavailable.status


def _parent_list(kind: str, pages: list[Page]) -> ParentList:
    if not pages:
        return ParentList(applicable=False)
    parents = tuple(Parent(record["gid"], attributes_of(kind, record)) for page in pages for record in page.records)
    return ParentList(parents, pages[-1].next_request is not None or pages[-1].truncated, _status(pages[0]))
