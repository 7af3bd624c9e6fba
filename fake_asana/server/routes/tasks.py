"""Operations that list tasks, each by exactly one of the things that hold tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_asana.messages import ApiError
from fake_asana.model.gids import order
from fake_asana.model.tasks import TASK, Task
from fake_asana.server.call import Call, Route
from fake_asana.server.paging import Listing

if TYPE_CHECKING:
    from collections.abc import Callable

EXACTLY_ONE = "Must specify exactly one of project, tag, section, user task list, or assignee + workspace"
HOLDERS = ("project", "tag", "section", "user_task_list")


def keeper(call: Call, *, modified: bool) -> Callable[[Task], bool] | None:
    """Which tasks the query's clocks let through; `modified_since` counts only where it is documented."""
    since = call.since("modified_since") if modified else None
    completed = call.since("completed_since")
    if since is None and completed is None:
        return None

    def keep(task: Task) -> bool:
        if since is not None and task.modified < since:
            return False
        return completed is None or task.completed is None or task.completed >= completed

    return keep


def tasks(call: Call) -> Listing:
    """The tasks of one holder, with both clocks."""
    named = [holder for holder in HOLDERS if holder in call.query]
    if "assignee" in call.query:
        named.append("assignee")
    if len(named) != 1 or ("assignee" in named) != ("workspace" in call.query):
        raise ApiError(400, EXACTLY_ONE)
    return LISTS[named[0]](call, call.query[named[0]], modified=True)


def dragged(call: Call, holder: str, rows: list[Task], keep: Callable[[Task], bool] | None = None) -> Listing:
    """Tasks in the order of their gids, but for those that people dragged to another place of that list."""
    ranks = call.world.ranks.get(holder, {})

    def place(task: Task) -> tuple[int, int]:
        return ranks.get(task.gid, 0), order(task.gid)

    return Listing(sorted(rows, key=place), place, keep)


def of_project(call: Call, gid: str, *, modified: bool) -> Listing:
    """The tasks of a project as they lie in it: not by time, and without subtasks that were not added."""
    project = call.project(gid)
    return Listing(project.ordered(), project.place, keeper(call, modified=modified))


def of_section(call: Call, gid: str, *, modified: bool) -> Listing:
    """The tasks of a section."""
    section = call.find("section", call.world.sections, gid)
    project = section.project
    rows = [task for task in project.ordered() if section in task.sections]
    return Listing(rows, project.place, keeper(call, modified=modified))


def of_tag(call: Call, gid: str, *, modified: bool) -> Listing:
    """The tasks that carry a tag."""
    tag = call.find("tag", call.world.tags, gid)
    return dragged(call, gid, list(tag.tasks.values()), keeper(call, modified=modified))


def of_assignee(call: Call, gid: str, *, modified: bool) -> Listing:
    """What is somebody's in a workspace: in projects or not, subtasks too."""
    user, workspace = call.user(gid), call.workspace()
    rows = [task for task in user.assigned.values() if task.workspace is workspace]
    return dragged(call, gid, rows, keeper(call, modified=modified))


def of_list(call: Call, gid: str, *, modified: bool) -> Listing:
    """What lies in somebody's own task list: all that is theirs in its workspace."""
    for workspace in (call.world.workspaces[found] for found in call.viewer.workspaces):
        for member in workspace.members.values():
            if member.list_gid == gid:
                rows = [task for task in member.user.assigned.values() if task.workspace is workspace]
                return dragged(call, member.user.gid, rows, keeper(call, modified=modified))
    raise ApiError(404, f"user_task_list: Unknown object: {gid}")


def subtasks(call: Call) -> Listing:
    """The direct children of a task; no clock filters them."""
    parent = call.task(call.params["task_gid"])
    return dragged(call, parent.gid, list((parent.subtasks or {}).values()))


LISTS = {
    "project": of_project,
    "section": of_section,
    "tag": of_tag,
    "user_task_list": of_list,
    "assignee": of_assignee,
}


def under(holder: str) -> Callable[[Call], Listing]:
    """The tasks under a holder in the path, where `modified_since` is not known and so passed over."""

    def answer(call: Call) -> Listing:
        return LISTS[holder](call, call.params[f"{holder}_gid"], modified=False)

    return answer


ROUTES = (
    Route("GET /tasks", TASK, tasks),
    Route("GET /tasks/{task_gid}", TASK, lambda c: c.task(c.params["task_gid"]), "one"),
    Route("GET /projects/{project_gid}/tasks", TASK, under("project")),
    Route("GET /sections/{section_gid}/tasks", TASK, under("section")),
    Route("GET /tags/{tag_gid}/tasks", TASK, under("tag")),
    Route("GET /user_task_lists/{user_task_list_gid}/tasks", TASK, under("user_task_list")),
    Route("GET /tasks/{task_gid}/subtasks", TASK, subtasks),
)
