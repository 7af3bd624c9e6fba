"""A client whose Asana is a script and whose time is a test's."""

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

ASK = Request("tasks", "/tasks", {"project": "12", "opt_fields": "name"}, workspace="1", limit=100)


def good(*gids: str, offset: str | None = None) -> dict[str, Any]:
    """Return a page of those gids, as requests-mock wants it."""
    return {"json": {"data": [{"gid": gid} for gid in gids], "next_page": {"offset": offset} if offset else None}}


def bad(status: int, message: str = "", headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return an answer in Asana's envelope for errors, as requests-mock wants it."""
    return {"status_code": status, "json": {"errors": [{"message": message}]}, "headers": headers or {}}


class Rig:
    """A client, its clock, and the script of Asana's answers; the last answer of a path is repeated.

    The root is away unless a test says otherwise.
    """

    def __init__(
        self,
        auth: Auth | None = None,
        *,
        per_minute: int = 1500,
        budgets: Mapping[str, int] | None = None,
        retry_limits: RetryLimits | None = None,
    ) -> None:
        """Make a client that has no answers yet."""
        self.clock = Clock()
        self.asana = requests_mock.Adapter()
        self.session = requests.Session()
        self.session.mount("https://", self.asana)
        self.script("/workspaces", {"exc": requests.ConnectionError("away")})
        self.client = AsanaClient(
            Connection(URL, timeout=60.0, headers=HEADERS),
            auth or FixedToken(TOKEN),
            self.pace(per_minute),
            endpoint_limiters={name: self.pace(allowance) for name, allowance in (budgets or {}).items()},
            session=self.session,
            now=self.clock,
            sleep=self.clock.sleep,
            retry_limits=retry_limits,
        )

    def pace(self, per_minute: int) -> RateLimiter:
        """Return a pace by this clock."""
        return RateLimiter(per_minute, clock=self.clock, sleep=self.clock.sleep)

    def script(self, path: str, *answers: dict[str, Any]) -> None:
        """Set what Asana answers for a path, one after the other."""
        self.asana.register_uri("GET", URL + path, list(answers))

    def asked(self) -> list[dict[str, str]]:
        """Return the query of each request so far."""
        return [{name: values[0] for name, values in request.qs.items()} for request in self.asana.request_history]


class Renewable(Auth):
    """A token with a number, which goes up with each renewal."""

    def __init__(self) -> None:
        """Start with the first."""
        self.number = 1

    @override
    def token(self) -> str:
        return f"0/number{self.number}"

    @override
    def renew(self, refused: str) -> bool:
        assert refused == self.token()
        self.number += 1
        return True


def read(rig: Rig, ask: Request) -> list[str]:
    """Return the gids of a list, page after page."""
    gids: list[str] = []
    following: Request | None = ask
    while following:
        page = rig.client.fetch(following)
        gids += [record["gid"] for record in page.records]
        following = page.next_request
    return gids


class FullDisk(io.BytesIO):
    """A file on a disk that is full."""

    @override
    def write(self, *_: object) -> int:
        """Fail as the operating system does."""
        raise OSError(errno.ENOSPC, "No space left on device")
