"""An export that leaves something out: the rest is read in another way, and the log says so (law 10)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import pytest
from expected_losses import unlisted_tasks
from harness import TINY, Output, asana, clock, sync
from methods import ALL_TASK_STREAMS, EXPORT, HOUR, TASKS_AND_STORIES, exports_of, missing_gids

from fake_asana.messages import HttpRequest
from fake_asana.model.clock import format_instant
from fake_asana.model.dialect import Dialect
from fake_asana.model.stories import stories_of_task
from fake_asana.mutations.tasks import make_subtask
from fake_asana.server.api import Api
from fake_asana.server.faults import Refusal

LACKS, CUT, KNOWN, PRIVATE_KNOWN = (
    "the export lacks tasks, such as ",
    "the export contains at most 5 stories",
    "exports leave out subtasks",
    "exports leave out tasks outside of all projects",
)

UNKNOWN_PRIVATE = "no tasks outside of all projects are known yet that show whether exports contain them; those in"

LACKING: dict[str, tuple[Dialect, str, str]] = {
    "subtasks": (Dialect(exports_subtasks=False), LACKS, KNOWN),
    "subtasks, as searches do": (Dialect(exports_subtasks=False, search_subtasks="never"), LACKS, KNOWN),
    "tasks without a project": (Dialect(exports_projectless=False), LACKS, PRIVATE_KNOWN),
    "stories and attachments beyond the first": (Dialect(exported_rows=5), CUT, CUT),
}
"""What exports leave out, and the lines about it in the first run and in the second one."""


def change(api: Api) -> None:
    """Change a subtask, and two tasks without a project and a parent; each gets some more comments."""
    world = api.world
    tasks = list(world.tasks.values())
    subtask = next(task for task in tasks if task.parent is not None)
    projectless = [task for task in tasks if task.parent is None and not list(task.projects())][:2]
    assert len(projectless) == 2
    for task in (subtask, *projectless):
        for _ in range(6):
            world.comment(task.gid)
        world.attach(task.gid)


@pytest.mark.parametrize(("dialect", "line", "later_line"), LACKING.values(), ids=list(LACKING))
def test_what_an_export_lacks_is_read(
    dialect: Dialect, line: str, later_line: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The first run and an increment are complete, and each names what the export lacks."""
    caplog.set_level(logging.INFO, "tap_asana")
    api = asana(TINY, dialect=dialect)
    first = sync(api, config=EXPORT, select=ALL_TASK_STREAMS)
    assert missing_gids(api, first, EXPORT) == {}
    assert any(line in message for message in caplog.messages)
    clock(api).advance(HOUR)
    caplog.clear()
    change(api)
    clock(api).advance(HOUR)
    second = sync(api, config=EXPORT, select=ALL_TASK_STREAMS, state=first.state)
    assert missing_gids(api, first.then(second), EXPORT) == {}
    assert any(later_line in message for message in caplog.messages)


def test_a_complete_export_is_compared_once() -> None:
    """As soon as exports are known to contain subtasks, no lists of them are requested."""
    api = asana(TINY)
    first = sync(api, config=EXPORT, select=("tasks",))
    assert exports_of(first)["subtasks"] == "found"
    api.log.clear()
    sync(api, config=EXPORT, select=("tasks",), state=first.state)
    assert not [request for request in api.log if request.template.endswith("/subtasks")]


COMPARISONS = {"GET /tasks", "GET /tags/{tag_gid}/tasks", "GET /tags", "GET /workspaces/{workspace_gid}/tasks/search"}


def test_one_search_shows_what_a_file_must_contain() -> None:
    """It has subtasks and tasks without a project; later exports request no list for what the first one contained."""
    api = asana(TINY)
    first = sync(api, config=EXPORT, select=["tasks"])
    assert exports_of(first).items() >= {"subtasks": "found", "private": "found"}.items()
    clock(api).advance(HOUR)
    sync(api, config=EXPORT, select=["tasks"], state=first.state)
    compared = [handled.template for handled in api.log if handled.template in COMPARISONS]
    assert compared == ["GET /workspaces/{workspace_gid}/tasks/search"] * 2


def test_tasks_that_no_search_shows_are_looked_for_in_lists() -> None:
    """Where searches leave out tasks without a project, lists of users and tags show that the file lacks them."""
    api = asana(TINY, dialect=Dialect(exports_projectless=False, search_private="never"))
    first = sync(api, config=EXPORT, select=ALL_TASK_STREAMS)
    hidden = unlisted_tasks(api.world, (), str(EXPORT["access_token"]))
    assert missing_gids(api, first, EXPORT).get("tasks", set()) <= hidden
    assert exports_of(first)["private"] == "missing"


def test_a_pass_expects_no_tasks_from_before_the_start_date(caplog: pytest.LogCaptureFixture) -> None:
    """It exports nothing older, so that older tasks without project prove nothing (seed 9600023913)."""
    caplog.set_level(logging.INFO, "tap_asana")
    api = asana(TINY)
    config = {**EXPORT, "reconcile_days": 1, "start_date": format_instant(int(api.world.clock()) * 1000)}
    state = sync(api, config=config, select=["tasks"]).state
    clock(api).advance(12 * HOUR)
    api.world.rename_task(min(gid for gid, task in api.world.tasks.items() if task.sections))
    state = sync(api, config=config, select=["tasks"], state=state).state
    clock(api).advance(12 * HOUR)
    sync(api, config=config, select=["tasks"], state=state)
    assert "reconciled" in caplog.text


def test_older_tasks_of_an_unproven_kind_are_exported_once(caplog: pytest.LogCaptureFixture) -> None:
    """A first run could not list the tags, whose tasks the export lacked; the next run finds and reads them."""
    caplog.set_level(logging.INFO, "tap_asana")
    api = asana(
        replace(TINY, personal=0, tagged=30), dialect=Dialect(exports_projectless=False, search_private="never")
    )
    api.refusals.append(Refusal("GET /tags", 403))
    first = sync(api, config=EXPORT, select=["tasks"])
    assert missing_gids(api, first, EXPORT)
    api.refusals.clear()
    clock(api).advance(HOUR)
    second = sync(api, config=EXPORT, select=["tasks"], state=first.state)
    assert "no export has shown yet that it contains tasks outside of all projects" in caplog.text
    assert exports_of(second)["private"] == "missing"
    hidden = unlisted_tasks(api.world, (), str(EXPORT["access_token"]))
    assert missing_gids(api, first.then(second), EXPORT).get("tasks", set()) <= hidden


def test_an_export_of_everything_proves_older_tasks() -> None:
    """It is requested once, and if it contains them, later exports are of changes again."""
    api = asana(replace(TINY, personal=0, tagged=30), dialect=Dialect(search_private="never"))
    api.refusals.append(Refusal("GET /tags", 403))
    outputs = [sync(api, config=EXPORT, select=["tasks"])]
    assert "private" not in exports_of(outputs[0])
    api.refusals.clear()
    exports = []
    for _ in range(2):
        clock(api).advance(HOUR)
        api.log.clear()
        outputs.append(sync(api, config=EXPORT, select=["tasks"], state=outputs[-1].state))
        exports.append(sum(each.template == "POST /exports/resource" for each in api.log))
    assert exports == [2, 1]
    assert exports_of(outputs[-1])["private"] == "found"


def test_refused_lists_that_would_show_private_tasks_are_owed(caplog: pytest.LogCaptureFixture) -> None:
    """They are named, and read as soon as Asana shows them: perhaps no export contains their tasks."""
    sizes = replace(TINY, workspaces=1, personal=0, tagged=60)
    api = asana(sizes, dialect=Dialect(exports_projectless=False, search_private="never"))
    tasks = ((gid, api.world.tasks[gid]) for gid in api.world.gids("tasks"))
    tagged = {gid for gid, task in tasks if task.tags and not (task.sections or task.parent)}
    for tag in api.world.gids("tags"):
        api.world.access.deny(tag, 403)
    first = sync(api, config=EXPORT, select=["tasks"])
    assert "private" not in exports_of(first)
    assert any("tasks: skipped /tags/" in line for line in caplog.messages)
    assert tagged - first.gids("tasks")
    api.world.access.denied_statuses.clear()
    clock(api).advance(HOUR)
    second = sync(api, config=EXPORT, select=["tasks"], state=first.state)
    assert tagged - first.gids("tasks") <= second.gids("tasks")


def test_tasks_in_no_list_are_named_where_exports_may_lack_them(caplog: pytest.LogCaptureFixture) -> None:
    """Neither the file nor a search shows a task without project, tag and assignee, so a line says it."""
    caplog.set_level(logging.INFO, "tap_asana")
    api = asana(replace(TINY, personal=0, tagged=0), dialect=Dialect(exports_projectless=False, search_private="never"))
    gid = api.world.add_task(workspace=next(iter(api.world.workspaces)))
    clock(api).advance(HOUR)
    first = sync(api, config=EXPORT, select=["tasks"])
    assert gid not in first.gids("tasks")
    assert any(UNKNOWN_PRIVATE in line for line in caplog.messages)


def test_time_entries_below_the_first_of_two_exports_are_read() -> None:
    """Nothing is requested below the tasks of the first export: the second repeats no task of it, but does that."""
    api = asana(replace(TINY, personal=0, tagged=30), dialect=Dialect(search_private="never"))
    api.refusals.append(Refusal("GET /tags", 403))
    first = sync(api, config=EXPORT, select=ALL_TASK_STREAMS)
    api.refusals.clear()
    clock(api).advance(HOUR)
    task = next(gid for gid, each in api.world.tasks.items() if list(each.projects()))
    api.world.track_time(task, days_back=31)
    api.world.rename_task(task)
    clock(api).advance(HOUR)
    second = sync(api, config=EXPORT, select=ALL_TASK_STREAMS, state=first.state)
    assert sum(row["gid"] == task for row in second.records("tasks")) == 1
    assert {each.gid for each in api.world.time_entries.of(api.world.tasks[task])} <= second.gids(
        "time_tracking_entries"
    )


def test_rows_of_a_file_are_proven_once() -> None:
    """A later file whose longest task has fewer stories than one of an earlier file takes no request to prove them."""
    api = asana(TINY)
    longest = max(api.world.tasks, key=lambda gid: len(stories_of_task(api.world.tasks[gid])))
    api.world.comment(longest)
    clock(api).advance(HOUR)
    first = sync(api, config=EXPORT, select=TASKS_AND_STORIES)
    assert exports_of(first)["rows"] == {"stories": len(stories_of_task(api.world.tasks[longest]))}
    api.world.comment(next(gid for gid in sorted(api.world.gids("tasks", "0/service")) if gid != longest))
    clock(api).advance(HOUR)
    api.log.clear()
    second = sync(api, config=EXPORT, select=TASKS_AND_STORIES, state=first.state)
    assert second.gids("tasks")
    assert not [handled for handled in api.log if handled.template == "GET /tasks/{task_gid}/stories"]


def test_subtasks_below_a_task_that_no_list_contains_are_compared() -> None:
    """The file itself shows which tasks have subtasks; the catalog need not select the number of them."""
    dialect = Dialect(exports_subtasks=False, search_subtasks="never")
    api = asana(replace(TINY, subtasks=0, personal=0, tagged=0), dialect=dialect)
    world = api.world
    parent = next(task for task in world.tasks.values() if list(task.projects()))
    world.assign_task(parent.gid, None)
    for project in list(parent.projects()):
        world.remove_from_project(parent.gid, project.gid)
    world.comment(world.add_task(parent=parent.gid))
    clock(api).advance(HOUR)
    output = sync(api, config=EXPORT, select=("tasks", "stories"))
    assert exports_of(output)["subtasks"] == "missing"
    assert set(world.gids("tasks", EXPORT["access_token"])) == output.gids("tasks")


def run_changing(api: Api, change: Callable[[], object], *changed: str) -> Output:
    """Read by export, and make a change after the file is made, and before a search is compared with it."""
    changes = [change]

    def make(request: HttpRequest) -> None:
        if request.path.endswith("/search") and changes and api.world.jobs:
            clock(api).advance(1)
            for gid in changed:
                api.world.past_tasks.record_changed(api.world.tasks[gid], api.world.now())
            changes.pop()()

    output = sync(api, config=EXPORT, select=["tasks"], on_request=make)
    assert not changes
    return output


def test_a_task_that_was_a_subtask_is_no_proof_that_exports_contain_private_tasks() -> None:
    """The file contains it as a subtask."""
    api = asana(replace(TINY, workspaces=1, tagged=0), dialect=Dialect(exports_projectless=False))
    subtasks = (task for task in api.world.tasks.values() if task.parent is not None and task.assignee is not None)
    child = next(task for task in subtasks if not list(task.projects()))

    def leave_parent() -> None:
        parent, child.parent = child.parent, None
        assert parent is not None
        assert parent.subtasks
        del parent.subtasks[child.gid]

    output = run_changing(api, leave_parent, child.gid)
    assert child.gid in output.gids("tasks")
    assert exports_of(output)["private"] == "missing"


def test_a_task_that_was_in_a_project_is_no_proof_that_exports_contain_private_tasks() -> None:
    """The file contains it in the project."""
    api = asana(replace(TINY, workspaces=1, tagged=0), dialect=Dialect(exports_projectless=False))
    tasks = (task for task in api.world.tasks.values() if task.parent is None and task.assignee is not None)
    task, project = next((task, places[0]) for task in tasks if len(places := list(task.projects())) == 1)
    output = run_changing(api, lambda: api.world.remove_from_project(task.gid, project.gid), task.gid)
    assert task.gid in output.gids("tasks")
    assert exports_of(output)["private"] == "missing"


def test_a_task_that_had_no_parent_is_no_proof_that_exports_contain_subtasks() -> None:
    """The file contains it as a task outside of all projects."""
    api = asana(replace(TINY, workspaces=1, subtasks=0), dialect=Dialect(exports_subtasks=False))
    tasks = api.world.tasks.values()
    parent = next(task for task in tasks if list(task.projects()))
    child = next(task for task in tasks if not list(task.projects()))
    output = run_changing(api, lambda: make_subtask(api.world, child, parent), child.gid, parent.gid)
    assert child.gid in output.gids("tasks")
    assert "subtasks" not in exports_of(output)
