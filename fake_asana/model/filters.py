"""The filters of a search or an export."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fake_asana.messages import ApiError
from fake_asana.model import clock
from fake_asana.model.attachments import attachments_of_task
from fake_asana.model.clock import DAY_MS, SECOND_MS
from fake_asana.model.index import Range, index_time
from fake_asana.model.projects import start_and_due
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.model.stories import stories_of_task
from fake_asana.model.tasks import followers_of_task

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fake_asana.model.tasks import Task

TaskTest = Callable[["Task"], bool]
NOBODY = "null"
FOREVER = 1 << 62


def due(task: Task) -> int | None:
    """Return the due instant of a task."""
    return start_and_due(task.seed >> 7, task.created)[1]


def start(task: Task) -> int | None:
    """Return the start instant of a task."""
    return start_and_due(task.seed >> 7, task.created)[0]


INSTANTS: Mapping[str, Callable[[Task], int | None]] = {
    "modified": lambda task: task.modified,
    "created": lambda task: task.created,
    "completed": lambda task: task.completed,
    "due": due,
    "start": start,
}


def blocked(task: Task) -> bool:
    """Return True if the task waits for an incomplete one."""
    return any(other.completed is None for other in task.dependencies)


def blocking(task: Task) -> bool:
    """Return True if the task is incomplete and others wait for it."""
    return task.completed is None and bool(task.dependents)


def has_attachment(task: Task) -> bool:
    """Return True if the task has a file."""
    return bool(task.n_attachments if task.attachments is None else task.attachments)


def has_upload(task: Task) -> bool:
    """Return True if the task has a file that Asana stores."""
    return has_attachment(task) and any(file.host == "asana" for file in attachments_of_task(task))


BOOLEAN_FILTERS: Mapping[str, Callable[[Task], bool]] = {
    "completed": lambda task: task.completed is not None,
    "is_subtask": lambda task: task.parent is not None,
    "has_attachment": has_attachment,
    "is_blocked": blocked,
    "is_blocking": blocking,
}


def likers(task: Task) -> set[str]:
    """Return the gids of the users who like the task."""
    people = SeededRandom(task.seed, 4).sample(task.workspace.roster, 2) if task.seed % 10 == 0 else []
    return {user.gid for user in people} | ({task.author.gid} if task.likes else set())


GID_FILTERS: Mapping[str, Callable[[Task], set[str]]] = {
    "assignee": lambda task: {task.assignee.gid if task.assignee else NOBODY},
    "projects": lambda task: {project.gid for project in task.projects()},
    "sections": lambda task: {section.gid for section in task.sections},
    "tags": lambda task: {tag.gid for tag in task.tags},
    "teams": lambda task: {project.team.gid for project in task.projects() if project.team},
    "followers": lambda task: {user.gid for user in followers_of_task(task)},
    "created_by": lambda task: {task.author.gid},
    "assigned_by": lambda task: {task.author.gid} if task.assignee and task.seed % 2 else set(),
    "liked_by": likers,
    "commented_on_by": lambda task: {story.author.gid for story in stories_of_task(task) if story.author},
}
GID_COMPARISONS: Mapping[str, Callable[[set[str], set[str]], bool]] = {
    "any": lambda gids, wanted_gids: not gids.isdisjoint(wanted_gids),
    "not": lambda gids, wanted_gids: gids.isdisjoint(wanted_gids),
    "all": lambda gids, wanted_gids: gids >= wanted_gids,
}


class Filters:
    """The filters of a query: ranges of instants, and tests.

    `inclusive` names the bounds (`after`, `before`) that include their own instant. With `seconds`, instants are
    compared in whole seconds. The index's clock is `ahead` by some seconds. `me` is the gid of the token's user.
    Parameters other than filters are ignored. Raises ApiError 400 for an unreadable value.
    """

    def __init__(
        self,
        query: Mapping[str, str],
        *,
        inclusive: frozenset[str] = frozenset(),
        seconds: bool = False,
        ahead: int = 0,
        me: str = "",
        only_uploads: bool = False,
    ) -> None:
        """Read the filters of a query; with `only_uploads`, only these are attachments."""
        self.query, self.inclusive, self.me = query, inclusive, me
        self.flags = {**BOOLEAN_FILTERS, "has_attachment": has_upload} if only_uploads else BOOLEAN_FILTERS
        self.tick, self.ahead = SECOND_MS if seconds else 1, ahead
        self.ranges = dict(self.bounds())
        self.tests = list(self.conditions())

    def match(self, task: Task) -> bool:
        """Return True if a task passes every filter."""
        for name, (low, high) in self.ranges.items():
            instant = index_time(task, self.ahead) if name == "modified" else INSTANTS[name](task)
            if instant is None or not low <= instant < high:
                return False
        return all(test(task) for test in self.tests)

    def bounds(self) -> Iterator[tuple[str, Range]]:
        """Yield the range of each bounded instant."""
        for name in INSTANTS:
            limits = Range(0, FOREVER)
            for stem, unit in ((f"{name}_at", self.tick), (f"{name}_on", DAY_MS)):
                for bound in ("after", "before"):
                    limits = limits.intersect(self.bound(f"{stem}.{bound}", bound, unit))
            if f"{name}_on" in self.query:
                start = self.instant(f"{name}_on")
                limits = limits.intersect(Range(start, start + DAY_MS))
            if limits != Range(0, FOREVER):
                yield name, limits

    def bound(self, param: str, side: str, unit: int) -> Range:
        """Return the range of one parameter, to the millisecond or to the day."""
        if param not in self.query:
            return Range(0, FOREVER)
        instant = self.instant(param)
        instant -= instant % self.tick if unit == self.tick else 0
        if side == "after":
            return Range(instant if side in self.inclusive else instant + unit, FOREVER)
        return Range(0, instant + unit if side in self.inclusive else instant)

    def instant(self, param: str) -> int:
        """Return the instant of a parameter."""
        try:
            return clock.parse_milliseconds(self.query[param])
        except ValueError:
            raise ApiError(400, f"{param}: Not a valid date-time: {self.query[param]}") from None

    def conditions(self) -> Iterator[TaskTest]:
        """Yield the tests other than ranges of instants."""
        for name, value in self.query.items():
            stem, _, test = name.partition(".")
            if name in self.flags:
                yield flag_test(self.flags[name], value=value.lower() == "true")
            elif name == "resource_subtype":
                yield subtype_test(value)
            elif name == "text":
                yield text_test(value.casefold())
            elif stem in GID_FILTERS and test in GID_COMPARISONS:
                yield self.gid_test(name, value)

    def gid_test(self, name: str, value: str) -> TaskTest:
        """Return a test of the gids that a task refers to."""
        stem, _, test = name.partition(".")
        gids = {self.me if part.strip() == "me" else part.strip() for part in value.split(",")}
        for gid in gids:
            if not gid.isdigit() and not (stem == "assignee" and gid == NOBODY):
                raise ApiError(400, f"{name}: Not a recognized ID: {gid}")
        gids_of, compare = GID_FILTERS[stem], GID_COMPARISONS[test]
        return lambda task: compare(gids_of(task), gids)


def flag_test(is_set: TaskTest, *, value: bool) -> TaskTest:
    """Return a test of a boolean."""
    return lambda task: is_set(task) is value


def subtype_test(value: str) -> TaskTest:
    """Return a test of the subtype."""
    return lambda task: task.subtype == value


def text_test(value: str) -> TaskTest:
    """Return a test of name and notes."""
    return lambda task: value in f"{task.name}\n{task.notes}".casefold()
