"""Every entity: what a plan or a permission takes away takes nothing else with it, and nothing is asked in vain."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
from conftest import Full
from expected import missing
from harness import PERSON, SERVICE, SMALL, TINY, asana, clock, summary, sync

from fake_asana.world import World

WORKSPACE = re.compile(r"workspace (\d+)")

PAID = {
    *("agents", "roles", "portfolios", "time_periods", "goals", "custom_fields", "custom_types", "project_briefs"),
    *("time_tracking_categories", "timesheet_approval_statuses", "allocations", "budgets", "rates"),
}
"""Streams that ask for what a plan can lack."""

HANGING = {
    *("portfolio_items", "portfolio_memberships", "goal_memberships", "goal_relationships", "custom_field_settings"),
    *("status_updates", "stories"),
}
"""Streams that lack, wholly or in part, what hangs from those lists."""


@pytest.mark.parametrize(
    ("config", "lacking"),
    [(PERSON, PAID | HANGING), (SERVICE, PAID | HANGING | {"audit_log_events", "deletions"})],
    ids=["person", "service account"],
)
def test_plans_without_paid_features(
    config: Mapping[str, str], lacking: set[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Where no plan has what is paid for, the run ends well with all else, one warning each, and a word at its end."""
    caplog.set_level("INFO")
    api = asana(TINY)
    world, token = api.world, config["access_token"]
    for workspace in world.workspaces.values():
        world.downgrade(workspace)
    output = sync(api, config=config)
    assert missing(api, output, token) == {}
    assert output.counts()["tasks"]
    about = Counter(
        (message.partition(":")[0], WORKSPACE.findall(message)[0])
        for record in caplog.records
        if record.levelname == "WARNING" and "(402)" in (message := record.getMessage())
    )
    unpaid = world.access.viewers[token].workspaces
    assert about.keys() >= {(name, unpaid[0]) for name in lacking}
    assert about.keys() <= {(name, gid) for name in lacking for gid in unpaid}
    assert set(about.values()) == {1}
    told = summary(caplog.records)
    assert {name for name, part in told.items() if "skipped with 402" in part} == lacking


def first(gids: Iterable[str]) -> str:
    """Return the first of some gids."""
    return next(iter(gids))


def with_children(stream: str, field: str) -> Callable[[World], str]:
    """Return a finder of the parent that most records of a stream name in a field."""

    def find(world: World) -> str:
        parents: Counter[str] = Counter()
        for record in world.truth(stream).values():
            value: Any = record[field]
            parents[value["gid"] if isinstance(value, dict) else value] += 1
        return parents.most_common(1)[0][0]

    return find


def reported(find: Callable[[World], str]) -> Callable[[World], str]:
    """Return a finder of the same parent, on which somebody reports."""

    def report(world: World) -> str:
        gid = find(world)
        world.report(gid)
        return gid

    return report


def brief_with_files(world: World) -> str:
    """Return a brief of a project that the token sees, with files."""
    return first(gid for gid in world.truth("project_briefs") if world.files.get(gid))


def task_with_all(world: World) -> str:
    """Return a task with files, stories and time on it."""
    gid = with_children("time_tracking_entries", "task_gid")(world)
    world.attach(gid)
    return gid


def tag_in_use(world: World) -> str:
    """Return a tag that alone leads to a task."""
    tagged = (task for task in world.tasks.values() if task.tags and not (task.sections or task.assignee))
    return first(task.tags[0].gid for task in tagged if not task.parent)


REFUSED: Mapping[str, tuple[Callable[[World], str], set[str]]] = {
    "project": (
        with_children("sections", "project"),
        {
            *("sections", "project_memberships", "task_templates", "custom_types", "status_updates", "tasks"),
            *("attachments", "budgets", "rates", "deletions"),
        },
    ),
    "team": (with_children("team_memberships", "team"), {"team_memberships"}),
    "user": (with_children("ooo_entries", "user"), {"ooo_entries", "tasks"}),
    "portfolio": (
        reported(with_children("portfolio_items", "portfolio_gid")),
        {"portfolio_items", "portfolio_memberships", "status_updates"},
    ),
    "goal": (
        reported(with_children("goal_relationships", "supported_goal")),
        {"goal_memberships", "goal_relationships", "status_updates", "stories"},
    ),
    "tag": (tag_in_use, {"tasks"}),
    "project brief": (brief_with_files, {"project_briefs", "attachments"}),
    "task": (task_with_all, {"stories", "attachments", "time_tracking_entries"}),
}
"""For each kind of parent: one that has much, and the streams that are asked under it."""


@pytest.mark.parametrize("kind", REFUSED)
def test_a_refused_parent_costs_what_hangs_from_it(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """Where one parent answers 403, all that does not hang from it is complete, and the summary counts and names it."""
    caplog.set_level("INFO")
    api = asana(SMALL)
    find, asked = REFUSED[kind]
    gid = find(api.world)
    api.world.access.deny(gid)
    lost = missing(api, sync(api))
    assert lost
    above = {gid, *lost.get("tasks", ())}
    for stream, keys in lost.items():
        truth = api.world.truth(stream)
        assert [key for key in keys if not any(parent in json.dumps(truth[key]) for parent in above)] == []
    told = summary(caplog.records)
    assert {name for name, part in told.items() if gid in part} == asked
    assert all("parents skipped with 403" in told[name] for name in asked)


def test_portfolios_are_read_where_an_owner_has_to_be_named() -> None:
    """A person whose list of portfolios is refused without an owner gets their own, and those shared with them."""
    api = asana(TINY)
    api.world.access.ask_for_owners()
    assert missing(api, sync(api)) == {}
    asked = [handled.query.get("owner") for handled in api.log if handled.template == "GET /portfolios"]
    assert set(asked) == {None, "me"}


def test_status_updates_come_with_the_next_run() -> None:
    """The second run brings the status updates written since, and no older ones."""
    api = asana(SMALL)
    first_run = sync(api)
    clock(api).advance(3600)
    changes = api.world.mutate()
    clock(api).advance(3600)
    second = sync(api, state=first_run.state)
    assert changes.changed["status_updates"]
    assert second.gids("status_updates") == changes.changed["status_updates"]


def asked_for(run: Full, template: str, parameter: str = "") -> Counter[str]:
    """Return how often an operation was asked, by a parameter of it or by the gid in its path; first pages only."""
    return Counter(
        handled.query[parameter] if parameter else handled.path.split("/")[4]
        for handled in run.api.log
        if handled.template == template and "offset" not in handled.query
    )


def having(run: Full, field: str, *streams: str) -> set[str]:
    """Return the gids of the records that have something in a field."""
    return {gid for name in streams for gid, row in run.api.world.truth(name, run.token).items() if row[field]}


def test_status_updates_are_asked_where_there_is_one(either: Full) -> None:
    """Only what has a current status update is asked for all of them, and once."""
    parents = ("projects", "portfolios", "goals")
    reported = having(either, "current_status_update", *parents)
    assert reported != {gid for name in parents for gid in either.api.world.truth(name, either.token)}
    assert asked_for(either, "GET /status_updates", "parent") == dict.fromkeys(reported, 1)


def test_briefs_are_asked_where_there_is_one(either: Full) -> None:
    """Only the briefs that projects name are asked for, each once."""
    briefs = asked_for(either, "GET /project_briefs/{project_brief_gid}")
    assert briefs == dict.fromkeys(either.api.world.truth("project_briefs", either.token), 1)


def test_time_is_asked_where_there_is_some(either: Full) -> None:
    """Only tasks with time on them are asked for their entries."""
    tracked = having(either, "actual_time_minutes", "tasks")
    assert tracked
    assert asked_for(either, "GET /tasks/{task_gid}/time_tracking_entries") == dict.fromkeys(tracked, 1)


PARENTS = (
    ("GET /projects/{project_gid}/sections", "", "projects"),
    ("GET /task_templates", "project", "projects"),
    ("GET /custom_types", "project", "projects"),
    ("GET /budgets", "parent", "projects"),
    ("GET /rates", "parent", "projects"),
    ("GET /teams/{team_gid}/team_memberships", "", "teams"),
    ("GET /portfolios/{portfolio_gid}/items", "", "portfolios"),
    ("GET /goal_relationships", "supported_goal", "goals"),
    ("GET /goals/{goal_gid}/stories", "", "goals"),
)
"""Lists that there is one of for each parent, and the stream of those parents."""


@pytest.mark.parametrize(("template", "parameter", "stream"), PARENTS)
def test_what_hangs_from_parents_is_asked_once_for_each(
    either: Full, template: str, parameter: str, stream: str
) -> None:
    """A list under every parent of a kind is asked once for each, and not again where the plan lacks it."""
    asked = asked_for(either, template, parameter)
    parents = either.api.world.truth(stream, either.token).keys()
    paid = {gid for gid in parents if not lacks(either, template, stream, gid)}
    assert paid
    assert paid <= asked.keys() <= parents
    assert set(asked.values()) == {1}


def lacks(run: Full, template: str, stream: str, gid: str) -> bool:
    """Tell whether the plan of a parent's workspace refused such a list to anybody."""
    workspace = run.api.world.truth(stream, run.token)[gid].get("workspace") or {}
    lacking = {handled.template for handled in run.api.log if handled.status == 402}
    return template in lacking and not run.api.world.workspaces[workspace["gid"]].organization  # type: ignore[index] # plain JSON


@pytest.mark.parametrize(
    "template",
    [
        "GET /projects/{project_gid}/custom_field_settings",
        "GET /portfolios/{portfolio_gid}/custom_field_settings",
        "GET /goals/{goal_gid}/custom_field_settings",
        "GET /teams/{team_gid}/custom_field_settings",
        "GET /users/{user_gid}/user_task_list",
        "GET /users/{user_gid}",
        "GET /goals/{goal_gid}",
        "GET /time_tracking_entries/{time_tracking_entry_gid}",
    ],
)
def test_what_comes_with_a_list_is_not_asked_for(either: Full, template: str) -> None:
    """What a parent's own list carries takes no request of its own."""
    assert not asked_for(either, template)


LISTED = (
    "users",
    "projects",
    "tags",
    "goals",
    "project_templates",
    "allocations",
    "time_periods",
    "roles",
    "portfolios",
)
"""Streams with one list for each workspace, by their name."""


@pytest.mark.parametrize("stream", LISTED)
def test_a_list_of_a_workspace_is_fetched_once(either: Full, stream: str) -> None:
    """However many streams need a list, each workspace is asked for it once."""
    workspaces = either.api.world.access.viewers[either.token].workspaces
    assert asked_for(either, f"GET /{stream}", "workspace") == dict.fromkeys(workspaces, 1)
