"""Authentication: fixed tokens and refreshed OAuth tokens."""

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
from methods import HOUR
from requests_mock.request import _RequestObjectProxy
from requests_mock.response import _Context
from token_endpoint import FORM, Endpoint, token_response

from tap_asana.api.auth import Auth, FixedToken
from tap_asana.errors import AsanaError, FatalResponseError, RetriesExhaustedError


def test_a_fixed_token_is_never_renewed() -> None:
    """A personal access token is sent unchanged, and cannot be renewed."""
    auth = FixedToken("0/personal")
    assert auth.token() == "0/personal"
    assert not auth.renew("0/personal")
    assert auth.token() == "0/personal"


def test_the_refresh_is_a_form_post() -> None:
    """The configured credentials are posted to the token endpoint as a form, with a timeout."""
    endpoint = Endpoint(token_response())
    assert endpoint.auth.token() == "1/acce55:1"
    request = endpoint.adapter.last_request
    assert request is not None
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(request.text) == {"grant_type": ["refresh_token"], **{name: [FORM[name]] for name in FORM}}
    assert request.timeout == 60


def test_the_first_token_is_fetched_on_demand() -> None:
    """The first token is fetched on first use, and reused afterwards."""
    endpoint = Endpoint(token_response())
    assert endpoint.adapter.call_count == 0
    assert {endpoint.auth.token() for _ in range(5)} == {"1/acce55:1"}
    assert endpoint.adapter.call_count == 1


@pytest.mark.parametrize(
    ("expires_in", "usable_seconds"), [(HOUR, HOUR - 300), (None, HOUR - 300), ("1000", 700), (400, 200), (10, 5)]
)
def test_a_token_is_renewed_before_it_expires(expires_in: object, usable_seconds: float) -> None:
    """A token is used until five minutes before it expires, or for half of a lifetime of less than ten minutes."""
    endpoint = Endpoint(token_response(1, expires_in), token_response(2))
    assert endpoint.auth.token() == "1/acce55:1"
    endpoint.clock.now += usable_seconds - 0.001
    assert endpoint.auth.token() == "1/acce55:1"
    endpoint.clock.now += 0.002
    assert endpoint.auth.token() == "1/acce55:2"


def test_threads_share_one_refresh() -> None:
    """When several threads need a token at once, one fetches it and the others wait for it."""
    threads = 10
    here = threading.Barrier(threads)
    asking = threading.Semaphore(0)

    def answer(_request: _RequestObjectProxy, _context: _Context) -> dict[str, Any]:
        for _ in range(threads):
            assert asking.acquire(timeout=PATIENCE)
        answered: dict[str, Any] = token_response(1)["json"]
        return answered

    endpoint = Endpoint({"json": answer})

    def get_token() -> str:
        here.wait(PATIENCE)
        asking.release()
        return endpoint.auth.token()

    with ThreadPoolExecutor(threads) as pool:
        tokens = [future.result(PATIENCE) for future in [pool.submit(get_token) for _ in range(threads)]]
    assert tokens == ["1/acce55:1"] * threads
    assert endpoint.adapter.call_count == 1


def test_a_stale_token_is_renewed_once() -> None:
    """Of all threads with the same rejected token, the first renews it and the others reuse the result."""
    endpoint = Endpoint(token_response(1), token_response(2))
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
def test_a_rejected_refresh_raises_a_one_line_error(answer: dict[str, Any], reason: str) -> None:
    """A rejected refresh ends the run with Asana's own description in one line, without the credentials."""
    endpoint = Endpoint({"status_code": 400, **answer})
    assert endpoint.refusal() == f"Asana refused to renew the OAuth access token: {reason}"
    assert endpoint.adapter.call_count == 1


def test_a_response_without_a_token_is_a_rejection() -> None:
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
def test_transient_failures_of_the_token_endpoint_are_retried(fault: dict[str, Any]) -> None:
    """The request is retried more than five times with growing pauses before the run ends."""
    endpoint = Endpoint(*[fault] * 6, token_response())
    assert endpoint.auth.token() == "1/acce55:1"
    assert len(endpoint.clock.slept) == 6
    assert endpoint.clock.slept[-1] > 5 * endpoint.clock.slept[0]

    endpoint = Endpoint(fault)
    assert "could not be renewed" in endpoint.refusal()
    assert endpoint.adapter.call_count == len(endpoint.clock.slept) + 1


def test_a_rejection_and_an_outage_raise_different_errors() -> None:
    """A rejection and an outage of the token endpoint raise different errors."""
    with pytest.raises(FatalResponseError):
        Endpoint({"status_code": 401, "json": {}}).auth.token()
    with pytest.raises(RetriesExhaustedError):
        Endpoint({"status_code": 502}).auth.token()


def test_netrc_credentials_are_not_sent_to_the_token_endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The credentials of a .netrc entry for the host are not sent."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine app.asana.com login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    endpoint = Endpoint(token_response())
    endpoint.auth.token()
    request = endpoint.adapter.last_request
    assert request is not None
    assert "Authorization" not in request.headers


@pytest.mark.parametrize("auth", [FixedToken("1/acce55:1"), Endpoint(token_response()).auth], ids=["fixed", "oauth"])
def test_no_repr_shows_a_secret(auth: Auth) -> None:
    """The repr and str of an auth object contain no token and no credentials."""
    assert auth.token() == "1/acce55:1"
    assert not any(secret in f"{auth!r} {auth}" for secret in ["1/acce55:1", *FORM.values()])


def test_no_error_shows_a_secret() -> None:
    """No traceback of a failed refresh contains the credentials, even if the network error does."""
    for fault in ({"exc": requests.ConnectionError(f"{FORM}")}, {"status_code": 400, "json": {"error": f"{FORM}"}}):
        endpoint = Endpoint(fault)
        with pytest.raises(AsanaError) as raised:
            endpoint.auth.token()
        traceback_text = "".join(traceback.format_exception(raised.value))
        assert not any(secret in traceback_text for secret in (FORM["client_secret"], FORM["refresh_token"]))
