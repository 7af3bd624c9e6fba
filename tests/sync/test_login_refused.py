"""A failed login ends with one error line, exit code 1, no secret printed, and an unchanged file."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from harness import clock
from oauth_login import APP_OPTIONS, REFRESH_TOKEN, Browser, OAuthLogin, browse, error_line

from fake_asana.server.http import FakeServer
from fake_asana.server.oauth import CODE_SECONDS
from tap_asana.commands.login.__main__ import main
from tap_asana.commands.login.grant import query_parameters


def test_denied_consent_is_reported(login: OAuthLogin, capsys: pytest.CaptureFixture[str]) -> None:
    """If the user denies access in the browser, the error says so, and nothing is written."""
    before, login.oauth.consents = login.config, False
    assert login.log_in() == 1
    assert error_line(capsys) == "Access was denied in the browser; nothing was written."
    assert login.config == before


def test_an_unregistered_scope_is_reported(login: OAuthLogin, capsys: pytest.CaptureFixture[str]) -> None:
    """A scope not registered for the app ends the login with OAuth's error code."""
    assert login.log_in("--scope", "everything") == 1
    assert error_line(capsys) == "Asana rejected the authorization request: invalid_scope."


@pytest.mark.parametrize("state", ["", "&state=another", "&state=%C3%A4"])
def test_a_response_with_another_state_is_rejected(
    login: OAuthLogin, state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A code without the state of this login is not exchanged."""
    login.browser = lambda address: browse(f"{query_parameters(address)['redirect_uri']}?code=0/code:1{state}")
    assert login.log_in() == 1
    assert "OAuth state mismatch" in error_line(capsys)
    assert login.oauth.token_requests == 0


def test_the_login_times_out_without_a_response(login: OAuthLogin, capsys: pytest.CaptureFixture[str]) -> None:
    """The login ends with an error after --timeout seconds."""
    login.browser = lambda _: None
    assert login.log_in("--timeout", "0.05") == 1
    assert error_line(capsys) == "No response from the browser within 0.05 seconds; nothing was written."


def test_a_wrong_client_secret_is_reported(login: OAuthLogin, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong client secret is reported with Asana's message and without the secret."""
    assert login.log_in("--client-secret", "guessed") == 1
    line = error_line(capsys)
    assert line.startswith("Asana refused to exchange the code for a token: The client is unknown or")
    assert "guessed" not in line


def expired(login: OAuthLogin) -> Browser:
    """Return a browser that returns after the code has expired."""

    def browser(address: str) -> None:
        back = browse(address, follow=False).headers["Location"]
        clock(login.api).advance(CODE_SECONDS)
        browse(back)

    return browser


def used(login: OAuthLogin) -> Browser:
    """Return a browser whose code was already used."""

    def browser(address: str) -> None:
        back = browse(address, follow=False).headers["Location"]
        login.oauth.codes.clear()
        browse(back)

    return browser


def wrong_challenge(login: OAuthLogin) -> Browser:
    """Return a browser for which an attacker replaced the PKCE challenge."""

    def browser(address: str) -> None:
        back = browse(address, follow=False).headers["Location"]
        for code in login.oauth.codes.values():
            code.challenge = "x" * 43
        browse(back)

    return browser


@pytest.mark.parametrize("browser", [expired, used, wrong_challenge])
def test_an_invalid_code_is_reported(
    login: OAuthLogin, browser: Callable[[OAuthLogin], Browser], capsys: pytest.CaptureFixture[str]
) -> None:
    """An expired or used code, or one for another verifier, is reported, and nothing is written."""
    before, login.browser = login.config, browser(login)
    assert login.log_in() == 1
    assert error_line(capsys).startswith(
        "Asana refused to exchange the code for a token: The code is invalid or expired"
    )
    assert login.config == before


def test_a_missing_refresh_token_is_reported(
    login: OAuthLogin, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a refresh token, access would end after an hour, so nothing is written."""
    before = login.config
    monkeypatch.setattr(login.oauth, "refresh_token", None)
    assert login.log_in() == 1
    assert error_line(capsys) == "Asana's response contains no refresh token; nothing was written."
    assert login.config == before


def test_a_port_in_use_is_reported(login: OAuthLogin, shell: FakeServer, capsys: pytest.CaptureFixture[str]) -> None:
    """The error names the port in use, and the option to choose another."""
    assert login.log_in("--port", str(shell.server_port)) == 1
    assert error_line(capsys).startswith(f"Cannot listen on port {shell.server_port} (")


@pytest.mark.parametrize(
    "address", ["https://example.com/", "http://127.0.0.1/", "http://10.0.0.1:80/", "x", "http://["]
)
def test_a_redirect_uri_elsewhere_is_rejected(
    login: OAuthLogin, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No browser is opened for a redirect URI that this machine cannot serve."""
    assert login.log_in("--redirect-uri", address) == 1
    assert error_line(capsys).startswith("--redirect-uri: expected http://localhost:PORT/")
    assert login.opened_urls == []


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
def test_an_unusable_configuration_file_is_reported(
    login: OAuthLogin, content: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An invalid file, or one with settings that exclude OAuth, stays unchanged, and no browser is opened."""
    login.file.write_text(content, encoding="utf-8")
    assert login.log_in() == 1
    assert line in error_line(capsys)
    assert login.file.read_text(encoding="utf-8") == content
    assert login.opened_urls == []


def test_an_unwritable_file_is_reported_first(login: OAuthLogin, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing folder is reported before a browser is opened."""
    nowhere = login.file.parent / "nowhere" / "config.json"
    assert main(["--config", str(nowhere), *APP_OPTIONS]) == 1
    assert error_line(capsys) == f"--config: cannot write {nowhere}."
    assert login.opened_urls == []


def test_a_failed_check_keeps_the_new_settings(login: OAuthLogin) -> None:
    """If the check fails, the exit code is 1, but the settings of the login are kept."""
    login.write_config({**login.urls, "workspaces": ["404"]})
    assert login.log_in() == 1
    assert login.config["refresh_token"] == REFRESH_TOKEN


@pytest.mark.parametrize("wrong", [("--port", "70000"), ("--port", "-1"), ("--timeout", "nan"), ("--timeout", "0")])
def test_an_invalid_number_is_reported(wrong: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """The error for an invalid number names the option and the expected range."""
    with pytest.raises(SystemExit) as raised:
        main([f"{wrong[0]}={wrong[1]}"])
    assert raised.value.code == 2
    assert f"argument {wrong[0]}: got '{wrong[1]}'; expected a" in capsys.readouterr().err
