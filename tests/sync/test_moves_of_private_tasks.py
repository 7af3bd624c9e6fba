"""A task outside of all projects that moves into one during a read, where searches leave out such tasks."""

from __future__ import annotations

from typing import Literal

import pytest
from harness import asana, clock, sync
from methods import HOUR, SEARCH, TASK_STREAMS, missing_or_stale

from fake_asana.messages import HttpRequest
from fake_asana.model.dialect import Dialect
from fake_asana.world import Sizes

WORLD = Sizes(workspaces=1, users=4, teams=1, projects=6, tags=1, tasks=40, stories=1, busiest=4, goals=0, personal=20)


@pytest.mark.parametrize("kind", ["own", "never"])
def test_a_changed_task_that_moves_before_the_list_of_its_person_is_read_comes_with_that_list(
    kind: Literal["own", "never"],
) -> None:
    """The search came before the move, and no list of a project is read, so only that list can bring the change."""
    api = asana(WORLD, dialect=Dialect(search_private=kind, search_archived=True))
    person, project = api.world.gids("users")[-1], api.world.gids("projects")[0]
    task = api.world.add_task(workspace=next(iter(api.world.workspaces)))
    api.world.assign_task(task, person)
    clock(api).advance(48 * HOUR)
    config = {**SEARCH, "max_concurrency": 1}
    union = sync(api, config=config, select=TASK_STREAMS)
    assert union.bookmark("projects")["search"]["private"] == "missing"
    clock(api).advance(HOUR)
    api.world.comment(task)

    def move(request: HttpRequest) -> None:
        if request.query.get("assignee") == person and not [*api.world.tasks[task].projects()]:
            api.world.add_to_project(task, project)

    for _ in range(3):
        clock(api).advance(HOUR)
        union = union.then(sync(api, config=config, select=TASK_STREAMS, state=union.state, on_request=move))
    assert [*api.world.tasks[task].projects()]
    assert missing_or_stale(api, union, config["access_token"]) == {}
