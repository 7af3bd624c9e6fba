"""A run asks for what it needs: no request more than that, and none twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

import pytest
from harness import STREAMS, TINY, Message, asana, choose, clock, discovered, selecting, sync
from reads import Full, full_read

from bench.minimum import CORE, min_requests
from fake_asana.model.field_tree import paths
from fake_asana.model.tasks import Task
from fake_asana.server.api import Api
from fake_asana.server.limits import Limits

WORKSPACES = "GET /workspaces"
PLANNING = {"GET /portfolios", "GET /portfolios/{portfolio_gid}", "GET /portfolio_memberships", "GET /goals"}
"""Where portfolios and goals are listed, which have custom fields of their own."""

ASKED: Mapping[str, set[str]] = {
    "workspaces": {WORKSPACES},
    "users": {WORKSPACES, "GET /users"},
    "teams": {WORKSPACES, "GET /workspaces/{workspace_gid}/teams"},
    "team_memberships": {
        WORKSPACES,
        "GET /workspaces/{workspace_gid}/teams",
        "GET /teams/{team_gid}/team_memberships",
    },
    "workspace_memberships": {WORKSPACES, "GET /workspaces/{workspace_gid}/workspace_memberships"},
    "projects": {WORKSPACES, "GET /projects"},
    "sections": {WORKSPACES, "GET /projects", "GET /projects/{project_gid}/sections"},
    "tags": {WORKSPACES, "GET /tags"},
    "custom_fields": {
        WORKSPACES,
        "GET /projects",
        "GET /workspaces/{workspace_gid}/teams",
        "GET /workspaces/{workspace_gid}/custom_fields",
        *PLANNING,
    },
}
"""What each snapshot takes when it alone is selected."""

WALK = {
    WORKSPACES,
    "GET /projects",
    "GET /users",
    "GET /tags",
    "GET /tags/{tag_gid}/tasks",
    "GET /tasks",
    "GET /tasks/{task_gid}/subtasks",
}
"""What it takes to find the tasks, which others hang from."""

INCREMENTAL: Mapping[str, set[str]] = {
    "tasks": WALK,
    "stories": {*WALK, "GET /tasks/{task_gid}/stories", "GET /goals", "GET /goals/{goal_gid}/stories"},
    "attachments": {*WALK, "GET /attachments"},
}

OWN_NEEDS = {"num_subtasks", "modified_at", "created_at", "projects", "project_brief", "current_status_update"}
"""What the tap itself looks at to find further records, selected or not."""


KEYS: Mapping[str, set[str]] = {"tasks": {"modified_at"}, "stories": {"created_at"}, "attachments": {"created_at"}}
"""Replication keys, which cannot be deselected."""


AGAIN = "modified_at,created_at"
"""The opt_fields of lists that are listed once more, because they have several pages."""

PATIENT = Limits(token_life=10**6)
"""Page tokens that outlive a run: the clock of the fake runs ahead while threads wait, and a list that starts again
asks for its first page twice."""


def asked_twice(api: Api) -> list[str]:
    """Return the pages that were asked for more than once, whatever was wanted of them.

    A list of several pages is listed once more, and that once too.
    """
    pages = Counter(
        (
            handled.path,
            handled.query.get("opt_fields") == AGAIN,
            *sorted((name, value) for name, value in handled.query.items() if name != "opt_fields"),
        )
        for handled in api.log
    )
    return [str(page) for page, times in pages.items() if times > 1]


def templates(api: Api) -> Counter[str]:
    """Return how often each operation was asked."""
    return Counter(handled.template for handled in api.log)


def test_a_full_run_takes_hardly_more_than_the_least(full: Full) -> None:
    """Users, teams, projects, sections, tasks and stories take at most 1.05 times the requests that they must."""
    must, did = min_requests(full.api.world), templates(full.api)
    assert 1000 > sum(must[name] for name in CORE) > 500
    assert sum(did[name] for name in CORE) <= 1.05 * sum(must[name] for name in CORE)


def test_no_operation_is_asked_more_than_it_must(full: Full) -> None:
    """Each operation by itself takes at most 1.05 times the requests that it must."""
    must, did = min_requests(full.api.world), templates(full.api)
    assert {name: did[name] for name, times in must.items() if did[name] > 1.05 * times} == {}


def test_only_lists_of_several_pages_are_listed_once_more(full: Full) -> None:
    """What is listed once more has several pages, and is listed by gids and clocks alone."""
    again = [handled for handled in full.api.log if handled.query.get("opt_fields") == AGAIN]
    assert again
    lists = Counter((each.path, *(each.query.get(name) for name in ("project", "assignee"))) for each in again)
    assert min(lists.values()) > 1


def test_no_page_is_asked_twice(full: Full) -> None:
    """A full run asks for no page twice, even for different fields of it."""
    assert asked_twice(full.api) == []


def test_no_page_is_asked_twice_in_an_increment() -> None:
    """The next run asks for no page twice either, but for subtasks of which first only the changed ones were wanted.

    Below a task that changed, or came into sight, all are wanted, and a list of somebody's tasks may have been there
    before.
    """
    api = asana(limits=PATIENT)
    state = sync(api).state
    clock(api).advance(3600)
    changed = api.world.mutate().changed["tasks"]
    api.log.clear()
    sync(api, state=state)
    again = [re.search(r"/tasks/(\d+)/subtasks'", page) for page in asked_twice(api)]
    assert all(found and is_below(api.world.tasks[found[1]], changed) for found in again)


def is_below(task: Task | None, changed: Collection[str]) -> bool:
    """Tell whether a task is one of those that changed, or lies below one."""
    return task is not None and (task.gid in changed or is_below(task.parent, changed))


@pytest.mark.parametrize("stream", [*ASKED, *INCREMENTAL])
def test_a_stream_alone_asks_only_for_itself(stream: str) -> None:
    """What is not selected is not requested, but for the parents of what is."""
    api = asana(TINY, limits=PATIENT)
    output = sync(api, select=[stream])
    assert set(output.counts()) == {stream}
    assert set(templates(api)) == {**ASKED, **INCREMENTAL}[stream]


@pytest.mark.parametrize("left_out", ["workspaces", "users", "teams", "projects", "tags", "portfolios", "goals"])
def test_a_list_that_others_need_is_fetched_once_without_its_own_stream(left_out: str) -> None:
    """A deselected stream takes nothing from the others, and its list is asked once for all that hangs from it."""
    api = asana(TINY, limits=PATIENT)
    output = sync(api, select=[stream for stream in STREAMS if stream != left_out])
    assert asked_twice(api) == []
    assert {**full_read().output.counts(), left_out: 0} == {**output.counts(), left_out: 0}


def test_fewer_streams_never_take_more() -> None:
    """Each list that two streams need is fetched once: together they take less than apart."""
    apart = 0
    for stream in ("projects", "sections", "custom_fields"):
        api = asana(TINY, limits=PATIENT)
        sync(api, select=[stream])
        apart += len(api.log)
    api = asana(TINY, limits=PATIENT)
    sync(api, select=["projects", "sections", "custom_fields"])
    shared = Counter(handled.template for handled in api.log)
    assert shared["GET /projects"] == len(api.world.workspaces)
    assert len(api.log) < apart


def deselecting(fields: Mapping[str, Iterable[str]]) -> Message:
    """Return the catalog with these fields of streams deselected; a dotted one is inside of another."""
    catalog = selecting(discovered(), [entry["tap_stream_id"] for entry in discovered()["streams"]])
    for entry in catalog["streams"]:
        for name in fields.get(entry["tap_stream_id"], ()):
            crumb = [part for step in name.split(".") for part in ("properties", step)]
            choose(entry, crumb, selected=False)
    return catalog


def wanted(api: Api, *operations: str) -> set[str]:
    """Return the opt_fields that were asked of operations."""
    return {
        path for handled in api.log if handled.template in operations for path in paths(handled.query["opt_fields"])
    }


def optional(stream: str) -> list[str]:
    """Return the fields of a stream that can be deselected."""
    entry = next(entry for entry in discovered()["streams"] if entry["tap_stream_id"] == stream)
    return [
        metadata["breadcrumb"][1]
        for metadata in entry["metadata"]
        if len(metadata["breadcrumb"]) == 2 and metadata["metadata"]["inclusion"] == "available"
    ]


@pytest.mark.parametrize(
    ("stream", "operations"),
    [
        ("users", ["GET /users"]),
        ("teams", ["GET /workspaces/{workspace_gid}/teams"]),
        ("projects", ["GET /projects"]),
        ("sections", ["GET /projects/{project_gid}/sections"]),
        ("tags", ["GET /tags"]),
        ("tasks", ["GET /tasks", "GET /tasks/{task_gid}/subtasks", "GET /tags/{tag_gid}/tasks"]),
        ("stories", ["GET /tasks/{task_gid}/stories"]),
        ("attachments", ["GET /attachments"]),
    ],
)
def test_a_deselected_field_is_not_requested(stream: str, operations: list[str]) -> None:
    """With all fields but the name deselected, no other is asked for or written, but for the keys."""
    name = {"stories": "text"}.get(stream, "name")
    gone = [field for field in optional(stream) if field != name]
    kept = {name, *KEYS.get(stream, ())}
    assert len(gone) >= 3
    api = asana(TINY, limits=PATIENT)
    output = sync(api, catalog=selecting(deselecting({stream: gone}), [stream]))
    asked = wanted(api, *operations)
    assert kept <= asked <= kept | OWN_NEEDS
    assert {field for record in output.records(stream) for field in record} == {"gid", *kept}


def test_a_field_inside_of_another_can_be_deselected() -> None:
    """A nested name that is deselected is not asked for; the gid beside it still comes."""
    api = asana(TINY, limits=PATIENT)
    output = sync(api, catalog=selecting(deselecting({"tasks": ["assignee.name", "parent"]}), ["tasks"]))
    asked = wanted(api, "GET /tasks")
    assert "assignee" in asked
    assert "completed_by.name" in asked
    assert not {name for name in asked if name.startswith(("assignee.", "parent"))}
    assignees = [record["assignee"] for record in output.records("tasks") if record["assignee"]]
    assert assignees
    assert {name for assignee in assignees for name in assignee} == {"gid"}


def test_enum_options_are_not_repeated_in_tasks(full: Full) -> None:
    """Tasks bring the values of custom fields, and never their definitions."""
    asked = wanted(full.api, "GET /tasks")
    assert "custom_fields.enum_value.name" in asked
    assert not {name for name in asked if "enum_options" in name}
    assert "custom_fields" not in asked
