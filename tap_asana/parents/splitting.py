"""How a list that Asana truncates is asked in smaller ones (facts 3.6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tap_asana.api.decoding import is_timestamp
from tap_asana.api.protocol import Record
from tap_asana.api.request import Page, Request
from tap_asana.config import parse_date_time
from tap_asana.errors import FatalResponseError

MAX_SEARCH_ROWS = 100
"""Projects that one search gives at the most; it has no further page."""

OVERLAPS = (timedelta(seconds=2), timedelta(milliseconds=1))
"""How far one search may reach back into the one before; the widest with which it goes on is taken."""


class UnsplittableError(Exception):
    """A truncated list has no smaller parts, or nothing brings the rest of it: it counts as refused itself."""


def split_list(page: Page, fetch: Callable[[Request], list[Record]]) -> list[Request]:
    """Return asks for the parts of a truncated list; `fetch` brings the records by which it is split.

    Projects split into archived and active ones, and each of these into searches that ascend by time of creation; the
    tasks of a project split by section. Raises UnsplittableError for a list that has no smaller parts, or whose parts
    cannot bring the rest, and FatalResponseError where all hangs from it: half of it would look like the whole.
    (Teams are no parts of the list of projects, since a project need not have one.)
    """
    ask = page.request
    if ask.max_rows is not None:
        return _later(page)
    if ask.path == "/projects" and "archived" not in ask.params:
        return [_with(ask, archived=archived) for archived in ("false", "true")]
    if ask.path == "/projects":
        return [_search(ask)]
    if ask.path == "/tasks" and "project" in ask.params:
        return _by_section(ask, fetch)
    msg = f"Asana truncates {ask.description}, and it cannot be asked in smaller parts"
    raise FatalResponseError(msg) if ask.is_root else UnsplittableError(msg)


def require_search(page: Page) -> None:
    """Raise UnsplittableError where a search cannot stand for the rest of a list.

    It is not in the plan or fails, or it shows none of the archived projects that are looked for.
    """
    if page.request.client_filter is None:
        return
    if page.unavailable is not None:
        raise UnsplittableError(f"search is refused there ({page.unavailable.label})")
    if not page.records:
        _require_archived(page, page.request.known_records)


def apply_client_filter(page: Page) -> Page:
    """Return a page with those of its records only that were asked for, where its endpoint cannot tell them apart."""
    only, known = page.request.client_filter, page.request.known_records
    if only is None:
        return page
    return replace(page, records=[each for each in page.records if each["gid"] not in known and _fits(each, only)])


def truncated_list(ask: Request) -> Request:
    """Return the list of projects that a search stands for."""
    return replace(ask, path="/projects", params={"workspace": ask.workspace}, client_filter=None, max_rows=None)


def _fits(record: Record, only: Mapping[str, Any]) -> bool:
    return all(record.get(name) == only[name] for name in only)


def _require_archived(page: Page, known: Mapping[str, bool]) -> None:
    """Raise UnsplittableError where searches for archived projects that have come to their end found none."""
    if page.request.client_filter and page.request.client_filter["archived"] and not any(known.values()):
        raise UnsplittableError("search does not show archived projects")


def _search(ask: Request) -> Request:
    """Ask for the oldest projects of a workspace (`GET /workspaces/{gid}/projects/search`)."""
    fields = filter(None, (*ask.params.get("opt_fields", "").split(","), "archived", "created_at"))
    return replace(
        ask,
        path=f"/workspaces/{ask.params['workspace']}/projects/search",
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
        client_filter={"archived": ask.params["archived"] == "true"},
        is_probe=True,
    )


def _later(page: Page) -> list[Request]:
    """Ask for the projects from the last instant of an answer on, unless it brought nothing new: then all are known.

    Searches overlap, because nobody knows what bounds include: where they do not, projects are lost between them.
    """
    ask, only = page.request, page.request.client_filter or {}
    known = {**ask.known_records, **{record["gid"]: _fits(record, only) for record in page.records}}
    if len(known) == len(ask.known_records) and len(page.records) < MAX_SEARCH_ROWS:
        _require_archived(page, known)
        return []
    if ask.known_records and not any(record["gid"] in ask.known_records for record in page.records):
        raise UnsplittableError("searches do not overlap")
    made = [parse_date_time(record["created_at"]) for record in page.records if is_timestamp(record.get("created_at"))]
    if not made:
        raise UnsplittableError("none of them tells when it was made")
    last = max(made)
    bounds = ((last - overlap).isoformat(timespec="milliseconds").replace("+00:00", "Z") for overlap in OVERLAPS)
    after = next((bound for bound in bounds if bound > ask.params.get("created_at.after", "")), None)
    if after is None:
        raise UnsplittableError(f"{MAX_SEARCH_ROWS} of them were made at one instant")
    return [replace(_with(ask, **{"created_at.after": after}), known_records=known)]


def _by_section(ask: Request, fetch: Callable[[Request], list[Record]]) -> list[Request]:
    sections = fetch(_list(ask, f"/projects/{ask.params['project']}/sections"))
    params = {name: value for name, value in ask.params.items() if name != "project"}
    return [replace(ask, params={**params, "section": section["gid"]}, offset=None) for section in sections]


def _list(ask: Request, path: str) -> Request:
    return Request(ask.stream, path, parent_keys=ask.parent_keys, workspace=ask.workspace, limit=ask.limit)


def _with(ask: Request, **params: str) -> Request:
    return replace(ask, params={**ask.params, **params}, offset=None)
