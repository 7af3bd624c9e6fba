"""OAuth of the fake: consent, codes and tokens."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
import pytest
from fake_client import FakeClient

from fake_asana.messages import HttpRequest, HttpResponse
from fake_asana.server.api import AUTHORIZE_PATH, TOKEN_PATH
from fake_asana.server.oauth import CODE_SECONDS, LOOPBACK, OUT_OF_BAND, OAuth

VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


def authorize(client: FakeClient, **changed: str) -> HttpResponse:
    """Request consent, with some changed fields."""
    query = {"client_id": OAuth.client_id, "redirect_uri": LOOPBACK, "response_type": "code", "state": "kept"}
    proof = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    return client.api.respond(HttpRequest("GET", AUTHORIZE_PATH, {**query, **proof, **changed}))


def redirect_parameters(response: HttpResponse) -> dict[str, str]:
    """Return the parameters of the redirect."""
    assert response.status == 302
    address = urlsplit(response.headers["Location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == LOOPBACK
    return {name: values[0] for name, values in parse_qs(address.query).items()}


def exchange(client: FakeClient, code: str, **changed: str) -> tuple[int, dict[str, Any]]:
    """Exchange a code, with some changed fields."""
    app = {"client_id": OAuth.client_id, "client_secret": OAuth.client_secret, "redirect_uri": LOOPBACK}
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER, **app, **changed}
    response = client.api.respond(HttpRequest("POST", TOKEN_PATH, body=urlencode(form).encode()))
    return response.status, msgspec.json.decode(response.body)


def test_a_code_is_exchanged_for_both_tokens() -> None:
    """Consent returns a code and the state, and the code an access token and a refresh token."""
    client = FakeClient()
    parameters = redirect_parameters(authorize(client))
    assert parameters["state"] == "kept"
    status, tokens = exchange(client, parameters["code"])
    assert (status, tokens["refresh_token"]) == (200, OAuth.refresh_token)
    assert client.request("/workspaces", token=tokens["access_token"])[0] == 200


def test_a_code_is_valid_once() -> None:
    """A second exchange of the same code is an invalid grant."""
    client = FakeClient()
    code = redirect_parameters(authorize(client))["code"]
    assert exchange(client, code)[0] == 200
    assert exchange(client, code)[1]["error"] == "invalid_grant"


def test_a_code_expires() -> None:
    """A late exchange is an invalid grant."""
    client = FakeClient()
    code = redirect_parameters(authorize(client))["code"]
    client.clock.advance(CODE_SECONDS)
    assert exchange(client, code)[1]["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": OUT_OF_BAND}, "invalid_grant"),
        ({"code": "0/code:9"}, "invalid_grant"),
        ({"client_secret": "guess"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_an_exchange_must_match_its_request(changed: dict[str, str], error: str) -> None:
    """Another verifier, address, code, secret or grant type is refused with its error."""
    client = FakeClient()
    code = redirect_parameters(authorize(client))["code"]
    assert exchange(client, **{"code": code, **changed})[1]["error"] == error


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
        ({"scope": "tasks:read"}, "invalid_scope"),
    ],
)
def test_an_invalid_request_is_redirected_with_an_error(changed: dict[str, str], error: str) -> None:
    """A registered app gets the error with its state."""
    assert redirect_parameters(authorize(FakeClient(), **changed)) == {"error": error, "state": "kept"}


@pytest.mark.parametrize("changed", [{"client_id": "nobody"}, {"redirect_uri": "http://127.0.0.1:1/"}])
def test_an_unknown_app_gets_no_redirect(changed: dict[str, str]) -> None:
    """An unregistered app or address gets a 400."""
    response = authorize(FakeClient(), **changed)
    assert response.status == 400
    assert "Location" not in response.headers


def test_consent_can_be_denied() -> None:
    """The app gets an error instead of a code."""
    client = FakeClient()
    client.api.oauth.consents = False
    assert redirect_parameters(authorize(client)) == {"error": "access_denied", "state": "kept"}
    assert client.api.oauth.codes == {}


def test_an_app_without_a_redirect_address_shows_the_code() -> None:
    """The out-of-band address shows the code on a page, valid for that address alone."""
    client = FakeClient()
    response = authorize(client, redirect_uri=OUT_OF_BAND)
    assert response.status == 200
    (code,) = client.api.oauth.codes
    assert code in response.body.decode()
    assert exchange(client, code, redirect_uri=OUT_OF_BAND)[0] == 200


def refresh(client: FakeClient, token: str) -> tuple[int, dict[str, Any]]:
    """Exchange a refresh token for an access token."""
    app = {"client_id": OAuth.client_id, "client_secret": OAuth.client_secret}
    form = urlencode({"grant_type": "refresh_token", "refresh_token": token, **app})
    response = client.api.respond(HttpRequest("POST", TOKEN_PATH, body=form.encode()))
    return response.status, msgspec.json.decode(response.body)


def test_refresh_tokens_are_permanent_unless_they_rotate() -> None:
    """A refresh token can be used repeatedly, but only once if tokens rotate."""
    client = FakeClient()
    assert [refresh(client, OAuth.refresh_token)[0] for _ in range(2)] == [200, 200]
    client.api.oauth.rotates = True
    _, first = refresh(client, OAuth.refresh_token)
    assert refresh(client, OAuth.refresh_token)[1]["error"] == "invalid_grant"
    _, second = refresh(client, first["refresh_token"])
    assert second["refresh_token"] not in {OAuth.refresh_token, first["refresh_token"]}


def test_me_is_the_tokens_user() -> None:
    """A person is one of the listed users, a service account is not."""
    client = FakeClient()
    users = {user["gid"] for user in client.all("/users", workspace=client.first.gid)}
    assert client.get("/users/me")["gid"] in users
    assert client.get("/users/me", token="0/service")["gid"] not in users


def test_tasks_of_a_project_are_counted() -> None:
    """The counts match the list and must be selected."""
    client = FakeClient()
    project = max(client.first.projects.values(), key=lambda row: len(row.tasks))
    listed = client.all("/tasks", project=project.gid)
    path = f"/projects/{project.gid}/task_counts"
    assert any(task.parent for task in project.tasks.values())
    assert client.get(path, opt_fields="num_tasks") == {"num_tasks": len(listed)}
    milestones = client.get(path, opt_fields="num_milestones,num_completed_milestones,num_incomplete_milestones")
    assert milestones["num_milestones"] == sum(task.subtype == "milestone" for task in project.tasks.values())
    assert milestones["num_milestones"] == sum(milestones.values()) / 2
    assert client.get(path) == {}
