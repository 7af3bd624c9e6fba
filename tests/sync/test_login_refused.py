"""A login that comes to nothing: one line that says why, exit code 1, no secret, and a file that is as it was."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from desk import APP, REFRESH, Deed, Desk, browse, told
from harness import clock

from fake_asana.server.http import Shell
from fake_asana.server.oauth import CODE_LIFE
from tap_asana.commands.login.__main__ import main
from tap_asana.commands.login.grant import query_parameters


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
    desk.deed = lambda address: browse(f"{query_parameters(address)['redirect_uri']}?code=0/code:1{state}")
    assert desk.log_in() == 1
    assert "OAuth state mismatch" in told(capsys)
    assert desk.oauth.refreshes == 0


def test_a_browser_that_says_nothing_is_not_waited_for(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """After --timeout the login ends with a line."""
    desk.deed = lambda _: None
    assert desk.log_in("--timeout", "0.05") == 1
    assert told(capsys) == "No response from the browser within 0.05 seconds; nothing was written."


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
    assert told(capsys) == "Asana's response contains no refresh token; nothing was written."
    assert desk.held == before


def test_a_port_that_is_taken_is_told(desk: Desk, shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    """A port that somebody listens at is named, and the way out."""
    assert desk.log_in("--port", str(shell.server_port)) == 1
    assert told(capsys).startswith(f"Cannot listen on port {shell.server_port} (")


@pytest.mark.parametrize(
    "address", ["https://example.com/", "http://127.0.0.1/", "http://10.0.0.1:80/", "x", "http://["]
)
def test_an_address_elsewhere_is_refused(desk: Desk, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Where no answer could arrive, nobody is sent to a browser."""
    assert desk.log_in("--redirect-uri", address) == 1
    assert told(capsys).startswith("--redirect-uri: expected http://localhost:PORT/")
    assert desk.opened == []


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("[]", "does not hold a JSON object."),
        ("{", "is not valid JSON (line 1, column 2)."),
        ('{"access_token": "0/hu5h"}', "access_token: got a token and also client_id"),
        ('{"oauth_token_url": "http://example.com/"}', "oauth_token_url: got http://example.com"),
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
    assert told(capsys) == f"--config: cannot write {nowhere}."
    assert desk.opened == []


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
    assert f"argument {wrong[0]}: got '{wrong[1]}'; expected a" in capsys.readouterr().err
