"""What is asked of Asana, and what came: the values that pass between client and reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from tap_asana.api.protocol import Record, Unavailable

PERSON_PARAMS = frozenset({"assignee", "user"})
"""Parameters that hold the gid of a person."""


MAX_EMPTY_PAGES = 1000
"""Empty pages in a row that a list may name a next page behind: each stands for rows that the token may not see."""


@dataclass(frozen=True, slots=True)
class PageTrail:
    """One page token and one page that came before, by a number for its gids.

    The ones it remembers are replaced after 1, 2, 4, 8 and so on pages: a circle of any length is noticed before it was
    gone through three times, and nothing grows (Brent's algorithm).
    """

    token: str = ""
    rows: int | None = None
    pages: int = 0
    stride: int = 1
    empty: int = 0

    def after(self, token: str, records: Sequence[Mapping[str, Any]]) -> PageTrail | None:
        """Return the trail behind a page that names a next one by this token; None where it goes in a circle."""
        gids = tuple(gid for record in records if isinstance(gid := record.get("gid"), str | int))
        rows = hash(gids) if gids else None
        empty = 0 if records else self.empty + 1
        if token == self.token or (rows is not None and rows == self.rows) or empty > MAX_EMPTY_PAGES:
            return None
        if self.pages + 1 == self.stride:
            return PageTrail(token, rows, 0, 2 * self.stride, empty)
        return replace(self, pages=self.pages + 1, empty=empty)


@dataclass(frozen=True, slots=True)
class Request:
    """One page that is wanted.

    `purpose` names the stream it is for and `workspace` the workspace (the summary counts by them); `part` tells the
    reader which of its questions this is; `keys` are the parent gids that the records lack; `limit` is the page size,
    None where the endpoint does not page; `budget` names a second allowance that the request counts against; `restarts`
    is how often the list began again because its page token had expired. `most` is how many records an answer holds at
    the most where the endpoint does not page: each that holds any counts as truncated, since more may exist. `known`
    are the records of answers before it, by gid, and whether they are what is looked for. `only` says what records must
    hold where the endpoint has no filter for it. `otherwise` are parameters to add where Asana answers 400 or 403 to
    the ask without them. `probing` says that a refusal is an answer too, and no loss. What is refused of the `root`, on
    which all hangs, ends the run. What is `owed` failed in an earlier run: that it fails again says nothing of Asana.
    `without_gids` says that its records have no gid. `alias` is what messages call a person's gid.
    `trail` is what is remembered of the list's earlier pages.
    """

    stream: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    parent_keys: Mapping[str, str] = field(default_factory=dict)
    workspace: str = ""
    label: str = ""
    limit: int | None = None
    offset: str | None = None
    endpoint_limit: str | None = None
    stop_on_empty_page: bool = False
    body: Mapping[str, Any] | None = None
    restart_count: int = 0
    max_rows: int | None = None
    known_records: Mapping[str, bool] = field(default_factory=dict)
    client_filter: Mapping[str, Any] | None = None
    fallback_params: Mapping[str, str] | None = None
    is_probe: bool = False
    is_root: bool = False
    lacks_gids: bool = False
    numeric_gids: bool = False
    is_debt: bool = False
    redact_gid: Callable[[str], str] = str
    trail: PageTrail = field(default=PageTrail(), compare=False)

    def query_params(self) -> dict[str, str]:
        """Return the query parameters, paging included."""
        query = dict(self.params)
        if self.limit is not None:
            query["limit"] = str(self.limit)
        if self.offset is not None:
            query["offset"] = self.offset
        return query

    @property
    def description(self) -> str:
        """Return what the ask is about, for messages: its path and the gids among its parameters."""
        gids = (
            f"{name}={self.redact_gid(value) if name in PERSON_PARAMS else value}"
            for name, value in self.params.items()
            if value.isdigit() and name != "limit"
        )
        return "?".join(filter(None, (self.path, "&".join(gids))))

    @property
    def has_sync_token(self) -> bool:
        """Tell whether its answers carry a sync token: those for events do, and no list does."""
        return self.path.endswith("/events")

    def with_params(self, part: str, **params: str) -> Request:
        """Return the ask as another part, with further parameters."""
        return replace(self, label=part, params={**self.params, **params})

    def unpaged(self, budget: str | None = None) -> Request:
        """Return the ask for an endpoint that does not page, and may have an allowance of its own."""
        return replace(self, limit=None, endpoint_limit=budget)

    def with_offset(self, offset: str | None) -> Request:
        """Return the ask for another page of the same list; None is its first page."""
        return replace(self, offset=offset)

    def next_page(self, offset: str, trail: PageTrail) -> Request:
        """Return the ask for the next page of the same list, behind the pages of this trail."""
        return replace(self, offset=offset, trail=trail)

    def restarted(self) -> Request:
        """Return the ask for the first page of the same list, once more."""
        return replace(self, offset=None, restart_count=self.restart_count + 1)


@dataclass(frozen=True, slots=True)
class Page:
    """What came for an ask: records and the ask for the next page, or the reason why there are none."""

    request: Request
    records: list[Record] = field(default_factory=list)
    next_request: Request | None = None
    unavailable: Unavailable | None = None
    truncated: bool = False
    sync_token: str | None = None
    sync_token_expired: bool = False
    has_more: bool = False

    @property
    def is_not_in_plan(self) -> bool:
        """Tell whether it is refused because the plan lacks such things (402): then there are none."""
        return self.unavailable is not None and self.unavailable.status == HTTPStatus.PAYMENT_REQUIRED


def more_severe(known: Page | None, page: Page) -> Page | None:
    """Return the page of two that is refused, the first one if both are; one that the plan lacks weighs less."""
    if page.unavailable is None or (known is not None and (page.is_not_in_plan or not known.is_not_in_plan)):
        return known
    return page
