"""Requests and pages: the values that pass between the client and its callers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from tap_asana.api.decoding import Record
from tap_asana.api.protocol import Unavailable

PERSON_PARAMS = frozenset({"assignee", "user"})
"""Query parameters that hold the gid of a person."""

GID_IN_PATH = re.compile(r"/\d+(?=/|$)")

MAX_PAGE_ROWS = 100
"""Rows that Asana returns at most to a request with a limit."""

BEFORE_TASKS, UNLOCKS_LISTS = 1, 2
"""Urgency of the lists that are read before the tasks, and of those of parents, below which further lists are."""

MAX_EMPTY_PAGES = 1000
"""Empty pages in a row after which a list counts as endless; the token may not see the rows of an empty page."""

MAX_RETURNS = 3
"""Pages with the same row after which a list counts as endless; people may drag a row past the reader once or twice."""


@dataclass(frozen=True, slots=True)
class PageTrail:
    """One page token and one page (as a hash of its gids) from earlier in a list, to detect that it repeats.

    They are replaced after 1, 2, 4, 8, ... pages with rows (Brent's algorithm): an empty page shows nothing. A cycle
    of any length is detected before the list has gone through it three times, in constant memory. If its rows have
    another order each time, the first row of that page returns again and again (`returns` counts it, but not on the
    page after it).
    """

    token: str = ""
    gids_hash: int | None = None
    pages: int = 0
    stride: int = 1
    empty_pages: int = 0
    first_gid: str | int | None = None
    returns: int = 0

    def after(self, token: str, records: Sequence[Mapping[str, Any]]) -> PageTrail | None:
        """Return the trail with the token of the next page added; None if the list repeats its pages."""
        gids = tuple(gid for record in records if isinstance(gid := record.get("gid"), str | int))
        gids_hash = hash(gids) if gids else None
        empty_pages = 0 if records else self.empty_pages + 1
        returns = self.returns + (self.pages > 0 and self.first_gid in gids)
        repeats = token == self.token or (gids_hash is not None and gids_hash == self.gids_hash)
        if repeats or returns >= MAX_RETURNS or empty_pages > MAX_EMPTY_PAGES:
            return None
        if not records:
            return replace(self, empty_pages=empty_pages)
        if self.pages + 1 == self.stride:
            first_gid = next((gid for gid in gids if gid), None)  # broken rows have the same empty gid
            return PageTrail(token, gids_hash, 0, 2 * self.stride, empty_pages, first_gid)
        return replace(self, pages=self.pages + 1, empty_pages=empty_pages, returns=returns)


@dataclass(frozen=True, slots=True)
class Request:
    """A request for one page of a list, or for one object."""

    stream: str
    """The stream whose metrics count the request."""
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    parent_keys: Mapping[str, str] = field(default_factory=dict)
    """Gids of the parents, which the records do not hold."""
    workspace: str = ""
    """Gid of the workspace, for metrics and messages."""
    label: str = ""
    """Set by the caller to route the response."""
    limit: int | None = None
    """Rows per page; None if the endpoint has no pages."""
    offset: str | None = None
    """Token of the page; None for the first page."""
    endpoint_limit: str | None = None
    """Name of a second rate limit that the endpoint has."""
    stop_on_empty_page: bool = False
    """Whether the list ends with an empty page, because its last page names a next one too."""
    body: Mapping[str, Any] | None = None
    """Content of a POST request; None for GET."""
    pause_after: int | None = None
    """Pages after which the list pauses, and its reader decides whether it goes on; None: it never pauses."""
    restart_count: int = 0
    """How often the list started again because its page token had expired or its pages repeated."""
    max_rows: int | None = None
    """Most rows that the endpoint returns without pages. Any rows then count as truncated, since more may exist."""
    known_records: Mapping[str, bool] = field(default_factory=dict)
    """Gids from earlier responses of a list read in parts, and whether they pass `client_filter`."""
    client_filter: Mapping[str, Any] | None = None
    """Values that records must have, if the endpoint itself has no such filter."""
    fallback_params: Mapping[str, str] | None = None
    """Parameters to add after a 400 or 403 without them."""
    is_probe: bool = False
    """Whether a refusal is a result too, and does not count as skipped."""
    is_root: bool = False
    """Whether nothing can be read without it, so that a refusal ends the run."""
    lacks_gids: bool = False
    """Whether the records have no gid."""
    numeric_gids: bool = False
    """Whether only records with a numeric gid are valid."""
    is_debt: bool = False
    """Whether an earlier run skipped the list; another failure is then not a sign of an outage."""
    urgency: int = field(default=0, compare=False)
    """The more urgent of two requests that wait is sent first."""
    redact_gid: Callable[[str], str] = str
    """Replaces the gid of a person in messages."""
    token_number: int | None = field(default=None, compare=False)
    """Number of the access token that sends the request, because it began the list; None: any may send it."""
    trail: PageTrail = field(default=PageTrail(), compare=False)
    """Detects that the pages of the list repeat."""

    def query_params(self) -> dict[str, str]:
        """Return the query parameters, with those for paging."""
        query = dict(self.params)
        if self.limit is not None:
            query["limit"] = str(self.limit)
        if self.offset is not None:
            query["offset"] = self.offset
        return query

    @property
    def endpoint(self) -> str:
        """Return the path without gids."""
        return GID_IN_PATH.sub("/", self.path)

    @property
    def description(self) -> str:
        """Return the path and the gids among the parameters, for messages."""
        gids = (
            f"{name}={self.redact_gid(value) if name in PERSON_PARAMS else value}"
            for name, value in self.params.items()
            if value.isdigit() and name != "limit"
        )
        return "?".join(filter(None, (self.path, "&".join(gids))))

    @property
    def has_sync_token(self) -> bool:
        """Return whether the responses carry a sync token: only those for events do."""
        return self.path.endswith("/events")

    def with_params(self, label: str, **params: str) -> Request:
        """Return the request with another label and more parameters."""
        return replace(self, label=label, params={**self.params, **params})

    def unpaged(self, endpoint_limit: str | None = None) -> Request:
        """Return the request for an endpoint without pages, which may have a rate limit of its own."""
        return replace(self, limit=None, endpoint_limit=endpoint_limit)

    def with_token(self, number: int) -> Request:
        """Return the request as the token with this number sends it."""
        return replace(self, token_number=number)

    def with_offset(self, offset: str | None) -> Request:
        """Return the request for another page of the same list; None is the first page."""
        return replace(self, offset=offset)

    def from_start(self) -> Request:
        """Return the request for the whole list, from its first page on, without a pause."""
        return replace(self, offset=None, pause_after=None)

    def next_page(self, offset: str, trail: PageTrail) -> Request:
        """Return the request for the next page of the same list."""
        pause_after = None if self.pause_after is None else max(0, self.pause_after - 1) or None
        return replace(self, offset=offset, trail=trail, pause_after=pause_after)

    def restart(self, page_growth: int = 1) -> Request:
        """Return the request for the first page of the same list, counted as a restart, with so many times the rows."""
        limit = self.limit and min(page_growth * self.limit, MAX_PAGE_ROWS)
        return replace(self, offset=None, limit=limit, restart_count=self.restart_count + 1)


@dataclass(frozen=True, slots=True)
class Page:
    """The result of a request: records and the request for the next page, or the reason why there are none.

    `truncated` means that Asana returns only the start of the list. `rest` is the request for the next page of a list
    that pauses here. The last three fields are only for events.
    """

    request: Request
    records: list[Record] = field(default_factory=list)
    next_request: Request | None = None
    unavailable: Unavailable | None = None
    truncated: bool = False
    rest: Request | None = None
    sync_token: str | None = None
    sync_token_expired: bool = False
    has_more: bool = False

    def as_requested(self, request: Request) -> Page:
        """Return the page of a list with the label and the parents of another request for the same list."""
        if (self.request.label, self.request.parent_keys) == (request.label, request.parent_keys):
            return self

        def labelled(each: Request | None) -> Request | None:
            return each and replace(each, label=request.label, parent_keys=request.parent_keys)

        own = replace(self.request, label=request.label, parent_keys=request.parent_keys)
        return replace(self, request=own, next_request=labelled(self.next_request), rest=labelled(self.rest))

    @property
    def continues(self) -> bool:
        """Return whether the list has a next page."""
        return self.next_request is not None or self.rest is not None

    @property
    def is_not_in_plan(self) -> bool:
        """Return whether the plan does not include the list (402), so that it has no data."""
        return self.unavailable is not None and self.unavailable.status == HTTPStatus.PAYMENT_REQUIRED


def more_severe(earlier: Page | None, page: Page) -> Page | None:
    """Return the unavailable page of two, the earlier one if both are; 402 is less severe than any other status."""
    if page.unavailable is None or (earlier is not None and (page.is_not_in_plan or not earlier.is_not_in_plan)):
        return earlier
    return page
