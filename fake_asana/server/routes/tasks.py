"""Operations that list the tasks of exactly one holder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.messages import ApiError
from fake_asana.model.gids import gid_number
from fake_asana.model.tasks import TASK, Task
from fake_asana.server.call import Call, Route
from fake_asana.server.paging import Listing

if TYPE_CHECKING:
    from collections.abc import Callable

EXACTLY_ONE = "Must specify exactly one of project, tag, section, user task list, or assignee + workspace"
TASK_HOLDERS = ("project", "tag", "section", "user_task_list")


def clock_filter(call: Call, *, modified: bool) -> Callable[[Task], bool] | None:
    """Return a filter by the query's clocks; `modified_since` counts only if it is documented."""
    since = call.instant("modified_since") if modified else None
    completed = call.instant("completed_since")
    counts_moves = call.world.dialect.filter_counts_moves
    if since is None and completed is None:
        return None

    def keep(task: Task) -> bool:
        if since is not None and (max(task.modified, task.moved) if counts_moves else task.modified) < since:
            return False
        return completed is None or task.completed is None or task.completed >= completed

    return keep


def tasks(call: Call) -> Listing:
    """Return the tasks of one holder, filtered by both clocks."""
    named = [holder for holder in TASK_HOLDERS if holder in call.query]
    if "assignee" in call.query:
        named.append("assignee")
    if len(named) != 1 or ("assignee" in named) != ("workspace" in call.query):
        raise ApiError(400, EXACTLY_ONE)
    return TASK_LISTS[named[0]](call, call.query[named[0]], modified=True)


def ranked(call: Call, holder: str, rows: list[Task], keep: Callable[[Task], bool] | None = None) -> Listing:
    """Return tasks by gid, except tasks dragged to another position."""
    ranks = call.world.ranks.get(holder, {})

    def place(task: Task) -> tuple[int, int]:
        return ranks.get(task.gid, 0), gid_number(task.gid)

    return Listing(sorted(rows, key=place), place, keep)


def project_tasks(call: Call, gid: str, *, modified: bool) -> Listing:
    """Return the tasks of a project in its order, without subtasks outside the project."""
    project = call.project(gid)
    return Listing(project.ordered_tasks(), project.sort_key, clock_filter(call, modified=modified))


def section_tasks(call: Call, gid: str, *, modified: bool) -> Listing:
    """Return the tasks of a section."""
    section = call.find("section", call.world.sections, gid)
    project = section.project
    is_listed = call.world.dialect.lists_untitled_sections or section is not next(iter(project.sections.values()))
    rows = project.section_tasks(section) if is_listed else []
    return Listing(rows, project.sort_key, clock_filter(call, modified=modified))


def tag_tasks(call: Call, gid: str, *, modified: bool) -> Listing:
    """Return the tasks of a tag."""
    tag = call.find("tag", call.world.tags, gid)
    rows = [task for task in tag.tasks.values() if call.dialect.tag_lists_subtasks or task.parent is None]
    return ranked(call, gid, rows, clock_filter(call, modified=modified))


def assigned_tasks(call: Call, gid: str, *, modified: bool) -> Listing:
    """Return the tasks of a user in a workspace, including those without projects, and maybe subtasks."""
    user, workspace = call.user(gid), call.workspace()
    with_subtasks = call.dialect.assignee_lists_subtasks
    tasks_of_user = (task for task in user.assigned.values() if with_subtasks or task.parent is None)
    rows = [task for task in tasks_of_user if task.workspace is workspace]
    return ranked(call, gid, rows, clock_filter(call, modified=modified))


def my_tasks(call: Call, gid: str, *, modified: bool) -> Listing:
    """Return the tasks of a My Tasks list: all tasks of its owner in its workspace."""
    for workspace in (call.world.workspaces[workspace_gid] for workspace_gid in call.viewer.workspaces):
        for member in workspace.members.values():
            if member.list_gid == gid:
                rows = [task for task in member.user.assigned.values() if task.workspace is workspace]
                return ranked(call, member.user.gid, rows, clock_filter(call, modified=modified))
    raise ApiError(404, f"user_task_list: Unknown object: {gid}")


def subtasks(call: Call) -> Listing:
    """Return the direct subtasks of a task; clocks do not filter them."""
    parent = call.task(call.params["task_gid"])
    return ranked(call, parent.gid, list((parent.subtasks or {}).values()))


TASK_LISTS = {
    "project": project_tasks,
    "section": section_tasks,
    "tag": tag_tasks,
    "user_task_list": my_tasks,
    "assignee": assigned_tasks,
}


def list_under(holder: str) -> Callable[[Call], Listing]:
    """Return a function for the tasks of the holder in the path, which ignores `modified_since`."""

    def answer(call: Call) -> Listing:
        return TASK_LISTS[holder](call, call.params[f"{holder}_gid"], modified=False)

    return answer


TASK_ROUTES = (
    Route("GET /tasks", TASK, tasks),
    Route("GET /tasks/{task_gid}", TASK, lambda c: c.task(c.params["task_gid"]), "one"),
    Route("GET /projects/{project_gid}/tasks", TASK, list_under("project")),
    Route("GET /sections/{section_gid}/tasks", TASK, list_under("section")),
    Route("GET /tags/{tag_gid}/tasks", TASK, list_under("tag")),
    Route("GET /user_task_lists/{user_task_list_gid}/tasks", TASK, list_under("user_task_list")),
    Route("GET /tasks/{task_gid}/subtasks", TASK, subtasks),
)
