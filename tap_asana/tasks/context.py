"""The context of a traversal of a workspace's tasks, and the interface of the sources that find them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol, TypeAlias

from tap_asana.api.client import AsanaClient
from tap_asana.api.decoding import Record
from tap_asana.api.protocol import Unavailable
from tap_asana.api.request import Page, Request
from tap_asana.errors import AsanaError
from tap_asana.fetch.fetcher import Fetcher
from tap_asana.fetch.lane import END_OF_PARENT, Key, PagePosition, WorkItem
from tap_asana.limits import Limits
from tap_asana.parents.directory import ParentDirectory
from tap_asana.parents.kinds import ProgressByKind, Workspace
from tap_asana.state.bookmarks import SyncWindow
from tap_asana.state.search_reach import SearchReach
from tap_asana.tasks.announcements import HTML_DESCRIPTION
from tap_asana.tasks.events import CHILD_PATHS, REQUIRED_TASK_FIELD, TASKS
from tap_asana.tasks.list_contents import ListContents
from tap_asana.tasks.ownership import TaskOwnership
from tap_asana.tasks.recent_tasks import RecentTasks
from tap_asana.tasks.subtask_counts import SubtaskCounts
from tap_asana.tasks.time_hint import TimeHint

MIN_TRACKED_TASKS = 1 << 10
"""Tasks in a FirstKeys before it drops those that the lane has finished."""


class SearchUnavailableError(AsanaError):
    """Searches cannot find all tasks, as too many are alike or a search is refused; lists are read instead."""


class SearchRefusedError(SearchUnavailableError):
    """Asana refuses a search."""


class ExportUnavailableError(AsanaError):
    """The workspace cannot be exported now; another method has to read it."""


class FirstKeys:
    """The key at which a lane met each task first, as long as the lane has not finished that key.

    Pages arrive in any order, but a resumed read starts at the lane's position. A task that two lists hold may have
    been read at the later one, which may be gone by then with its project, user or tag. So no read may resume between
    the two keys.
    """

    def __init__(self) -> None:
        """Start without tasks."""
        self._keys: dict[Hashable, Key] = {}
        self._room = MIN_TRACKED_TASKS
        self._gaps: list[tuple[Key, Key]] = []

    def add(self, task: Hashable, key: Key, watermark: Key | None, *, is_new: bool) -> None:
        """Note the key of a task; if it was met before at a later key, no read may resume between the two."""
        if not is_new:
            first = self._keys.get(task, key)
            self._gaps += [(key, first)] if key < first else []
            return
        if len(self._keys) >= self._room:
            self._keys = {
                known_task: first for known_task, first in self._keys.items() if watermark is None or first > watermark
            }
            self._room = MIN_TRACKED_TASKS + 2 * len(self._keys)
        self._keys[task] = key

    def can_resume_at(self, watermark: Key) -> bool:
        """Return whether a read can resume at this watermark."""
        self._gaps = [(key, first) for key, first in self._gaps if watermark[: len(first)] <= first]
        return all(watermark < key for key, _ in self._gaps)


FoundTasks: TypeAlias = Mapping[frozenset[str], set[int]]
"""The gids of tasks by the streams that were read of them."""

ExportedTask: TypeAlias = Any
"""A task of an export: a dictionary, or an object of a class whose records conform to their streams already."""


class TaskDecoder(Protocol):
    """Decodes the tasks of an export into objects whose records conform to their streams."""

    def decode(self, lines: Sequence[bytes]) -> Sequence[ExportedTask | None]:
        """Return the task of each line; None for a line that has to be decoded in the general way."""

    def facts(self, tasks: Sequence[ExportedTask]) -> Sequence[Record]:
        """Return tasks as dictionaries of the fields that the read of an export needs."""

    def inline_records(self, name: str, tasks: Sequence[ExportedTask]) -> Sequence[Any] | None:
        """Return the records of a stream inside tasks; None if the stream has to conform them."""

    def task_records(self, tasks: Sequence[ExportedTask]) -> Sequence[Any]:
        """Return tasks as records of their stream: without the other fields, which are lost."""


@dataclass(frozen=True, slots=True)
class TraversalContext:
    """One traversal: its workspace, its window, and the opt_fields of each stream that it serves.

    `fields` contains `tasks` only if tasks are selected. `on_unavailable` is called for each list that Asana refuses.
    `gids` are the tasks found so far, by the streams that their lanes read, and `first_keys` their keys by lane.
    `list_contents` are the contents of short lists. `on_idle` is called when more requests could be in flight.
    `is_resumed` says that an earlier run began the read, and `is_whole` that it is one of everything, because earlier
    reads have left out changes. With `only_announced`, attachments are requested only of tasks
    whose stories or descriptions announce one. With `is_probing`, a refusal is an answer too, and does not count as
    skipped. `on_listed` is called with the tasks of each page of a list, and `on_page` with each page of tasks.
    `reach` tells which tasks searches find, and `recent` which recently changed ones are written.
    `time_hints` are the signs of time entries by workspace.
    `read` are the tasks whose record, or whose list of a stream, this run has read before, by stream.
    `new_gids` are the tasks found so far that were created minutes before the read, or during it; of a file, any below
    which a list is refused.
    `exported` are the tasks that exports of this read have written so far, None if nobody asks for them.
    `subtask_counts` are the subtasks that the tasks found so far have, and that were not found.
    `new_decoder` returns a decoder for an export, None if its records have to be conformed by their streams.
    """

    client: AsanaClient
    fetcher: Fetcher
    limits: Limits
    directory: ParentDirectory
    workspace: Workspace
    window: SyncWindow
    fields: Mapping[str, Sequence[str]]
    on_unavailable: Callable[[Request, Unavailable], object] = lambda _, __: None
    new_decoder: Callable[[], TaskDecoder | None] = lambda: None
    is_resumed: bool = False
    is_whole: bool = False
    gids: dict[frozenset[str], set[int]] = field(default_factory=dict)
    first_keys: dict[str, FirstKeys] = field(default_factory=dict)
    list_contents: ListContents = field(default_factory=ListContents)
    on_idle: Callable[[], None] = lambda: None
    only_announced: bool = False
    is_probing: bool = False
    on_listed: Callable[[Iterable[Record]], object] = lambda _: None
    on_page: Callable[[Page], object] = lambda _: None
    reach: SearchReach = field(default_factory=SearchReach.complete)
    recent: RecentTasks = field(default_factory=RecentTasks)
    time_hints: dict[str, TimeHint] = field(default_factory=dict)
    read: Mapping[str, Collection[int]] = field(default_factory=dict)
    exported: set[int] | None = None
    new_gids: set[int] = field(default_factory=set)
    subtask_counts: SubtaskCounts = field(default_factory=SubtaskCounts)

    @property
    def time_hint(self) -> TimeHint:
        """Return what the tracked minutes of tasks say; all traversals of a workspace share it."""
        if self.workspace.gid not in self.time_hints:
            self.time_hints[self.workspace.gid] = TimeHint(self.client, self.directory, self.workspace, self.reach)
        return self.time_hints[self.workspace.gid]

    def first_keys_of(self, lane: str) -> FirstKeys:
        """Return the keys at which a lane met its tasks first."""
        return self.first_keys.setdefault(lane, FirstKeys())

    def has_found(self, gid: int) -> bool:
        """Return whether the traversal has found a task, or an earlier read of this run."""
        is_found = any(gid in gids for streams, gids in self.gids.items() if TASKS in streams)
        return is_found or self.has_read(gid, self.fields)

    def is_beyond(self, lane: str, key: Key) -> bool:
        """Return whether a key lies beyond the position at which a lane has resumed, if it has."""
        position = self.window.position(lane)
        return position is None or position < key

    def after(self, gids: Iterable[int], streams: Iterable[str] = (TASKS, *CHILD_PATHS)) -> TraversalContext:
        """Return the context of a traversal after a read of tasks: of these streams, or with everything below them."""
        read = frozenset(gids)
        return replace(self, read={**self.read, **{name: read.union(self.read.get(name, ())) for name in streams}})

    def has_read(self, gid: int, streams: Collection[str]) -> bool:
        """Return whether there are streams, and this run has read all of them of a task before this traversal."""
        return bool(self.read and streams) and all(gid in self.read.get(name, ()) for name in streams)

    def request(self, stream: str, label: str, path: str, fields: Iterable[str], **keys: str) -> Request:
        """Return a request of this traversal; `label` identifies its pages."""
        keys = {**keys, "workspace_gid": self.workspace.gid}
        request = self.directory.build_request(stream, path, keys, fields, self.workspace)
        return replace(request, label=label, is_probe=self.is_probing)

    def task_request(self, label: str, path: str, extra_fields: Iterable[str], **keys: str) -> Request:
        """Return a request for tasks with the selected fields, `extra_fields`, and those that children require."""
        required_fields = (REQUIRED_TASK_FIELD[name] for name in self.fields if name in REQUIRED_TASK_FIELD)
        announcing_fields = (HTML_DESCRIPTION,) if self.only_announced else ()
        fields = dict.fromkeys((*self.fields.get(TASKS, ()), *extra_fields, *required_fields, *announcing_fields))
        return replace(self.request(TASKS, label, path, fields, **keys), numeric_gids=True)

    def ownership(self, projects: Collection[str] | None = None) -> TaskOwnership:
        """Return the rule for which list returns a task: by these projects, or by all that the token sees."""
        gids = (project.gid for project in self.directory.parents("project", self.workspace))
        return TaskOwnership(gids if projects is None else projects, self.window.unavailable, self.window.until)


class PageResult(NamedTuple):
    """The outcome of one page.

    `tasks`: the tasks that its source reads.
    `requests`: further requests of the page's work item.
    `items`: further work items of the lane, in ascending order; the lane takes each one when it is due.
    """

    tasks: Iterable[Record] = ()
    requests: Iterable[Request] = ()
    items: Iterable[WorkItem] = ()


class TaskSource(ABC):
    """A way to find tasks; each source is one lane of a traversal.

    `name` is the lane's name in the state. `child_streams` are the streams whose lists are requested below each task.
    A source with `children_only` looks for children alone, because other sources find the tasks.
    """

    name: str
    child_streams: Collection[str]
    children_only = False

    @abstractmethod
    def work_items(self) -> Iterator[WorkItem]:
        """Yield the first work items, beyond the lane's position in the window."""

    def process_page(self, page: Page, position: PagePosition) -> PageResult:  # noqa: ARG002 - for those who find tasks
        """Return the tasks of a page, and the requests and work items that follow from it."""
        return PageResult()

    def child_key(self, key: Key, task: Record) -> Key:
        """Return the key of a task's children: the work item's key, whose first number may grow, and the gid."""
        return (*key, int(task["gid"]))

    def progress(self, watermark: Key | None) -> ProgressByKind:  # noqa: ARG002 - for those who know their parents
        """Return the finished parents and all parents by kind when the lane is at a key; empty if unknown."""
        return {}


def end_marker(key: Key) -> WorkItem:
    """Return the empty work item behind all children of an item's tasks."""
    return WorkItem((*key, END_OF_PARENT), [])
