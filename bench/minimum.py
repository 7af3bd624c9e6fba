"""Calculate the minimum number of requests that a read takes, by method.

A list of n rows takes max(1, ceil(n / 100)) requests: even an empty list takes one. Each of these lists has to be read,
because no other list holds the same rows:

    workspaces      the one list
    users, tags     the list of each workspace
    teams           the list of each organization; other workspaces have no teams
    projects        the list of each workspace, which holds archived and active projects
    sections        the list of each project
    custom_fields   the library of each workspace; local fields are part of their teams and projects
    memberships     the list of each team, the list of each workspace
    attachments     the list of each project and project brief

Tasks and their children are read in each workspace by one method:

    list      the list of each project, user and tag, and the subtask list of each task with subtasks. A list with
              several pages is read twice: a row dragged meanwhile can be missing from all its pages, and no timestamp
              shows that. No other list contains tasks without a project. An incremental run
              reads them all, because a subtask changes without its parent. The list of a project or user with changed
              tasks is read once more, filtered by `modified_since`: only Asana knows what it counts as a change (law
              1). So is a list with several pages, whose first page does not show all changes. A new project is read
              completely at once
    search    one search per 100 tasks, and one per 100 tasks with attachments; in an incremental run only those that
              changed. A workspace whose plan has no search is read by list
    export    one request to start the export, one that finds it finished, and one for its file. The requests that
              compare the file with task counts are not needed to get the tasks, and do not count

Each new or changed task takes the list of its stories, the list of its attachments, and if time was tracked, the list
of its time entries. An export includes stories and attachments, and a search shows which tasks have
attachments. A list is read once for all streams that need it. With `attachment_lists: announced`, only tasks with a
story about a file, or with a picture in their description, take the list of their attachments, unless a search found
the task.

A pass over all tasks takes what a first read of tasks and their children takes. By list, it takes no task lists: an
increment reads them anyway, and they may contain all fields of the tasks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from fake_asana.model.access import PERSON, Viewer
from fake_asana.model.attachments import attachments_of_task
from fake_asana.model.people import Workspace
from fake_asana.model.projects import Project
from fake_asana.model.stories import stories_of_task
from fake_asana.model.tasks import Task
from fake_asana.world import World

PAGE = 100

CORE = (
    "GET /users",
    "GET /workspaces/{workspace_gid}/teams",
    "GET /projects",
    "GET /projects/{project_gid}/sections",
    "GET /tasks",
    "GET /tags/{tag_gid}/tasks",
    "GET /tasks/{task_gid}/subtasks",
    "GET /tasks/{task_gid}/stories",
)
"""The operations for users, teams, projects, sections, tasks and stories."""

STORIES = "GET /tasks/{task_gid}/stories"
TIME = "GET /tasks/{task_gid}/time_tracking_entries"
SEARCH = "GET /workspaces/{workspace_gid}/tasks/search"
EXPORT = ("POST /exports/resource", "GET /jobs/{job_gid}", "GET /-/download/{file}")
TASK_LISTS = ("GET /tasks", "GET /tags/{tag_gid}/tasks", "GET /tasks/{task_gid}/subtasks")
TASKS = (*TASK_LISTS, SEARCH, *EXPORT, STORIES, TIME)
"""The operations for tasks and their children, by any method."""


@dataclass(frozen=True)
class Changes:
    """The changes that an incremental run reads: tasks modified since a time in milliseconds, and new projects.

    With `only_announced`, lists of attachments are left out where nothing announces an attachment.
    """

    since: int
    projects: Collection[str] = ()
    only_announced: bool = False

    def has(self, task: Task) -> bool:
        """Return whether the task is to be read."""
        return task.modified >= self.since or any(project.gid in self.projects for project in task.projects())


def min_requests(
    world: World, token: str = PERSON, method: str = "list", changes: Changes | None = None
) -> Counter[str]:
    """Return the minimum number of requests by operation to read all that a token can see, or only the changes.

    Operations that the method does not use are included with 0.
    """
    viewer = world.access.viewers[token]
    requests = Counter(dict.fromkeys(TASKS, 0))
    requests.update(of_projects(world, [project for project in world.projects.values() if viewer.sees(project)]))
    requests.update({"GET /workspaces": pages(viewer.workspaces)})
    for workspace in (world.workspaces[gid] for gid in viewer.workspaces):
        requests.update(of_workspace(workspace))
        requests.update(_of_tasks(world, viewer, workspace, method, changes))
    return requests


def min_pass_requests(world: World, token: str, method: str) -> int:
    """Return the minimum number of requests to read all visible tasks again, with everything below them."""
    viewer = world.access.viewers[token]
    requests: Counter[str] = Counter()
    for workspace in (world.workspaces[gid] for gid in viewer.workspaces):
        of_tasks = _of_tasks(world, viewer, workspace, method, None)
        requests.update({name: count for name, count in of_tasks.items() if name not in TASK_LISTS})
    return requests.total()


def pages(rows: Iterable[object]) -> int:
    """Return the number of requests that a list of these rows takes."""
    return max(1, -(-sum(1 for _ in rows) // PAGE))


def task_list_pages(rows: Iterable[object]) -> int:
    """Return the number of requests that a list of tasks takes: a list with several pages is read twice."""
    count = pages(rows)
    return count if count == 1 else 2 * count


def of_workspace(workspace: Workspace) -> Counter[str]:
    """Count the lists of a workspace and its teams."""
    requests: Counter[str] = Counter()
    requests["GET /users"] += pages(member for member in workspace.members.values() if member.active)
    requests["GET /tags"] += pages(workspace.tags)
    requests["GET /projects"] += pages(workspace.projects)
    # A list without an archived project does not show whether it holds them at all.
    requests["GET /projects"] += not any(project.archived for project in workspace.projects.values())
    requests["GET /workspaces/{workspace_gid}/custom_fields"] += pages(workspace.custom_fields)
    requests["GET /workspaces/{workspace_gid}/workspace_memberships"] += pages(workspace.members)
    if workspace.organization:
        requests["GET /workspaces/{workspace_gid}/teams"] += pages(workspace.teams)
    for team in workspace.teams.values():
        requests["GET /teams/{team_gid}/team_memberships"] += pages(team.members)
    return requests


def of_projects(world: World, projects: list[Project]) -> Counter[str]:
    """Count the lists of sections and attachments of projects and their briefs."""
    requests: Counter[str] = Counter()
    for project in projects:
        requests["GET /projects/{project_gid}/sections"] += pages(project.sections)
        for parent in (project, project.brief):
            if parent:
                requests["GET /attachments"] += pages(world.files.get(parent.gid, ()))
    return requests


def _of_tasks(world: World, viewer: Viewer, workspace: Workspace, method: str, changes: Changes | None) -> Counter[str]:
    """Count the requests for the tasks of a workspace, and for the children of the tasks to be read."""
    tasks = [task for task in world.tasks.values() if task.workspace is workspace and viewer.sees(task)]
    selected = [task for task in tasks if changes is None or changes.has(task)]
    if method == "export":
        return Counter(dict.fromkeys(EXPORT, 1)) + Counter({TIME: sum(1 for task in selected if task.tracked_minutes)})
    if method == "search" and "search" not in workspace.missing_features:
        return _by_search(selected, changes)
    projects = [each for each in world.projects.values() if each.workspace is workspace and viewer.sees(each)]
    attached = [task for task in selected if not (changes and changes.only_announced) or announces(task)]
    return _by_lists(workspace, projects, tasks, changes) + child_lists(selected, attached)


def announces(task: Task) -> bool:
    """Return whether a story about a file, or a picture in the description, announces an attachment of a task."""
    return task.picture is not None or any("attachment" in story.subtype for story in stories_of_task(task))


def _by_search(selected: Sequence[Task], changes: Changes | None) -> Counter[str]:
    """Count the requests for tasks that searches find; those of new projects are older than the changes."""
    attached = [
        task
        for task in selected
        if attachments_of_task(task)
        and (changes is None or not changes.only_announced or task.modified >= changes.since or announces(task))
    ]
    searches = pages(selected) + (pages(attached) if selected else 0)
    return Counter({SEARCH: searches}) + child_lists(selected, attached)


def _by_lists(
    workspace: Workspace, projects: Iterable[Project], tasks: Iterable[Task], changes: Changes | None
) -> Counter[str]:
    requests: Counter[str] = Counter()
    for project in projects:
        requests["GET /tasks"] += task_list_pages(project.tasks)
        if changes and project.gid not in changes.projects:
            requests["GET /tasks"] += _pages_of_changes(project.tasks.values(), changes)
    for user in (member.user for member in workspace.members.values() if member.active):
        assigned = [task for task in user.assigned.values() if task.workspace is workspace]
        requests["GET /tasks"] += task_list_pages(assigned)
        if changes:
            requests["GET /tasks"] += _pages_of_changes(assigned, changes)
    for tag in workspace.tags.values():
        requests["GET /tags/{tag_gid}/tasks"] += task_list_pages(tag.tasks)
    for task in tasks:
        if task.subtasks:
            requests["GET /tasks/{task_gid}/subtasks"] += task_list_pages(task.subtasks)
    return requests


def _pages_of_changes(tasks: Collection[Task], changes: Changes) -> int:
    """Return the number of requests for the changes of a list; a short list without changes takes none."""
    changed = [task for task in tasks if task.modified >= changes.since]
    return task_list_pages(changed) if changed or len(tasks) > PAGE else 0


def child_lists(tasks: Iterable[Task], attached: Iterable[Task]) -> Counter[str]:
    """Count the child lists of tasks; `attached` are the tasks whose attachments are listed."""
    requests: Counter[str] = Counter()
    for task in tasks:
        requests[STORIES] += pages(stories_of_task(task))
        requests[TIME] += 1 if task.tracked_minutes else 0
    for task in attached:
        requests["GET /attachments"] += pages(attachments_of_task(task))
    return requests
