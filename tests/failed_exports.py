"""Simulated histories with exports that once failed, as the simulator shrank them; each says what was wrong."""

from __future__ import annotations

from fake_asana.model.breakage import Breakage
from fake_asana.model.dialect import Dialect
from fake_asana.server.limits import Limits
from fake_asana.world import Sizes
from simulate.attempt import Attempt, Change, Refused
from simulate.hardships import NO_FIELDS
from simulate.history import FOLLOWED, History

FAILED_EXPORTS = [
    # Not the tap: 732002190, the audit log names a deleted task, which is restored and renamed when that entry is read.
    History(
        seed=5,
        sizes=Sizes(workspaces=1, users=2, teams=1, projects=2, tags=0, tasks=6, stories=1, busiest=3),
        method="export",
        streams=("audit_log_events", "tasks"),
        attempts=(
            Attempt(),
            Attempt(changes=(Change(0, "delete", 1),)),
            Attempt(),
            Attempt(changes=(Change(0, "restore", 0), Change(0, "rename", 1))),
        ),
    ),
    # An export holds five stories of a task at most. The list that should have shown it had a broken row, which did not
    # count, so that five looked like all.
    History(
        seed=732002258,
        sizes=Sizes(
            workspaces=1, users=3, teams=1, projects=3, tags=0, tasks=7, stories=1, busiest=5, subtasks=0, portfolios=0
        ),
        method="export",
        settings={"max_concurrency": 1},
        streams=("tasks", "stories"),
        dialect=Dialect(
            breakage=Breakage(rows=(b"null", b'{"name":"nobody"}'), every=5, excluded=NO_FIELDS), exported_rows=5
        ),
        attempts=(Attempt(pause_seconds=86400, changes=(Change(0, "track time", 358),)),),
    ),
    # The stories of a task, read singly because an export cuts them, named a file, and attachments are not selected.
    History(
        seed=617000427,
        sizes=Sizes(workspaces=1, users=2, teams=1, projects=2, tags=0, tasks=12),
        method="export",
        streams=("tasks", "stories"),
        dialect=Dialect(exported_rows=5),
        attempts=(),
    ),
    # Without a Date, an export that was requested before any other response ended its read at the epoch: nothing was
    # expected of the file, and the bookmark never moved.
    History(
        seed=59170781,
        sizes=Sizes(
            workspaces=1, users=4, teams=1, projects=4, tags=0, tasks=11, stories=1, busiest=3, subtasks=40, personal=20
        ),
        method="export",
        settings={"max_concurrency": 1},
        streams=("tasks",),
        dialect=Dialect(sends_date=False, exports_projectless=False),
        attempts=(),
    ),
    # The audit log fails in the first run, which took no sync token therefore: no event named the next change.
    History(
        seed=714000083,
        sizes=Sizes(workspaces=1, users=2, teams=1, projects=2, tags=0, tasks=6),
        method="export",
        streams=FOLLOWED,
        attempts=(
            Attempt(refused=(Refused("/workspaces/{workspace_gid}/audit_log_events", 400, 1000),)),
            Attempt(changes=(Change(0, "like task", 1),)),
        ),
    ),
    # 620002061: Asana counts 10^400 tasks in a project, and a state with that number cannot be used: a killed run by
    # export was the last one.
    History(
        seed=1,
        sizes=Sizes(workspaces=1, users=2, teams=1, projects=2, tags=0, tasks=6),
        method="export",
        streams=("tasks",),
        dialect=Dialect(breakage=Breakage(numbers=(b"9" * 400,), every=1, excluded=NO_FIELDS)),
        attempts=(Attempt(kill_before=20),),
    ),
    # Neither exports nor searches contain subtasks, and nobody compared exports with lists.
    History(
        seed=712246296,
        sizes=Sizes(workspaces=1, users=4, teams=2, projects=3, tags=1, tasks=16, stories=2, busiest=7, personal=20),
        method="export",
        dialect=Dialect(search_subtasks="never", exports_subtasks=False),
        streams=("tasks", "stories"),
        attempts=(
            Attempt(changes=(Change(60, "add project", 102), Change(61, "add below", 418), Change(84, "a day", 886))),
        ),
    ),
    # A pass by search left out the private tasks of others, of which nothing had shown whether searches find them.
    History(
        seed=5054,
        sizes=Sizes(workspaces=1, users=4, teams=1, projects=2, tags=0, tasks=22, stories=2, busiest=9, tagged=30),
        method="export",
        settings={"reconcile_days": 3},
        streams=("tasks",),
        dialect=Dialect(search_private="own", exports_projectless=False),
        attempts=(Attempt(pause_seconds=60), Attempt(pause_seconds=86400, changes=(Change(18, "like task", 976),))),
    ),
    # Exports and searches leave out private tasks. The list of tags, which has them, was refused in the first run, and
    # later ones compared only what had changed since.
    History(
        seed=700000016,
        sizes=Sizes(workspaces=1, users=2, teams=1, projects=2, tags=1, tasks=9, stories=1, busiest=4, tagged=30),
        method="export",
        streams=("tasks",),
        dialect=Dialect(search_private="never", exports_projectless=False),
        attempts=(Attempt(refused=(Refused("/tags", 403, 1000),)),),
    ),
    # Exports leave out tasks outside of all projects, which the first run noticed. Nothing showed it in the second one,
    # and the state kept it of subtasks alone.
    History(
        seed=618000171,
        sizes=Sizes(
            workspaces=1,
            users=2,
            teams=1,
            projects=3,
            tags=1,
            tasks=7,
            stories=2,
            busiest=6,
            subtasks=40,
            shared=40,
            portfolios=0,
            goals=0,
            goal_stories=0,
        ),
        method="export",
        settings={"max_concurrency": 1},
        streams=("audit_log_events", "deletions", "tasks"),
        dialect=Dialect(search_private="own", exports_projectless=False),
        request_milliseconds=1500,
        attempts=(
            Attempt(
                pause_seconds=60,
                changes=(Change(1, "a day", 781), Change(12, "delete project", 974)),
                kill_before=16,
            ),
            Attempt(pause_seconds=86400, changes=(Change(1, "a day", 692),)),
        ),
    ),
    # 903077: neither exports nor searches contain a new subtask. Only the list of a tag leads to its parent, and such
    # lists were not looked through for subtasks.
    History(
        seed=903077,
        sizes=Sizes(
            workspaces=1,
            users=3,
            teams=1,
            projects=3,
            tags=0,
            tasks=2,
            stories=2,
            busiest=2,
            subtasks=0,
            tagged=30,
            portfolios=1,
            goals=0,
            goal_stories=0,
        ),
        method="export",
        streams=("stories",),
        dialect=Dialect(search_private="own", exports_subtasks=False),
        request_milliseconds=1500,
        attempts=(Attempt(pause_seconds=86400, changes=(Change(0, "add below", 999),)),),
    ),
    # 734001604: the only subtask has a project of its own, an archived one. Searches leave it out, exports too, and
    # what lists show of subtasks with projects did not count.
    History(
        seed=734001604,
        sizes=Sizes(
            workspaces=1,
            users=3,
            teams=1,
            projects=1,
            tags=1,
            tasks=8,
            stories=1,
            busiest=4,
            subtasks=40,
            personal=20,
            tagged=30,
            portfolios=0,
            goals=1,
        ),
        method="export",
        streams=("tasks",),
        dialect=Dialect(
            breakage=Breakage(numbers=(b"1e400",), every=3, excluded=NO_FIELDS),
            search_archived=False,
            exports_subtasks=False,
        ),
        request_milliseconds=100,
        attempts=(Attempt(changes=(Change(0, "archive", 600),)),),
    ),
    # 732001355 and 741000862: Asana does not show when a time entry was created, so that it counted as an old one. It
    # was deleted before a pass had read it, and no line said that its row stays.
    History(
        seed=732001355,
        sizes=Sizes(workspaces=1, users=2, teams=1, projects=2, tags=0, tasks=4, stories=1, busiest=2, subtasks=0),
        method="export",
        settings={"reconcile_days": 2},
        streams=("tasks", "time_tracking_entries", "deletions"),
        dialect=Dialect(unlisted_fields=False),
        attempts=(
            Attempt(),
            Attempt(changes=(Change(0, "track time", 0),)),
            Attempt(changes=(Change(0, "delete time", 0),)),
        ),
    ),
    # 881233: the lists that show whether the export holds all stories of a task were refused, or too long for Asana.
    # They counted as empty, so that the five stories in the file looked like all.
    *(
        History(
            seed=seed,
            sizes=Sizes(workspaces=1, users=2, teams=1, projects=2, tags=0, tasks=6, stories=2, busiest=6, subtasks=0),
            method="export",
            streams=("tasks", "stories"),
            dialect=Dialect(exported_rows=5),
            attempts=(attempt,),
        )
        for seed, attempt in (
            (881233, Attempt(truncate=4)),
            (9, Attempt(refused=(Refused("/tasks/{task_gid}/stories", 403, 3),))),
        )
    ),
    # 5000001890: the list that shows whether the export holds all stories of a task answered 404. It counted as empty,
    # although the task exists.
    History(
        seed=8,
        sizes=Sizes(workspaces=1, users=2, teams=1, projects=2, tags=0, tasks=6, stories=2, busiest=5),
        method="export",
        settings={"max_concurrency": 1},
        streams=("tasks", "stories"),
        dialect=Dialect(exported_rows=2),
        attempts=(Attempt(refused=(Refused("/tasks/{task_gid}/stories", 404, 1000),)),),
    ),
    # 5000000639: a task outside of all projects moved into one before it was exported. That it was in the file counted
    # as proof that exports contain tasks outside of all projects.
    History(
        seed=7,
        sizes=Sizes(workspaces=1, users=2, teams=1, projects=2, tags=0, tasks=3, subtasks=0),
        method="export",
        settings={"max_concurrency": 1},
        streams=("tasks",),
        dialect=Dialect(exports_projectless=False),
        limits=Limits(search_lag=1800),
        attempts=(
            Attempt(),
            Attempt(settled_seconds=2000, changes=(Change(0, "leave", 0), Change(6, "move", 0))),
            Attempt(settled_seconds=700, changes=(Change(0, "add unlisted", 1),)),
        ),
    ),
]
