"""The configuration of a run: what is wrong with it, or what it says."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timezone
from typing import Any, Final
from urllib.parse import urlsplit

from tap_asana import __version__
from tap_asana.errors import AsanaError
from tap_asana.settings import SETTINGS, Schema

Config = Mapping[str, Any]

OAUTH_SETTINGS: Final = ("client_id", "client_secret", "refresh_token")
"""The settings that are credentials only when all of them are there."""

MIN_PRIVACY_KEY_LENGTH: Final = 16
"""Characters of a privacy_key at the least: a shorter one is soon guessed, and with it every pseudonym."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
END_OF_TIME: Final = datetime(9999, 1, 1, tzinfo=timezone.utc)
"""The first and the last instant that counts: arithmetic behind them leaves the calendar."""

_PROPERTIES: Final[dict[str, Schema]] = SETTINGS["properties"].copy()
_TYPES: Final[dict[str, type]] = {"string": str, "integer": int, "boolean": bool, "array": list}
_MAX_VALUE_CHARS: Final = 60
"""Characters of a wrong value that a message repeats."""


class ConfigError(AsanaError):
    """The settings cannot be used; `lines` says why, one wrong setting a line."""

    def __init__(self, lines: list[str]) -> None:
        """Keep the lines; the message is all of them in one."""
        super().__init__(" ".join(lines))
        self.lines = tuple(lines)


@dataclass(frozen=True)
class Settings:
    """The settings of a run, checked, with their defaults filled in. No secret is in the repr."""

    access_token: str | None = field(repr=False)
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

    @classmethod
    def from_config(cls, config: Config) -> Settings:
        """Read the tap's configuration; raises ConfigError with a line for each wrong setting."""
        if lines := find_errors(config):
            raise ConfigError(lines)
        values = {name: _value(config, name) for name in _PROPERTIES}
        values["api_url"] = values["api_url"].rstrip("/")
        values["start_date"] = max(parse_date_time(values["start_date"]), EPOCH) if values["start_date"] else None
        values["user_agent"] = values["user_agent"] or f"tap-asana/{__version__}"
        return cls(**values)


def configured_value(config: Config, name: str) -> Any:  # noqa: ANN401 - a setting may be of any JSON type
    """Return what a setting was set to; null and the empty text mean that it was not set."""
    value = config.get(name)
    return None if value == "" else value


def _value(config: Config, name: str) -> Any:  # noqa: ANN401 - as above
    value = configured_value(config, name)
    filled = _PROPERTIES[name].get("default") if value is None else value
    return tuple(dict.fromkeys(filled)) if isinstance(filled, list) else filled


def find_errors(config: Config) -> list[str]:
    """Return a line for each wrong setting: its name, what was found and what is allowed; never a secret."""
    lines = [*_credentials(config), *_privacy(config)]
    for name, schema in _PROPERTIES.items():
        value = configured_value(config, name)
        if value is None:
            continue
        if not _fits(schema, value):
            lines.append(_line(name, _found(schema, value), _allowed(schema)))
        elif name in _RULES:
            lines.extend(_RULES[name](name, value))
    return lines


def find_environment_errors(variables: Mapping[str, str]) -> list[str]:
    """Return a line for each TAP_ASANA_ variable that should hold a whole number and does not.

    The SDK turns these into numbers before the settings can be checked.
    """
    numbers = {name: schema for name, schema in _PROPERTIES.items() if schema["type"][0] == "integer"}
    found = {name: variables.get(f"TAP_ASANA_{name.upper()}", "0") for name in numbers}
    return [
        _line(f"TAP_ASANA_{name.upper()}", _found({}, text), _allowed(numbers[name]))
        for name, text in found.items()
        if not re.fullmatch(r"\s*[+-]?[0-9]{1,400}\s*", text)
    ]


def parse_date_time(text: str) -> datetime:
    """Return the UTC instant that an ISO 8601 date or date-time names; raises ValueError for any other text."""
    import pendulum  # noqa: PLC0415 - it takes long to import, and neither --version nor --discover needs it

    parsed = pendulum.parse(text, exact=True) if text[:1].isdigit() else None
    if isinstance(parsed, pendulum.DateTime):
        there = parsed.in_timezone("UTC")
        return datetime.combine(there.date(), there.time(), timezone.utc)
    if isinstance(parsed, pendulum.Date):
        return datetime.combine(parsed, time(), timezone.utc)
    raise ValueError("neither a date nor a date-time")


def _credentials(config: Config) -> Iterator[str]:
    token = configured_value(config, "access_token") is not None
    there = [name for name in OAUTH_SETTINGS if configured_value(config, name) is not None]
    missing = [name for name in OAUTH_SETTINGS if name not in there]
    if token and there:
        yield _line(
            "access_token", f"a token beside {_and(there)}", f"one kind of credentials: it, or {_and(OAUTH_SETTINGS)}"
        )
    elif there and missing:
        yield _line(_and(missing), f"nothing beside {_and(there)}", f"OAuth with all of {_and(OAUTH_SETTINGS)}")
    elif not token and not there:
        yield _line("access_token", "no credentials", f"one kind of them: access_token, or {_and(OAUTH_SETTINGS)}")


def _privacy(config: Config) -> Iterator[str]:
    key, mode = configured_value(config, "privacy_key") is not None, configured_value(config, "privacy")
    if mode in ("pseudonymize", "redact") and not key:
        yield _line(
            "privacy_key", f"no key beside privacy {mode}", f"a secret of {MIN_PRIVACY_KEY_LENGTH} characters or more"
        )
    elif key and mode is None:
        yield _line("privacy", "nothing beside privacy_key", "pseudonymize or redact, or none to leave the key unused")


def _key_rule(name: str, value: str) -> Iterator[str]:
    if len(value) < MIN_PRIVACY_KEY_LENGTH:
        yield _line(name, "a key that is too short", f"a secret of {MIN_PRIVACY_KEY_LENGTH} characters or more")


def _secret_rule(name: str, value: str) -> Iterator[str]:
    if not re.fullmatch("[!-~]+", value):
        yield _line(name, "white space or a character outside ASCII in it", "the text exactly as Asana shows it")


def _address_rule(name: str, value: str) -> Iterator[str]:
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        yield _line(name, "an address with a user, a query or a fragment", "scheme, host, port and path")
    elif not host or parts.scheme not in {"http", "https"}:
        yield _line(name, "text that is no web address", "an address that starts with https://")
    elif parts.scheme == "http" and not is_loopback(host):
        yield _line(name, f"plain http to {host}", "https, or http to this machine (localhost, 127.0.0.0/8, ::1)")


def _start_rule(name: str, value: str) -> Iterator[str]:
    allowed = "an ISO 8601 date or date-time before the year 9999: 2024-01-31 or 2024-01-31T08:00:00Z"
    try:
        if parse_date_time(value) < END_OF_TIME:
            return
    except (ValueError, OverflowError):
        pass
    yield _line(name, _found({}, value), allowed)


_RULES: Final[dict[str, Callable[[str, str], Iterator[str]]]] = {
    **dict.fromkeys(("access_token", *OAUTH_SETTINGS), _secret_rule),
    **dict.fromkeys(("api_url", "oauth_token_url"), _address_rule),
    "privacy_key": _key_rule,
    "start_date": _start_rule,
}
"""What a setting must obey beyond its schema."""


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, so that a token may travel in clear."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _fits(schema: Schema, value: object) -> bool:
    """Tell whether a value has the type, bounds, choice and pattern that its schema asks for."""
    kind = schema["type"] if isinstance(schema["type"], str) else schema["type"][0]
    if not isinstance(value, _TYPES[kind]) or (kind == "integer" and isinstance(value, bool)):
        return False
    if isinstance(value, list):
        return all(_fits(schema["items"], item) for item in value)
    if isinstance(value, str):
        return value in schema.get("enum", [value]) and bool(re.fullmatch(schema.get("pattern", "(?s).*"), value))
    return isinstance(value, bool) or bool(schema["minimum"] <= value <= schema.get("maximum", value))


def _allowed(schema: Schema) -> str:
    """Say in words what a schema allows."""
    kind = schema["type"][0]
    if kind == "array":
        return f"a list of texts, such as {json.dumps(schema['items']['examples'])}"
    if kind == "integer":
        most = f"to {schema['maximum']}" if "maximum" in schema else "up"
        return f"a whole number from {schema['minimum']} {most}"
    if "enum" in schema:
        return "one of " + ", ".join(filter(None, schema["enum"]))
    if kind == "boolean":
        return "true or false"
    return "printable ASCII text" if "pattern" in schema else "text"


def _found(schema: Schema, value: object) -> str:
    if schema.get("secret"):
        return "something that is no text"
    text = json.dumps(value, default=repr)
    return text if len(text) <= _MAX_VALUE_CHARS else f"{text[:_MAX_VALUE_CHARS]}…"


def _and(names: list[str] | tuple[str, ...]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _line(name: str, found: str, allowed: str) -> str:
    return f"{name}: found {found}; allowed is {allowed}."
