"""Simulated histories with deletions that nothing can name, as the simulator shrank them; each says why."""

from __future__ import annotations

from fake_asana.model.choices import TrashForm
from fake_asana.model.dialect import Dialect
from fake_asana.world import Sizes
from simulate.attempt import DAY_SECONDS, Attempt, Change, Refused
from simulate.history import FOLLOWED, History

FAILED_PASSES = [
    # Not the tap: a comment was made during a run, and both its clock and Date were ahead. So it was older than the
    # bookmark to the run that read it first, and it was deleted before a pass.
    History(
        seed=9000000189,
        sizes=Sizes(
            workspaces=1,
            users=2,
            teams=1,
            projects=1,
            tags=1,
            tasks=2,
            stories=1,
            busiest=6,
            subtasks=0,
            tagged=30,
            portfolios=1,
            goals=0,
            goal_stories=1,
        ),
        method="auto",
        is_oauth=True,
        settings={"max_concurrency": 5, "page_size": 100, "reconcile_days": 2, "follow_events": False},
        streams=FOLLOWED,
        dialect=Dialect(date_ahead_seconds=40.0),
        request_milliseconds=10,
        stage_tasks=5,
        attempts=(
            Attempt(
                changes=(
                    Change(10, "comment", 672),
                    Change(10, "comment", 977),
                    Change(22, "drag", 872),
                    Change(22, "reassign", 684),
                    Change(23, "a day", 673),
                ),
                method="list",
                clock_ahead_seconds=3600,
            ),
            Attempt(
                60,
                requests_per_minute=20,
                changes=(Change(14, "purge", 232), Change(28, "like comment", 653), Change(32, "rename tag", 228)),
            ),
            Attempt(
                60,
                requests_per_minute=5,
                changes=(
                    Change(0, "detach", 121),
                    Change(0, "delete comment", 42),
                    Change(0, "like task", 747),
                    Change(0, "depend", 858),
                    Change(5, "delete time", 790),
                    Change(22, "track time of last month", 297),
                    Change(25, "track time", 434),
                    Change(27, "delete comment", 190),
                    Change(32, "unfollow", 199),
                    Change(35, "edit together", 442),
                ),
                kill_in_pass=27,
                fault_share=0.02,
                fault_kinds=("502",),
                refused=(Refused("/projects/{project_gid}/sections", 402, 1000),),
                clock_ahead_seconds=30,
            ),
        ),
    ),
    # Not the tap: 8610000127, the task of an attachment from before `start_date` changes for the first time, and the
    # attachment is deleted between the first read of its task and the pass of the same run.
    History(
        seed=8610000127,
        sizes=Sizes(
            workspaces=1,
            users=2,
            teams=1,
            projects=2,
            tags=1,
            tasks=3,
            stories=2,
            busiest=3,
            subtasks=40,
            personal=20,
            shared=40,
            portfolios=1,
            goals=1,
            goal_stories=0,
        ),
        method="search",
        settings={"reconcile_days": 2, "start_date": "2026-05-08"},
        streams=FOLLOWED,
        output_per_state_byte=110,
        stage_tasks=5,
        attempts=(
            Attempt(DAY_SECONDS),
            Attempt(DAY_SECONDS, changes=(Change(23, "attach", 819), Change(35, "detach", 981))),
        ),
    ),
    # Not the tap: the target keeps a project of a killed run behind the last STATE. It is deleted before the next run.
    History(
        seed=9100001083,
        sizes=Sizes(
            workspaces=1,
            users=3,
            teams=1,
            projects=2,
            tags=0,
            tasks=7,
            stories=2,
            busiest=2,
            subtasks=0,
            personal=20,
            tagged=30,
            shared=40,
            portfolios=1,
            goals=0,
            goal_stories=0,
        ),
        settings={"max_concurrency": 12, "page_size": 3, "start_date": "2026-05-08"},
        streams=(),
        attempts=(
            Attempt(60, kill_before=4, keeps_uncovered=True),
            Attempt(DAY_SECONDS, changes=(Change(0, "delete project", 830),)),
        ),
    ),
    # Not the tap: the target keeps the tasks of a new project behind the last STATE of a run that is killed in a pass.
    # The project was deleted during that run.
    History(
        seed=9100001274,
        sizes=Sizes(
            workspaces=1,
            users=3,
            teams=1,
            projects=2,
            tags=1,
            tasks=10,
            stories=2,
            busiest=6,
            shared=40,
            portfolios=1,
            goals=0,
            goal_stories=1,
        ),
        method="auto",
        settings={"max_concurrency": 2, "page_size": 100, "reconcile_days": 3, "follow_events": False},
        streams=FOLLOWED,
        request_milliseconds=10,
        output_per_state_byte=110,
        stage_tasks=5,
        attempts=(
            Attempt(60),
            Attempt(
                60,
                changes=(Change(6, "add project", 817), Change(25, "detach", 371), Change(32, "delete project", 923)),
                kill_in_pass=11,
                keeps_uncovered=True,
            ),
        ),
    ),
    # Not the tap: no story announces a file, so the first run leaves it to passes. The next one reads it with a change
    # of its task, and the file is deleted before a pass.
    History(
        seed=9600009620,
        sizes=Sizes(
            workspaces=1,
            users=4,
            teams=1,
            projects=2,
            tags=2,
            tasks=18,
            stories=1,
            busiest=9,
            subtasks=0,
            personal=20,
            tagged=30,
            shared=40,
            attached=60,
            portfolios=0,
            goals=1,
            goal_stories=1,
            own_fields=100,
        ),
        method="search",
        settings={"reconcile_days": 1, "max_concurrency": 1},
        streams=("projects", "users", "tags", "tasks", "stories", "attachments", "time_tracking_entries", "deletions"),
        full_table=("tasks", "stories"),
        lasting=(Refused(template="/tasks/{task_gid}/stories", status=400, times=1000, parent=382, is_too_long=True),),
        request_milliseconds=1500,
        stage_tasks=5,
        attempts=(
            Attempt(changes=(Change(27, "share", 445), Change(45, "share", 815), Change(45, "edit together", 21))),
            Attempt(changes=(Change(20, "move", 860), Change(66, "delete project", 466)), fault_share=0.2),
            Attempt(DAY_SECONDS, changes=(Change(0, "detach", 500),)),
        ),
    ),
    # Not the tap: a task from before `start_date` changes for the first time when it is deleted, during a run that
    # finds it in the trash.
    History(
        seed=9600011266,
        sizes=Sizes(
            workspaces=1,
            users=3,
            teams=1,
            projects=1,
            tags=0,
            tasks=9,
            stories=2,
            busiest=4,
            subtasks=40,
            tagged=30,
            shared=40,
            portfolios=1,
            goals=1,
            goal_stories=1,
        ),
        method="auto",
        settings={"page_size": 5, "reconcile_days": 3, "follow_events": False, "start_date": "2026-05-08"},
        streams=("tasks", "deletions"),
        dialect=Dialect(trash=TrashForm(searched=True), search_subtasks="never"),
        output_per_state_byte=1,
        stage_tasks=2,
        attempts=(
            Attempt(),
            Attempt(DAY_SECONDS, changes=(Change(0, "add below", 850), Change(24, "delete", 123))),
        ),
    ),
]
