"""A comment or a file that moves no clock of its task: the first read that shows one says so, and events bring it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from harness import PERSON, SERVICE, TINY, Message, asana, clock, sync

from fake_asana.model.choices import ClockForm
from fake_asana.model.dialect import Dialect
from fake_asana.world import World

HOUR = 3600
SILENT = Dialect(clocks=ClockForm(comments=False, attachments=False))
TASKS = ("tasks", "stories", "attachments")
EXPORT: Message = {**SERVICE, "extraction_method": "export"}

Change = Callable[[World, str], object]
CHANGES: dict[str, Change] = {"comments": World.comment, "attachments": World.attach}


@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.parametrize("config", [PERSON, EXPORT], ids=["list", "export"])
def test_a_read_says_if_no_clock_moves(kind: str, config: Message, caplog: pytest.LogCaptureFixture) -> None:
    """A read of a task with a newer comment or file names the workspace and the task, once."""
    api = asana(TINY, dialect=SILENT)
    clock(api).advance(HOUR)
    workspace = next(iter(api.world.workspaces.values()))
    changed = [gid for gid, task in api.world.tasks.items() if task.workspace is workspace][:3]
    for gid in changed:
        CHANGES[kind](api.world, gid)
    clock(api).advance(2 * HOUR)
    caplog.clear()
    sync(api, config=config, select=TASKS)
    lines = [line for line in caplog.messages if "do not move modified_at" in line]
    assert len(lines) == 1
    assert lines[0].startswith(f"workspace {workspace.gid}: {kind} do not move modified_at, such as those of task ")
    assert any(f"of task {gid}:" in lines[0] for gid in changed)


@pytest.mark.parametrize("dialect", [Dialect(), SILENT], ids=["moved", "new"])
def test_a_clock_that_moves_is_not_doubted(dialect: Dialect, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is said of comments that move clocks, nor of those that a late index may explain."""
    api = asana(TINY, dialect=dialect)
    clock(api).advance(HOUR)
    for gid in list(api.world.tasks)[:3]:
        api.world.comment(gid)
    clock(api).advance(2 * HOUR if dialect == Dialect() else HOUR / 2)
    sync(api, select=TASKS)
    assert not [line for line in caplog.messages if "do not move" in line]


@pytest.mark.parametrize("kind", CHANGES)
def test_events_bring_what_moves_no_clock(kind: str) -> None:
    """With `deletions`, comments and files arrive in the next run, whatever they move."""
    api = asana(TINY, dialect=SILENT)
    first = sync(api, config=SERVICE, select=(*TASKS, "deletions"))
    clock(api).advance(HOUR)
    gid = next(iter(api.world.gids("tasks", SERVICE["access_token"])))
    child = CHANGES[kind](api.world, gid)
    clock(api).advance(HOUR)
    second = sync(api, config=SERVICE, select=(*TASKS, "deletions"), state=first.state)
    assert child in second.gids("stories" if kind == "comments" else kind)
