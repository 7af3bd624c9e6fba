"""Runs with a kill or another event before one of their requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count

from fake_asana.messages import HttpRequest


class Killed(Exception):
    """Somebody killed the run."""


class Moments:
    """A hook that acts when a run has sent so many requests: before the request with each number."""

    def __init__(self, deeds: Mapping[int, Callable[[], object]]) -> None:
        """Count from 1."""
        self.deeds = deeds
        self.numbers = count(1)

    def __call__(self, _: HttpRequest) -> None:
        """Count a request, from any thread."""
        if deed := self.deeds.get(next(self.numbers)):
            deed()


def killing(at: int) -> Moments:
    """Return a hook that kills the run before the request with this number."""

    def kill() -> None:
        raise Killed

    return Moments({at: kill})
