"""Sample the tasks of some projects and users, to estimate the tasks of a workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tap_asana.api.decoding import Record
from tap_asana.api.request import Page, Request
from tap_asana.commands.check.probe import RequestBudget, WorkspaceProbe
from tap_asana.limits import Limits
from tap_asana.parents.directory import ParentDirectory
from tap_asana.parents.kinds import Workspace, evenly_spaced
from tap_asana.tasks.by_search import BUDGET, PATH
from tap_asana.tasks.project_counts import count_request, task_count
from tap_asana.tasks.task_lists import TASK_LISTS

MAX_SAMPLED_PROJECTS, MAX_SAMPLED_USERS = 16, 6
"""Projects and users sampled in a workspace."""

PROJECTS_PER_COUNT = 3
"""One in this many project requests is kept back to count the tasks of projects with several pages."""

SAMPLE_FIELDS = ("num_subtasks", "actual_time_minutes", "projects", "parent")

MAX_NESTED_SUBTASKS = 0.9
"""Limit of the mean number of subtasks per subtask: from 1 on, the sum over all depths is infinite."""


@dataclass(frozen=True, slots=True)
class TaskSample:
    """Means over the sampled lists and shares of their tasks.

    `tasks_per_project` counts a task in n projects as 1/n in each. `projectless_per_user` counts a user's tasks outside
    any project. `subtasks_per_task` is the mean number of subtasks at any depth below a top-level task.
    `with_subtasks`, `with_time` and `with_attachments` are shares between 0 and 1. `truncated`: the check could not
    count a list to its end.
    """

    projects: int = 0
    users: int = 0
    tasks_per_project: float = 0.0
    projectless_per_user: float = 0.0
    pages_per_project: float = 1.0
    pages_per_user: float = 1.0
    subtasks_per_task: float = 0.0
    with_subtasks: float = 0.0
    with_time: float = 0.0
    with_attachments: float = 1.0
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Survey:
    """All that a check learned about a workspace."""

    probe: WorkspaceProbe
    sample: TaskSample

    @property
    def top_level_tasks(self) -> float:
        """Return the estimated number of top-level tasks."""
        in_projects = self.probe.count("project") * self.sample.tasks_per_project
        return in_projects + self.probe.count("user") * self.sample.projectless_per_user

    @property
    def tasks(self) -> float:
        """Return the estimated number of tasks, subtasks included."""
        return self.top_level_tasks * (1.0 + self.sample.subtasks_per_task)

    @property
    def truncated(self) -> bool:
        """Return whether something was longer than the check could count."""
        return self.probe.truncated or self.sample.truncated


@dataclass(frozen=True, slots=True)
class _TaskList:
    """The first page of a list of tasks, and the number of tasks in the whole list as far as it is known."""

    first_page: list[Record]
    total: int
    truncated: bool = False

    def extrapolate(self, weight: Callable[[Record], float]) -> float:
        """Sum the weights of the tasks on the first page, scaled up to the whole list."""
        return sum(map(weight, self.first_page)) * self.total / max(1, len(self.first_page))

    @property
    def pages(self) -> float:
        """Return the number of pages of the whole list."""
        return float(max(1, -(-self.total // Limits.max_search_tasks)))


def survey_tasks(probes: Sequence[WorkspaceProbe], directory: ParentDirectory, budget: RequestBudget) -> list[Survey]:
    """Sample each probed workspace, the remaining requests being shared in proportion to the projects."""
    weights = [1 + probe.count("project") for probe in probes]
    surveys = []
    for index, probe in enumerate(probes):
        allowance = budget.remaining * weights[index] // sum(weights[index:])
        surveys.append(Survey(probe, _sample(probe, directory, budget, allowance)))
    return surveys


def _sample(probe: WorkspaceProbe, directory: ParentDirectory, budget: RequestBudget, allowance: int) -> TaskSample:
    """Read a few task lists; they are spread evenly over the gids, and therefore over the age of their parents."""
    workspace, reserve = probe.workspace, budget.remaining - allowance
    users = evenly_spaced(probe.lists["user"].parents, min(MAX_SAMPLED_USERS, allowance // 4))
    for_projects = allowance - len(users) - 1
    projects = evenly_spaced(
        probe.lists["project"].parents, min(MAX_SAMPLED_PROJECTS, for_projects - for_projects // PROJECTS_PER_COUNT)
    )
    of_users = [_task_list(budget.fetch(_task_list_request(directory, "user", user.gid, workspace))) for user in users]
    of_projects = [
        _task_list(budget.fetch(_task_list_request(directory, "project", project.gid, workspace)))
        for project in projects
    ]
    for index, project in enumerate(projects):
        if of_projects[index].truncated and budget.remaining > reserve + 1:
            page = budget.fetch(count_request(directory, project.gid, workspace))
            of_projects[index] = _counted(of_projects[index], page)
    with_attachments = 1.0
    known_tasks = sum(tasks.total for tasks in of_projects)
    if probe.has("search") and known_tasks and budget.remaining > reserve:
        page = budget.fetch(_attachment_search(workspace, [project.gid for project in projects]))
        with_attachments = _attachment_share(page, known_tasks)
    return _summarize(of_projects, of_users, with_attachments)


def _task_list_request(directory: ParentDirectory, kind: str, gid: str, workspace: Workspace) -> Request:
    return directory.build_request("tasks", TASK_LISTS[kind], {"gid": gid}, SAMPLE_FIELDS, workspace)


def _task_list(page: Page) -> _TaskList:
    return _TaskList(page.records, len(page.records), page.next_request is not None)


def _counted(tasks: _TaskList, count_page: Page) -> _TaskList:
    """Return a project's list with the total that Asana counted, if the answer holds a plausible one."""
    total = task_count(count_page.records)
    return _TaskList(tasks.first_page, total) if total is not None and total >= tasks.total else tasks


def _attachment_search(workspace: Workspace, projects: Sequence[str]) -> Request:
    filters = {"projects.any": ",".join(projects), "has_attachment": "true"}
    params = {**filters, "opt_fields": "modified_at", "limit": f"{Limits.max_search_tasks}"}
    return Request(
        "attachments", PATH.format(workspace_gid=workspace.gid), params, workspace=workspace.gid, endpoint_limit=BUDGET
    )


def _attachment_share(page: Page, tasks: int) -> float:
    """Return the share of tasks with attachments; 1 if the answer is full, because then the number is unknown."""
    full = page.unavailable is not None or len(page.records) >= Limits.max_search_tasks
    return 1.0 if full else min(1.0, len(page.records) / tasks)


def _summarize(of_projects: Sequence[_TaskList], of_users: Sequence[_TaskList], with_attachments: float) -> TaskSample:
    lists = [*of_projects, *of_users]
    tasks = {task["gid"]: task for tasks in lists for task in tasks.first_page}.values()
    per_subtask = min(MAX_NESTED_SUBTASKS, _mean(_subtasks(task) for task in tasks if task.get("parent")))
    per_top_level = _mean(_subtasks(task) for task in tasks if not task.get("parent"))
    return TaskSample(
        projects=len(of_projects),
        users=len(of_users),
        tasks_per_project=_mean(tasks.extrapolate(_project_share) for tasks in of_projects),
        projectless_per_user=_mean(tasks.extrapolate(_is_projectless) for tasks in of_users),
        pages_per_project=_mean((tasks.pages for tasks in of_projects), default=1.0),
        pages_per_user=_mean((tasks.pages for tasks in of_users), default=1.0),
        subtasks_per_task=per_top_level / (1.0 - per_subtask),
        with_subtasks=_mean(1.0 if _subtasks(task) else 0.0 for task in tasks),
        with_time=_mean(1.0 if task.get("actual_time_minutes") else 0.0 for task in tasks),
        with_attachments=with_attachments,
        truncated=any(tasks.truncated for tasks in lists),
    )


def _project_share(task: Mapping[str, Any]) -> float:
    """Return the part of a task that counts for each of its projects: 1/n in n projects, and 0 for a subtask."""
    return 0.0 if task.get("parent") else 1.0 / max(1, len(task.get("projects") or ()))


def _is_projectless(task: Mapping[str, Any]) -> float:
    return 0.0 if task.get("parent") or task.get("projects") else 1.0


def _subtasks(task: Mapping[str, Any]) -> float:
    return float(task.get("num_subtasks") or 0)


def _mean(values: Iterable[float], default: float = 0.0) -> float:
    numbers = list(values)
    return sum(numbers) / len(numbers) if numbers else default
