"""Some subtasks of a workspace, by which its exports are compared with lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tap_asana.api.decoding import Record
from tap_asana.api.request import Page
from tap_asana.state.search_reach import PRIVATE_KIND, SUBTASK_KIND
from tap_asana.state.shape import Kind
from tap_asana.tasks.by_search import SUBTASKS_PATH
from tap_asana.tasks.context import TraversalContext
from tap_asana.tasks.events import KIND_FIELDS
from tap_asana.tasks.samples import Samples, turn
from tap_asana.tasks.task_lists import TASK_LISTS

MAX_PARENTS, MAX_UNSURE_PARENTS = 5, 20
"""Tasks whose subtasks are requested: those that have some, or if Asana names no number, those that may have some."""

UNKNOWN_SUBTASKS = (
    "workspace %s: no subtasks are known yet that show whether exports contain them; those of tasks without project, "
    "and those in lists that Asana refuses, may be missing"
)


def sample_subtasks(context: TraversalContext, max_lists: int) -> list[Record]:
    """Return the subtasks in the first pages of some lists, and those below a few tasks in them without own projects.

    The next run looks through other lists.
    """
    samples, directory, workspace = Samples(context), context.directory, context.workspace
    requests = [
        samples.request(path, parent.gid)
        for kind, path in TASK_LISTS.items()
        for parent in turn(directory.parents(kind, workspace), context.window.run, max_lists)
    ]
    pages = samples.pages(requests)
    tasks = with_subtasks(pages)
    sure = [task for task in tasks if task.get("num_subtasks") is not None]
    below = subtask_pages(context, (task["gid"] for task in sure[:MAX_PARENTS] or tasks[:MAX_UNSURE_PARENTS]))
    placed = [task for page in (*pages, *below) for task in page.records if is_placed_subtask(task)]
    return [*placed, *own_subtasks(below)]


def is_placed_subtask(task: Record) -> bool:
    """Return whether a task is a subtask with a project of its own; one in a file does not show that others are in it.

    Searches may leave them out with their archived project.
    """
    return bool(task.get("parent") and task.get("projects"))


def kind_outside_projects(task: Record) -> Kind | None:
    """Return the kind of a task outside of all projects; None for other tasks."""
    if task.get("projects") != [] or "parent" not in task:
        return None
    return PRIVATE_KIND if task["parent"] is None else SUBTASK_KIND


def has_kind(task: Any, value_of: Callable[[Any, str], Any], kind: Kind | None) -> bool:  # noqa: ANN401 - of a file
    """Return whether a task of a file is outside of all projects, and has a parent if its kind is that of subtasks."""
    return not value_of(task, "projects") and bool(value_of(task, "parent")) == (kind == SUBTASK_KIND)


def own_subtasks(pages: Iterable[Page]) -> list[Record]:
    """Return the subtasks of some pages, without those in a project of their own."""
    return [subtask for page in pages for subtask in page.records if _is_own(subtask)]


def subtask_pages(context: TraversalContext, parents: Iterable[str]) -> list[Page]:
    """Return the first page of the subtasks of each task."""
    samples = Samples(context)
    return samples.pages(samples.request(SUBTASKS_PATH, gid) for gid in parents)


def _is_own(subtask: Record) -> bool:
    return subtask.get("projects") == []


class SubtasksInFile:
    """Whether the file of an export contains a subtask without a project of its own, and which of its tasks have some.

    The lists of projects and people do not lead to every task with subtasks.
    """

    def __init__(self) -> None:
        """Start without tasks."""
        self.is_shown = False
        self._sure: list[str] = []
        self._unsure: list[str] = []

    def see(self, tasks: Iterable[Any], value_of: Callable[[Any, str], Any], gid_of: Callable[[Any], str]) -> None:
        """Take tasks of the file; nothing more is looked for after the first subtask."""
        for task in tasks:
            if self.is_shown:
                return
            parent, projects, count = (value_of(task, name) for name in KIND_FIELDS)
            self.is_shown = bool(parent) and isinstance(projects, list) and not projects
            if not isinstance(count, int | float):
                self._unsure += [gid_of(task)] if len(self._unsure) < MAX_UNSURE_PARENTS else []
            elif count > 0 and len(self._sure) < MAX_PARENTS:
                self._sure.append(gid_of(task))

    @property
    def parents(self) -> Sequence[str]:
        """Return a few tasks that have subtasks; if there are none, tasks that may have some."""
        return self._sure or self._unsure


def with_subtasks(pages: Iterable[Page]) -> Sequence[Record]:
    """Return the tasks of some pages that have subtasks, and behind them those that may have some."""
    tasks = {task["gid"]: task for page in pages for task in page.records if task.get("num_subtasks") != 0}
    return sorted(tasks.values(), key=lambda task: task.get("num_subtasks") is None)
