"""Changes without a clock: each moves no `modified_at`, shows in its record, and has the event that Asana documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest
from fake_client import FakeClient, Json

from fake_asana.model.choices import ClockForm
from fake_asana.model.dialect import Dialect
from fake_asana.world import World

SERVICE = "0/service"


class Silent(NamedTuple):
    """A change of a task with a comment and an entry: the function, and its event: type, field and action."""

    change: Callable[[World, str], object]
    kind: str
    field: str
    action: str = "changed"


def comment_of(world: World, task: str) -> str:
    """Return the first comment on a task."""
    return world.comment_gids(task)[0]


def other(world: World, task: str) -> str:
    """Return another task of the same workspace."""
    found = world.tasks[task]
    return next(gid for gid, row in world.tasks.items() if row.workspace is found.workspace and row is not found)


def follower(world: World, task: str) -> str:
    """Return the gid of a follower of a task."""
    followers: Any = world.expected_records("tasks", SERVICE)[task]["followers"]
    return str(followers[0]["gid"])


def entry(world: World, task: str) -> str:
    """Return the last time entry of a task."""
    return world.time_entries.of(world.tasks[task])[-1].gid


CHANGES: Mapping[str, Silent] = {
    "edit comment": Silent(lambda w, t: w.edit_comment(t, comment_of(w, t)), "story", "text"),
    "like comment": Silent(lambda w, t: w.like_comment(t, comment_of(w, t)), "story", "likes"),
    "pin comment": Silent(lambda w, t: w.pin_comment(t, comment_of(w, t)), "story", "is_pinned"),
    "like task": Silent(lambda w, t: w.like_task(t), "task", "likes"),
    "unfollow": Silent(lambda w, t: w.remove_follower(t, follower(w, t)), "task", "followers", "removed"),
    "follow": Silent(
        lambda w, t: (w.remove_follower(t, (gid := follower(w, t))), w.add_follower(t, gid)),
        "task",
        "followers",
        "added",
    ),
    "depend": Silent(lambda w, t: w.add_dependency(t, other(w, t)), "task", "dependencies", "added"),
    "free": Silent(
        lambda w, t: (w.add_dependency(t, other(w, t)), w.remove_dependency(t, other(w, t))),
        "task",
        "dependencies",
        "removed",
    ),
    "track time": Silent(lambda w, t: w.track_time(t), "task", "actual_time_minutes"),
    "edit time": Silent(lambda w, t: w.edit_time(entry(w, t)), "task", "actual_time_minutes"),
    "delete time": Silent(lambda w, t: w.delete_time(entry(w, t)), "task", "actual_time_minutes"),
}


@pytest.mark.parametrize("silent", CHANGES.values(), ids=CHANGES)
def test_a_silent_change_has_an_event_and_moves_no_clock(silent: Silent) -> None:
    """The event stream of the workspace names object, field and action; `modified_at` stands still."""
    client = FakeClient()
    world = client.world
    client.clock.advance(3600)
    task = next(
        gid
        for gid, row in world.tasks.items()
        if row.workspace is client.first and not row.dependents and not row.dependencies and world.comment_gids(gid)
    )
    world.track_time(task)
    before = world.tasks[task].modified
    path = f"/workspaces/{client.first.gid}/events"
    _, first = client.request(path, token=SERVICE)
    client.clock.advance(60)
    silent.change(world, task)
    _, body = client.request(path, token=SERVICE, sync=first["sync"])
    events: list[Json] = body["data"]
    told = [
        (event["resource"]["resource_type"], event["change"]["field"], event["change"]["action"]) for event in events
    ]
    assert (silent.kind, silent.field, silent.action) in told
    assert {event["action"] for event in events} == {"changed"}
    assert world.tasks[task].modified == before


@pytest.mark.parametrize("stream", ["stories", "attachments"])
def test_a_story_or_file_can_be_requested_alone(stream: str) -> None:
    """Each one that the token sees is answered by its own gid, others with 403, and deleted ones with 404."""
    client = FakeClient()
    world = client.world
    path = "/stories/" if stream == "stories" else "/attachments/"
    gids = set(world.gids(stream))
    hidden = set(world.gids(stream, SERVICE)) - gids
    assert all(client.request(f"{path}{gid}")[1]["data"]["gid"] == gid for gid in gids)
    assert {client.error(f"{path}{gid}")[0] for gid in sorted(hidden)[:5]} == {403}
    task = next(gid for gid in world.gids("tasks") if world.comment_gids(gid))
    deleted = world.comment(task) if stream == "stories" else world.attach(task)
    assert client.request(f"{path}{deleted}")[0] == 200
    world.delete_task(task)
    assert client.error(f"{path}{deleted}")[0] == 404


@pytest.mark.parametrize("moves", [True, False])
@pytest.mark.parametrize("name", ["comments", "edited_comments", "attachments"])
def test_the_dialect_decides_which_changes_below_a_task_move_its_clock(name: str, *, moves: bool) -> None:
    """A new or edited comment and a new file move `modified_at` in some dialects."""
    clocks = ClockForm(**{name: moves})
    client = FakeClient(dialect=Dialect(clocks=clocks))
    world = client.world
    task = next(gid for gid in world.tasks if world.comment_gids(gid))
    below: Mapping[str, Callable[[], object]] = {
        "comments": lambda: world.comment(task),
        "edited_comments": lambda: world.edit_comment(task, comment_of(world, task)),
        "attachments": lambda: world.attach(task),
    }
    client.clock.advance(3600)
    before = world.tasks[task].modified
    below[name]()
    assert (world.tasks[task].modified > before) is moves
