"""Tasks of a few projects and people, from which those of all are estimated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import stdev
from typing import Any

from tap_asana.api.protocol import Record
from tap_asana.api.request import Page, Request
from tap_asana.commands.check.budget import RequestBudget
from tap_asana.parents.directory import ParentDirectory
from tap_asana.parents.kinds import Parent, Workspace, spread
from tap_asana.tasks.by_search import BUDGET, MAX_SEARCH_TASKS, PATH
from tap_asana.tasks.list_scope import TASK_LISTS
from tap_asana.tasks.project_counts import count_ask, count_of

PROJECTS, USERS = 16, 6
"""How many of each are looked into at the most."""

KEPT = 3
"""One in so many of the requests for projects is kept for those with more than one page: a second one counts them."""

FIELDS = ("num_subtasks", "actual_time_minutes", "projects", "parent")
DEEPEST = 0.9
"""Subtasks of a subtask on the average, at the most: with one or more each, there would be no end of them."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What was seen: of so many `projects` and `users`, means for each of them and shares of their tasks.

    `own` are the tasks that a project has for itself: one in two projects counts half in each. `lone` are those of a
    user that are in no project. `parents` is the share of tasks with subtasks, `subtasks` the mean number of subtasks
    below a task at any depth, `timed` the share with time tracked, `attached` the share with attachments. Errors are
    the standard errors of the means, none where all were looked into.
    """

    projects: int = 0
    users: int = 0
    tasks_per_project: float = 0.0
    own_error: float = 0.0
    project_pages: float = 1.0
    projectless_per_user: float = 0.0
    lone_error: float = 0.0
    user_pages: float = 1.0
    parents: float = 0.0
    subtasks: float = 0.0
    timed: float = 0.0
    attached: float = 1.0
    cut: bool = False


@dataclass(frozen=True, slots=True)
class _Seen:
    """A list of tasks: its first page, and how many tasks it holds; `cut` where more than are known."""

    tasks: list[Record]
    number: int
    cut: bool = False

    def scaled(self, seen: float) -> float:
        """Return what of the whole list is like something seen on its first page."""
        return seen * self.number / max(1, len(self.tasks))


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Some lists of so many."""

    lists: list[_Seen]
    of: int

    def mean(self, part: Callable[[Record], float]) -> tuple[float, float]:
        """Return the mean over the lists of a sum over their tasks, and its standard error."""
        sums = [seen.scaled(sum(map(part, seen.tasks))) for seen in self.lists]
        mean = _mean(sums)
        if len(sums) == self.of or not sums:
            return mean, 0.0
        # One list tells nothing of how they differ.
        deviation = stdev(sums) if len(sums) > 1 else mean
        return mean, deviation * sqrt((1 - len(sums) / self.of) / len(sums))

    @property
    def pages(self) -> float:
        """Return the mean number of pages."""
        return _mean((float(max(1, -(-seen.number // MAX_SEARCH_TASKS))) for seen in self.lists), 1.0)


def take_sample(
    workspace: Workspace,
    directory: ParentDirectory,
    budget: RequestBudget,
    allowance: int,
    listed: Mapping[str, Sequence[Parent]],
    *,
    search: bool,
) -> Sample:
    """Look into a few projects and users, evenly over their gids and so over their ages."""
    projects, users = listed["project"], listed["user"]
    floor = budget.left - allowance
    some_users = spread(users, min(USERS, allowance // 4))
    for_projects = allowance - len(some_users) - 1
    some = spread(projects, min(PROJECTS, for_projects - for_projects // KEPT))
    of_users = [_seen(budget.fetch(_ask(directory, "user", user.gid, workspace))) for user in some_users]
    firsts = {project.gid: _seen(budget.fetch(_ask(directory, "project", project.gid, workspace))) for project in some}
    in_projects = [
        _counted(workspace, directory, budget, gid, seen) if seen.cut and budget.left > floor + 1 else seen
        for gid, seen in firsts.items()
    ]
    attached = 1.0
    known = sum(seen.number for seen in in_projects)
    if search and known and budget.left > floor:
        attached = _attached(budget.fetch(_attachments(workspace, list(firsts))), known)
    return _summed(_Drawn(in_projects, len(projects)), _Drawn(of_users, len(users)), attached)


def _ask(directory: ParentDirectory, kind: str, gid: str, workspace: Workspace) -> Request:
    return directory.build_request("tasks", TASK_LISTS[kind], {"gid": gid}, FIELDS, workspace)


def _counted(workspace: Workspace, directory: ParentDirectory, budget: RequestBudget, gid: str, seen: _Seen) -> _Seen:
    """Have Asana count the tasks of a project that has more than one page."""
    number = count_of(budget.fetch(count_ask(directory, gid, workspace)).records)
    return _Seen(seen.tasks, number) if number is not None and number >= seen.number else seen


def _seen(page: Page) -> _Seen:
    return _Seen(page.records, len(page.records), page.next_request is not None)


def _attachments(workspace: Workspace, projects: Sequence[str]) -> Request:
    filters = {"projects.any": ",".join(projects), "has_attachment": "true"}
    params = {**filters, "opt_fields": "modified_at", "limit": f"{MAX_SEARCH_TASKS}"}
    return Request(
        "attachments", PATH.format(workspace_gid=workspace.gid), params, workspace=workspace.gid, budget=BUDGET
    )


def _attached(page: Page, tasks: int) -> float:
    """Return the share of tasks with attachments; all of them where the answer is full, and so does not tell."""
    full = page.unavailable is not None or len(page.records) >= MAX_SEARCH_TASKS
    return 1.0 if full else min(1.0, len(page.records) / tasks)


def _summed(in_projects: _Drawn, of_users: _Drawn, attached: float) -> Sample:
    lists = [*in_projects.lists, *of_users.lists]
    found = {task["gid"]: task for seen in lists for task in seen.tasks}.values()
    deeper = min(DEEPEST, _mean(_children(task) for task in found if task.get("parent")))
    own, lone = in_projects.mean(_own_part), of_users.mean(_is_lone)
    return Sample(
        len(in_projects.lists),
        len(of_users.lists),
        *own,
        in_projects.pages,
        *lone,
        of_users.pages,
        parents=_mean(1.0 if _children(task) else 0.0 for task in found),
        subtasks=_mean(_children(task) for task in found if not task.get("parent")) / (1.0 - deeper),
        timed=_mean(1.0 if task.get("actual_time_minutes") else 0.0 for task in found),
        attached=attached,
        cut=any(seen.cut for seen in lists),
    )


def _own_part(task: Mapping[str, Any]) -> float:
    """Return what a project adds to the number of tasks by one of its own; nothing for one that is a subtask too."""
    return 0.0 if task.get("parent") else 1.0 / max(1, len(task.get("projects") or ()))


def _is_lone(task: Mapping[str, Any]) -> float:
    return 0.0 if task.get("parent") or task.get("projects") else 1.0


def _children(task: Mapping[str, Any]) -> float:
    return float(task.get("num_subtasks") or 0)


def _mean(values: Iterable[float], otherwise: float = 0.0) -> float:
    found = list(values)
    return sum(found) / len(found) if found else otherwise
