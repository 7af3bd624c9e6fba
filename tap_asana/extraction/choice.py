"""Which way the tasks of a workspace are read, and why."""

from __future__ import annotations

import logging
from collections.abc import Collection

from tap_asana.asks import Ask
from tap_asana.extraction.listing import Extent, Listing
from tap_asana.extraction.search import BUDGET, PATH, SUBTASKS, UNASSIGNED, Search
from tap_asana.extraction.walk import Scope, Source

LIST, SEARCH, AUTO = "list", "search", "auto"

logger = logging.getLogger(__name__)


def choose(setting: str, scope: Scope) -> str:
    """Return the method for a workspace, list or search, by one cheap probe; log it with its reason.

    Where search is asked for but not to be had, lists serve: they are slower, but nothing is lost.
    """
    if setting == LIST:
        method, reason = LIST, "the setting extraction_method asks for it"
    elif (refused := _probe(scope)) is None:
        method, reason = SEARCH, "the plan of the workspace has search"
    else:
        method, reason = LIST, f"search is refused there ({refused})"
    level = logging.WARNING if setting == SEARCH and method == LIST else logging.INFO
    logger.log(level, "workspace %s: tasks are read by %s, because %s", scope.workspace.gid, method, reason)
    return method


def _probe(scope: Scope) -> int | None:
    """Search for what was changed since this read began; return the status where that is refused."""
    path = PATH.format(workspace_gid=scope.workspace.gid)
    params = {"modified_at.after": scope.sweep.until, "opt_fields": "modified_at"}
    page = scope.client.fetch(Ask("search", path, params, workspace=scope.workspace.gid, budget=BUDGET))
    return page.refused.status if page.refused else None


def sources(method: str, scope: Scope, *, first: bool, new: Collection[str], start_date: str | None) -> list[Source]:
    """Return the lanes that together reach every task of the workspace.

    `first` says that nothing was read before; `new` are the projects that the token could not see then.
    """
    if method == LIST:
        return [Listing(scope, Extent(new=new), start_date)]
    if first:
        reached = Extent(kinds=("project", "user"), subtasks=False)
        return [
            Listing(scope, reached, start_date),
            Search("subtasks", scope, SUBTASKS),
            Search("unassigned", scope, UNASSIGNED),
        ]
    return [
        Search("changes", scope),
        Listing(scope, Extent(kinds=("project",), new=new, new_only=True), start_date),
    ]
