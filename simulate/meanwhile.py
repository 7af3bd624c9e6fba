"""What happens during a run: time passes, people change the world, and the run may be killed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import harness
from expected_losses import lists_of
from interruptions import Killed

from fake_asana.messages import HttpRequest
from fake_asana.server.api import LoggedRequest
from simulate.attempt import SECOND_MS, Attempt, Change
from simulate.history import LOOKBACK_SECONDS
from simulate.people import act
from simulate.pool import Hang
from tap_asana.sync.reconcile import RECONCILING_PHASE
from tap_asana.tasks.by_search import TOP_LEVEL
from tap_asana.tasks.samples import COMPARED_FIELDS

if TYPE_CHECKING:
    from fake_asana.world import World
    from simulate.player import Played

CHANGE_SECONDS = 1

MOVE, ADD_TO_PROJECT = "move", "add to project"
"""The changes that take a task to another project, or to a further one: a move for a task without any."""

REVEAL, ADDED = "reveal", "added"
"""The change that adds a task of a private project to a visible one, and its action in the history of the world."""

SHARED = "shared"
"""The action in the history of the world that shows a project, and each object in it."""

LISTS_OF_TASKS = frozenset({"/tasks", "/tasks/{task_gid}/subtasks", "/tags/{tag_gid}/tasks"})
"""The lists with tasks, and so with everything below them."""

SEARCH = "GET /workspaces/{workspace_gid}/tasks/search"

MAX_REQUESTS = 5000
"""Requests after which a run counts as endless; the largest of these worlds needs some 600."""


class HiddenProject(NamedTuple):
    """A project that was made private during a run, which has listed it.

    The run reads changes since `since_ms`; `first_request` is its next one.
    """

    workspace: str
    since_ms: float
    first_request: int


class EventRead(NamedTuple):
    """A request for the events of a workspace or project, at an instant in milliseconds."""

    gid: str
    at: float
    has_token: bool


class Meanwhile:
    """A hook that passes time, changes the world and kills the run before the requests of an attempt."""

    def __init__(self, played: Played, attempt: Attempt) -> None:
        """Do what happens meanwhile in an attempt, before requests to the history's world."""
        self._api, self._history, self._kill_before = played.api, played.history, attempt.kill_before
        self._moved, self._moved_unseen = played.moved, played.moved_unseen
        self._hidden, self._shown_again = played.hidden, played.shown_again
        self._event_reads = played.event_reads
        follows = {**self._history.settings, **attempt.settings}.get("follow_events", True)
        self._reads_events = follows and (not self._history.streams or "deletions" in self._history.streams)
        self._since_ms = played.complete_start_ms - SECOND_MS * max(LOOKBACK_SECONDS, self._history.limits.search_lag)
        self._first_request = len(played.api.log)
        self._numbers, self._numbers_in_pass = count(1), count(1)
        self._kill_in_pass = attempt.kill_in_pass
        self.phase: Callable[[], str] = str
        self._changes: dict[int, list[Change]] = defaultdict(list)
        for change in attempt.changes:
            self._changes[change.before_request].append(change)

    def before_run(self) -> None:
        """Make the changes before the run, whose list of projects lacks those that are hidden then."""
        self._change(0)
        self._hidden.clear()

    def __call__(self, request: HttpRequest) -> None:
        """Count a request; raise Hang if there is no end of them."""
        number = next(self._numbers)
        if number > MAX_REQUESTS:
            raise Hang(f"{MAX_REQUESTS} requests in one run")
        harness.clock(self._api).advance(self._history.request_milliseconds / 1000)
        self._change(number)
        if request.path.endswith("/events"):
            gid, now = request.query.get("resource", request.path.split("/")[-2]), self._api.world.clock() * SECOND_MS
            self._event_reads.append(EventRead(gid, now, "sync" in request.query))
        if number == self._kill_before or (self._kill_in_pass is not None and self._is_last_in_pass()):
            raise Killed

    def _is_last_in_pass(self) -> bool:
        """Count the requests of passes, and return whether the run is killed before this one."""
        return self.phase() == RECONCILING_PHASE and next(self._numbers_in_pass) == self._kill_in_pass

    def _change(self, number: int) -> None:
        for change in self._changes[number]:
            harness.clock(self._api).advance(CHANGE_SECONDS)
            world, token = self._api.world, self._history.token
            is_move = change.name in {MOVE, ADD_TO_PROJECT}
            listed = {gid for gid, each in world.tasks.items() if each.sections} if is_move else set()
            tasks = world.expected_records("tasks", token) if is_move and number else {}
            closed, events = {*world.hidden_projects}, len(world.history)
            task = act(world, token, change.name, change.number)
            shown = [self._hidden.pop(each) for each in closed - world.hidden_projects if each in self._hidden]
            if since := [each.since_ms for each in shown if self._was_searched(each)]:
                shared = (each for each in world.history[events:] if each.action == SHARED)
                self._shown_again.update((each.gid, (min(since), each.at)) for each in shared)
            if not self._reads_events:
                added = (each for each in world.history[events:] if each.action == ADDED and each.gid in world.tasks)
                came = [each for each in added if change.name == REVEAL or self._was_hidden(each.gid)]
                self._shown_again.update(
                    (gid, (0.0, each.at)) for each in came for gid in _with_subtasks(world, each.gid)
                )
            for project in world.hidden_projects - closed if number else ():
                workspace = world.projects[project].workspace.gid
                self._hidden[project] = HiddenProject(workspace, self._since_ms, len(self._api.log))
            is_move = is_move and not (change.name == ADD_TO_PROJECT and task in listed)
            self._moved += [task] if task is not None and is_move else []
            if is_move and task in tasks and not self._has_listed(lists_of(tasks[task], world.dialect)):
                self._moved_unseen.add(task)

    def _was_hidden(self, task: str) -> bool:
        """Return whether the token came to see a task after the last complete run has begun."""
        events = (each for each in self._api.world.history if each.gid == task and each.action == SHARED)
        return any(each.at >= self._since_ms for each in events)

    def _was_searched(self, project: HiddenProject) -> bool:
        """Return whether a search was sent in the workspace of a project since it was hidden."""
        requests = self._api.log[project.first_request :]
        return any(each.template == SEARCH and project.workspace in each.path for each in requests)

    def searched_unlisted(self) -> frozenset[str]:
        """Return the workspaces where the run has searched for tasks that no list of projects or users holds."""
        requests = [each for each in self._api.log[self._first_request :] if each.template == SEARCH]
        asked = {each.path for each in requests if TOP_LEVEL.items() <= each.query.items()}
        return frozenset(gid for gid in self._api.world.workspaces if any(f"/{gid}/" in path for path in asked))

    def _has_listed(self, holders: Iterable[str]) -> bool:
        """Return whether the run has read a list of the tasks of one of these projects, users, tags or tasks."""
        requests = [each for each in self._api.log[self._first_request :] if each.status == HTTPStatus.OK]
        lists = [
            each for each in requests if each.template.removeprefix("GET ") in LISTS_OF_TASKS and not _compares(each)
        ]
        named = {name for each in lists for name in (*each.path.split("/"), *each.query.values())}
        return not named.isdisjoint(holders)


def _with_subtasks(world: World, task: str) -> Iterator[str]:
    """Yield a task and all below it."""
    yield task
    for subtask in world.tasks[task].subtasks or ():
        yield from _with_subtasks(world, subtask)


def _compares(request: LoggedRequest) -> bool:
    """Return whether the tap only compares the first page of a list."""
    return request.query.get("opt_fields") == ",".join(COMPARED_FIELDS)
