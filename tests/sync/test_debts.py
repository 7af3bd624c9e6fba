"""What a stream could not read is owed: every later run asks it first, until it is read or gone (law 6)."""

from __future__ import annotations

import pytest
from closing import ANSWERS, Closed, some
from harness import killing
from owing import METHODS, apart, asked, debts, run, world

from fake_asana.server import downloads
from tap_asana.sync import writer

ROOT = "GET /workspaces"
"""The list without which there is no run."""

NO_LISTS = {
    "GET /projects/{project_gid}/task_counts": "a number that the file of an export is compared with",
    "GET /workspaces/{workspace_gid}/tasks/search": "where a search is refused, lists are read instead",
    "POST /exports/resource": "where an export is refused, another method is taken",
    "GET /jobs/{job_gid}": "as above",
    downloads.TEMPLATE: "as above",
}
"""What is asked besides lists."""

LISTS = {
    "list": [
        *("GET /projects", "GET /users", "GET /tags", "GET /portfolios", "GET /goals", "GET /portfolio_memberships"),
        *("GET /portfolios/{portfolio_gid}", "GET /tasks of project", "GET /tasks of assignee"),
        *("GET /tags/{tag_gid}/tasks", "GET /tasks/{task_gid}/subtasks", "GET /tasks/{task_gid}/stories"),
        *("GET /goals/{goal_gid}/stories", "GET /attachments of task", "GET /attachments of project"),
        *("GET /attachments of project brief", "GET /tasks/{task_gid}/time_tracking_entries"),
        *("GET /status_updates of project", "GET /status_updates of portfolio", "GET /status_updates of goal"),
    ],
    "search": [
        *("GET /projects", "GET /users", "GET /tasks of project", "GET /tasks of assignee"),
        *("GET /tasks/{task_gid}/stories", "GET /attachments of task", "GET /tasks/{task_gid}/time_tracking_entries"),
    ],
    "export": ["GET /projects", "GET /tasks/{task_gid}/time_tracking_entries"],
}
"""The lists that the incremental streams ask in a first read, by method; what two methods ask alike stands once."""

CASES = [
    (method, each, answer)
    for method, lists in LISTS.items()
    for each in lists
    for answer in (ANSWERS if method == "list" else ("403", "500"))
]
"""Every list with everything that may come in its place; by the other methods with a refusal and with a failure."""


@pytest.mark.parametrize("method", METHODS)
def test_the_lists_here_are_those_that_are_asked(method: str) -> None:
    """A list that is asked one day and is not among these is noticed."""
    kinds = asked(method).keys() - {ROOT} - NO_LISTS.keys()
    known = {each for lists in LISTS.values() for each in lists}
    assert kinds <= known
    assert set(LISTS[method]) <= kinds


@pytest.mark.parametrize(("method", "kind", "answer"), CASES)
def test_what_was_refused_in_a_first_run_comes_with_the_next(method: str, kind: str, answer: str) -> None:
    """Lists that are refused in one run, and open in the next, cost nothing, though nothing below them changed."""
    api = world()
    api.close(some(asked(method)[kind]), ANSWERS[answer])
    first = run(api, method)
    assert first.error is None
    assert api.met == api.shut
    api.open()
    second = run(api, method, first.state)
    assert second.error is None
    assert apart(api, first.then(second), method) == {}
    assert debts(second) == []


INCREMENTS = [
    *(("list", each) for each in LISTS["list"] if each.startswith(("GET /tasks", "GET /tags/", "GET /status"))),
    *(("search", each) for each in LISTS["search"] if "{task_gid}" in each or each.endswith("of task")),
    ("export", "GET /tasks/{task_gid}/time_tracking_entries"),
]


def work(api: Closed, method: str) -> None:
    """Let people do something about every task and every parent of status updates."""
    for gid in list(api.world.expected_records("tasks", METHODS[method]["access_token"])):
        api.world.track_time(gid)
        api.world.attach(gid)
        api.world.comment(gid)
    for stream in ("projects", "portfolios", "goals"):
        for gid in list(api.world.expected_records(stream)):
            api.world.post_status_update(gid)


@pytest.mark.parametrize(("method", "kind"), INCREMENTS)
def test_what_was_refused_in_an_increment_comes_with_the_next(method: str, kind: str) -> None:
    """What an increment was refused is owed too: its bookmark has passed what changed, and reads it nevertheless."""
    api = world()
    before = run(api, method)
    work(api, method)
    api.close(some(asked(method)[kind]), ANSWERS["403"])
    first = run(api, method, before.state)
    assert api.met
    api.open()
    second = run(api, method, first.state)
    assert apart(api, before.then(first).then(second), method) == {}
    assert debts(second) == []


@pytest.mark.parametrize("at", [8, 14, 20, 30, 45, 60])
@pytest.mark.parametrize("method", ["list", "search"])
def test_a_payment_that_is_killed_loses_nothing(method: str, at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A debt stands in state until its records are written: killed at any request, the next run asks for the rest."""
    monkeypatch.setattr(writer, "MIN_OUTPUT_PER_STATE_BYTE", 0)
    api = world()
    everything = [each for kind, lists in asked(method).items() if kind not in NO_LISTS for each in some(lists)]
    api.close([each for each in everything if each != "/api/1.0/workspaces"], ANSWERS["403"])
    first = run(api, method)
    api.open()
    cut = run(api, method, first.state, on_request=killing(at)).vouched()
    rest = run(api, method, cut.state or first.state)
    assert apart(api, first.then(cut).then(rest), method) == {}
    assert debts(rest) == []
