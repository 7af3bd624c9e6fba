"""A long list in virtual time: its sections, and the pages of its second pass, are requested at once."""

from __future__ import annotations

from collections import Counter

import pytest
from harness import PERSON, Hook, Message, asana, clock, run_limits, sync
from methods import HOUR
from timed_pool import timed_run

from fake_asana.messages import HttpRequest
from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api
from fake_asana.world import ManualClock, Sizes, World

EMPTY = Sizes(workspaces=1, users=2, teams=1, projects=2, tags=1, tasks=0)
PAGE_ROWS = 6
CONFIG: Message = {**PERSON, "extraction_method": "list", "page_size": PAGE_ROWS, "max_concurrency": 20}
TASKS = 240
PAGES = TASKS // PAGE_ROWS
PAGES_BEFORE_SPLIT = 4
START_ROUNDS = 14
"""Rounds of the lists of parents, of the list before its split, and of the beginning of the second pass."""

SECOND_PASS_FIELDS = "modified_at,created_at"


def with_tasks(sections: int, dialect: Dialect | None = None) -> tuple[Api, str]:
    """Return an Asana with a project of many tasks in so many sections, and the project's gid."""
    api = Api(World.seeded(1, EMPTY, ManualClock()), dialect=dialect)
    project = api.world.projects[min(api.world.projects)]
    while len(project.sections) < sections:
        api.world.add_section(project.gid)
    used = list(project.sections)[:sections]
    for number in range(TASKS):
        api.world.move_task(api.world.add_task(project=project.gid), used[number % sections])
    clock(api).advance(HOUR)
    return api, project.gid


@pytest.mark.parametrize(("sections", "most_rounds"), [(1, PAGES), (5, PAGES // 5)])
def test_the_second_pass_takes_few_rounds(sections: int, most_rounds: int) -> None:
    """A run takes as long as its longest section once, and little more: in series it takes both passes."""
    api, _ = with_tasks(sections)
    with run_limits(pages_before_split=PAGES_BEFORE_SPLIT, max_split_cost=2.0):
        first = timed_run(api, CONFIG, ["tasks"])
        clock(api).advance(HOUR)
        second = timed_run(api, CONFIG, ["tasks"], first.output.state)
    assert first.output.error is second.output.error is None
    assert Counter(record["gid"] for record in first.output.records("tasks")) == dict.fromkeys(api.world.tasks, 1)
    for run in (first, second):
        assert run.rounds <= most_rounds + START_ROUNDS
        assert run.rounds < PAGES * 2 - START_ROUNDS


class Dragging:
    """People who drag unread tasks before the reader's position in the first pass, and add tasks in the second."""

    def __init__(self, api: Api, project: str) -> None:
        """Start without changes."""
        self.api, self.project = api, project
        self.dragged, self.added = 0, 0

    def __call__(self, request: HttpRequest) -> None:
        """Change the project before some requests for its tasks."""
        if request.query.get("project") != self.project or "offset" not in request.query:
            return
        world = self.api.world
        if request.query["opt_fields"] == SECOND_PASS_FIELDS:
            self.added += 1
            world.add_task(project=self.project)
        else:
            self.dragged += 1
            world.drag_task(sorted(world.projects[self.project].tasks)[-self.dragged], self.project)


@pytest.mark.parametrize("concurrency", [1, 5])
def test_dragged_tasks_are_found_by_a_second_pass_at_once(concurrency: int) -> None:
    """Tasks dragged in the first pass, and added in the second one, are written, by this run or the next."""
    api, project = with_tasks(1, Dialect(moves_modify_tasks=False))
    people: Hook = Dragging(api, project)
    config = {**CONFIG, "max_concurrency": concurrency}
    first = sync(api, config=config, select=["tasks"], on_request=people)
    assert isinstance(people, Dragging)
    assert people.dragged
    assert people.added
    clock(api).advance(HOUR)
    second = sync(api, config=config, select=["tasks"], state=first.state)
    assert first.then(second).gids("tasks") == set(api.world.tasks)


def test_small_worlds_take_the_same_requests() -> None:
    """Where nothing changes, requests at once are no more than in series."""
    counts = []
    for min_pages in (4, 1000):
        api = asana(Sizes(tasks=200, projects=3, stories=0, users=3))
        with run_limits(min_pages_at_once=min_pages):
            sync(api, config={**CONFIG, "page_size": 5}, select=["tasks"])
        counts.append(len(api.log))
    assert counts[0] == counts[1]
