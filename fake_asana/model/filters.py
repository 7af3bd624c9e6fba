"""The filters of a search or an export: which tasks a query lets through."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fake_asana.messages import ApiError
from fake_asana.model import clock, stories
from fake_asana.model.clock import DAY, SECOND
from fake_asana.model.index import Range, modified
from fake_asana.model.projects import span
from fake_asana.model.seeded_random import SeededRandom

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fake_asana.model.tasks import Task

Fits = Callable[["Task"], bool]
NOBODY = "null"
FOREVER = 1 << 62


def due(task: Task) -> int | None:
    """The instant that a task is due."""
    return span(task.seed >> 7, task.created)[1]


def start(task: Task) -> int | None:
    """The instant that a task begins."""
    return span(task.seed >> 7, task.created)[0]


INSTANTS: Mapping[str, Callable[[Task], int | None]] = {
    "modified": lambda task: task.modified,
    "created": lambda task: task.created,
    "completed": lambda task: task.completed,
    "due": due,
    "start": start,
}


def blocked(task: Task) -> bool:
    """Whether it waits for something that is not completed."""
    return any(other.completed is None for other in task.dependencies)


def blocking(task: Task) -> bool:
    """Whether it is open and something waits for it."""
    return task.completed is None and bool(task.dependents)


def has_attachment(task: Task) -> bool:
    """Whether a file hangs on it."""
    return bool(task.n_attachments if task.attachments is None else task.attachments)


FLAGS: Mapping[str, Callable[[Task], bool]] = {
    "completed": lambda task: task.completed is not None,
    "is_subtask": lambda task: task.parent is not None,
    "has_attachment": has_attachment,
    "is_blocked": blocked,
    "is_blocking": blocking,
}


def likers(task: Task) -> set[str]:
    """Those who like it."""
    people = SeededRandom(task.seed, 4).some(task.workspace.roster, 2) if task.seed % 10 == 0 else []
    return {user.gid for user in people} | ({task.author.gid} if task.likes else set())


SETS: Mapping[str, Callable[[Task], set[str]]] = {
    "assignee": lambda task: {task.assignee.gid if task.assignee else NOBODY},
    "projects": lambda task: {project.gid for project in task.projects()},
    "sections": lambda task: {section.gid for section in task.sections},
    "tags": lambda task: {tag.gid for tag in task.tags},
    "teams": lambda task: {project.team.gid for project in task.projects() if project.team},
    "followers": lambda task: {user.gid for user in SeededRandom(task.seed, 5).some(task.workspace.roster, 3)},
    "created_by": lambda task: {task.author.gid},
    "assigned_by": lambda task: {task.author.gid} if task.assignee and task.seed % 2 else set(),
    "liked_by": likers,
    "commented_on_by": lambda task: {story.author.gid for story in stories.of_task(task) if story.author},
}
TESTS: Mapping[str, Callable[[set[str], set[str]], bool]] = {
    "any": lambda held, wanted: not held.isdisjoint(wanted),
    "not": lambda held, wanted: held.isdisjoint(wanted),
    "all": lambda held, wanted: held >= wanted,
}


class Filters:
    """What a query asks of tasks: ranges of instants, and everything else.

    `inclusive` names the bounds (`after`, `before`) that let their own instant through, `seconds` has
    instants compared in whole seconds, and the clock of changes is `ahead` by so many seconds. `me` is
    the gid that the word stands for. What is not a filter is passed over. ApiError 400 for a value that
    cannot be read.
    """

    def __init__(
        self,
        query: Mapping[str, str],
        *,
        inclusive: frozenset[str] = frozenset(),
        seconds: bool = False,
        ahead: int = 0,
        me: str = "",
    ) -> None:
        """Read the filters of a query."""
        self.query, self.inclusive, self.me = query, inclusive, me
        self.tick, self.ahead = SECOND if seconds else 1, ahead
        self.ranges = dict(self.bounds())
        self.tests = list(self.conditions())

    def fits(self, task: Task) -> bool:
        """Whether a task is let through."""
        for name, (low, high) in self.ranges.items():
            instant = modified(task, self.ahead) if name == "modified" else INSTANTS[name](task)
            if instant is None or not low <= instant < high:
                return False
        return all(test(task) for test in self.tests)

    def bounds(self) -> Iterator[tuple[str, Range]]:
        """The range of each instant that is bounded, in hours or in days."""
        for name in INSTANTS:
            found = Range(0, FOREVER)
            for stem, unit in ((f"{name}_at", self.tick), (f"{name}_on", DAY)):
                for bound in ("after", "before"):
                    found = found.within(self.bound(f"{stem}.{bound}", bound, unit))
            if f"{name}_on" in self.query:
                at = self.instant(f"{name}_on")
                found = found.within(Range(at, at + DAY))
            if found != Range(0, FOREVER):
                yield name, found

    def bound(self, param: str, side: str, unit: int) -> Range:
        """The range that one parameter leaves, to the millisecond or to the day."""
        if param not in self.query:
            return Range(0, FOREVER)
        at = self.instant(param)
        at -= at % self.tick if unit == self.tick else 0
        if side == "after":
            return Range(at if side in self.inclusive else at + unit, FOREVER)
        return Range(0, at + unit if side in self.inclusive else at)

    def instant(self, param: str) -> int:
        """The instant of a parameter."""
        try:
            return clock.parse(self.query[param])
        except ValueError:
            raise ApiError(400, f"{param}: Not a valid date-time: {self.query[param]}") from None

    def conditions(self) -> Iterator[Fits]:
        """Everything but instants."""
        for name, value in self.query.items():
            stem, _, test = name.partition(".")
            if name in FLAGS:
                yield flag(name, wanted=value.lower() == "true")
            elif name == "resource_subtype":
                yield subtype(value)
            elif name == "text":
                yield text(value.casefold())
            elif stem in SETS and test in TESTS:
                yield self.gids(name, value)

    def gids(self, name: str, value: str) -> Fits:
        """A test of the things that a task has to do with."""
        stem, _, test = name.partition(".")
        wanted = {self.me if part.strip() == "me" else part.strip() for part in value.split(",")}
        for gid in wanted:
            if not gid.isdigit() and not (stem == "assignee" and gid == NOBODY):
                raise ApiError(400, f"{name}: Not a recognized ID: {gid}")
        held, compare = SETS[stem], TESTS[test]
        return lambda task: compare(held(task), wanted)


def flag(name: str, *, wanted: bool) -> Fits:
    """A test of what is or is not so."""
    of = FLAGS[name]
    return lambda task: of(task) is wanted


def subtype(value: str) -> Fits:
    """A test of the kind of task."""
    return lambda task: task.subtype == value


def text(value: str) -> Fits:
    """A test of what is written in name and notes."""
    return lambda task: value in f"{task.name}\n{task.notes}".casefold()
