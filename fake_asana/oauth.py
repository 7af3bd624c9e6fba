"""OAuth: refresh tokens exchanged for access tokens that live an hour."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from fake_asana.messages import Request, Response, answer

if TYPE_CHECKING:
    from fake_asana.clock import Clock

LIFE = 3600


class OAuth:
    """One registered application: its credentials, and the access tokens it was given."""

    client_id = "client"
    client_secret = "secret"  # noqa: S105 - there is nothing behind it
    refresh_token = "refresh"  # noqa: S105 - there is nothing behind it

    def __init__(self, clock: Clock) -> None:
        """An application that was never refused."""
        self.clock, self.refused, self.refreshes = clock, False, 0
        self.expiry: dict[str, float] = {}

    def token(self, request: Request) -> Response:
        """Exchange the refresh token of a form post; 400 in OAuth's own envelope when it is not right."""
        self.refreshes += 1
        form = {key: values[0] for key, values in parse_qs(request.body.decode()).items()}
        if request.method != "POST" or form.get("grant_type") != "refresh_token":
            return refusal("unsupported_grant_type", "The grant type is not supported.")
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return refusal("invalid_client", "The client is unknown or its secret is wrong.")
        if self.refused or form.get("refresh_token") != self.refresh_token:
            return refusal("invalid_grant", "The refresh token is invalid or was revoked.")
        access = f"1/fake:{self.refreshes}"
        self.expiry[access] = self.clock() + LIFE
        return answer({"access_token": access, "token_type": "bearer", "expires_in": LIFE, "data": {"id": 1}})

    def valid(self, access: str) -> bool:
        """Whether an access token was given and is not yet an hour old."""
        return self.clock() < self.expiry.get(access, 0)

    def revoke(self) -> None:
        """Forget every access token and refuse to give more."""
        self.expiry.clear()
        self.refused = True


def refusal(error: str, description: str) -> Response:
    """OAuth's error envelope."""
    return answer({"error": error, "error_description": description}, 400)
