"""OAuth: immediate consent, codes, and the tokens exchanged for them."""

from __future__ import annotations

import html
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

from fake_asana.messages import HttpRequest, HttpResponse, json_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fake_asana.model.clock import Clock

ACCESS_TOKEN_SECONDS = 3600
ACCESS_TOKEN_PREFIX = "1/fake:"  # noqa: S105 - it protects nothing
CODE_SECONDS = 600
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
"""The redirect address of apps without one: the page shows the code, to be copied."""

LOOPBACK = "http://localhost:8914/"
INVALID_CLIENT = "The client is unknown or its secret is wrong."


@dataclass
class Code:
    """The request of a code, which is valid once and until `expiry`."""

    redirect_uri: str
    challenge: str
    method: str
    expiry: float

    def is_proven_by(self, verifier: str) -> bool:
        """Return True if the challenge belongs to the verifier (PKCE)."""
        if not self.challenge:
            return True
        digest = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
        return self.challenge == (digest if self.method == "S256" else verifier)


class OAuth:
    """One registered application: its credentials, its redirect addresses, and its codes and tokens.

    Users agree if `consents` is true; with `rotates`, a refresh token is valid once.
    """

    client_id = "client"
    client_secret = "secret"  # noqa: S105 - it protects nothing
    refresh_token = "refresh"  # noqa: S105 - it protects nothing

    def __init__(self, clock: Clock, *, rotates: bool = False) -> None:
        """Register the application."""
        self.clock, self.rotates, self.is_revoked, self.token_requests = clock, rotates, False, 0
        self.expiry: dict[str, float] = {}
        self.redirect_uris, self.scopes, self.consents = {OUT_OF_BAND, LOOPBACK}, {"default"}, True
        self.codes: dict[str, Code] = {}
        self.code_count = 0

    def authorize(self, request: HttpRequest) -> HttpResponse:
        """Redirect the browser with a code or an error; 400 for an unregistered redirect address."""
        query = request.query
        redirect_uri = query.get("redirect_uri", "")
        if query.get("client_id") != self.client_id or redirect_uri not in self.redirect_uris:
            return html_page(400, "invalid_request: The client or its redirect_uri is not registered.")
        error = self.authorization_error(query)
        if error:
            return self.redirect(redirect_uri, {"error": error}, query)
        self.code_count += 1
        code = f"0/code:{self.code_count}"
        challenge, method = query.get("code_challenge", ""), query.get("code_challenge_method", "plain")
        self.codes[code] = Code(redirect_uri, challenge, method, self.clock() + CODE_SECONDS)
        return self.redirect(redirect_uri, {"code": code}, query)

    def authorization_error(self, query: Mapping[str, str]) -> str:
        """Return OAuth's name for the fault of a query, empty if it is correct."""
        if query.get("response_type") != "code":
            return "unsupported_response_type"
        if query.get("code_challenge_method", "plain") not in {"plain", "S256"}:
            return "invalid_request"
        if not set(query.get("scope", "default").split()) <= self.scopes:
            return "invalid_scope"
        return "" if self.consents else "access_denied"

    @staticmethod
    def redirect(redirect_uri: str, parameters: dict[str, str], query: Mapping[str, str]) -> HttpResponse:
        """Return the redirect, or the page with the code for apps without a redirect address."""
        if redirect_uri == OUT_OF_BAND:
            return html_page(200, " ".join(parameters.values()))
        state = {"state": query["state"]} if "state" in query else {}
        return HttpResponse(302, {"Location": f"{redirect_uri}?{urlencode({**parameters, **state})}"}, b"")

    def token(self, request: HttpRequest) -> HttpResponse:
        """Exchange the code or refresh token of a form post for a token; 400 in OAuth's envelope if it is invalid."""
        self.token_requests += 1
        form = {key: values[0] for key, values in parse_qs(request.body.decode()).items()}
        kind = form.get("grant_type") if request.method == "POST" else None
        if kind not in {"refresh_token", "authorization_code"}:
            return oauth_error("unsupported_grant_type", "The grant type is not supported.")
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return oauth_error("invalid_client", INVALID_CLIENT)
        if kind == "authorization_code":
            if not self.redeem(form):
                return oauth_error(
                    "invalid_grant", "The code is invalid or expired, or was not given for this request."
                )
            return self.access_token({"refresh_token": self.refresh_token})
        if self.is_revoked or form.get("refresh_token") != self.refresh_token:
            return oauth_error("invalid_grant", "The `refresh_token` provided was invalid.")
        return self.access_token(self.rotate())

    def rotate(self) -> dict[str, str]:
        """Replace the refresh token if tokens rotate, and return the field for the response."""
        if not self.rotates:
            return {}
        self.refresh_token = f"{self.refresh_token.partition(':')[0]}:{self.token_requests}"
        return {"refresh_token": self.refresh_token}

    def redeem(self, form: Mapping[str, str]) -> bool:
        """Return True if a code is valid, and use it up."""
        code = self.codes.pop(form.get("code", ""), None)
        return (
            code is not None
            and self.clock() < code.expiry
            and form.get("redirect_uri") == code.redirect_uri
            and code.is_proven_by(form.get("code_verifier", ""))
        )

    def access_token(self, extra: dict[str, str]) -> HttpResponse:
        """Return a new access token with further fields."""
        access = f"{ACCESS_TOKEN_PREFIX}{self.token_requests}"
        self.expiry[access] = self.clock() + ACCESS_TOKEN_SECONDS
        return json_response(
            {
                "access_token": access,
                "token_type": "bearer",
                "expires_in": ACCESS_TOKEN_SECONDS,
                "data": {"id": 1},
                **extra,
            }
        )

    def valid(self, access: str) -> bool:
        """Return True if an access token is known and not expired."""
        return self.clock() < self.expiry.get(access, 0)

    def revoke(self) -> None:
        """Revoke every access token and refuse new ones."""
        self.expiry.clear()
        self.is_revoked = True


def oauth_error(error: str, description: str) -> HttpResponse:
    """Return OAuth's error envelope."""
    return json_response({"error": error, "error_description": description}, 400)


def html_page(status: int, text: str) -> HttpResponse:
    """Return a page for people."""
    body = f"<!doctype html><title>Asana</title><p>{html.escape(text)}</p>".encode()
    return HttpResponse(status, {"Content-Type": "text/html; charset=UTF-8"}, body)
