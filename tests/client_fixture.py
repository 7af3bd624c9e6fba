"""A client with a scripted server and a manual clock."""

from __future__ import annotations

import errno
import io
from collections.abc import Mapping
from typing import Any

import requests
import requests_mock
from clock import Clock
from typing_extensions import override

from tap_asana.api.auth import Auth, FixedToken
from tap_asana.api.client import AsanaClient, Connection
from tap_asana.api.rate_limit import RateLimiter
from tap_asana.api.request import Request
from tap_asana.api.retries import RetryLimits

URL = "https://app.asana.com/api/1.0"
TOKEN = "0/5ecret"
HEADERS = {"Asana-Enable": "new_memberships", "User-Agent": "tap-asana/0"}

REQUEST = Request("tasks", "/tasks", {"project": "12", "opt_fields": "name"}, workspace="1", limit=100)


def good(*gids: str, offset: str | None = None) -> dict[str, Any]:
    """Return a response with a page of these gids, for requests-mock."""
    return {"json": {"data": [{"gid": gid} for gid in gids], "next_page": {"offset": offset} if offset else None}}


def bad(status: int, message: str = "", headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return an error response in Asana's envelope, for requests-mock."""
    return {"status_code": status, "json": {"errors": [{"message": message}]}, "headers": headers or {}}


class ClientFixture:
    """A client, its clock, and scripted responses; the last response of a path is repeated.

    The root list fails unless a test scripts it.
    """

    def __init__(
        self,
        auth: Auth | None = None,
        *,
        per_minute: int = 1500,
        budgets: Mapping[str, int] | None = None,
        retry_limits: RetryLimits | None = None,
    ) -> None:
        """Create a client without scripted responses."""
        self.clock = Clock()
        self.asana = requests_mock.Adapter()
        self.session = requests.Session()
        self.session.mount("https://", self.asana)
        self.script("/workspaces", {"exc": requests.ConnectionError("away")})
        self.client = AsanaClient(
            Connection(URL, timeout=60.0, headers=HEADERS),
            auth or FixedToken(TOKEN),
            self.limiter(per_minute),
            endpoint_limiters={name: self.limiter(allowance) for name, allowance in (budgets or {}).items()},
            session=self.session,
            now=self.clock,
            sleep=self.clock.sleep,
            retry_limits=retry_limits,
        )

    def limiter(self, per_minute: int) -> RateLimiter:
        """Return a rate limiter with this clock."""
        return RateLimiter(per_minute, clock=self.clock, sleep=self.clock.sleep)

    def script(self, path: str, *answers: dict[str, Any]) -> None:
        """Set the responses for a path, in order."""
        self.asana.register_uri("GET", URL + path, list(answers))

    def queries(self) -> list[dict[str, str]]:
        """Return the query of each request so far."""
        return [{name: values[0] for name, values in request.qs.items()} for request in self.asana.request_history]


class RenewableToken(Auth):
    """A token with a number that increases with each renewal."""

    def __init__(self) -> None:
        """Create a client without scripted responses."""
        self.number = 1

    @override
    def token(self) -> str:
        return f"0/number{self.number}"

    @override
    def renew(self, rejected: str) -> bool:
        assert rejected == self.token()
        self.number += 1
        return True


def read_list(fixture: ClientFixture, first: Request) -> list[str]:
    """Return the gids of a list, page after page."""
    gids: list[str] = []
    request: Request | None = first
    while request:
        page = fixture.client.fetch(request)
        gids += [record["gid"] for record in page.records]
        request = page.next_request
    return gids


class FullDisk(io.BytesIO):
    """A file on a full disk."""

    @override
    def write(self, *_: object) -> int:
        """Fail as on a full disk."""
        raise OSError(errno.ENOSPC, "No space left on device")
