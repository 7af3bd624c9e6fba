"""Exports may leave out the tasks of archived projects, as searches may: lists of such projects show it (law 10)."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from harness import TINY, Output, asana, clock, sync
from methods import ALL_TASK_STREAMS, EXPORT, HOUR, TASK_STREAMS, exports_of, missing_gids

from fake_asana.messages import HttpRequest
from fake_asana.model.choices import ReachForm
from fake_asana.model.dialect import Dialect
from fake_asana.model.projects import Project
from fake_asana.server.api import Api
from fake_asana.server.faults import Refusal
from tap_asana.tasks.export_reach import MAX_LISTS_COMPARED
from tap_asana.tasks.project_counts import MAX_PROJECTS

LACKING = ReachForm(exports_archived=False)
KNOWN = "exports leave out tasks of archived projects"


def largest(api: Api) -> Project:
    """Return the project with the most tasks in the organization of the service account."""
    return max(next(iter(api.world.workspaces.values())).projects.values(), key=lambda project: len(project.tasks))


def archived(dialect: Dialect) -> tuple[Api, Project]:
    """Return an Asana with a project that was archived an hour ago, and this project."""
    api = asana(TINY, dialect=dialect)
    project = largest(api)
    api.world.archive_project(project.gid)
    clock(api).advance(HOUR)
    return api, project


def verdict(output: Output) -> str | None:
    """Return what the state knows of archived projects in exports."""
    known: str | None = exports_of(output).get("archived")
    return known


def of_template(api: Api, *templates: str) -> list[str]:
    """Return the templates among these of the requests so far, and forget all requests."""
    found = [handled.template for handled in api.log if handled.template in templates]
    api.log.clear()
    return found


@pytest.mark.parametrize("is_searched", [True, False])
def test_what_an_export_lacks_is_read(is_searched: object, caplog: pytest.LogCaptureFixture) -> None:
    """A first run and an increment are complete, whether searches find such tasks or leave them out too."""
    caplog.set_level(logging.INFO, "tap_asana")
    api, project = archived(Dialect(reach=LACKING, search_archived=bool(is_searched)))
    outputs = [sync(api, config=EXPORT, select=ALL_TASK_STREAMS)]
    assert missing_gids(api, outputs[0], EXPORT) == {}
    for _ in range(2):
        for gid in project.tasks:
            api.world.comment(gid)
        clock(api).advance(HOUR)
        outputs.append(sync(api, config=EXPORT, select=ALL_TASK_STREAMS, state=outputs[-1].state))
        assert project.tasks.keys() <= outputs[-1].gids("tasks")
    assert verdict(outputs[1]) == "missing"
    assert KNOWN in caplog.text


def test_the_first_archived_project_of_a_workspace_is_compared() -> None:
    """Nothing showed the first run whether exports contain its tasks; the increment in which they change tells."""
    api = asana(TINY, dialect=Dialect(reach=LACKING, search_archived=False))
    first = sync(api, config=EXPORT, select=["tasks"])
    assert verdict(first) is None
    project = largest(api)
    for gid in project.tasks:
        api.world.rename_task(gid)
    api.world.archive_project(project.gid)
    clock(api).advance(HOUR)
    second = sync(api, config=EXPORT, select=["tasks"], state=first.state)
    assert verdict(second) == "missing"
    assert project.tasks.keys() <= second.gids("tasks")


@pytest.mark.parametrize("number", [1, 2])
def test_a_file_proves_once_that_exports_contain_them(number: int) -> None:
    """If tasks of one archived project alone show it, that is requested; later files cost nothing."""
    api, project = archived(Dialect())
    for gid in next(iter(api.world.workspaces.values())).projects.keys() - {project.gid} if number > 1 else ():
        api.world.archive_project(gid)
    clock(api).advance(HOUR)
    paths = "GET /projects/{project_gid}", "GET /tasks"
    first = sync(api, config=EXPORT, select=["tasks"])
    assert verdict(first) == "found"
    assert of_template(api, *paths) == [paths[0]] * (number == 1)
    for gid in project.tasks:
        api.world.rename_task(gid)
    clock(api).advance(HOUR)
    second = sync(api, config=EXPORT, select=["tasks"], state=first.state)
    assert project.tasks.keys() <= second.gids("tasks")
    assert of_template(api, *paths) == []


def test_a_project_archived_just_before_the_read_proves_nothing() -> None:
    """Asana may make the file without knowing it."""
    api = asana(TINY)
    api.world.archive_project(largest(api).gid)
    clock(api).advance(60)
    assert verdict(sync(api, config=EXPORT, select=["tasks"])) is None


def test_a_project_that_is_not_archived_any_more_proves_nothing() -> None:
    """The file contains its tasks, because it is made after that."""
    api, project = archived(Dialect(reach=LACKING, search_archived=False))

    def restore(request: HttpRequest) -> None:
        project.archived &= not request.path.endswith("/exports/resource")

    output = sync(api, config=EXPORT, select=["tasks"], on_request=restore)
    assert project.tasks.keys() <= output.gids("tasks")
    assert verdict(output) is None


def with_archived(number: int, dialect: Dialect) -> tuple[Api, list[Project]]:
    """Return an Asana whose only archived projects are the largest ones whose tasks it is not asked to count."""
    api = asana(replace(TINY, workspaces=1), dialect=dialect)
    projects = sorted(api.world.projects.values(), key=lambda project: int(project.gid))
    counted = {projects[index * len(projects) // MAX_PROJECTS].gid for index in range(MAX_PROJECTS)}
    for project in projects:
        project.archived = False
    uncounted = (project for project in projects if project.gid not in counted)
    chosen = sorted(uncounted, key=lambda project: -len(project.tasks))[:number]
    for project in chosen:
        api.world.archive_project(project.gid)
    clock(api).advance(HOUR)
    return api, chosen


def following(api: Api, union: Output) -> Output:
    """Return a run and the next one, an hour later."""
    clock(api).advance(HOUR)
    return union.then(sync(api, config=EXPORT, select=TASK_STREAMS, state=union.state))


def test_an_archived_project_whose_list_is_refused_is_read_later(caplog: pytest.LogCaptureFixture) -> None:
    """Neither the file nor the list has its tasks; the run names it, and the next one reads it whole, kill or not."""
    api, [project] = with_archived(1, Dialect(reach=LACKING, search_archived=False))
    api.refusals.append(Refusal("GET /tasks", 403, gid=project.gid))
    output = sync(api, config=EXPORT, select=TASK_STREAMS)
    assert f"tasks: skipped /tasks?project={project.gid}" in caplog.text
    assert verdict(output) is None
    assert project.tasks.keys() - output.gids("tasks")
    api.refusals.clear()
    states = [place for place, message in enumerate(output.messages) if message["type"] == "STATE"]
    assert [missing_gids(api, following(api, output.up_to(place)), EXPORT) for place in states] == [{}] * len(states)


def test_archived_projects_that_nothing_was_compared_with_are_named(caplog: pytest.LogCaptureFixture) -> None:
    """The lists of the first ones are empty, and show nothing; those of the others are not requested."""
    caplog.set_level(logging.INFO, "tap_asana")
    api, _ = with_archived(0, Dialect(reach=LACKING, search_archived=False))
    workspace = next(iter(api.world.workspaces))
    empty = [api.world.add_project(workspace) for _ in range(MAX_LISTS_COMPARED + 1)]
    for gid in empty:
        api.world.archive_project(gid)
    clock(api).advance(HOUR)
    sync(api, config=EXPORT, select=TASK_STREAMS)
    assert any("those of 1 archived projects may be missing" in line for line in caplog.messages)


def test_a_restored_project_in_a_file_says_nothing_of_other_archived_ones() -> None:
    """The file has its tasks, because it is made after that; those of another archived project are compared."""
    api, [project, other] = with_archived(2, Dialect(reach=LACKING, search_archived=False))

    def restore(request: HttpRequest) -> None:
        project.archived &= not request.path.endswith("/exports/resource")

    output = sync(api, config=EXPORT, select=TASK_STREAMS, on_request=restore)
    assert not project.archived
    assert verdict(output) == "missing"
    assert other.tasks.keys() <= output.gids("tasks")


def test_a_pass_learns_that_exports_lack_an_archived_project(caplog: pytest.LogCaptureFixture) -> None:
    """Its own file has too few tasks of it, and the passes of later runs read lists; increments need not show it."""
    caplog.set_level(logging.INFO, "tap_asana")
    api = asana(TINY, dialect=Dialect(reach=LACKING, search_archived=False))
    config, streams = {**EXPORT, "reconcile_days": 1, "follow_events": False}, ["tasks", "time_tracking_entries"]
    outputs = [sync(api, config=config, select=streams)]
    assert exports_of(outputs[0])["subtasks"] == "found"
    project = largest(api)
    api.world.archive_project(project.gid)
    entry = api.world.track_time(min(project.tasks), days_back=40)
    for _ in range(3):
        clock(api).advance(24 * HOUR)
        outputs.append(sync(api, config=config, select=streams, state=outputs[-1].state))
    assert verdict(outputs[-1]) == "missing"
    assert any(entry in output.gids("time_tracking_entries") for output in outputs)
    assert "reconciled" in caplog.text
