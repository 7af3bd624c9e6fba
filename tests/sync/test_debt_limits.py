"""Unread lists in the state: their number, their lifetime and their log lines (law 6)."""

from __future__ import annotations

import json

import pytest
from harness import (
    Message,
    Output,
    attempt,
    clock,
    discovered,
    offline_tap,
    run_limits,
    selecting,
    summary,
    sync,
    written,
)
from methods import HOUR, LIST
from refused_lists import ANSWERS, RefusingApi, sample
from unread_lists import INCREMENTAL, debts, differences, requested_lists, run, stories_of, world

from fake_asana.messages import ApiError
from fake_asana.model.clock import to_datetime
from fake_asana.server.limits import Limits
from tap_asana.api.retries import Reachability
from tap_asana.limits import Limits as RunLimits
from tap_asana.state.debts import Debt, Debts
from tap_asana.state.shape import Partition


def test_a_refused_list_stays_in_the_state() -> None:
    """A list with a 403 is requested once by every run, and read by the first one allowed to."""
    api = world()
    api.refuse_lists(stories_of(2), ANSWERS["403"])
    runs = [run(api, "list")]
    for _ in range(3):
        api.met_refusals.clear()
        runs.append(run(api, "list", runs[-1].state))
        assert api.met_refusals == api.refused.keys()
        assert len(debts(runs[-1])) == len(api.refused)
    api.reopen()
    last = run(api, "list", runs[-1].state)
    assert differences(api, runs[0].then(last), "list") == {}
    assert debts(last) == []


def test_a_list_with_two_404s_is_dropped() -> None:
    """A second 404 in a later run means a deletion if the task is unknown too: the list is not requested again."""
    api = world()
    lists = stories_of(2)
    api.refuse_lists(lists, ANSWERS["404"])
    first = run(api, "list")
    assert len(debts(first)) == 2
    assert debts(run(api, "list", first.state)) == debts(first)
    api.refuse_lists([*lists, *(path.removesuffix("/stories") for path in lists)], ANSWERS["404"])
    second = run(api, "list", first.state)
    assert debts(second) == []
    api.met_refusals.clear()
    run(api, "list", second.state)
    assert api.met_refusals == set()


def test_a_debt_is_paid_although_the_list_of_its_parents_is_refused() -> None:
    """While nobody knows which projects are gone, the list of a project's status updates is requested nevertheless."""
    api = world()
    updates = requested_lists("list")["GET /status_updates of project"]
    api.refuse_lists(updates, ANSWERS["403"])
    first = run(api, "list")
    assert len(debts(first)) == len(updates)
    api.reopen()
    api.refuse("GET /projects", 403)
    second = run(api, "list", first.state)
    assert set(api.world.gids("status_updates")) <= first.then(second).gids("status_updates")


def test_a_402_is_not_a_debt() -> None:
    """A list outside the plan is not retried by later runs."""
    api = world()
    api.refuse_lists(stories_of(2), lambda: ApiError(402, "Not available").response())
    assert debts(run(api, "list")) == []


def test_the_start_date_applies_to_debts() -> None:
    """Old tasks of a user are read when the list becomes readable, except those before the start date."""
    api = world()
    user = next(task.assignee.gid for task in api.world.tasks.values() if task.assignee and not task.sections)
    lists = [each for each in requested_lists("list")["GET /tasks of assignee"] if f"assignee={user}" in each]
    api.refuse_lists(lists, ANSWERS["403"])
    first = run(api, "list")
    api.reopen()
    start = {**LIST, "start_date": to_datetime(api.world.now()).isoformat()}
    later = sync(api, config=start, select=INCREMENTAL, state=first.state)
    assert later.records("tasks") == []


def test_debts_are_requested_before_changes() -> None:
    """A run requests the unread lists before the first list of changes of the workspaces that owe them."""
    api = world()
    api.refuse_lists(stories_of(2), ANSWERS["403"])
    first = run(api, "list")
    start = len(api.log)
    run(api, "list", first.state)
    paths = [f"/{each.path.partition('/1.0/')[2]}" for each in api.log[start:]]
    owed = [paths.index(each.partition("/1.0")[2]) for each in api.refused]
    debtors = {api.world.tasks[each.split("/")[-2]].workspace.gid for each in api.refused}
    projects = {gid for gid, project in api.world.projects.items() if project.workspace.gid in debtors}
    changes = [at for at, each in enumerate(api.log[start:]) if each.query.get("project") in projects]
    assert max(owed) < min(changes)


def test_the_log_reports_open_and_settled_debts(caplog: pytest.LogCaptureFixture) -> None:
    """The last line names the unread lists by kind and gid, and counts those read at last."""
    caplog.set_level("INFO")
    api = world()
    api.refuse_lists(stories_of(2), ANSWERS["403"])
    gids = sorted(each.split("/")[-2] for each in api.refused)
    first = run(api, "list")
    assert f"2 lists still owed (stories {gids[0]}, stories {gids[1]})" in summary(caplog.records)["stories"]
    caplog.clear()
    api.reopen()
    run(api, "list", first.state)
    assert "2 owed lists read" in summary(caplog.records)["stories"]
    assert "owed" not in summary(caplog.records)["tasks"]
    paid = [record.getMessage() for record in caplog.records if "2 were read now, 0 are gone" in record.getMessage()]
    assert len(paid) == 1


def test_a_refused_list_of_projects_is_owed(caplog: pytest.LogCaptureFixture) -> None:
    """The last line names a refused list of parents, as long as it is refused."""
    caplog.set_level("INFO")
    api = world()
    api.refuse_lists(sample(requested_lists("list")["GET /projects"]), ANSWERS["403"])
    first = run(api, "list")
    assert "lists still owed (all projects" in summary(caplog.records)["tasks"]
    api.reopen()
    assert debts(run(api, "list", first.state)) == []


FULL = 3
"""Limit of debts in the state in these tests."""


def run_narrow(api: RefusingApi, state: Message | None = None, hours: int = 1) -> Output:
    """Run the streams once with a low limit of debts, and advance the clock by some hours."""
    catalog = selecting(discovered(), INCREMENTAL)
    tap = offline_tap(api)(config=LIST, state=json.loads(json.dumps(state)), catalog=catalog)
    with run_limits(max_debts=FULL):
        output = written(tap)
    clock(api).advance(hours * HOUR)
    return output


def owed_stories(output: Output) -> list[int]:
    """Return the number of debts of the stories in each workspace."""
    partitions = output.state["bookmarks"]["stories"]["partitions"]
    return [sum(map(len, partition.get("debts", {}).values())) for partition in partitions]


def test_lists_beyond_the_limit_are_read_when_a_debt_is_settled(caplog: pytest.LogCaptureFixture) -> None:
    """The state holds a limited number of debts; the other lists are read as soon as one of these is readable."""
    api = world()
    api.refuse_lists(stories_of(20), ANSWERS["403"])
    first = run_narrow(api)
    assert max(owed_stories(first)) == FULL
    warnings = [record.getMessage() for record in caplog.records if f"more than {FULL} lists" in record.getMessage()]
    assert warnings
    second = run_narrow(api, first.state)
    assert len([each for each in second.records("stories") if each["task_gid"]]) == 0
    api.reopen()
    third = run_narrow(api, second.state)
    assert differences(api, first.then(second).then(third), "list") == {}
    assert owed_stories(third) == [0, 0]
    fourth = run_narrow(api, third.state)
    assert [each for each in fourth.records("stories") if each["task_gid"]] == []


def test_lists_beyond_the_limit_are_retried_daily() -> None:
    """Lists beyond the limit are read once a day, even while all stored debts stay refused."""
    api = world()
    api.refuse_lists(stories_of(20), ANSWERS["403"])
    first = run_narrow(api)
    partitions = first.state["bookmarks"]["stories"]["partitions"]
    stored = {gid for partition in partitions for gid in partition["debts"]["stories"]}
    api.refused = {each: answer for each, answer in api.refused.items() if each.split("/")[-2] in stored}
    later = first
    union = first
    for _ in range(5):
        later = run_narrow(api, later.state, hours=6)
        union = union.then(later)
    missing_records = differences(api, union, "list")
    assert missing_records.keys() == {"stories"}
    assert {api.world.expected_records("stories")[key]["task_gid"] for key in missing_records["stories"]} <= stored
    api.reopen()
    assert differences(api, union.then(run_narrow(api, later.state)), "list") == {}


def test_lists_beyond_the_limit_are_retried_daily_although_each_run_meets_another() -> None:
    """Each hour, somebody renames a task whose stories are refused, and for which state has no room."""
    api = world()
    api.refuse_lists(stories_of(20), ANSWERS["403"])
    union = run_narrow(api)
    partitions = union.state["bookmarks"]["stories"]["partitions"]
    full = next(partition for partition in partitions if "debts_full" in partition)
    owed = {each: api.world.tasks[each.split("/")[-2]] for each in api.refused}
    in_full = [each for each, task in owed.items() if task.workspace.gid == full["context"]["workspace_gid"]]
    busy, readable, *_ = (each for each in in_full if owed[each].gid not in full["debts"]["stories"])
    api.refused = {each: answer for each, answer in api.refused.items() if each != readable}
    for _ in range(26):
        api.world.rename_task(owed[busy].gid)
        union = union.then(run_narrow(api, union.state))
    assert owed[readable].gid in {row["task_gid"] for row in union.records("stories")}
    api.reopen()
    partitions = run_narrow(api, union.state).state["bookmarks"]["stories"]["partitions"]
    assert not {"debts", "debts_full", "debts_lost"} & {name for partition in partitions for name in partition}


def test_failing_debts_do_not_end_a_run() -> None:
    """Any number of lists that fail in every run do not end it, and are attempted five times each."""
    api = world()
    api.refuse_lists(stories_of(8), ANSWERS["403"])
    first = run(api, "list")
    api.refuse_lists(api.refused, ANSWERS["500"])
    start = len(api.log)
    tap = offline_tap(api)(config=LIST, state=first.state, catalog=selecting(discovered(), INCREMENTAL))
    tap.run.client.reachability = Reachability(3)
    second = written(tap)
    assert second.error is None
    assert debts(second) == debts(first)
    failed = [each.path for each in api.log[start:] if each.status == 500]
    assert {failed.count(path) for path in failed} == {5}


def test_a_debt_of_a_task_reads_its_subtree() -> None:
    """A single unread task is read together with its stories and subtasks."""
    api = world()
    parent = next(task for task in api.world.tasks.values() if task.subtasks and task.gid in api.world.gids("tasks"))
    first = run(api, "list")
    for stream in ("tasks", "stories"):
        for partition in first.state["bookmarks"][stream]["partitions"]:
            if partition["context"]["workspace_gid"] == parent.workspace.gid:
                partition["debts"] = {"task": [parent.gid]}
    second = run(api, "list", first.state)
    below = set(parent.subtasks or ())
    assert below
    assert second.gids("tasks") >= {parent.gid, *below}
    assert {record["task_gid"] for record in second.records("stories")} >= {parent.gid}
    assert debts(second) == []


def test_debts_of_users_survive_a_new_privacy_key() -> None:
    """Debts of users are stored by pseudonym; under a new key, the tasks of all users are read."""
    api = world()
    keys = [{**LIST, "privacy": "pseudonymize", "privacy_key": 32 * letter} for letter in "ab"]
    api.refuse_lists(sample(requested_lists("list")["GET /tasks of assignee"], 20), ANSWERS["403"])
    first = sync(api, config=keys[0], select=["tasks"])
    assert debts(first, ["tasks"])
    api.reopen()
    clock(api).advance(HOUR)
    second = sync(api, config=keys[1], select=["tasks"], state=first.state)
    assert first.gids("tasks") < first.then(second).gids("tasks") == set(api.world.gids("tasks"))
    assert debts(second, ["tasks"]) == []


def test_a_truncated_project_with_refused_sections_is_read_later() -> None:
    """A truncated list that cannot be split because its sections are refused does not count as read."""
    api = world()
    api.limits = Limits(truncate=3)
    config = {**LIST, "page_size": 2}
    sections = {f"/api/1.0/projects/{gid}/sections" for gid in api.world.expected_records("projects")}
    api.refuse_lists(sections, ANSWERS["403"])
    first = attempt(api, config=config, select=["tasks"])
    assert first.error is None
    assert api.met_refusals
    api.limits = Limits()
    api.reopen()
    clock(api).advance(HOUR)
    second = sync(api, config=config, select=["tasks"], state=first.state)
    assert first.gids("tasks") < first.then(second).gids("tasks") == set(api.world.gids("tasks"))


def test_debts_of_one_stream_are_small() -> None:
    """The debts of one stream in a workspace take at most 25 kB of the state (law 3)."""
    partition: Partition = {}
    owed = Debts(partition)
    room = [
        owed.add(Debt("time_tracking_entries", str(10**15 + gid)), "2026-01-01T00:00:00.000Z") for gid in range(1100)
    ]
    assert room.count(True) == RunLimits.max_debts
    assert room[-1] is False
    assert len(json.dumps(partition)) < 25_000
    assert list(Debts(json.loads(json.dumps(partition)))) == list(owed)
