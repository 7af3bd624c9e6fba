"""With attachment_lists: announced, only tasks whose stories or descriptions announce an attachment are asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from harness import PERSON, Message, Output, asana, clock, run_limits, sync
from methods import HOUR, TASK_STREAMS
from typing_extensions import override

from fake_asana.messages import ApiError, HttpRequest, HttpResponse
from fake_asana.model.attachments import Attachment, attachments_of_task
from fake_asana.server.api import Api
from fake_asana.world import ManualClock, Sizes, World
from tap_asana.tasks.announcements import stories_announce

ANNOUNCED: Message = {**PERSON, "attachment_lists": "announced"}
FEW = Sizes(workspaces=1, users=3, teams=1, projects=2, tags=1, tasks=30, stories=2, busiest=6, attached=0)


def asked(api: Api) -> set[str]:
    """Return the tasks whose attachments were requested."""
    return {each.query["parent"] for each in api.log if each.path.endswith("/attachments")} & set(api.world.tasks)


def of_tasks(api: Api) -> set[str]:
    """Return the attachments of all tasks."""
    return {file.gid for task in api.world.tasks.values() for file in attachments_of_task(task)}


def missing(api: Api, output: Output) -> set[str]:
    """Return the attachments of tasks that a run did not return."""
    return of_tasks(api) - output.gids("attachments")


def copied_file(api: Api, task: str) -> str:
    """Add an attachment without a story, as a copy of a task has it, and return its gid."""
    world = api.world
    attachment = Attachment(*world.new_gid(), world.tasks[task], world.now())
    world.tasks[task].attachments = [*attachments_of_task(world.tasks[task]), attachment]
    return attachment.gid


def read(api: Api, config: Mapping[str, Any] = ANNOUNCED, state: Message | None = None) -> Output:
    """Read tasks, stories and attachments."""
    return sync(api, config=config, select=TASK_STREAMS, state=state)


def without_signs(api: Api) -> list[str]:
    """Return the tasks that no story announces an attachment of."""
    stories: Iterable[Message] = api.world.expected_records("stories").values()
    announced = {story["target"]["gid"] for story in stories if "attachment" in story["resource_subtype"]}
    return [gid for gid in sorted(api.world.gids("tasks")) if gid not in announced]


def test_only_tasks_with_a_sign_are_asked() -> None:
    """A story about a file and a picture in a description each lead to the attachments of their task."""
    api = asana(FEW)
    world, (attached, pictured, *quiet) = api.world, without_signs(api)
    world.attach(attached)
    world.add_picture(pictured)
    clock(api).advance(HOUR)
    output = read(api)
    assert missing(api, output) == set()
    assert {attached, pictured} <= asked(api)
    assert not asked(api) & set(quiet)


def test_a_picture_in_a_comment_announces_attachments() -> None:
    """So does a story of unknown subtype, but not a comment without a picture."""
    comment = {"resource_subtype": "comment_added", "html_text": "<body>See above</body>"}
    assert not stories_announce([comment])
    assert stories_announce([{**comment, "html_text": '<body><img data-asana-gid="2"></body>'}])
    assert stories_announce([{**comment, "resource_subtype": None}])


def test_an_attachment_announced_later_comes_with_the_next_run() -> None:
    """A file that is attached between two runs has a story, which moves its task's modified_at."""
    api = asana(FEW)
    first = read(api)
    clock(api).advance(HOUR)
    gid = api.world.attach(without_signs(api)[0])
    clock(api).advance(HOUR)
    assert read(api, state=first.state).gids("attachments") & of_tasks(api) == {gid}


def test_attachments_of_copies_come_with_a_pass_over_all_tasks() -> None:
    """What nothing announces is missed, and a read of everything with attachment_lists: all returns it."""
    api = asana(FEW)
    gid = copied_file(api, without_signs(api)[0])
    first = read(api)
    assert missing(api, first) == {gid}
    assert missing(api, read(api, PERSON)) == set()


class Refusing(Api):
    """An Asana that refuses one list."""

    refused, status = "", 0

    @override
    def handle(self, request: HttpRequest) -> HttpResponse:
        if self.refused and request.path.endswith(self.refused):
            return ApiError(self.status, "Refused.").response()
        return super().handle(request)


@pytest.mark.parametrize("status", [403, 500])
def test_a_task_with_unreadable_stories_is_asked(status: int) -> None:
    """Stories that cannot be read may announce an attachment."""
    api = Refusing(World.seeded(1, FEW, ManualClock()))
    task = without_signs(api)[0]
    gid = copied_file(api, task)
    api.refused, api.status = f"/tasks/{task}/stories", status
    assert gid in read(api).gids("attachments")


def test_without_stories_every_task_is_asked() -> None:
    """If stories are not selected, nothing announces attachments."""
    api = asana(FEW)
    sync(api, config=ANNOUNCED, select=["tasks", "attachments"])
    assert asked(api) == set(api.world.gids("tasks"))


def is_in_first_read(message: Message) -> bool:
    """Return whether a message is a STATE from the middle of the first read of attachments."""
    bookmarks = message.get("value", {}).get("bookmarks", {})
    tasks, attachments = ({**bookmarks.get(name, {}).get("partitions", [{}])[0]} for name in ("tasks", "attachments"))
    return "reconciliation" in tasks and "window" in attachments


@pytest.mark.parametrize("is_killed", [False, True], ids=["complete", "killed"])
@pytest.mark.parametrize("streams", [TASK_STREAMS, (*TASK_STREAMS, "deletions")], ids=["tasks", "deletions"])
def test_a_run_without_passes_names_the_attachments_left_to_them(
    streams: tuple[str, ...], caplog: pytest.LogCaptureFixture, *, is_killed: bool
) -> None:
    """The run that finds reconcile_days removed warns once: only a pass would have read them."""
    api = asana(FEW)
    gids = {copied_file(api, task) for task in without_signs(api)}
    with run_limits(output_per_state_byte=0):
        output = sync(api, config={**PERSON, "reconcile_days": 7}, select=streams)
    if is_killed:
        output = output.up_to(max(at for at, each in enumerate(output.messages) if is_in_first_read(each)))
    warned = []
    for _ in range(2):
        clock(api).advance(HOUR)
        caplog.clear()
        output = output.then(sync(api, config=PERSON, select=streams, state=output.state))
        warned.append("no pass follows, because reconcile_days is not set any more" in caplog.text)
    assert gids & missing(api, output)
    assert warned == [True, False]
