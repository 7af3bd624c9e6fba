"""The lists that contain tasks, and how lists of several pages are read in spite of tasks that people move.

The page tokens of Asana contain the rank of the last row. So new and deleted rows do not shift others. But if somebody
drags a task from after that rank to before it, the task is on no page. The same happens if a task moves from an unread
list to a finished one. Such a move need not change `modified_at`. So each list of several pages is listed again after
all lists.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field, replace

from tap_asana.api.decoding import Record, is_timestamp
from tap_asana.api.request import Page, Request
from tap_asana.fetch.lane import Key
from tap_asana.limits import Limits
from tap_asana.parents.splitting import section_requests
from tap_asana.state.bookmarks import short_hash
from tap_asana.state.instants import parse_instant
from tap_asana.tasks.repeated_lists import ListPart, RepeatedLists

TASK_LISTS: Mapping[str, str] = {
    "project": "/tasks?project={gid}",
    "user": "/tasks?assignee={gid}&workspace={workspace_gid}",
    "tag": "/tags/{gid}/tasks",
}
"""The lists of tasks by the kind of their parent, in reading order; their index is the first number of their keys."""

TAG_LISTS = tuple(TASK_LISTS).index("tag")
"""The first number of the keys of tags: Asana cannot filter their lists."""

PART_PARAM = "section"
"""The parameter of a request for a part of a project's list."""

LIST_FIELDS = ("num_subtasks", "modified_at", "created_at", "projects")
"""The task fields that a traversal by list needs itself."""

RELIST_FIELDS = ("modified_at", "created_at")

FILTERED, SCAN, UNFILTERED, WHOLE = "found", "scan", "unfiltered", "whole"
"""Labels of requests for tasks: filtered by Asana; only scanned for tasks with subtasks; not filtered by Asana
(subtasks, and the tasks of a tag); and the subtasks of a changed or new task, which are all read."""

RELIST = "again"
"""The label of requests that list the tasks of a list again."""

PARENT_KEY_LENGTH = 2
"""Numbers in the key of the list of a project, user or tag."""

SINGLE = "task_gid"
"""The parent key of a request for one task."""

MAX_SINGLE_TASKS = 20
"""Unread tasks to request one by one; if there are more, their list is read again."""


@dataclass(frozen=True, slots=True)
class ListScope:
    """The part of the lists that a traversal reads.

    `kinds` are the kinds of parents, `new` the state keys of parents that the token could not see before: these are
    read whole, from `start_date` on (decision 3). `only` are the state keys of the parents to read, None for all.
    `subtasks` says whether subtasks are read.
    """

    kinds: Collection[str] = tuple(TASK_LISTS)
    new: Collection[str] = ()
    only: Collection[str] | None = None
    subtasks: bool = True


@dataclass(slots=True)
class LongList:
    """The tasks of a list of several pages.

    `young` are the tasks created since the read began: the next run reads them in any case, so they prove nothing.
    `doubtful` are the tasks that the list alone does not prove to be read.
    """

    gids: array[int] = field(default_factory=lambda: array("Q"))
    young: set[int] = field(default_factory=set)
    doubtful: array[int] = field(default_factory=lambda: array("Q"))

    def add(self, task: Record, until: str) -> int:
        """Add a task; return its gid."""
        gid = int(task["gid"])
        self.gids.append(gid)
        if is_timestamp(task.get("created_at")) and is_since(task["created_at"], until):
            self.young.add(gid)
        return gid

    @property
    def fingerprint(self) -> str:
        """Return a short hash of all tasks but the young ones; their order does not matter."""
        return short_hash(sorted(set(self.gids) - self.young))


class LongLists:
    """The lists of several pages in one lane.

    `fingerprints` are those of the finished lists, in the state: they show a resumed read whether a list still contains
    the same tasks.
    """

    def __init__(self, lane: str, until: str, fingerprints: MutableMapping[str, str], limits: Limits) -> None:
        """Start without lists."""
        self._lane, self._until, self._fingerprints = lane, until, fingerprints
        self._repeated = RepeatedLists(limits.min_pages_at_once, limits.min_page_token_seconds)
        self._lists: dict[str, LongList] = {}
        self._relisted: dict[str, LongList] = {}
        self._requests: dict[str, Request] = {}

    def name(self, key: Iterable[int], label: str) -> str:
        """Return a list's name in the state."""
        return ":".join((self._lane, *map(str, key), label))

    def has_fingerprint(self, name: str) -> bool:
        """Return whether this read has finished a list and found that it has several pages."""
        return name in self._fingerprints

    def request(self, page: Page) -> Request:
        """Return the original request of a relisted list, or of the section of which it lists the tasks again."""
        request = self._requests[page.request.parent_keys["list"]]
        part = page.request.params.get(PART_PARAM)
        return next(iter(section_requests(request, [part])), request) if part else request

    def task_count(self, name: str) -> int:
        """Return the number of tasks found in a list of several pages, but those created since the read began."""
        long_list = self._lists[name]
        return len({*long_list.gids} - long_list.young)

    def add_page(self, name: str, page: Page, doubtful: Iterable[int] | None = None) -> bool:
        """Add a page of a list; return whether it is the first page of a list of several pages.

        If the read was resumed in the middle of this list, `doubtful` are its tasks before that position. An earlier
        attempt has read them if they were in the list then, which is certain if the list contains the same tasks now.
        """
        self._repeated.add_page(_part(name, page.request), page)
        long_list, has_more = self._lists.get(name), page.continues or page.truncated
        is_first = long_list is None and has_more
        if is_first:
            long_list = self._lists[name] = LongList()
        if long_list is None:
            return False
        for task in page.records:
            long_list.add(task, self._until)
        long_list.doubtful.extend(doubtful or ())
        if page.unavailable is None and not has_more and doubtful is None:
            self._fingerprints[name] = long_list.fingerprint
        elif (
            page.unavailable is None
            and not has_more
            and self._fingerprints.get(name, long_list.fingerprint) == long_list.fingerprint
        ):
            del long_list.doubtful[:]
        return is_first

    def relist_request(self, request: Request, name: str) -> Request:
        """Return the request that lists the tasks of a request again, with their gids and timestamps alone."""
        self._requests[name] = request.from_start()
        params = {**request.params, "opt_fields": ",".join(RELIST_FIELDS)}
        parent_keys = {**request.parent_keys, "list": name}
        return replace(request.from_start(), params=params, parent_keys=parent_keys, label=RELIST)

    def repeated(self, request: Request) -> Request:
        """Return the request that listing a list again begins with; another request is returned as it is."""
        if request.label != RELIST:
            return request
        return self._repeated.first_request(_part(request.parent_keys["list"], request), request)

    def following(self, page: Page) -> list[Request]:
        """Return the further requests that follow from a page of a relisted list."""
        new_rows = (task for task in page.records if self._is_young(task))
        return self._repeated.following(_part(page.request.parent_keys["list"], page.request), page, new_rows)

    def _is_young(self, task: Record) -> bool:
        return is_timestamp(task.get("created_at")) and is_since(task["created_at"], self._until)

    def unread(self, page: Page, is_read: Callable[[int], bool]) -> Collection[int]:
        """Add a page of a relisted list; after its last page, return the tasks that nobody has read.

        Tasks modified since this read began are left to the next run.
        """
        name = page.request.parent_keys["list"]
        now, before = self._relisted.setdefault(name, LongList()), self._lists.get(name)
        for task in page.records:
            gid = now.add(task, self._until)
            if not is_timestamp(task.get("modified_at")) or not is_since(task["modified_at"], self._until):
                now.doubtful.append(gid)
        if not self._repeated.is_read(_part(name, page.request), page):
            return ()
        if before is None and self._fingerprints.get(name) == now.fingerprint:
            return ()
        del self._relisted[name]
        proven = set(before.gids) - set(before.doubtful) if before else set[int]()
        return [gid for gid in sorted(set(now.doubtful)) if gid not in proven and not is_read(gid)]


def _part(name: str, request: Request) -> ListPart:
    return name, request.params.get(PART_PARAM, "")


def is_since(value: object, since: str | None) -> bool:
    """Return whether a timestamp is not before another one, as `modified_since` does; a missing one may be late."""
    return since is None or not is_timestamp(value) or parse_instant(f"{value}") >= parse_instant(since)


def relist_key(key: Key) -> Key:
    """Return the key at which a list is listed again: after all lists."""
    return (len(TASK_LISTS) + key[0], *key[1:])


def is_parent_list(key: Key) -> bool:
    """Return whether a key is that of the list of a project, user or tag, in its first pass."""
    return len(key) == PARENT_KEY_LENGTH and key[0] < len(TASK_LISTS)


def is_first_pass(page: Page, key: Key) -> bool:
    """Return whether a page is from the first pass of the list of a project, user or tag."""
    return is_parent_list(key) and SINGLE not in page.request.parent_keys and page.request.label != RELIST


def is_one_page(page: Page) -> bool:
    """Return whether a page is a complete list."""
    return is_last_page(page) and page.request.offset is None


def is_last_page(page: Page) -> bool:
    """Return whether a list ends with a page."""
    return not page.continues and not page.truncated and page.unavailable is None


def is_part(request: Request) -> bool:
    """Return whether a request is for a part of a project's list."""
    return PART_PARAM in request.params
