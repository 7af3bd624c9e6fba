"""OAuth: consent that is given at once, codes that it brings, and the tokens that these are exchanged for."""

from __future__ import annotations

import html
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

from fake_asana.messages import HttpRequest, HttpResponse, answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fake_asana.model.clock import Clock

LIFE = 3600
CODE_LIFE = 600
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
"""The redirect address of those who cannot be redirected to: the code is shown, to be copied."""

LOOPBACK = "http://localhost:8914/"
CLIENT = "The client is unknown or its secret is wrong."


@dataclass
class Code:
    """What a code was given for; it is good once, and until `expiry`."""

    redirect_uri: str
    challenge: str
    method: str
    expiry: float

    def proven(self, verifier: str) -> bool:
        """Whether the verifier is the one that the challenge was made from (PKCE)."""
        if not self.challenge:
            return True
        digest = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
        return self.challenge == (digest if self.method == "S256" else verifier)


class OAuth:
    """One registered application: its credentials, where its users return to, and what it was given.

    `consents` is whether whoever is asked for consent gives it; `rotates` is whether a refresh token is good once.
    """

    client_id = "client"
    client_secret = "secret"  # noqa: S105 - there is nothing behind it
    refresh_token = "refresh"  # noqa: S105 - there is nothing behind it

    def __init__(self, clock: Clock, *, rotates: bool = False) -> None:
        """An application that was never refused."""
        self.clock, self.rotates, self.refused, self.refreshes = clock, rotates, False, 0
        self.expiry: dict[str, float] = {}
        self.redirect_uris, self.scopes, self.consents = {OUT_OF_BAND, LOOPBACK}, {"default"}, True
        self.codes: dict[str, Code] = {}
        self.given = 0

    def authorize(self, request: HttpRequest) -> HttpResponse:
        """Send the browser back with a code, or with an error; a page of 400 where nobody knows whither."""
        query = request.query
        back = query.get("redirect_uri", "")
        if query.get("client_id") != self.client_id or back not in self.redirect_uris:
            return page(400, "invalid_request: The client or its redirect_uri is not registered.")
        error = self.objection(query)
        if error:
            return self.returned(back, {"error": error}, query)
        self.given += 1
        code = f"0/code:{self.given}"
        challenge, method = query.get("code_challenge", ""), query.get("code_challenge_method", "plain")
        self.codes[code] = Code(back, challenge, method, self.clock() + CODE_LIFE)
        return self.returned(back, {"code": code}, query)

    def objection(self, query: Mapping[str, str]) -> str:
        """OAuth's name for what is wrong with a good address' query; empty where it brings a code."""
        if query.get("response_type") != "code":
            return "unsupported_response_type"
        if query.get("code_challenge_method", "plain") not in {"plain", "S256"}:
            return "invalid_request"
        if not set(query.get("scope", "default").split()) <= self.scopes:
            return "invalid_scope"
        return "" if self.consents else "access_denied"

    @staticmethod
    def returned(back: str, found: dict[str, str], query: Mapping[str, str]) -> HttpResponse:
        """The redirect, or the page that shows what it would bring."""
        if back == OUT_OF_BAND:
            return page(200, " ".join(found.values()))
        state = {"state": query["state"]} if "state" in query else {}
        return HttpResponse(302, {"Location": f"{back}?{urlencode({**found, **state})}"}, b"")

    def token(self, request: HttpRequest) -> HttpResponse:
        """Exchange what a form post brings for a token; 400 in OAuth's own envelope when it is not right."""
        self.refreshes += 1
        form = {key: values[0] for key, values in parse_qs(request.body.decode()).items()}
        kind = form.get("grant_type") if request.method == "POST" else None
        if kind not in {"refresh_token", "authorization_code"}:
            return refusal("unsupported_grant_type", "The grant type is not supported.")
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return refusal("invalid_client", CLIENT)
        if kind == "authorization_code":
            if not self.redeemed(form):
                return refusal("invalid_grant", "The code is invalid or expired, or was not given for this request.")
            return self.access({"refresh_token": self.refresh_token})
        if self.refused or form.get("refresh_token") != self.refresh_token:
            return refusal("invalid_grant", "The `refresh_token` provided was invalid.")
        return self.access(self.rotated())

    def rotated(self) -> dict[str, str]:
        """A new refresh token, after which the old one is not good any more; nothing where they stay."""
        if not self.rotates:
            return {}
        self.refresh_token = f"{self.refresh_token.partition(':')[0]}:{self.refreshes}"
        return {"refresh_token": self.refresh_token}

    def redeemed(self, form: Mapping[str, str]) -> bool:
        """Whether a code is good; a second time it is not."""
        code = self.codes.pop(form.get("code", ""), None)
        return (
            code is not None
            and self.clock() < code.expiry
            and form.get("redirect_uri") == code.redirect_uri
            and code.proven(form.get("code_verifier", ""))
        )

    def access(self, beside: dict[str, str]) -> HttpResponse:
        """A new access token, and what comes beside it."""
        access = f"1/fake:{self.refreshes}"
        self.expiry[access] = self.clock() + LIFE
        return answer({"access_token": access, "token_type": "bearer", "expires_in": LIFE, "data": {"id": 1}, **beside})

    def valid(self, access: str) -> bool:
        """Whether an access token was given and is not yet an hour old."""
        return self.clock() < self.expiry.get(access, 0)

    def revoke(self) -> None:
        """Forget every access token and refuse to give more."""
        self.expiry.clear()
        self.refused = True


def refusal(error: str, description: str) -> HttpResponse:
    """OAuth's error envelope."""
    return answer({"error": error, "error_description": description}, 400)


def page(status: int, text: str) -> HttpResponse:
    """A page for people."""
    body = f"<!doctype html><title>Asana</title><p>{html.escape(text)}</p>".encode()
    return HttpResponse(status, {"Content-Type": "text/html; charset=UTF-8"}, body)
