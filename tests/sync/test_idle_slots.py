"""A run keeps as many requests in flight as it may, although some lists are known only when others are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pytest
from harness import PERSON, SERVICE, STREAMS, TINY, Message, asana, clock
from methods import ALL_TASK_STREAMS, HOUR
from timed_pool import TimedRun, timed_run

from fake_asana.server.api import Api
from fake_asana.world import Sizes

IN_FLIGHT = 20
MAX_RATIO = 1.2

NAMED_BY_EVENTS = ("tasks", "subtasks", "stories", "attachments", "time_tracking_entries", "sections")
"""The ends of the paths that list objects which events of a project name."""

EVENTS = "/events"

BEFORE_EVENTS = ("/workspaces", "/projects", "/audit_log_events", EVENTS)
"""The ends of the paths that a first run requests before it has read all events."""


def ratio(run: TimedRun) -> float:
    """Return the rounds of a run, divided by those that its requests take if all slots are always used."""
    return run.rounds / (run.requests / IN_FLIGHT)


def test_an_unchanged_run_leaves_few_slots_idle() -> None:
    """A run over three workspaces with nothing changed takes at most 1.2 times the least time."""
    api = asana(Sizes(tasks=100, projects=40, stories=1))
    config = {**PERSON, "max_concurrency": IN_FLIGHT}
    first = timed_run(api, config, STREAMS)
    clock(api).advance(HOUR)
    second = timed_run(api, config, STREAMS, first.output.state)
    assert first.output.error is second.output.error is None
    assert second.requests > 400
    assert ratio(second) <= MAX_RATIO


def test_subtasks_of_later_workspaces_are_requested_meanwhile() -> None:
    """The levels of subtasks in three workspaces do not wait for each other, and no list is requested twice.

    After the workspaces, their lists of parents and the lists of tasks, there are four levels of subtasks.
    """
    api = asana(Sizes(tasks=90, projects=9, subtasks=60, personal=0, stories=0))
    config = {**PERSON, "max_concurrency": IN_FLIGHT, "extraction_method": "list"}
    first = timed_run(api, config, ["tasks"])
    clock(api).advance(HOUR)
    api.log.clear()
    second = timed_run(api, config, ["tasks"], first.output.state)
    assert first.output.error is second.output.error is None
    assert second.rounds <= 9
    assert Counter((request.path, *request.query.items()) for request in api.log).most_common(1)[0][1] == 1


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


class Source(NamedTuple):
    """Settings, and whether the plan has an audit log."""

    config: Message
    has_log: bool = False


SOURCES: Mapping[str, Source] = {
    "project events": Source(dict(PERSON)),
    "workspace events": Source(dict(SERVICE)),
    "audit log": Source(dict(SERVICE), has_log=True),
}
every_source = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)


def asana_of(source: Source) -> Api:
    """Return an Asana whose plan has an audit log or not."""
    api = asana(TINY)
    for workspace in () if source.has_log else api.world.workspaces.values():
        api.world.downgrade(workspace, "audit_log")
    return api


def paths_of_run(
    api: Api, source: Source, streams: tuple[str, ...], state: Message | None
) -> tuple[list[str], Message]:
    """Run the tap; return the paths of its requests in the order of their answers, and the last STATE."""
    api.log.clear()
    run = timed_run(api, {**source.config, "max_concurrency": IN_FLIGHT}, streams, state)
    assert run.output.error is None
    return [request.path for request in api.log], run.output.state


@every_source
@pytest.mark.parametrize("streams", [STREAMS, ("projects", "deletions", *ALL_TASK_STREAMS)], ids=["all", "tasks"])
def test_events_are_read_before_the_objects_that_they_name(source: Source, streams: tuple[str, ...]) -> None:
    """In each run, nothing that events name is requested before all events are; in a first run, nothing at all.

    If an object was read first, its event would be crossed off for a record without the change.
    """
    api = asana_of(source)
    first_paths, state = paths_of_run(api, source, streams, None)
    clock(api).advance(HOUR)
    paths, _ = paths_of_run(api, source, streams, state)
    assert [path for path in before_events(first_paths) if not path.endswith(BEFORE_EVENTS)] == []
    assert [path for path in before_events(paths) if path.endswith(NAMED_BY_EVENTS)] == []
    assert [path for path in paths if path.endswith(NAMED_BY_EVENTS)] != []


def before_events(paths: Sequence[str]) -> Sequence[str]:
    """Return the paths before the last one that lists events."""
    return paths[: max(place for place, path in enumerate(paths) if path.endswith(EVENTS))]


@every_source
def test_lists_that_no_event_names_are_read_meanwhile(source: Source) -> None:
    """A later run requests lists of people and of parents before it has read all events."""
    api = asana_of(source)
    _, state = paths_of_run(api, source, STREAMS, None)
    clock(api).advance(HOUR)
    paths, _ = paths_of_run(api, source, STREAMS, state)
    early = {path.rpartition("/")[2] for path in before_events(paths)}
    assert {"users", "tags", "portfolios", "goals"} <= early
