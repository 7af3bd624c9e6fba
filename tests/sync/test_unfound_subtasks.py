"""A first read by search lists the subtasks that searches have not found, going by the counts of the tasks above.

Where searches leave out archived projects, it requests the files that stories announce.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest
from harness import SMALL, TINY, Output, asana, clock, key, sync
from methods import HOUR, SEARCH, TASK_STREAMS, missing_or_stale
from refused_lists import rewriting

from fake_asana.messages import HttpRequest
from fake_asana.model.attachments import attachments_of_task
from fake_asana.model.dialect import Dialect
from fake_asana.model.stories import Story, stories_of_task
from fake_asana.server.api import Api
from fake_asana.server.limits import Limits

ARCHIVED_LEFT_OUT = Dialect(search_archived=False)


def project_with_subtasks(api: Api) -> str:
    """Return the project with the most tasks that have subtasks without a project of their own."""
    parents = {task.parent.gid for task in api.world.tasks.values() if task.parent and not task.sections}
    return max(api.world.gids("projects"), key=lambda gid: len(parents & {*api.world.projects[gid].tasks}))


def unread(api: Api, output: Output) -> Mapping[str, object]:
    """Return what no run returned, but for files that no story announces."""
    tasks = [task for task in api.world.tasks.values() if any(map(is_of_file, stories_of_task(task)))]
    announced = {file.gid for task in tasks for file in attachments_of_task(task)}
    unread = missing_or_stale(api, output, SEARCH["access_token"])
    files = announced.intersection(api.world.gids("attachments", SEARCH["access_token"])) - output.gids("attachments")
    return {stream: gids for stream, gids in {**unread, "attachments": files}.items() if gids}


def is_of_file(story: Story) -> bool:
    """Return whether a story tells of a file."""
    return story.subtype == "attachment_added"


def test_subtasks_of_a_project_in_the_archive_during_the_search_alone_are_read(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No list of projects shows that it was there."""
    caplog.set_level(logging.INFO)
    api = asana(SMALL, dialect=ARCHIVED_LEFT_OUT)
    project = project_with_subtasks(api)
    for gid in sorted(api.world.projects[project].tasks):
        api.world.attach(gid)

    def archive(request: HttpRequest) -> None:
        if request.path.endswith("/search") and request.query.get("is_subtask") == "true":
            api.world.archive_project(project)

    first = sync(api, config=SEARCH, select=TASK_STREAMS, on_request=archive)
    assert [line for line in caplog.messages if "more than searches have found" in line]
    api.world.unarchive_project(project)
    clock(api).advance(HOUR)
    last = sync(api, config=SEARCH, select=TASK_STREAMS, state=first.state)
    assert unread(api, first.then(last)) == {}


def test_subtasks_and_files_of_a_project_restored_minutes_before_the_first_read_are_read() -> None:
    """A late index takes the project for an archived one, and no list of projects does."""
    api = asana(replace(SMALL, attached=90), dialect=ARCHIVED_LEFT_OUT, limits=Limits(search_lag=1200))
    project = project_with_subtasks(api)
    api.world.archive_project(next(gid for gid in api.world.gids("projects") if gid != project))
    for gid in sorted(api.world.projects[project].tasks):
        api.world.attach(gid)
    clock(api).advance(48 * HOUR)
    api.world.archive_project(project)
    clock(api).advance(HOUR)
    api.world.unarchive_project(project)
    clock(api).advance(60)
    output = sync(api, config=SEARCH, select=TASK_STREAMS)
    verdicts = output.bookmark("projects")["search"]
    assert (verdicts["attached"], verdicts["archived"]) == ("found", "missing")
    assert unread(api, output) == {}


@pytest.mark.parametrize("start_date", [None, "2026-01-01"])
def test_nothing_is_listed_where_searches_have_found_all(
    caplog: pytest.LogCaptureFixture, start_date: str | None
) -> None:
    """Where `start_date` leaves out subtasks, their counts say nothing."""
    caplog.set_level(logging.INFO)
    api = asana(SMALL)
    sync(api, config={**SEARCH, **({"start_date": start_date} if start_date else {})}, select=TASK_STREAMS)
    assert not [line for line in caplog.messages if "more than searches have found" in line]


def test_a_file_of_a_subtask_that_only_the_search_for_files_has_found_is_written_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The project is in the archive for the search for subtasks alone."""
    caplog.set_level(logging.INFO)
    api = asana(SMALL, dialect=ARCHIVED_LEFT_OUT)
    project = project_with_subtasks(api)
    tasks = {*api.world.projects[project].tasks}
    files = {api.world.attach(gid) for gid, task in api.world.tasks.items() if task.parent and task.parent.gid in tasks}
    clock(api).advance(HOUR)

    def archive(request: HttpRequest) -> None:
        if request.path.endswith("/search"):
            is_of_all = "has_attachment" not in request.query
            is_hidden = request.query.get("is_subtask") == "true" and is_of_all
            (api.world.archive_project if is_hidden else api.world.unarchive_project)(project)

    output = sync(api, config=SEARCH, select=TASK_STREAMS, on_request=archive)
    assert [line for line in caplog.messages if "more than searches have found" in line]
    counts = Counter(key("attachments", row) for row in output.records("attachments"))
    assert files & counts.keys()
    assert {gid for gid, count in counts.items() if count > 1} == set()


@pytest.mark.parametrize("parent", [5, "x", True, {}, [], ["5"], {"gid": None}, {"gid": "abc"}, {"gid": ["5"]}])
def test_a_parent_without_a_valid_gid_stops_no_run(parent: object) -> None:
    """Its subtask is taken off no count."""
    searches = ("GET /workspaces/{workspace_gid}/tasks/search",)
    api = rewriting(TINY, searches, lambda rows: [{**row, "parent": parent} for row in rows])
    clock(api).advance(HOUR)
    output = sync(api, config=SEARCH, select=TASK_STREAMS)
    assert output.gids("tasks") == set(api.world.gids("tasks", SEARCH["access_token"]))
