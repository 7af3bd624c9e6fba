"""The fake through a session: faults, OAuth and a socket."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import contract
import pytest
import requests
from fake_client import FakeClient
from serving import serving

from fake_asana.messages import HttpRequest
from fake_asana.model.access import PERSON
from fake_asana.server.adapter import FakeAdapter
from fake_asana.server.api import Limits
from fake_asana.server.faults import FAULT_KINDS, Fault, Faults
from fake_asana.server.http import FakeServer
from fake_asana.server.oauth import OAuth

ROOT = "https://app.asana.com/api/1.0"
BROKEN = {
    "reset": requests.ConnectionError,
    "stall": requests.Timeout,
    **dict.fromkeys(("cut", "cut_chunks"), requests.RequestException),
}


def session(adapter: FakeAdapter | None = None, token: str = PERSON) -> requests.Session:
    """Return a session connected to the fake only."""
    http = requests.Session()
    http.trust_env = False
    http.headers["Authorization"] = f"Bearer {token}"
    if adapter:
        http.mount("https://app.asana.com", adapter)
    return http


def test_a_session_needs_no_socket() -> None:
    """A session with the adapter reads records by documented requests."""
    client = FakeClient()
    adapter = FakeAdapter(client.api, on_request=contract.check)
    answer = session(adapter).get(f"{ROOT}/workspaces", params={"limit": 100})
    assert [row["gid"] for row in answer.json()["data"]] == sorted(client.world.workspaces, key=int)
    assert client.api.log[0].template == "GET /workspaces"


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/nothing", {}),
        ("/tasks", {"modified": "1"}),
        ("/attachments", {}),
        ("/workspaces", {"limit": "101"}),
        ("/workspaces", {"opt_fields": "name,nothing"}),
        ("/tasks", {"opt_fields": "custom_fields.(name|nothing)"}),
    ],
)
def test_undocumented_requests_fail_the_check(path: str, params: dict[str, str]) -> None:
    """An unknown path, parameter, page size or opt_field fails, and so does a missing parameter."""
    with pytest.raises(AssertionError):
        contract.check(HttpRequest("GET", f"/api/1.0{path}", params))


@pytest.mark.parametrize("kind", sorted(set(FAULT_KINDS) - set(BROKEN)))
def test_a_faulty_response_is_unusable(kind: str) -> None:
    """Each has a bad status, a bad type, a body other than JSON, no list, or errors next to it."""
    client = FakeClient(faults=Faults(plan=lambda _: Fault(kind)))
    answer = session(FakeAdapter(client.api)).get(f"{ROOT}/workspaces", allow_redirects=False)
    if answer.status_code == HTTPStatus.OK and answer.headers["Content-Type"].startswith("application/json"):
        try:
            document = answer.json()
        except requests.JSONDecodeError:
            document = {}
        assert document.get("data") is None or document["errors"]
    assert client.api.faults
    assert client.api.faults.counts == {kind: 1}


@pytest.mark.parametrize("kind", sorted(BROKEN))
def test_a_damaged_response_raises(kind: str) -> None:
    """A reset, cut or stalled response raises the exception of requests."""
    client = FakeClient(faults=Faults(plan=lambda _: Fault(kind)))
    with pytest.raises(BROKEN[kind]):
        session(FakeAdapter(client.api)).get(f"{ROOT}/workspaces", timeout=1)


def test_faults_follow_their_rate() -> None:
    """With a rate of one in four about a quarter of the requests fail, the same ones for the same seed."""
    runs = []
    for _ in range(2):
        client = FakeClient(faults=Faults(0.25, ("503",), seed=5))
        runs.append([client.request("/workspaces")[0] for _ in range(200)])
    assert runs[0] == runs[1]
    assert 30 < runs[0].count(503) < 70


def test_an_unknown_fault_raises() -> None:
    """The error names the unknown kind."""
    with pytest.raises(ValueError, match="no such fault: teapot"):
        Faults(0.5, ("teapot",))


def test_concurrent_requests_are_limited() -> None:
    """Of three concurrent requests with a limit of two, one gets a 429."""
    client = FakeClient(Limits(in_flight=2))
    barrier = threading.Barrier(3)
    adapter = FakeAdapter(client.api, latency=1, sleep=lambda _: barrier.wait(timeout=10))
    http = session(adapter)
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: http.get(f"{ROOT}/workspaces"), range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 429]
    assert adapter.max_in_flight == 3


def form(**changed: str) -> dict[str, str]:
    """Return a refresh form with some changed fields."""
    right = {"client_id": OAuth.client_id, "client_secret": OAuth.client_secret, "refresh_token": OAuth.refresh_token}
    return {"grant_type": "refresh_token", **right, **changed}


def test_an_access_token_is_valid_for_an_hour() -> None:
    """A refreshed token gets 401 after an hour."""
    client = FakeClient()
    http = session(FakeAdapter(client.api))
    tokens = http.post("https://app.asana.com/-/oauth_token", data=form()).json()
    assert tokens["expires_in"] == 3600
    assert client.request("/workspaces", token=tokens["access_token"])[0] == 200
    client.clock.advance(3600)
    assert client.request("/workspaces", token=tokens["access_token"])[0] == 401


def test_a_refused_refresh_has_a_description() -> None:
    """A revoked or wrong refresh token is an invalid grant with a description."""
    client = FakeClient()
    http = session(FakeAdapter(client.api))
    wrong = http.post("https://app.asana.com/-/oauth_token", data=form(refresh_token="x"))
    client.api.oauth.revoke()
    revoked = http.post("https://app.asana.com/-/oauth_token", data=form())
    assert wrong.status_code == revoked.status_code == 400
    assert wrong.json() == revoked.json()
    assert revoked.json()["error"] == "invalid_grant"
    assert revoked.json()["error_description"]


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """Serve a world on the loopback interface."""
    with serving(FakeServer(FakeClient().api)) as server:
        yield server


def test_pages_over_a_socket_link_to_each_other(server: FakeServer) -> None:
    """The uri of a page is the address of the next one."""
    with session() as http:
        params = {"workspace": next(iter(server.api.world.workspaces)), "limit": "2"}
        first = http.get(f"{server.url}/users", params=params, timeout=10).json()
        second = http.get(first["next_page"]["uri"], timeout=10).json()
        refused = http.get(f"{server.url}/tasks", timeout=10)
    assert len({row["gid"] for row in first["data"] + second["data"]}) == 4
    assert refused.status_code == 400


def test_the_control_endpoints_read_and_change_the_world(server: FakeServer) -> None:
    """Counts, expected records, mutations, faults and requests are under /-/fake/."""
    control = server.url.replace("/api/1.0", "/-/fake")
    with session() as http:
        before = http.get(f"{control}/counts", timeout=10).json()
        changes = http.post(f"{control}/mutate", timeout=10).json()
        truth = http.get(f"{control}/truth/tasks", timeout=10).json()
        http.post(f"{control}/faults", params={"rate": "1", "kinds": "503"}, timeout=10)
        failed = http.get(f"{server.url}/workspaces", timeout=10)
        requested = http.get(f"{control}/requests", timeout=10).json()
        lost = http.get(f"{control}/nothing", timeout=10)
    assert before["tasks"] != 0
    assert set(changes["changed"]["tasks"]) <= {task["gid"] for task in truth}
    assert (failed.status_code, lost.status_code) == (503, 404)
    assert requested["templates"] == {"GET /workspaces": 1}


@pytest.mark.parametrize("kind", ["reset", "cut"])
def test_a_damaged_response_breaks_the_connection(server: FakeServer, kind: str) -> None:
    """A reset or cut response is a broken connection for the client."""
    server.api.faults = Faults(plan=lambda _: Fault(kind))
    with session() as http, pytest.raises(requests.RequestException):
        http.get(f"{server.url}/workspaces", timeout=10)
