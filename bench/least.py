"""The least number of requests that a full read by lists can do with.

A list of n rows takes max(1, ceil(n / 100)) requests: an empty one has to be looked at too. Every list that may hold
what no other list does has to be read:

    workspaces      the one list
    users, tags     the list of each workspace
    teams           the list of each organization; no other workspace has teams
    projects        the list of each workspace, archived and active ones in one
    sections        the list of each project
    tasks           the list of each project, of each user in each workspace, and of each tag; under each task that
                    has subtasks, the list of those. Nothing else reaches tasks that are in no project
    stories         the list of each task
    attachments     the list of each task, project and project brief
    custom_fields   the library of each workspace; local fields come with their teams and projects
    memberships     the list of each team, the list of each workspace

A list serves every stream that needs it, so that nothing is asked twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from fake_asana import attachments, stories
from fake_asana.access import PERSON
from fake_asana.projects import Project
from fake_asana.tasks import Task
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


def least(world: World, token: str = PERSON) -> Counter[str]:
    """Return the least number of requests by operation, for all that the token sees."""
    viewer = world.access.viewers[token]
    tasks = [task for task in world.tasks.values() if viewer.sees(task)]
    projects = [project for project in world.projects.values() if viewer.sees(project)]
    return of_workspaces(world, viewer.workspaces) + of_projects(world, projects) + of_tasks(tasks)


def pages(rows: Iterable[object]) -> int:
    """Return how many requests a list of these rows takes."""
    return max(1, -(-sum(1 for _ in rows) // PAGE))


def of_workspaces(world: World, gids: list[str]) -> Counter[str]:
    """Count the lists of workspaces and what belongs to them."""
    found: Counter[str] = Counter({"GET /workspaces": pages(gids)})
    for workspace in (world.workspaces[gid] for gid in gids):
        people = [member.user for member in workspace.members.values() if member.active]
        found["GET /users"] += pages(people)
        found["GET /tags"] += pages(workspace.tags)
        found["GET /projects"] += pages(workspace.projects)
        found["GET /workspaces/{workspace_gid}/custom_fields"] += pages(workspace.custom_fields)
        found["GET /workspaces/{workspace_gid}/workspace_memberships"] += pages(workspace.members)
        if workspace.organization:
            found["GET /workspaces/{workspace_gid}/teams"] += pages(workspace.teams)
        for team in workspace.teams.values():
            found["GET /teams/{team_gid}/team_memberships"] += pages(team.members)
        for user in people:
            found["GET /tasks"] += pages(task for task in user.assigned.values() if task.workspace is workspace)
        for tag in workspace.tags.values():
            found["GET /tags/{tag_gid}/tasks"] += pages(tag.tasks)
    return found


def of_projects(world: World, projects: list[Project]) -> Counter[str]:
    """Count the lists of what is in projects or hangs from them."""
    found: Counter[str] = Counter()
    for project in projects:
        found["GET /projects/{project_gid}/sections"] += pages(project.sections)
        found["GET /tasks"] += pages(project.tasks)
        for holder in (project, project.brief):
            if holder:
                found["GET /attachments"] += pages(world.files.get(holder.gid, ()))
    return found


def of_tasks(tasks: list[Task]) -> Counter[str]:
    """Count the lists of what hangs from tasks."""
    found: Counter[str] = Counter()
    for task in tasks:
        found["GET /tasks/{task_gid}/stories"] += pages(stories.of_task(task))
        found["GET /attachments"] += pages(attachments.of_task(task))
        if task.subtasks:
            found["GET /tasks/{task_gid}/subtasks"] += pages(task.subtasks)
    return found
