"""A run sends no unnecessary request, and none twice."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

import pytest
from clock import PATIENCE
from direct_session import Waiting
from harness import STREAMS, TINY, Message, asana, choose, clock, discovered, selecting, sync
from reads import Full, full_read

from bench.minimum import CORE, min_requests
from fake_asana.messages import API_PREFIX, HttpRequest
from fake_asana.model.field_tree import paths
from fake_asana.model.tasks import Task
from fake_asana.server.api import Api
from fake_asana.server.limits import Limits

WORKSPACES = "GET /workspaces"
PLANNING = {"GET /portfolios", "GET /portfolios/{portfolio_gid}", "GET /portfolio_memberships", "GET /goals"}
"""The lists of portfolios and goals, which can have local custom fields."""

SNAPSHOT_OPERATIONS: Mapping[str, set[str]] = {
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
"""The operations for each snapshot if it is selected alone."""

TRAVERSAL_OPERATIONS = {
    WORKSPACES,
    "GET /projects",
    "GET /users",
    "GET /tags",
    "GET /tags/{tag_gid}/tasks",
    "GET /tasks",
    "GET /tasks/{task_gid}/subtasks",
}
"""The operations to find the tasks, the parents of other objects."""

INCREMENTAL_OPERATIONS: Mapping[str, set[str]] = {
    "tasks": TRAVERSAL_OPERATIONS,
    "stories": {*TRAVERSAL_OPERATIONS, "GET /tasks/{task_gid}/stories", "GET /goals", "GET /goals/{goal_gid}/stories"},
    "attachments": {*TRAVERSAL_OPERATIONS, "GET /attachments"},
}

PROJECT_NEEDS = ("archived", "project_brief", "current_status_update")
OWN_NEEDS = {"num_subtasks", "modified_at", "created_at", "projects", *PROJECT_NEEDS}
"""Fields that the tap needs to find further records, selected or not."""


KEYS: Mapping[str, set[str]] = {"tasks": {"modified_at"}, "stories": {"created_at"}, "attachments": {"created_at"}}
"""Replication keys, which cannot be deselected."""


SECOND_READING_FIELDS = "modified_at,created_at"
"""The opt_fields of the second reading of lists with several pages."""

LONG_TOKENS = Limits(token_life=10**6)
"""Page tokens that outlive a run: the fake's clock advances while threads wait, and a restarted list would request its
first page twice."""


def repeated_pages(api: Api) -> list[str]:
    """Return the pages requested more than once, with any fields.

    The second reading of a list with several pages counts separately.
    """
    pages = Counter(
        (
            handled.path,
            handled.query.get("opt_fields") == SECOND_READING_FIELDS,
            *sorted((name, value) for name, value in handled.query.items() if name != "opt_fields"),
        )
        for handled in api.log
    )
    return [str(page) for page, times in pages.items() if times > 1]


def templates(api: Api) -> Counter[str]:
    """Return the number of requests by operation."""
    return Counter(handled.template for handled in api.log)


def test_a_full_run_takes_little_more_than_the_minimum(full: Full) -> None:
    """Users, teams, projects, sections, tasks and stories take at most 1.05 times the minimum requests."""
    minimum, actual = min_requests(full.api.world), templates(full.api)
    assert 1000 > sum(minimum[name] for name in CORE) > 500
    assert sum(actual[name] for name in CORE) <= 1.05 * sum(minimum[name] for name in CORE)


def test_each_operation_takes_little_more_than_the_minimum(full: Full) -> None:
    """Each operation takes at most 1.05 times its minimum requests."""
    minimum, actual = min_requests(full.api.world), templates(full.api)
    assert {name: actual[name] for name, times in minimum.items() if actual[name] > 1.05 * times} == {}


def test_only_lists_with_several_pages_are_read_twice(full: Full) -> None:
    """Lists read twice have several pages, and the second reading requests only gids and timestamps."""
    second_readings = [handled for handled in full.api.log if handled.query.get("opt_fields") == SECOND_READING_FIELDS]
    assert second_readings
    lists = Counter(
        (each.path, *(each.query.get(name) for name in ("project", "assignee"))) for each in second_readings
    )
    assert min(lists.values()) > 1


def test_no_page_is_requested_twice(full: Full) -> None:
    """A full run requests no page twice, not even with different fields."""
    assert repeated_pages(full.api) == []


def test_no_page_is_requested_twice_in_an_incremental_run() -> None:
    """The next run requests no page twice either, except for subtasks first read for changes only.

    All subtasks of a changed or newly visible task are read, after an assignee's list may have read the changed ones.
    """
    api = asana(limits=LONG_TOKENS)
    state = sync(api).state
    clock(api).advance(3600)
    changed = api.world.mutate().changed["tasks"]
    api.log.clear()
    sync(api, state=state)
    repeated = [re.search(r"/tasks/(\d+)/subtasks'", page) for page in repeated_pages(api)]
    assert all(found and is_below(api.world.tasks[found[1]], changed) for found in repeated)


def is_below(task: Task | None, changed: Collection[str]) -> bool:
    """Return whether a task changed, or is below a changed one."""
    return task is not None and (task.gid in changed or is_below(task.parent, changed))


@pytest.mark.parametrize("stream", [*SNAPSHOT_OPERATIONS, *INCREMENTAL_OPERATIONS])
def test_a_single_stream_requests_only_its_lists(stream: str) -> None:
    """Deselected streams are not requested, except for parents of selected ones."""
    api = asana(TINY, limits=LONG_TOKENS)
    output = sync(api, select=[stream])
    assert set(output.counts()) == {stream}
    assert set(templates(api)) == {**SNAPSHOT_OPERATIONS, **INCREMENTAL_OPERATIONS}[stream]


@pytest.mark.parametrize("deselected", ["workspaces", "users", "teams", "projects", "tags", "portfolios", "goals"])
def test_a_list_of_parents_is_read_once_without_its_stream(deselected: str) -> None:
    """Deselecting a stream does not affect others; its list is read once for all children."""
    api = asana(TINY, limits=LONG_TOKENS)
    output = sync(api, select=[stream for stream in STREAMS if stream != deselected])
    assert repeated_pages(api) == []
    assert {**full_read().output.counts(), deselected: 0} == {**output.counts(), deselected: 0}


def test_streams_together_take_fewer_requests() -> None:
    """A list needed by two streams is fetched once, so both together take fewer requests than separately."""
    separate = 0
    for stream in ("projects", "sections", "custom_fields"):
        api = asana(TINY, limits=LONG_TOKENS)
        sync(api, select=[stream])
        separate += len(api.log)
    api = asana(TINY, limits=LONG_TOKENS)
    sync(api, select=["projects", "sections", "custom_fields"])
    shared = Counter(handled.template for handled in api.log)
    asked_again = sum("archived" in handled.query for handled in api.log)
    assert shared["GET /projects"] == len(api.world.workspaces) + asked_again
    assert len(api.log) < separate


def deselecting(fields: Mapping[str, Iterable[str]]) -> Message:
    """Return the catalog with these fields of streams deselected; dots separate nested names."""
    catalog = selecting(discovered(), [entry["tap_stream_id"] for entry in discovered()["streams"]])
    for entry in catalog["streams"]:
        for name in fields.get(entry["tap_stream_id"], ()):
            crumb = [part for step in name.split(".") for part in ("properties", step)]
            choose(entry, crumb, selected=False)
    return catalog


def requested_fields(api: Api, *operations: str) -> set[str]:
    """Return the opt_fields requested from operations."""
    return {
        path for handled in api.log if handled.template in operations for path in paths(handled.query["opt_fields"])
    }


def optional(stream: str) -> list[str]:
    """Return the deselectable fields of a stream."""
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
    """With all fields but the name deselected, only the name and the keys are requested and written."""
    name = {"stories": "text"}.get(stream, "name")
    deselected = [field for field in optional(stream) if field != name]
    selected = {name, *KEYS.get(stream, ())}
    assert len(deselected) >= 3
    api = asana(TINY, limits=LONG_TOKENS)
    output = sync(api, catalog=selecting(deselecting({stream: deselected}), [stream]))
    requested = requested_fields(api, *operations)
    assert selected <= requested <= selected | OWN_NEEDS
    assert {field for record in output.records(stream) for field in record} == {"gid", *selected}


def test_a_nested_field_can_be_deselected() -> None:
    """A deselected nested name is not requested; the gid next to it still is."""
    api = asana(TINY, limits=LONG_TOKENS)
    output = sync(api, catalog=selecting(deselecting({"tasks": ["assignee.name", "parent"]}), ["tasks"]))
    requested = requested_fields(api, "GET /tasks")
    assert "assignee" in requested
    assert "completed_by.name" in requested
    assert not {name for name in requested if name.startswith(("assignee.", "parent"))}
    assignees = [record["assignee"] for record in output.records("tasks") if record["assignee"]]
    assert assignees
    assert {name for assignee in assignees for name in assignee} == {"gid"}


def test_enum_options_are_not_repeated_in_tasks(full: Full) -> None:
    """Tasks have the values of custom fields, but not their definitions."""
    requested = requested_fields(full.api, "GET /tasks")
    assert "custom_fields.enum_value.name" in requested
    assert not {name for name in requested if "enum_options" in name}
    assert "custom_fields" not in requested


@pytest.mark.parametrize("method", ["list", "search"])
def test_the_lists_of_parents_are_requested_at_once(method: str) -> None:
    """After the workspaces, the lists that a read of tasks begins with do not wait for each other."""
    lists = {"/goals", "/projects", *(("/users", "/tags") if method == "list" else ())}
    all_sent, unsent, lock = threading.Event(), set(lists), threading.Lock()

    def wait_for_others(request: HttpRequest) -> None:
        path = request.path.removeprefix(API_PREFIX)
        if path in lists:
            with lock:
                unsent.discard(path)
            if not unsent:
                all_sent.set()
            assert all_sent.wait(PATIENCE), f"{path} was answered before {unsent} were requested"

    config = {"extraction_method": method}
    sync(asana(TINY), select=["tasks", "stories"], config=config, on_request=Waiting(wait_for_others))
    assert not unsent


def test_lists_in_other_workspaces_do_not_wait() -> None:
    """Lists below parents that have arrived are requested in all workspaces at once, even if no stream reads these."""
    api = asana(TINY)
    workspace_of = {gid: project.workspace.gid for gid, project in api.world.projects.items()}
    all_sent, seen, lock = threading.Event(), set[str](), threading.Lock()

    def wait_for_others(request: HttpRequest) -> None:
        workspace = workspace_of.get(request.query.get("parent", ""))
        if request.path == f"{API_PREFIX}/attachments" and workspace:
            with lock:
                seen.add(workspace)
            if len(seen) == TINY.workspaces:
                all_sent.set()
            assert all_sent.wait(PATIENCE), f"only workspace {workspace} was requested"

    streams, config = ["tasks", "stories", "attachments"], {"extraction_method": "list"}
    sync(api, select=streams, config=config, on_request=Waiting(wait_for_others))
    assert len(seen) == TINY.workspaces
