"""The lanes in which a traversal reads the tasks of a workspace, by lists or by searches.

Searches may leave out tasks of archived projects, subtasks, or tasks outside of all projects (decision 29). What a
search was seen to leave out, or was never compared with a list, has a lane of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TypeAlias

from tap_asana.state.bookmarks import SyncWindow, short_hash
from tap_asana.state.instants import format_instant, parse_instant
from tap_asana.state.search_reach import (
    ATTACHED_KIND,
    FOUND,
    MISSING,
    SUBTASK_KIND,
    UNASSIGNED_KIND,
)
from tap_asana.tasks.below_changed import BelowChangedSource
from tap_asana.tasks.by_list import ListSource
from tap_asana.tasks.by_search import (
    ONLY_SUBTASKS,
    TOP_LEVEL,
    UNASSIGNED,
    WITH_ATTACHMENTS,
    SearchSource,
)
from tap_asana.tasks.context import FoundTasks, SearchRefusedError, TaskSource, TraversalContext
from tap_asana.tasks.events import ATTACHMENTS, CHILD_PATHS, TaskEvent
from tap_asana.tasks.gap_lists import PEOPLE_LANE, PRIVATE_LANE, archived_mark, gap_sources
from tap_asana.tasks.methods import LIST, PriorSync
from tap_asana.tasks.ownership import TaskOwnership
from tap_asana.tasks.recent_tasks import INDEX_LAG, is_settled
from tap_asana.tasks.task_lists import ListScope
from tap_asana.tasks.traversal import TaskTraversal

ALL_BUT_ATTACHMENTS = tuple(name for name in CHILD_PATHS if name != ATTACHMENTS)
"""The child streams that a search cannot filter by; it can filter by attachments."""

UNASSIGNED_LANE, DEPARTED_LANE, TOP_LANE, ATTACHED_LANE = "unassigned", "departed", "top", "attached"
ALL_ASKED_MARK = "+attachments"
"""End of the names of lanes that ask every task for its attachments."""

NEW_MARK = "+new:"
"""Part of the names of lanes whose tasks the whole lists of new projects may bring before them."""

UNLISTED_PREFIX = "gained"
"""Prefix of the lanes for tasks outside of all lists."""

WHOLE_PREFIX = "whole"
"""Prefix of the lanes of a read of everything, which resumes at no position of a read of changes."""

ATTACHED_SUBTASKS: Mapping[str, Mapping[str, str]] = {"attached-subtasks": {**WITH_ATTACHMENTS, **ONLY_SUBTASKS}}
"""The further lane for attachments if searches find subtasks only when they ask for them."""

NewSearch: TypeAlias = Callable[[str, Mapping[str, str]], SearchSource]
"""Returns a lane by its name and the filters of its searches."""


def drop_search_positions(window: SyncWindow) -> SyncWindow:
    """Return an interrupted read without its positions in the lanes that left tasks to the projects of others.

    If such a project is unavailable now, nobody knows which tasks were left to it. New projects are such, too.
    """
    if not window.positions:
        return window
    searches = (UNASSIGNED_LANE, DEPARTED_LANE, TOP_LANE)
    lanes = {PRIVATE_LANE, PEOPLE_LANE, *(f"{lane}{mark}" for lane in searches for mark in ("", ALL_ASKED_MARK))}
    kept = (entry for entry in window.positions if entry[0].partition(":")[0] not in lanes)
    return replace(window, positions=tuple(entry for entry in kept if NEW_MARK not in entry[0]))


def ownership_changed(window: SyncWindow, unavailable: Collection[str]) -> bool:
    """Return True if a resumed read relies on projects for tasks, and one of these is unavailable now."""
    return window != drop_search_positions(window) and not set(unavailable).issubset(window.unavailable)


def sources(method: str, context: TraversalContext, prior: PriorSync) -> Iterator[TaskSource]:
    """Yield the sources that together find every task of a workspace; by search, the first one searches."""
    if method == LIST:
        new = {*prior.new_projects, *prior.new_by_lists()}
        yield ListSource(_lane("lists", context), context, ListScope(new=new), prior.start_date)
        return
    begin, asks = search_start(context, prior), context.reach.verdict(SUBTASK_KIND) != FOUND
    # A lane that asks every task for attachments has a name of its own: it resumes at no position of one that does not.
    all_asked = ATTACHMENTS in context.fields and context.reach.verdict(ATTACHED_KIND) == MISSING
    children, mark = (tuple(CHILD_PATHS), ALL_ASKED_MARK) if all_asked else (ALL_BUT_ATTACHMENTS, "")
    searched_mark = f"{mark}{_new_mark(prior)}{archived_mark(context)}"
    if prior.is_first_read:
        ownership = context.ownership()
        scope = ListScope(kinds=("project", "user"), subtasks=False)
        yield SearchSource(f"subtasks{searched_mark}", context, begin, ONLY_SUBTASKS, child_streams=children)
        yield ListSource(f"reached{mark}", context, scope, prior.start_date, children, ownership=ownership)
        yield from _unlisted(
            context,
            lambda name, filters: SearchSource(
                f"{name}{mark}", context, begin, filters, child_streams=children, ownership=ownership
            ),
        )
    else:
        ownership = _with_finished_projects(context, prior.new_projects, searched=True)
        yield SearchSource(f"changes{searched_mark}", context, begin, child_streams=children)
        if asks:
            yield SearchSource(f"subtasks{searched_mark}", context, begin, ONLY_SUBTASKS, child_streams=children)
        end = context.window.until if prior.method == LIST else prior.ended
        if prior.bookmark is not None and begin is not None and end is not None:
            yield BelowChangedSource(context, begin, end, prior.start_date)
        yield new_projects(context, prior, ownership)
    if ATTACHMENTS in context.fields and not all_asked:
        for name, filters in {ATTACHED_LANE: WITH_ATTACHMENTS, **(ATTACHED_SUBTASKS if asks else {})}.items():
            lane = f"{name}{searched_mark}"
            yield SearchSource(lane, context, begin, filters, child_streams=[ATTACHMENTS], children_only=True)
    yield from gap_sources(context, prior, ownership)


def _new_mark(prior: PriorSync) -> str:
    """Return a part of the names of lanes that depend on which projects are new: these may be gone when it resumes."""
    has_new = bool(prior.new_projects) and not prior.is_first_read
    return f"{NEW_MARK}{short_hash(sorted(prior.new_projects))}" if has_new else ""


def _lane(name: str, context: TraversalContext) -> str:
    """Return the name of a lane that reads changes, or everything if earlier reads have left out some."""
    return f"{WHOLE_PREFIX}-{name}" if context.is_whole else name


def traverse(method: str, context: TraversalContext, prior: PriorSync) -> Iterator[TaskEvent]:
    """Yield the events of one read of a workspace by a method; raises SearchUnavailableError."""
    return TaskTraversal(context, list(sources(method, context, prior))).events()


def starting_at(context: TraversalContext, begin: str | None) -> TraversalContext:
    """Return the context with another start of its window."""
    return replace(context, window=replace(context.window, since=begin))


def search_unlisted(context: TraversalContext, unavailable: Collection[str], begin: str | None) -> Iterator[TaskEvent]:
    """Search for tasks outside of all lists, with their subtrees; raises SearchUnavailableError.

    What this run has read already is newer than what a late index shows.
    """
    found = dict(context.gids)
    try:
        yield from _traverse_unlisted(context, unavailable, begin, found, partial(_unlisted, context))
    except SearchRefusedError:
        # Asana does not document whether a search may ask for tasks without an assignee.
        yield from _traverse_unlisted(context, unavailable, begin, found, lambda search: [search(TOP_LANE, TOP_LEVEL)])


def search_subtasks(
    context: TraversalContext, unavailable: Collection[str], begin: str | None, listed: FoundTasks
) -> Iterator[TaskEvent]:
    """Search for subtasks, also below unchanged tasks outside of all lists; raises SearchUnavailableError.

    `listed` are the tasks that lists have shown, before a search for tasks outside of them.
    """
    found = {names: {*listed.get(names, ()), *context.gids.get(names, ())} for names in {*listed, *context.gids}}
    return _traverse_unlisted(context, unavailable, begin, found, lambda search: [search("subtasks", ONLY_SUBTASKS)])


def _traverse_unlisted(
    context: TraversalContext,
    unavailable: Collection[str],
    begin: str | None,
    found: FoundTasks,
    lanes: Callable[[NewSearch], Iterable[SearchSource]],
) -> Iterator[TaskEvent]:
    """Search in some lanes, without the tasks in projects.

    Those were read, by this run or by earlier ones, unless the project's list is unavailable.
    """
    window = replace(context.window, unavailable=tuple(unavailable))
    ownership = _with_finished_projects(replace(context, window=window))

    def search(name: str, filters: Mapping[str, str]) -> SearchSource:
        return SearchSource(
            _lane(f"{UNLISTED_PREFIX}-{name}", context),
            context,
            begin,
            filters,
            child_streams=tuple(CHILD_PATHS),
            ownership=ownership,
            lists_subtasks=filters is not ONLY_SUBTASKS,
        )

    return TaskTraversal(context, list(lanes(search)), found).events()


def _with_finished_projects(
    context: TraversalContext, unread: Collection[str] = (), *, searched: bool = False
) -> TaskOwnership:
    """Return the rule that leaves the tasks of available projects to other reads, all finished but `unread`.

    `searched` says that the other reads are searches of this run.
    """
    ownership = context.ownership()
    for project in context.directory.parents("project", context.workspace):
        if project.state_key not in unread:
            ownership.mark_finished(project.gid)
            if searched:
                ownership.mark_searched(project.gid)
    return ownership


def _unlisted(context: TraversalContext, search: NewSearch) -> Iterator[SearchSource]:
    """Yield searches for tasks without a project that nobody, or nobody listed, is assigned to.

    If there are more people than a search can exclude, all tasks but subtasks are searched.
    """
    people = [user.gid for user in context.directory.parents("user", context.workspace)]
    if not 0 < len(people) <= context.limits.max_excluded_people:
        yield search(TOP_LANE, TOP_LEVEL)
        return
    # The lane's name depends on the people: a second attempt excludes somebody who joined since the first one, so it
    # cannot resume at the first one's position.
    departed = search(f"{DEPARTED_LANE}:{short_hash(people)}", {**TOP_LEVEL, "assignee.not": ",".join(people)})
    if not _finds_unassigned(context, departed):
        yield search(UNASSIGNED_LANE, UNASSIGNED)
    yield departed


def _finds_unassigned(context: TraversalContext, departed: SearchSource) -> bool:
    """Return whether a search that excludes people finds unassigned tasks, by its first answer or by an earlier one.

    The traversal uses that answer. A task changed just before proves nothing: a late index may find it as somebody's.
    """
    reach, is_new = context.reach, not context.is_resumed and not context.window.positions
    if reach.verdict(UNASSIGNED_KIND) is None and is_new:
        request = next(departed.work_items()).requests[0]
        page = context.client.fetch(replace(request, is_probe=True))
        context.fetcher.put(page)
        unassigned = [task for task in page.records if "assignee" in task and task["assignee"] is None]
        if any(is_settled(task, context.window.until) for task in unassigned):
            reach.record(UNASSIGNED_KIND, FOUND)
    return reach.verdict(UNASSIGNED_KIND) == FOUND


def search_start(context: TraversalContext, prior: PriorSync) -> str | None:
    """Return the start of searches, early enough for an index that lagged behind the last read."""
    since = context.window.since
    if since is None or prior.bookmark is None:
        return since
    lag = max(INDEX_LAG, timedelta(seconds=context.reach.lag_seconds))
    lagging = format_instant(parse_instant(prior.bookmark) - lag)
    bounds = [min(since, lagging, key=parse_instant), *([prior.start_date] if prior.start_date else [])]
    return max(bounds, key=parse_instant)


def new_projects(context: TraversalContext, prior: PriorSync, ownership: TaskOwnership | None = None) -> TaskSource:
    """Return the source of the projects new to the token, which are read whole."""
    scope = ListScope(kinds=("project",), new=prior.new_projects, only=prior.new_projects)
    return ListSource("new", context, scope, prior.start_date, ownership=ownership)
