"""Simulated histories that once failed because rows come late, or are shown late; each says what was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fake_asana.model.choices import FreshnessForm
from fake_asana.model.dialect import Dialect
from fake_asana.server.limits import Limits
from fake_asana.world import Sizes
from simulate.attempt import Attempt, Change, Refused
from simulate.history import FOLLOWED, History

SIZES = Sizes(workspaces=1, users=2, teams=1, projects=2, tags=0, tasks=6)
LATE = Dialect(freshness=FreshnessForm(late_seconds=60))


def with_changes(seed: int, *changes: Sequence[Change]) -> History:
    """Return a history with these changes before its runs, and lists that show new rows a minute late."""
    attempts = tuple(Attempt(changes=tuple(each)) for each in changes)
    settings = {"max_concurrency": 1}
    return History(seed=seed, sizes=SIZES, streams=FOLLOWED, dialect=LATE, settings=settings, attempts=attempts)


MOVED_BEFORE_EVENTS = with_changes(9500003740, [Change(0, "move", 5)])
"""Not the tap: also 9500004447, a task moves just before the first run. The lists of stories do not show the
two stories of the move yet, and no sync token goes back to their events."""

TRACKED_BEFORE_EVENTS = with_changes(9500004300, [Change(0, "track time of last month", 0)])
"""Not the tap: the same with time."""

MOVED_OUTSIDE = with_changes(42, [], [Change(0, "move", 2)])
"""Not the tap: a task without a project comes into one just before the second run. When its story was made, no events
that the token reads named the task."""

UNNAMED = (MOVED_BEFORE_EVENTS, TRACKED_BEFORE_EVENTS, MOVED_OUTSIDE)

REVEALED = History(
    seed=107,
    sizes=SIZES,
    method="search",
    streams=("tasks", "stories"),
    settings={"max_concurrency": 1},
    attempts=(
        Attempt(),
        Attempt(changes=(*(Change(0, "rename", number) for number in range(6)), Change(0, "share", 1))),
        Attempt(changes=(Change(0, "add", 1),)),
        Attempt(changes=(Change(0, "reveal", 0),)),
    ),
)
"""Not the tap: also 9600002728, a task changes, its project becomes private before the next run, and then it comes
into a visible project. No clock moves with it, and without `deletions` no events are read."""

LEFT_REFUSED_LIST = History(
    seed=9600022714,
    sizes=Sizes(
        workspaces=1,
        users=3,
        teams=1,
        projects=1,
        tags=1,
        tasks=8,
        stories=2,
        busiest=2,
        subtasks=0,
        personal=20,
        tagged=30,
        shared=40,
        portfolios=1,
        goals=1,
        goal_stories=0,
    ),
    settings={"max_concurrency": 1},
    streams=("tasks", "stories"),
    lasting=(
        Refused(template="/tasks", status=404, times=2, parent=888),
        Refused(template="/tasks/{task_gid}/stories", status=500, times=1, parent=340),
    ),
    output_per_state_byte=110,
    attempts=(Attempt(changes=(Change(28, "move", 571),)),),
)
"""Not the tap: a task moves out of a project whose list Asana refuses, into one whose list is read already."""

INTERRUPTED_SEARCH = History(
    seed=9600014428,
    sizes=replace(SIZES, subtasks=20),
    method="search",
    streams=("tasks",),
    settings={"max_concurrency": 5},
    limits=Limits(search_lag=1500),
    request_milliseconds=1500,
    attempts=(
        Attempt(60, changes=tuple(Change(16, "rename", number) for number in range(6))),
        Attempt(60, settled_seconds=700, kill_before=14),
    ),
)
"""Tasks changed during the first run, and the index showed it after the second one was killed. The search for what is
below these tasks remembered them, although another search writes them, and that had ended before: they were lost."""

FAILED_LATE_LISTS = [
    *UNNAMED,
    REVEALED,
    LEFT_REFUSED_LIST,
    INTERRUPTED_SEARCH,
    # The event named the task, whose list of time entries did not show the new one yet, and no later run read it again.
    with_changes(9500003994, [], [Change(0, "track time of last month", 0)]),
]
