"""Who the requests speak for: tokens that stay, and tokens that are renewed (facts 5.2)."""

from __future__ import annotations

import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from clock import PATIENCE
from requests_mock.request import _RequestObjectProxy
from requests_mock.response import _Context
from token_endpoint import FORM, HOUR, Endpoint, granted

from tap_asana.api.auth import Auth, FixedToken
from tap_asana.errors import AsanaError, FatalResponseError, RetriesExhaustedError


def test_a_fixed_token_stays() -> None:
    """A personal access token is sent as it is, and there is no other in its place."""
    auth = FixedToken("0/personal")
    assert auth.token() == "0/personal"
    assert not auth.renew("0/personal")
    assert auth.token() == "0/personal"


def test_the_refresh_is_a_form_post() -> None:
    """What is configured goes to the token endpoint as a form, and with a timeout."""
    endpoint = Endpoint(granted())
    assert endpoint.auth.token() == "1/acce55:1"
    request = endpoint.adapter.last_request
    assert request is not None
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(request.text) == {"grant_type": ["refresh_token"], **{name: [FORM[name]] for name in FORM}}
    assert request.timeout == 60


def test_nothing_is_fetched_before_it_is_needed() -> None:
    """The first token is fetched when it is asked for, and kept for those who ask later."""
    endpoint = Endpoint(granted())
    assert endpoint.adapter.call_count == 0
    assert {endpoint.auth.token() for _ in range(5)} == {"1/acce55:1"}
    assert endpoint.adapter.call_count == 1


@pytest.mark.parametrize(
    ("expires_in", "kept"), [(HOUR, HOUR - 300), (None, HOUR - 300), ("1000", 700), (400, 200), (10, 5)]
)
def test_a_token_is_renewed_before_it_expires(expires_in: object, kept: float) -> None:
    """A token is used until five minutes before its end, or for half of a life shorter than that."""
    endpoint = Endpoint(granted(1, expires_in), granted(2))
    assert endpoint.auth.token() == "1/acce55:1"
    endpoint.clock.now += kept - 0.001
    assert endpoint.auth.token() == "1/acce55:1"
    endpoint.clock.now += 0.002
    assert endpoint.auth.token() == "1/acce55:2"


def test_threads_share_one_refresh() -> None:
    """However many threads find the token missing, one fetches it and the others wait for that one."""
    threads = 10
    here = threading.Barrier(threads)
    asking = threading.Semaphore(0)

    def answer(_request: _RequestObjectProxy, _context: _Context) -> dict[str, Any]:
        for _ in range(threads):
            assert asking.acquire(timeout=PATIENCE)
        answered: dict[str, Any] = granted(1)["json"]
        return answered

    endpoint = Endpoint({"json": answer})

    def ask() -> str:
        here.wait(PATIENCE)
        asking.release()
        return endpoint.auth.token()

    with ThreadPoolExecutor(threads) as pool:
        tokens = [future.result(PATIENCE) for future in [pool.submit(ask) for _ in range(threads)]]
    assert tokens == ["1/acce55:1"] * threads
    assert endpoint.adapter.call_count == 1


def test_a_stale_token_is_renewed_once() -> None:
    """Of all threads that were refused with one token, the first renews it and the others take what it got."""
    endpoint = Endpoint(granted(1), granted(2))
    stale = endpoint.auth.token()
    assert all(endpoint.auth.renew(stale) for _ in range(5))
    assert endpoint.auth.token() == "1/acce55:2"
    assert endpoint.adapter.call_count == 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"json": {"error": "invalid_grant", "error_description": "The token is revoked."}}, "The token is revoked."),
        ({"json": {"error": "invalid_client"}}, "invalid_client"),
        ({"json": {"error_description": "the\n grant"}}, "the grant"),
        ({"json": []}, "status 400"),
        ({"text": "<html>"}, "status 400"),
        ({"json": {"error_description": "2/re/fresh is no token of 1200 with hu5h"}}, "… is no token of … with …"),
    ],
)
def test_a_refused_refresh_is_one_line(answer: dict[str, Any], reason: str) -> None:
    """A refusal ends the run with Asana's own description, in one line and with no word of what was sent."""
    endpoint = Endpoint({"status_code": 400, **answer})
    assert endpoint.refusal() == f"Asana refused to renew the OAuth access token: {reason}"
    assert endpoint.adapter.call_count == 1


def test_an_answer_without_a_token_is_a_refusal() -> None:
    """A good status does not make up for a missing token, and a redirect is not followed."""
    assert Endpoint({"json": {"error": "unsupported"}}).refusal().endswith(": unsupported")
    assert Endpoint({"status_code": 302, "headers": {"Location": "https://a.b"}}).refusal().endswith(": status 302")


@pytest.mark.parametrize(
    "fault",
    [
        {"status_code": 500},
        {"status_code": 503, "text": "<html>"},
        {"status_code": 429, "json": {"error": "slow down"}},
        {"status_code": 408},
        {"exc": requests.ConnectionError("2/re/fresh")},
        {"exc": requests.ReadTimeout},
        {"exc": requests.exceptions.ChunkedEncodingError},
        {"text": '{"access_token": "1/acc'},
        {"text": "<html>"},
        {"json": ["1/acce55:1"]},
        {"json": None},
    ],
)
def test_passing_faults_of_the_token_endpoint_are_tried_again(fault: dict[str, Any]) -> None:
    """The endpoint is asked again more than five times, with pauses that grow, before the run ends."""
    endpoint = Endpoint(*[fault] * 6, granted())
    assert endpoint.auth.token() == "1/acce55:1"
    assert len(endpoint.clock.slept) == 6
    assert endpoint.clock.slept[-1] > 5 * endpoint.clock.slept[0]

    endpoint = Endpoint(fault)
    assert "could not be renewed" in endpoint.refusal()
    assert endpoint.adapter.call_count == len(endpoint.clock.slept) + 1


def test_refusal_and_outage_are_told_apart() -> None:
    """A refusal asks for new credentials, an outage for patience."""
    with pytest.raises(FatalResponseError):
        Endpoint({"status_code": 401, "json": {}}).auth.token()
    with pytest.raises(RetriesExhaustedError):
        Endpoint({"status_code": 502}).auth.token()


def test_no_netrc_speaks_to_the_token_endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials that a .netrc holds for the host are not sent along."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine app.asana.com login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    endpoint = Endpoint(granted())
    endpoint.auth.token()
    request = endpoint.adapter.last_request
    assert request is not None
    assert "Authorization" not in request.headers


@pytest.mark.parametrize("auth", [FixedToken("1/acce55:1"), Endpoint(granted()).auth], ids=["fixed", "oauth"])
def test_no_secret_is_shown(auth: Auth) -> None:
    """What an object says of itself holds no token."""
    assert auth.token() == "1/acce55:1"
    assert not any(secret in f"{auth!r} {auth}" for secret in ["1/acce55:1", *FORM.values()])


def test_no_secret_is_told() -> None:
    """No message of a failed refresh holds what was sent, even where the network's own error does."""
    for fault in ({"exc": requests.ConnectionError(f"{FORM}")}, {"status_code": 400, "json": {"error": f"{FORM}"}}):
        endpoint = Endpoint(fault)
        with pytest.raises(AsanaError) as raised:
            endpoint.auth.token()
        told = "".join(traceback.format_exception(raised.value))
        assert not any(secret in told for secret in (FORM["client_secret"], FORM["refresh_token"]))
