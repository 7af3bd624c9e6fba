"""Prefetched lists of parents: each is loaded when it has arrived, so that the lists below it can be prefetched."""

from __future__ import annotations

from tap_asana.api.request import Request
from tap_asana.fetch.fetcher import Fetcher
from tap_asana.parents.directory import ParentDirectory
from tap_asana.parents.kinds import Workspace


class ArrivingLists:
    """The prefetched lists of parents that are not loaded yet, each with the requests for its pages so far.

    At most `max_pages` of a list are prefetched, because they wait in memory.
    """

    def __init__(self, directory: ParentDirectory, fetcher: Fetcher, max_pages: int) -> None:
        """Expect nothing yet."""
        self._directory = directory
        self._fetcher = fetcher
        self._max_pages = max_pages
        self._requests: dict[tuple[str, Workspace], list[Request]] = {}

    def expect(self, kind: str, workspace: Workspace, request: Request) -> None:
        """Expect the list of a kind in a workspace, whose first request is prefetched."""
        self._requests[kind, workspace] = [request]

    def load(self) -> None:
        """Load the lists that have arrived, and prefetch the next page of those that have further ones."""
        for (kind, workspace), requests in tuple(self._requests.items()):
            if not self._directory.is_loaded(kind, workspace) and self._has_arrived(requests):
                self._directory.parents(kind, workspace)
            if self._directory.is_loaded(kind, workspace):
                del self._requests[kind, workspace]

    def _has_arrived(self, requests: list[Request]) -> bool:
        """Return whether a list has arrived to its end; prefetch and expect the request that follows the last page."""
        page = self._fetcher.arrived(requests[-1])
        if page is None or page.truncated:
            return False
        following = self._directory.requests_after(page)
        if following and len(requests) < self._max_pages:
            requests += following
            self._fetcher.prefetch(following)
        return not following
