"""What changes or is deleted while Asana makes an export is not in its file, and arrives with the next run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from deleted import deleted_gids
from harness import TINY, Hook, asana, clock, sync
from interruptions import interrupted
from methods import EXPORT, HOUR, TASK_STREAMS

from fake_asana.messages import HttpRequest
from fake_asana.model.choices import FileForm
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api

ONE_WORKSPACE = replace(TINY, workspaces=1)

WRITTEN_AT_START = Dialect(files=FileForm(written_at_start=True))
"""An Asana whose files lack what people change after the request for an export."""


def between(api: Api, change: Callable[[], object]) -> Hook:
    """Return a hook that changes something between the first requests for an export and for events, in any order."""
    seen: set[str] = set()

    def act(request: HttpRequest) -> None:
        name = request.path.rpartition("/")[2]
        if name in {"resource", "events"} and name not in seen:
            seen.add(name)
            if len(seen) > 1:
                clock(api).advance(1)
                change()

    return act


def commented_task(api: Api) -> str:
    """Return a visible task of a project, with comments and without subtasks."""
    tasks = [api.world.tasks[gid] for gid in api.world.gids("tasks", EXPORT["access_token"])]
    return next(task.gid for task in tasks if task.sections and not task.subtasks and api.world.comment_gids(task.gid))


@pytest.mark.parametrize("streams", [("deletions", "tasks"), ("projects", "deletions", "tasks")], ids=len)
def test_a_like_between_the_requests_for_an_export_and_for_events_arrives(streams: tuple[str, ...]) -> None:
    """It is in the file, or the events of the next run name it."""
    api = asana(ONE_WORKSPACE, dialect=WRITTEN_AT_START)
    output = sync(api, config=EXPORT, select=streams)
    task = commented_task(api)
    clock(api).advance(HOUR)
    api.world.rename_task(task)
    clock(api).advance(HOUR)
    hook = between(api, lambda: api.world.like_task(task))
    output = output.then(sync(api, config=EXPORT, select=streams, state=output.state, on_request=hook))
    clock(api).advance(HOUR)
    output = output.then(sync(api, config=EXPORT, select=streams, state=output.state))
    truth = api.world.expected_records("tasks", EXPORT["access_token"])[task]
    assert output.rows("tasks")[task]["num_likes"] == truth["num_likes"]


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("pause", [300, HOUR])
def test_what_changes_after_an_export_that_a_later_run_downloads_arrives(pause: float) -> None:
    """The run that resumes reads events of changes which the file lacks, and writes its old rows."""
    api, token = asana(ONE_WORKSPACE, dialect=WRITTEN_AT_START), EXPORT["access_token"]
    streams = ("projects", "deletions", "tasks", "stories")
    output = sync(api, config=EXPORT, select=streams)
    task = commented_task(api)
    story = api.world.comment_gids(task)[0]
    clock(api).advance(HOUR)
    api.world.rename_task(task)
    new = api.world.comment(task)
    clock(api).advance(HOUR)
    killed = interrupted(
        api, lambda request: "/-/download/" in request.path, config=EXPORT, select=streams, state=output.state
    )
    api.world.like_task(task)
    for gid in (story, new):
        api.world.edit_comment(task, gid)
    clock(api).advance(pause)
    output = output.then(killed)
    output = output.then(sync(api, config=EXPORT, select=streams, state=output.state))
    tasks, stories = (api.world.expected_records(name, token) for name in ("tasks", "stories"))
    assert output.rows("tasks")[task]["num_likes"] == tasks[task]["num_likes"]
    for gid in (story, new):
        assert output.rows("stories")[gid]["text"] == stories[gid]["text"]


@pytest.mark.parametrize("streams", [("deletions", "tasks"), ("projects", "deletions", "tasks")], ids=len)
def test_a_deletion_between_the_requests_for_a_first_export_and_for_events_is_named(
    streams: tuple[str, ...],
) -> None:
    """The first token is of the time before the export, so that the next run reads the event."""
    api = asana(ONE_WORKSPACE, dialect=WRITTEN_AT_START)
    for workspace in api.world.workspaces.values():
        api.world.downgrade(workspace, "audit_log")
    clock(api).advance(HOUR)
    task = commented_task(api)
    output = sync(api, config=EXPORT, select=streams, on_request=between(api, lambda: api.world.delete_task(task)))
    clock(api).advance(HOUR)
    output = output.then(sync(api, config=EXPORT, select=streams, state=output.state))
    assert task not in output.gids("tasks") - deleted_gids(output)


@pytest.mark.usefixtures("eager")
def test_a_task_that_comes_into_a_project_after_an_export_that_a_later_run_downloads_is_written_again() -> None:
    """The file has it outside of all projects, and counts as a read of everything below it."""
    api = asana(ONE_WORKSPACE, dialect=WRITTEN_AT_START)
    task = api.world.add_task(workspace=next(iter(api.world.workspaces)))
    clock(api).advance(HOUR)
    streams = ("projects", "deletions", *TASK_STREAMS)
    output = interrupted(api, lambda request: "/-/download/" in request.path, config=EXPORT, select=streams)
    api.world.add_to_project(task, next(iter(api.world.gids("projects", EXPORT["access_token"]))))
    clock(api).advance(HOUR)
    output = output.then(sync(api, config=EXPORT, select=streams, state=output.state))
    projects = [each["project"]["gid"] for each in output.rows("tasks")[task]["memberships"]]
    assert projects == [project.gid for project in api.world.tasks[task].projects()]
