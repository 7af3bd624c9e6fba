"""Deleted projects that neither an event nor the audit log names, with the token of a service account."""

from __future__ import annotations

import pytest
from harness import SERVICE, TINY, Message, Output, asana, clock, sync
from interruptions import interrupted
from methods import DAY, HOUR

from fake_asana.model.audit import AUDIT_LOG_FEATURE
from fake_asana.server.api import Api

LIST_OF_PROJECTS, PROJECT = "GET /projects", "GET /projects/{project_gid}"
WORKSPACE_EVENTS = "GET /workspaces/{workspace_gid}/events"
STREAMS = ["projects", "deletions", "tasks"]

by_method = pytest.mark.parametrize("method", ["list", "export"])


def after_first_run(method: str = "export", *, pause: int = 2 * DAY) -> tuple[Api, Message, str]:
    """Return an Asana without an audit log, the state after a first run, and a project deleted since.

    After a pause of more than a day, no event names it.
    """
    api = asana(TINY)
    for workspace in api.world.workspaces.values():
        workspace.missing_features.add(AUDIT_LOG_FEATURE)
    state = sync(api, config={**SERVICE, "extraction_method": method}, select=STREAMS).state
    clock(api).advance(HOUR)
    gid = next(project for project in api.world.gids("projects", SERVICE["access_token"]))
    api.world.delete_project(gid)
    clock(api).advance(pause)
    return api, state, gid


def run(api: Api, state: Message, **config: object) -> Output:
    """Run by export, unless `config` names another method."""
    return sync(api, config={**SERVICE, "extraction_method": "export", **config}, select=STREAMS, state=state)


def deleted(output: Output) -> list[tuple[str, str]]:
    """Return the gids and sources of deleted projects."""
    rows = (row for row in output.records("deletions") if row["resource_type"] == "project")
    return [(row["gid"], row["source"]) for row in rows]


@by_method
def test_a_deleted_project_is_a_row_once(method: str) -> None:
    """The first run that does not list it requests it, and no later one."""
    api, state, gid = after_first_run(method)
    second = run(api, state, extraction_method=method)
    assert deleted(second) == [(gid, "projects")]
    assert deleted(run(api, second.state, extraction_method=method)) == []
    assert [request.path for request in api.log if request.template == PROJECT] == [f"/api/1.0/projects/{gid}"]


def test_a_project_that_an_event_names_is_not_requested() -> None:
    """Its row is that of the event."""
    api, state, gid = after_first_run(pause=HOUR)
    assert deleted(run(api, state)) == [(gid, "workspace_events")]
    assert PROJECT not in {request.template for request in api.log}


def test_a_project_for_which_asana_fails_to_answer_is_requested_again() -> None:
    """The state names it, since the next run does not list it either."""
    api, state, gid = after_first_run()
    api.refuse(PROJECT, 500)
    second = run(api, state)
    api.refusals.clear()
    assert deleted(second) == []
    assert deleted(run(api, second.state)) == [(gid, "projects")]


@pytest.mark.parametrize("status", [403, 500])
def test_a_refused_list_of_projects_deletes_none(status: int) -> None:
    """Nothing is listed then; the next run finds which project is gone."""
    api, state, gid = after_first_run()
    api.refuse(LIST_OF_PROJECTS, status)
    second = run(api, state)
    api.refusals.clear()
    assert deleted(second) == []
    assert deleted(run(api, second.state)) == [(gid, "projects")]


@pytest.mark.parametrize("status", [403, 404])
def test_refused_events_after_a_refused_list_hide_no_deletion(status: int) -> None:
    """The run after the one without the list gets no events either, and compares the projects all the same."""
    api, state, gid = after_first_run()
    api.refuse(LIST_OF_PROJECTS, status)
    state = run(api, state).state
    api.refusals.clear()
    api.refuse(WORKSPACE_EVENTS, 404)
    assert deleted(run(api, state)) == [(gid, "projects")]


def test_an_archived_project_is_not_deleted() -> None:
    """It exists, although the setting excludes it from the list."""
    api, state, gid = after_first_run()
    state = run(api, state, include_archived_projects=False).state
    listed = (project for project in api.world.gids("projects", SERVICE["access_token"]) if project != gid)
    api.world.archive_project(next(project for project in listed if not api.world.projects[project].archived))
    assert deleted(run(api, state, include_archived_projects=False)) == []


@pytest.mark.parametrize("at", range(3, 30, 3))
def test_a_killed_run_misses_no_deleted_project(at: int) -> None:
    """Wherever a run is killed, it or the next one has the row, and no other project is deleted."""
    api, state, gid = after_first_run()
    killed = interrupted(api, at, config=SERVICE, select=STREAMS, state=state)
    resumed = sync(api, config=SERVICE, select=STREAMS, state=killed.state or state)
    assert set(deleted(killed) + deleted(resumed)) == {(gid, "projects")}


def test_a_project_that_asana_refuses_is_not_deleted() -> None:
    """It may be hidden from the token only."""
    api, state, gid = after_first_run()
    api.refuse(PROJECT, 403, gid=gid)
    assert deleted(run(api, state)) == []
    assert PROJECT in {request.template for request in api.log}
