"""Fields that show what is below an object: only 0 and false mean nothing, an unknown one is asked about (law 10)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from expected import missing
from harness import TINY, Output, asana, clock, sync
from methods import HOUR, METHODS

from fake_asana.model.choices import TrackingForm
from fake_asana.model.dialect import HINTS, Dialect
from fake_asana.server.api import Api

SELECTED = ["teams", "project_briefs", "status_updates", "tasks", "time_tracking_entries"]
WITHHELD = [Dialect(unknown_hints=frozenset(HINTS), unknown_hints_are_null=is_null) for is_null in (True, False)]


def lost(api: Api, output: Output, token: str) -> dict[str, set[str]]:
    """Return, by stream, the keys of records that never arrived."""
    found = {stream: set(api.world.gids(stream, token)) - output.gids(stream) for stream in SELECTED}
    return {stream: keys for stream, keys in found.items() if keys}


@pytest.mark.parametrize("dialect", WITHHELD, ids=["null", "absent"])
@pytest.mark.parametrize("method", METHODS)
def test_a_withheld_hint_hides_nothing(method: str, dialect: Dialect) -> None:
    """The first run and an increment read everything below objects that do not say what they hold."""
    api, config = asana(TINY, dialect=dialect), METHODS[method]
    token = str(config["access_token"])
    first = sync(api, config=config, select=SELECTED)
    assert lost(api, first, token) == {}
    clock(api).advance(HOUR)
    task = min(first.gids("tasks"))
    world = api.world
    world.track_time(task)
    world.comment(world.add_task(parent=task))
    world.comment(task)
    clock(api).advance(HOUR)
    second = sync(api, config=config, select=SELECTED, state=first.state)
    assert lost(api, first.then(second), token) == {}


@pytest.mark.parametrize("unlisted_fields", [True, False], ids=["task listed", "task not listed"])
def test_a_useless_hint_is_named(caplog: pytest.LogCaptureFixture, *, unlisted_fields: bool) -> None:
    """A warning names each stream whose hint is empty although there is something, whether entries name their task."""
    sync(asana(TINY, dialect=replace(WITHHELD[0], unlisted_fields=unlisted_fields)), select=SELECTED)
    warned = [line for line in caplog.messages if "Asana leaves" in line]
    assert {line.partition(":")[0] for line in warned} == {"project_briefs", "status_updates", "time_tracking_entries"}


@pytest.mark.parametrize("has_own", [True, False])
def test_entries_of_others_that_nothing_shows_are_named(caplog: pytest.LogCaptureFixture, *, has_own: bool) -> None:
    """Only an entry of the token's user shows what empty minutes mean: without one, a line says what may be missing."""
    caplog.set_level("INFO")
    api = asana(TINY, dialect=replace(WITHHELD[0], tracking=TrackingForm(lists_others=False)))
    token = str(METHODS["list"]["access_token"])
    viewer = api.world.access.viewers[token]
    for task in api.world.gids("tasks", token):
        api.world.track_time(task)
    for entry in [each for each in api.world.time_entries if each.author is viewer.user and not has_own]:
        api.world.delete_time(entry.gid)
    output = sync(api, select=SELECTED)
    assert any("no time entries are listed" in line for line in caplog.messages) is not has_own
    assert set(lost(api, output, token)) == (set() if has_own else {"time_tracking_entries"})


def test_known_hints_take_no_requests() -> None:
    """Where Asana gives hints, nothing is requested without need, but for two tasks with time entries."""
    api = asana(TINY)
    output = sync(api, select=SELECTED)
    assert missing(api, output) == {}
    templates = [handled.template for handled in api.log]
    workspaces = len(api.world.workspaces)
    assert not {"GET /projects/{project_gid}", "GET /time_tracking_entries/{time_tracking_entry_gid}"} & {*templates}
    assert sum(handled.query.get("entered_on_start_date") == "1970-01-01" for handled in api.log) <= workspaces
    assert templates.count("GET /tasks/{task_gid}") <= 2 * workspaces


@pytest.mark.parametrize("method", ["list", "search"])
def test_what_null_minutes_mean_is_asked_once(method: str) -> None:
    """No run requests a sample of time entries after one that has seen a task with minutes."""
    api, config = asana(replace(TINY, workspaces=1)), METHODS[method]
    assert any(task.tracked_minutes for task in api.world.tasks.values())
    first = sync(api, config=config, select=SELECTED)
    assert first.bookmark("projects")["shows_minutes"] is True
    clock(api).advance(HOUR)
    for gid, task in api.world.tasks.items():
        if not task.tracked_minutes:
            api.world.comment(gid)
    clock(api).advance(HOUR)
    api.log.clear()
    second = sync(api, config=config, select=SELECTED, state=first.state)
    assert second.gids("tasks")
    assert not [handled for handled in api.log if handled.query.get("entered_on_start_date") == "1970-01-01"]
