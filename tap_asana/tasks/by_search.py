"""Tasks by search, for workspaces in a paid plan (facts 3.11).

A search gives at most 100 tasks and no further page. Asana's own advice is to page by the time of creation: no change
moves a task in that order, and whatever clock the index has for changes, it only decides which tasks are in it. Where
more than 100 tasks were made together, they are asked for by what else tells them apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from statistics import median_low

from tap_asana.api.decoding import Record
from tap_asana.api.request import Page, Request
from tap_asana.fetch.scheduler import END_OF_PARENT, SUBTREE, FetchScheduler, Key, WorkItem
from tap_asana.parents.kinds import ProgressByKind
from tap_asana.tasks import instants
from tap_asana.tasks.compact import GidSet
from tap_asana.tasks.ownership import Meeting, TaskOwnership
from tap_asana.tasks.search_cursor import OVERLAP_MS, SECOND_MS, Answer, Step, Stretch
from tap_asana.tasks.traversal import SearchUnavailableError, TraversalContext, end_marker

PATH = "/workspaces/{workspace_gid}/tasks/search"
BUDGET = "search"

INDEX_LAG = timedelta(seconds=600)
"""What the index may be behind at the most; the next run reads it again."""

SUBTASKS_PATH = "/tasks/{gid}/subtasks"

SEARCH_FIELDS = ("modified_at", "created_at", "projects")
COUNTED = (*SEARCH_FIELDS, "num_subtasks")

BELOW_PART = "below"
WINDOW_PARTS = 2
"""Numbers in the key of a window: the instant up to which all was known, and 0."""

FORWARD, BACKWARD, PART, CHECK = "forward", "backward", "part", "check"
"""Questions of a search: for the oldest tasks from an instant on, for the youngest, for the oldest of a part, and for
the youngest of a part that cannot be divided further."""

SUBTASKS: Mapping[str, str] = {"is_subtask": "true"}
TOP_LEVEL: Mapping[str, str] = {"is_subtask": "false"}
UNASSIGNED: Mapping[str, str] = {**TOP_LEVEL, "assignee.any": "null"}
"""What the lists of projects and users do not reach, and the walk of a first read searches for."""
WITH_ATTACHMENTS: Mapping[str, str] = {"has_attachment": "true"}

TIE_BREAKERS: Mapping[str, tuple[str, ...]] = {
    "is_subtask": ("false", "true"),
    "completed": ("false", "true"),
    "has_attachment": ("false", "true"),
    "is_blocked": ("false", "true"),
    "is_blocking": ("false", "true"),
    "resource_subtype": ("default_task", "milestone", "approval", "custom"),
}
"""Filters that divide tasks that were made together, each task being under exactly one of their values; subtypes are
the last resort, as Asana may add one."""

CUTS = 4
"""How often tasks that were made together are divided by when they were modified, before the filters divide them."""


class TooManyAlikeError(SearchUnavailableError):
    """More tasks than an answer holds cannot be told apart by any filter."""


@dataclass(frozen=True, slots=True)
class _Question:
    """What was asked, and about which tasks.

    A question for the youngest interrupts the search: `step` is how it goes on, unless the end is reached, and it is
    `crowded` where more tasks were made together than an answer may show.
    """

    kind: str
    stretch: Stretch
    step: Step | None = None
    crowded: bool = False


class SearchSource:
    """The lane of searches with certain filters; the key of a window is the instant up to which all was known then.

    What hangs from a task stands at the instant at which the task was made, and not under its window.

    Behind the last window stands one that holds nothing, so that a read that is taken up knows that all were there.
    """

    def __init__(
        self,
        name: str,
        scope: TraversalContext,
        begin: str | None,
        filters: Mapping[str, str] | None = None,
        *,
        hanging: Collection[str],
        silent: bool = False,
        ownership: TaskOwnership | None = None,
        below: bool = False,
    ) -> None:
        """Prepare to search what changed from an instant on; what the lists of `homes` bring is left out.

        What lies `below` the tasks is listed too, where no search for subtasks brings it.
        """
        self.name = f"{name}:created"
        self.child_streams = hanging
        self.children_only = silent
        self._homes = ownership
        self._below = below
        self._scope = scope
        self._max_tasks = scope.limits.max_search_tasks
        # Whole seconds, and one more: the bound is right for an index that compares seconds, whichever way it rounds.
        self._begin = instants.number(begin) // SECOND_MS * SECOND_MS - SECOND_MS if begin else 0
        self._filters = dict(filters or {})
        self._questions: dict[tuple[tuple[str, str], ...], _Question] = {}
        self._parts: set[tuple[tuple[str, str], ...]] = set()
        self._known = GidSet()
        self._youngest: int | None = None
        self._asked_backward = False

    def progress(self, _: Key | None) -> ProgressByKind:
        """Return nothing: how many windows there will be is not known."""
        return {}

    def work_items(self) -> Iterator[WorkItem]:
        """Yield the first window, or the one that was cut off; none where the last one was read."""
        place = self._scope.window.position(self.name)
        reached = place[0] if place else 0
        if reached != END_OF_PARENT:
            yield from self._window(Stretch(reached, max(reached - OVERLAP_MS, 0)))

    def child_key(self, unit: Key, task: Record) -> Key:
        """Return the place of a task among all: when it was made, and its gid among those of that instant.

        What lies below a task stands behind it.
        """
        if len(unit) > WINDOW_PARTS:
            return (*unit, int(task["gid"]))
        made = max(instants.numbers([task], "created_at"), default=0)
        return (max(made, unit[0]), *unit[1:], int(task["gid"]))

    def process_page(self, page: Page, reading: FetchScheduler) -> Iterable[Record]:
        """Return the tasks of an answer, and ask on as long as there is something new; raises SearchUnfitError."""
        if page.request.label == BELOW_PART:
            self._look_below(page.records, reading)
            return page.records
        question = self._questions.pop(_query(page.request))
        new = [task for task in page.records if self._known.add(int(task["gid"]))]
        made = instants.numbers(page.records, "created_at")
        answer = Answer(made, instants.numbers(page.records, "modified_at"), len(new), self._max_tasks)
        if question.kind == FORWARD:
            self._go_on(question.stretch.step(answer), answer, reading)
        elif question.kind == BACKWARD and question.step is not None:
            self._youngest = min(made, default=None)
            if not answer.new and not question.crowded and self._has_met(question.step.reached):
                reading.add_items([end_marker((END_OF_PARENT, 0))])
            else:
                self._proceed(question.step, reading)
        elif question.kind == PART:
            self._go_on_apart(question.stretch.step(answer), reading)
        elif any(each <= question.stretch.reached for each in instants.numbers(new, "created_at")):
            raise _too_many(question.stretch, self._max_tasks)
        tasks = [task for task in page.records if self._belongs(task, page.request)]
        if self._below:
            self._look_below(tasks, reading)
        return tasks

    def _look_below(self, tasks: Iterable[Record], reading: FetchScheduler) -> None:
        """List the subtasks of tasks, each behind its task; a read that is taken up lists those that it had not."""
        unit, place = reading.item or (), self._scope.window.position(self.name)
        places = sorted((self.child_key(unit, task), task["gid"]) for task in tasks if task.get("num_subtasks") != 0)
        asks = ((key, self._scope.task_request(BELOW_PART, SUBTASKS_PATH, COUNTED, gid=gid)) for key, gid in places)
        reading.add_items(
            WorkItem((*key, SUBTREE), [ask]) for key, ask in asks if place is None or place < (*key, SUBTREE)
        )

    def _belongs(self, task: Record, ask: Request) -> bool:
        """Tell whether a task is this search's to bring, because no list of a project does."""
        home = self._homes.owner(task) if self._homes else None
        if self._homes is None or home is None:
            return True
        return not self._homes.brings(home, task, ask, Meeting(self._scope.has_found(int(task["gid"]))))

    def _go_on(self, step: Step, answer: Answer, reading: FetchScheduler) -> None:
        """Ask for what follows an answer; the first one that is not full has the search looked at from its end."""
        if step.divide is not None:
            reading.add_requests(self._divide(step.stretch, step.divide))
        if not answer.is_full and not self._asked_backward:
            self._asked_backward = True
            crowded = answer.crowds(step.reached) or step.divide is not None
            reading.add_requests([self._ask(_Question(BACKWARD, Stretch(), step, crowded))])
        else:
            self._proceed(step, reading)

    def _proceed(self, step: Step, reading: FetchScheduler) -> None:
        """Ask the next question; after an answer that brought nothing new, end."""
        if step.following is None and not self._has_met(step.reached):
            reason = f"tasks that the token may not see fill whole answers from {instants.text(step.reached)} on"
            raise SearchUnavailableError(reason)
        if step.following is None:
            reading.add_items([end_marker((END_OF_PARENT, 0))])
        elif reading.item is not None and step.following.reached == reading.item[0]:
            reading.add_requests([self._ask(_Question(FORWARD, step.following))])
        else:
            reading.add_items(self._window(step.following))

    def _has_met(self, reached: int) -> bool:
        """Tell whether the youngest tasks were reached: if none came from that end, there must not be any."""
        return not len(self._known) if self._youngest is None else self._youngest <= reached

    def _go_on_apart(self, step: Step, reading: FetchScheduler) -> None:
        """Ask for what follows an answer about a part of the tasks that were made together."""
        if step.divide is not None:
            reading.add_requests(self._divide(step.stretch, step.divide))
        if step.following is not None:
            reading.add_requests(self._ask_apart(_Question(PART, step.following)))

    def _divide(self, stretch: Stretch, instant: int) -> Iterator[Request]:
        """Ask in parts for the tasks made around an instant: by when they were modified, then by a further filter."""
        kept = dict(stretch.filters)
        pivot = self._pivot(stretch) if stretch.cuts < CUTS else None
        if pivot is not None:
            halves = {"modified_at.before": pivot + OVERLAP_MS, "modified_at.after": pivot - OVERLAP_MS}
            for bound, value in halves.items():
                part = stretch.around(instant, (bound, instants.text(value)), cut=True)
                yield from self._ask_apart(_Question(PART, part))
            return
        name = next((name for name in TIE_BREAKERS if name not in kept and name not in self._filters), None)
        if name is None and stretch.was_full:
            raise _too_many(stretch, self._max_tasks)
        if name is None:
            yield from self._ask_apart(_Question(CHECK, replace(stretch.around(instant), reached=instant)))
            return
        for choice in TIE_BREAKERS[name]:
            yield from self._ask_apart(_Question(PART, stretch.around(instant, (name, choice))))

    def _pivot(self, stretch: Stretch) -> int | None:
        """Return an instant of modification that tells some of the tasks from others, if there is one."""
        bounds = dict(stretch.filters)
        low = instants.number(bounds["modified_at.after"]) if "modified_at.after" in bounds else self._begin
        high = instants.number(bounds["modified_at.before"]) if "modified_at.before" in bounds else END_OF_PARENT
        within = [each for each in stretch.modified if low + 2 * OVERLAP_MS < each < high - 2 * OVERLAP_MS]
        apart = bool(within) and max(within) - min(within) > 2 * OVERLAP_MS
        return median_low(within) if apart else None

    def _window(self, stretch: Stretch) -> Iterator[WorkItem]:
        yield WorkItem((stretch.reached, 0), [self._ask(_Question(FORWARD, stretch))])
        yield end_marker((stretch.reached, 0))

    def _ask_apart(self, question: _Question) -> Iterator[Request]:
        """Ask about a part, unless two ways of dividing have led to the same question."""
        ask = self._asking(question)
        if _query(ask) not in self._parts:
            self._parts.add(_query(ask))
            yield self._ask(question)

    def _ask(self, question: _Question) -> Request:
        """Ask a question, and keep what it was about."""
        ask = self._asking(question)
        self._questions[_query(ask)] = question
        return ask

    def _asking(self, question: _Question) -> Request:
        """Return the request for a question: all come in the order of creation."""
        stretch, ask = (
            question.stretch,
            self._scope.task_request(question.kind, PATH, COUNTED if self._below else SEARCH_FIELDS),
        )
        bounds = {"modified_at.after": self._begin, "created_at.after": stretch.after}
        lower = {name: instants.text(bound) for name, bound in bounds.items() if bound > 0}
        upper = {} if stretch.before is None else {"created_at.before": instants.text(stretch.before)}
        ascending = "true" if question.kind in {FORWARD, PART} else "false"
        order = {"sort_by": "created_at", "sort_ascending": ascending, "limit": str(self._max_tasks)}
        params = {**self._filters, **lower, **upper, **dict(stretch.filters), **order}
        return ask.with_params(question.kind, **params).unpaged(BUDGET)


def _query(ask: Request) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(ask.params.items()))


def _too_many(stretch: Stretch, limit: int) -> TooManyAlikeError:
    return TooManyAlikeError(
        f"more than {limit} tasks that were made before {instants.text(stretch.reached)} are alike"
    )
