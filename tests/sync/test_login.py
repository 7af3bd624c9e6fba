"""`tap-asana-login`: the OAuth flow, with a browser played by the test."""

from __future__ import annotations

import json
import socket
import stat
import threading
from urllib.parse import urlsplit

import pytest
from clock import PATIENCE
from oauth_login import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, SECRETS, OAuthLogin, browse, error_line

from tap_asana.commands.login.__main__ import main
from tap_asana.commands.login.callback import LOOPBACKS, CallbackServer
from tap_asana.commands.login.grant import LoginError, query_parameters
from tap_asana.streams import ALL


def test_a_login_completes_the_file(login: OAuthLogin, capsys: pytest.CaptureFixture[str]) -> None:
    """After consent, the file holds old and new settings, only its owner can read it, and a check runs."""
    login.file.chmod(0o644)
    assert login.log_in() == 0
    assert stat.S_IMODE(login.file.stat().st_mode) == 0o600
    assert login.config == {
        **login.urls,
        "start_date": "2024-01-31",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "refresh_token": REFRESH_TOKEN,
        "redirect_uri": query_parameters(login.opened_urls[0])["redirect_uri"],
    }
    assert [path.name for path in login.file.parent.iterdir()] == ["config.json"]
    output = capsys.readouterr()
    assert f"A first run of {len(ALL)} streams" in output.out
    assert not [secret for secret in SECRETS if secret in output.out + output.err]
    assert "has arrived" in login.pages[0]


def test_the_consent_url_has_a_state_and_a_pkce_challenge(login: OAuthLogin) -> None:
    """The URL has the app, the redirect URI, full permissions, a state and an S256 challenge, both new each time."""
    assert [login.log_in(), login.log_in()] == [0, 0]
    first, second = map(query_parameters, login.opened_urls)
    assert urlsplit(login.opened_urls[0]).path == "/-/oauth_authorize"
    assert first["client_id"] == CLIENT_ID
    assert (first["response_type"], first["scope"], first["code_challenge_method"]) == ("code", "default", "S256")
    assert all(first[name] != second[name] and len(first[name]) >= 43 for name in ("state", "code_challenge"))


def test_scope_limits_the_permissions(login: OAuthLogin) -> None:
    """--scope sets the requested scopes."""
    login.oauth.scopes = {"tasks:read", "users:read"}
    assert login.log_in("--scope", "tasks:read users:read") == 0
    assert query_parameters(login.opened_urls[0])["scope"] == "tasks:read users:read"


def test_other_requests_of_the_browser_get_404(login: OAuthLogin) -> None:
    """Requests for an icon, or for the address without a code, do not end the wait for the response."""

    def browser(address: str) -> None:
        home = query_parameters(address)["redirect_uri"]
        assert [browse(home + path).status_code for path in ("favicon.ico", "", "?", "x?code=1")] == [404] * 4
        login.consent(address)

    login.browser = browser
    assert login.log_in() == 0


def test_an_idle_connection_does_not_block_the_response(login: OAuthLogin) -> None:
    """A browser with an idle connection is answered on another connection at once."""

    def browser(address: str) -> None:
        home = urlsplit(query_parameters(address)["redirect_uri"])
        with socket.create_connection(("127.0.0.1", home.port or 0)):
            login.consent(address)

    login.browser = browser
    assert login.log_in("--timeout", "4") == 0


def loopbacks(address: str) -> list[str]:
    """Return the loopback addresses on which the port of the redirect URI is open."""
    port = urlsplit(query_parameters(address)["redirect_uri"]).port or 0
    found = []
    for family, host in LOOPBACKS:
        with socket.socket(family) as probe:
            if probe.connect_ex((host, port)) == 0:
                found.append(host)
    return found


def test_the_redirect_uri_is_served_over_ipv4_and_ipv6(login: OAuthLogin) -> None:
    """The redirect URI has the host localhost, and the login listens on all its addresses."""
    found: list[str] = []

    def browser(address: str) -> None:
        found.extend(loopbacks(address))
        login.consent(address)

    login.browser = browser
    assert login.log_in() == 0
    assert urlsplit(query_parameters(login.opened_urls[0])["redirect_uri"]).hostname == "localhost"
    assert found == [host for _, host in LOOPBACKS]


@pytest.mark.parametrize("family", [0, 1])
def test_a_response_is_accepted_over_either_family(family: int) -> None:
    """A response is accepted over IPv4 and over IPv6."""
    _, host = LOOPBACKS[family]
    with CallbackServer(None, 0) as redirect:
        netloc = f"{f'[{host}]' if ':' in host else host}:{urlsplit(redirect.url).port}"
        sent = threading.Thread(target=browse, args=(f"http://{netloc}/?code=0/code:1&state=kept",))
        sent.start()
        assert redirect.wait(PATIENCE) == {"code": "0/code:1", "state": "kept"}
        sent.join(PATIENCE)


UNSUPPORTED = (socket.AF_INET6, "2001:db8::1")
"""An address for documentation (RFC 3849), which no machine has."""


def test_a_machine_with_one_family_listens_on_it() -> None:
    """Without IPv6 or IPv4, the login listens on the other one; without both, it fails with an error."""
    with CallbackServer(None, 0, (UNSUPPORTED, LOOPBACKS[0])) as redirect:
        assert loopbacks(f"http://localhost/?redirect_uri={redirect.url}") == ["127.0.0.1"]
    with CallbackServer(None, 0, (LOOPBACKS[0], UNSUPPORTED)) as redirect:
        assert loopbacks(f"http://localhost/?redirect_uri={redirect.url}") == ["127.0.0.1"]
    with pytest.raises(LoginError, match="Cannot listen on port"):
        CallbackServer(None, 0, (UNSUPPORTED,))


def test_a_port_in_use_in_one_family_is_rejected() -> None:
    """A port in use in one family counts as taken: a browser could reach the other program there."""
    family, host = LOOPBACKS[1]
    with socket.socket(family) as other:
        other.bind((host, 0))
        other.listen()
        with pytest.raises(LoginError, match="Cannot listen on port"):
            CallbackServer(None, other.getsockname()[1])


def test_a_rotated_refresh_token_is_saved(login: OAuthLogin) -> None:
    """If Asana rotates refresh tokens, the file holds the current one after the login and after each check."""
    login.oauth.rotates = True
    assert login.log_in() == 0
    assert login.config["refresh_token"] == login.oauth.refresh_token != REFRESH_TOKEN
    for _ in range(2):
        assert main(["--check", "--config", str(login.file)]) == 0
    assert login.config["refresh_token"] == login.oauth.refresh_token


def test_the_precedence_of_credentials(
    login: OAuthLogin, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Options win over the environment, and that over the file. Without a terminal, the error names the missing one."""
    arguments = ["--config", str(login.file), "--port", "0"]
    assert main(arguments) == 1
    assert error_line(capsys).startswith("client_id: not given; use --client-id, TAP_ASANA_CLIENT_ID or the file")
    monkeypatch.setenv("TAP_ASANA_CLIENT_SECRET", CLIENT_SECRET)
    login.write_config({**login.urls, "client_id": CLIENT_ID, "client_secret": "old"})
    assert main(arguments) == 0
    assert (login.config["client_id"], login.config["client_secret"]) == (CLIENT_ID, CLIENT_SECRET)
    monkeypatch.setenv("TAP_ASANA_CLIENT_ID", "another")
    assert login.log_in() == 0


def test_settings_added_during_the_login_are_kept(login: OAuthLogin) -> None:
    """A setting written to the file while the browser is open is kept."""

    def edit(address: str) -> None:
        login.write_config({**login.urls, "page_size": 50})
        login.consent(address)

    login.browser = edit
    assert login.log_in() == 0
    assert login.config["page_size"] == 50


def test_a_symbolic_link_is_kept(login: OAuthLogin) -> None:
    """The settings are written to the target of a symbolic link, which stays a link."""
    place = login.file.rename(login.file.with_name("kept.json"))
    login.file.symlink_to(place)
    assert login.log_in() == 0
    assert login.file.is_symlink()
    assert json.loads(place.read_text(encoding="utf-8"))["refresh_token"] == REFRESH_TOKEN
