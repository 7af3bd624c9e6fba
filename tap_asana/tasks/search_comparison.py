"""A comparison of searches with lists: does the search of a workspace find a few tasks that lists contain?

Asana does not document whether searches find tasks of archived projects, subtasks, and tasks outside of all projects.
Two searches mostly prove that they do. If one kind is not among their tasks, a task of that kind from a list answers
the question: a search for its time of creation must find it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

from tap_asana.api.decoding import Record, is_timestamp, nested_object, rows_with_gid
from tap_asana.api.request import Page
from tap_asana.parents.kinds import Parent
from tap_asana.state.search_reach import (
    ARCHIVED_KIND,
    ASKED,
    FOUND,
    MISSING,
    PRIVATE_KIND,
    SEARCH_KINDS,
    SUBTASK_KIND,
)
from tap_asana.state.shape import Kind, Verdict
from tap_asana.tasks.archived_samples import is_still_archived
from tap_asana.tasks.by_search import ONLY_SUBTASKS, SUBTASKS_PATH
from tap_asana.tasks.context import TraversalContext
from tap_asana.tasks.gap_lists import archived_projects
from tap_asana.tasks.methods import PriorSync
from tap_asana.tasks.recent_tasks import is_settled
from tap_asana.tasks.samples import Samples, turn
from tap_asana.tasks.search_cursor import from_milliseconds, to_milliseconds
from tap_asana.tasks.subtask_samples import with_subtasks
from tap_asana.tasks.task_lists import TASK_LISTS

MIN_AGE_MS = 24 * 60 * 60 * 1000
"""Age of a compared task: no search index is that far behind."""

MAX_LISTS, MAX_LISTS_OF_INCREMENT = 5, 2
"""Lists whose first pages are looked through for a kind of tasks, in a first read and in any other."""

MAX_FURTHER_LISTS = 15
"""Further projects to look through in a first read if those have no task with subtasks."""

MAX_SAMPLES = 3
"""Compared tasks of a kind."""

MIN_PEOPLE = 2
"""People whose private tasks show that searches find those of others than the token's user."""

NAMES: Mapping[Kind, str] = {
    ARCHIVED_KIND: "tasks of archived projects",
    SUBTASK_KIND: "subtasks",
    PRIVATE_KIND: "tasks outside of all projects",
}

OUTCOMES: Mapping[Verdict, str] = {
    FOUND: "workspace %s: searches find %s",
    ASKED: "workspace %s: searches find %s only if they ask for them; further searches do",
    MISSING: "workspace %s: searches leave out %s, which lists contain; these are read by lists",
}
UNKNOWN = "workspace %s: no %s are known yet that show whether searches find them%s"
IN_NO_LIST: Mapping[Kind, str] = {PRIVATE_KIND: "; those without tag and listed assignee may be missing"}
"""Which tasks of a kind are in no list, which would be read in place of searches."""

logger = logging.getLogger(__name__)


def compare_search(context: TraversalContext, prior: PriorSync) -> None:
    """Compare the kinds of tasks that were never compared in a workspace; keep and log the outcomes.

    What searches leave out is read as a whole if the last read of a stream relied on them: all streams, also those that
    this run leaves out, follow from one comparison.
    """
    reach = context.reach
    before = {kind: reach.verdict(kind) for kind in SEARCH_KINDS}
    kinds = [kind for kind, verdict in before.items() if verdict is None]
    if not kinds:
        return
    # Archived projects are listed as long as nothing is known of them, but earlier versions of the tap did not.
    risky: set[Kind] = {*SEARCH_KINDS} if not reach.was_compared else {SUBTASK_KIND, PRIVATE_KIND}
    _Comparison(context, is_first_read=prior.is_first_read).run(kinds)
    if prior.have_searched and any(reach.verdict(kind) in {ASKED, MISSING} for kind in risky.intersection(kinds)):
        reach.demand_whole_read()


class _Comparison:
    """One comparison in a workspace, with requests for the first pages of a few lists and for a few searches.

    Later runs look through other lists, until the kinds of tasks are found.
    """

    def __init__(self, context: TraversalContext, *, is_first_read: bool) -> None:
        self._context = context
        self._latest = to_milliseconds(context.window.until) - MIN_AGE_MS
        self._is_first_read = is_first_read
        self._max_lists = MAX_LISTS if is_first_read else MAX_LISTS_OF_INCREMENT
        archived = archived_projects(context)
        self._archived = {project.gid for project in archived}
        # An index that is late finds the tasks of a project archived a minute ago, which changes none of them.
        self._long_archived = {project.gid for project in archived if self._is_settled(project.attributes)}
        self._samples = Samples(context)

    def run(self, kinds: Sequence[Kind]) -> None:
        reach, gid = self._context.reach, self._context.workspace.gid
        samples_of = {
            ARCHIVED_KIND: self._archived_tasks,
            SUBTASK_KIND: self._subtasks,
            PRIVATE_KIND: self._private_tasks,
        }
        found = set[Kind]() if reach.was_compared else self._kinds_found(kinds)
        reach.begin()
        for kind in kinds:
            verdict = FOUND if kind in found else self._verdict(kind, samples_of[kind]())
            if verdict is not None:
                reach.record(kind, verdict)
                logger.log(logging.INFO if verdict == FOUND else logging.WARNING, OUTCOMES[verdict], gid, NAMES[kind])
            elif kind != ARCHIVED_KIND or self._archived:
                logger.info(UNKNOWN, gid, NAMES[kind], IN_NO_LIST.get(kind, ""))

    def _kinds_found(self, kinds: Iterable[Kind]) -> set[Kind]:
        """Return the kinds among the oldest tasks that searches find and, if one is not, the newest ones."""
        before = {"created_at.before": from_milliseconds(self._latest)}
        wanted = {kind for kind in kinds if kind != ARCHIVED_KIND or self._long_archived}
        tasks, found = list[Record](), set[Kind]()
        for ascending in ("true", "false"):
            if not wanted <= found:
                pages = self._samples.search_pages([self._samples.search(before, ascending=ascending)])
                tasks += (task for page in pages for task in page.records if self._is_old(task))
                found = self._kinds_among(tasks)
        if ARCHIVED_KIND in wanted & found and not self._are_still_archived(tasks):
            found.discard(ARCHIVED_KIND)
        return found

    def _kinds_among(self, tasks: Sequence[Record]) -> set[Kind]:
        private = [task for task in tasks if _is_private(task)]
        assignees = {nested_object(task, "assignee").get("gid") for task in private}
        proofs: Mapping[Kind, bool] = {
            ARCHIVED_KIND: any(map(self._is_archived, tasks)),
            SUBTASK_KIND: any(task.get("parent") for task in tasks),
            PRIVATE_KIND: len(assignees) >= MIN_PEOPLE,
        }
        return {kind for kind, is_proven in proofs.items() if is_proven}

    def _verdict(self, kind: Kind, samples: Sequence[Record]) -> Verdict | None:
        """Return whether searches find all samples; None if that is unknown."""
        fits = {ARCHIVED_KIND: self._is_archived, SUBTASK_KIND: _is_bare_subtask, PRIVATE_KIND: _is_private}[kind]
        outcomes = self._samples.found(samples, fits=fits)
        found = [task for task, outcome in zip(samples, outcomes, strict=True) if outcome]
        if False not in outcomes:
            if kind == ARCHIVED_KIND and not self._are_still_archived(found):
                return None
            needed = MIN_PEOPLE if kind == PRIVATE_KIND else 1  # each of these tasks is somebody else's
            return FOUND if len(found) >= needed else None
        return ASKED if kind == SUBTASK_KIND and {*self._samples.found(samples, ONLY_SUBTASKS)} == {True} else MISSING

    def _archived_tasks(self) -> list[Record]:
        """Return a task of each of a few archived projects, which is in no other project."""
        projects = [project for project in self._parents("project") if project.gid in self._long_archived]
        pages = self._lists("project", self._turn(projects))
        tasks = (self._first(page, self._is_archived) for page in pages)
        return [*islice(filter(None, tasks), MAX_SAMPLES)]

    def _is_archived(self, task: Record) -> bool:
        gids = _project_gids(task)
        return _is_top_level(task) and bool(gids) and self._long_archived.issuperset(gids)

    def _are_still_archived(self, found: Iterable[Record]) -> bool:
        """Return whether the projects of a found task are archived even now: somebody may have restored some others."""
        few = sorted(dict.fromkeys(map(_project_gids, filter(self._is_archived, found))), key=len)[:MAX_SAMPLES]
        return any(all(is_still_archived(self._context, gid) for gid in gids) for gids in few)

    def _subtasks(self) -> list[Record]:
        """Return a subtask below each of a few tasks of projects that are not archived."""
        projects = [project for project in self._parents("project") if project.gid not in self._archived]
        tasks = self._with_subtasks(self._turn(projects))
        if not tasks and self._is_first_read:
            tasks = self._with_subtasks(projects[MAX_LISTS : MAX_LISTS + MAX_FURTHER_LISTS])
        pages = self._samples.pages(self._samples.request(SUBTASKS_PATH, task["gid"]) for task in tasks)
        subtasks = (self._first(page, _is_bare_subtask) for page in pages)
        return [*filter(None, subtasks)]

    def _with_subtasks(self, projects: Iterable[Parent]) -> list[Record]:
        """Return tasks of these projects that have subtasks, or at least may have some."""
        tasks = with_subtasks(self._lists("project", projects))
        return [*filter(_is_top_level, tasks)][:MAX_SAMPLES]

    def _private_tasks(self) -> list[Record]:
        """Return a task outside of all projects of each of a few people, if several have one."""
        people = self._parents("user")
        pages = self._lists("user", self._turn(people)) if len(people) >= MIN_PEOPLE else []
        samples = [*islice(filter(None, (self._first(page, _is_private) for page in pages)), MAX_SAMPLES)]
        return samples if len(samples) >= MIN_PEOPLE else []

    def _first(self, page: Page, fits: Callable[[Record], bool]) -> Record | None:
        """Return the first task of a page that fits and is old enough."""
        return next((task for task in page.records if self._is_old(task) and fits(task)), None)

    def _is_old(self, task: Record) -> bool:
        """Return whether the index knows a task as it is: a late one may find it as it was, but show it as it is."""
        return _is_before(task.get("created_at"), self._latest) and self._is_settled(task)

    def _is_settled(self, changed: Mapping[str, object]) -> bool:
        return is_settled(changed, self._context.window.until)

    def _parents(self, kind: str) -> list[Parent]:
        return self._context.directory.parents(kind, self._context.workspace)

    def _lists(self, kind: str, parents: Iterable[Parent]) -> list[Page]:
        return self._samples.pages(self._samples.request(TASK_LISTS[kind], parent.gid) for parent in parents)

    def _turn(self, parents: Sequence[Parent]) -> list[Parent]:
        return turn(parents, self._context.window.run, self._max_lists)


def _is_before(instant: object, milliseconds: int) -> bool:
    return is_timestamp(instant) and to_milliseconds(str(instant)) < milliseconds


def _is_bare_subtask(task: Record) -> bool:
    """Return whether a task is a subtask, as far as its fields show it, and in no project."""
    return not _projects(task) and task.get("parent", {}) is not None


def _is_private(task: Record) -> bool:
    return _is_top_level(task) and not _projects(task)


def _is_top_level(task: Record) -> bool:
    return "parent" in task and task["parent"] is None


def _project_gids(task: Record) -> tuple[str, ...]:
    return tuple(sorted({project["gid"] for project in _projects(task)}))


def _projects(task: Record) -> list[Record]:
    projects = task.get("projects")
    return rows_with_gid(projects)[0] if isinstance(projects, list) else [{"gid": ""}]
