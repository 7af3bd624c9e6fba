"""A token endpoint with scripted responses."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import requests_mock
from clock import Clock
from methods import HOUR

from tap_asana.api.auth import OAuth
from tap_asana.errors import AsanaError

URL = "https://app.asana.com/-/oauth_token"


FORM = {"client_id": "1200", "client_secret": "hu5h", "refresh_token": "2/re/fresh", "redirect_uri": "https://a.b/c"}


def token_response(number: int = 1, expires_in: object = HOUR) -> dict[str, Any]:
    """Return a response with an access token."""
    return {"json": {"access_token": f"1/acce55:{number}", "expires_in": expires_in, "token_type": "bearer"}}


class Endpoint:
    """The token endpoint, and an OAuth object that uses it with a clock of its own."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        """Give these responses in order; the last is repeated."""
        self.clock = Clock()
        self.adapter = requests_mock.Adapter()
        self.session = requests.Session()
        self.session.mount("https://", self.adapter)
        self.adapter.register_uri("POST", URL, list(answers))
        self.auth = OAuth(URL, FORM, session=self.session, timeout=60, clock=self.clock, sleep=self.clock.sleep)

    def refusal(self) -> str:
        """Return the message of the error when a token is requested."""
        with pytest.raises(AsanaError) as raised:
            self.auth.token()
        return str(raised.value)
