"""How large a world is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Counts for the whole world; the first workspace holds most, the last one is no organization.

    Shares are percents of the tasks. `stories` is the mean per task, `busiest` what one task in
    a hundred comes near and the first one reaches. `goal_stories` is the mean per goal, `own_fields`
    the percent of portfolios and goals that have a custom field of their own.
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
