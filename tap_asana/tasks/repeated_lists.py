"""The second pass over a long list, many pages at once: by the page tokens of its first pass.

A page token contains a position in the list, and not a number of rows. So the pages of the first pass can be requested
again without waiting for each other. New, deleted and moved rows shift the end of a page, so that rows between it and
the next token might be on no page. Each page must therefore prove that it ends where the next one begins: its own token
for the next page contains the same position. If not, its list is read on from there until a page ends at one of the
positions. Where nothing can be proved, or a token is refused, the list is read page by page.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from tap_asana.api.page_tokens import read_page_token
from tap_asana.api.request import Page, Request

ListPart: TypeAlias = tuple[str, str]
"""The name of a list, and the section whose tasks are read as a part of it, if any."""


@dataclass(slots=True)
class _FirstPass:
    """The tokens of all pages of a list but the first, and the last task before each; `first` is its first request."""

    first: Request
    tokens: list[str] = field(default_factory=list)
    last_gids: array[int] = field(default_factory=lambda: array("Q"))


class _SecondPass:
    """The pages of a list that are requested again; `open_chains` counts those that are not read to their end.

    The first two pages are a trial: if none of them ends where the next one begins, the list is read page by page.
    """

    def __init__(self, request: Request, first_pass: _FirstPass, min_seconds: float) -> None:
        """Start with the first page; `min_seconds` is how long tokens must live."""
        self.request = request
        self.open_chains = 1
        self._full = replace(
            request,
            limit=first_pass.first.limit,
            token_number=first_pass.first.token_number,
            pause_after=1,
            is_probe=True,
        )
        self._tokens = first_pass.tokens
        self._min_seconds = min_seconds
        self._positions: set[str] = set()
        self._last_gids = set(first_pass.last_gids)
        self._rest: Request | None = None
        self._waiting: list[Request] | None = []
        self._is_serial = False

    def first_request(self) -> Request:
        """Return the request for the first page."""
        return self._full

    def following(self, page: Page, new_rows: int) -> Iterator[Request]:
        """Yield the requests that follow from a page with so many rows that are new to the list."""
        if page.truncated or self._is_serial:
            return  # the parts of a truncated list are requested instead, and a list read in series needs no more
        if page.unavailable is not None:
            yield self._in_series(self.request)
        elif page.rest is None:
            yield from self._send_waiting() if page.request.offset else ()
        elif page.request.restart_count > self.request.restart_count:
            yield self._in_series(page.rest)
        elif self._rest is None:
            yield from self._begin(page, page.rest, new_rows)
        elif self._ends_at_border(page.rest):
            yield from self._send_waiting()
        elif self._waiting:
            yield self._in_series(self._rest)
        else:
            yield from self._send_waiting()
            yield self._beyond(page, page.rest, new_rows)

    def _in_series(self, request: Request) -> Request:
        """Return a request that reads a list from its page on, one page after the other."""
        self._is_serial = True
        return replace(request, limit=self._full.limit, pause_after=None, is_probe=self.request.is_probe)

    def _begin(self, page: Page, rest: Request, new_rows: int) -> Iterator[Request]:
        """Yield the request for the second page if the tokens live long enough, else for the rest of the list."""
        token, known = read_page_token(rest.offset or ""), [read_page_token(each) for each in self._tokens]
        min_expiry = token.issued + self._min_seconds if token else 0.0
        if token is None or any(each is None or each.expires < min_expiry for each in known):
            yield self._in_series(rest)
            return
        self._rest = rest
        self._positions = {each.position for each in known if each is not None}
        self._waiting = [] if self._ends_at_border(rest) else [self._beyond(page, rest, new_rows)]
        yield replace(self._full, offset=self._tokens[0])

    def _ends_at_border(self, rest: Request) -> bool:
        """Return whether a page ends where another one begins."""
        token = read_page_token(rest.offset or "")
        return token is not None and token.position in self._positions

    def _send_waiting(self) -> Iterator[Request]:
        """Yield the requests for all pages that wait for the end of the trial."""
        if self._waiting is not None:
            yield from self._waiting
            self._waiting = None
            yield from (replace(self._full, offset=token) for token in self._tokens[1:])

    def _beyond(self, page: Page, rest: Request, new_rows: int) -> Request:
        """Return the request that reads on from a page that does not end where another one begins.

        If the page goes beyond the last task of one in the first pass, it is requested again up to that task. If not,
        that task comes next, as far behind as rows are new.
        """
        gids = [*dict.fromkeys(int(task["gid"]) for task in page.records)]  # Asana may send each row twice
        if gids:
            self._last_gids.discard(gids[-1])  # the task was moved
        ends = [number for number, gid in enumerate(gids) if number and gid in self._last_gids]
        if ends:
            return replace(page.request, limit=ends[-1] + 1)
        is_full = page.request.limit == self._full.limit
        limit = min(max(1, new_rows), self._full.limit or 1) if is_full else self._full.limit
        return replace(rest, limit=limit, pause_after=1, is_probe=True)


class RepeatedLists:
    """The long lists of one lane: the page tokens of their first passes, and their second passes."""

    def __init__(self, min_pages: int, min_seconds: float) -> None:
        """Start without lists; shorter lists are read page by page, as those with tokens that expire sooner."""
        self._min_pages, self._min_seconds = min_pages, min_seconds
        self._first: dict[ListPart, _FirstPass] = {}
        self._second: dict[ListPart, _SecondPass] = {}

    def add_page(self, part: ListPart, page: Page) -> None:
        """Note the token in a page of the first pass."""
        following = page.next_request or page.rest
        if page.request.offset is None or page.truncated:
            self._first.pop(part, None)
        if following is None or not following.offset:
            return
        if page.request.offset is None:
            self._first[part] = _FirstPass(page.request)
        first_pass = self._first.get(part)
        if first_pass is None:
            return
        first_pass.tokens.append(following.offset)
        first_pass.last_gids.append(int(page.records[-1]["gid"]) if page.records else 0)

    def first_request(self, part: ListPart, request: Request) -> Request:
        """Return the request that the second pass over a list begins with."""
        first_pass = self._first.pop(part, None)
        if first_pass is None or len(first_pass.tokens) < self._min_pages - 1 or not request.limit:
            return request
        self._second[part] = second_pass = _SecondPass(request, first_pass, self._min_seconds)
        return second_pass.first_request()

    def following(self, part: ListPart, page: Page, new_rows: Iterable[object]) -> list[Request]:
        """Return the requests that follow from a page of the second pass."""
        second_pass = self._second.get(part)
        if second_pass is None:
            return []
        is_single = page.request.pause_after is not None
        requests = list(second_pass.following(page, sum(1 for _ in new_rows))) if is_single else []
        second_pass.open_chains += len(requests) - (page.next_request is None)
        return requests

    def is_read(self, part: ListPart, page: Page) -> bool:
        """Return whether the second pass over a list ends with a page."""
        second_pass = self._second.get(part)
        if second_pass is not None and not second_pass.open_chains:
            del self._second[part]
        is_single = page.request.pause_after is not None
        is_end = is_single or (page.next_request is None and not page.truncated and page.unavailable is None)
        return is_end and part not in self._second
