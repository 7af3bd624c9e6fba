"""What is asked of Asana, and what came: the values that pass between client and reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from tap_asana.api.page_trail import Trail
from tap_asana.api.protocol import Record, Refused

PEOPLE = frozenset({"assignee", "user"})
"""Parameters that hold the gid of a person."""


@dataclass(frozen=True, slots=True)
class Ask:
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

    purpose: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    workspace: str = ""
    part: str = ""
    limit: int | None = None
    offset: str | None = None
    budget: str | None = None
    endless: bool = False
    body: Mapping[str, Any] | None = None
    restarts: int = 0
    most: int | None = None
    known: Mapping[str, bool] = field(default_factory=dict)
    only: Mapping[str, Any] | None = None
    otherwise: Mapping[str, str] | None = None
    probing: bool = False
    root: bool = False
    without_gids: bool = False
    numbered: bool = False
    owed: bool = False
    alias: Callable[[str], str] = str
    trail: Trail = field(default=Trail(), compare=False)

    def query(self) -> dict[str, str]:
        """Return the query parameters, paging included."""
        query = dict(self.params)
        if self.limit is not None:
            query["limit"] = str(self.limit)
        if self.offset is not None:
            query["offset"] = self.offset
        return query

    @property
    def subject(self) -> str:
        """Return what the ask is about, for messages: its path and the gids among its parameters."""
        gids = (
            f"{name}={self.alias(value) if name in PEOPLE else value}"
            for name, value in self.params.items()
            if value.isdigit() and name != "limit"
        )
        return "?".join(filter(None, (self.path, "&".join(gids))))

    @property
    def has_sync_token(self) -> bool:
        """Tell whether its answers carry a sync token: those for events do, and no list does."""
        return self.path.endswith("/events")

    def asking(self, part: str, **params: str) -> Ask:
        """Return the ask as another part, with further parameters."""
        return replace(self, part=part, params={**self.params, **params})

    def unpaged(self, budget: str | None = None) -> Ask:
        """Return the ask for an endpoint that does not page, and may have an allowance of its own."""
        return replace(self, limit=None, budget=budget)

    def at(self, offset: str | None) -> Ask:
        """Return the ask for another page of the same list; None is its first page."""
        return replace(self, offset=offset)

    def beyond(self, offset: str, trail: Trail) -> Ask:
        """Return the ask for the next page of the same list, behind the pages of this trail."""
        return replace(self, offset=offset, trail=trail)

    def again(self) -> Ask:
        """Return the ask for the first page of the same list, once more."""
        return replace(self, offset=None, restarts=self.restarts + 1)


@dataclass(frozen=True, slots=True)
class Page:
    """What came for an ask: records and the ask for the next page, or the reason why there are none."""

    ask: Ask
    records: list[Record] = field(default_factory=list)
    following: Ask | None = None
    refused: Refused | None = None
    truncated: bool = False
    sync: str | None = None
    sync_expired: bool = False
    has_more: bool = False

    @property
    def is_not_in_plan(self) -> bool:
        """Tell whether it is refused because the plan lacks such things (402): then there are none."""
        return self.refused is not None and self.refused.status == HTTPStatus.PAYMENT_REQUIRED


def graver(known: Page | None, page: Page) -> Page | None:
    """Return the page of two that is refused, the first one if both are; one that the plan lacks weighs less."""
    if page.refused is None or (known is not None and (page.is_not_in_plan or not known.is_not_in_plan)):
        return known
    return page
