"""Operations on stories, attachments and status updates."""

from __future__ import annotations

from collections import ChainMap
from typing import TYPE_CHECKING, Any

from fake_asana.messages import ApiError
from fake_asana.model.attachments import ATTACHMENT, Attachment, attachments_of_task
from fake_asana.model.gids import gid_number
from fake_asana.model.lookup import find_child, holder_of
from fake_asana.model.statuses import STATUS
from fake_asana.model.stories import STORY, Story, stories_of_task
from fake_asana.server.call import DENIALS, Call, Route
from fake_asana.server.paging import Listing

if TYPE_CHECKING:
    from collections.abc import Callable

    from fake_asana.model.goals import Goal
    from fake_asana.model.lookup import Child
    from fake_asana.model.statuses import StatusUpdate


def oldest_first(row: Story | Attachment) -> tuple[int, ...]:
    """Return the sort key by creation."""
    return row.created, gid_number(row.gid)


def task_stories(call: Call) -> Listing:
    """Return the stories of a task, oldest first."""
    task = call.task(call.params["task_gid"])
    return Listing(sorted(stories_of_task(task), key=oldest_first), oldest_first)


def files(call: Call) -> Listing:
    """Return the files of a task, a project or a brief; ApiError 400 without a parent."""
    gid = call.query.get("parent")
    if gid is None:
        raise ApiError(400, "parent: Missing input")
    if gid in call.world.tasks:
        attachments_of_parent = attachments_of_task(call.task(gid))
    else:
        holders = {**call.world.projects, **call.world.briefs}
        attachments_of_parent = call.world.files.get(call.find("parent", holders, gid).gid, [])
    return Listing(sorted(attachments_of_parent, key=oldest_first), oldest_first)


def single(kind: type[Child]) -> Callable[[Call], Child]:
    """Return a function for one story or file of a visible holder."""

    def answer(call: Call) -> Child:
        name = kind.resource_type
        gid = call.params[f"{name}_gid"]
        found = find_child(call.world, gid)
        row: Child = call.find(name, {gid: found} if isinstance(found, kind) else {}, gid)
        if not call.viewer.sees(holder_of(row)):
            raise ApiError(403, DENIALS[403].format(kind=name))
        return row

    return answer


def goal_stories(call: Call) -> Listing:
    """Return the stories of a goal, oldest first."""
    goal: Goal = call.find("goal", call.world.goals.rows, call.params["goal_gid"])
    return Listing(sorted(goal.stories, key=oldest_first), oldest_first)


def newest_first(row: StatusUpdate) -> tuple[int, ...]:
    """Return the sort key by creation, newest first."""
    return -row.created, gid_number(row.gid)


def reports(call: Call) -> Listing:
    """Return the reports on a project, portfolio or goal, newest first, optionally from an instant on."""
    world = call.world
    holders = ChainMap[str, Any](world.projects, world.portfolios.rows, world.goals.rows)
    parent = call.find("parent", holders, call.require("parent"))
    since = call.instant("created_since")
    rows = [row for row in world.status_updates.of(parent) if since is None or row.created >= since]
    return Listing(sorted(rows, key=newest_first), newest_first)


CONVERSATION_ROUTES = (
    Route("GET /tasks/{task_gid}/stories", STORY, task_stories),
    Route("GET /goals/{goal_gid}/stories", STORY, goal_stories),
    Route("GET /stories/{story_gid}", STORY, single(Story), "one"),
    Route("GET /status_updates", STATUS, reports),
    Route("GET /attachments", ATTACHMENT, files),
    Route("GET /attachments/{attachment_gid}", ATTACHMENT, single(Attachment), "one"),
)
