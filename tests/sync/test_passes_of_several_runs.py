"""What one run has read is right for the pass that another run ends."""

from __future__ import annotations

import pytest
from harness import Message, asana, clock, sync
from interruptions import interrupted
from methods import HOUR, LIST
from passes import FEW, WITHOUT_EVENTS

from fake_asana.model.choices import FreshnessForm
from fake_asana.model.dialect import Dialect

STREAMS = ("tasks", "stories", "deletions")
HALF_DAY: Message = {**LIST, **WITHOUT_EVENTS, "reconcile_days": 1}


@pytest.mark.usefixtures("eager")
def test_a_pass_names_no_task_that_an_interrupted_run_has_just_read() -> None:
    """Asana answers 404 for the gid of a new task; the run that resumes the read does not meet the task itself."""
    for at in range(12, 40):
        api = asana(FEW, dialect=Dialect(freshness=FreshnessForm(late_gids=60)))
        config = {**HALF_DAY, "max_concurrency": 1}
        for workspace in api.world.workspaces.values():
            api.world.downgrade(workspace, "audit_log")
        output = sync(api, config=config, select=("deletions", "tasks"))
        clock(api).advance(24 * HOUR)
        new = api.world.add_task(project=min(api.world.projects))
        clock(api).advance(5)
        killed = interrupted(api, at, config=config, select=("deletions", "tasks"), state=output.state)
        clock(api).advance(5)
        output = output.then(killed)
        output = output.then(sync(api, config=config, select=("deletions", "tasks"), state=output.state))
        assert new in output.gids("tasks")
        assert new not in output.gids("deletions"), at
