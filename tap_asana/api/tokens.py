"""Several access tokens with limits of their own, and the requests that each of them may send."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tap_asana.api.auth import Auth
from tap_asana.api.rate_limit import RateLimiter
from tap_asana.api.request import Request

FIRST_TOKEN = 0
"""Number of the configured token; additional ones follow."""

SHARED_PATHS = re.compile(r"/tasks/[^/]+/(stories|subtasks|time_tracking_entries)|/projects/[^/]+/sections")
"""Lists below one object: Asana refuses them to a token that does not see the object."""

SHARED_LISTS: Mapping[str, str] = {"/tasks": "project", "/attachments": "parent"}
"""Lists whose object is a parameter."""


@dataclass(eq=False)
class TokenAccess:
    """A source of tokens with its rate limits, and the number of requests that may be in flight.

    `assigned` requests wait or are in flight, of `total` so far.
    """

    auth: Auth
    limiter: RateLimiter
    concurrency: int
    endpoint_limiters: Mapping[str, RateLimiter] = field(default_factory=dict)
    in_flight: threading.BoundedSemaphore = field(init=False)
    assigned: int = 0
    total: int = 0

    def __post_init__(self) -> None:
        """Bound the requests in flight."""
        self.in_flight = threading.BoundedSemaphore(self.concurrency)


class TokenPool:
    """Assigns requests to tokens.

    Any token may send what Asana answers alike or refuses: lists below one object. Other lists silently lack what a
    token does not see, so that only the first token sends them. All pages of a list come from one token, because page
    tokens belong to it.
    """

    def __init__(self, accesses: Sequence[TokenAccess]) -> None:
        """Assign nothing yet; the first token comes first."""
        self._accesses = tuple(accesses)
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return the number of tokens."""
        return len(self._accesses)

    @property
    def per_minute(self) -> float:
        """Return how many requests all tokens may send a minute, as far as it is known."""
        return sum(access.limiter.known_per_minute for access in self._accesses)

    def of(self, request: Request) -> TokenAccess:
        """Return the token that sends a request."""
        return self._accesses[request.token_number or FIRST_TOKEN]

    @contextmanager
    def assign(self, request: Request) -> Iterator[Request]:
        """Assign a request to the token with the fewest requests of those that do not pause, for this block."""
        with self._lock:
            number = self._number_for(request)
            access = self._accesses[number]
            access.assigned += 1
            access.total += 1
        try:
            yield request if len(self) == 1 else request.with_token(number)
        finally:
            with self._lock:
                access.assigned -= 1

    def _number_for(self, request: Request) -> int:
        """Return the number of a token: a further page comes from the token that began the list."""
        if request.is_root or (request.offset is not None and request.token_number is not None):
            return request.token_number or FIRST_TOKEN
        return self._freest() if len(self) > 1 and is_shared(request) else FIRST_TOKEN

    def _freest(self) -> int:
        loads = [(access.limiter.is_pausing, access.assigned, access.total) for access in self._accesses]
        return min(range(len(loads)), key=loads.__getitem__)


def is_shared(request: Request) -> bool:
    """Return whether any token may send a request."""
    if request.body is not None or request.endpoint_limit or request.is_root:
        return False
    return bool(SHARED_PATHS.fullmatch(request.path)) or SHARED_LISTS.get(request.path) in request.params
