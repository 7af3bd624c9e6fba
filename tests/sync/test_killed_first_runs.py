"""What is deleted after a first run was killed, of rows that it has written: the next run names it, or a warning."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from deleted import deleted_gids
from harness import PERSON, SERVICE, Message, Output, asana, clock, run_limits, sync
from interruptions import interrupted
from methods import HOUR

from fake_asana.messages import HttpRequest
from fake_asana.model.audit import AUDIT_LOG_FEATURE
from fake_asana.server.api import Api
from fake_asana.server.faults import Refusal
from fake_asana.world import Sizes
from tap_asana.sync.writer import MessageWriter

STREAMS = ["projects", "deletions", "teams", "tags", "tasks", "stories", "attachments"]
SMALLEST = Sizes(workspaces=2, users=3, teams=1, projects=3, tags=1, tasks=8, stories=1, busiest=4)

LOG, PROJECT_EVENTS = "GET /workspaces/{workspace_gid}/audit_log_events", "GET /events"

SNAPSHOTS = ["projects", "deletions", "sections", "teams"]

Config = Mapping[str, str]

SOURCES: Mapping[str, tuple[Config, bool]] = {
    "log": (SERVICE, True),
    "workspace_events": ({**SERVICE, "extraction_method": "export"}, False),
    "project_events": (PERSON, False),
    "project_events_by_search": ({**PERSON, "extraction_method": "search"}, False),
}
every_source = pytest.mark.parametrize("source", SOURCES)


def ready(source: str) -> tuple[Api, Config]:
    """Return an Asana with a plan that leads to a source, and the settings."""
    config, has_log = SOURCES[source]
    api = asana(SMALLEST)
    for workspace in api.world.workspaces.values() if not has_log else ():
        workspace.missing_features.add(AUDIT_LOG_FEATURE)
    return api, config


def delete_some(api: Api, config: Config) -> None:
    """Delete a project, a task of another one and a team, an hour after a run; the next run begins an hour later."""
    world, token = api.world, config["access_token"]
    clock(api).advance(HOUR)
    gone, kept, *_ = [gid for gid in sorted(world.gids("projects", token)) if world.projects[gid].tasks]
    world.delete_project(gone)
    world.delete_task(next(iter(world.projects[kept].tasks)))
    world.delete_team(min(world.gids("teams", token)))
    clock(api).advance(HOUR)


def unnamed(api: Api, kept: Output, mark: int, followed: set[str]) -> set[str]:
    """Return the rows of objects deleted since a mark that no row of `deletions` names, although a source has them."""
    gone = deleted_gids(kept)
    rows = {row["gid"] for stream in STREAMS if stream != "deletions" for row in kept.records(stream)}
    return {
        each.gid
        for each in api.world.changes_since(mark).deletions
        if each.action == "deleted" and each.gid in rows and each.scope & followed and not each.scope & gone
    }


def followed_by(api: Api, config: Config) -> set[str]:
    """Return the gids of what the events of a token are about, and those of its workspaces."""
    projects = set(api.world.gids("projects", config["access_token"]))
    return projects | (set(api.world.workspaces) if config["access_token"] == SERVICE["access_token"] else set())


def using(config: Config, earlier: Output) -> Message:
    """Return the arguments of a run after an earlier one."""
    return {"config": config, "select": STREAMS, "state": earlier.state}


def spans(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the lines that name a time with missed deletions."""
    return [line for line in caplog.messages if "were missed" in line]


@every_source
@pytest.mark.parametrize("at", [4, 8, 12, 18])
def test_no_deletion_after_a_killed_first_run_is_lost(source: str, at: int) -> None:
    """Wherever it is killed, every row that its STATE covers is named if it is deleted before the next run."""
    api, config = ready(source)
    killed = interrupted(api, at, config=config, select=STREAMS)
    mark, followed = api.world.mark(), followed_by(api, config)
    delete_some(api, config)
    resumed = sync(api, config=config, select=STREAMS, state=killed.state)
    assert not unnamed(api, killed.then(resumed), mark, followed)


def test_a_state_has_what_is_written_before_the_first_tokens_and_these() -> None:
    """Otherwise a target might keep rows of which no later run knows: too little is written for a STATE to be due."""
    api, config = ready("project_events")
    listed = set(api.world.gids("projects", config["access_token"]))
    options = {"config": config, "select": ["workspaces", *STREAMS]}
    killed = interrupted(api, lambda request: request.path.endswith("/events"), **options)
    assert killed.gids("projects") == listed
    killed = interrupted(api, lambda request: request.path.endswith("/users"), **options)
    partitions = killed.state["bookmarks"]["deletions"]["partitions"]
    assert {gid for partition in partitions for gid in partition["sync_tokens"]} == listed


def test_forced_states_delay_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charged like the others, they would let more rows come before the next STATE, and a kill lose sight of these."""

    def records_before_a_state() -> int:
        api, config = ready("project_events")
        with run_limits(output_per_state_byte=22):
            messages = sync(api, config=config, select=STREAMS).messages
        kinds = [message["type"] for message in messages]
        first_task = next(at for at, message in enumerate(messages) if message.get("stream") == "tasks")
        return kinds[: kinds.index("STATE", first_task)].count("RECORD")

    records = records_before_a_state()
    monkeypatch.setattr(MessageWriter, "write_state", lambda writer, message, _: writer.write_message(message))
    assert records < records_before_a_state()


def test_a_project_that_only_a_killed_run_has_listed_is_named() -> None:
    """It was new: its row is written, the sync tokens of the run before do not include it, and no run has its own."""
    api, config = ready("project_events")
    first = sync(api, config=config, select=STREAMS)
    clock(api).advance(HOUR)
    gid = api.world.add_project(next(iter(api.world.workspaces)))
    with run_limits(output_per_state_byte=0):
        killed = interrupted(api, lambda request: request.query.get("resource") == gid, **using(config, first))
    assert gid in killed.gids("projects")
    api.world.delete_project(gid)
    clock(api).advance(HOUR)
    assert gid in sync(api, **using(config, killed)).gids("deletions")


def test_a_project_that_only_a_killed_run_could_see_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """It is private before the next run: nobody tells when it is deleted, as one line says."""
    api, config = ready("project_events")
    killed = interrupted(api, lambda request: request.path.endswith("/events"), config=config, select=STREAMS)
    gid = min(killed.gids("projects"))
    api.world.hide_project(gid)
    second = sync(api, **using(config, killed))
    (line,) = spans(caplog)
    assert line.startswith(f"deletions in {gid} from the first run to ")
    assert not sync(api, **using(config, second)).records("deletions")
    assert spans(caplog) == [line]


@every_source
def test_a_project_deleted_before_the_first_token_is_named(source: str) -> None:
    """It is deleted after the run has listed it; its events are refused then, or the first token is too late."""
    api, config = ready(source)
    gid = min(api.world.gids("projects", config["access_token"]))

    def delete(request: HttpRequest) -> None:
        if request.path.endswith(("/audit_log_events", "/events")) and gid in api.world.projects:
            api.world.delete_project(gid)
            api.refusals.append(Refusal(PROJECT_EVENTS, 404, gid))

    first = sync(api, config=config, select=STREAMS, on_request=delete)
    assert gid in first.gids("projects")
    clock(api).advance(HOUR)
    second = sync(api, **using(config, first))
    assert gid in first.then(second).gids("deletions")
    assert not sync(api, **using(config, second)).records("deletions")


def test_what_is_deleted_after_a_run_without_the_log_is_named() -> None:
    """The audit log fails in the first run, which reads no stream with a bookmark: the next one reads it from there."""
    api, config = ready("log")
    api.refuse(LOG, 500)
    first = sync(api, config=config, select=SNAPSHOTS)
    api.refusals.clear()
    clock(api).advance(HOUR)
    team = min(first.gids("teams"))
    api.world.delete_team(team)
    clock(api).advance(HOUR)
    assert team in sync(api, config=config, select=SNAPSHOTS, state=first.state).gids("deletions")


def test_what_is_deleted_after_a_run_without_events_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """All events fail in the first run: the next one, which gets the first sync tokens, names the time between."""
    api, config = ready("project_events")
    api.refuse(PROJECT_EVENTS, 500)
    first = sync(api, config=config, select=SNAPSHOTS)
    api.refusals.clear()
    clock(api).advance(HOUR)
    second = sync(api, config=config, select=SNAPSHOTS, state=first.state)
    workspaces = api.world.access.viewers[config["access_token"]].workspaces
    assert len(spans(caplog)) == len(workspaces)
    sync(api, config=config, select=SNAPSHOTS, state=second.state)
    assert len(spans(caplog)) == len(workspaces)


def test_the_time_without_the_first_token_of_a_project_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """The events of one project are refused in the first run, which writes what is below it."""
    api, config = ready("project_events")
    gid = min(api.world.gids("projects", config["access_token"]))
    api.refusals.append(Refusal(PROJECT_EVENTS, 403, gid))
    first = sync(api, config=config, select=SNAPSHOTS)
    api.refusals.clear()
    clock(api).advance(HOUR)
    second = sync(api, config=config, select=SNAPSHOTS, state=first.state)
    (line,) = spans(caplog)
    assert line.startswith(f"deletions in {gid} from ")
    sync(api, config=config, select=SNAPSHOTS, state=second.state)
    assert spans(caplog) == [line]
