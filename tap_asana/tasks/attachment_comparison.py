"""A comparison of the search for tasks with attachments with lists of attachments.

Asana does not document whether the filter `has_attachment` knows other files than uploads. A task that it finds, and
that has only links to other services, proves that it does; a task with attachments that it leaves out, that it does
not.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from tap_asana.api.decoding import Record, is_timestamp
from tap_asana.api.request import Page, Request
from tap_asana.state.instants import parse_instant
from tap_asana.state.search_reach import ATTACHED_KIND, FOUND, MISSING
from tap_asana.tasks.by_search import BUDGET, PATH, WITH_ATTACHMENTS, SearchSource
from tap_asana.tasks.context import TraversalContext
from tap_asana.tasks.events import ATTACHMENTS, CHILD_PATHS, TASKS
from tap_asana.tasks.lanes import ATTACHED_LANE
from tap_asana.tasks.recent_tasks import is_settled
from tap_asana.tasks.search_comparison import MIN_AGE_MS

SAMPLES, SAMPLES_OF_INCREMENT = 10, 1
"""Tasks whose attachments are listed for each of two searches, in a first read and in any other."""

LINK_FIELDS = ("resource_subtype", "created_at")

UPLOAD = "asana"
"""The subtype of attachments that Asana stores."""

ALL_ASKED = "workspace %s: searches leave out tasks with attachments; lists of attachments are requested instead"
OLDER_LOST = (
    "workspace %s: attachments of tasks read by earlier runs may be missing; read attachments as FULL_TABLE once"
)
UNPROVEN = "workspace %s: no task shows whether searches find all attachments; those other than uploads may be missing"

logger = logging.getLogger(__name__)


def compare_attachments(context: TraversalContext) -> None:
    """Compare the search with lists, unless an earlier run did; keep and log the outcome.

    A resumed read compares nothing, because its first attempt may have left tasks to stories about files.
    """
    if ATTACHMENTS not in context.fields or context.reach.verdict(ATTACHED_KIND) is not None:
        return
    gid, is_first_read = context.workspace.gid, context.window.since is None
    count = 0 if context.window.positions else SAMPLES if is_first_read else SAMPLES_OF_INCREMENT
    if any(_are_links(page) and _is_unchanged(context, task) for task, page in _attachments(context, "true", count)):
        context.reach.record(ATTACHED_KIND, FOUND)
    elif any(map(_is_old(context), (page.records for _, page in _attachments(context, "false", count)))):
        context.reach.record(ATTACHED_KIND, MISSING)
        logger.warning(ALL_ASKED, gid)
        if not is_first_read:
            logger.warning(OLDER_LOST, gid)
    else:
        logger.info(UNPROVEN, gid)


def _attachments(context: TraversalContext, has_attachment: str, count: int) -> Iterator[tuple[str, Page]]:
    """Yield the gids of some tasks that a search finds with or without attachments, and their lists of attachments.

    Each run takes other tasks.

    The traversal of a first read uses the answers about tasks with attachments, if it requests the same fields.
    """
    if not count:
        return
    is_new = context.window.since is None and not context.is_resumed and not context.window.positions
    is_shared = is_new and has_attachment == WITH_ATTACHMENTS["has_attachment"]
    tasks = _answer(context, _search(context, has_attachment, is_shared=is_shared), is_shared=is_shared).records
    selected = context.fields[ATTACHMENTS]
    is_shared = is_shared and {*LINK_FIELDS} <= {*selected}
    turn = (context.window.run or 0) * count
    for gid in dict.fromkeys(tasks[(turn + place) % len(tasks)]["gid"] for place in range(count if tasks else 0)):
        fields = selected if is_shared else LINK_FIELDS
        request = context.request(ATTACHMENTS, ATTACHMENTS, CHILD_PATHS[ATTACHMENTS], fields, task_gid=gid)
        yield gid, _answer(context, request, is_shared=is_shared)


def _search(context: TraversalContext, has_attachment: str, *, is_shared: bool) -> Request:
    """Return a search for tasks with or without attachments; a shared one is that with which the traversal begins."""
    if is_shared:
        lane = SearchSource(ATTACHED_LANE, context, None, WITH_ATTACHMENTS, child_streams=())
        return next(lane.work_items()).requests[0]
    params = {"has_attachment": has_attachment, "sort_by": "created_at", "limit": str(context.limits.max_search_tasks)}
    search = context.request(TASKS, "", PATH, ("created_at",)).with_params("", **params).unpaged(BUDGET)
    return replace(search, numeric_gids=True)


def _answer(context: TraversalContext, request: Request, *, is_shared: bool) -> Page:
    """Return the answer to a request, whose refusal does not matter; keep it for the traversal if it is shared."""
    page = context.client.fetch(replace(request, is_probe=True))
    if is_shared and page.unavailable is None:
        following = page.next_request and replace(page.next_request, is_probe=request.is_probe)
        context.fetcher.put(replace(page, request=request, next_request=following))
    return page


def _are_links(page: Page) -> bool:
    """Return whether a list is one page of attachments, none of them stored by Asana."""
    if page.next_request is not None or page.truncated:
        return False
    return bool(page.records) and all(row.get("resource_subtype") not in {None, UPLOAD} for row in page.records)


def _is_unchanged(context: TraversalContext, gid: str) -> bool:
    """Return whether nobody has just changed a task: a search may have found it by an upload that was deleted since."""
    request = context.request(TASKS, "", "/tasks/{task_gid}", ("modified_at",), task_gid=gid)
    tasks = context.client.fetch(replace(request, is_probe=True)).records
    return any(is_settled(task, context.window.until) for task in tasks)


def _is_old(context: TraversalContext) -> Callable[[Sequence[Record]], bool]:
    """Return a predicate: is one of the attachments so old that the search's index must know it?"""
    latest = parse_instant(context.window.until).timestamp() - MIN_AGE_MS / 1000

    def is_old(attachments: Sequence[Record]) -> bool:
        instants = [str(row["created_at"]) for row in attachments if is_timestamp(row.get("created_at"))]
        return any(parse_instant(instant).timestamp() < latest for instant in instants)

    return is_old
