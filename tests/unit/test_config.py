"""Validation of the settings, and the error line for each invalid one."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tap_asana import __version__
from tap_asana.config import ConfigError, Settings, find_errors
from tap_asana.settings import SETTINGS
from tap_asana.sources import read_secret_files

TOKEN = {"access_token": "0/token"}
TRIPLE = {"client_id": "id", "client_secret": "hush", "refresh_token": "again"}
ALL_THREE = "client_id, client_secret and refresh_token"
SECRETS = [name for name, schema in SETTINGS["properties"].items() if schema.get("secret")]


@pytest.mark.parametrize("credentials", [TOKEN, TRIPLE, {**TRIPLE, "redirect_uri": "https://example.com/back"}])
def test_one_complete_set_of_credentials_is_enough(credentials: dict[str, str]) -> None:
    """A token alone is valid, and so is OAuth's triple with or without a redirect URI."""
    assert find_errors(credentials) == []


@pytest.mark.parametrize(
    ("credentials", "start"),
    [
        ({}, "access_token: got no credentials"),
        ({"access_token": "", "client_id": None}, "access_token: got no credentials"),
        ({"client_id": "id"}, "client_secret and refresh_token: got only client_id"),
        ({**TRIPLE, "refresh_token": ""}, "refresh_token: got only client_id and client_secret"),
        ({**TOKEN, **TRIPLE}, f"access_token: got a token and also {ALL_THREE}"),
        ({**TOKEN, "client_id": "id"}, "access_token: got a token and also client_id"),
    ],
)
def test_missing_partial_and_double_credentials_get_one_line(credentials: dict[str, Any], start: str) -> None:
    """Missing credentials, a partial OAuth triple and two kinds at once each have one line of their own."""
    (line,) = find_errors(credentials)
    assert line.startswith(f"{start}; expected ")
    assert line.endswith(f"{ALL_THREE}.")


def test_the_schema_has_the_rule_for_credentials() -> None:
    """The schema of --about accepts the credentials that the tap accepts, for every choice of secrets and files."""
    names = ("access_token", "client_id", "client_secret", "refresh_token")
    for values in itertools.product((None, "", "text"), repeat=len(names)):
        settings = dict(zip(names, values, strict=True))
        in_files = {f"{name}_file": value for name, value in settings.items()}
        verdict = find_errors(settings) == []
        for config in (settings, in_files, {**settings, **in_files}):
            assert Draft202012Validator({"oneOf": SETTINGS["oneOf"]}).is_valid(config) is verdict


def test_a_file_can_hold_a_list_of_secrets(tmp_path: Path) -> None:
    """A file of tokens has one in each line; an empty list beside it counts as unset."""
    file = tmp_path / "tokens"
    file.write_text("2/one\n2/two\n", encoding="utf-8")
    settings = {"additional_access_tokens": [], "additional_access_tokens_file": str(file)}
    assert read_secret_files(settings) == ({"additional_access_tokens": ["2/one", "2/two"]}, [])


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ({"page_size": 0}, "page_size: got 0; expected a whole number from 1 to 100."),
        ({"page_size": 101}, "page_size: got 101; expected a whole number from 1 to 100."),
        ({"page_size": "many"}, 'page_size: got "many"; expected a whole number from 1 to 100.'),
        ({"page_size": "9" * 5000}, f'page_size: got "{"9" * 59}…; expected a whole number from 1 to 100.'),
        ({"page_size": True}, "page_size: got true; expected a whole number from 1 to 100."),
        ({"max_concurrency": 51}, "max_concurrency: got 51; expected a whole number from 1 to 50."),
        ({"max_concurrency": 0}, "max_concurrency: got 0; expected a whole number from 1 to 50."),
        ({"requests_per_minute": 0}, "requests_per_minute: got 0; expected a whole number from 1 to 1000000000."),
        ({"lookback_seconds": -1}, "lookback_seconds: got -1; expected a whole number from 0 to 1000000000."),
        ({"request_timeout": 0}, "request_timeout: got 0; expected a whole number from 1 to 86400."),
        ({"request_timeout": 1.5}, "request_timeout: got 1.5; expected a whole number from 1 to 86400."),
        (
            {"extraction_method": "guess"},
            'extraction_method: got "guess"; expected one of auto, list, search, export.',
        ),
        ({"include_archived_projects": "never"}, 'include_archived_projects: got "never"; expected true or false.'),
        (
            {"workspaces": "12;13"},
            'workspaces: got ["12;13"]; expected a list of texts, such as ["1200000000000001"].',
        ),
        ({"workspaces": [1.5]}, 'workspaces: got [1.5]; expected a list of texts, such as ["1200000000000001"].'),
        (
            {"workspaces": ["My Company"]},
            'workspaces: got ["My Company"]; expected a list of texts, such as ["1200000000000001"].',
        ),
        (
            {"asana_enable": ["a\r\nHost: b"]},
            r'asana_enable: got ["a\r\nHost: b"]; expected a list of texts, such as ["new_memberships"].',
        ),
        (
            {"asana_disable": {"name": True}},
            'asana_disable: got {"name": true}; expected a list of texts, such as ["new_memberships"].',
        ),
        ({"user_agent": "me\n"}, r'user_agent: got "me\n"; expected printable ASCII text.'),
        ({"redirect_uri": 1}, "redirect_uri: got 1; expected text."),
    ],
)
def test_an_invalid_setting_gets_one_line(setting: dict[str, Any], line: str) -> None:
    """An invalid setting is reported in one line: its name, the value, the allowed values."""
    assert find_errors({**TOKEN, **setting}) == [line]


KEY = "a key of 24 characters.."


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (
            {"privacy": "pseudonymize"},
            "privacy_key: got no key for privacy pseudonymize; expected 16 secret characters or more.",
        ),
        (
            {"privacy": "redact", "privacy_key": ""},
            "privacy_key: got no key for privacy redact; expected 16 secret characters or more.",
        ),
        (
            {"privacy_key": KEY},
            ("privacy: got privacy_key alone; expected pseudonymize or redact, or none to leave the key unused."),
        ),
        (
            {"privacy": "redact", "privacy_key": KEY[:15]},
            "privacy_key: got a short key; expected 16 secret characters or more.",
        ),
        (
            {"privacy": "hash", "privacy_key": KEY},
            'privacy: got "hash"; expected one of none, pseudonymize, redact.',
        ),
    ],
)
def test_privacy_needs_a_strong_key_and_a_mode(settings: dict[str, Any], line: str) -> None:
    """Privacy requires a key that cannot be guessed, and a key requires a mode; the key is not shown."""
    assert find_errors({**TOKEN, **settings}) == [line]


@pytest.mark.parametrize("mode", ["none", "pseudonymize", "redact"])
def test_each_privacy_mode_is_accepted(mode: str) -> None:
    """Each mode is valid with a key, and the default is none."""
    assert Settings.from_config({**TOKEN, "privacy": mode, "privacy_key": KEY}).privacy == mode
    assert Settings.from_config(TOKEN).privacy == "none"


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "now",
        "2024-13-01",
        "12:00",
        "P1D",
        "2024-01-01/2024-02-01",
        "1700000000",
        "0001-01-01T00:00+14:00",
        "1899-12-31",
    ],
)
def test_a_start_date_that_is_not_an_instant_is_rejected(text: str) -> None:
    """Words, times, durations, intervals and numbers are not start dates."""
    allowed = "an ISO 8601 date or date-time from 1900 to 9998, such as 2024-01-31 or 2024-01-31T08:00:00Z"
    assert find_errors({**TOKEN, "start_date": text}) == [f'start_date: got "{text}"; expected {allowed}.']


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2024-01-31", datetime(2024, 1, 31, tzinfo=timezone.utc)),
        ("2024-01-31T08:00:00Z", datetime(2024, 1, 31, 8, tzinfo=timezone.utc)),
        ("2024-01-31T08:00:00", datetime(2024, 1, 31, 8, tzinfo=timezone.utc)),
        ("2024-01-31T08:00:00+02:00", datetime(2024, 1, 31, 6, tzinfo=timezone.utc)),
    ],
)
def test_a_start_date_is_an_instant_in_utc(text: str, instant: datetime) -> None:
    """A date starts at midnight UTC, and a time without a zone is in UTC."""
    start = Settings.from_config({**TOKEN, "start_date": text}).start_date
    assert start is not None
    assert (start, start.utcoffset()) == (instant, timedelta(0))


@pytest.mark.parametrize("name", ["api_url", "oauth_token_url"])
@pytest.mark.parametrize(
    "address",
    [
        "https://app.asana.com/x",
        "http://localhost:8080/x",
        "http://127.0.0.1:1/x",
        "http://127.9.9.9/",
        "http://[::1]:1/x",
    ],
)
def test_http_is_allowed_for_loopback_and_https_everywhere(name: str, address: str) -> None:
    """Plain http is valid for a loopback host."""
    assert find_errors({**TOKEN, name: address}) == []


@pytest.mark.parametrize("name", ["api_url", "oauth_token_url"])
@pytest.mark.parametrize("host", ["app.asana.com", "localhost.example.com", "127.0.0.1.example.com", "10.0.0.1"])
def test_plain_http_to_other_hosts_is_rejected(name: str, host: str) -> None:
    """Plain http to any other host is rejected, even if its name resembles a loopback name."""
    allowed = "https, or http on this machine (localhost, 127.0.0.0/8, ::1)"
    assert find_errors({**TOKEN, name: f"http://{host}/x"}) == [f"{name}: got http://{host}; expected {allowed}."]


@pytest.mark.parametrize(
    "address", ["app.asana.com/api", "ftp://app.asana.com", "https://", "https://[::1", "https://a:b/"]
)
def test_an_invalid_url_is_rejected(address: str) -> None:
    """A URL has a web scheme, a host, and a numeric port if any."""
    line = "api_url: got text that is not a URL; expected a URL that starts with https://."
    assert find_errors({**TOKEN, "api_url": address}) == [line]


@pytest.mark.parametrize(
    "address", ["https://me:hush@example.com/x", "https://example.com/x?key=hush", "https://a/#hush"]
)
def test_a_url_with_credentials_is_rejected(address: str) -> None:
    """A URL with a user, a query or a fragment is rejected, and their content is not shown."""
    (line,) = find_errors({**TOKEN, "api_url": address})
    assert "hush" not in line


WRONG_SECRETS: Mapping[str, Sequence[object]] = {
    "string": ["hush hush", "hush\n", ["hush"], {"hush": 1}],
    "array": ["hush hush", ["hush\n"], [["hush"]], {"hush": 1}],
}


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name in SECRETS for value in WRONG_SECRETS[SETTINGS["properties"][name]["type"][0]]],
)
def test_no_error_shows_a_secret(name: str, value: object) -> None:
    """An invalid secret is named but not shown."""
    lines = find_errors({**TRIPLE, "privacy": "none", name: value} if name != "access_token" else {name: value})
    assert [line.split(":")[0] for line in lines] == [name]
    assert "hush" not in lines[0]


def test_additional_tokens_are_other_tokens() -> None:
    """The configured token cannot be an additional one too: it has one rate limit."""
    (line,) = find_errors({"access_token": "0/hush", "additional_access_tokens": "0/other, 0/hush"})
    assert line == "additional_access_tokens: got the access_token again; expected other tokens."
    settings = Settings.from_config({**TOKEN, "additional_access_tokens": ["0/other", "0/more"], "max_concurrency": 10})
    assert (settings.number_of_tokens, settings.max_in_flight) == (3, 30)
    assert "other" not in repr(settings)


def test_the_repr_of_settings_hides_secrets() -> None:
    """The repr of the settings, which may reach a log, omits the secrets."""
    repr_text = repr(Settings.from_config({**TRIPLE, "workspaces": ["7"]}))
    assert "workspaces=('7',)" in repr_text
    assert not [name for name in SECRETS if name in repr_text]


def test_all_invalid_settings_are_reported_at_once() -> None:
    """Several invalid settings are reported at once, each in its own line."""
    with pytest.raises(ConfigError) as caught:
        Settings.from_config({"page_size": 0, "max_concurrency": 51})
    assert [line.split(":")[0] for line in caught.value.lines] == ["access_token", "max_concurrency", "page_size"]


def test_missing_settings_take_their_defaults() -> None:
    """Absent, null and empty settings take the defaults of the schema."""
    bare = Settings.from_config(TOKEN)
    empty = Settings.from_config({**TOKEN, "page_size": None, "api_url": "", "start_date": ""})
    assert bare == empty
    assert bare.user_agent == f"tap-asana/{__version__}"
    for name, schema in SETTINGS["properties"].items():
        if "default" in schema:
            default = schema["default"]
            assert getattr(bare, name) == (tuple(default) if isinstance(default, list) else default)


def test_every_setting_is_an_attribute() -> None:
    """The attributes of the settings are the properties of the schema, but for the files of secrets."""
    files = {f"{name}_file" for name in SECRETS}
    assert files < SETTINGS["properties"].keys()
    assert list(Settings.__dataclass_fields__) == [name for name in SETTINGS["properties"] if name not in files]


def test_settings_are_normalized() -> None:
    """Duplicates in a list and the final slash of a URL are removed; all else is kept unchanged."""
    settings = Settings.from_config({**TOKEN, "workspaces": ["7", "8", "7"], "api_url": "https://a.example/api/"})
    assert settings.workspaces == ("7", "8")
    assert settings.api_url == "https://a.example/api"
