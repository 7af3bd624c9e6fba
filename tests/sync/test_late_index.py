"""A change that the index hid from the last search arrives by any other method too."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from harness import PERSON, SERVICE, TINY, asana, clock, sync
from methods import HOUR

from fake_asana.server.limits import Limits

LATE_SECONDS = 1500
"""The delay of the index, longer than the setting lookback_seconds."""


@pytest.mark.parametrize("method", ["list", "export", "auto"])
def test_another_method_reads_what_the_index_hid(method: str) -> None:
    """After a read by search, the next one begins as early as a search would; once, and not in later runs."""
    api = asana(TINY, limits=Limits(search_lag=LATE_SECONDS))
    config: Mapping[str, object] = {**(SERVICE if method == "export" else PERSON), "extraction_method": "search"}
    first = sync(api, config=config, select=["tasks"])
    assert first.state["bookmarks"]["tasks"]["partitions"][0]["method"] == "search"
    clock(api).advance(HOUR)
    gid = next(task for task in sorted(first.gids("tasks")) if [*api.world.tasks[task].projects()])
    api.world.rename_task(gid)
    clock(api).advance(LATE_SECONDS - 300)
    hidden = sync(api, config=config, select=["tasks"], state=first.state)
    assert gid not in hidden.gids("tasks")
    clock(api).advance(HOUR)
    if method == "auto":
        for workspace in api.world.workspaces.values():
            api.world.downgrade(workspace, "search")
    config = {**config, "extraction_method": method}
    third = sync(api, config=config, select=["tasks"], state=hidden.state)
    assert third.rows("tasks")[gid]["modified_at"] == api.world.expected_records("tasks")[gid]["modified_at"]
    fourth = sync(api, config=config, select=["tasks"], state=third.state)
    assert not fourth.records("tasks")
