"""Rows that no run can have read or named are excused for the reasons that the documentation gives, and no others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from expected_losses import unlisted_tasks
from failed_late_lists import MOVED_BEFORE_EVENTS, UNNAMED, with_changes
from harness import TINY, Output, asana, clock
from interruptions import Killed
from methods import HOUR, LIST

from fake_asana.model.choices import FreshnessForm, RefusalForm, TrackingForm, TrashForm
from fake_asana.model.clock import format_instant
from fake_asana.model.dialect import Dialect
from fake_asana.world import Sizes
from simulate.attempt import Change
from simulate.followed import unlisted_entries
from simulate.history import FOLLOWED, History
from simulate.late_objects import arrived_late, was_shown_late
from simulate.meanwhile import EventRead
from simulate.oracle import verdicts
from simulate.player import Played, PlayedRun, play
from simulate.target import KeptRows
from simulate.told import ENTRIES, is_from_trash, is_pass_between, milliseconds
from simulate.unnamed import stays_in_trash


@pytest.fixture(scope="module")
def moved() -> Played:
    """Return a history whose target lacks the stories of a move."""
    return play(MOVED_BEFORE_EVENTS)


def found(played: Played) -> list[str]:
    """Return the kinds of what is wrong at the end."""
    return [line.partition(" [")[0] for line in verdicts(replace(played, earlier=[], truth={}))]


@pytest.mark.parametrize("history", UNNAMED, ids=["story", "time", "outside of all projects"])
def test_only_late_lists_excuse_a_row_that_no_event_names(history: History) -> None:
    """With lists that are never late, it must be there."""
    played = play(history)
    assert not found(played)
    assert len(found(replace(played, history=replace(history, dialect=Dialect())))) == 1


def test_a_row_that_the_next_run_reads_again_must_be_there(moved: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    """The task changed a minute before its move, or each run reads all stories, or a pass has read them."""
    history = moved.history
    wrong = ["stories: not as events tell"]
    assert found(replace(moved, history=replace(history, full_table=("stories",)))) == wrong
    passed = replace(moved, history=replace(history, settings={**history.settings, "reconcile_days": 1}))
    assert wrong[0] in found(replace(passed, quiet_runs=9))
    task = moved.api.world.tasks[next(each.gid for each in moved.api.world.history if each.action == "removed")]
    monkeypatch.setattr(task, "modified", int(moved.runs[0].start_ms) - 60_000)
    assert wrong[0] in found(moved)


def test_a_row_that_an_event_names_must_be_there() -> None:
    """The project had a sync token before the task moved."""
    played = play(with_changes(9500003740, [], [Change(0, "move", 5)]))
    assert not found(played)
    new = {each.gid for each in played.api.world.history if (each.action, each.resource_type) == ("added", "story")}
    kept = [each for each in played.kept.messages if each.get("record", {}).get("gid") not in new]
    assert found(replace(played, kept=Output(kept))) == ["stories: not as events tell"]


def test_a_row_made_long_before_a_run_must_be_there(moved: Played) -> None:
    """The list has shown it by then."""
    reads = [each._replace(at=each.at + 60_000) for each in moved.event_reads]
    assert found(replace(moved, event_reads=reads)) == ["stories: not as events tell"]


def test_rows_behind_the_last_state_are_known_if_events_of_their_project_are_read() -> None:
    """A run that is killed after it has seen a project first keeps no sync token of it (seed 9600027517)."""
    rows = KeptRows()
    output = Output([{"type": "RECORD", "stream": "tasks", "record": {"gid": "1"}}], Killed())
    rows.add(output, {"bookmarks": {"deletions": {"partitions": [{"sync_tokens": {"7": "a token"}}]}}})
    assert rows.is_known("tasks", "1", ["7", "8"])
    assert not rows.is_known("tasks", "1", ["8"])


def test_only_a_late_form_excuses_a_task_as_it_was_before_its_event() -> None:
    """A run has read the event of a silent change less than a minute after it (seeds 9700022148, 9700025441)."""
    api = asana(TINY)
    task = next(iter(api.world.tasks.values()))
    clock(api).advance(HOUR)
    api.world.like_task(task.gid)
    changed = api.world.history[-1].at
    for form in (FreshnessForm(late_changes=60), FreshnessForm(late_counts=60)):
        history = History(dialect=Dialect(freshness=form))
        for seconds, is_excused in ((59, True), (61, False)):
            reads = [EventRead("1", changed + seconds * 1000, has_token=True)]
            assert was_shown_late(Played(history, api, event_reads=reads), "tasks", task) is is_excused
            assert not was_shown_late(Played(history, api, event_reads=reads), "stories", task)
            assert not was_shown_late(Played(History(), api, event_reads=reads), "tasks", task)


def test_a_pass_that_ends_at_an_instant_is_not_before_it() -> None:
    """Nobody knows which came first: the pass may have read an object after its deletion (seed 9700041612)."""
    line = "workspace 1: reconciled 7 tasks between 2026-05-28T22:28:16.473Z and 2026-05-29T22:28:26.473Z: 0 deleted"
    played, end = Played(History(), asana(TINY), log=[line]), milliseconds("2026-05-29T22:28:26.473Z")
    assert not is_pass_between(played, "1", 0, end)
    assert is_pass_between(played, "1", 0, end + 1)


def test_nothing_tells_a_task_in_the_trash_from_a_hidden_one_where_asana_refuses_it() -> None:
    """With 404 for the trash, the list of its stories tells it, if all runs read those of changed tasks.

    A pass tells it too if it searches (seeds 9700028502 and 9700151960).
    """
    api = asana(TINY)
    gid = next(iter(api.world.tasks))
    api.world.delete_task(gid)
    workspace = api.world.trash.tasks[gid].workspace.gid
    row = {"gid": gid, "modified_at": format_instant(api.world.now()), "workspace": {"gid": workspace}}
    run = PlayedRun(api.world.now(), frozenset(), frozenset(), messages=0, lines=0, is_complete=True)
    for status, streams, full_table, is_from_search in (
        (403, (), (), True),
        (404, (), (), False),
        (410, (), (), False),
        (404, ("tasks",), (), True),
        (404, (), ("stories",), True),
    ):
        dialect = Dialect(trash=TrashForm(searched=True), refusals=RefusalForm(trashed=status))
        history = History(dialect=dialect, streams=streams, full_table=full_table)
        played = Played(history, api, runs=[run])
        assert is_from_trash(played, row) is stays_in_trash(played, "tasks", row) is is_from_search
        searched = replace(played, runs=[replace(run, searched=frozenset({workspace}))])
        assert not stays_in_trash(searched, "tasks", row)


@pytest.mark.parametrize(("begin", "is_excused"), [(4, True), (61, False)])
def test_a_pass_that_begins_before_a_list_shows_a_row_has_not_read_it(begin: int, *, is_excused: bool) -> None:
    """A minute later it has: no other run reads the row before its deletion (seed 9700070069)."""
    api = asana(TINY)
    gid = api.world.add_task(project=api.world.gids("projects")[0])
    added = api.world.now()
    clock(api).advance(HOUR)
    api.world.delete_task(gid)
    since, until = (format_instant(added + seconds * 1000) for seconds in (begin, begin + 100))
    workspace = api.world.trash.tasks[gid].workspace.gid
    run = PlayedRun(added + 5000, frozenset(), frozenset(), messages=0, lines=0, is_complete=True)
    log = [f"workspace {workspace}: reconciled 7 tasks between {since} and {until}: 0 deleted"]
    history = History(dialect=Dialect(freshness=FreshnessForm(late_seconds=60)))
    row = {"gid": gid, "workspace_gid": workspace, "created_at": format_instant(added)}
    assert arrived_late(Played(history, api, runs=[run], log=log), "tasks", row) is is_excused


def test_only_a_read_of_all_entries_lacks_those_of_tasks_in_no_list() -> None:
    """It reads them below tasks; all other runs read the entries of the last days (seed 9700074695)."""
    history = History(sizes=TINY, streams=FOLLOWED, full_table=("time_tracking_entries",), attempts=())
    played = play(history)
    world = played.api.world
    world.track_time(world.add_task(workspace=next(iter(world.workspaces))))
    changed = replace(played, truth={}, unlisted=None)
    assert not list(unlisted_entries(changed))
    assert len(list(unlisted_entries(replace(changed, history=replace(history, full_table=()))))) == 1


def test_a_time_entry_of_another_person_is_missing_only_if_a_line_says_so() -> None:
    """The workspace's list has the entries of the token's user alone, and no task shows its minutes."""
    sizes, streams = Sizes(workspaces=1, users=2, teams=1, projects=1, tags=0, tasks=4), ("tasks", ENTRIES)
    dialect = Dialect(tracking=TrackingForm(lists_others=False), unknown_hints=frozenset({"actual_time_minutes"}))
    played = play(History(seed=30, sizes=sizes, method="list", streams=streams, dialect=dialect, attempts=()))
    assert not found(played)
    silent = replace(played, log=[line for line in played.log if "no time entries are listed" not in line])
    assert found(silent) == [f"{ENTRIES}: lost"]
    others = replace(dialect, tracking=TrackingForm())
    assert found(replace(played, history=replace(played.history, dialect=others)))[0] == f"{ENTRIES}: lost"


def test_a_task_of_a_person_who_has_left_is_in_the_list_of_its_project_alone() -> None:
    """The list of a member holds the task even if that of its project is refused."""
    world = asana(TINY).world
    assigned = ((each, each.assignee) for each in world.tasks.values() if each.sections and not each.parent)
    task, person = next((each, person) for each, person in assigned if person)
    closed = {project.gid for project in task.projects()} | {tag.gid for tag in task.tags}
    assert task.gid not in unlisted_tasks(world, closed, LIST["access_token"])
    world.remove_user(person.gid, task.workspace.gid)
    assert task.gid in unlisted_tasks(world, closed, LIST["access_token"])
