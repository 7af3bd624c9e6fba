"""What a comparison says of searches holds for all later runs, so that nothing but a proof may say it."""

from __future__ import annotations

import pytest
from harness import Hook, Message, Output, asana, clock, sync
from methods import DAY, HOUR, SEARCH, TASK_STREAMS, missing_or_stale

from fake_asana.messages import HttpRequest
from fake_asana.model.clock import format_instant
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.server.faults import Refusal
from fake_asana.server.limits import Limits
from fake_asana.world import Sizes
from tap_asana.tasks.samples import COMPARED_FIELDS

WORLD = Sizes(workspaces=1, users=4, teams=1, projects=6, tags=1, tasks=40, stories=1, busiest=4, goals=0)
ONE_BY_ONE: Message = {**SEARCH, "max_concurrency": 1}
SEARCHES = "GET /workspaces/{workspace_gid}/tasks/search"
ONLY_OWN = Dialect(search_private="own")
"""Searches find no tasks outside of all projects but those of the token's user."""


def run(api: Api, union: Output, on_request: Hook | None = None, pause: int = HOUR) -> Output:
    """Return some runs and the next one, some seconds later."""
    clock(api).advance(pause)
    state = union.state or None
    return union.then(sync(api, config=ONE_BY_ONE, state=state, select=TASK_STREAMS, on_request=on_request))


def verdicts(output: Output) -> Message:
    """Return what the state knows of searches."""
    return dict(output.bookmark("projects")["search"])


def lost(api: Api, union: Output) -> object:
    """Return what is missing after two further runs."""
    return missing_or_stale(api, run(api, run(api, union)), SEARCH["access_token"])


def private_task(api: Api, user: str) -> str:
    """Return a new task of a person, outside of all projects."""
    gid = api.world.add_task(workspace=next(iter(api.world.workspaces)))
    api.world.assign_task(gid, user)
    return gid


def with_private_task() -> tuple[Api, str]:
    """Return an Asana in which the token's user alone has a task outside of all projects, and this user."""
    api = asana(WORLD, dialect=ONLY_OWN)
    me = api.world.access.viewers["0/fake"].user
    assert me
    for gid in [task.gid for task in api.world.tasks.values() if not task.parent and not task.sections]:
        api.world.delete_task(gid)
    private_task(api, me.gid)
    clock(api).advance(HOUR)
    return api, me.gid


def test_own_tasks_say_nothing_of_those_of_somebody_who_joins_later() -> None:
    """Searches find the tasks of the only person in a workspace; those of a second one they leave out."""
    api, me = with_private_task()
    workspace = next(iter(api.world.workspaces))
    for gid in set(api.world.gids("users")) - {me}:
        api.world.remove_user(gid, workspace)
    union = run(api, Output(), pause=2 * DAY)
    assert "private" not in verdicts(union)
    task = private_task(api, api.world.add_user(workspace))
    api.world.comment(task)
    assert lost(api, union) == {}


def test_own_tasks_say_nothing_while_nobody_knows_how_many_people_there_are() -> None:
    """The list of users is refused in the first run, and the tasks of others come when it is read."""
    api, me = with_private_task()
    task = private_task(api, next(gid for gid in api.world.gids("users") if gid != me))
    api.refusals.append(Refusal("GET /users", 403))
    union = run(api, Output(), pause=2 * DAY)
    assert "private" not in verdicts(union)
    api.refusals.clear()
    union = run(api, union)
    api.world.comment(task)
    assert lost(api, union) == {}


def test_a_refused_search_leaves_too_few_people_for_a_proof() -> None:
    """The own task is found, and the search for that of somebody else has no answer."""
    api, me = with_private_task()
    task = private_task(api, next(gid for gid in api.world.gids("users") if gid != me))
    created = str(format_instant(api.world.tasks[task].created))

    def refuse(request: HttpRequest) -> None:
        query = request.query
        if query.get("opt_fields") == ",".join(COMPARED_FIELDS) and "created_at.after" in query:
            is_asked = query["created_at.after"] < created < query["created_at.before"]
            api.refusals[:] = [Refusal(SEARCHES, 403)] if is_asked else []

    union = run(api, Output(), refuse, pause=2 * DAY)
    api.refusals.clear()
    assert "private" not in verdicts(union)
    api.world.comment(task)
    assert lost(api, union) == {}


@pytest.mark.parametrize("in_oldest_tasks", [True, False], ids=["search", "lists"])
def test_a_project_restored_before_a_search_says_nothing_of_archived_ones(in_oldest_tasks: object) -> None:
    """It was archived when projects were listed; the search finds its tasks, because it is not archived any more."""
    api = asana(WORLD, dialect=Dialect(search_archived=False))
    for project in api.world.projects.values():
        project.archived = False
    restored, *_, other = sorted(api.world.gids("projects"), key=int)
    for gid in (restored, other) if in_oldest_tasks else (restored,):
        api.world.archive_project(gid)

    def restore(request: HttpRequest) -> None:
        is_search = request.path.endswith("/tasks/search")
        if is_search and (in_oldest_tasks or "created_at.after" in request.query):
            api.world.unarchive_project(restored)

    union = run(api, Output(), restore, pause=2 * DAY)
    assert verdicts(union).get("archived") != "found"
    api.world.archive_project(other)
    for gid in api.world.projects[other].tasks:
        api.world.comment(gid)
    assert lost(api, union) == {}


def test_what_was_somebodys_task_a_minute_ago_says_nothing_of_unassigned_ones() -> None:
    """An index that is late finds it as the task of a person who has left, and shows it as nobody's."""
    dialect, limits = Dialect(search_not_unassigned=True), Limits(search_lag=1200, search_fresh=True)
    api = asana(WORLD, dialect=dialect, limits=limits)
    workspace = next(iter(api.world.workspaces))
    lone = api.world.add_task(workspace=workspace)
    leaver = api.world.add_user(workspace)
    task = private_task(api, leaver)
    api.world.remove_user(leaver, workspace)
    clock(api).advance(2 * DAY)
    api.world.assign_task(task, None)
    union = run(api, Output(), pause=60)
    assert "unassigned" not in verdicts(union)
    assert lone in union.gids("tasks")
