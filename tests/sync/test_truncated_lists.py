"""Lists of parents that Asana truncates: the run reads the returned part and owes the rest (law 6)."""

from __future__ import annotations

import re
from collections.abc import Collection

import pytest
from expected import missing
from harness import PERSON, Message, Output, asana, clock, summary, sync
from interruptions import interrupted
from methods import ALL_TASK_STREAMS, HOUR
from typing_extensions import override
from unread_lists import debts

from fake_asana.messages import HttpRequest
from fake_asana.server.api import Api
from fake_asana.server.limits import Limits
from fake_asana.server.paging import Listing, Page
from fake_asana.world import ManualClock, Sizes, World

CONFIG: Message = {"page_size": 2, "emit_activate_version_messages": True}
WORLD = Sizes(
    workspaces=1, projects=7, tags=7, users=7, teams=2, portfolios=14, goals=7, tasks=40, stories=1, busiest=9
)
KINDS = ("projects", "users", "tags", "portfolios", "goals")


class TruncatingLists(Api):
    """An Asana that truncates some lists after four rows."""

    short: str = ""

    @override
    def page(self, request: HttpRequest, listing: Listing, limit: int | None, *, paged: bool) -> Page:
        usual = self.limits
        if self.short and re.fullmatch(self.short, request.path) and "team" not in request.query:
            self.limits = Limits(truncate=4)
        try:
            return super().page(request, listing, limit, paged=paged)
        finally:
            self.limits = usual


def world(kind: str, *, search: bool = False) -> TruncatingLists:
    """Return an Asana that truncates the list of a kind of parents, with or without search for the missing ones."""
    api = TruncatingLists(World.seeded(1, WORLD, ManualClock()))
    for stream in ("projects", "portfolios", "goals"):
        for gid in api.world.gids(stream):
            api.world.post_status_update(gid)
    clock(api).advance(HOUR)
    # The list of shared portfolios could hold the missing ones, so it is truncated too.
    lists = "(portfolios|portfolio_memberships)" if kind == "portfolios" else kind
    api.short = rf"/api/1\.0/{lists}"
    if not search:
        next(iter(api.world.workspaces.values())).missing_features.add("search")
    return api


def end_truncation(api: TruncatingLists) -> None:
    """End the truncation, one hour later."""
    api.short = ""
    clock(api).advance(HOUR)


def versions(output: Output) -> set[str]:
    """Return the streams with an announced version."""
    return {message["stream"] for message in output.of("ACTIVATE_VERSION")}


def owed_lists(output: Output) -> dict[str, list[str]]:
    """Return the owed lists in the state by stream."""
    owed: dict[str, list[str]] = {}
    for name, bookmark in output.state["bookmarks"].items():
        for partition in bookmark.get("partitions", ()):
            for kind, gids in partition.get("debts", {}).items():
                owed.setdefault(name, []).extend(f"{kind} {gid}" for gid in gids)
    return owed


def missing_from(api: Api, output: Output, streams: Collection[str]) -> dict[str, set[str]]:
    """Return the gids missing from the output by stream."""
    return {name: keys for name, keys in missing(api, output).items() if name in streams}


@pytest.mark.parametrize("kind", KINDS)
def test_the_rest_of_a_truncated_list_is_read_later(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """The run reads the returned part, counts the rest as skipped, owes it, and announces no version without it.

    Every later run reports the debt until one gets the complete list. That run reads the missing objects, old tasks
    included.
    """
    caplog.set_level("INFO")
    api = world(kind)
    first = sync(api, config=CONFIG)
    truth = api.world.expected_records(kind)
    assert set() < first.gids(kind) < truth.keys()
    parts = summary(caplog.records)
    assert re.search(rf"\d parents skipped with 400 \(\S*/{kind}", parts[kind])
    warned = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len([line for line in warned if line.startswith(f"{kind}: ")]) == 1
    incomplete = missing(api, first)
    assert kind in incomplete
    assert versions(first).isdisjoint(incomplete)
    debtors = {"status_updates"} if kind in {"portfolios", "goals"} else set(ALL_TASK_STREAMS)
    assert {name for name, found in owed_lists(first).items() if f"{kind} 0" in found} >= debtors
    for name in debtors:
        assert f"all {kind}" in parts[name]
    clock(api).advance(HOUR)
    caplog.clear()
    second = sync(api, config=CONFIG, state=first.state)
    assert {name for name, found in owed_lists(second).items() if f"{kind} 0" in found} >= debtors
    assert versions(second).isdisjoint(incomplete)
    end_truncation(api)
    third = sync(api, config=CONFIG, state=second.state)
    assert missing_from(api, first.then(second).then(third), incomplete.keys() | {kind, *debtors}) == {}
    assert owed_lists(third) == {}
    clock(api).advance(HOUR)
    assert sync(api, config=CONFIG, state=third.state).records("tasks") == []


@pytest.mark.parametrize("at", [3, 90])
@pytest.mark.parametrize("kind", ["projects", "tags"])
def test_a_kill_during_the_recovery_loses_nothing(kind: str, at: int) -> None:
    """If the first run with the complete list is killed, the next one still reads the missing objects."""
    api = world(kind)
    first = sync(api, config=CONFIG, select=ALL_TASK_STREAMS)
    end_truncation(api)
    cut = interrupted(api, at, config=CONFIG, select=ALL_TASK_STREAMS, state=first.state)
    last = sync(api, config=CONFIG, select=ALL_TASK_STREAMS, state=cut.state or first.state)
    assert missing(api, first.then(cut).then(last)) == {}
    assert owed_lists(last) == {}


@pytest.mark.parametrize("config", [{"extraction_method": "search"}, {"extraction_method": "list"}])
def test_changes_in_projects_missing_from_a_list_are_not_lost(config: Message) -> None:
    """A project listed again only two runs later is read with all changes since, despite newer bookmarks."""
    api = world("projects", search=True)
    api.short = ""
    first = sync(api, config={**CONFIG, **config}, select=ALL_TASK_STREAMS)
    next(iter(api.world.workspaces.values())).missing_features.add("search")
    clock(api).advance(HOUR)
    for gid in list(api.world.gids("tasks")):
        api.world.rename_task(gid)
    clock(api).advance(HOUR)
    api.short = r"/api/1\.0/projects"
    second = sync(api, config={**CONFIG, **config}, select=ALL_TASK_STREAMS, state=first.state)
    assert "projects 0" in debts(second, ["tasks"])
    end_truncation(api)
    third = sync(api, config={**CONFIG, **config}, select=ALL_TASK_STREAMS, state=second.state)
    assert missing(api, first.then(second).then(third)) == {}
    assert debts(third, ["tasks"]) == []


@pytest.mark.parametrize("status", [402, 403, 503])
def test_the_log_says_why_projects_are_missing(status: int, caplog: pytest.LogCaptureFixture) -> None:
    """One warning names the workspace and the reason; the failed search does not count as a second loss."""
    caplog.set_level("INFO")
    api = world("projects")
    next(iter(api.world.workspaces.values())).missing_features.clear()
    api.refuse("GET /workspaces/{workspace_gid}/projects/search", status)
    output = sync(api, config={**PERSON, **CONFIG}, select=["sections"])
    assert output.records("sections")
    (workspace,) = api.world.workspaces
    lines = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    of = f"the projects of workspace {workspace}"
    assert lines == [
        f"projects: Asana truncates {of}, and the rest cannot be read: search is refused there ({status})",
        f"sections: skipped everything below /projects in workspace {workspace} (400)",
    ]


def test_an_unavailable_list_of_projects_is_owed() -> None:
    """State names an unavailable list of projects until a run has read it."""
    api = asana(WORLD)
    api.refuse("GET /projects", 403)
    first = sync(api, select=["tasks"])
    assert "projects 0" in debts(first, ["tasks"])
    api.refusals.clear()
    clock(api).advance(HOUR)
    second = sync(api, select=["tasks"], state=first.state)
    assert missing(api, first.then(second)) == {}
    assert debts(second, ["tasks"]) == []
