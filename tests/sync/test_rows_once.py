"""No uninterrupted run writes a row twice, or requests what is below a task twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest
from harness import Message, Output, clock, key, run_limits, sync
from methods import EXPORT, HOUR, LIST, SEARCH
from passes import WITHOUT_EVENTS, world_of

from fake_asana.server.api import Api
from fake_asana.world import Sizes

STREAMS = ("projects", "tasks", "stories", "deletions")
TWO = Sizes(workspaces=1, users=2, teams=1, projects=1, tags=1, tasks=2, stories=1, busiest=2, attached=0)
HALF_DAY: Message = {**WITHOUT_EVENTS, "reconcile_days": 1}

every_method = pytest.mark.parametrize("method", [LIST, SEARCH, EXPORT], ids=["list", "search", "export"])


def repeated(output: Output) -> dict[tuple[str, str], int]:
    """Return the rows that a run has written more than once, with their number."""
    counts = Counter((each["stream"], key(each["stream"], each["record"])) for each in output.of("RECORD"))
    return {row: count for row, count in counts.items() if count > 1}


def requests_below(api: Api, task: str) -> list[str]:
    """Return the paths of the requests for what is below a task."""
    return [request.path for request in api.log if f"/tasks/{task}/" in request.path]


@every_method
def test_changed_tasks_of_a_new_project_are_written_once(method: Mapping[str, str]) -> None:
    """An export of changes contains them, and so does the list of the project."""
    api = world_of(TWO)
    state = sync(api, config=method, select=STREAMS).state
    task = api.world.add_task(project=api.world.add_project(next(iter(api.world.workspaces))))
    comment = api.world.comment(task)
    clock(api).advance(HOUR)
    api.log.clear()
    output = sync(api, config=method, select=STREAMS, state=state)
    assert {task, comment} <= output.gids("tasks") | output.gids("stories")
    assert repeated(output) == {}
    assert len(requests_below(api, task)) == (0 if method is EXPORT else 1)


def shared(api: Api, method: Mapping[str, str]) -> tuple[Message, list[tuple[str, str, str]]]:
    """Return the state after a read without an old project, and tasks of it, each with a subtask and a comment.

    The token sees the project from then on, and the tasks have changed.
    """
    world = api.world
    project = world.add_project(next(iter(world.workspaces)))
    tasks = [world.add_task(project=project) for _ in range(3)]
    families = [(task, world.add_task(parent=task), world.comment(task)) for task in tasks]
    hidden = world.access.viewers[method["access_token"]].hidden_projects
    hidden.add(project)
    clock(api).advance(HOUR)
    state = sync(api, config={**method, **HALF_DAY}, select=STREAMS).state
    clock(api).advance(HOUR)
    hidden.discard(project)
    for task in tasks:
        world.rename_task(task)
    clock(api).advance(60)
    return state, families


KILLS = [(LIST, 1.0), (SEARCH, 1.0), *((EXPORT, share) for share in (0.5, 0.6, 0.65, 1.0))]


@pytest.mark.parametrize(("method", "share"), KILLS)
def test_old_tasks_of_a_new_project_are_named_if_they_are_deleted(method: Mapping[str, str], share: float) -> None:
    """A pass names all that was below the project, although an export has written it; a kill follows some STATE."""
    api, config = world_of(TWO), {**method, **HALF_DAY}
    state, families = shared(api, method)
    few: Message = {**config, "requests_per_minute": 5, "reconcile_percent": 1}  # for no part of a pass
    with run_limits(export_batch_bytes=1, output_per_state_byte=0):
        output = sync(api, config=few, select=STREAMS, state=state)
    assert not repeated(output)
    if share < 1:
        places = [place for place, message in enumerate(output.messages) if message["type"] == "STATE"]
        output = output.up_to(places[int(share * len(places))])
        output = output.then(sync(api, config=few, select=STREAMS, state=output.state))
    gids = {gid for family in families for gid in family}
    assert gids <= output.gids("tasks") | output.gids("stories")
    for task, subtask, comment in families:
        api.world.delete_comment(task, comment)
        api.world.delete_task(subtask)
        api.world.delete_task(task)
    for _ in range(2):
        clock(api).advance(12 * HOUR)
        output = output.then(sync(api, config=config, select=STREAMS, state=output.state))
    assert gids <= {row["gid"] for row in output.records("deletions") if row["source"] == "reconciled"}
