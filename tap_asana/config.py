"""The configuration of a run: read from files, checked, and turned into Settings."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from tap_asana import __version__
from tap_asana.errors import AsanaError
from tap_asana.settings import FILE_SUFFIX, OAUTH, SETTINGS, SettingSchema
from tap_asana.values import parse_value, type_of

Config = Mapping[str, Any]

MIN_PRIVACY_KEY_LENGTH: Final = 16
"""Characters of a privacy_key; a shorter one could be guessed, and with it every pseudonym."""

EARLIEST_START_DATE: Final = datetime(1900, 1, 1, tzinfo=timezone.utc)
"""An earlier date is no date that a person chose, but the zero of some program."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
END_OF_TIME: Final = datetime(9999, 1, 1, tzinfo=timezone.utc)
"""The first and the last supported time; calculations beyond them would leave the calendar."""

_PROPERTIES: Final[dict[str, SettingSchema]] = SETTINGS["properties"].copy()
_FILES: Final = frozenset(f"{name}{FILE_SUFFIX}" for name, schema in _PROPERTIES.items() if schema.get("secret"))
"""The settings that `sources.read_secret_files` replaces by what the files hold."""

_TYPES: Final[dict[str, type]] = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
_KINDS: Final = {"string": "text", "integer": "a whole number", "boolean": "true or false", "object": "a JSON object"}
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3})?Z")
_MAX_VALUE_CHARS: Final = 60
"""Characters of a wrong value that a message repeats."""


class ConfigError(AsanaError):
    """The configuration is invalid; `lines` has one line for each problem."""

    def __init__(self, lines: list[str]) -> None:
        """Keep the lines; the message joins them."""
        super().__init__(" ".join(lines))
        self.lines = tuple(lines)


@dataclass(frozen=True)
class Settings:
    """The checked settings of a run, with defaults. The repr holds no secret."""

    access_token: str | None = field(repr=False)
    additional_access_tokens: tuple[str, ...] = field(repr=False)
    client_id: str | None = field(repr=False)
    client_secret: str | None = field(repr=False)
    refresh_token: str | None = field(repr=False)
    redirect_uri: str | None
    oauth_token_url: str
    api_url: str
    workspaces: tuple[str, ...]
    start_date: datetime | None
    extraction_method: str
    include_archived_projects: bool
    attachment_lists: str
    follow_events: bool | None
    reconcile_days: int | None
    reconcile_percent: int
    lookback_seconds: int
    max_concurrency: int
    requests_per_minute: int
    page_size: int
    request_timeout: int
    asana_enable: tuple[str, ...]
    asana_disable: tuple[str, ...]
    user_agent: str
    privacy: str
    privacy_key: str | None = field(repr=False)
    shared_tables: bool
    report_file: str | None

    @property
    def number_of_tokens(self) -> int:
        """Return the number of access tokens, each of which has limits of its own."""
        return 1 + len(self.additional_access_tokens)

    @property
    def max_in_flight(self) -> int:
        """Return the most requests in flight with all tokens."""
        return self.max_concurrency * self.number_of_tokens

    @classmethod
    def from_config(cls, config: Config) -> Settings:
        """Check a configuration and fill in defaults; raises ConfigError with a line for each invalid setting."""
        if lines := find_errors(config):
            raise ConfigError(lines)
        values = {name: _value(config, name) for name in _PROPERTIES if name not in _FILES}
        values["api_url"] = values["api_url"].rstrip("/")
        values["start_date"] = max(parse_date_time(values["start_date"]), EPOCH) if values["start_date"] else None
        values["user_agent"] = values["user_agent"] or f"tap-asana/{__version__}"
        return cls(**values)


def read_json_object(option: str, path: Path) -> dict[str, Any]:
    """Return the JSON object in the file that a command-line option names.

    Raises ConfigError with a line that names option, file and problem, but nothing of the content.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
    except json.JSONDecodeError as error:
        problem = f"is not valid JSON (line {error.lineno}, column {error.colno})"
    except (ValueError, RecursionError):
        problem = "is not valid JSON in UTF-8"
    else:
        if isinstance(value, dict):
            return value
        problem = "does not hold a JSON object"
    raise ConfigError([f"{option}: {path} {problem}."])


def configured_value(config: Config, name: str) -> Any:  # noqa: ANN401 - a setting can have any JSON type
    """Return the value of a setting in its type; null and an empty text count as unset (None)."""
    return parse_value(_PROPERTIES[name], config.get(name))


def _value(config: Config, name: str) -> Any:  # noqa: ANN401 - a setting can have any JSON type
    value = configured_value(config, name)
    if value is None:
        value = _PROPERTIES[name].get("default")
    return tuple(dict.fromkeys(value)) if isinstance(value, list) else value


def find_errors(config: Config) -> list[str]:
    """Return a line for each invalid setting: its name, its value and the expected values, but never a secret."""
    lines = [*_credential_errors(config), *_privacy_errors(config)]
    for name, schema in _PROPERTIES.items():
        value = configured_value(config, name)
        if value is None:
            continue
        if not _matches(schema, value):
            lines.append(_line(name, _describe_value(schema, value), _describe_expected(schema)))
        elif name in _RULES:
            lines.extend(_RULES[name](name, value))
    return lines


def find_type_errors(config: Config, properties: Mapping[str, SettingSchema]) -> list[str]:
    """Return a line for each of the SDK's own settings that has another type than its schema; no line has a value."""
    return [
        f"{name}: expected {_KINDS[type_of(schema)]}."
        for name, schema in properties.items()
        if (value := config.get(name)) is not None and not _has_type(type_of(schema), value)
    ]


@lru_cache(maxsize=1024)  # a run reads each bookmark many times, and the parser is slow
def parse_date_time(text: str) -> datetime:
    """Return an ISO 8601 date or date-time in UTC, which is also the default zone; raises ValueError for other text."""
    if _INSTANT.fullmatch(text):  # the form of Asana and of the state, for which the parser of any form is slow
        return datetime.fromisoformat(f"{text[:-1]}+00:00")
    import pendulum  # noqa: PLC0415 - the import is slow, and neither --version nor --discover needs it

    moment = pendulum.parse(text, exact=True) if text[:1].isdigit() else None
    if isinstance(moment, pendulum.DateTime):
        utc = moment.in_timezone("UTC")
        return datetime.combine(utc.date(), utc.time(), timezone.utc)
    if isinstance(moment, pendulum.Date):
        return datetime.combine(moment, time(), timezone.utc)
    raise ValueError("neither a date nor a date-time")


def _credential_errors(config: Config) -> Iterator[str]:
    has_token = configured_value(config, "access_token") is not None
    present = [name for name in OAUTH if configured_value(config, name) is not None]
    absent_names = [name for name in OAUTH if name not in present]
    if has_token and present:
        yield _line("access_token", f"a token and also {_and(present)}", f"either the token, or {_and(OAUTH)}")
    elif present and absent_names:
        yield _line(_and(absent_names), f"only {_and(present)}", f"all of {_and(OAUTH)}")
    elif has_token and config["access_token"] in (configured_value(config, "additional_access_tokens") or ()):
        yield _line("additional_access_tokens", "the access_token again", "other tokens")
    elif not has_token and not present:
        yield _line("access_token", "no credentials", f"access_token, or {_and(OAUTH)}")


def _privacy_errors(config: Config) -> Iterator[str]:
    has_key, mode = configured_value(config, "privacy_key") is not None, configured_value(config, "privacy")
    if mode in ("pseudonymize", "redact") and not has_key:
        yield _line("privacy_key", f"no key for privacy {mode}", f"{MIN_PRIVACY_KEY_LENGTH} secret characters or more")
    elif has_key and mode is None:
        yield _line("privacy", "privacy_key alone", "pseudonymize or redact, or none to leave the key unused")


def _key_rule(name: str, value: str) -> Iterator[str]:
    if len(value) < MIN_PRIVACY_KEY_LENGTH:
        yield _line(name, "a short key", f"{MIN_PRIVACY_KEY_LENGTH} secret characters or more")


def _secret_rule(name: str, value: str) -> Iterator[str]:
    if not re.fullmatch("[!-~]+", value):
        yield _line(name, "white space or characters outside ASCII", "the text exactly as Asana shows it")


def _tokens_rule(name: str, tokens: list[str]) -> Iterator[str]:
    yield from dict.fromkeys(line for token in tokens for line in _secret_rule(name, token))


def _url_rule(name: str, value: str) -> Iterator[str]:
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        yield _line(name, "a URL with a user, a query or a fragment", "scheme, host, port and path")
    elif not host or parts.scheme not in {"http", "https"}:
        yield _line(name, "text that is not a URL", "a URL that starts with https://")
    elif parts.scheme == "http" and not is_loopback(host):
        yield _line(name, f"http://{host}", "https, or http on this machine (localhost, 127.0.0.0/8, ::1)")


def _start_date_rule(name: str, value: str) -> Iterator[str]:
    try:
        if EARLIEST_START_DATE <= parse_date_time(value) < END_OF_TIME:
            return
    except (ValueError, OverflowError):
        pass
    expected = "an ISO 8601 date or date-time from 1900 to 9998, such as 2024-01-31 or 2024-01-31T08:00:00Z"
    yield _line(name, _describe_value({}, value), expected)


_RULES: Final[dict[str, Callable[[str, Any], Iterator[str]]]] = {
    **dict.fromkeys(("access_token", *OAUTH), _secret_rule),
    "additional_access_tokens": _tokens_rule,
    **dict.fromkeys(("api_url", "oauth_token_url"), _url_rule),
    "privacy_key": _key_rule,
    "start_date": _start_date_rule,
}
"""Checks beyond a setting's schema."""


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine, so that a token may travel there over plain http."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _matches(schema: SettingSchema, value: object) -> bool:
    """Return whether a value has the type, range, choice and pattern of its schema."""
    if not _has_type(type_of(schema), value):
        return False
    if isinstance(value, list):
        return all(_matches(schema["items"], item) for item in value)
    if isinstance(value, str):
        return value in schema.get("enum", [value]) and bool(re.fullmatch(schema.get("pattern", "(?s).*"), value))
    return isinstance(value, bool) or bool(schema["minimum"] <= value <= schema.get("maximum", value))


def _has_type(kind: str, value: object) -> bool:
    """Return whether a value has a type of JSON Schema; true is no integer."""
    return isinstance(value, _TYPES[kind]) and not (kind == "integer" and isinstance(value, bool))


def _describe_expected(schema: SettingSchema) -> str:
    """Describe the values that a schema allows."""
    kind = type_of(schema)
    if kind == "array":
        return f"a list of texts, such as {json.dumps(schema['items']['examples'])}"
    if kind == "integer":
        minimum, maximum = schema["minimum"], schema.get("maximum")
        bounds = f"of {minimum} or more" if maximum is None else f"from {minimum} to {maximum}"
        return f"a whole number {bounds}"
    if "enum" in schema:
        return "one of " + ", ".join(filter(None, schema["enum"]))
    return "printable ASCII text" if "pattern" in schema else _KINDS[kind]


def _describe_value(schema: SettingSchema, value: object) -> str:
    """Return a wrong value as a message may show it."""
    if schema.get("secret"):
        return "a value that is not text"
    text = json.dumps(value, default=repr)
    return text if len(text) <= _MAX_VALUE_CHARS else f"{text[:_MAX_VALUE_CHARS]}…"


def _and(names: list[str] | tuple[str, ...]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _line(name: str, actual: str, expected: str) -> str:
    return f"{name}: got {actual}; expected {expected}."
