"""Every extraction method brings the same: all of a first read, and every change after it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from itertools import count

import pytest
from harness import CORE, SERVICE, SMALL, TINY, Killed, Message, Output, asana, attempt, clock, killing, sync
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typing_extensions import override

from fake_asana.api import Api
from fake_asana.faults import Fault, Faults
from fake_asana.limits import Limits
from fake_asana.messages import ApiError, Request, Response
from tap_asana import messages
from tap_asana.extraction import choice

HOUR = 3600
METHODS: Mapping[str, Message] = {
    "list": {"access_token": "0/fake", "extraction_method": "list"},
    "search": {"access_token": "0/fake", "extraction_method": "search"},
    "auto": {"access_token": "0/fake", "extraction_method": "auto"},
    "export": {"access_token": "0/service", "extraction_method": "export"},
}
FAMILY = ("tasks", "stories", "attachments")
every_method = pytest.mark.parametrize("config", METHODS.values(), ids=METHODS)


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have STATE written at every checkpoint, however little lies between them."""
    monkeypatch.setattr(messages, "STATE_SHARE", 0)


def lacking(api: Api, output: Output, config: Message) -> dict[str, set[str]]:
    """Return what a read lacks, by stream."""
    truth = {stream: api.world.truth(stream, config["access_token"]).keys() for stream in FAMILY}
    return {
        stream: set(gids) - output.gids(stream) for stream, gids in truth.items() if set(gids) - output.gids(stream)
    }


def family(api: Api, config: Message, state: Message | None = None) -> Output:
    """Run the streams that hang from tasks."""
    return sync(api, config=config, state=state, select=FAMILY)


@every_method
def test_a_first_read_is_complete(config: Message) -> None:
    """A first read lacks nothing, invents nothing and repeats no task."""
    api = asana(SMALL)
    output = family(api, config)
    assert lacking(api, output, config) == {}
    assert output.gids("tasks") == set(api.world.truth("tasks", config["access_token"]))
    assert len(output.records("tasks")) == len(output.gids("tasks"))


@every_method
def test_the_next_run_brings_every_change_and_one_more_brings_nothing_new(config: Message) -> None:
    """After people have worked, one run brings what they did; the run after it brings nothing beyond the lookback."""
    api, token = asana(SMALL), config["access_token"]
    first = sync(api, config=config, select=CORE)
    seen = {stream: api.world.truth(stream, token) for stream in CORE}
    clock(api).advance(HOUR)
    changes = api.world.mutate()
    clock(api).advance(HOUR)
    second = sync(api, config=config, select=CORE, state=first.state)
    truth = {stream: api.world.truth(stream, token) for stream in CORE}
    for stream in CORE:
        # A service account has seen everything before; what was shared with a person is no news to it.
        shared = {gid for gid in seen[stream] if token == SERVICE["access_token"] and _is_old(truth[stream].get(gid))}
        assert changes.changed[stream] & truth[stream].keys() - shared <= second.gids(stream), stream
        if stream not in FAMILY:
            assert second.gids(stream) == truth[stream].keys()
    assert truth["projects"].keys() - seen["projects"].keys() == changes.changed["projects"] - seen["projects"].keys()
    assert changes.changed["users"]
    assert changes.changed["teams"]
    assert changes.deleted["workspace_memberships"]
    clock(api).advance(HOUR)
    third = sync(api, config=config, select=CORE, state=second.state)
    assert third.records("tasks") == []
    assert [record for record in third.records("stories") if record["task_gid"]] == []
    assert [record for record in third.records("attachments") if record["parent"]["resource_type"] == "task"] == []


def _is_old(record: Message | None) -> bool:
    """Tell whether nothing happened to a record on the people's day, as far as its clock knows."""
    moment = (record or {}).get("modified_at") or (record or {}).get("created_at")
    return str(moment) < "2026-05-28T21"


@pytest.mark.usefixtures("eager")
@every_method
@pytest.mark.parametrize("at", [15, 40, 60, 90])
def test_a_first_read_that_is_killed_goes_on(config: Message, at: int) -> None:
    """Killed at some request and started again from its last STATE, a read lacks nothing (law 4)."""
    api = asana(TINY)
    cut = attempt(api, config=config, select=FAMILY, on_request=killing(at))
    rest = family(api, config, cut.state)
    assert lacking(api, cut.then(rest), config) == {}


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    method=st.sampled_from(sorted(METHODS)),
    concurrency=st.integers(1, 20),
    page_size=st.integers(3, 100),
    kills=st.lists(st.integers(3, 60), max_size=3),
    days=st.integers(0, 2),
)
def test_the_union_of_all_runs_is_the_world(
    method: str, concurrency: int, page_size: int, kills: list[int], days: int
) -> None:
    """Whatever the method, page size, concurrency, interruptions and changes between runs: nothing is lacking."""
    api = asana(TINY)
    config = {**METHODS[method], "max_concurrency": concurrency, "page_size": page_size}
    union, state = Output(), None
    for day in range(days + 1):
        for kill in kills:
            cut = attempt(api, config=config, select=FAMILY, state=state, on_request=killing(kill))
            union, state = union.then(cut), cut.state or state
        done = family(api, config, state)
        union, state = union.then(done), done.state
        assert lacking(api, union, config) == {}
        if day < days:
            clock(api).advance(HOUR)
            api.world.mutate(day)
            clock(api).advance(HOUR)


@pytest.mark.parametrize(
    "inclusive", [frozenset(), frozenset({"after"}), frozenset({"after", "before"})], ids=["neither", "after", "both"]
)
@pytest.mark.parametrize("pause", [0.0, 0.003], ids=["made at one instant", "made one after another"])
def test_a_bulk_edit_of_one_instant_is_read_whole(inclusive: frozenset[str], pause: float) -> None:
    """Five hundred tasks that share one modified_at all come, whether bounds include their instant or not."""
    api = asana(SMALL, limits=Limits(search_inclusive=inclusive))
    project = next(iter(api.world.projects))
    for _ in range(500):
        api.world.add_task(project=project)
        clock(api).advance(pause)
    first = sync(api, config=METHODS["search"], select=["tasks"])
    clock(api).advance(HOUR)
    gids = set(api.world.truth("tasks"))
    api.world.bulk_edit(gids)
    clock(api).advance(HOUR)
    second = sync(api, config=METHODS["search"], state=first.state, select=["tasks"])
    searchable = {gid for gid in gids if "search" not in api.world.tasks[gid].workspace.lacks}
    assert searchable <= second.gids("tasks")


def test_a_bulk_edit_of_five_thousand_tasks_is_read_by_search_alone() -> None:
    """Five thousand tasks that share one modified_at take little more than a search for each hundred, and no list."""
    api = asana(TINY)
    workspace = next(iter(api.world.workspaces))
    config = {**METHODS["search"], "workspaces": [workspace]}
    state = sync(api, config=config, select=["tasks"]).state
    made = []
    for _ in range(5000):
        clock(api).advance(0.003)
        made.append(api.world.add_task(workspace=workspace))
    clock(api).advance(HOUR)
    api.world.bulk_edit(made)
    clock(api).advance(HOUR)
    before = len(api.log)
    second = sync(api, config=config, state=state, select=["tasks"])
    assert set(made) <= second.gids("tasks")
    asked = Counter(handled.template for handled in api.log[before:])
    assert asked["GET /workspaces/{workspace_gid}/tasks/search"] < 60
    assert not asked["GET /tasks"]


@pytest.mark.parametrize("fresh", [False, True], ids=["old fields", "new fields"])
def test_an_index_that_lags_loses_nothing(fresh: bool) -> None:  # noqa: FBT001 - a case of the test
    """What the search index has not caught up with comes with the next run, and hides nothing else."""
    api = asana(SMALL, limits=Limits(search_lag=60, search_fresh=fresh))
    first = family(api, METHODS["search"])
    clock(api).advance(HOUR)
    tasks = sorted(api.world.truth("tasks"))
    for gid in tasks[:120]:
        api.world.rename_task(gid)
        clock(api).advance(1)
    second = family(api, METHODS["search"], first.state)
    clock(api).advance(HOUR)
    third = family(api, METHODS["search"], second.state)
    assert set(tasks[:120]) <= second.gids("tasks") | third.gids("tasks")


def test_an_increment_by_search_costs_what_changed() -> None:
    """With nothing changed, tasks and stories take a few requests for each workspace, whatever the number of tasks."""
    api = asana(SMALL)
    config = {**METHODS["search"], "workspaces": [next(iter(api.world.workspaces))]}
    first = sync(api, config=config, select=["tasks", "stories"])
    clock(api).advance(HOUR)
    before = len(api.log)
    sync(api, config=config, state=first.state, select=["tasks", "stories"])
    goals = sum("/goals" in handled.path for handled in api.log[before:])
    assert len(api.log) - before - goals < 20


@pytest.mark.parametrize("status", [402, 403, 404])
@pytest.mark.parametrize("later", [False, True], ids=["first read", "increment"])
def test_a_search_that_is_refused_on_the_way_gives_way_to_lists(status: int, *, later: bool) -> None:
    """Where the plan loses its search in the middle of a read, lists bring what is lacking."""
    api = asana(SMALL)
    config = {**METHODS["auto"], "workspaces": [next(iter(api.world.workspaces))]}
    union = family(api, config) if later else Output()
    clock(api).advance(HOUR)
    for gid in sorted(api.world.truth("tasks")) if later else ():
        api.world.rename_task(gid)
        clock(api).advance(1)
    clock(api).advance(HOUR)

    class Lapsed(Api):
        """An Asana whose plan ends behind the second search."""

        searches = count(1)

        @override
        def outcome(self, request: Request) -> Response:
            if request.path.endswith("/tasks/search") and next(self.searches) > 2:
                return ApiError(status, "Not available").response()
            return super().outcome(request)

    lapsed = Lapsed(api.world)
    union = union.then(family(lapsed, config, union.state or None))
    assert sum(handled.status == status for handled in lapsed.log)
    truth = {
        gid: task for gid, task in api.world.truth("tasks").items() if task["workspace"]["gid"] in config["workspaces"]
    }
    rows = union.rows("tasks")
    assert {gid: rows[gid]["modified_at"] for gid in truth} == {gid: task["modified_at"] for gid, task in truth.items()}


def test_a_workspace_without_search_is_read_by_lists(caplog: pytest.LogCaptureFixture) -> None:
    """The method is chosen for each workspace, and the log says why."""
    api = asana(SMALL)
    with caplog.at_level(logging.INFO):
        family(api, METHODS["auto"])
    reasons = [record.getMessage() for record in caplog.records if "tasks are read by" in record.getMessage()]
    assert sum("by search, because the plan" in reason for reason in reasons) == 2
    assert sum("by list, because search is refused there (402)" in reason for reason in reasons) == 1


@pytest.mark.parametrize("named", [choice.NAMED, 0], ids=["few people", "many people"])
def test_search_finds_what_is_assigned_to_somebody_who_left(named: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first read brings a task that has no project, and whose assignee no list of people holds any more."""
    monkeypatch.setattr(choice, "NAMED", named)
    api = asana(TINY)
    workspace = next(iter(api.world.workspaces))
    leaver = api.world.add_user(workspace)
    left = {api.world.add_task(workspace=workspace, assignee=leaver)}
    for _ in range(150):
        clock(api).advance(1)
        left.add(api.world.add_task(workspace=workspace, assignee=leaver))
    api.world.remove_user(leaver, workspace)
    clock(api).advance(HOUR)
    output = family(api, METHODS["search"])
    assert left <= output.gids("tasks")
    assert any("assignee.not" in handled.query for handled in api.log) is bool(named)
    assert lacking(api, output, METHODS["search"]) == {}
    assert len(output.records("tasks")) == len(output.gids("tasks"))


def test_a_foreign_export_is_waited_for() -> None:
    """Somebody else's export of the workspace is waited for."""
    api = asana(TINY)
    api.world.begin_foreign_export(next(iter(api.world.workspaces)), 300)
    output = family(api, METHODS["export"])
    assert lacking(api, output, METHODS["export"]) == {}
    assert any(handled.template == "GET /-/download/{file}" for handled in api.log)


def test_a_foreign_export_without_end_gives_way_to_search(caplog: pytest.LogCaptureFixture) -> None:
    """After 15 minutes the workspace is read in another way, and the log says so."""
    api = asana(TINY)
    api.world.begin_foreign_export(next(iter(api.world.workspaces)), 10**6)
    with caplog.at_level(logging.INFO):
        output = family(api, METHODS["export"])
    assert lacking(api, output, METHODS["export"]) == {}
    assert "by search, because the export is refused (403" in caplog.text


@pytest.mark.parametrize("kind", ["cut", "corrupt"])
def test_a_damaged_file_is_fetched_again(kind: str) -> None:
    """A file that came cut or corrupt is fetched again, under an address that is good at that moment."""
    api = asana(TINY)
    damaged = iter([True, True, False])

    def plan(request: Request) -> Fault | None:
        return Fault(kind) if "/-/download/" in request.path and next(damaged, False) else None

    api.faults = Faults(plan=plan)
    output = family(api, METHODS["export"])
    assert lacking(api, output, METHODS["export"]) == {}
    assert sum(handled.template == "GET /-/download/{file}" for handled in api.log) == 3


def test_a_killed_run_is_no_error_of_the_test() -> None:
    """A run that is killed by the harness ends as killed, and not for another reason."""
    assert isinstance(attempt(asana(TINY), on_request=killing(5)).error, Killed)
