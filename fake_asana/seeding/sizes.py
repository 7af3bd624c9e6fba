"""The size of a world."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Counts for the whole world; the first workspace is the largest, and the last is not an organization.

    `subtasks`, `personal`, `tagged`, `shared` and `attached` are percentages of the tasks. `stories` is the mean per
    task; the first task has `busiest` stories, and one in a hundred has half as many. `goal_stories` is the mean per
    goal, `own_fields` the percentage of portfolios and goals with a local custom field.
    """

    workspaces: int = 3
    users: int = 30
    teams: int = 6
    projects: int = 20
    tags: int = 9
    tasks: int = 600
    stories: int = 6
    busiest: int = 240
    subtasks: int = 10
    personal: int = 5
    tagged: int = 2
    shared: int = 8
    attached: int = 10
    portfolios: int = 8
    goals: int = 12
    goal_stories: int = 3
    own_fields: int = 50
