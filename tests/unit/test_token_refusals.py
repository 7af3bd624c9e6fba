"""A 401 concerns the token, one list, or nothing permanent (law 6)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rig import ASK, TOKEN, Renewable, Rig, bad, good, read

from tap_asana.api.auth import Auth, FixedToken
from tap_asana.api.protocol import Unavailable
from tap_asana.api.request import Request
from tap_asana.errors import FatalResponseError


@pytest.fixture
def rig() -> Rig:
    """Return a client without answers."""
    return Rig()


def test_a_401_renews_the_token_once() -> None:
    """A request rejected for its token is sent again with a renewed one."""
    rig = Rig(Renewable())
    rig.script("/tasks", bad(401, "Not Authorized"), good("1"))
    assert read(rig, ASK) == ["1"]
    sent = [request.headers["Authorization"] for request in rig.asana.request_history]
    assert sent == ["Bearer 0/number1", "Bearer 0/number2"]


def test_a_second_401_is_fatal() -> None:
    """If the renewed token is rejected too, the run ends with Asana's message."""
    rig = Rig(Renewable())
    rig.script("/tasks", bad(401, "Not Authorized"))
    with pytest.raises(FatalResponseError, match=r"\(401\): Not Authorized$"):
        rig.client.fetch(ASK)
    assert len(rig.asana.request_history) == 2


def test_a_401_for_a_fixed_token_is_fatal(rig: Rig) -> None:
    """Without a renewable token, the first 401 ends the run with Asana's message."""
    rig.script("/tasks", bad(401, "Not Authorized"))
    with pytest.raises(FatalResponseError, match=r"\(401\): Not Authorized$"):
        rig.client.fetch(ASK)
    assert len(rig.asana.request_history) == 1


@pytest.mark.parametrize("ask", [ASK, replace(ASK, path="/projects/1/sections")])
@pytest.mark.parametrize("auth", [FixedToken(TOKEN), Renewable()], ids=["fixed", "renewable"])
def test_a_401_for_an_accepted_token_skips_one_list(ask: Request, auth: Auth) -> None:
    """A list that rejects an accepted token twice is skipped without a renewal, and all else is read."""
    rig = Rig(auth)
    rig.script("/workspaces", good("1"))
    rig.script(ask.path, bad(401, "Not Authorized"))
    rig.script("/users", good("3"))
    assert rig.client.fetch(replace(ASK, path="/workspaces")).records
    assert rig.client.fetch(ask).unavailable == Unavailable(401, "Not Authorized")
    assert read(rig, replace(ASK, path="/users")) == ["3"]
    assert rig.client.metrics["tasks"].skipped_by_status == {401: 1}
    assert len({request.headers["Authorization"] for request in rig.asana.request_history}) == 1


def test_a_single_401_for_an_accepted_token_is_retried(rig: Rig) -> None:
    """A single 401 for an accepted token is retried."""
    rig.script("/workspaces", good("1"))
    rig.script("/tasks", good("1", offset="a"), bad(401, "Not Authorized"), good("2"))
    assert read(rig, ASK) == ["1", "2"]


def test_a_token_revoked_during_the_run_ends_it(rig: Rig) -> None:
    """If the root rejects the token too, the 401 is about the token, even after successful reads."""
    rig.script("/tasks", good("1", offset="a"), bad(401, "Not Authorized"))
    rig.script("/workspaces", bad(401, "Not Authorized"))
    with pytest.raises(FatalResponseError, match=r"\(401\): Not Authorized$"):
        read(rig, ASK)


def test_a_token_that_expires_during_the_run_is_renewed() -> None:
    """If the root rejects the token, it is renewed, once for all requests."""
    auth = Renewable()
    rig = Rig(auth)
    rig.script("/tasks", good("1", offset="a"), bad(401, "Not Authorized"), good("2"))
    rig.script("/workspaces", bad(401, "Not Authorized"), good("1"))
    assert read(rig, ASK) == ["1", "2"]
    assert auth.number == 2
