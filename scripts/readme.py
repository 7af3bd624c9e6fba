"""Generate the tables of settings and streams in README and docs from the code: `make readme`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from scripts.project import ROOT
from scripts.references import Reference, diagram, readable, references
from scripts.warehouse_page import analyst_views, answers, fivetran_views
from tap_asana.records.fields import Schema
from tap_asana.settings import SETTINGS, SettingSchema
from tap_asana.sync.stream import AsanaStream
from tap_asana.tap import TapAsana
from tap_asana.tasks.events import CHILD_PATHS

README = ROOT / "README.md"
SETTINGS_PAGE = ROOT / "docs" / "settings.md"
PERFORMANCE_PAGE = ROOT / "docs" / "performance.md"
STREAMS_PAGE = ROOT / "docs" / "streams.md"
WAREHOUSE_PAGE = ROOT / "docs" / "warehouse.md"

COMMON_SETTINGS = (
    *("access_token", "workspaces", "start_date", "extraction_method"),
    *("include_archived_projects", "requests_per_minute", "privacy", "privacy_key"),
)
"""Settings shown in README; docs/settings.md has the complete table."""

README_FIGURES = (
    "Requests, search, nothing changed, 10,000 tasks",
    "1,500 a minute, ",
    "Records, ",
    "Memory, 1,000,000 tasks by local export",
    "Start-up, `tap-asana --version`",
)
"""The first words of the measured figures that README quotes."""

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
"""Streams that need a paid plan: Asana may answer their requests with 402."""

PLANS = {**dict.fromkeys(PAID, "paid"), "audit_log_events": "service account"}
"""The smallest plan or account that a stream needs; all others are in the free plan."""

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
"""Granular OAuth scopes by endpoint, from tests/contract; the other endpoints need an app with full permissions."""

COSTS = {
    "deletions": "1 or 2 per workspace; for a person 1 per project; 1 per object that changed without modified_at",
    "portfolios": "1 per workspace; for a person 1 more, and 1 per portfolio shared with it",
    "status_updates": "1 per project, portfolio and goal with one",
    "time_tracking_categories": "2 per workspace",
    "time_tracking_entries": "1 per task with time on it; after that 1 per changed one, and 1 per workspace",
    "tasks": "by list 1 per project, user, tag, and task with subtasks; by search 1 per 100 changed tasks",
    "stories": "1 per task, after that 1 per changed task; 1 per goal",
    "attachments": "1 per task, after that 1 per changed task; 1 per project and project brief",
}
"""Requests of the streams whose path alone does not show them, without those for every further 100 rows."""


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown."""
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *map(list, rows)]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def settings(names: Iterable[str]) -> str:
    """Return the table of these settings: name, default and meaning."""
    head = ("Setting", "Default", "Meaning")
    return table(head, (_setting(name, SETTINGS["properties"][name]) for name in names))


def all_settings() -> str:
    """Return the table of all settings."""
    return settings(SETTINGS["properties"])


def common_settings() -> str:
    """Return the table of the settings that most users set."""
    return settings(COMMON_SETTINGS)


def _setting(name: str, schema: SettingSchema) -> Iterator[str]:
    yield f"`{name}`" + (" (secret)" if schema.get("secret") else "")
    yield f"`{json.dumps(schema['default']).strip(chr(34))}`" if "default" in schema else ""
    yield schema["description"]


def quoted_figures(text: str, starts: Iterable[str]) -> Iterator[str]:
    """Yield the first figure in short of a page that begins with each of these texts; raises ValueError without one."""
    for start in starts:
        found = next((line for line in text.splitlines() if line.startswith(f"* {start}")), None)
        if found is None:
            msg = f"The page has no figure that begins with {start}"
            raise ValueError(msg)
        yield found


def figures() -> str:
    """Return the figures of docs/performance.md that README quotes."""
    return "".join(
        f"{figure}\n" for figure in quoted_figures(PERFORMANCE_PAGE.read_text(encoding="utf-8"), README_FIGURES)
    )


def declared_streams() -> list[AsanaStream]:
    """Return the streams in reading order."""
    discovered = TapAsana(validate_config=False).streams.values()
    return [stream for stream in discovered if isinstance(stream, AsanaStream)]


def streams() -> str:
    """Return the table of streams: name, contents, endpoint, key, replication, plan, OAuth scope and requests."""
    head = ("Stream", "Contents", "Endpoint", "Key", "Replication", "Plan", "OAuth scope", "Requests")
    return table(head, map(_stream, declared_streams()))


def streams_by_cost() -> str:
    """Return the table of streams grouped by their requests, plan and replication."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for stream in declared_streams():
        key = (requests(stream), PLANS.get(stream.name, "free"), replication(stream))
        groups.setdefault(key, []).append(f"`{stream.name}`")
    return table(
        ("Streams", "Replication", "Plan", "Requests"),
        ((", ".join(names), method, plan, cost) for (cost, plan, method), names in groups.items()),
    )


def _stream(stream: AsanaStream) -> Iterator[str]:
    paths = lists(stream)
    yield f"`{stream.name}`"
    yield (type(stream).__doc__ or "").splitlines()[0]
    yield "<br>".join(f"`GET {path}`" for path in paths)
    yield ", ".join(f"`{name}`" for name in stream.primary_keys)
    yield replication(stream)
    yield PLANS.get(stream.name, "free")
    yield ", ".join(dict.fromkeys(map(scope, paths)))
    yield requests(stream)


def stream_references() -> str:
    """Return the diagram of the streams, and the table of their references: stream, field and streams referred to."""
    schemas = {stream.name: stream.schema for stream in declared_streams()}
    rows = (
        (f"`{name}`", ", ".join(f"`{field.path}`" for field in fields), streams)
        for name, schema in schemas.items()
        for streams, fields in _fields_by_streams(schema).items()
    )
    return f"{diagram(schemas)}\n{table(('Stream', 'Fields', 'Refer to'), rows)}"


def _fields_by_streams(schema: Schema) -> dict[str, list[Reference]]:
    fields: dict[str, list[Reference]] = {}
    for reference in references(schema):
        if reference.streams:
            fields.setdefault(readable(reference.streams), []).append(reference)
    return fields


def replication(stream: AsanaStream) -> str:
    """Return how a stream is replicated."""
    return "incremental" if stream.replication_key else "full table"


def requests(stream: AsanaStream) -> str:
    """Return the number of requests of a run for a stream, in words."""
    return COSTS.get(stream.name) or ", ".join(map(_cost, own_lists(stream))) or "none of its own"


def own_lists(stream: AsanaStream) -> list[str]:
    """Return the paths requested only for this stream."""
    return list(dict.fromkeys(filter(None, (CHILD_PATHS.get(stream.name), *(stream.paths or (stream.path,))))))


def lists(stream: AsanaStream) -> list[str]:
    """Return the paths of a stream: its own, and those of the streams that embed its records."""
    return list(dict.fromkeys((*own_lists(stream), *stream.embedded_in)))


def scope(path: str) -> str:
    """Return the OAuth scope that a path needs."""
    name = SCOPES.get(endpoint(path))
    return f"`{name}`" if name else "full permissions"


def endpoint(path: str) -> str:
    """Return the documented endpoint of a path."""
    return path.partition("?")[0].replace("shared_portfolio", "portfolio")


def _cost(path: str) -> str:
    parent = re.search(r"{(\w+)_gid}", path)
    return f"1 per {parent[1].replace('_', ' ')}" if parent else "1"


PAGES: Mapping[Path, Mapping[str, Callable[[], str]]] = {
    README: {"figures": figures, "settings": common_settings, "streams": streams_by_cost},
    SETTINGS_PAGE: {"settings": all_settings},
    STREAMS_PAGE: {"streams": streams, "references": stream_references},
    WAREHOUSE_PAGE: {"views": analyst_views, "answers": answers, "fivetran": fivetran_views},
}
"""The generated tables of each page."""


def fill(page: Path, text: str) -> str:
    """Return the text of a page with its tables between their markers, `<!-- NAME:begin -->` and `<!-- NAME:end -->`.

    Raises ValueError if a marker is missing.
    """
    for name, render in PAGES[page].items():
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        if not re.search(f"{begin}.*{end}", text, re.DOTALL):
            raise ValueError(f"{page.name} has no markers for {name}")
        before, rest = text.split(begin)
        text = f"{before}{begin}\n{render()}\n{end}{rest.split(end)[1]}"
    return text


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(fill(page, page.read_text(encoding="utf-8")), encoding="utf-8")
