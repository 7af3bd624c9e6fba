"""A search fails in the middle of an increment: lists replace it, and searches for what no list leads to."""

from __future__ import annotations

import logging
from collections import Counter
from itertools import count

import pytest
from harness import Hook, asana, clock, sync
from methods import DAY, HOUR, METHODS, TASK_STREAMS, missing_or_stale

from fake_asana.messages import HttpRequest
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.server.faults import Refusal
from fake_asana.server.search import Search
from fake_asana.world import Sizes

WORLD = Sizes(workspaces=1, users=4, teams=1, projects=6, tags=1, tasks=40, stories=1, busiest=4, goals=0, personal=20)
SEARCHES = "GET /workspaces/{workspace_gid}/tasks/search"
AUTO = {**METHODS["auto"], "max_concurrency": 1}

REFUSED = 2
"""The place of the refused search among those for changes: the first one has had an answer."""


def with_unlisted_subtask(dialect: Dialect | None = None) -> tuple[Api, str]:
    """Return an Asana with a subtask below a task that is in no list, and this subtask."""
    api = asana(WORLD, dialect=dialect)
    subtask = api.world.add_task(parent=api.world.add_task(workspace=next(iter(api.world.workspaces))))
    clock(api).advance(2 * DAY)
    return api, subtask


def refusing_one(api: Api, *, is_refused_again: bool = False) -> Hook:
    """Return a hook that has a search for changes refused once, after its first answer, and maybe that for subtasks."""
    places = count(1)

    def refuse(request: HttpRequest) -> None:
        is_change = "modified_at.after" in request.query and "has_attachment" not in request.query
        if request.path.endswith("/tasks/search") and is_change:
            is_again = is_refused_again and request.query.get("is_subtask") == "true"
            api.refusals[:] = [Refusal(SEARCHES, 403)] if next(places) == REFUSED or is_again else []

    return refuse


@pytest.mark.parametrize("is_refused_again", [False, True])
def test_a_changed_subtask_of_an_unchanged_task_in_no_list_is_read(*, is_refused_again: bool) -> None:
    """The search for tasks in no list does not find it; if that for subtasks is refused too, the next run reads it."""
    api, subtask = with_unlisted_subtask()
    union = sync(api, config=AUTO, select=TASK_STREAMS)
    assert union.bookmark("tasks")["method"] == "search"
    clock(api).advance(HOUR)
    api.world.comment(subtask)
    clock(api).advance(2 * HOUR)
    refuse = refusing_one(api, is_refused_again=is_refused_again)
    union = union.then(sync(api, config=AUTO, select=TASK_STREAMS, state=union.state, on_request=refuse))
    api.refusals.clear()
    if is_refused_again:
        clock(api).advance(HOUR)
        union = union.then(sync(api, config=AUTO, select=TASK_STREAMS, state=union.state))
    assert missing_or_stale(api, union, str(AUTO["access_token"])) == {}


def test_no_list_below_a_changed_subtask_is_requested_twice() -> None:
    """Lists and the search for subtasks find the same ones."""
    api = asana(WORLD)
    parents = [gid for gid, task in api.world.tasks.items() if task.parent is None][:10]
    changed = [*parents, *(api.world.add_task(parent=gid) for gid in parents)]
    clock(api).advance(2 * DAY)
    union = sync(api, config=AUTO, select=TASK_STREAMS)
    clock(api).advance(HOUR)
    for gid in changed:
        api.world.comment(gid)
    clock(api).advance(2 * HOUR)
    api.log.clear()
    sync(api, config=AUTO, select=TASK_STREAMS, state=union.state, on_request=refusing_one(api))
    requests = Counter(each.path for each in api.log if each.path.endswith("/stories"))
    assert set(requests.values()) == {1}


def test_a_changed_subtask_is_read_although_searches_have_left_out_another_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Lists replace searches from then on, but a search for subtasks finds them."""
    api, subtask = with_unlisted_subtask()
    left_out = min(api.world.projects[min(api.world.gids("projects"), key=int)].tasks)
    monkeypatch.setattr(Search, "is_indexed", lambda _, task: task.gid != left_out)
    union = sync(api, config=AUTO, select=TASK_STREAMS)
    for changed in (left_out, left_out, subtask):
        clock(api).advance(HOUR)
        api.world.comment(changed)
        clock(api).advance(2 * HOUR)
        union = union.then(sync(api, config=AUTO, select=TASK_STREAMS, state=union.state))
    assert union.bookmark("projects")["search"]["changed"] == "missing"
    assert missing_or_stale(api, union, str(AUTO["access_token"])) == {}


def test_a_subtask_to_which_nothing_leads_is_named_and_read_with_its_parent(caplog: pytest.LogCaptureFixture) -> None:
    """Searches leave out subtasks, so that lists replace them; these lead to no task outside of all lists."""
    caplog.set_level(logging.INFO, "tap_asana")
    api, subtask = with_unlisted_subtask(Dialect(search_subtasks="never"))
    parent = api.world.tasks[subtask].parent
    assert parent is not None
    union = sync(api, config=AUTO, select=TASK_STREAMS)
    assert "a changed subtask of a task without project, tag and listed assignee is read when" in caplog.text
    for changed in (subtask, parent.gid):
        clock(api).advance(HOUR)
        api.world.comment(changed)
        clock(api).advance(HOUR)
        union = union.then(sync(api, config=AUTO, select=TASK_STREAMS, state=union.state))
        assert (missing_or_stale(api, union, str(AUTO["access_token"])) == {}) is (changed == parent.gid)
