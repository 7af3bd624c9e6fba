"""Smaller requests in place of a list that Asana truncates (law 6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tap_asana.api.decoding import Record, is_timestamp
from tap_asana.api.request import Page, Request
from tap_asana.config import parse_date_time
from tap_asana.errors import FatalResponseError

MAX_SEARCH_ROWS = 100
"""Projects in one answer to a search, which has no further pages (Asana's own limit)."""

COUNTED = {"opt_fields": "num_tasks"}

OVERLAPS = (timedelta(seconds=2), timedelta(milliseconds=1))
"""How far a search may reach back into the one before; the first that still advances is used."""


class UnsplittableError(Exception):
    """A truncated list cannot be split, or its parts do not contain the rest: it counts as unavailable."""


class IncompletePartsError(Exception):
    """The parts of a truncated list may lack some of its rows: they are read, and the list counts as unavailable."""

    def __init__(self, parts: list[Request]) -> None:
        """Take the requests for the parts."""
        super().__init__()
        self.parts = parts


def split_list(page: Page, fetch: Callable[[Request], list[Record]]) -> list[Request]:
    """Return requests for the parts of a truncated list; `fetch` reads the records that define the parts.

    - All projects: archived and active ones.
    - Archived or active projects: searches in ascending order of creation. (Not by team: a project need not have one.)
    - The tasks of a project: its sections.

    Raises UnsplittableError if a list has no parts, or if they cannot contain the rest, and IncompletePartsError if
    they may not. Raises FatalResponseError for a list that the whole run depends on, because half of it would look
    complete.
    """
    request = page.request
    if request.max_rows is not None:
        return _next_search(page)
    if request.path == "/projects" and "archived" not in request.params:
        return [_with_params(request, archived=archived) for archived in ("false", "true")]
    if request.path == "/projects":
        return [_first_search(request)]
    if request.path == "/tasks" and "project" in request.params:
        return _by_section(request, fetch)
    message = f"Asana truncates {request.description}, and it cannot be split"
    raise FatalResponseError(message) if request.is_root else UnsplittableError(message)


def require_search(page: Page) -> None:
    """Raise UnsplittableError if a search cannot replace the rest of a list.

    It fails, the plan excludes it, or it returns no archived projects although they are wanted.
    """
    if page.request.client_filter is None:
        return
    if page.unavailable is not None:
        raise UnsplittableError(f"search is refused there ({page.unavailable.label})")
    if not page.records:
        _require_archived(page, page.request.known_records)


def apply_client_filter(page: Page) -> Page:
    """Return a page with only the new records that pass the filter, if its endpoint cannot filter."""
    condition, known = page.request.client_filter, page.request.known_records
    if condition is None:
        return page
    records = [record for record in page.records if record["gid"] not in known and _passes(record, condition)]
    return replace(page, records=records)


def truncated_list(search: Request) -> Request:
    """Return the request for the list of projects, from a search that replaced it."""
    return replace(search, path="/projects", params={"workspace": search.workspace}, client_filter=None, max_rows=None)


def _passes(record: Record, condition: Mapping[str, Any]) -> bool:
    return all(record.get(name) == value for name, value in condition.items())


def _require_archived(page: Page, known: Mapping[str, bool]) -> None:
    """Raise UnsplittableError if complete searches for archived projects found none."""
    if page.request.client_filter and page.request.client_filter["archived"] and not any(known.values()):
        raise UnsplittableError("search does not show archived projects")


def _first_search(request: Request) -> Request:
    """Return the search for the oldest projects of a workspace (`GET /workspaces/{gid}/projects/search`)."""
    fields = filter(None, (*request.params.get("opt_fields", "").split(","), "archived", "created_at"))
    return replace(
        request,
        path=f"/workspaces/{request.params['workspace']}/projects/search",
        params={
            "opt_fields": ",".join(dict.fromkeys(fields)),
            "sort_by": "created_at",
            "sort_ascending": "true",
            "limit": f"{MAX_SEARCH_ROWS}",
        },
        limit=None,
        offset=None,
        endpoint_limit="search",
        max_rows=MAX_SEARCH_ROWS,
        client_filter={"archived": request.params["archived"] == "true"},
        is_probe=True,
    )


def _next_search(page: Page) -> list[Request]:
    """Return the search that starts at the last creation time of a page, or none if the page has no new projects.

    Searches must overlap, because Asana does not document whether bounds are inclusive: projects between two searches
    would be lost.
    """
    request, condition = page.request, page.request.client_filter or {}
    known = {**request.known_records, **{record["gid"]: _passes(record, condition) for record in page.records}}
    if len(known) == len(request.known_records) and len(page.records) < MAX_SEARCH_ROWS:
        _require_archived(page, known)
        return []
    if request.known_records and not any(record["gid"] in request.known_records for record in page.records):
        raise UnsplittableError("searches do not overlap")
    creation_times = [
        parse_date_time(record["created_at"]) for record in page.records if is_timestamp(record.get("created_at"))
    ]
    if not creation_times:
        raise UnsplittableError("no project has a creation time")
    bounds = (
        (max(creation_times) - overlap).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        for overlap in OVERLAPS
    )
    after = next((bound for bound in bounds if bound > request.params.get("created_at.after", "")), None)
    if after is None:
        raise UnsplittableError(f"{MAX_SEARCH_ROWS} projects were created at the same instant")
    return [replace(_with_params(request, **{"created_at.after": after}), known_records=known)]


def _by_section(request: Request, fetch: Callable[[Request], list[Record]]) -> list[Request]:
    sections = fetch(
        Request(
            request.stream,
            f"/projects/{request.params['project']}/sections",
            parent_keys=request.parent_keys,
            workspace=request.workspace,
            limit=request.limit,
        )
    )
    parts = section_requests(request, [section["gid"] for section in sections])
    if _may_lack_tasks(request, parts, fetch):
        raise IncompletePartsError(parts)
    return parts


def _may_lack_tasks(request: Request, parts: Iterable[Request], fetch: Callable[[Request], list[Record]]) -> bool:
    """Return whether Asana counts more tasks in a project than its sections contain, or this cannot be known.

    Asana does not document whether every task is in a section that it lists.
    """
    path = f"/projects/{request.params['project']}/task_counts"
    count = Request(
        request.stream, path, COUNTED, parent_keys=request.parent_keys, workspace=request.workspace, lacks_gids=True
    )
    try:
        before = _number(fetch(count))
        gids = {task["gid"] for part in parts for task in fetch(replace(part, params=_gids_only(part)))}
        return len(gids) < before and len(gids) < _number(fetch(count))
    except UnsplittableError:
        return True


def _gids_only(part: Request) -> dict[str, str]:
    """Return the parameters of a request for a section that lists the gids of all its tasks."""
    return {"section": part.params["section"], "opt_fields": "created_at"}


def _number(records: Iterable[Record]) -> int:
    """Return the number of tasks in an answer; raises UnsplittableError if there is none."""
    number = next((record.get("num_tasks") for record in records), None)
    if not isinstance(number, int):
        raise UnsplittableError("Asana does not count the tasks")
    return number


def section_requests(request: Request, gids: Iterable[str]) -> list[Request]:
    """Return the requests for the tasks of a project's sections, from the request for those of the project."""
    params = {name: value for name, value in request.params.items() if name != "project"}
    return [replace(request.from_start(), params={**params, "section": gid}) for gid in gids]


def _with_params(request: Request, **params: str) -> Request:
    return replace(request, params={**request.params, **params}, offset=None)
