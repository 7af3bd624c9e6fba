"""`tap-asana-login` as people meet it: the walk through OAuth's grant, a browser being played by the test."""

from __future__ import annotations

import json
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from clock import PATIENCE
from harness import TINY, asana, clock

from fake_asana.oauth import CODE_LIFE, OAuth
from fake_asana.shell import Shell
from tap_asana.login.__main__ import main
from tap_asana.login.grant import parameters

ID, SECRET, REFRESH = "1200000000000042", "hu5h-app", "2/hu5h-again"
APP = ("--client-id", ID, "--client-secret", SECRET)
SECRETS = ("hu5h", "0/code", "1/fake")

Deed = Callable[[str], object]


class Desk:
    """Somebody who logs in: a fake Asana that listens, a configuration file, and a browser that does a deed."""

    def __init__(self, shell: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put down a configuration that knows where Asana is, and nothing of an app."""
        self.api, self.oauth = shell.api, shell.api.oauth
        self.file = folder / "config.json"
        self.addresses = {"api_url": shell.url, "oauth_token_url": f"{shell.api.files_url}/-/oauth_token"}
        self.write({**self.addresses, "start_date": "2024-01-31"})
        self.opened: list[str] = []
        self.pages: list[str] = []
        self.deed: Deed = self.consent
        self.threads: list[threading.Thread] = []
        monkeypatch.setattr("webbrowser.open", self.open)

    def write(self, config: object) -> None:
        """Put something into the file."""
        self.file.write_text(json.dumps(config), encoding="utf-8")

    @property
    def held(self) -> Any:  # noqa: ANN401 - whatever the file holds
        """Return what the file holds."""
        return json.loads(self.file.read_text(encoding="utf-8"))

    def open(self, address: str) -> bool:
        """Be the browser that is opened: it has the address registered, and goes there while the login waits."""
        self.opened.append(address)
        self.oauth.redirect_uris.add(parameters(address)["redirect_uri"])
        self.threads.append(threading.Thread(target=self.deed, args=(address,)))
        self.threads[-1].start()
        return True

    def consent(self, address: str) -> None:
        """Go where the browser is sent, and back."""
        self.pages.append(browse(address).text)

    def log_in(self, *arguments: str) -> int:
        """Run the command; returns its exit code."""
        code = main(["--config", str(self.file), "--port", "0", *APP, *arguments])
        for thread in self.threads:
            thread.join(PATIENCE)
        return code


def browse(address: str, *, follow: bool = True) -> requests.Response:
    """Fetch a page as a browser does."""
    return requests.get(address, allow_redirects=follow, timeout=PATIENCE)


@pytest.fixture(scope="module")
def shell() -> Iterator[Shell]:
    """Serve one world on loopback; its clock stands still, so that a test may move it."""
    with Shell(asana(TINY)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join(PATIENCE)


@pytest.fixture
def desk(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give a desk with an app of its own."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    shell.api.oauth = app = OAuth(shell.api.world.clock)
    app.client_id, app.client_secret, app.refresh_token = ID, SECRET, REFRESH
    return Desk(shell, tmp_path, monkeypatch)


def told(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one line that a login which failed ends with: no secret, and no traceback."""
    said = capsys.readouterr()
    assert said.out == ""
    assert not [secret for secret in SECRETS if secret in said.err]
    assert "Traceback" not in said.err
    return said.err.splitlines()[-1]


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
        "redirect_uri": parameters(desk.opened[0])["redirect_uri"],
    }
    assert [path.name for path in desk.file.parent.iterdir()] == ["config.json"]
    said = capsys.readouterr()
    assert "A first run of 38 streams" in said.out
    assert not [secret for secret in SECRETS if secret in said.out + said.err]
    assert "has arrived" in desk.pages[0]


def test_consent_is_asked_for_with_proof_and_state(desk: Desk) -> None:
    """The address names the app, the way back, full permissions, a state, and a challenge by S256; each is new."""
    assert [desk.log_in(), desk.log_in()] == [0, 0]
    first, second = map(parameters, desk.opened)
    assert urlsplit(desk.opened[0]).path == "/-/oauth_authorize"
    assert first["client_id"] == ID
    assert (first["response_type"], first["scope"], first["code_challenge_method"]) == ("code", "default", "S256")
    assert all(first[name] != second[name] and len(first[name]) >= 43 for name in ("state", "code_challenge"))


def test_a_scope_can_be_narrower(desk: Desk) -> None:
    """What --scope names is what is asked for."""
    desk.oauth.scopes = {"tasks:read", "users:read"}
    assert desk.log_in("--scope", "tasks:read users:read") == 0
    assert parameters(desk.opened[0])["scope"] == "tasks:read users:read"


def test_denied_access_is_told(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever says no in the browser reads so in the terminal, and nothing is written."""
    before, desk.oauth.consents = desk.held, False
    assert desk.log_in() == 1
    assert told(capsys) == "Access was denied in the browser; nothing was written."
    assert desk.held == before


def test_what_asana_does_not_ask_for_is_told(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """A scope that the app is not registered for ends the login with OAuth's own word for it."""
    assert desk.log_in("--scope", "everything") == 1
    assert told(capsys) == "Asana refused to ask for consent: invalid_scope."


@pytest.mark.parametrize("state", ["", "&state=another", "&state=%C3%A4"])
def test_an_answer_of_another_request_is_refused(desk: Desk, state: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A code that comes without this login's state is not exchanged."""
    desk.deed = lambda address: browse(f"{parameters(address)['redirect_uri']}?code=0/code:1{state}")
    assert desk.log_in() == 1
    assert "another state" in told(capsys)
    assert desk.oauth.refreshes == 0


def test_other_pages_are_not_the_answer(desk: Desk) -> None:
    """A browser that asks for an icon, or for the address itself, is waited out."""

    def wander(address: str) -> None:
        home = parameters(address)["redirect_uri"]
        assert [browse(home + path).status_code for path in ("favicon.ico", "", "?", "x?code=1")] == [404] * 4
        desk.consent(address)

    desk.deed = wander
    assert desk.log_in() == 0


def test_a_browser_that_says_nothing_is_not_waited_for(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """After --timeout the login ends with a line."""
    desk.deed = lambda _: None
    assert desk.log_in("--timeout", "0.05") == 1
    assert told(capsys) == "No answer came from the browser in 0.05 seconds; nothing was written."


def test_a_wrong_secret_is_told(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """An app that Asana does not know by this secret is told in Asana's words, without the secret."""
    assert desk.log_in("--client-secret", "guessed") == 1
    line = told(capsys)
    assert line.startswith("Asana refused to exchange the code for a token: The client is unknown or")
    assert "guessed" not in line


def late(desk: Desk) -> Deed:
    """Return a browser that is slower than a code lives."""

    def deed(address: str) -> None:
        back = browse(address, follow=False).headers["Location"]
        clock(desk.api).advance(CODE_LIFE)
        browse(back)

    return deed


def spent(desk: Desk) -> Deed:
    """Return a browser whose code somebody else has used."""

    def deed(address: str) -> None:
        back = browse(address, follow=False).headers["Location"]
        desk.oauth.codes.clear()
        browse(back)

    return deed


def bare(desk: Desk) -> Deed:
    """Return a browser on whose way somebody put a challenge of their own."""

    def deed(address: str) -> None:
        back = browse(address, follow=False).headers["Location"]
        for code in desk.oauth.codes.values():
            code.challenge = "x" * 43
        browse(back)

    return deed


@pytest.mark.parametrize("browser", [late, spent, bare])
def test_a_code_that_is_not_good_is_told(
    desk: Desk, browser: Callable[[Desk], Deed], capsys: pytest.CaptureFixture[str]
) -> None:
    """A code that expired, was used, or was given for another verifier is refused in a line, and nothing is written."""
    before, desk.deed = desk.held, browser(desk)
    assert desk.log_in() == 1
    assert told(capsys).startswith("Asana refused to exchange the code for a token: The code is invalid or expired")
    assert desk.held == before


def test_an_answer_without_a_refresh_token_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a refresh token the tap could not go on for longer than an hour, so nothing is written."""
    before = desk.held
    monkeypatch.setattr(desk.oauth, "refresh_token", None)
    assert desk.log_in() == 1
    assert told(capsys) == "Asana's answer holds no refresh token; nothing was written."
    assert desk.held == before


def test_a_port_that_is_taken_is_told(desk: Desk, shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    """A port that somebody listens at is named, and the way out."""
    assert desk.log_in("--port", str(shell.server_port)) == 1
    assert told(capsys).startswith(f"Port {shell.server_port} of this machine cannot be listened at (")


@pytest.mark.parametrize(
    "address", ["https://example.com/", "http://127.0.0.1/", "http://10.0.0.1:80/", "x", "http://["]
)
def test_an_address_elsewhere_is_refused(desk: Desk, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Where no answer could arrive, nobody is sent to a browser."""
    assert desk.log_in("--redirect-uri", address) == 1
    assert told(capsys).startswith("--redirect-uri: allowed is http://127.0.0.1:PORT/")
    assert desk.opened == []


def test_credentials_come_from_where_they_are(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The environment goes before the file, an option before both; without a terminal what is missing is named."""
    arguments = ["--config", str(desk.file), "--port", "0"]
    assert main(arguments) == 1
    assert told(capsys).startswith("client_id: found nothing; give it by --client-id, TAP_ASANA_CLIENT_ID or the file")
    monkeypatch.setenv("TAP_ASANA_CLIENT_SECRET", SECRET)
    desk.write({**desk.addresses, "client_id": ID, "client_secret": "old"})
    assert main(arguments) == 0
    assert (desk.held["client_id"], desk.held["client_secret"]) == (ID, SECRET)
    monkeypatch.setenv("TAP_ASANA_CLIENT_ID", "another")
    assert desk.log_in() == 0


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("[]", "holds no JSON object."),
        ("{", "is no JSON (line 1, column 2)."),
        ('{"access_token": "0/hu5h"}', "allowed is one kind of credentials"),
        ('{"oauth_token_url": "http://example.com/"}', "oauth_token_url: found plain http to example.com"),
    ],
    ids=["list", "cut", "two kinds", "in clear"],
)
def test_a_file_that_cannot_be_completed_is_told(
    desk: Desk, content: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is none, or whose settings do not go with OAuth, is left as it is, and no browser is opened."""
    desk.file.write_text(content, encoding="utf-8")
    assert desk.log_in() == 1
    assert line in told(capsys)
    assert desk.file.read_text(encoding="utf-8") == content
    assert desk.opened == []


def test_a_file_that_cannot_be_written_is_told_first(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that is not there is found out before somebody is sent to a browser."""
    nowhere = desk.file.parent / "nowhere" / "config.json"
    assert main(["--config", str(nowhere), *APP]) == 1
    assert told(capsys) == f"--config: {nowhere} cannot be written."
    assert desk.opened == []


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


def test_a_check_that_fails_takes_nothing_back(desk: Desk) -> None:
    """Where the check finds a wrong setting, the exit code says so, but what the login brought stays."""
    desk.write({**desk.addresses, "workspaces": ["404"]})
    assert desk.log_in() == 1
    assert desk.held["refresh_token"] == REFRESH


@pytest.mark.parametrize("wrong", [("--port", "70000"), ("--port", "-1"), ("--timeout", "nan"), ("--timeout", "0")])
def test_a_wrong_number_is_told(wrong: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """A number that an option cannot have is named, with what is allowed."""
    with pytest.raises(SystemExit) as ended:
        main([f"{wrong[0]}={wrong[1]}"])
    assert ended.value.code == 2
    assert f"argument {wrong[0]}: found '{wrong[1]}'; allowed is a" in capsys.readouterr().err
