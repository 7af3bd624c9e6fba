"""Kinds of tasks that a search may leave out: the dialect decides."""

from __future__ import annotations

import pytest
from fake_client import FakeClient

from fake_asana.model.dialect import Dialect
from fake_asana.model.tasks import Task
from fake_asana.server.limits import Limits
from fake_asana.server.search import topmost_listed
from fake_asana.world import Sizes

SMALL_WORLD = Sizes(users=4, teams=1, projects=6, tags=0, tasks=60, stories=1, subtasks=40, personal=20)


def found(dialect: Dialect, **query: str) -> tuple[FakeClient, set[str]]:
    """Return a client of a small world, and the gids that one search finds."""
    client = FakeClient(sizes=SMALL_WORLD, dialect=dialect)
    rows = client.get(f"/workspaces/{client.first.gid}/tasks/search", limit=100, **query)
    return client, {row["gid"] for row in rows}


def visible(client: FakeClient) -> list[Task]:
    """Return the tasks of the first workspace that the person sees."""
    viewer, tasks = client.world.access.viewers["0/fake"], client.world.tasks.values()
    return [task for task in tasks if task.workspace is client.first and viewer.sees_task(task)]


def is_archived(task: Task) -> bool:
    """Return whether the first listed task above a task is in archived projects only."""
    projects = list(topmost_listed(task).projects())
    return bool(projects) and all(project.archived for project in projects)


def test_all_kinds_are_found_by_default() -> None:
    """The default search finds every task, and the world has tasks of all kinds."""
    client, gids = found(Dialect())
    assert gids == {task.gid for task in visible(client)}
    assert any(map(is_archived, visible(client)))
    assert any(task.parent for task in visible(client))
    assert any(not topmost_listed(task).sections for task in visible(client))


def test_archived_projects_may_be_left_out() -> None:
    """A task is left out only if all its projects are archived."""
    client, gids = found(Dialect(search_archived=False))
    assert gids == {task.gid for task in visible(client) if not is_archived(task)}


def test_a_late_index_knows_an_archived_project_however_often_it_is_archived() -> None:
    """It learns of the first time after the lag; the next time changes nothing for searches."""
    client = FakeClient(Limits(search_lag=60), sizes=SMALL_WORLD, dialect=Dialect(search_archived=False))
    path = f"/workspaces/{client.first.gid}/tasks/search"
    project = next(task for task in visible(client) if task.sections and not is_archived(task)).sections[0].project
    assert project is not None
    client.clock.advance(60)
    before = client.get(path, limit=100)
    client.world.archive_project(project.gid)
    assert client.get(path, limit=100) == before
    client.clock.advance(60)
    after = client.get(path, limit=100)
    assert len(after) < len(before)
    client.world.archive_project(project.gid)
    assert client.get(path, limit=100) == after


@pytest.mark.parametrize(
    ("dialect", "query", "wanted"),
    [
        (Dialect(search_subtasks="asked"), {}, {False}),
        (Dialect(search_subtasks="asked"), {"is_subtask": "true"}, {True}),
        (Dialect(search_subtasks="never"), {}, {False}),
        (Dialect(search_subtasks="never"), {"is_subtask": "true"}, set()),
    ],
)
def test_subtasks_may_be_left_out(dialect: Dialect, query: dict[str, str], wanted: set[bool]) -> None:
    """Subtasks are found if a search asks for them, or never."""
    client, gids = found(dialect, **query)
    assert gids == {task.gid for task in visible(client) if (task.parent is not None) in wanted}


def test_private_tasks_may_be_left_out() -> None:
    """Tasks without a project are found only for their assignee, or for nobody."""
    client, own = found(Dialect(search_private="own"))
    listed = {task.gid for task in visible(client) if topmost_listed(task).sections}
    me = client.world.access.viewers["0/fake"].user
    assert own - listed == {t.gid for t in visible(client) if t.gid not in listed and topmost_listed(t).assignee is me}
    assert found(Dialect(search_private="never"))[1] == listed
