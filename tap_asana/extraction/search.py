"""Tasks by search: windows that ascend by modified_at, for workspaces in a paid plan (facts 3.11).

A search gives at most 100 tasks and no further page, so the next window begins where the last one ended. Where more
than 100 tasks share one instant, they are read by created_at, and where they share that too, by what else tells them
apart. Whether Asana's bounds include their instant is not known beforehand: windows overlap until an answer tells.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone

from tap_asana.asks import Ask, Page
from tap_asana.extraction.homes import Homes
from tap_asana.extraction.walk import Scope, SearchUnfitError, ending
from tap_asana.parents import Share
from tap_asana.protocol import Record
from tap_asana.reading import LAST, Key, Reading, Unit
from tap_asana.state import format_instant, parse_instant

PATH = "/workspaces/{workspace_gid}/tasks/search"
BUDGET = "search"
MOST = 100
"""Tasks in one answer at the most."""

LAG = timedelta(seconds=600)
"""What the index may be behind at the most; the next run reads it again."""

NEEDED = ("modified_at", "created_at", "projects")

WINDOW, TIE, BEHIND = "window", "tie", "behind"
"""Parts of the walk: the first tasks from an instant on, those of one instant by when they were made, and the same from
an instant on whose tasks were divided already."""

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MILLISECOND = timedelta(milliseconds=1)

SUBTASKS: Mapping[str, str] = {"is_subtask": "true"}
TOP_LEVEL: Mapping[str, str] = {"is_subtask": "false"}
UNASSIGNED: Mapping[str, str] = {**TOP_LEVEL, "assignee.any": "null"}
"""What the lists of projects and users do not reach, and the walk of a first read searches for."""
ATTACHED: Mapping[str, str] = {"has_attachment": "true"}

APART: Mapping[str, tuple[str, ...]] = {
    "is_subtask": ("false", "true"),
    "completed": ("false", "true"),
    "has_attachment": ("false", "true"),
    "is_blocked": ("false", "true"),
    "is_blocking": ("false", "true"),
    "resource_subtype": ("default_task", "milestone", "approval", "custom"),
}
"""Filters that divide tasks of one instant, each task being under exactly one of their values; subtypes are the last
resort, as Asana may add one."""


class Search:
    """The lane of searches with certain filters; the key of a window is the instant that it begins at.

    What hangs from a task stands at the instant of the task, and not under its window: where the read is taken up, the
    window may reach further than it did, because others of its tasks have changed since, and stand elsewhere.

    Behind the last window stands one that holds nothing, so that a read that is taken up knows that all were there.
    """

    def __init__(
        self,
        name: str,
        scope: Scope,
        begin: str | None,
        filters: Mapping[str, str] | None = None,
        *,
        hanging: Collection[str],
        silent: bool = False,
        homes: Homes | None = None,
    ) -> None:
        """Prepare to search from an instant on; what the lists of `homes` bring is left out."""
        self.name = name
        self.hanging = hanging
        self.silent = silent
        self._homes = homes
        self._scope = scope
        self._begin = _number(begin) if begin else 0
        self._filters = dict(filters or {})
        self._inclusive = False
        self._horizon = _number(scope.sweep.until) - round(LAG / MILLISECOND)

    def share(self, _: Key | None) -> Share:
        """Return nothing: how many windows there will be is not known."""
        return {}

    def units(self) -> Iterator[Unit]:
        """Yield the first window, or the one that was cut off; none where the last one was read."""
        place = self._scope.sweep.place(self.name)
        if place is None or place[0] != LAST:
            yield from self._window(place[0] if place else self._begin)

    def key(self, unit: Key, task: Record) -> Key:
        """Return the place of a task among all: its instant, and its gid among those of that instant."""
        return (_number(task["modified_at"]), *unit[1:], int(task["gid"]))

    def take(self, page: Page, reading: Reading) -> Iterable[Record]:
        """Return the tasks of an answer, and queue what a full one left out; raises SearchUnfitError."""
        if page.ask.part in {TIE, BEHIND}:
            reading.add(self._rest_of_tie(page))
        elif reading.unit is not None:
            self._go_on(page, reading, reading.unit[0])
        return [task for task in page.records if self._belongs(task, page.ask)]

    def _belongs(self, task: Record, ask: Ask) -> bool:
        """Tell whether a task is this search's to bring, because no list of a project does."""
        home = self._homes.home(task) if self._homes else None
        if self._homes and home is not None:
            self._homes.leave(home, ask)
        return home is None

    def _go_on(self, page: Page, reading: Reading, begin: int) -> None:
        """Begin the next window at the last instant of a full one, which may be incomplete there.

        The index may not have caught up with the latest changes: such a task stands at its old place, but with its
        new instant. So only instants before the lag count, and a window in which there are none is read by created_at,
        unless it is sure to have brought all that stands before the lag. Behind it, the next run reads again.
        """
        if len(page.records) < MOST:
            reading.queue([ending((LAST, 0))])
            return
        instants = [_number(record["modified_at"]) for record in page.records]
        settled = max((instant for instant in instants if instant <= self._horizon), default=None)
        if settled is None and begin <= self._horizon and not self._is_past_lag(page):
            reading.add([self._tie(begin, self._horizon)])
        last = max(instants) if settled is None else settled
        if last < begin:
            # Only tasks of the instant before came: the bound includes it.
            self._inclusive = True
            reading.add([self._ask(WINDOW, "modified_at", begin)])
        elif last == begin or min(instants) == max(instants):
            reading.add([self._tie(last, last)])
            reading.queue(self._window(last + 1))
        else:
            reading.queue(self._window(last))

    def _is_past_lag(self, page: Page) -> bool:
        """Tell whether an answer, which is in the order of the index, ends behind the lag.

        No task has ever stood in the index before it was made.
        """
        return max(_number(record["created_at"]) for record in page.records) > self._horizon

    def _window(self, begin: int) -> Iterator[Unit]:
        yield Unit((begin, 0), [self._ask(WINDOW, "modified_at", begin)])
        yield ending((begin, 0))

    def _ask(self, part: str, by: str, begin: int, **filters: str) -> Ask:
        """Ask for the first tasks from an instant on, in the order of that instant."""
        ask = self._scope.tasks(part, PATH, NEEDED)
        lower = {f"{by}.after": _instant(begin if self._inclusive else begin - 1)} if begin else {}
        order = {"sort_by": by, "sort_ascending": "true"}
        return ask.asking(part, **self._filters, **filters, **lower, **order).unpaged(BUDGET)

    def _tie(self, first: int, last: int) -> Ask:
        """Ask for the tasks from one instant to another by the time when they were made."""
        bounds = {"modified_at.after": _instant(first - 1), "modified_at.before": _instant(last + 1)}
        return self._ask(TIE, "created_at", 0, **bounds)

    def _rest_of_tie(self, page: Page) -> Iterator[Ask]:
        """Ask for what a full answer about one instant left out."""
        if len(page.records) < MOST:
            return
        ask, made = page.ask, [_number(record["created_at"]) for record in page.records]
        after, last = ask.params.get("created_at.after"), max(made)
        if "created_at.before" in ask.params:
            yield from self._apart(ask)
        elif after is None or last > _number(after) + 1:
            yield ask.asking(TIE, **{"created_at.after": _instant(last - 1)})
        else:
            includes = min(made) == _number(after)
            bounds = {"created_at.after": _instant(last if includes else last - 1)}
            if last > _number(after) or ask.part == TIE:
                yield from self._apart(ask.asking(TIE, **bounds, **{"created_at.before": _instant(last + 1)}))
            if last > _number(after):
                yield ask.asking(BEHIND, **{"created_at.after": _instant(last)})
            else:
                yield ask.asking(TIE, **{"created_at.after": _instant(last + 1)})

    def _apart(self, ask: Ask) -> Iterator[Ask]:
        """Divide tasks of one instant that were made at one instant by a filter that is not used yet."""
        for name, values in APART.items():
            if name not in ask.params:
                for value in values:
                    yield ask.asking(TIE, **{name: value})
                return
        raise SearchUnfitError(f"more than {MOST} tasks share both instants of {ask.params['created_at.before']}")


def _number(instant: str) -> int:
    """Return an instant as milliseconds since the epoch."""
    return round(parse_instant(instant).timestamp() * 1000)


def _instant(number: int) -> str:
    return format_instant(EPOCH + number * MILLISECOND)
