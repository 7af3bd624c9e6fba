"""What changes or is deleted while Asana makes an export is not in its file, and arrives with the next run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from deleted import deleted_gids
from harness import TINY, Hook, asana, clock, sync
from interruptions import interrupted
from methods import EXPORT, HOUR

from fake_asana.messages import HttpRequest
from fake_asana.model.dialect import Dialect
from fake_asana.model.jobs import Job
from fake_asana.model.state import State
from fake_asana.server import downloads
from fake_asana.server.api import Api
from fake_asana.server.export_files import export_lines

ONE_WORKSPACE = replace(TINY, workspaces=1)


class MadeFiles:
    """The lines of the files of exports; once made, they stay as they are, as those of Asana do."""

    def __init__(self) -> None:
        """Start without files."""
        self._lines: dict[str, list[bytes]] = {}

    def make(self, api: Api) -> None:
        """Make the files of all exports that were requested so far."""
        for job in api.world.jobs.values():
            self._lines.setdefault(job.gid, [*export_lines(api.world, job, api.world.dialect)])

    def lines(self, state: State, job: Job, dialect: Dialect, number: int = 0) -> Iterator[bytes]:
        """Yield the lines of a file, made now if it was not made before."""
        made = self._lines.get(job.gid)
        return export_lines(state, job, dialect, number) if made is None else iter(made)


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> MadeFiles:
    """Return the files that the fake Asana sends."""
    made = MadeFiles()
    monkeypatch.setattr(downloads, "export_lines", made.lines)
    return made


def between(api: Api, files: MadeFiles, change: Callable[[], object]) -> Hook:
    """Return a hook that changes something between the first requests for an export and for events, in any order."""
    seen: set[str] = set()

    def act(request: HttpRequest) -> None:
        name = request.path.rpartition("/")[2]
        if name in {"resource", "events"} and name not in seen:
            seen.add(name)
            if len(seen) > 1:
                files.make(api)
                clock(api).advance(1)
                change()

    return act


def commented_task(api: Api) -> str:
    """Return a visible task of a project, with comments and without subtasks."""
    tasks = [api.world.tasks[gid] for gid in api.world.gids("tasks", EXPORT["access_token"])]
    return next(task.gid for task in tasks if task.sections and not task.subtasks and api.world.comment_gids(task.gid))


@pytest.mark.parametrize("streams", [("deletions", "tasks"), ("projects", "deletions", "tasks")], ids=len)
def test_a_like_between_the_requests_for_an_export_and_for_events_arrives(
    files: MadeFiles, streams: tuple[str, ...]
) -> None:
    """It is in the file, or the events of the next run name it."""
    api = asana(ONE_WORKSPACE)
    output = sync(api, config=EXPORT, select=streams)
    task = commented_task(api)
    clock(api).advance(HOUR)
    api.world.rename_task(task)
    clock(api).advance(HOUR)
    hook = between(api, files, lambda: api.world.like_task(task))
    output = output.then(sync(api, config=EXPORT, select=streams, state=output.state, on_request=hook))
    clock(api).advance(HOUR)
    output = output.then(sync(api, config=EXPORT, select=streams, state=output.state))
    truth = api.world.expected_records("tasks", EXPORT["access_token"])[task]
    assert output.rows("tasks")[task]["num_likes"] == truth["num_likes"]


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("pause", [300, HOUR])
def test_what_changes_after_an_export_that_a_later_run_downloads_arrives(files: MadeFiles, pause: float) -> None:
    """The run that resumes reads events of changes which the file lacks, and writes its old rows."""
    api, streams, token = asana(ONE_WORKSPACE), ("projects", "deletions", "tasks", "stories"), EXPORT["access_token"]
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
    files.make(api)
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
    files: MadeFiles, streams: tuple[str, ...]
) -> None:
    """The first token is of the time before the export, so that the next run reads the event."""
    api = asana(ONE_WORKSPACE)
    for workspace in api.world.workspaces.values():
        api.world.downgrade(workspace, "audit_log")
    clock(api).advance(HOUR)
    task = commented_task(api)
    output = sync(
        api, config=EXPORT, select=streams, on_request=between(api, files, lambda: api.world.delete_task(task))
    )
    clock(api).advance(HOUR)
    output = output.then(sync(api, config=EXPORT, select=streams, state=output.state))
    assert task not in output.gids("tasks") - deleted_gids(output)
