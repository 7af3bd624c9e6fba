"""Write README's tables of settings and streams anew from the code: `make readme`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tap_asana.settings import SETTINGS, Schema
from tap_asana.sync.stream import AsanaStream
from tap_asana.tap import TapAsana
from tap_asana.tasks.events import CHILD_PATHS

README = Path(__file__).parent.parent / "README.md"

PAID = frozenset(
    {
        *(
            "agents",
            "allocations",
            "budgets",
            "custom_fields",
            "custom_field_settings",
            "custom_types",
            "rates",
            "roles",
        ),
        *("goals", "goal_memberships", "goal_relationships", "time_periods", "project_briefs"),
        *("portfolios", "portfolio_items", "portfolio_memberships"),
        *("time_tracking_categories", "time_tracking_entries", "timesheet_approval_statuses"),
    }
)
"""Streams of features that Asana sells, or of endpoints that may answer 402."""

PLANS = {**dict.fromkeys(PAID, "paid"), "audit_log_events": "service account"}
"""The least that a stream takes; all others are in the free plan."""

SCOPES = {
    "/attachments": "attachments:read",
    "/goals": "goals:read",
    "/goals/{goal_gid}/stories": "stories:read",
    "/ooo_entries": "ooo_entries:read",
    "/portfolios": "portfolios:read",
    "/portfolios/{portfolio_gid}": "portfolios:read",
    "/portfolios/{portfolio_gid}/items": "portfolios:read",
    "/project_templates": "project_templates:read",
    "/projects": "projects:read",
    "/roles": "roles:read",
    "/tags": "tags:read",
    "/task_templates": "task_templates:read",
    "/tasks": "tasks:read",
    "/tasks/{task_gid}/stories": "stories:read",
    "/tasks/{task_gid}/time_tracking_entries": "time_tracking_entries:read",
    "/teams/{team_gid}/team_memberships": "team_memberships:read",
    "/time_tracking_categories": "time_tracking_categories:read",
    "/timesheet_approval_statuses": "timesheet_approval_statuses:read",
    "/users": "users:read",
    "/workspaces": "workspaces:read",
    "/workspaces/{workspace_gid}/custom_fields": "custom_fields:read",
    "/workspaces/{workspace_gid}/teams": "teams:read",
}
"""Granular OAuth scopes by endpoint, as the contract has them; the others take an app with full permissions."""

COSTS = {
    "deletions": "1 per workspace; for a person 1 per project",
    "portfolios": "1 per workspace; for a person 1 more, and 1 per portfolio shared with it",
    "status_updates": "1 per project, portfolio and goal that has one",
    "time_tracking_categories": "2 per workspace",
    "time_tracking_entries": "1 per task with time on it; after that 1 per changed one",
    "tasks": "by list 1 per project, user, tag, and task with subtasks; by search 1 per 100 changed tasks",
    "stories": "1 per task, after that 1 per changed task; 1 per goal",
    "attachments": "1 per task, after that 1 per changed task; 1 per project and project brief",
}
"""Requests of the streams whose path alone does not tell them, besides one for every further 100 rows."""


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown."""
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *map(list, rows)]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def settings() -> str:
    """Return the table of settings: name, default, and what it means."""
    return table(
        ("Setting", "Default", "Meaning"), map(_setting, SETTINGS["properties"], SETTINGS["properties"].values())
    )


def _setting(name: str, schema: Schema) -> Iterator[str]:
    yield f"`{name}`" + (" (secret)" if schema.get("secret") else "")
    yield f"`{json.dumps(schema['default']).strip(chr(34))}`" if "default" in schema else ""
    yield schema["description"]


def streams() -> str:
    """Return the table of streams: name, contents, endpoint, key, replication, plan, OAuth scope and requests."""
    tap = TapAsana(validate_config=False)
    head = ("Stream", "What it holds", "Endpoint", "Key", "Read", "Plan", "OAuth scope", "Requests")
    return table(head, (_stream(stream) for stream in tap.streams.values() if isinstance(stream, AsanaStream)))


def _stream(stream: AsanaStream) -> Iterator[str]:
    paths = lists(stream)
    yield f"`{stream.name}`"
    yield (type(stream).__doc__ or "").splitlines()[0]
    yield "<br>".join(f"`GET {path}`" for path in paths)
    yield ", ".join(f"`{name}`" for name in stream.primary_keys)
    yield "incremental" if stream.replication_key else "whole"
    yield PLANS.get(stream.name, "free")
    yield ", ".join(dict.fromkeys(map(scope, paths)))
    yield COSTS.get(stream.name) or ", ".join(map(_cost, own_lists(stream))) or "none of its own"


def own_lists(stream: AsanaStream) -> list[str]:
    """Return the paths that are asked for a stream's sake."""
    return list(dict.fromkeys(filter(None, (CHILD_PATHS.get(stream.name), *(stream.paths or (stream.path,))))))


def lists(stream: AsanaStream) -> list[str]:
    """Return the paths that a stream is read from: its own, and those of other streams that carry it."""
    return list(dict.fromkeys((*own_lists(stream), *stream.embedded_in)))


def scope(path: str) -> str:
    """Return the OAuth scope that a path takes."""
    found = SCOPES.get(endpoint(path))
    return f"`{found}`" if found else "full permissions"


def endpoint(path: str) -> str:
    """Return the documented endpoint behind a path."""
    return path.partition("?")[0].replace("shared_portfolio", "portfolio")


def _cost(path: str) -> str:
    parent = re.search(r"{(\w+)_gid}", path)
    return f"1 per {parent[1].replace('_', ' ')}" if parent else "1"


TABLES = {"settings": settings, "streams": streams}


def fill(text: str) -> str:
    """Return the text with each table written between its markers, `<!-- NAME:begin -->` and `<!-- NAME:end -->`."""
    for name, make in TABLES.items():
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        if not re.search(f"{begin}.*{end}", text, re.DOTALL):
            raise ValueError(f"README lacks the markers of {name}")
        before, rest = text.split(begin)
        text = f"{before}{begin}\n{make()}\n{end}{rest.split(end)[1]}"
    return text


if __name__ == "__main__":
    README.write_text(fill(README.read_text(encoding="utf-8")), encoding="utf-8")
