"""Pages that do not say whether another one follows: the list is requested again in ways that may return all of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from tap_asana.api.protocol import Outcome, Records, Truncated
from tap_asana.api.request import MAX_PAGE_ROWS, Request


class OpenPage:
    """A page of a list that may be longer, and the next ways to request the list.

    `is_cut` says that Asana has truncated an answer to one of these requests: the list is longer than the page.
    """

    def __init__(self, request: Request, response: Records) -> None:
        """Keep the page and its request."""
        self.request, self.response = request, response
        self.is_cut = False
        self._longer_requests = _longer_requests(request)

    def longer_request(self) -> Request | None:
        """Return the next request that may return more of the list; None if no way is left."""
        return next(self._longer_requests, None)

    def note(self, outcome: Outcome) -> None:
        """Note the outcome of a longer request."""
        self.is_cut |= isinstance(outcome, Truncated)

    def is_part_of(self, request: Request, outcome: Outcome) -> bool:
        """Return whether the outcome of a longer request holds the rows of this page, and more if there are any.

        Without a limit, as many rows as the longest possible page may be the first page once more.
        """
        if not isinstance(outcome, Records) or outcome.row_count < self.response.row_count:
            return False
        return request.limit is not None or (outcome.offset is None and outcome.row_count != MAX_PAGE_ROWS)


def is_open(request: Request, response: Records, explicit_endpoints: Collection[str]) -> bool:
    """Return whether a page does not say whether another one follows, and one may.

    Asana hides rows of pages, so one that is not full is the last only if its endpoint has named other next pages.
    """
    if request.limit is None or response.names_next_page:
        return False
    is_known = request.stop_on_empty_page or request.endpoint in explicit_endpoints
    return response.row_count >= request.limit or not is_known


def _longer_requests(request: Request) -> Iterator[Request]:
    """Yield the requests for the list without a limit, which Asana refuses if it is long, and with the highest one."""
    whole = replace(request.from_start(), fallback_params=None, is_root=False)
    yield replace(whole, limit=None)
    if request.limit is not None and request.limit < MAX_PAGE_ROWS:
        yield replace(whole, limit=MAX_PAGE_ROWS)
