"""Walks over all tasks of a workspace, which can stop after any stage and begin again at its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tap_asana.api.decoding import Record, is_timestamp
from tap_asana.api.protocol import Unavailable
from tap_asana.api.request import Request
from tap_asana.fetch.lane import END_OF_PARENT, Key
from tap_asana.state.instants import new_since
from tap_asana.tasks.by_export import Export
from tap_asana.tasks.by_list import ListSource
from tap_asana.tasks.by_search import SearchSource
from tap_asana.tasks.by_task import TaskChildSource
from tap_asana.tasks.context import TraversalContext
from tap_asana.tasks.events import TASKS, Batch, Checkpoint
from tap_asana.tasks.project_counts import MAX_PROJECTS
from tap_asana.tasks.search_cursor import timestamps
from tap_asana.tasks.task_lists import ListScope, is_since
from tap_asana.tasks.traversal import TaskTraversal
from tap_asana.tasks.whole_tasks import WholeTasks

LISTS_LANE, SEARCH_LANE = "listed", "reconciled"

NO_RECORDS: Mapping[int, Record] = {}


@dataclass(frozen=True)
class Stage:
    """The end of a part of a walk: everything up to `place` is read, with so many more tasks."""

    place: Key
    tasks: int


@dataclass(frozen=True)
class Trashed:
    """Tasks that searches have found, although they do not exist, and the number of those that Asana refuses.

    New tasks are not among them: Asana may not know them by their gids yet.
    """

    gids: Sequence[str]
    refused: int


WalkEvent = Batch | Stage | Trashed

ALL_WALKED = Stage((END_OF_PARENT,), 0)
"""The end of a walk whose last task is read."""

FIRST_PLACE: Key = (0,)
"""The place before all gids."""


def walk_by_gid(
    context: TraversalContext, gids: Sequence[int], stage_tasks: int, searched: Collection[int] = ()
) -> Iterator[WalkEvent]:
    """Yield tasks by their gids, in ascending order, with everything below them; `searched` may be in the trash."""
    for begin in range(0, len(gids), stage_tasks):
        part = gids[begin : begin + stage_tasks]
        source = WholeTasks(context, part, NO_RECORDS)
        yield from read_whole(context, source)
        gone, refused = ([gid for gid in gids if int(gid) in searched] for gids in (source.gone, source.refused))
        yield Trashed(gone, len(refused))
        yield Stage((part[-1],), len(part))
    yield ALL_WALKED


def searched_gids(context: TraversalContext, since: str | None) -> tuple[set[int], set[int]]:
    """Return the gids of all tasks that searches find, and of those changed since an instant, without new ones.

    Raises SearchUnavailableError.
    """
    searching = _separate(context)
    source = SearchSource(SEARCH_LANE, searching, context.window.since, child_streams=())
    batches = (event for event in TaskTraversal(searching, [source]).events() if isinstance(event, Batch))
    gids, changed = set[int](), set[int]()
    for batch in batches:
        gids.update(int(task["gid"]) for task in batch.records)
        changed.update(int(task["gid"]) for task in batch.records if _is_changed(task, since, context))
    return gids, changed


def listed_gids(context: TraversalContext) -> set[int]:
    """Return the gids of all tasks that the lists contain."""
    gids, window = set[int](), context.window

    def show(tasks: Iterable[Record]) -> None:
        gids.update(int(task["gid"]) for task in tasks)

    # Nothing has changed since the start of this run, so that the lists are only scanned.
    listing = replace(_separate(context), window=replace(window, since=window.until), fields={}, on_listed=show)
    for _ in TaskTraversal(listing, [ListSource(LISTS_LANE, listing, ListScope(), window.since)]).events():
        pass
    return gids


def walk_by_search(
    context: TraversalContext, place: Key | None, since: str | None, stage_tasks: int
) -> Iterator[WalkEvent]:
    """Yield tasks in the order of their creation, with everything below them; raises SearchUnavailableError.

    Of the tasks in the trash, it names those changed since an instant.
    """
    # All tasks created before a place have been read; searches find some of them again.
    reached = place[0] if place else 0
    lanes = {f"{SEARCH_LANE}:created": place} if place else {}
    searching = _separate(replace(context, window=context.window.advanced(lanes)))
    source = SearchSource(SEARCH_LANE, searching, context.window.since, child_streams=())
    found: dict[int, Record] = {}
    for event in TaskTraversal(searching, [source]).events():
        if isinstance(event, Batch):
            found |= {int(task["gid"]): task for task in event.records if _created(task) >= reached}
        elif isinstance(event, Checkpoint) and source.name in event.positions:
            place = event.positions[source.name]
            for stage in _stages(found, place, stage_tasks):
                yield from _read_stage(context, stage, since)
    for stage in _stages(found, (END_OF_PARENT, 0, END_OF_PARENT), stage_tasks):
        yield from _read_stage(context, stage, since)


def walk_by_export(context: TraversalContext, place: Key | None, stage_tasks: int) -> Iterator[WalkEvent]:
    """Yield all tasks from one export, then what lies below them and is not in its file, by the gids of the tasks.

    A walk that begins again at a place reads another file, for the gids alone. Raises ExportUnavailableError.
    """
    export, count = Export(context, context.window.since, max_projects=0 if place else MAX_PROJECTS), 0
    for event in export.file_events():
        if isinstance(event, Batch) and place is None:
            yield event
            count += len(event.records) if event.stream == TASKS else 0
    place = place or FIRST_PLACE
    yield Stage(place, count)
    unread = {source.stream: source.gids_after(place[0]) for source in export.by_task}
    gids = sorted(set[int]().union(*unread.values()))
    for begin in range(0, len(gids), stage_tasks):
        part = gids[begin : begin + stage_tasks]
        yield from _lists_below(context, {stream: unread[stream].intersection(part) for stream in unread})
        yield Stage((part[-1],), 0)
    yield ALL_WALKED


def _lists_below(context: TraversalContext, gids: Mapping[str, Collection[int]]) -> Iterator[Batch]:
    """Yield the lists of streams below tasks."""
    sources = [TaskChildSource(context, stream) for stream in gids]
    for source in sources:
        source.extend(gids[source.stream])
    events = TaskTraversal(_separate(context), sources).events()
    yield from (event for event in events if isinstance(event, Batch))


def read_whole(context: TraversalContext, source: WholeTasks) -> Iterator[Batch]:
    """Yield tasks that a source knows or requests, with everything below them."""
    events = TaskTraversal(_separate(context), [source]).events()
    return (event for event in events if isinstance(event, Batch))


@dataclass(frozen=True)
class _Found:
    """Tasks that searches have found, and the place behind them."""

    tasks: Mapping[int, Record]
    place: Key


def _stages(found: dict[int, Record], place: Key, stage_tasks: int) -> Iterator[_Found]:
    """Yield the tasks found before a place in the order of their creation, and drop them.

    Those that were created at the same instant are in one stage.
    """
    gids = sorted(
        (gid for gid, task in found.items() if _created(task) < place[0]), key=lambda gid: _created(found[gid])
    )
    stage, last = dict[int, Record](), 0
    for gid in gids:
        created = _created(found[gid])
        if len(stage) >= stage_tasks and created > last:
            yield _Found(stage, (created, 0, 0))
            stage = {}
        stage[gid], last = found.pop(gid), created
    yield _Found(stage, place)


def _read_stage(context: TraversalContext, stage: _Found, since: str | None) -> Iterator[WalkEvent]:
    """Yield tasks that searches have found, with everything below them."""
    alone = yield from _existing_below(context, stage.tasks)
    gone = set(map(int, alone.gone))
    existing = [task for gid, task in stage.tasks.items() if gid not in gone]
    yield Batch(TASKS, existing, {"workspace_gid": context.workspace.gid})
    named = [f"{gid}" for gid in sorted(gone) if _is_changed(stage.tasks[gid], since, context)]
    yield Trashed(named, len(alone.refused))
    yield Stage(stage.place, len(stage.tasks))


def _existing_below(context: TraversalContext, tasks: Mapping[int, Record]) -> Generator[Batch, None, WholeTasks]:
    """Yield everything below tasks that searches have found; return the source of those that were requested alone.

    Searches may find tasks in the trash. A list below a task proves that it exists; a task without one is requested.
    """
    answers, refused = Counter[int](), list[tuple[Request, Unavailable]]()
    below = replace(context, on_unavailable=lambda *refusal: refused.append(refusal))
    for batch in read_whole(below, WholeTasks(below, tasks, tasks)):
        answers[int(batch.parent_keys["task_gid"])] += 1
        yield batch
    answers.subtract(int(request.parent_keys["task_gid"]) for request, _ in refused)
    alone = replace(context, fields={TASKS: ("modified_at",)})
    source = WholeTasks(alone, (gid for gid in tasks if answers[gid] <= 0), NO_RECORDS)
    for _ in read_whole(alone, source):
        pass
    for request, refusal in refused:
        if request.parent_keys["task_gid"] not in source.gone:
            context.on_unavailable(request, refusal)
    return source


def _is_changed(task: Record, since: str | None, context: TraversalContext) -> bool:
    """Return whether a task has changed since an instant, and is not new."""
    created = task.get("created_at")
    is_new = is_timestamp(created) and f"{created}" >= new_since(context.window.until)
    return is_since(task["modified_at"], since) and not is_new


def _created(task: Record) -> int:
    return max(timestamps([task], "created_at"), default=0)


def _separate(context: TraversalContext) -> TraversalContext:
    """Return the context of another traversal, which knows nothing of the tasks found by this one."""
    return replace(context, gids={}, first_keys={})
