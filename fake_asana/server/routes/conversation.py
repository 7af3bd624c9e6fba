"""Operations on stories, attachments and status updates."""

from __future__ import annotations

from collections import ChainMap
from typing import TYPE_CHECKING, Any

from fake_asana.messages import ApiError
from fake_asana.model import attachments, stories
from fake_asana.model.attachments import ATTACHMENT
from fake_asana.model.gids import order
from fake_asana.model.statuses import STATUS
from fake_asana.model.stories import STORY
from fake_asana.server.call import Call, Route
from fake_asana.server.paging import Listing

if TYPE_CHECKING:
    from fake_asana.model.attachments import Attachment
    from fake_asana.model.goals import Goal
    from fake_asana.model.statuses import StatusUpdate
    from fake_asana.model.stories import Story


def oldest_first(row: Story | Attachment) -> tuple[int, ...]:
    """Stories and files come in the order of their making."""
    return row.created, order(row.gid)


def task_stories(call: Call) -> Listing:
    """The stories of a task, oldest first."""
    task = call.task(call.params["task_gid"])
    return Listing(sorted(stories.of_task(task), key=oldest_first), oldest_first)


def files(call: Call) -> Listing:
    """The files of a task, a project or a brief; ApiError 400 without a parent."""
    gid = call.query.get("parent")
    if gid is None:
        raise ApiError(400, "parent: Missing input")
    if gid in call.world.tasks:
        found = attachments.of_task(call.task(gid))
    else:
        holders = {**call.world.projects, **call.world.briefs}
        found = call.world.files.get(call.find("parent", holders, gid).gid, [])
    return Listing(sorted(found, key=oldest_first), oldest_first)


def goal_stories(call: Call) -> Listing:
    """The stories of a goal, oldest first."""
    goal: Goal = call.find("goal", call.world.goals.rows, call.params["goal_gid"])
    return Listing(sorted(goal.stories, key=oldest_first), oldest_first)


def newest_first(row: StatusUpdate) -> tuple[int, ...]:
    """Reports come in the order opposite to that of their writing."""
    return -row.created, order(row.gid)


def reports(call: Call) -> Listing:
    """The reports on a project, a portfolio or a goal, newest first, from an instant on where the query names it."""
    world = call.world
    holders = ChainMap[str, Any](world.projects, world.portfolios.rows, world.goals.rows)
    parent = call.find("parent", holders, call.needed("parent"))
    since = call.since("created_since")
    rows = [row for row in world.statuses.of(parent) if since is None or row.created >= since]
    return Listing(sorted(rows, key=newest_first), newest_first)


ROUTES = (
    Route("GET /tasks/{task_gid}/stories", STORY, task_stories),
    Route("GET /goals/{goal_gid}/stories", STORY, goal_stories),
    Route("GET /status_updates", STATUS, reports),
    Route("GET /attachments", ATTACHMENT, files),
)
