"""What the log of a simulated history tells excuses a loss only where the log names it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from deleted import deleted_gids
from failed_lists import FAILED_LISTS
from failed_passes import FAILED_PASSES
from harness import Message, Output

from fake_asana.model.dialect import Dialect
from fake_asana.server.api import LoggedRequest
from fake_asana.world import Sizes
from simulate.attempt import Attempt, Change, Refused
from simulate.comparing import Tolerance, agrees, renamed
from simulate.history import FOLLOWED, History, draw
from simulate.messages import workspaces_lacking_unlisted
from simulate.oracle import verdicts
from simulate.player import Played, play
from simulate.repeats import RepeatedRows
from simulate.told import has_lost_events, is_behind_open_end, path_of, refused_records
from simulate.unread import is_behind_expired_token

SIZES = Sizes(workspaces=1, users=2, teams=1, projects=2, tags=0, tasks=6)
MISSED = "deletions in {} from the first run to {} were missed: no sync token goes back that far"


def without(played: Played, is_lost: Callable[[str, Message], bool]) -> Played:
    """Return a history whose target lacks some records."""
    kept = [
        message
        for message in played.kept.messages
        if message["type"] != "RECORD" or not is_lost(message["stream"], message["record"])
    ]
    return replace(played, kept=Output(kept))


@pytest.fixture(scope="module")
def refused() -> Played:
    """Return a history in which one task's attachments are refused to the end."""
    return play(History(sizes=SIZES, lasting=(Refused("/attachments", 403, 1, parent=0),), attempts=()))


def task_of(played: Played) -> str:
    """Return the task whose attachments are refused."""
    return played.refused[0].gid


def test_a_refused_list_excuses_what_it_holds(refused: Played) -> None:
    """The log names the list: its attachments are missing, and nothing else may be."""
    assert verdicts(refused) == []
    assert {stream for stream, keys in refused_records(refused).items() if keys} <= {"attachments"}


@pytest.mark.parametrize("stream", ["stories", "tasks"])
def test_a_refused_list_excuses_no_other_stream(refused: Played, stream: str) -> None:
    """The stories of the task, and the task itself, must be there."""
    gid = task_of(refused)
    found = verdicts(without(refused, lambda name, row: name == stream and gid in {row["gid"], row.get("task_gid")}))
    assert [line.partition(":")[0] for line in found] == [stream]


def test_a_refused_list_that_the_log_does_not_name_excuses_nothing(refused: Played) -> None:
    """A skip of another list is no word on this one."""
    path = path_of("/attachments", task_of(refused))
    assert any(path in line for line in refused.log)
    other = [line.replace(path, path_of("/attachments", "1")) for line in refused.log]
    assert not any(refused_records(replace(refused, log=other)).values())


def test_a_refused_archived_project_excuses_what_searches_leave_out() -> None:
    """Where they find its tasks, or it is not archived, the lists of people lead to these, or searches do."""
    played = play(next(each for each in FAILED_LISTS if each.seed == 9000000373))
    assert verdicts(played) == []
    found = replace(played, history=replace(played.history, dialect=Dialect()))
    assert any(line.startswith("tasks: without their last change") for line in verdicts(replace(found, earlier=[])))
    assert refused_records(found)["tasks"] < refused_records(played)["tasks"]
    for project in played.api.world.projects.values():
        project.archived = False
    assert refused_records(found) == refused_records(played)


def test_only_clocks_that_were_ahead_excuse_a_comment_of_a_run_that_no_pass_names() -> None:
    """With one true clock, the next run knows that the comment is new."""
    played = play(next(each for each in FAILED_PASSES if each.seed == 9000000189))
    assert verdicts(played) == []
    assert [
        each.partition(" [")[0]
        for each in verdicts(replace(played, history=replace(played.history, dialect=Dialect())))
    ] == ["stories: deleted, and no pass names"]


@pytest.mark.parametrize(("deletion", "is_told"), [("delete", True), ("delete project", False)])
def test_an_existing_object_is_reported_as_deleted_only_if_no_event_says_that_it_was_restored(
    deletion: str, *, is_told: bool
) -> None:
    """A task returns to its project, which has the event, or to none, because its project was deleted with it."""
    restored = Attempt(changes=(Change(0, deletion, 0), Change(0, "restore", 0)))
    played = play(History(seed=6, sizes=SIZES, streams=FOLLOWED, attempts=(Attempt(), restored)))
    assert verdicts(played) == []
    (gid,) = {
        each.gid for each in played.api.world.history if each.action == "undeleted"
    } & played.api.world.tasks.keys()
    silent = without(played, lambda stream, row: stream == "deletions" and row["action"] == "undeleted")
    assert gid in deleted_gids(silent.kept)
    expected = [f"tasks: exists, but reported as deleted ['{gid}']"] if is_told else []
    assert [line.partition(" (quiet")[0] for line in verdicts(silent)] == expected
    path = f"/workspaces/{played.api.world.tasks[gid].workspace.gid}/audit_log_events"
    line = f"deletions: {path} returned a page of 3 rows and does not say whether more follow"
    assert verdicts(replace(silent, log=[*silent.log, line])) == []


def test_lost_events_excuse_their_project_alone() -> None:
    """A deletion is excused if the log names the project or workspace of its task, and a span with its time."""
    played = play(
        History(sizes=SIZES, streams=FOLLOWED, attempts=(Attempt(), Attempt(changes=(Change(0, "delete", 0),))))
    )
    (gid,) = played.api.world.trash.tasks
    assert verdicts(played) == []
    silent = without(played, lambda stream, row: stream == "deletions" and row["gid"] == gid)
    assert any("deleted, but not named" in line for line in verdicts(silent))
    (project,) = {each["gid"] for each in played.kept.rows("tasks")[gid]["projects"]}
    cases = (
        (project, "2030-01-01T00:00:00.000Z", True),
        (next(iter(played.api.world.workspaces)), "2030-01-01T00:00:00.000Z", True),
        (project, "2026-01-01T00:00:00.000Z", False),
        ("1", "2030-01-01T00:00:00.000Z", False),
    )
    for named, until, is_excused in cases:
        told = replace(silent, log=[MISSED.format(f"7, {named}", until)])
        assert has_lost_events(told, gid) is is_excused
        assert bool(verdicts(told)) is not is_excused


def test_no_history_has_two_fast_clocks() -> None:
    """If the header Date and the machine are both ahead by more than the lookback, no tap can know the time."""
    assert max(draw(seed).fast_seconds for seed in range(400)) < 600


def test_a_list_that_the_last_run_owes_excuses_what_it_holds(refused: Played) -> None:
    """A summary of the last run names the list; one of an earlier run does not count."""
    gid, summary = task_of(refused), "stories: 1 records, 1 requests, 0 retries, 0 s"
    lacking = without(refused, lambda name, row: name == "stories" and row.get("task_gid") == gid)
    named = [*lacking.log, f"{summary}, 1 lists still owed (stories {gid})"]
    assert verdicts(replace(lacking, log=named)) == []
    assert verdicts(replace(lacking, log=[*named, summary])) != []
    assert verdicts(replace(lacking, log=[*lacking.log, f"{summary}, 1 lists still owed (stories 900000)"])) != []


def test_privacy_excuses_people_and_nothing_else() -> None:
    """With privacy, a person may have another gid and name; a project, a number and a plain text may not."""
    private, untyped = Tolerance({"7", "Ann Bauer"}), Tolerance({"7", "Ann Bauer"}, are_typed=False)
    person, pseudonym = {"gid": "7", "name": "Ann Bauer"}, {"gid": "a39e2c3c", "name": "Person 0f48"}
    project = {"gid": "12", "name": "Plan"}
    assert agrees(pseudonym, person, private)
    assert not agrees(pseudonym, project, private)
    assert agrees(pseudonym, project, untyped)
    assert not agrees({**project, "name": "Other"}, project, untyped)
    assert not agrees([1], [2], private)
    assert agrees({"user_agent": "e52b"}, {"user_agent": "Mozilla/5.0"}, private)


def test_broken_values_are_null_or_marked() -> None:
    """With broken values, a text with U+FFFD and null agree with anything, and other values only with themselves."""
    broken = Tolerance(are_broken=True)
    assert agrees({"name": "Plan\ufffd", "number": None}, {"name": "Plan", "number": 5}, broken)
    assert not agrees({"name": "Plot"}, {"name": "Plan"}, broken)
    assert not agrees({"name": "Plan\ufffd"}, {"name": "Plan"}, Tolerance({"7"}))


def test_a_page_without_a_known_end_excuses_its_workspace() -> None:
    """The line stands for all lists of a stream in one workspace."""
    played = play(History(sizes=replace(SIZES, workspaces=2), streams=("projects",), attempts=()))
    projects = played.api.world.projects
    first = min(projects)
    other = next(gid for gid in projects if projects[gid].workspace is not projects[first].workspace)
    line = f"sections: /projects/{first}/sections returned a page of 3 rows and does not say whether more follow"
    told = replace(played, log=[line])
    assert is_behind_open_end(told, "sections", {"project": {"gid": first}})
    assert not is_behind_open_end(told, "sections", {"project": {"gid": other}})
    assert not is_behind_open_end(told, "stories", {"project": {"gid": first}})


def test_expired_page_tokens_excuse_the_lists_that_the_last_run_names() -> None:
    """The summary names the list, and Asana has refused one of its page tokens."""
    played = play(History(sizes=SIZES, streams=("projects",), attempts=()))
    first, other = sorted(played.api.world.projects)[:2]
    record, summary = {"project": {"gid": first}}, "task_templates: 0 records, 22 requests, 11 retries, 0 s"
    named = f"{summary}, 1 parents skipped with 400 (/task_templates?project={first})"
    query = {"project": first, "offset": "old"}
    played.api.log.append(LoggedRequest("GET", "/task_templates", "GET /task_templates", query, 400))
    skipped = replace(played, log=[*played.log, named])
    assert is_behind_expired_token(skipped, "task_templates", record)
    assert not is_behind_expired_token(skipped, "task_templates", {"project": {"gid": other}})
    assert not is_behind_expired_token(skipped, "sections", record)
    assert not is_behind_expired_token(replace(skipped, log=[*skipped.log, summary]), "task_templates", record)
    (workspace,) = played.api.world.workspaces
    path, log = f"/workspaces/{workspace}/audit_log_events", "deletions: 0 records, 22 requests, 11 retries, 0 s"
    played.api.log.append(LoggedRequest("GET", path, "GET /audit", {"offset": "old"}, 400))
    followed = replace(played, log=[f"{log}, 1 parents skipped with 400 ({path})"])
    assert is_behind_expired_token(followed, "deletions", {"workspace": {"gid": workspace}})
    played.api.log.clear()
    assert not is_behind_expired_token(skipped, "task_templates", record)


def test_tasks_in_no_list_are_excused_where_searches_may_leave_them_out() -> None:
    """The tap has no task outside of all projects to compare, and says so; an Asana that finds them has no excuse."""
    unsure = Dialect(search_private="never")
    sizes = replace(SIZES, tasks=4, personal=0)
    played = play(History(sizes=sizes, method="search", streams=("tasks",), dialect=unsure, attempts=()))
    lines = [line for line in played.log if "those without tag and listed assignee may be missing" in line]
    assert workspaces_lacking_unlisted(lines, unsure) == set(played.api.world.workspaces)
    assert workspaces_lacking_unlisted(lines, Dialect()) == set()
    assert workspaces_lacking_unlisted(["workspace 7: tasks are read by list, because"], Dialect()) == {"7"}


def test_a_story_names_other_objects_as_of_its_read() -> None:
    """The name in its text may be an older one of the object in it; another word may not differ."""
    old, new = {"gid": "7", "name": "A & B"}, {"gid": "7", "name": "A & B & C"}
    row = {"text": "depends on A & B", "html_text": "depends on A &amp; B", "dependency": old}
    truth = {"text": "depends on A & B & C", "html_text": "depends on A &amp; B &amp; C", "dependency": new}
    sound = Tolerance()
    assert renamed(row, truth, sound) == {**truth, "dependency": old}
    assert renamed({**row, "text": "blocks A & B"}, truth, sound)["text"] == "blocks A & B & C"
    assert renamed({**row, "dependency": {**old, "gid": "8"}}, truth, sound)["text"] == row["text"]
    assert renamed({"name": "a task"}, truth, sound) == {"name": "a task"}


def test_the_names_of_several_people_in_a_text_are_those_of_its_read() -> None:
    """Nothing tells of a new name; a person who is not among those of the row is another one."""
    kim, ana, renamed_kim = {"gid": "7", "name": "Kim"}, {"gid": "8", "name": "Ana"}, {"gid": "7", "name": "Kim Doe"}
    row = {"text": "changed Reviewers to Ana, Kim", "new_people_value": [ana, kim]}
    truth = {"text": "changed Reviewers to Ana, Kim Doe", "new_people_value": [ana, renamed_kim]}
    assert renamed(row, truth, Tolerance())["text"] == truth["text"]
    assert renamed({**row, "new_people_value": [ana]}, truth, Tolerance())["text"] == row["text"]
    assert renamed({"text": row["text"]}, truth, Tolerance())["text"] == truth["text"]
    same = {"text": "Kim added Kim", "created_by": renamed_kim, "follower": kim}  # 9700027563: the text keeps old names
    assert renamed({**same, "created_by": kim}, same, Tolerance())["text"] == same["text"]


@pytest.mark.parametrize("shown", [None, {"gid": "7", "name": None}, {"gid": "7", "name": "17"}])
def test_a_name_that_its_row_does_not_show_may_be_an_older_one_in_the_text(shown: object) -> None:
    """It is broken, or its field is not selected; the words around it in the text are the true ones."""
    truth = {"text": "moved from A to (B)", "from": {"gid": "6", "name": "A"}, "to": {"gid": "7", "name": "(B)"}}
    row = {"text": "moved from old A to old B", "from": {"gid": "6", "name": "old A"}, "to": shown}
    broken = Tolerance(are_broken=True, numerals=frozenset({"17"}))
    assert renamed(row, truth, broken)["text"] == truth["text"]
    assert renamed(row, truth, Tolerance())["text"] != truth["text"]
    left_out = {name: value for name, value in row.items() if name != "to"}
    assert renamed(left_out, truth, Tolerance())["text"] == truth["text"]
    removed = {**row, "text": "removed from old A to old B"}
    assert renamed(removed, truth, broken)["text"] == "removed from A to old B"


def test_an_audit_log_that_is_skipped_for_its_page_tokens_excuses_its_entries() -> None:
    """The entries do not name their workspace; a log that no line names is read whole."""
    played = play(History(sizes=SIZES, method="export", streams=("audit_log_events",), attempts=()))
    (workspace,), path = played.api.world.workspaces, "/workspaces/{}/audit_log_events"
    lost = min(played.kept.gids("audit_log_events"))
    lacking = without(played, lambda stream, row: stream == "audit_log_events" and row["gid"] == lost)
    summary = "audit_log_events: 0 records, 22 requests, 11 retries, 0 s, 1 parents skipped with 400 ({})"
    for gid, is_excused in ((workspace, True), ("900000", False)):
        played.api.log.append(LoggedRequest("GET", path.format(gid), "GET /audit", {"offset": "old"}, 400))
        told = replace(lacking, log=[*lacking.log, summary.format(path.format(gid))])
        assert bool(verdicts(told)) is not is_excused


@pytest.mark.parametrize(
    ("second", "method", "bookmark", "is_excused"),
    [
        ({"view_url": "x"}, "export", "replication_key_value", True),
        ({"view_url": "x"}, "export", "window", True),  # a resumed read
        ({"view_url": "x"}, "list", "replication_key_value", False),
        ({"view_url": "x", "name": "b"}, "export", "replication_key_value", False),
        ({"view_url": None}, "export", "replication_key_value", False),
        ({}, "export", "replication_key_value", False),
        ({"num_subtasks": None}, "export", "replication_key_value", True),
        ({"num_subtasks": 2}, "export", "replication_key_value", False),
        ({"name": None}, "export", "replication_key_value", False),
    ],
)
def test_only_fields_that_an_export_leaves_out_excuse_a_second_row(
    second: Message, method: str, bookmark: str, *, is_excused: bool
) -> None:
    """In all other cases the second row is what the first one was, or nothing was left out."""
    first: Message = {"gid": "1", "name": "a", "num_subtasks": 1}
    schema: Message = {"type": "SCHEMA", "stream": "attachments", "bookmark_properties": ["created_at"]}
    records = [{"type": "RECORD", "stream": "attachments", "record": row} for row in (first, {**first, **second})]
    before = RepeatedRows({"bookmarks": {"attachments": {"partitions": [{bookmark: "x"}]}}})
    log = [f"workspace 2: tasks are read by {method}, because the setting requires it"]
    dialect = Dialect(unknown_hints=frozenset({"num_subtasks"}))
    found = list(before.lines(Output([schema, *records]), log, [], dialect))
    assert found == ([] if is_excused else ["attachments: written twice by one run ['1']"])
