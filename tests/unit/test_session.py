"""Environment settings of a session: proxies and certificates."""

from __future__ import annotations

import pytest
import requests

from tap_asana.api.transport import new_session

ASANA = "https://app.asana.com/api/1.0/tasks?project=1"
PROXIED = {"HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": "elsewhere.example"}


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Set a proxy and an exception from it in the environment."""
    for name, value in PROXIED.items():
        monkeypatch.setenv(name, value)
        monkeypatch.setenv(name.lower(), value)
    return monkeypatch


def environment_of(session: requests.Session, url: str) -> dict[str, object]:
    """Return the environment settings of a request, as requests looks them up before sending."""
    return dict(session.merge_environment_settings(url, {}, stream=None, verify=None, cert=None))


@pytest.mark.parametrize("url", [ASANA, "https://elsewhere.example/file", "http://other.example/users"])
def test_requests_follow_the_environment(url: str, proxied: pytest.MonkeyPatch) -> None:
    """Proxies, their exceptions and certificates are the same as in a session of requests, for each host."""
    proxied.setenv("REQUESTS_CA_BUNDLE", "/certificates.pem")
    session = new_session(1)
    assert environment_of(session, url) == environment_of(requests.Session(), url)
    assert environment_of(session, url) == environment_of(requests.Session(), url)
    assert environment_of(session, url)["verify"] == "/certificates.pem"


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:1"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_loopback_requests_use_no_proxy(scheme: str, host: str, proxied: pytest.MonkeyPatch) -> None:
    """A token may be sent to loopback in the clear, so it must not be sent to a proxy (law 9)."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        proxied.setenv(name, PROXIED["HTTPS_PROXY"])
    session = new_session(1)
    assert environment_of(session, f"{scheme}://{host}/api/1.0/users")["proxies"] == {}
    assert environment_of(session, ASANA)["proxies"]
