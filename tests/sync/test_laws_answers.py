"""Law 6: the effect of each response of Asana."""

from __future__ import annotations

import pytest
from expected import missing
from harness import TINY, asana, attempt, clock, summary, sync
from interruptions import Moments
from refused_lists import failing
from typing_extensions import override

from fake_asana.messages import HttpRequest
from fake_asana.server.api import Api, Dialect
from fake_asana.server.faults import FAULT_KINDS, Fault, Faults
from fake_asana.server.limits import Limits
from fake_asana.server.paging import Listing, Page
from fake_asana.world import ManualClock, Sizes, World
from tap_asana.errors import FatalResponseError, RetriesExhaustedError
from tap_asana.parents.splitting import MAX_SEARCH_ROWS


def busiest(world: World) -> str:
    """Return the gid of the project with the most tasks."""
    return max(world.projects.values(), key=lambda project: len(project.tasks)).gid


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 412, 451])
def test_a_refused_project_is_skipped_counted_and_named(status: int, caplog: pytest.LogCaptureFixture) -> None:
    """If a project is refused, all else is read, and the summary counts and names it (law 6)."""
    caplog.set_level("INFO")
    api = asana(TINY)
    project = busiest(api.world)
    api.world.access.deny(project, status)
    output = sync(api)
    lost = missing(api, output)
    inside = {gid for gid, task in api.world.tasks.items() if any(found.gid == project for found in task.projects())}
    assert lost["sections"] == set(api.world.projects[project].sections)
    assert lost["tasks"]
    assert lost["tasks"] <= inside | {gid for gid, task in api.world.tasks.items() if task.parent}
    lines = summary(caplog.records)
    assert f"1 parents skipped with {status}" in lines["sections"]
    assert f"/projects/{project}/sections" in lines["sections"]
    assert f"1 parents skipped with {status}" in lines["tasks"]
    assert f"project={project}" in lines["tasks"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 412, 451])
def test_a_refused_task_loses_only_its_children(status: int, caplog: pytest.LogCaptureFixture) -> None:
    """If a task is refused, its stories and attachments are skipped, and nothing else (law 6)."""
    caplog.set_level("INFO")
    api = asana(TINY)
    task = next(gid for gid, task in api.world.tasks.items() if task.n_stories and not task.subtasks)
    api.world.access.deny(task, status)
    lost = missing(api, sync(api))
    assert lost["stories"] == {gid for gid, row in api.world.expected_records("stories").items() if of(row) == task}
    assert lost.keys() <= {"stories", "attachments"}
    lines = summary(caplog.records)
    for stream in ("stories", "attachments"):
        assert f"1 parents skipped with {status}" in lines[stream]
        assert task in lines[stream]


def of(story: dict[str, object]) -> object:
    """Return the gid of a story's task."""
    target = story["target"]
    assert isinstance(target, dict)
    return target["gid"]


def test_a_feature_outside_the_plan_is_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    """A 402 is one warning for each stream and workspace, and the run continues (law 6)."""
    api = asana()
    poor = [gid for gid, workspace in api.world.workspaces.items() if "custom_fields" in workspace.missing_features]
    assert poor
    assert missing(api, sync(api)) == {}
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == len(set(warnings))
    for gid in poor:
        assert len([warning for warning in warnings if "custom_fields" in warning and gid in warning]) == 1


def test_each_project_outside_the_plan_is_requested_once(caplog: pytest.LogCaptureFixture) -> None:
    """A 402 of one project does not affect others: each is requested once, with one warning for all (law 6)."""
    api = asana(TINY)
    workspace = next(iter(api.world.workspaces.values()))
    gids = list(workspace.projects)
    poor, rich = gids[:3], set(gids[3:])
    for gid in poor:
        api.world.access.deny(gid, 402)
    output = sync(api, select=["sections"], config={"max_concurrency": 1})
    denied = [handled.path for handled in api.log if handled.status == 402]
    assert len(denied) == len(set(denied)) == len(poor)
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1
    read_projects = {record["project"]["gid"] for record in output.records("sections")}
    assert rich & set(api.world.gids("projects")) <= read_projects


def test_an_unknown_token_ends_the_run_with_asanas_message() -> None:
    """A 401 ends the run with Asana's message (law 6)."""
    with pytest.raises(FatalResponseError, match="Not Authorized") as raised:
        sync(asana(TINY), config={"access_token": "0/nobody"})
    assert "nobody" not in str(raised.value)


def test_all_requests_wait_for_retry_after() -> None:
    """After a 429 no request is sent before its Retry-After has passed (law 6)."""
    api = asana(TINY, limits=Limits(per_minute=40))
    sent: list[float] = []
    output = sync(api, config={"max_concurrency": 1}, on_request=lambda _: sent.append(clock(api)()))
    assert missing(api, output) == {}
    throttled = [at for at, handled in enumerate(api.log) if handled.status == 429]
    assert throttled
    for at in throttled:
        minute_is_over = (sent[at] // 60 + 1) * 60
        assert sent[at + 1] >= minute_is_over


@pytest.mark.parametrize("kind", sorted(FAULT_KINDS.keys() - {"wrong_type"}))
def test_a_transient_fault_is_retried(kind: str) -> None:
    """A request that fails five times in a row is tried once more (law 6)."""
    api = asana(TINY, faults=Faults(plan=failing(5, kind)))
    output = sync(api, select=["workspaces", "projects", "sections"])
    assert missing(api, output) == {}
    assert len(api.log) == 6 * len({(h.path, *map(h.query.get, ("workspace", "archived", "offset"))) for h in api.log})


def test_a_truncated_error_response_is_retried() -> None:
    """An expired page token is recognized even if its error response was truncated at first (law 6)."""
    offsets: set[str] = set()

    def plan(request: HttpRequest) -> Fault | None:
        fault = Fault("bad_json") if "offset" in request.query and not offsets else None
        offsets.update(request.query.keys() & {"offset"})
        return fault

    api = asana(TINY, limits=Limits(token_life=60), faults=Faults(plan=plan))
    moments = Moments({3: lambda: clock(api).advance(61)})
    output = sync(api, select=["projects"], config={"page_size": 2, "max_concurrency": 1}, on_request=moments)
    assert [handled.status for handled in api.log[:5]] == [200, 200, 400, 400, 200]
    assert missing(api, output) == {}


def test_json_is_accepted_with_any_content_type() -> None:
    """JSON with the content type of HTML is accepted without a retry (law 6)."""
    api = asana(TINY, faults=Faults(plan=failing(5, "wrong_type")))
    output = sync(api, select=["projects"])
    assert missing(api, output) == {}
    assert len(api.log) == 1 + 2 * len(api.world.workspaces)  # the archived projects are a list of their own


@pytest.mark.parametrize("kind", ["503", "502", "403_html", "null", "reset", "302"])
def test_a_persistent_fault_skips_one_list(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """A list that fails on all attempts is named and counted, and all else is read (law 6)."""
    caplog.set_level("INFO")
    api = asana(TINY, faults=Faults(plan=lambda request: Fault(kind) if request.path.endswith("/tags") else None))
    lost = missing(api, sync(api))
    assert lost["tags"] == set(api.world.gids("tags"))
    assert lost.keys() <= {"tags", "tasks", "stories", "attachments", "time_tracking_entries"}
    line = summary(caplog.records)["tags"]
    number = len(api.world.workspaces)
    assert f"{number} parents skipped with {'503' if kind == '503' else 'no answer'} (/tags" in line
    assert 5 * number < sum(1 for handled in api.log if handled.path.endswith("/tags")) < 20 * number


def test_a_persistent_fault_of_the_root_ends_the_run() -> None:
    """If the root list fails too, the run ends with one line that names the path, even after few requests (law 6)."""
    away = {"/tags", "/workspaces"}
    api = asana(TINY)
    read = iter([False])
    api.faults = Faults(plan=lambda request: Fault("503") if request.path[8:] in away and next(read, True) else None)
    output = attempt(api, select=["tags"])
    assert isinstance(output.error, RetriesExhaustedError)
    assert "/tags" in str(output.error)
    assert "\n" not in str(output.error)


def test_a_504_halves_the_page_size() -> None:
    """After a 504 the list is requested in pages of half the size (law 6)."""
    api = asana(TINY, faults=Faults(plan=failing(2, "504")))
    output = sync(api, select=["users"])
    assert missing(api, output) == {}
    assert {handled.query["limit"] for handled in api.log if handled.status == 200} == {"25"}


def test_an_expired_page_token_restarts_its_list() -> None:
    """If page tokens expire in the middle of lists, no record is lost and no task repeated (law 6)."""
    api = asana(limits=Limits(token_life=60))
    moments = Moments(dict.fromkeys(range(40, 900, 97), lambda: clock(api).advance(61)))
    output = sync(api, config={"page_size": 10}, on_request=moments)
    assert [handled for handled in api.log if handled.status == 400]
    assert missing(api, output) == {}
    assert len(output.records("tasks")) == len(output.gids("tasks"))


def test_a_truncated_project_is_read_by_section() -> None:
    """A truncated list of tasks is read in smaller lists (law 6)."""
    api = asana(Sizes(stories=1, busiest=80), limits=Limits(truncate=101))
    assert max(len(project.tasks) for project in api.world.projects.values()) > 101
    output = sync(api, select=["tasks"])
    assert [handled for handled in api.log if handled.query.get("section")]
    assert missing(api, output) == {}


class Short(Api):
    """An Asana that truncates its lists of projects, and no others."""

    @override
    def page(self, request: HttpRequest, listing: Listing, limit: int | None, *, paged: bool) -> Page:
        usual = self.limits
        if request.path.endswith("/projects"):
            self.limits = Limits(truncate=8)
        try:
            return super().page(request, listing, limit, paged=paged)
        finally:
            self.limits = usual


@pytest.mark.parametrize("projects", [12, 260])
@pytest.mark.parametrize("config", [{}, {"include_archived_projects": False}])
def test_a_truncated_list_of_projects_is_split(projects: int, config: dict[str, bool]) -> None:
    """A truncated list of projects is read completely, including projects without a team, by search if necessary."""
    api = Short(World.seeded(1, Sizes(workspaces=1, projects=projects, tasks=20), ManualClock()))
    clock(api).advance(3600)
    output = sync(api, select=["projects", "sections"], config={"page_size": 5, **config})
    assert [handled for handled in api.log if handled.status == 400]
    searches = [handled for handled in api.log if handled.path.endswith("/projects/search")]
    assert projects < MAX_SEARCH_ROWS or len(searches) > projects // MAX_SEARCH_ROWS
    lost = missing(api, output)
    archived = {gid for gid, project in api.world.projects.items() if project.archived}
    assert archived
    assert lost.get("projects", set()) == (archived & set(api.world.gids("projects")) if config else set())
    assert len(output.records("projects")) == len(output.gids("projects"))
    if not config:
        assert lost == {}


@pytest.mark.parametrize(
    "dialect",
    [Dialect(search_counts_hidden=True), Dialect(search_whole_seconds=True)],
    ids=["hidden projects count", "seconds"],
)
def test_searches_for_projects_tolerate_dialects(dialect: Dialect) -> None:
    """Responses shorter than their limit, and bounds in whole seconds, lose no project."""
    world = World.seeded(1, Sizes(workspaces=1, projects=260, tasks=20), ManualClock())
    for gid in sorted(world.gids("projects"))[::9]:
        world.hide_project(gid)
    api = Short(world, dialect=dialect)
    clock(api).advance(3600)
    output = sync(api, select=["projects"], config={"page_size": 5})
    assert output.gids("projects") == set(world.gids("projects"))
    assert len(output.records("projects")) == len(output.gids("projects"))


@pytest.mark.parametrize("select", [["projects"], ["sections"]])
def test_a_truncated_list_without_search_is_read_in_part(select: list[str], caplog: pytest.LogCaptureFixture) -> None:
    """On a plan without search, the run reads the returned projects, and reports that others are missing."""
    caplog.set_level("INFO")
    api = Short(World.seeded(1, Sizes(workspaces=1, projects=260, tasks=20), ManualClock()))
    (gid,) = api.world.workspaces
    api.world.workspaces[gid].missing_features.add("search")
    output = sync(api, select=select, config={"page_size": 5})
    assert set() < output.gids(*select) < set(api.world.gids(*select))
    warning = f"Asana truncates the projects of workspace {gid}, and the rest cannot be read: search is refused there"
    assert len([record for record in caplog.records if warning in record.getMessage()]) == 1
    assert f"1 parents skipped with 400 (/projects?workspace={gid})" in summary(caplog.records)[select[0]]
