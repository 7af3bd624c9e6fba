"""A project refused after other lists have deferred tasks to it loses no task that they contain."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from itertools import count

import pytest
from direct_session import Waiting
from expected import missing
from expected_losses import expected_losses
from harness import PERSON, SMALL, TINY, Hook, Message, asana, attempt, sync
from interruptions import Killed, interrupted
from methods import TASKS_AND_STORIES
from refusals import PARENTS
from typing_extensions import override

from fake_asana.messages import ApiError, HttpRequest, HttpResponse
from fake_asana.server.api import Api

TASKS_PATH, SUBTASKS = "/api/1.0/tasks", "/subtasks"
BOTH = {"max_concurrency": 2}
"""One request is held back and the other lists proceed one by one, each after the previous page was processed."""


class Late:
    """A hook that holds back the list of one project until the other lists of tasks were requested."""

    def __init__(self, gid: str, others: set[str]) -> None:
        """Wait for all of the others."""
        self.gid, self.others, self.rest = gid, set(others), threading.Event()

    def __call__(self, request: HttpRequest) -> None:
        """Hold a request back, or count it."""
        if request.query.get("project") == self.gid:
            assert self.rest.wait(10)
            return
        self.others.discard(listed(request.path, request.query))
        if not self.others:
            self.rest.set()


def listed(path: str, query: Mapping[str, str]) -> str:
    """Return a text that identifies a list of tasks."""
    return f"{path} {query.get('project')} {query.get('assignee')}"


class Lapsing(Api):
    """An Asana that refuses searches after the list of one project was refused."""

    gid = ""

    @override
    def handle(self, request: HttpRequest) -> HttpResponse:
        refusals = (
            each.query.get("project") == self.gid and each.status >= HTTPStatus.BAD_REQUEST for each in self.log
        )
        if request.path.endswith("/tasks/search") and any(refusals):
            return ApiError(402, "Not available").response()
        return super().handle(request)


@pytest.mark.parametrize("method", ["list", "search"])
def test_a_project_refused_after_all_other_lists_loses_no_tasks(method: str) -> None:
    """Tasks of a refused project are read from the lists or searches that deferred to it.

    Searches find all; lists find those with another list.
    """
    api = asana(replace(SMALL, tagged=20))
    gid = PARENTS["project"][0](api.world)
    unreachable = expected_losses(api.world, {gid})["tasks"] if method == "list" else set()
    assert missing_late(api, gid, method) == unreachable


def test_lists_replace_searches_refused_with_the_project() -> None:
    """If the plan loses its search just when a project is refused, lists return the tasks deferred by searches."""
    api = Lapsing(asana(replace(SMALL, tagged=20)).world)
    api.gid = PARENTS["project"][0](api.world)
    assert missing_late(api, api.gid, "search") <= expected_losses(api.world, {api.gid})["tasks"]
    assert any(each.path.endswith("/tasks/search") and each.status == HTTPStatus.PAYMENT_REQUIRED for each in api.log)


def missing_late(api: Api, gid: str, method: str) -> set[str]:
    """Return the missing tasks of its workspace if a first read has a project refused after all other lists."""
    workspace = api.world.projects[gid].workspace.gid
    config: Message = {**PERSON, **BOTH, "extraction_method": method, "workspaces": [workspace]}
    sync(api, config=config, select=["tasks"])
    requests = [handled for handled in api.log if "task" in handled.template and handled.query.get("project") != gid]
    others = {listed(each.path, each.query) for each in requests if SUBTASKS not in each.path}
    api.world.access.deny(gid)
    late = Late(gid, others)
    output = sync(api, config=config, select=["tasks"], on_request=Waiting(late))
    assert not late.others
    there = {key for key, task in api.world.tasks.items() if task.workspace.gid == workspace}
    return missing(api, output)["tasks"] & there


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("at", [240, 420])
def test_a_project_refused_between_two_attempts_loses_no_other_tasks(at: int) -> None:
    """Tasks deferred to a project that refuses the second attempt are read again, even after a kill of that too."""
    api = asana(replace(SMALL, tagged=20, tasks=900))
    gid = max(api.world.gids("projects"), key=int)
    workspace = api.world.projects[gid].workspace.gid
    config = {"extraction_method": "search", "workspaces": [workspace], "max_concurrency": 4}
    first = interrupted(api, at, config=config, select=TASKS_AND_STORIES)
    assert first.state
    api.world.access.deny(gid)
    second = attempt(
        api, config=config, select=TASKS_AND_STORIES, state=first.state, on_request=closing(api, gid)
    ).confirmed()
    third = sync(api, config=config, select=TASKS_AND_STORIES, state=second.state or first.state)
    there = {task for task in api.world.gids("tasks") if api.world.tasks[task].workspace.gid == workspace}
    assert there - first.then(second).then(third).gids("tasks") == set()


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("number", [2, 5, 8, 11])
def test_a_project_refused_only_in_a_killed_attempt_is_read_whole(number: int) -> None:
    """Lists of people bring some of its tasks in its place, but the next attempt does not begin behind these."""
    api = asana(replace(TINY, workspaces=1, projects=1, goals=0))
    gid, config = api.world.gids("projects")[0], {**PERSON, **BOTH, "extraction_method": "list"}
    api.world.access.deny(gid)
    late, stories = Late(gid, {listed(TASKS_PATH, {"assignee": user}) for user in api.world.gids("users")}), count(1)

    def hook(request: HttpRequest) -> None:
        late(request)
        if request.path.endswith("/stories") and next(stories) == number:
            raise Killed

    first = attempt(api, config=config, select=TASKS_AND_STORIES, on_request=Waiting(hook)).confirmed()
    assert not late.others
    api.world.access.denied_statuses.clear()
    second = sync(api, config=config, select=TASKS_AND_STORIES, state=first.state)
    third = sync(api, config=config, select=TASKS_AND_STORIES, state=second.state)
    assert set(api.world.gids("tasks")) <= first.then(second).then(third).gids("tasks")


def closing(api: Api, gid: str) -> Hook:
    """Return a hook that kills the run some requests after it met the refused project."""
    after = len(api.log)

    def hook(_: HttpRequest) -> None:
        met = [at for at, each in enumerate(api.log) if at >= after and each.query.get("project") == gid]
        if met and len(api.log) > met[0] + 20:
            raise Killed

    return hook
