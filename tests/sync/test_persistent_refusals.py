"""A persistent refusal of one list or parent loses that one alone, and is logged (law 6)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import NamedTuple

import pytest
from expected import missing
from expected_losses import gid
from harness import PERSON, SERVICE, TINY, Message, Output, asana, attempt, clock, summary, sync

from fake_asana.messages import HttpRequest
from fake_asana.model.choices import AccessForm
from fake_asana.model.dialect import Dialect
from fake_asana.server.oauth import OAuth
from tap_asana.errors import RetriesExhaustedError

VERSIONS: Message = {"emit_activate_version_messages": True}
STORIES = "GET /tasks/{task_gid}/stories"
APP: Message = {
    "access_token": "",
    "client_id": OAuth.client_id,
    "client_secret": OAuth.client_secret,
    "refresh_token": OAuth.refresh_token,
}


class Refusal(NamedTuple):
    """A status, whether Asana itself or a proxy sends it, and its name in the summary."""

    status: int
    own: bool
    label: str


ANSWERS = [
    *(Refusal(status, own=True, label=str(status)) for status in (400, 405, 409, 410, 412, 451, 500, 503)),
    *(Refusal(status, own=False, label="no answer") for status in (402, 403, 404, 502)),
]
PAIRS = list(zip(ANSWERS[::2], ANSWERS[1::2], strict=True))


def versions(output: Output) -> set[str]:
    """Return the streams with an announced version."""
    return {message["stream"] for message in output.of("ACTIVATE_VERSION")}


@pytest.mark.parametrize("pair", PAIRS, ids=[f"{one.status} and {other.status}" for one, other in PAIRS])
def test_refused_lists_lose_only_their_children(
    pair: tuple[Refusal, Refusal], caplog: pytest.LogCaptureFixture
) -> None:
    """Unreadable optional lists, and broken lists of tasks, do not prevent the rest of the run.

    Each is named and counted, and no incomplete full-table stream announces its version.
    """
    caplog.set_level("INFO")
    api = asana(TINY)
    stories = api.world.expected_records("stories").items()
    tasks = list(dict.fromkeys(gid(story["target"]) for _, story in stories if gid(story["target"]) in api.world.tasks))
    for template, task, refusal in zip(("GET /goals", "GET /roles"), tasks, pair, strict=False):
        api.refuse(template, refusal.status, in_envelope=refusal.own)
        api.refuse(STORIES, refusal.status, gid=task, in_envelope=refusal.own)
    output = sync(api, config=VERSIONS)
    lost = missing(api, output)
    for stream in ("goals", "roles"):
        assert lost.pop(stream) == set(api.world.gids(stream))
    goals = set(api.world.gids("goals"))
    assert lost.pop("stories") == {key for key, story in stories if gid(story["target"]) in {*tasks[:2], *goals}}
    assert lost.keys() <= UNSCOPED["GET /goals"]
    lines = summary(caplog.records)
    for stream, task, refusal in zip(("goals", "roles"), tasks, pair, strict=False):
        assert f"skipped with {refusal.label} (/{stream}" in lines[stream]
        assert f"/tasks/{task}/stories" in lines["stories"]
    assert versions(output).isdisjoint({"goals", "roles", *lost})
    assert {"projects", "users", "sections"} <= versions(output)


@pytest.mark.parametrize("turn", range(3))
def test_transient_refusals_lose_nothing(turn: int) -> None:
    """A proxy's page instead of a response, and a single 401, are retried."""
    passing = [(403, False), (404, False), (409, True), (401, True), (503, True)]
    api = asana(TINY)
    templates = ("GET /goals", "GET /tags", "GET /projects/{project_gid}/sections", STORIES)
    for number, template in enumerate(templates):
        status, own = passing[(2 * turn + number) % len(passing)]
        api.refuse(template, status, times=1 if status == 401 else 4, in_envelope=own)
    assert missing(api, sync(api)) == {}


@pytest.mark.parametrize("after", [3, 40, 200])
def test_a_run_of_failing_requests_is_an_outage(after: int) -> None:
    """If all remaining requests fail, even a few, the run ends instead of skipping their parents."""
    api = asana(TINY)
    numbers = count(1)

    def fails(_: HttpRequest) -> None:
        if next(numbers) == after:
            for template in {handled.template for handled in api.log} | set(LATE_TEMPLATES):
                api.refuse(template, 502, in_envelope=False)

    output = attempt(api, on_request=fails)
    assert isinstance(output.error, RetriesExhaustedError)
    assert "\n" not in str(output.error)


LATE_TEMPLATES = (
    STORIES,
    "GET /workspaces",
    "GET /tasks",
    "GET /attachments",
    "GET /time_tracking_entries",
    "GET /events",
)
"""Operations that a run requests late."""


UNSCOPED: Mapping[str, set[str]] = {
    "GET /goals": {
        "goals",
        "goal_memberships",
        "goal_relationships",
        "custom_fields",
        "custom_field_settings",
        "status_updates",
    },
    "GET /roles": {"roles"},
    "GET /tags": {"tags"},
    STORIES: {"stories"},
    "GET /time_tracking_entries": {"time_tracking_entries"},
    "GET /workspaces/{workspace_gid}/custom_fields": {"custom_fields"},
    "GET /portfolios": {"portfolios", "portfolio_items", "portfolio_memberships", "custom_fields"},
}
"""Operations outside an app's scopes, and the streams incomplete without them."""


@pytest.mark.parametrize("config", [PERSON, APP], ids=["token", "app"])
def test_an_app_with_granular_scopes_runs_the_default_catalog(
    config: Message, caplog: pytest.LogCaptureFixture
) -> None:
    """Streams outside its scopes are logged with 401, all others are read, and no token is renewed for it."""
    caplog.set_level("INFO")
    api = asana(TINY)
    api.world.access.viewers[PERSON["access_token"]].unscoped_templates |= UNSCOPED.keys()
    output = sync(api, config={**config, **VERSIONS})
    closed = set().union(*UNSCOPED.values())
    lost = missing(api, output)
    assert lost.keys() <= closed | {"tasks", "attachments"}
    assert {"goals", "tags", "stories"} <= lost.keys()
    lines = summary(caplog.records)
    for stream in ("goals", "roles", "tags", "stories", "portfolios"):
        assert "skipped with 401" in lines[stream]
        assert stream not in versions(output)
    assert api.oauth.token_requests <= 1
    rejected = [handled for handled in api.log if handled.status == 401]
    assert len(rejected) <= 2 * len({(each.path, str(each.query)) for each in rejected})


def test_a_workspace_that_disabled_the_app_is_skipped(caplog: pytest.LogCaptureFixture) -> None:
    """If one workspace answers 401 to all requests, the others are complete."""
    caplog.set_level("INFO")
    api = asana(TINY)
    me = api.world.access.viewers[PERSON["access_token"]]
    disabled, *others = me.workspaces
    me.disabled_workspaces.add(disabled)
    api.world.access.add(
        "0/others", [api.world.workspaces[each] for each in others], user=me.user
    ).hidden_projects = me.hidden_projects
    output = sync(api)
    lost = missing(api, output)
    for stream in output.schemas.keys() - {"workspaces", "deletions"}:
        inside = set(api.world.gids(stream)) - set(api.world.gids(stream, "0/others"))
        assert lost.get(stream, set()) == inside, stream
    assert "skipped with 401" in summary(caplog.records)["projects"]


@pytest.mark.parametrize("config", [PERSON, APP], ids=["token", "app"])
def test_a_token_revoked_during_the_run_ends_it(config: Message) -> None:
    """If the token is no longer accepted at all, the run ends without skipping a parent."""
    api = asana(TINY)
    numbers = count(1)

    def revoke(_: HttpRequest) -> None:
        if next(numbers) == 40:
            api.world.access.viewers.pop(PERSON["access_token"])
            api.oauth.revoke()

    output = attempt(api, config=config, on_request=revoke)
    assert output.error is not None
    assert str(output.error).startswith(
        "Asana rejected the access token (401)" if config is PERSON else "Asana refused to renew the OAuth"
    )


@pytest.mark.parametrize("status", [400, 403])
def test_portfolios_are_read_by_owner_if_required(status: int) -> None:
    """A user whose list of portfolios is refused without an owner gets owned and shared portfolios."""
    api = asana(TINY, dialect=Dialect(access=AccessForm(ownerless_portfolios=status)))
    assert missing(api, sync(api)) == {}
    owners = [handled.query.get("owner") for handled in api.log if handled.template == "GET /portfolios"]
    assert set(owners) == {None, "me"}


@pytest.mark.parametrize("own", [True, False], ids=["of Asana", "of a proxy"])
def test_a_failing_audit_log_is_read_by_the_next_run(*, own: bool) -> None:
    """If the audit log fails, no other source replaces it, and the next run continues from the same bookmark."""
    api = asana(TINY)
    select = ["deletions", "tasks"]
    first = sync(api, config=SERVICE, select=select)
    gone = next(iter(api.world.gids("tasks", SERVICE["access_token"])))
    clock(api).advance(60)
    api.world.delete_task(gone)
    clock(api).advance(60)
    api.refuse("GET /workspaces/{workspace_gid}/audit_log_events", 503, in_envelope=own)
    second = sync(api, config=SERVICE, select=select, state=first.state)
    assert gone not in second.gids("deletions")
    assert second.bookmark("deletions") == first.bookmark("deletions")
    api.refusals.clear()
    third = sync(api, config=SERVICE, select=select, state=second.state)
    assert gone in third.gids("deletions")
