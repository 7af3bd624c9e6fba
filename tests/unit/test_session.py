"""What a session finds in the environment, and how often it looks."""

from __future__ import annotations

import pytest
import requests

from tap_asana.api.transport import new_session

ASANA = "https://app.asana.com/api/1.0/tasks?project=1"
PROXIED = {"HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": "elsewhere.example"}


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Put a proxy and an exception from it into the environment."""
    for name, value in PROXIED.items():
        monkeypatch.setenv(name, value)
        monkeypatch.setenv(name.lower(), value)
    return monkeypatch


def travels(session: requests.Session, url: str) -> dict[str, object]:
    """Return how a request travels, as requests asks before it sends one."""
    return dict(session.merge_environment_settings(url, {}, stream=None, verify=None, cert=None))


@pytest.mark.parametrize("url", [ASANA, "https://elsewhere.example/file", "http://other.example/users"])
def test_requests_travel_as_the_environment_says(url: str, proxied: pytest.MonkeyPatch) -> None:
    """Proxies, exceptions from them and certificates are what requests itself finds for each host."""
    proxied.setenv("REQUESTS_CA_BUNDLE", "/certificates.pem")
    session = new_session(1)
    assert travels(session, url) == travels(requests.Session(), url)
    assert travels(session, url) == travels(requests.Session(), url)
    assert travels(session, url)["verify"] == "/certificates.pem"


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:1"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_what_is_for_this_machine_goes_to_no_proxy(scheme: str, host: str, proxied: pytest.MonkeyPatch) -> None:
    """To this machine a token may travel in clear, so it must not leave it for a proxy (law 9)."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        proxied.setenv(name, PROXIED["HTTPS_PROXY"])
    session = new_session(1)
    assert travels(session, f"{scheme}://{host}/api/1.0/users")["proxies"] == {}
    assert travels(session, ASANA)["proxies"]
