"""Objects missing because of a plan or a permission are named, and nothing else is lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from http import HTTPStatus

import pytest
from expected import invalid, missing
from expected_losses import expected_losses
from harness import PERSON, SERVICE, SMALL, STREAMS, TINY, asana, summary, sync
from refusals import PARENTS

from fake_asana.model.choices import AccessForm
from fake_asana.model.dialect import Dialect

WORKSPACE = re.compile(r"workspaces?[ /](\d+)")

OWED = re.compile(r", \d+ lists still owed \([^)]*\)")
"""The part of the summary about owed lists, of all incomplete streams."""

PAID = {
    *("agents", "roles", "portfolios", "time_periods", "goals", "custom_fields", "custom_types", "project_briefs"),
    *("time_tracking_categories", "timesheet_approval_statuses", "allocations", "budgets", "rates"),
}
"""Streams that request features that a plan can exclude."""

CHILDREN = {
    *("portfolio_items", "portfolio_memberships", "goal_memberships", "goal_relationships", "custom_field_settings"),
    *("status_updates", "stories"),
}
"""Streams that miss some or all children of those lists."""

LOGS = {"audit_log_events", "deletions"}
"""Streams that need a service account."""


@pytest.mark.parametrize(("config", "status"), [(PERSON, 403), (SERVICE, 402)], ids=["person", "service account"])
def test_plans_without_paid_features(config: Mapping[str, str], status: int, caplog: pytest.LogCaptureFixture) -> None:
    """Without paid features in any plan, the run succeeds with all other objects, and one warning for each workspace.

    The logs are for service accounts: a person may not read them, and in a service account's plan they are missing.
    """
    caplog.set_level("INFO")
    api = asana(TINY)
    world, token = api.world, config["access_token"]
    for workspace in world.workspaces.values():
        world.downgrade(workspace)
    output = sync(api, config=config)
    assert missing(api, output, token) == {}
    assert output.counts()["tasks"]
    reasons = {**dict.fromkeys(PAID | CHILDREN, 402), **dict.fromkeys(LOGS, status)}
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    unpaid = world.access.viewers[token].workspaces
    plans = [message for message in warnings if message.startswith("workspace ")]
    assert [message.partition(":")[0] for message in plans] == [f"workspace {gid}" for gid in sorted(unpaid)]
    named = {name for message in plans for name in message.rpartition(": ")[2].split(", ")}
    assert named == {name for name, reason in reasons.items() if reason == HTTPStatus.PAYMENT_REQUIRED}
    others = Counter((message.partition(":")[0], WORKSPACE.findall(message)[0]) for message in warnings[: -len(plans)])
    assert {name for name, _ in others} == reasons.keys() - named
    assert set(others.values()) <= {1}
    parts = summary(caplog.records)
    assert {name for name, part in parts.items() if "skipped" in part} == reasons.keys()
    assert all(f"skipped with {reason} " in parts[name] for name, reason in reasons.items())


@pytest.mark.parametrize(
    "kinds",
    [("project", "team", "goal"), ("user", "tag", "portfolio"), ("project brief", "task", "shared portfolio")],
    ids=", ".join,
)
def test_an_unavailable_parent_loses_only_its_children(
    kinds: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    """If parents answer 403, only objects in no other list are lost; the summary names each parent."""
    caplog.set_level("INFO")
    api = asana(SMALL)
    parents = {PARENTS[kind][0](api.world): PARENTS[kind][1] for kind in kinds}
    for gid in parents:
        api.world.access.deny(gid)
    output = sync(api)
    losses = missing(api, output)
    assert losses == expected_losses(api.world, parents.keys())
    assert all(expected_losses(api.world, {gid}) for gid in parents)
    assert invalid(output) == []
    parts = {name: OWED.sub("", part) for name, part in summary(caplog.records).items()}
    for gid, streams in parents.items():
        assert {name for name, part in parts.items() if gid in part} == streams
        assert all("parents skipped with 403" in parts[name] for name in streams)


@pytest.mark.parametrize("config", [PERSON, SERVICE], ids=["person", "service account"])
@pytest.mark.parametrize("paid", [True, False], ids=["paid plan", "free plan"])
def test_one_unavailable_parent_of_each_kind(config: Mapping[str, str], *, paid: bool) -> None:
    """With one parent of each kind at 403, and paid features at 402, exactly their children are lost."""
    api = asana(SMALL)
    world = api.world
    unavailable = {find(world) for find, _ in PARENTS.values()}
    for gid in unavailable:
        world.access.deny(gid)
    for workspace in () if paid else world.workspaces.values():
        world.downgrade(workspace)
    output = sync(api, config=config)
    losses = expected_losses(world, unavailable, config["access_token"])
    assert missing(api, output, config["access_token"]) == losses
    assert losses.keys() >= {"tasks", "stories", "attachments", "sections", "team_memberships", "ooo_entries"}
    assert invalid(output) == []


def test_a_task_in_two_projects_is_read_by_the_other_one() -> None:
    """Of the tasks of an unavailable project, exactly those in another list are read."""
    api = asana(SMALL)
    gid = PARENTS["project"][0](api.world)
    api.world.access.deny(gid)
    inside = {key for key, task in api.world.expected_records("tasks").items() if gid in str(task["projects"])}
    emitted = sync(api, select=["tasks"]).gids("tasks")
    assert inside & emitted
    assert inside - emitted == inside & expected_losses(api.world, {gid})["tasks"]
    assert inside - emitted


def test_an_unavailable_workspace_loses_only_its_objects(caplog: pytest.LogCaptureFixture) -> None:
    """If a workspace answers 403 to every request, the others are complete, and each stream reports the loss."""
    caplog.set_level("INFO")
    api = asana(TINY)
    access = api.world.access
    me = access.viewers["0/fake"]
    unavailable, *others = me.workspaces
    access.add(
        "0/others", [api.world.workspaces[gid] for gid in others], user=me.user
    ).hidden_projects = me.hidden_projects
    access.deny(unavailable)
    output = sync(api)
    missing_keys = missing(api, output)
    for stream in output.schemas.keys() - {"workspaces", "deletions"}:
        inside = set(api.world.gids(stream)) - set(api.world.gids(stream, "0/others"))
        assert missing_keys.get(stream, set()) == inside, stream
    assert invalid(output) == []
    parts = summary(caplog.records)
    assert {name for name, part in parts.items() if f"={unavailable}" in part or f"/{unavailable}/" in part} == {
        *STREAMS
    } - {"workspaces"}


@pytest.mark.parametrize("status", [400, 403])
def test_a_service_account_without_shared_lists_loses_nothing(caplog: pytest.LogCaptureFixture, status: int) -> None:
    """If Asana refuses a service account the list of shared objects, this is logged, and all objects are read."""
    caplog.set_level("INFO")
    api = asana(TINY, dialect=Dialect(access=AccessForm(service_memberships=status)))
    output = sync(api, config=SERVICE)
    assert missing(api, output, SERVICE["access_token"]) == {}
    assert output.rows("portfolios")
    assert f"1 parents skipped with {status} (/portfolio_memberships" in summary(caplog.records)["portfolios"]


def test_shared_portfolios_are_not_requested_without_portfolios_in_the_plan() -> None:
    """After a 402 for the list of portfolios of a workspace, no more portfolio requests are sent there."""
    api = asana(TINY)
    sync(api, select=["portfolios", "portfolio_items"])
    paid = [
        workspace.gid for workspace in api.world.workspaces.values() if "portfolios" not in workspace.missing_features
    ]
    workspaces = [handled.query["workspace"] for handled in api.log if handled.template == "GET /portfolio_memberships"]
    assert paid
    assert sorted(workspaces) == sorted(paid)
    assert len(paid) < len(api.world.workspaces)


def test_a_plan_without_search_is_no_loss(caplog: pytest.LogCaptureFixture) -> None:
    """If search was only probed, its 402 is neither a warning nor a skipped list."""
    caplog.set_level("INFO")
    api = asana(TINY)
    for workspace in api.world.workspaces.values():
        api.world.downgrade(workspace)
    output = sync(api, config={"extraction_method": "auto"}, select=["tasks"])
    assert missing(api, output) == {}
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == []
    parts = summary(caplog.records)
    assert "tasks" in parts
    assert [line for line in parts.values() if "skipped" in line] == []
