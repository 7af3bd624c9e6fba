"""The tap's own settings: names, meanings, defaults and allowed values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

SettingSchema = dict[str, Any]

FILE_SUFFIX: Final = "_file"
"""Ends the names of settings that name a file with the value of a secret."""


def _setting(kind: str, title: str, description: str, **more: object) -> SettingSchema:
    return {"type": [kind, "null"], "title": title, "description": description, **more}


def _secret(title: str, description: str) -> SettingSchema:
    return _setting("string", title, description, secret=True, writeOnly=True)


def _file(name: str, title: str) -> SettingSchema:
    return _setting(
        "string",
        f"{title} file",
        f"Path of a file that holds {name}, as containers mount secrets; set either this or {name}.",
    )


def _with_secret_files(properties: dict[str, SettingSchema]) -> dict[str, SettingSchema]:
    """Return settings with a further one behind each secret: the file that holds it."""
    rows: dict[str, SettingSchema] = {}
    for name, setting in properties.items():
        rows[name] = setting
        if setting.get("secret"):
            rows[f"{name}{FILE_SUFFIX}"] = _file(name, setting["title"])
    return rows


def _number(title: str, description: str, default: int, minimum: int, maximum: int | None = None) -> SettingSchema:
    bounds = {"minimum": minimum} if maximum is None else {"minimum": minimum, "maximum": maximum}
    return _setting("integer", title, description, default=default, **bounds)


def _list(title: str, description: str, pattern: str, example: str) -> SettingSchema:
    items = {"type": "string", "pattern": pattern, "examples": [example]}
    return _setting("array", title, description, items=items, default=[])


_PROPERTIES: Final = _with_secret_files(
    {
        "access_token": _secret(
            "Access token",
            "Personal access token, or the token of a service account. Set either this or the three OAuth settings.",
        ),
        "additional_access_tokens": _setting(
            "array",
            "Additional access tokens",
            "Further tokens, whose users see the same data. Each has a rate limit of its own, so that long runs are as "
            "many times as fast. They must see the same workspaces.",
            items={"type": "string", "examples": ["2/1200000000000001/1200000000000002:0123456789abcdef"]},
            default=[],
            secret=True,
            writeOnly=True,
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
        "attachment_lists": _setting(
            "string",
            "Attachment lists",
            "Tasks to request attachments of, by list and where searches do not find all attachments: all, or, if "
            "stories are selected too, those whose stories or description announce one. The latter misses the "
            "attachments of copied tasks until all tasks are read again. auto is announced if reconcile_days is set, "
            "which does that, and all otherwise.",
            default="auto",
            enum=["auto", "all", "announced", None],
        ),
        "follow_events": _setting(
            "boolean",
            "Follow events",
            "Whether tasks, stories, attachments and time entries that events name are read again, because edits, "
            "likes, pins, followers and the like move no modified_at. Unset, they are if deletions is selected, which "
            "reads the events.",
        ),
        "reconcile_days": _setting(
            "integer",
            "Reconcile days",
            "Days within which every task is read again with its stories, attachments and time entries, a part in each "
            "run, so that changes without a new modified_at arrive, and with the stream deletions also what was "
            "deleted. Unset, only changes are read.",
            minimum=1,
            maximum=3650,
        ),
        "reconcile_percent": _number(
            "Reconcile percent",
            "Share of the request rate, in percent of the time between two runs, that reconcile_days may use.",
            default=10,
            minimum=1,
            maximum=100,
        ),
        "lookback_seconds": _number(
            "Lookback",
            "Seconds before its bookmark that every incremental read starts, so that late changes are read.",
            default=600,
            minimum=0,
            maximum=10**9,
        ),
        "max_concurrency": _number(
            "Concurrent requests",
            "Maximum number of requests in flight at the same time; Asana allows 50. How many there are follows the "
            "request rate and Asana's response time.",
            default=48,
            minimum=1,
            maximum=50,
        ),
        "requests_per_minute": _number(
            "Requests per minute",
            "Maximum request rate. A lower limit, such as the 150 of free plans, is detected automatically.",
            default=1500,
            minimum=1,
            maximum=10**9,
        ),
        "page_size": _number(
            "Page size",
            "Rows per request; halved automatically when Asana times out (504), and doubled when page tokens expire.",
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
        "shared_tables": _setting(
            "boolean",
            "Shared tables",
            "Whether other runs write into the same tables, each for its own workspaces. No version is announced then "
            "(ACTIVATE_VERSION), because it would delete their rows.",
            default=False,
        ),
        "report_file": _setting(
            "string",
            "Report file",
            "Path of a file that gets a JSON report when the run ends: its result and reason, and the records, "
            "requests, skipped lists, bookmarks and seconds of each stream.",
        ),
    }
)


OAUTH: Final = ("client_id", "client_secret", "refresh_token")
"""The settings that together are OAuth credentials."""


def _given(name: str) -> SettingSchema:
    """Return the schema of a configuration with a secret, or with the file that holds it."""
    text = {"type": "string", "minLength": 1}
    return {"anyOf": [{"required": [key], "properties": {key: text}} for key in (name, f"{name}{FILE_SUFFIX}")]}


def _credentials() -> list[SettingSchema]:
    """Return the schemas of the two kinds of credentials, of which exactly one must be complete."""
    oauth = [_given(name) for name in OAUTH]
    return [
        {"title": "Access token", **_given("access_token"), "not": {"anyOf": oauth}},
        {"title": "OAuth app", "allOf": oauth, "not": _given("access_token")},
    ]


SETTINGS: Final[SettingSchema] = {"type": "object", "properties": _PROPERTIES, "oneOf": _credentials()}
"""The tap's own settings as a JSON schema; the SDK adds its built-in settings to a copy."""


def read_settings(config: Mapping[str, object]) -> dict[str, object]:
    """Return the settings that decide what is read: those without the secrets and the names of files."""
    secret = {name for name, setting in _PROPERTIES.items() if setting.get("secret")}
    return {name: value for name, value in config.items() if name not in secret and not name.endswith(FILE_SUFFIX)}
