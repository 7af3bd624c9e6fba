"""A run keeps as many requests in flight as it may, although some lists are known only when others are read."""

from __future__ import annotations

from collections import Counter

import pytest
from harness import PERSON, STREAMS, asana, clock
from methods import HOUR
from timed_pool import TimedRun, timed_run

from fake_asana.world import Sizes

IN_FLIGHT = 20
MAX_RATIO = 1.3


def ratio(run: TimedRun) -> float:
    """Return the rounds of a run, divided by those that its requests take if all slots are always used."""
    return run.rounds / (run.requests / IN_FLIGHT)


def test_an_unchanged_run_leaves_few_slots_idle() -> None:
    """A run over three workspaces with nothing changed takes at most 1.3 times the least time."""
    api = asana(Sizes(tasks=100, projects=40, stories=1))
    config = {**PERSON, "max_concurrency": IN_FLIGHT}
    first = timed_run(api, config, STREAMS)
    clock(api).advance(HOUR)
    second = timed_run(api, config, STREAMS, first.output.state)
    assert first.output.error is second.output.error is None
    assert second.requests > 400
    assert ratio(second) <= MAX_RATIO


@pytest.mark.parametrize(("page_size", "most_rounds"), [(100, 4), (5, 8)])
def test_a_first_run_requests_tasks_early(page_size: int, most_rounds: int) -> None:
    """Tasks are requested once their parents are known, before lists below projects are read, and nothing is twice.

    After the workspaces and the lists of parents, whose pages are requested one after the other, two rounds are left
    for archived projects and for lists below goals and projects.
    """
    api = asana(Sizes(tasks=100, projects=20, tags=8, stories=1))
    config = {**PERSON, "max_concurrency": IN_FLIGHT, "page_size": page_size}
    run = timed_run(api, config, ["tasks", "stories", "attachments"])
    assert run.output.error is None
    assert run.first_rounds["/api/1.0/tasks"] <= most_rounds
    assert Counter((request.path, *request.query.items()) for request in api.log).most_common(1)[0][1] == 1
