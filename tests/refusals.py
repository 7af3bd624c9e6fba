"""Parents to refuse: one of each kind with many children, and the streams read from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from expected_losses import UNDER, gid

from fake_asana.model.access import PERSON
from fake_asana.model.project_lists import PROJECT_LISTS
from fake_asana.world import World

Find = Callable[[World], str]


def with_children(stream: str) -> Find:
    """Return a finder of the parent with the most records of a stream."""

    def find(world: World) -> str:
        parents = Counter(gid(record[UNDER[stream]]) for record in world.expected_records(stream).values())
        return parents.most_common(1)[0][0]

    return find


def reported(find: Find) -> Find:
    """Return a finder of the same parent after a status update was posted to it."""

    def report(world: World) -> str:
        found = find(world)
        world.post_status_update(found)
        return found

    return report


def shared_portfolio(world: World) -> str:
    """Return a portfolio shared with the token's user, with items and with its own fields."""
    mine = world.access.viewers[PERSON].user
    shared = (world.portfolios.rows[key] for key in world.gids("portfolios"))
    return next(row.gid for row in shared if row.owner is not mine and world.portfolio_items.of(row) and row.settings)


def brief_with_files(world: World) -> str:
    """Return a visible project brief with files."""
    return next(key for key in world.gids("project_briefs") if world.files.get(key))


def task_with_all(world: World) -> str:
    """Return a task with files, stories, time entries and a subtask."""
    tracked = (world.tasks[gid(row["task_gid"])] for row in world.expected_records("time_tracking_entries").values())
    found = next(task.gid for task in tracked)
    world.attach(found)
    world.add_task(parent=found)
    return found


def tag_in_use(world: World) -> str:
    """Return the only tag that leads to some task."""
    tagged = (task for task in world.tasks.values() if task.tags and not (task.sections or task.assignee))
    return next(task.tags[0].gid for task in tagged if not task.parent)


def project_of_much(world: World) -> str:
    """Return a project with sections, and with tasks shared with other projects."""
    viewer = world.access.viewers[PERSON]
    ownership = [list(task.projects()) for task in world.tasks.values() if viewer.sees(task) and len(task.sections) > 1]
    counts = Counter(home.gid for found in ownership for home in found if viewer.sees(home))
    return counts.most_common(1)[0][0]


PARENTS: Mapping[str, tuple[Find, set[str]]] = {
    "project": (
        project_of_much,
        {
            *("sections", "project_memberships", "task_templates", "custom_types", "status_updates", "tasks"),
            *("attachments", "rates", "deletions"),
            *(each.stream for each in PROJECT_LISTS),
        },
    ),
    "team": (with_children("team_memberships"), {"team_memberships"}),
    "user": (with_children("ooo_entries"), {"ooo_entries", "tasks"}),
    "portfolio": (
        reported(with_children("portfolio_items")),
        {"portfolio_items", "portfolio_memberships", "status_updates"},
    ),
    "goal": (
        reported(with_children("goal_relationships")),
        {"goal_memberships", "goal_relationships", "status_updates", "stories"},
    ),
    "tag": (tag_in_use, {"tasks"}),
    "project brief": (brief_with_files, {"project_briefs", "attachments"}),
    "task": (task_with_all, {"tasks", "stories", "attachments", "time_tracking_entries"}),
    "shared portfolio": (
        shared_portfolio,
        {
            *("portfolios", "portfolio_items", "portfolio_memberships", "status_updates"),
            *("custom_fields", "custom_field_settings"),
        },
    ),
}
"""For each kind of parent, one with many children and the streams read from it."""
