"""The authorization request of OAuth's code flow: the URL that asks for consent, and the check of the response."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from tap_asana.api.redaction import redact
from tap_asana.errors import AsanaError

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
"""Redirect URI of apps that cannot receive a redirect: Asana shows the code, and the user pastes it."""

RANDOM_BYTES = 32
"""Random bytes in a state and in a PKCE verifier."""


class LoginError(AsanaError):
    """The login failed; the message says why."""


@dataclass(frozen=True)
class AuthorizationRequest:
    """A request for the user's consent.

    `state` must come back with the response, which proves that the response belongs to this request. `verifier` is the
    PKCE secret (S256): Asana gets its digest with the request, and the secret itself with the code.
    """

    client_id: str = field(repr=False)
    redirect_uri: str
    scope: str
    state: str = field(default_factory=lambda: secrets.token_urlsafe(RANDOM_BYTES), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(RANDOM_BYTES), repr=False)

    def url(self, token_url: str) -> str:
        """Return the URL of the consent page, next to the token endpoint."""
        query = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": self.scope,
            "state": self.state,
            "code_challenge": urlsafe_b64encode(sha256(self.verifier.encode()).digest()).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return f"{urljoin(token_url, 'oauth_authorize')}?{urlencode(query)}"

    def code(self, response: Mapping[str, str]) -> str:
        """Return the authorization code; raises LoginError if the response has none or belongs to another request."""
        if not secrets.compare_digest(response.get("state", "").encode(), self.state.encode()):
            raise LoginError("OAuth state mismatch: the response belongs to a different login. Try again.")
        if response.get("error") == "access_denied":
            raise LoginError("Access was denied in the browser; nothing was written.")
        if "error" in response:
            raise LoginError(f"Asana rejected the authorization request: {redact(response['error'])}.")
        if not response.get("code"):
            raise LoginError("The response contains no code. Try again.")
        return response["code"]

    def pasted_code(self, text: str) -> str:
        """Return the code from pasted text: the code alone, or the URL that the browser was redirected to."""
        text = text.strip()
        if "?" in text:
            return self.code(query_parameters(text))
        if not text or not text.isascii() or " " in text:
            raise LoginError("No code was pasted; nothing was written.")
        return text

    def form(self, code: str, client_secret: str) -> dict[str, str]:
        """Return the form that exchanges the code at the token endpoint."""
        return {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "client_secret": client_secret,
            "redirect_uri": self.redirect_uri,
            "code": code,
            "code_verifier": self.verifier,
        }


def query_parameters(url: str) -> dict[str, str]:
    """Return the query parameters of a URL, the first value of each."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
