"""A 401 concerns the token, one list, or nothing permanent (law 6)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from client_fixture import REQUEST, TOKEN, ClientFixture, RenewableToken, bad, good, read_list

from tap_asana.api.auth import Auth, FixedToken
from tap_asana.api.protocol import Unavailable
from tap_asana.api.request import Request
from tap_asana.errors import FatalResponseError


@pytest.fixture
def fixture() -> ClientFixture:
    """Return a client without answers."""
    return ClientFixture()


def test_a_401_renews_the_token_once() -> None:
    """A request rejected for its token is sent again with a renewed one."""
    fixture = ClientFixture(RenewableToken())
    fixture.script("/tasks", bad(401, "Not Authorized"), good("1"))
    assert read_list(fixture, REQUEST) == ["1"]
    sent = [request.headers["Authorization"] for request in fixture.asana.request_history]
    assert sent == ["Bearer 0/number1", "Bearer 0/number2"]


def test_a_second_401_is_fatal() -> None:
    """If the renewed token is rejected too, the run ends with Asana's message."""
    fixture = ClientFixture(RenewableToken())
    fixture.script("/tasks", bad(401, "Not Authorized"))
    with pytest.raises(FatalResponseError, match=r"\(401\): Not Authorized$"):
        fixture.client.fetch(REQUEST)
    assert len(fixture.asana.request_history) == 2


def test_a_401_for_a_fixed_token_is_fatal(fixture: ClientFixture) -> None:
    """Without a renewable token, the first 401 ends the run with Asana's message."""
    fixture.script("/tasks", bad(401, "Not Authorized"))
    with pytest.raises(FatalResponseError, match=r"\(401\): Not Authorized$"):
        fixture.client.fetch(REQUEST)
    assert len(fixture.asana.request_history) == 1


@pytest.mark.parametrize("ask", [REQUEST, replace(REQUEST, path="/projects/1/sections")])
@pytest.mark.parametrize("auth", [FixedToken(TOKEN), RenewableToken()], ids=["fixed", "renewable"])
def test_a_401_for_an_accepted_token_skips_one_list(ask: Request, auth: Auth) -> None:
    """A list that rejects an accepted token twice is skipped without a renewal, and all else is read."""
    fixture = ClientFixture(auth)
    fixture.script("/workspaces", good("1"))
    fixture.script(ask.path, bad(401, "Not Authorized"))
    fixture.script("/users", good("3"))
    assert fixture.client.fetch(replace(REQUEST, path="/workspaces")).records
    assert fixture.client.fetch(ask).unavailable == Unavailable(401, "Not Authorized")
    assert read_list(fixture, replace(REQUEST, path="/users")) == ["3"]
    assert fixture.client.metrics["tasks"].skipped_by_status == {401: 1}
    assert len({request.headers["Authorization"] for request in fixture.asana.request_history}) == 1


def test_a_single_401_for_an_accepted_token_is_retried(fixture: ClientFixture) -> None:
    """A single 401 for an accepted token is retried."""
    fixture.script("/workspaces", good("1"))
    fixture.script("/tasks", good("1", offset="a"), bad(401, "Not Authorized"), good("2"))
    assert read_list(fixture, REQUEST) == ["1", "2"]


def test_a_token_revoked_during_the_run_ends_it(fixture: ClientFixture) -> None:
    """If the root rejects the token too, the 401 is about the token, even after successful reads."""
    fixture.script("/tasks", good("1", offset="a"), bad(401, "Not Authorized"))
    fixture.script("/workspaces", bad(401, "Not Authorized"))
    with pytest.raises(FatalResponseError, match=r"\(401\): Not Authorized$"):
        read_list(fixture, REQUEST)


def test_a_token_that_expires_during_the_run_is_renewed() -> None:
    """If the root rejects the token, it is renewed, once for all requests."""
    auth = RenewableToken()
    fixture = ClientFixture(auth)
    fixture.script("/tasks", good("1", offset="a"), bad(401, "Not Authorized"), good("2"))
    fixture.script("/workspaces", bad(401, "Not Authorized"), good("1"))
    assert read_list(fixture, REQUEST) == ["1", "2"]
    assert auth.number == 2
