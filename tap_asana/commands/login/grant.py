"""One request for consent: where the browser is sent, and what has to come back from there (facts 5.2)."""

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
"""The redirect address of apps that nothing can be sent to: Asana shows the code, to be pasted."""

RANDOM = 32
"""Bytes of chance in a state and in a verifier."""


class LoginError(AsanaError):
    """The walk ended without a token; the message says why."""


@dataclass(frozen=True)
class AuthorizationRequest:
    """An app's request for consent, and the chance in it that tells its answer from others.

    The state is what the answer has to repeat; of the verifier Asana first learns the digest alone (PKCE, S256).
    """

    client_id: str = field(repr=False)
    redirect_uri: str
    scope: str
    state: str = field(default_factory=lambda: secrets.token_urlsafe(RANDOM), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(RANDOM), repr=False)

    def address(self, token_url: str) -> str:
        """Return where consent is asked for: beside the token endpoint."""
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

    def code(self, returned: Mapping[str, str]) -> str:
        """Return the code of an answer; raises NotConnected where it is another's, or brings none."""
        if not secrets.compare_digest(returned.get("state", "").encode(), self.state.encode()):
            raise LoginError("The answer has another state than this login: it is of another request. Try again.")
        if returned.get("error") == "access_denied":
            raise LoginError("Access was denied in the browser; nothing was written.")
        if "error" in returned:
            raise LoginError(f"Asana refused to ask for consent: {redact(returned['error'])}.")
        if not returned.get("code"):
            raise LoginError("The answer holds no code. Try again.")
        return returned["code"]

    def pasted(self, text: str) -> str:
        """Return the code that was pasted, alone or as the address that the browser was sent to."""
        text = text.strip()
        if "?" in text:
            return self.code(parameters(text))
        if not text or not text.isascii() or " " in text:
            raise LoginError("No code was pasted; nothing was written.")
        return text

    def form(self, code: str, client_secret: str) -> dict[str, str]:
        """Return what the token endpoint takes a code with."""
        return {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "client_secret": client_secret,
            "redirect_uri": self.redirect_uri,
            "code": code,
            "code_verifier": self.verifier,
        }


def parameters(address: str) -> dict[str, str]:
    """Return the query parameters of an address, each once."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
