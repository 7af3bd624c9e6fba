"""Requests that a check may make."""

from __future__ import annotations

from collections.abc import Callable

from tap_asana.api.client import AsanaClient
from tap_asana.api.request import Page, Request


class RequestBudget:
    """So many pages and no more, and how long the answers took; retries are not paid from it."""

    def __init__(self, client: AsanaClient, left: int, clock: Callable[[], float]) -> None:
        """Begin with so many pages left."""
        self.left = left
        self._client = client
        self._clock = clock
        self._pages = 0
        self._seconds = 0.0

    def fetch(self, ask: Request) -> Page:
        """Fetch a page; whoever asks has looked what is left."""
        self.left -= 1
        begun = self._clock()
        page = self._client.fetch(ask)
        self._seconds += self._clock() - begun
        self._pages += 1
        return page

    @property
    def latency(self) -> float:
        """Return the seconds that an answer took on the average."""
        return self._seconds / max(1, self._pages)

    @property
    def spent(self) -> int:
        """Return how many requests left in all, retries included."""
        return self._client.metrics.requests()
