"""A change that the index hid from the last search arrives by any other method too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from harness import PERSON, SERVICE, TINY, Output, asana, clock, run_limits, sync
from interruptions import SEARCHES, refusing_searches
from methods import HOUR, TASKS_AND_STORIES

from fake_asana.model.choices import SearchForm
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.server.faults import Refusal
from fake_asana.server.limits import Limits

LATE_SECONDS = 1500
"""The delay of the index, longer than the setting lookback_seconds."""


def renamed(api: Api, first: Output) -> str:
    """Rename a task of a project an hour after a run, and return it at a time at which the index still hides that."""
    clock(api).advance(HOUR)
    gid = next(task for task in sorted(first.gids("tasks")) if [*api.world.tasks[task].projects()])
    api.world.rename_task(gid)
    clock(api).advance(LATE_SECONDS - 300)
    return gid


@pytest.mark.parametrize("method", ["list", "export", "auto"])
def test_another_method_reads_what_the_index_hid(method: str) -> None:
    """After a read by search, the next one begins as early as a search would; once, and not in later runs."""
    api = asana(TINY, limits=Limits(search_lag=LATE_SECONDS))
    config: Mapping[str, object] = {**(SERVICE if method == "export" else PERSON), "extraction_method": "search"}
    first = sync(api, config=config, select=["tasks"])
    assert first.state["bookmarks"]["tasks"]["partitions"][0]["method"] == "search"
    gid = renamed(api, first)
    hidden = sync(api, config=config, select=["tasks"], state=first.state)
    assert gid not in hidden.gids("tasks")
    clock(api).advance(HOUR)
    if method == "auto":
        for workspace in api.world.workspaces.values():
            api.world.downgrade(workspace, "search")
    config = {**config, "extraction_method": method}
    third = sync(api, config=config, select=["tasks"], state=hidden.state)
    assert third.rows("tasks")[gid]["modified_at"] == api.world.expected_records("tasks")[gid]["modified_at"]
    fourth = sync(api, config=config, select=["tasks"], state=third.state)
    assert not fourth.records("tasks")


def test_what_lists_have_read_is_not_overwritten_by_an_older_version() -> None:
    """Where a search follows lists, its index may show a task that a tag has as it was before its last change."""
    api = asana(replace(TINY, subtasks=0, tagged=60), limits=Limits(search_lag=LATE_SECONDS))
    config = {**PERSON, "extraction_method": "auto"}
    task = next(api.world.tasks[gid] for gid in sorted(api.world.gids("tasks")) if api.world.tasks[gid].tags)
    api.world.assign_task(task.gid, None)
    for project in list(task.projects()):
        api.world.remove_from_project(task.gid, project.gid)
    clock(api).advance(HOUR)
    api.world.rename_task(task.gid)
    clock(api).advance(LATE_SECONDS - 300)
    output = sync(api, config=config, select=["tasks"])
    assert output.rows("tasks")[task.gid]["modified_at"] == api.world.expected_records("tasks")[task.gid]["modified_at"]


def test_lists_read_what_the_index_hid_from_a_search_that_found_no_unlisted_tasks() -> None:
    """The first run reads by list. The second one reads by search, but its search for tasks in no list fails."""
    dialect = Dialect(searches=SearchForm(obeys_ascending=False))
    api = asana(TINY, dialect=dialect, limits=Limits(search_lag=LATE_SECONDS))
    config: Mapping[str, object] = {**PERSON, "extraction_method": "list"}
    first = sync(api, config=config, select=["tasks"])
    gid = renamed(api, first)
    hidden = sync(api, config={**config, "extraction_method": "search"}, select=["tasks"], state=first.state)
    assert gid not in hidden.gids("tasks")
    assert hidden.state["bookmarks"]["tasks"]["partitions"][0]["method"] == "list"
    clock(api).advance(HOUR)
    third = sync(api, config=config, select=["tasks"], state=hidden.state)
    assert gid in third.gids("tasks")


def test_lists_that_replace_searches_read_what_the_index_hid_from_these() -> None:
    """A user leaves, so that lists are cheap enough where nothing shows whether searches find subtasks; once."""
    api = asana(replace(TINY, workspaces=1, subtasks=0), limits=Limits(search_lag=LATE_SECONDS))
    workspace = next(iter(api.world.workspaces))
    lists = len(api.world.gids("projects")) + len(api.world.gids("users"))
    leaver = api.world.add_user(workspace)
    config = {**PERSON, "extraction_method": "auto"}
    with run_limits(max_uncompared_lists=lists):
        first = sync(api, config=config, select=["tasks"])
        gid = renamed(api, first)
        hidden = sync(api, config=config, select=["tasks"], state=first.state)
        assert gid not in hidden.gids("tasks")
        api.world.remove_user(leaver, workspace)
        clock(api).advance(HOUR)
        third = sync(api, config=config, select=["tasks"], state=hidden.state)
        assert third.gids("tasks") == {gid}
        fourth = sync(api, config=config, select=["tasks"], state=third.state)
        assert not fourth.records("tasks")


def test_lists_read_what_the_index_hid_from_one_stream_while_lists_were_read_for_another() -> None:
    """Searches are refused for the stream with the older bookmark, and in the next run for both."""
    api = asana(replace(TINY, workspaces=1), limits=Limits(search_lag=LATE_SECONDS))
    config = {**PERSON, "extraction_method": "auto"}
    union = sync(api, config=config, select=TASKS_AND_STORIES)
    of_stories = union.bookmark("stories")["replication_key_value"]
    clock(api).advance(2 * HOUR)
    union = union.then(sync(api, config=config, select=["tasks"], state=union.state))
    gid = renamed(api, union)
    refuse = refusing_searches(api, lambda since: since < of_stories)
    hidden = sync(api, config=config, select=TASKS_AND_STORIES, state=union.state, on_request=refuse)
    assert [hidden.bookmark(name)["method"] for name in TASKS_AND_STORIES] == ["search", "list"]
    assert gid not in hidden.gids("tasks")
    clock(api).advance(HOUR)
    api.refusals[:] = [Refusal(SEARCHES, 403)]
    last = sync(api, config=config, select=TASKS_AND_STORIES, state=hidden.state)
    assert gid in last.gids("tasks")
