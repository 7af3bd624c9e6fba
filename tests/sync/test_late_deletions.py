"""The stream `deletions`, selected after earlier runs have read tasks without it (law 2), or after a killed run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from deleted import deleted_gids
from harness import PERSON, SERVICE, TINY, Output, asana, attempt, clock, sync
from methods import DAY, HOUR
from passes import DAYS, FEW, WITHOUT_EVENTS, world_of

from fake_asana.server.api import Api

WITHOUT, WITH = ["projects", "tasks"], ["projects", "tasks", "deletions"]


def deleted(api: Api, config: Mapping[str, str]) -> str:
    """Delete a task of a project of an organization, and return its gid."""
    clock(api).advance(HOUR)
    seen = api.world.gids("tasks", config["access_token"])
    tasks = (task for gid, task in api.world.tasks.items() if gid in seen and task.workspace.organization)
    gid = next(task.gid for task in tasks if task.sections and not task.subtasks)
    api.world.delete_task(gid)
    clock(api).advance(HOUR)
    return gid


def test_the_log_tells_what_was_deleted_before() -> None:
    """A task that was deleted since it was written is a row: the audit log is read from its beginning."""
    api = asana(TINY)
    first = sync(api, config=SERVICE, select=WITHOUT)
    gid = deleted(api, SERVICE)
    assert gid in sync(api, config=SERVICE, select=WITH, state=first.state).gids("deletions")


def test_the_log_tells_what_a_run_without_the_log_has_missed() -> None:
    """If the audit log fails in the first run only, the next one reads what it holds since."""
    api = asana(TINY)
    api.refuse("GET /workspaces/{workspace_gid}/audit_log_events", 500)
    first = sync(api, config=SERVICE, select=WITH)
    gid = deleted(api, SERVICE)
    api.refusals.clear()
    assert gid in sync(api, config=SERVICE, select=WITH, state=first.state).gids("deletions")


def test_events_tell_that_earlier_deletions_were_missed(caplog: pytest.LogCaptureFixture) -> None:
    """Without the log nobody tells what was deleted before: one warning names the time, and later runs have none."""
    api = asana(TINY)
    first = sync(api, config=PERSON, select=WITHOUT)
    deleted(api, PERSON)
    second = sync(api, config=PERSON, select=WITH, state=first.state)
    third = sync(api, config=PERSON, select=WITH, state=first.then(second).state)
    gaps = [line for line in caplog.messages if "were missed" in line]
    assert len(gaps) == len(api.world.access.viewers[PERSON["access_token"]].workspaces)
    assert all("from the first run to" in line for line in gaps)
    assert not third.records("deletions")


def test_a_workspace_without_projects_names_earlier_deletions_once(caplog: pytest.LogCaptureFixture) -> None:
    """All projects are deleted before the first run with `deletions`: no token can expire; a line names the time."""
    api = asana(TINY)
    first = sync(api, config=PERSON, select=WITHOUT)
    for gid in list(api.world.projects):
        api.world.delete_project(gid)
    clock(api).advance(HOUR)
    second = sync(api, config=PERSON, select=WITH, state=first.state)
    sync(api, config=PERSON, select=WITH, state=first.then(second).state)
    gaps = [line for line in caplog.messages if "were missed" in line]
    assert len(gaps) == len(api.world.access.viewers[PERSON["access_token"]].workspaces)


@pytest.mark.parametrize("config", [SERVICE, PERSON], ids=["log", "events"])
def test_a_first_run_has_missed_nothing(config: Mapping[str, str], caplog: pytest.LogCaptureFixture) -> None:
    """What was deleted before the first run was never written: neither a row nor a warning."""
    api = asana(TINY)
    deleted(api, config)
    assert not sync(api, config=config, select=WITH).records("deletions")
    assert not [line for line in caplog.messages if "were missed" in line]


@pytest.mark.parametrize("is_in_project", [True, False])
def test_what_only_a_killed_run_has_written_is_named_by_events_alone(is_in_project: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """The target has kept a task that no STATE covers: no pass looks for it (docs/deletions.md)."""
    api = world_of(FEW)
    options: dict[str, Any] = {"select": WITH, "config": {**PERSON, **WITHOUT_EVENTS}}
    first = sync(api, **options)
    clock(api).advance(HOUR)
    (workspace,) = api.world.workspaces.values()
    place = {"project": next(iter(workspace.projects))} if is_in_project else {"workspace": workspace.gid}
    task = api.world.add_task(assignee=workspace.roster[0].gid, **place)
    clock(api).advance(HOUR)
    second = attempt(api, state=first.state, **options)
    places = [at for at, message in enumerate(second.messages) if message.get("record", {}).get("gid") == task]
    kept = first.then(second.up_to(places[0]))
    api.world.delete_task(task)
    kept = _after_passes(api, kept, options)
    assert (task in deleted_gids(kept)) == is_in_project


def _after_passes(api: Api, kept: Output, options: Mapping[str, Any]) -> Output:
    for pause in (HOUR, DAYS * DAY / 2, DAYS * DAY / 2):
        clock(api).advance(pause)
        kept = kept.then(sync(api, state=kept.state, **options))
    return kept
