"""The lists of the projects, users and tags in one lane: their requests, and the instants from which they are read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tap_asana.api.decoding import Record
from tap_asana.api.request import Page, Request
from tap_asana.fetch.lane import Key
from tap_asana.parents.kinds import Parent
from tap_asana.tasks.context import TraversalContext
from tap_asana.tasks.task_lists import (
    FILTERED,
    LIST_FIELDS,
    SCAN,
    SINGLE,
    TAG_LISTS,
    TASK_LISTS,
    UNFILTERED,
    WHOLE,
    ListScope,
    is_first_pass,
    is_one_page,
    is_part,
    is_since,
)


class ParentLists:
    """The lists in a scope; those of new parents are read from `start_date`, others from the start of the window."""

    def __init__(self, context: TraversalContext, scope: ListScope, start_date: str | None) -> None:
        """Request nothing yet."""
        self._context = context
        self._scope = scope
        self._start_date = start_date
        self._filtered: set[Key] = set()

    def since(self, state_key: str) -> str | None:
        """Return the instant from which the tasks of a project, user or tag are read: all tasks of a new one."""
        return self._start_date if state_key in self._scope.new else self._context.window.since

    def bound(self, request: Request) -> str | None:
        """Return the instant from which the tasks of a request are read."""
        return self._start_date if request.label == WHOLE else self.since(request.parent_keys.get("state_key", ""))

    def has_changed(self, task: Record, request: Request) -> bool:
        """Return whether Asana's filter `modified_since` would keep a task."""
        return is_since(task.get("modified_at"), self.bound(request))

    def is_whole(self, request: Request) -> bool:
        """Return whether all tasks of a request are read, and not only the changed ones."""
        return self.bound(request) == self._start_date

    def first_request(self, kind: str, parent: Parent) -> Request:
        """Return the request that a list begins with."""
        return self.requests(kind, parent.gid, parent.state_key)[0]

    def requests(self, kind: str, gid: str, state_key: str) -> list[Request]:
        """Return the requests for the tasks of one list: if Asana can filter it, for the whole list and its changes.

        The whole list shows which tasks have subtasks. The changes are requested after it, see `changes`.
        """
        since = self.since(state_key)
        request = self._context.task_request(FILTERED, TASK_LISTS[kind], LIST_FIELDS, gid=gid, state_key=state_key)
        pausing = replace(request, pause_after=self._context.limits.pages_before_split if kind == "project" else None)
        if since is None or kind == "tag":
            return [request.with_params(UNFILTERED) if kind == "tag" else pausing]
        whole = pausing.with_params(SCAN, opt_fields=",".join(self._context.list_contents.fields))
        return [*([whole] if self._scope.subtasks else []), request.with_params(FILTERED, modified_since=since)]

    def single_task(self, gid: int, label: str, list_request: Request) -> Request:
        """Return the request for one task, which is read as a part of the requested list."""
        keys = {"state_key": list_request.parent_keys.get("state_key", ""), SINGLE: f"{gid}"}
        return self._context.task_request(label, f"/tasks/{{{SINGLE}}}", LIST_FIELDS, **keys)

    def has_changes_requested(self, key: Key) -> bool:
        """Return whether the changes of a list were requested behind the whole list."""
        return key in self._filtered

    def changes(self, page: Page, key: Key) -> Iterator[Request]:
        """Yield the request for the changes of a list after the first page of the whole list, unless it has none.

        It has none if it is one page, with the same tasks as in the last read, and none of them is modified since.
        """
        request, contents = page.request, self._context.list_contents
        state_key = request.parent_keys.get("state_key", "")
        is_own_list = is_first_pass(page, key) and state_key == str(key[1]) and not is_part(request)
        if not is_own_list or key[0] == TAG_LISTS:
            return
        name = f"{key[0]}:{state_key}"
        if page.unavailable is not None:
            contents.remove(name)
        is_complete = is_one_page(page) and "modified_since" not in request.params
        is_known = is_complete and contents.add(name, page.records) and state_key not in self._scope.new
        has_changes = not is_known or any(self.has_changed(task, request) for task in page.records)
        if request.label == SCAN and has_changes and key not in self._filtered:
            self._filtered.add(key)
            filtered = self.requests(tuple(TASK_LISTS)[key[0]], request.parent_keys["gid"], state_key)[-1]
            yield replace(filtered, is_debt=request.is_debt, is_probe=request.is_probe)
