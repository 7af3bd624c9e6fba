"""The least number of requests that a read can do with, by method.

A list of n rows takes max(1, ceil(n / 100)) requests: an empty one has to be looked at too. Every list that may hold
what no other list does has to be read:

    workspaces      the one list
    users, tags     the list of each workspace
    teams           the list of each organization; no other workspace has teams
    projects        the list of each workspace, archived and active ones in one
    sections        the list of each project
    custom_fields   the library of each workspace; local fields come with their teams and projects
    memberships     the list of each team, the list of each workspace
    attachments     the list of each project and project brief

Tasks, and what hangs from them, are read in each workspace by one method:

    list      the list of each project, of each user and of each tag; under each task that has subtasks, the list of
              those. Each of these that has several pages is listed once more: what people drag while it is read is on
              none of its pages, and no clock tells of it. Nothing else reaches tasks that are in no project. An
              increment takes one list more of each project and user: the one that `modified_since` filters. A subtask
              changes without its parent, which that filter hides, so the whole lists and those under parents stay; a
              new project is read whole, at once
    search    one search for 100 tasks, and one for 100 tasks that have attachments; in an increment only those that
              changed. A workspace whose plan lacks search is read by list
    export    one request that starts the export, one that finds it done, and one for its file; the counts that the
              file is compared with are not needed to bring tasks, and not counted

Under each task that is new or has changed hang the list of its stories, that of its attachments and, where time was
tracked on it, that of its time entries. An export holds stories and attachments itself, a search tells which tasks have
attachments. A list serves every stream that needs it, so that nothing is asked twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from fake_asana.model import attachments, stories
from fake_asana.model.access import PERSON, Viewer
from fake_asana.model.people import Workspace
from fake_asana.model.projects import Project
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
"""The operations behind users, teams, projects, sections, tasks and stories."""

STORIES = "GET /tasks/{task_gid}/stories"
TIME = "GET /tasks/{task_gid}/time_tracking_entries"
SEARCH = "GET /workspaces/{workspace_gid}/tasks/search"
EXPORT = ("POST /exports/resource", "GET /jobs/{job_gid}", "GET /-/download/{file}")
TASKS = ("GET /tasks", "GET /tags/{tag_gid}/tasks", "GET /tasks/{task_gid}/subtasks", SEARCH, *EXPORT, STORIES, TIME)
"""The operations that bring tasks, or what hangs from them, by whatever method."""


@dataclass(frozen=True)
class News:
    """What an increment finds: since which instant, in milliseconds, tasks count as changed; and the new projects."""

    since: int
    projects: Collection[str] = ()

    def has(self, task: Task) -> bool:
        """Tell whether a task has to be read."""
        return task.modified >= self.since or any(project.gid in self.projects for project in task.projects())


def least(world: World, token: str = PERSON, method: str = "list", news: News | None = None) -> Counter[str]:
    """Return the least number of requests by operation for all that the token sees, or for what is new of it.

    Operations that the method does without are there with 0.
    """
    viewer = world.access.viewers[token]
    found = Counter(dict.fromkeys(TASKS, 0))
    found.update(of_projects(world, [project for project in world.projects.values() if viewer.sees(project)]))
    found.update({"GET /workspaces": pages(viewer.workspaces)})
    for workspace in (world.workspaces[gid] for gid in viewer.workspaces):
        found.update(of_workspace(workspace))
        found.update(_of_tasks(world, viewer, workspace, method, news))
    return found


def pages(rows: Iterable[object]) -> int:
    """Return how many requests a list of these rows takes."""
    return max(1, -(-sum(1 for _ in rows) // PAGE))


def twice(rows: Iterable[object]) -> int:
    """Return how many requests a list of tasks takes: one of several pages is listed once more."""
    count = pages(rows)
    return count if count == 1 else 2 * count


def of_workspace(workspace: Workspace) -> Counter[str]:
    """Count the lists of a workspace and its teams."""
    found: Counter[str] = Counter()
    found["GET /users"] += pages(member for member in workspace.members.values() if member.active)
    found["GET /tags"] += pages(workspace.tags)
    found["GET /projects"] += pages(workspace.projects)
    found["GET /workspaces/{workspace_gid}/custom_fields"] += pages(workspace.custom_fields)
    found["GET /workspaces/{workspace_gid}/workspace_memberships"] += pages(workspace.members)
    if workspace.organization:
        found["GET /workspaces/{workspace_gid}/teams"] += pages(workspace.teams)
    for team in workspace.teams.values():
        found["GET /teams/{team_gid}/team_memberships"] += pages(team.members)
    return found


def of_projects(world: World, projects: list[Project]) -> Counter[str]:
    """Count the lists of what is in projects, but for their tasks, or hangs from them."""
    found: Counter[str] = Counter()
    for project in projects:
        found["GET /projects/{project_gid}/sections"] += pages(project.sections)
        for holder in (project, project.brief):
            if holder:
                found["GET /attachments"] += pages(world.files.get(holder.gid, ()))
    return found


def _of_tasks(world: World, viewer: Viewer, workspace: Workspace, method: str, news: News | None) -> Counter[str]:
    """Count what brings the tasks of a workspace, and what hangs from those that have to be read."""
    tasks = [task for task in world.tasks.values() if task.workspace is workspace and viewer.sees(task)]
    wanted = [task for task in tasks if news is None or news.has(task)]
    if method == "export":
        return Counter(dict.fromkeys(EXPORT, 1)) + Counter({TIME: sum(1 for task in wanted if task.spent)})
    if method == "search" and "search" not in workspace.lacks:
        return _by_search(wanted)
    projects = [each for each in world.projects.values() if each.workspace is workspace and viewer.sees(each)]
    return _by_lists(workspace, projects, tasks, news) + hanging(wanted, wanted)


def _by_search(wanted: Sequence[Task]) -> Counter[str]:
    attached = [task for task in wanted if attachments.of_task(task)]
    searches = pages(wanted) + (pages(attached) if wanted else 0)
    return Counter({SEARCH: searches}) + hanging(wanted, attached)


def _by_lists(
    workspace: Workspace, projects: Iterable[Project], tasks: Iterable[Task], news: News | None
) -> Counter[str]:
    found: Counter[str] = Counter()
    for project in projects:
        found["GET /tasks"] += twice(project.tasks)
        if news and project.gid not in news.projects:
            found["GET /tasks"] += twice(task for task in project.tasks.values() if task.modified >= news.since)
    for user in (member.user for member in workspace.members.values() if member.active):
        assigned = [task for task in user.assigned.values() if task.workspace is workspace]
        found["GET /tasks"] += twice(assigned)
        if news:
            found["GET /tasks"] += twice(task for task in assigned if task.modified >= news.since)
    for tag in workspace.tags.values():
        found["GET /tags/{tag_gid}/tasks"] += twice(tag.tasks)
    for task in tasks:
        if task.subtasks:
            found["GET /tasks/{task_gid}/subtasks"] += twice(task.subtasks)
    return found


def hanging(tasks: Iterable[Task], attached: Iterable[Task]) -> Counter[str]:
    """Count the lists of what hangs from tasks; attachments only from those that may have some."""
    found: Counter[str] = Counter()
    for task in tasks:
        found[STORIES] += pages(stories.of_task(task))
        found[TIME] += 1 if task.spent else 0
    for task in attached:
        found["GET /attachments"] += pages(attachments.of_task(task))
    return found
