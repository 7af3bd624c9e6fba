"""A search for attachments that knows uploads alone: every task is asked, or the log says so (law 10)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from harness import TINY, Message, Output, asana, clock, sync
from methods import DAY, HOUR, SEARCH, TASK_STREAMS, missing_gids

from fake_asana.messages import HttpRequest
from fake_asana.model.attachments import Attachment, attachments_of_task
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.server.faults import Refusal

WORLD = replace(TINY, attached=90)
"""A world with links to files on many tasks."""

ONLY_UPLOADS = Dialect(search_attachments="uploads")


def linked(api: Api) -> set[str]:
    """Return the tasks that have attachments, none of them uploads."""
    files = {gid: attachments_of_task(task) for gid, task in api.world.tasks.items()}
    return {gid for gid, rows in files.items() if rows and all(row.host != "asana" for row in rows)}


def test_attachments_other_than_uploads_are_read(caplog: pytest.LogCaptureFixture) -> None:
    """The first run notices that the filter leaves out tasks, asks all, and state knows it for the next one."""
    api = asana(WORLD, dialect=ONLY_UPLOADS)
    assert linked(api)
    first = sync(api, config=SEARCH, select=TASK_STREAMS)
    lost = missing_gids(api, first, SEARCH)
    told = [line for line in caplog.messages if "lists of attachments are requested instead" in line]
    assert lost == {}
    assert told
    clock(api).advance(HOUR)
    task = min(linked(api))
    api.world.attach(task)
    clock(api).advance(HOUR)
    api.log.clear()
    second = sync(api, config=SEARCH, select=TASK_STREAMS, state=first.state)
    assert missing_gids(api, first.then(second), SEARCH) == {}
    assert not [each for each in api.log if each.query.get("has_attachment") == "false"]


def test_stories_lead_to_attachments_that_no_search_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as no comparison has shown what searches know, stories about files have the last word."""
    monkeypatch.setattr("tap_asana.tasks.attachment_comparison.SAMPLES", 0)
    monkeypatch.setattr("tap_asana.tasks.attachment_comparison.SAMPLES_OF_INCREMENT", 0)
    api = asana(TINY, dialect=ONLY_UPLOADS)
    with_story = {api.world.attach(gid) for gid in sorted(api.world.gids("tasks"))}
    first = sync(api, config=SEARCH, select=TASK_STREAMS)
    assert not missing_gids(api, first, SEARCH).get("attachments", set()) & with_story
    clock(api).advance(HOUR)
    with_story = {api.world.attach(gid) for gid in sorted(api.world.gids("tasks"))}
    clock(api).advance(HOUR)
    second = sync(api, config=SEARCH, select=TASK_STREAMS, state=first.state)
    assert with_story <= second.gids("attachments")


def test_a_filter_that_knows_all_is_trusted() -> None:
    """A task found without an upload proves it: only tasks with attachments are asked, in this run and the next."""
    api = asana(WORLD)
    first = sync(api, config=SEARCH, select=TASK_STREAMS)
    assert missing_gids(api, first, SEARCH) == {}
    asked = {each.query["parent"] for each in api.log if each.path.endswith("/attachments")} & set(api.world.tasks)
    assert len(asked) < len(api.world.gids("tasks"))
    api.log.clear()
    sync(api, config=SEARCH, select=TASK_STREAMS, state=first.state)
    compared = [each for each in api.log if each.path.endswith("/search") and "sort_ascending" not in each.query]
    assert not compared


@pytest.mark.parametrize("days", [{}, {"reconcile_days": 1}], ids=["all", "announced"])
def test_where_lists_replace_the_search_the_setting_decides_which(days: Message) -> None:
    """With `reconcile_days`, the file of a copied task, which nothing announces, waits for a pass."""
    api, config = asana(replace(WORLD, workspaces=1), dialect=ONLY_UPLOADS), {**SEARCH, **days}
    first = sync(api, config=config, select=TASK_STREAMS)
    clock(api).advance(HOUR)
    task = api.world.tasks[api.world.add_task(project=min(api.world.gids("projects")))]
    copied = Attachment(*api.world.new_gid(), task, api.world.now())
    task.attachments = [copied]
    clock(api).advance(HOUR)
    second = sync(api, config=config, select=TASK_STREAMS, state=first.state)
    assert (copied.gid in second.gids("attachments")) is not bool(days)
    clock(api).advance(DAY / 2)
    third = sync(api, config=config, select=TASK_STREAMS, state=second.state)
    assert copied.gid in second.then(third).gids("attachments")


def with_files(api: Api, gid: str, *hosts: str) -> None:
    """Give a task files of these hosts, in this order, in place of its own."""
    task = api.world.tasks[gid]
    while api.world.detach(gid):
        pass
    for host in hosts:
        while api.world.attach(gid) and attachments_of_task(task)[-1].host != host:
            attachments_of_task(task).pop()


def without_files() -> tuple[Api, str, str]:
    """Return an Asana whose searches know uploads alone, and two of its tasks, which have no files."""
    api = asana(replace(WORLD, workspaces=1), dialect=ONLY_UPLOADS)
    tasks = sorted(api.world.gids("tasks"), key=int)
    for gid in tasks:
        with_files(api, gid)
    return api, tasks[0], tasks[1]


def attached(output: Output) -> str | None:
    """Return what the state knows of the search for tasks with attachments."""
    known: str | None = output.bookmark("projects")["search"].get("attached")
    return known


def test_the_first_page_of_the_attachments_of_a_task_proves_nothing() -> None:
    """It has a link alone, and the upload by which the search found the task is on the next page."""
    api, task, _ = without_files()
    with_files(api, task, "gdrive", "asana")
    clock(api).advance(2 * DAY)
    output = sync(api, config={**SEARCH, "page_size": 1}, select=TASK_STREAMS)
    assert attached(output) is None


@pytest.mark.parametrize("lag", [0, 1200])
def test_an_upload_deleted_just_now_proves_nothing_of_links(lag: int) -> None:
    """A search finds a task by its upload, and the list of its attachments has a link alone."""
    api, task, linked_task = without_files()
    api.limits = replace(api.limits, search_lag=lag)
    with_files(api, task, "asana", "gdrive")
    with_files(api, linked_task, "gdrive")
    clock(api).advance(2 * DAY)
    deleted = [api.world.detach(task)] if lag else []
    clock(api).advance(60)

    def delete(request: HttpRequest) -> None:
        if request.query.get("parent") == task and not deleted:
            deleted.append(api.world.detach(task))

    output = sync(api, config={**SEARCH, "max_concurrency": 1}, select=TASK_STREAMS, on_request=delete)
    assert deleted
    assert attached(output) != "found"
    links = {each.gid for each in attachments_of_task(api.world.tasks[linked_task])}
    assert links <= output.gids("attachments")


@pytest.mark.parametrize("select", [["attachments"], ["stories", "attachments"]])
def test_tasks_with_owed_lists_are_no_gap_of_the_searches(select: list[str], caplog: pytest.LogCaptureFixture) -> None:
    """A search finds them again, and need read nothing of them: attachments have a search of their own."""
    api = asana(replace(WORLD, workspaces=1))
    for gid in api.world.gids("tasks"):
        path = "/tasks/{task_gid}/stories" if "stories" in select else "/attachments"
        api.refusals.append(Refusal(f"GET {path}", 403, gid))
    first = sync(api, config=SEARCH, select=select)
    api.refusals.clear()
    clock(api).advance(HOUR)
    for gid in api.world.gids("tasks"):
        api.world.rename_task(gid)
    clock(api).advance(HOUR)
    sync(api, config=SEARCH, select=select, state=first.state)
    assert "that no search has found" not in caplog.text
