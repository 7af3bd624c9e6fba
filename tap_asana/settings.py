"""The tap's own settings: names, meanings, defaults and allowed values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

SettingSchema = dict[str, Any]


def _setting(kind: str, title: str, description: str, **more: object) -> SettingSchema:
    return {"type": [kind, "null"], "title": title, "description": description, **more}


def _secret(title: str, description: str) -> SettingSchema:
    return _setting("string", title, description, secret=True, writeOnly=True)


def _number(title: str, description: str, default: int, minimum: int, maximum: int | None = None) -> SettingSchema:
    bounds = {"minimum": minimum} if maximum is None else {"minimum": minimum, "maximum": maximum}
    return _setting("integer", title, description, default=default, **bounds)


def _list(title: str, description: str, pattern: str, example: str) -> SettingSchema:
    items = {"type": "string", "pattern": pattern, "examples": [example]}
    return _setting("array", title, description, items=items, default=[])


SETTINGS: Final[SettingSchema] = {
    "type": "object",
    "properties": {
        "access_token": _secret(
            "Access token",
            "Personal access token, or the token of a service account. Set either this or the three OAuth settings.",
        ),
        "client_id": _secret("OAuth client ID", "Client ID of the OAuth app that the refresh token belongs to."),
        "client_secret": _secret("OAuth client secret", "Client secret of the same OAuth app."),
        "refresh_token": _secret(
            "OAuth refresh token",
            "Exchanged for an access token at the start, and again whenever that token expires.",
        ),
        "redirect_uri": _setting(
            "string",
            "OAuth redirect URI",
            "Redirect URI registered for the OAuth app; needed only if Asana asks for it.",
        ),
        "oauth_token_url": _setting(
            "string",
            "OAuth token URL",
            "URL that exchanges a refresh token for an access token. Must be https, except on this machine.",
            default="https://app.asana.com/-/oauth_token",
        ),
        "api_url": _setting(
            "string",
            "API URL",
            "Base URL of the API. Must be https, except on this machine, so that no token travels unencrypted.",
            default="https://app.asana.com/api/1.0",
        ),
        "workspaces": _list(
            "Workspaces",
            "Gids of the workspaces to read. An empty list selects all workspaces that the token can see.",
            "^[0-9]+$",
            "1200000000000001",
        ),
        "start_date": _setting(
            "string",
            "Start date",
            "Skip tasks last modified before this date, with their stories, attachments and time entries. Unset, "
            "all tasks are read. Moving the date back reads the tasks skipped so far.",
            format="date-time",
        ),
        "extraction_method": _setting(
            "string",
            "Extraction method",
            "How tasks and their children are read: by lists, by search (paid plans), by export (service accounts), "
            "or by the cheaper of lists and search that the plan allows (auto).",
            default="auto",
            enum=["auto", "list", "search", "export", None],
        ),
        "include_archived_projects": _setting(
            "boolean",
            "Include archived projects",
            "Whether to read archived projects and their contents.",
            default=True,
        ),
        "lookback_seconds": _number(
            "Lookback",
            "Seconds before its bookmark that every incremental read starts, so that late changes are read.",
            default=600,
            minimum=0,
        ),
        "max_concurrency": _number(
            "Concurrent requests",
            "Maximum number of requests in flight at the same time.",
            default=20,
            minimum=1,
            maximum=50,
        ),
        "requests_per_minute": _number(
            "Requests per minute",
            "Maximum request rate. A lower limit, such as the 150 of free plans, is detected automatically.",
            default=1500,
            minimum=1,
        ),
        "page_size": _number(
            "Page size",
            "Rows per request; halved automatically when Asana times out (504).",
            default=100,
            minimum=1,
            maximum=100,
        ),
        "request_timeout": _number(
            "Request timeout",
            "Seconds without a response, or without its next byte, before a request is retried.",
            default=60,
            minimum=1,
            maximum=86400,
        ),
        "asana_enable": _list(
            "Features to enable",
            "Upcoming API changes to opt in to (Asana-Enable header).",
            "^[A-Za-z0-9_.-]+$",
            "new_memberships",
        ),
        "asana_disable": _list(
            "Features to disable",
            "New API changes to opt out of (Asana-Disable header).",
            "^[A-Za-z0-9_.-]+$",
            "new_memberships",
        ),
        "user_agent": _setting(
            "string",
            "User agent",
            "User-Agent header of requests. Default: tap-asana/ and its version.",
            pattern="^[ -~]+$",
        ),
        "privacy": _setting(
            "string",
            "Privacy",
            "How personal data is written: unchanged (none), with keyed pseudonyms for gids, names and e-mails "
            "(pseudonymize), or with pseudonyms and without any text that people wrote (redact).",
            default="none",
            enum=["none", "pseudonymize", "redact", None],
        ),
        "privacy_key": _secret(
            "Privacy key",
            "Secret key of the pseudonyms, 16 characters or more; the same key gives the same pseudonyms. Required for "
            "pseudonymize and redact.",
        ),
    },
}
"""The tap's own settings as a JSON schema; the SDK adds its built-in settings to a copy."""


def without_secrets(config: Mapping[str, object]) -> dict[str, object]:
    """Return a configuration without its secrets."""
    secret = {name for name, setting in SETTINGS["properties"].items() if setting.get("secret")}
    return {name: value for name, value in config.items() if name not in secret}
