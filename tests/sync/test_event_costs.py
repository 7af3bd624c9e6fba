"""What following events costs: at most a request for each object that changed without a clock, and the events."""

from __future__ import annotations

import pytest
from harness import TINY, Message, asana, clock, sync
from methods import ALL_TASK_STREAMS, EXPORT, HOUR, LIST, SEARCH

WITHOUT = ("projects", *ALL_TASK_STREAMS)
WITH = (*WITHOUT, "deletions")

LOG = "GET /workspaces/{workspace_gid}/audit_log_events"


@pytest.mark.parametrize("config", [LIST, SEARCH, EXPORT], ids=["list", "search", "export"])
def test_events_cost_at_most_a_request_for_each_silent_change(config: Message) -> None:
    """Of a day's work, the objects without a clock count, and the projects of a person or the workspaces of a service.

    A refusal shows for each workspace of a person that its events are for service accounts; the audit log is read for
    the deletions.
    """
    api = asana(TINY)
    token = config["access_token"]
    first = sync(api, config=config, select=WITH)
    clock(api).advance(HOUR)
    changes = api.world.mutate()
    silent = sum(len(changes.untimestamped[stream]) for stream in ALL_TASK_STREAMS)
    silent += len(changes.deleted["time_tracking_entries"])
    clock(api).advance(HOUR)
    sent = []
    for streams in (WITHOUT, WITH):
        api.log.clear()
        sync(api, config=config, select=streams, state=first.state)
        sent.append(sum(handled.template != LOG for handled in api.log))
    viewer = api.world.access.viewers[token]
    events = len(viewer.workspaces) + (0 if viewer.service else len(api.world.gids("projects", token)))
    assert silent > 0
    assert sent[1] - sent[0] <= silent + events
