"""Simulated histories that once failed because Asana refused lists, or hid projects; each says what was wrong."""

from __future__ import annotations

from dataclasses import replace

from fake_asana.model.choices import RefusalForm, TrashForm
from fake_asana.model.dialect import Dialect
from fake_asana.world import Sizes
from simulate.attempt import Attempt, Change, Refused
from simulate.history import History

SIZES = Sizes(workspaces=1, users=2, teams=1, projects=2, tags=0, tasks=6)

FEW = Sizes(
    workspaces=1,
    users=3,
    teams=1,
    projects=1,
    tags=1,
    tasks=10,
    stories=1,
    busiest=3,
    subtasks=0,
    personal=20,
    shared=40,
    portfolios=0,
    goals=0,
    goal_stories=1,
)

FAILED_REFUSALS = [
    # A project was refused in a read that was killed. People's lists had brought some of its tasks, and the next read
    # resumed behind these: it left out those before them in the list of the project, which Asana showed by then.
    History(
        seed=9700025673,
        sizes=replace(FEW, users=2, projects=2, stories=2, personal=5, tagged=2, goals=1, own_fields=100),
        method="auto",
        settings={"max_concurrency": 5},
        streams=("stories",),
        attempts=(Attempt(86_400, kill_before=31, refused=(Refused("/tasks", 410, 2, parent=308),)),),
    ),
    # Only a refused list of a tag would have shown that exports leave out tasks outside of all projects.
    History(
        seed=9700024356,
        sizes=FEW,
        method="export",
        streams=("audit_log_events", "deletions", "tasks"),
        lasting=(Refused("/tags/{tag_gid}/tasks", 404, 1000, parent=110),),
        dialect=Dialect(search_private="never", exports_projectless=False),
        request_milliseconds=1500,
        attempts=(),
    ),
    # Searches find the trash, and Asana refuses what is there. The line of the pass did not count the task.
    History(
        seed=9700023001,
        sizes=Sizes(workspaces=1, users=3, teams=1, projects=2, tags=1, tasks=8, stories=2, busiest=5, tagged=30),
        method="search",
        settings={"reconcile_days": 3},
        streams=("deletions", "tasks"),
        dialect=Dialect(trash=TrashForm(searched=True), refusals=RefusalForm(trashed=403)),
        request_milliseconds=100,
        output_per_state_byte=1,
        attempts=(
            Attempt(
                changes=(
                    Change(0, "add below", 676),
                    Change(12, "restore", 679),
                    Change(22, "add below", 954),
                    Change(32, "delete", 46),
                ),
                refused=(Refused("/tasks", 500, 1000, in_envelope=False),),
                truncate=4,
                circle_after=4,
            ),
        ),
    ),
    # Not the tap: 9700041917, a project is shown during a run without tasks, and a task leaves it then for another one.
    History(
        seed=316,
        sizes=SIZES,
        settings={"max_concurrency": 1},
        streams=("tasks", "stories"),
        attempts=(
            Attempt(changes=(Change(0, "share", 0),)),
            Attempt(streams=("attachments", "projects"), changes=(Change(4, "share", 0), Change(5, "move", 1))),
        ),
    ),
    # Not the tap: 9700040572, the run that lists a project again is killed, so that no STATE has it when it is deleted.
    History(
        seed=311,
        sizes=SIZES,
        settings={"max_concurrency": 1},
        streams=("projects", "deletions", "tasks"),
        output_per_state_byte=110,
        attempts=(
            Attempt(),
            Attempt(changes=(Change(0, "share", 0),)),
            Attempt(changes=(Change(0, "share", 0),), kill_before=8),
            Attempt(changes=(Change(0, "delete project", 0),)),
        ),
    ),
    # Not the tap: a project is hidden before a run lists it, and shown again meanwhile. The next run reads it whole.
    History(
        seed=9700135530,
        sizes=Sizes(1, 4, 2, 2, 0, 32, 1, busiest=7, shared=40, portfolios=2, goals=1, goal_stories=0),
        settings={"max_concurrency": 12},
        attempts=(
            Attempt(60, changes=(Change(0, "a day", 58),)),
            Attempt(
                changes=(
                    Change(0, "a day", 218),
                    Change(0, "add unlisted", 508),
                    Change(5, "share", 665),
                    Change(30, "share", 773),
                )
            ),
        ),
    ),
]
