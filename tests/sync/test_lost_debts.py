"""Unread lists for which state has no room are read again with everything, whatever happens to that read."""

from __future__ import annotations

from itertools import count

from harness import Message, Output, asana, clock, run_limits, sync
from interruptions import interrupted
from methods import HOUR, LIST
from refused_lists import RefusingApi, refusal_with

from fake_asana.messages import HttpRequest
from fake_asana.world import Sizes

SELECTED = ("tasks", "stories")
SMALL = Sizes(workspaces=1, users=3, teams=1, projects=3, tags=0, tasks=20, stories=1, busiest=2, goals=0, personal=6)
ONE_AT_ONCE: Message = {**LIST, "max_concurrency": 1}


def lost(api: RefusingApi, union: Output) -> set[str]:
    """Return the stories that never came."""
    return set(api.world.gids("stories")) - union.gids("stories")


def lists_project(request: HttpRequest) -> bool:
    """Return whether a request is for the tasks of a project."""
    return "project" in request.query


def test_what_a_resumed_read_of_everything_has_no_room_for_is_not_forgotten() -> None:
    """The run that resumes it meets further unread lists below an owed one, for which state has no room either."""
    api = RefusingApi(asana(SMALL).world)
    (workspace,) = api.world.workspaces
    people = [f"/api/1.0/tasks assignee={gid} workspace={workspace}" for gid in api.world.users]
    stories = [f"/api/1.0/tasks/{gid}/stories" for gid in api.world.tasks]
    api.refuse_lists([*people, *stories], refusal_with(403))
    with run_limits(max_debts=3, output_per_state_byte=0):
        union = sync(api, select=SELECTED, config=ONE_AT_ONCE)
        clock(api).advance(25 * HOUR)
        # The lists of people are requested as owed ones, in the increment of tasks, and in the read of stories.
        numbers = count(1)

        def is_last_list(request: HttpRequest) -> bool:
            return "assignee" in request.query and next(numbers) == 3 * len(people)

        union = union.then(interrupted(api, is_last_list, select=SELECTED, config=ONE_AT_ONCE, state=union.state))
        assert union.bookmark("stories")["window"]["since"] is None
        clock(api).advance(300)
        api.refused = {each: answer for each, answer in api.refused.items() if each not in people}
        union = union.then(sync(api, select=SELECTED, config=ONE_AT_ONCE, state=union.state))
        assert "window" not in union.bookmark("stories")
        api.reopen()
        for _ in range(2):
            clock(api).advance(HOUR)
            union = union.then(sync(api, select=SELECTED, config=ONE_AT_ONCE, state=union.state))
    assert lost(api, union) == set()


def test_what_a_read_of_everything_under_a_start_date_leaves_out_is_read_later() -> None:
    """A killed run has paid all debts, and the next one reads everything again from its start date on."""
    api = RefusingApi(asana(SMALL).world)
    api.refuse_lists([f"/api/1.0/tasks/{gid}/stories" for gid in api.world.tasks], refusal_with(403))
    with run_limits(max_debts=3, output_per_state_byte=0):
        union = sync(api, select=SELECTED, config=ONE_AT_ONCE)
        clock(api).advance(HOUR)
        api.reopen()
        union = union.then(interrupted(api, lists_project, select=SELECTED, config=ONE_AT_ONCE, state=union.state))
        for start_date in ("2026-03-01", None):
            clock(api).advance(HOUR)
            config = {**ONE_AT_ONCE, "start_date": start_date}
            union = union.then(sync(api, select=SELECTED, config=config, state=union.state))
    assert lost(api, union) == set()
