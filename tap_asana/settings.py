"""The tap's own settings: what they are called, what they mean, and what each may hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Schema = dict[str, Any]


def _setting(kind: str, title: str, description: str, **more: object) -> Schema:
    return {"type": [kind, "null"], "title": title, "description": description, **more}


def _secret(title: str, description: str) -> Schema:
    return _setting("string", title, description, secret=True, writeOnly=True)


def _number(title: str, description: str, default: int, least: int, most: int | None = None) -> Schema:
    bounds = {"minimum": least} if most is None else {"minimum": least, "maximum": most}
    return _setting("integer", title, description, default=default, **bounds)


def _list(title: str, description: str, pattern: str, example: str) -> Schema:
    items = {"type": "string", "pattern": pattern, "examples": [example]}
    return _setting("array", title, description, items=items, default=[])


SETTINGS: Final[Schema] = {
    "type": "object",
    "properties": {
        "access_token": _secret(
            "Access token",
            "A personal access token or a service account's token. Either this or OAuth's three settings are needed.",
        ),
        "client_id": _secret("OAuth client id", "Client id of the OAuth app that the refresh token was given to."),
        "client_secret": _secret("OAuth client secret", "Client secret of that OAuth app."),
        "refresh_token": _secret(
            "OAuth refresh token",
            "What the tap gets its access tokens for, at the start and whenever one ends.",
        ),
        "redirect_uri": _setting(
            "string",
            "OAuth redirect address",
            "The redirect address registered for the OAuth app, where Asana asks for it.",
        ),
        "oauth_token_url": _setting(
            "string",
            "OAuth token address",
            "Where a refresh token is exchanged for an access token. Plain http only on this machine.",
            default="https://app.asana.com/-/oauth_token",
        ),
        "api_url": _setting(
            "string",
            "API address",
            "Where the API is reached. Plain http only on this machine: a token never travels in clear.",
            default="https://app.asana.com/api/1.0",
        ),
        "workspaces": _list(
            "Workspaces",
            "Gids of the workspaces to read; an empty list means all that the token sees.",
            "^[0-9]+$",
            "1200000000000001",
        ),
        "start_date": _setting(
            "string",
            "Start date",
            "Tasks not modified since this date are not read, nor the stories, attachments and time entries of "
            "those tasks. Without it everything is read; an earlier one than before brings what was kept out.",
            format="date-time",
        ),
        "extraction_method": _setting(
            "string",
            "Extraction method",
            "How tasks and what hangs from them are read: by lists, by search (paid plans), by export (service "
            "accounts), or the cheapest that the plan allows (auto; it never exports).",
            default="auto",
            enum=["auto", "list", "search", "export", None],
        ),
        "include_archived_projects": _setting(
            "boolean",
            "Include archived projects",
            "Whether archived projects and what is in them are read too.",
            default=True,
        ),
        "lookback_seconds": _number(
            "Lookback",
            "Seconds before its bookmark at which every incremental read starts.",
            default=600,
            least=0,
        ),
        "max_concurrency": _number(
            "Requests in flight",
            "How many requests may be under way at once.",
            default=20,
            least=1,
            most=50,
        ),
        "requests_per_minute": _number(
            "Requests per minute",
            "Upper bound of the pace. A lower one, such as the 150 of free plans, is learnt from Asana's answers.",
            default=1500,
            least=1,
        ),
        "page_size": _number(
            "Page size",
            "Rows to ask for in one request; halved by itself where Asana cannot answer in time.",
            default=100,
            least=1,
            most=100,
        ),
        "request_timeout": _number(
            "Request timeout",
            "Seconds without an answer, or a further byte of it, after which a request is tried again.",
            default=60,
            least=1,
            most=86400,
        ),
        "asana_enable": _list(
            "Features to enable",
            "Names of coming API changes to opt in to (the Asana-Enable header).",
            "^[A-Za-z0-9_.-]+$",
            "new_memberships",
        ),
        "asana_disable": _list(
            "Features to disable",
            "Names of new API changes to opt out of (the Asana-Disable header).",
            "^[A-Za-z0-9_.-]+$",
            "new_memberships",
        ),
        "user_agent": _setting(
            "string",
            "User agent",
            "What the tap calls itself in requests; tap-asana/ and its version where nothing is set.",
            pattern="^[ -~]+$",
        ),
        "privacy": _setting(
            "string",
            "Privacy",
            "What leaves of people: everything (none), keyed pseudonyms in place of their gids, names and addresses "
            "(pseudonymize), or those and none of the words that people wrote (redact).",
            default="none",
            enum=["none", "pseudonymize", "redact", None],
        ),
        "privacy_key": _secret(
            "Privacy key",
            "What the pseudonyms are made with, at least 16 characters: the same key gives the same pseudonyms. "
            "Needed to pseudonymize and to redact.",
        ),
    },
}
"""The tap's own settings as a JSON schema; the SDK adds its built-in ones to a copy of it."""


def without_secrets(config: Mapping[str, object]) -> dict[str, object]:
    """Return what of a configuration is no secret."""
    secret = {name for name, setting in SETTINGS["properties"].items() if setting.get("secret")}
    return {name: value for name, value in config.items() if name not in secret}
