"""Lists that show new rows a minute after they were made: the next run overlaps the last one, and brings them."""

from __future__ import annotations

from harness import asana, clock, sync
from methods import HOUR, every_method, missing_or_stale, sync_task_streams

from fake_asana.model.choices import FreshnessForm
from fake_asana.model.dialect import Dialect
from fake_asana.world import Sizes

WORLD = Sizes(workspaces=1, users=3, teams=1, projects=3, tags=1, tasks=20, stories=1, busiest=4, goals=0, personal=20)
LATE = Dialect(freshness=FreshnessForm(late_seconds=60))


@every_method
def test_what_lists_show_late_comes_with_the_next_run(config: dict[str, object]) -> None:
    """A task, a subtask, comments and files made ten seconds before a run, below old tasks and in a new project."""
    api = asana(WORLD, dialect=LATE)
    world = api.world
    clock(api).advance(HOUR)
    union = sync_task_streams(api, config)
    old = min(world.gids("tasks"))
    project = world.add_project(next(iter(world.workspaces)))
    for task in (old, world.add_task(project=project), world.add_task(parent=old)):
        world.comment(task)
        world.attach(task)
    clock(api).advance(10)
    for _ in range(2):
        union = union.then(sync_task_streams(api, config, union.state))
        clock(api).advance(HOUR)
    assert missing_or_stale(api, union, str(config["access_token"])) == {}


def test_snapshots_are_complete_in_the_next_run() -> None:
    """A project and a tag made just before a run are in its next snapshots."""
    api = asana(WORLD, dialect=LATE)
    workspace = next(iter(api.world.workspaces))
    clock(api).advance(HOUR)
    new = {api.world.add_project(workspace), api.world.add_tag(workspace)}
    first = sync(api, select=["projects", "tags"])
    clock(api).advance(HOUR)
    second = sync(api, select=["projects", "tags"], state=first.state)
    brought = [output.gids("projects") | output.gids("tags") for output in (first, second)]
    assert [new & gids for gids in brought] == [set(), new]
