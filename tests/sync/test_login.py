"""`tap-asana-login` as people meet it: the walk through OAuth's grant, a browser being played by the test."""

from __future__ import annotations

import json
import socket
import stat
import threading
from urllib.parse import urlsplit

import pytest
from clock import PATIENCE
from desk import ID, REFRESH, SECRET, SECRETS, Desk, browse, told

from tap_asana.commands.login.__main__ import main
from tap_asana.commands.login.callback import LOOPBACKS, CallbackServer
from tap_asana.commands.login.grant import LoginError, query_parameters


def test_a_login_completes_the_file(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """Consent brings what the tap needs into the file, for its owner alone, beside what was there; a check follows."""
    desk.file.chmod(0o644)
    assert desk.log_in() == 0
    assert stat.S_IMODE(desk.file.stat().st_mode) == 0o600
    assert desk.held == {
        **desk.addresses,
        "start_date": "2024-01-31",
        "client_id": ID,
        "client_secret": SECRET,
        "refresh_token": REFRESH,
        "redirect_uri": query_parameters(desk.opened[0])["redirect_uri"],
    }
    assert [path.name for path in desk.file.parent.iterdir()] == ["config.json"]
    said = capsys.readouterr()
    assert "A first run of 38 streams" in said.out
    assert not [secret for secret in SECRETS if secret in said.out + said.err]
    assert "has arrived" in desk.pages[0]


def test_consent_is_asked_for_with_proof_and_state(desk: Desk) -> None:
    """The address names the app, the way back, full permissions, a state, and a challenge by S256; each is new."""
    assert [desk.log_in(), desk.log_in()] == [0, 0]
    first, second = map(query_parameters, desk.opened)
    assert urlsplit(desk.opened[0]).path == "/-/oauth_authorize"
    assert first["client_id"] == ID
    assert (first["response_type"], first["scope"], first["code_challenge_method"]) == ("code", "default", "S256")
    assert all(first[name] != second[name] and len(first[name]) >= 43 for name in ("state", "code_challenge"))


def test_a_scope_can_be_narrower(desk: Desk) -> None:
    """What --scope names is what is asked for."""
    desk.oauth.scopes = {"tasks:read", "users:read"}
    assert desk.log_in("--scope", "tasks:read users:read") == 0
    assert query_parameters(desk.opened[0])["scope"] == "tasks:read users:read"


def test_other_pages_are_not_the_answer(desk: Desk) -> None:
    """A browser that asks for an icon, or for the address itself, is waited out."""

    def wander(address: str) -> None:
        home = query_parameters(address)["redirect_uri"]
        assert [browse(home + path).status_code for path in ("favicon.ico", "", "?", "x?code=1")] == [404] * 4
        desk.consent(address)

    desk.deed = wander
    assert desk.log_in() == 0


def test_a_connection_that_stays_idle_holds_nobody_up(desk: Desk) -> None:
    """A browser that opens a connection and says nothing on it is answered on another at once."""

    def prepare(address: str) -> None:
        home = urlsplit(query_parameters(address)["redirect_uri"])
        with socket.create_connection(("127.0.0.1", home.port or 0)):
            desk.consent(address)

    desk.deed = prepare
    assert desk.log_in("--timeout", "4") == 0


def loopbacks(address: str) -> list[str]:
    """Return the loopback addresses of a redirect address at which something listens."""
    port = urlsplit(query_parameters(address)["redirect_uri"]).port or 0
    found = []
    for family, host in LOOPBACKS:
        with socket.socket(family) as probe:
            if probe.connect_ex((host, port)) == 0:
                found.append(host)
    return found


def test_the_browser_comes_back_to_localhost_by_either_family(desk: Desk) -> None:
    """The redirect address names localhost, and whichever loopback address a browser takes it for is listened at."""
    found: list[str] = []

    def look(address: str) -> None:
        found.extend(loopbacks(address))
        desk.consent(address)

    desk.deed = look
    assert desk.log_in() == 0
    assert urlsplit(query_parameters(desk.opened[0])["redirect_uri"]).hostname == "localhost"
    assert found == [host for _, host in LOOPBACKS]


@pytest.mark.parametrize("family", [0, 1])
def test_the_answer_is_taken_from_either_family(family: int) -> None:
    """An answer that comes by IPv6 is as good as one by IPv4."""
    _, host = LOOPBACKS[family]
    with CallbackServer(None, 0) as redirect:
        netloc = f"{f'[{host}]' if ':' in host else host}:{urlsplit(redirect.url).port}"
        sent = threading.Thread(target=browse, args=(f"http://{netloc}/?code=0/code:1&state=kept",))
        sent.start()
        assert redirect.wait(PATIENCE) == {"code": "0/code:1", "state": "kept"}
        sent.join(PATIENCE)


NOT_HERE = (socket.AF_INET6, "2001:db8::1")
"""An address that no machine has (RFC 3849)."""


def test_a_machine_without_a_family_listens_at_the_other() -> None:
    """Where IPv6 is missing, or IPv4, the login waits at what is there; where both are, it says so."""
    with CallbackServer(None, 0, (NOT_HERE, LOOPBACKS[0])) as redirect:
        assert loopbacks(f"http://localhost/?redirect_uri={redirect.url}") == ["127.0.0.1"]
    with CallbackServer(None, 0, (LOOPBACKS[0], NOT_HERE)) as redirect:
        assert loopbacks(f"http://localhost/?redirect_uri={redirect.url}") == ["127.0.0.1"]
    with pytest.raises(LoginError, match="Cannot listen on port"):
        CallbackServer(None, 0, (NOT_HERE,))


def test_a_port_that_is_taken_in_one_family_is_not_used() -> None:
    """A browser that takes localhost for the other family would reach somebody else, so the port is taken."""
    family, host = LOOPBACKS[1]
    with socket.socket(family) as other:
        other.bind((host, 0))
        other.listen()
        with pytest.raises(LoginError, match="Cannot listen on port"):
            CallbackServer(None, other.getsockname()[1])


def test_a_refresh_token_that_the_check_uses_up_is_replaced(desk: Desk) -> None:
    """Where each refresh token is good once, the file holds a good one after the login, and after each check."""
    desk.oauth.rotates = True
    assert desk.log_in() == 0
    assert desk.held["refresh_token"] == desk.oauth.refresh_token != REFRESH
    for _ in range(2):
        assert main(["--check", "--config", str(desk.file)]) == 0
    assert desk.held["refresh_token"] == desk.oauth.refresh_token


def test_credentials_come_from_where_they_are(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The environment goes before the file, an option before both; without a terminal what is missing is named."""
    arguments = ["--config", str(desk.file), "--port", "0"]
    assert main(arguments) == 1
    assert told(capsys).startswith("client_id: not given; use --client-id, TAP_ASANA_CLIENT_ID or the file")
    monkeypatch.setenv("TAP_ASANA_CLIENT_SECRET", SECRET)
    desk.write({**desk.addresses, "client_id": ID, "client_secret": "old"})
    assert main(arguments) == 0
    assert (desk.held["client_id"], desk.held["client_secret"]) == (ID, SECRET)
    monkeypatch.setenv("TAP_ASANA_CLIENT_ID", "another")
    assert desk.log_in() == 0


def test_what_a_file_gains_in_the_meantime_stays(desk: Desk) -> None:
    """What somebody writes into the file while the browser is open is not lost."""

    def edit(address: str) -> None:
        desk.write({**desk.addresses, "page_size": 50})
        desk.consent(address)

    desk.deed = edit
    assert desk.log_in() == 0
    assert desk.held["page_size"] == 50


def test_a_link_stays_a_link(desk: Desk) -> None:
    """A file that is reached by a link is written where it is."""
    place = desk.file.rename(desk.file.with_name("kept.json"))
    desk.file.symlink_to(place)
    assert desk.log_in() == 0
    assert desk.file.is_symlink()
    assert json.loads(place.read_text(encoding="utf-8"))["refresh_token"] == REFRESH
