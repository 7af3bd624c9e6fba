"""Lists that a run could not read are retried first by every later run, until they are read or gone (law 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from interruptions import killing
from methods import METHODS
from refused_lists import ANSWERS, RefusingApi, refusal_with, sample
from unread_lists import debts, differences, requested_lists, run, world

from fake_asana.server import downloads

ROOT = "GET /workspaces"
"""The list without which a run ends."""

NO_LISTS = {
    "GET /projects/{project_gid}/task_counts": "a number that the file of an export is compared with",
    "GET /workspaces/{workspace_gid}/tasks/search": "lists replace a refused search",
    "POST /exports/resource": "another method replaces a refused export",
    "GET /jobs/{job_gid}": "as above",
    downloads.TEMPLATE: "as above",
    "GET /tasks/{task_gid}": "a look at what an empty field means or whether an export is complete, without records",
    "GET /time_tracking_entries": "the next run lists all days since the last successful request",
}
"""Requests whose refusal is no debt."""

LISTS: Mapping[str, Sequence[tuple[str, ...]]] = {
    "list": [
        ("GET /projects", "GET /portfolios", "GET /tags"),
        ("GET /users", "GET /goals", "GET /portfolio_memberships"),
        (
            *("GET /tasks of project", "GET /portfolios/{portfolio_gid}", "GET /goals/{goal_gid}/stories"),
            *("GET /attachments of project", "GET /status_updates of project"),
        ),
        (
            *("GET /tasks of assignee", "GET /tags/{tag_gid}/tasks", "GET /attachments of project brief"),
            *("GET /status_updates of portfolio", "GET /status_updates of goal"),
        ),
        (
            *("GET /tasks/{task_gid}/subtasks", "GET /tasks/{task_gid}/stories", "GET /attachments of task"),
            "GET /tasks/{task_gid}/time_tracking_entries",
        ),
    ],
    "search": [
        ("GET /projects",),
        ("GET /users", "GET /tasks of project"),
        (
            *("GET /tasks of assignee", "GET /tasks/{task_gid}/stories", "GET /attachments of task"),
            "GET /tasks/{task_gid}/time_tracking_entries",
        ),
    ],
    "export": [("GET /projects", "GET /tasks/{task_gid}/time_tracking_entries")],
}
"""The lists that the incremental streams request in a first read, by method.

Lists of one group are refused in the same run: no refusal among them hides another list of the group.
"""

FEW_ANSWERS = ("403", "500")
CASES = [
    (method, group, turn)
    for method, groups in LISTS.items()
    for group in range(len(groups))
    for turn in range(len(ANSWERS if method == "list" else FEW_ANSWERS))
]
"""Groups of lists, and turns: over all turns every list of a group meets every answer."""


@pytest.mark.parametrize("method", LISTS)
def test_these_lists_are_complete(method: str) -> None:
    """A new kind of requested list fails this test until it is added here."""
    kinds = requested_lists(method).keys() - {ROOT} - NO_LISTS.keys()
    known = {name: {each for group in groups for each in group} for name, groups in LISTS.items()}
    assert kinds <= set().union(*known.values())
    assert known[method] <= kinds


@pytest.mark.parametrize(("method", "group", "turn"), CASES)
def test_lists_refused_in_a_first_run_are_read_by_the_next(method: str, group: int, turn: int) -> None:
    """Lists refused in one run and readable in the next lose nothing, even without changes in them."""
    api = world()
    answers = [ANSWERS[name] for name in (ANSWERS if method == "list" else FEW_ANSWERS)]
    for number, kind in enumerate(LISTS[method][group]):
        api.refuse_lists(sample(requested_lists(method)[kind]), answers[(number + turn) % len(answers)])
    first = run(api, method)
    assert first.error is None
    assert api.met_refusals == api.refused.keys()
    api.reopen()
    second = run(api, method, first.state)
    assert second.error is None
    assert differences(api, first.then(second), method) == {}
    assert debts(second) == []


TASK_LISTS = ("GET /tasks of project", "GET /tasks of assignee", "GET /tags/{tag_gid}/tasks")


def test_tasks_outside_the_plan_are_read_once_the_plan_has_them() -> None:
    """A list of tasks that answers 402 is no debt: its project, user or tag counts as never seen."""
    api = world()
    for kind in TASK_LISTS:
        api.refuse_lists(sample(requested_lists("list")[kind]), refusal_with(402))
    first = run(api, "list")
    assert debts(first) == []
    api.reopen()
    second = run(api, "list", first.state)
    assert differences(api, first.then(second), "list") == {}


INCREMENTS = [
    *(("list", group) for group in LISTS["list"][2:]),
    ("search", LISTS["search"][2][1:]),
    ("export", ("GET /tasks/{task_gid}/time_tracking_entries",)),
]
"""Lists of an incremental run, which may be refused."""


def work(api: RefusingApi, method: str) -> None:
    """Change every task and every parent of status updates."""
    for gid in list(api.world.gids("tasks", METHODS[method]["access_token"])):
        api.world.track_time(gid)
        api.world.attach(gid)
        api.world.comment(gid)
    for stream in ("projects", "portfolios", "goals"):
        for gid in list(api.world.gids(stream)):
            api.world.post_status_update(gid)


@pytest.mark.parametrize(("method", "group"), INCREMENTS)
def test_lists_refused_in_an_increment_are_read_by_the_next(method: str, group: tuple[str, ...]) -> None:
    """Lists refused in an incremental run are read later, although the bookmark is past their changes."""
    api = world()
    before = run(api, method)
    work(api, method)
    for kind in group:
        api.refuse_lists(sample(requested_lists(method)[kind]), ANSWERS["403"])
    first = run(api, method, before.state)
    assert {kind for kind in group if api.met_refusals.intersection(requested_lists(method)[kind])} == set(group)
    api.reopen()
    second = run(api, method, first.state)
    assert differences(api, before.then(first).then(second), method) == {}
    assert debts(second) == []


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("at", [8, 20, 45])
@pytest.mark.parametrize("method", ["list", "search"])
def test_a_kill_while_reading_debts_loses_nothing(method: str, at: int) -> None:
    """A debt stays in the state until its records are written: after a kill, the next run reads the rest."""
    api = world()
    everything = [
        each for kind, lists in requested_lists(method).items() if kind not in NO_LISTS for each in sample(lists)
    ]
    api.refuse_lists([each for each in everything if each != "/api/1.0/workspaces"], ANSWERS["403"])
    first = run(api, method)
    api.reopen()
    cut = run(api, method, first.state, on_request=killing(at)).confirmed()
    rest = run(api, method, cut.state or first.state)
    assert differences(api, first.then(cut).then(rest), method) == {}
    assert debts(rest) == []
