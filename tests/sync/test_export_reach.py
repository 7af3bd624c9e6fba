"""An export that leaves something out: the rest is read in another way, and the log says so (law 10)."""

from __future__ import annotations

import pytest
from harness import TINY, asana, clock, sync
from methods import ALL_TASK_STREAMS, EXPORT, HOUR, missing_gids

from fake_asana.model.dialect import Dialect
from fake_asana.server.api import Api

LACKING: dict[str, tuple[Dialect, str]] = {
    "subtasks": (Dialect(exports_subtasks=False), "the export lacks tasks, such as "),
    "tasks without a project": (
        Dialect(exports_projectless=False),
        "the export lacks tasks, such as ",
    ),
    "stories and attachments beyond the first": (Dialect(exported_rows=5), "the export contains at most 5 stories"),
}


def change(api: Api) -> None:
    """Change a subtask, and two tasks without a project and a parent; each gets some more comments."""
    world = api.world
    tasks = list(world.tasks.values())
    subtask = next(task for task in tasks if task.parent is not None)
    projectless = [task for task in tasks if task.parent is None and not list(task.projects())][:2]
    assert len(projectless) == 2
    for task in (subtask, *projectless):
        for _ in range(6):
            world.comment(task.gid)
        world.attach(task.gid)


@pytest.mark.parametrize(("dialect", "line"), LACKING.values(), ids=list(LACKING))
def test_what_an_export_lacks_is_read(dialect: Dialect, line: str, caplog: pytest.LogCaptureFixture) -> None:
    """The first run and an increment are complete, and each names what the export lacks."""
    api = asana(TINY, dialect=dialect)
    first = sync(api, config=EXPORT, select=ALL_TASK_STREAMS)
    assert missing_gids(api, first, EXPORT) == {}
    assert any(line in message for message in caplog.messages)
    clock(api).advance(HOUR)
    caplog.clear()
    change(api)
    clock(api).advance(HOUR)
    second = sync(api, config=EXPORT, select=ALL_TASK_STREAMS, state=first.state)
    assert missing_gids(api, first.then(second), EXPORT) == {}
    assert any(line in message for message in caplog.messages)
