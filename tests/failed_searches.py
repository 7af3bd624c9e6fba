"""Simulated histories by search that once failed, as the simulator shrank them; each says what was wrong."""

from __future__ import annotations

from fake_asana.model.choices import TrashForm
from fake_asana.model.dialect import Dialect
from fake_asana.server.limits import Limits
from fake_asana.world import Sizes
from simulate.attempt import DAY_SECONDS, Attempt, Change, Refused
from simulate.history import FOLLOWED, History

FAILED_SEARCHES = [
    # A task in a project that was created after the run had listed the projects: the next run got the first sync token
    # of the project after the task was deleted.
    History(
        seed=617000114,
        sizes=Sizes(
            workspaces=2, users=2, teams=1, projects=1, tasks=3, stories=1, busiest=4, personal=20, tagged=30, goals=0
        ),
        method="search",
        streams=FOLLOWED,
        attempts=(
            Attempt(
                pause_seconds=60,
                changes=(Change(0, "add unlisted", 17), Change(31, "add project", 413), Change(32, "add below", 481)),
            ),
            Attempt(
                pause_seconds=60,
                changes=(Change(0, "complete", 436), Change(0, "add below", 378), Change(6, "delete", 395)),
            ),
        ),
    ),
    # A late index found tasks that had just left their active project, and showed them in an archived one alone: it
    # seemed to hold the tasks of archived projects.
    History(
        seed=786000128,
        sizes=Sizes(
            workspaces=1,
            users=3,
            teams=1,
            projects=3,
            tags=1,
            tasks=9,
            stories=1,
            busiest=3,
            personal=20,
            tagged=30,
            shared=40,
            portfolios=0,
            goals=1,
            goal_stories=0,
        ),
        method="auto",
        settings={"max_concurrency": 48, "page_size": 20},
        streams=FOLLOWED,
        dialect=Dialect(search_archived=False, moves_modify_tasks=True),
        limits=Limits(search_lag=1800, search_fresh=True),
        request_milliseconds=100,
        attempts=(
            Attempt(settled_seconds=1400, changes=(Change(0, "a day", 171),)),
            Attempt(pause_seconds=86400, changes=(Change(0, "add", 54),), kill_before=27),
            Attempt(
                changes=(
                    Change(0, "only track time", 545),
                    Change(2, "leave", 334),
                    Change(17, "move", 254),
                    Change(18, "track time", 262),
                    Change(26, "depend", 199),
                    Change(30, "add unlisted", 175),
                ),
                refused=(Refused("/tags", 402, 2),),
            ),
        ),
    ),
    # A late index showed a task before and after its last change in one read. It wrote the first version, and kept the
    # hash of the second one as if it were written.
    History(
        seed=610000628,
        sizes=Sizes(
            workspaces=2,
            users=5,
            teams=1,
            projects=2,
            tags=0,
            tasks=31,
            stories=2,
            busiest=12,
            subtasks=40,
            personal=20,
            shared=40,
            portfolios=0,
            goals=0,
            goal_stories=0,
        ),
        method="search",
        streams=("tasks",),
        limits=Limits(search_lag=1500),
        request_milliseconds=1500,
        output_per_state_byte=110,
        attempts=(
            Attempt(pause_seconds=86400, settled_seconds=1400, changes=(Change(0, "comment", 447),), write_seconds=40),
        ),
    ),
    # Not the tap: the plan lacks two lists of stories in the first run only, whose log names them.
    History(
        seed=331000054,
        sizes=Sizes(workspaces=1, users=4, teams=1, projects=5, tags=0, tasks=9, stories=2, busiest=7, subtasks=0),
        method="search",
        attempts=(Attempt(refused=(Refused("/tasks/{task_gid}/stories", 402, 2),)),),
    ),
    # 881042: the index hid a change from a read by search, and the next read, by lists, began after it.
    History(
        seed=2,
        sizes=Sizes(workspaces=1, users=2, teams=1, projects=2, tags=0, tasks=12),
        streams=("tasks",),
        limits=Limits(search_lag=1500),
        attempts=(
            Attempt(method="search"),
            Attempt(changes=(Change(0, "rename", 1),), settled_seconds=1200, method="search"),
        ),
    ),
    # A project created during a run whose events waited for a changed object: the note of the project was dropped with
    # the tokens of projects that are gone.
    History(
        seed=720000381,
        sizes=Sizes(workspaces=1, users=3, teams=1, projects=2, tags=1, tasks=1, stories=2, busiest=6, subtasks=40),
        method="search",
        settings={"max_concurrency": 1},
        streams=("deletions", "tasks"),
        attempts=(
            Attempt(pause_seconds=60),
            Attempt(pause_seconds=60, changes=(Change(6, "only track time", 897), Change(11, "add project", 995))),
            Attempt(changes=(Change(4, "delete project", 629),)),
        ),
    ),
    # The first run with the stream `deletions` finds no project any more, so no sync token that could have expired: no
    # line said that earlier deletions are unknown.
    History(
        seed=733000318,
        sizes=Sizes(workspaces=1, users=2, teams=1, projects=1, tags=0, tasks=2, stories=1, busiest=2, tagged=30),
        method="search",
        settings={"max_concurrency": 1},
        streams=("tasks", "deletions"),
        attempts=(
            Attempt(pause_seconds=86400, changes=(Change(0, "share", 140),), streams=("tasks",)),
            Attempt(pause_seconds=60, settled_seconds=1400, changes=(Change(0, "delete project", 388),)),
        ),
    ),
    # Not the tap: a search finds a task that was deleted during the first run, before it took a sync token of its
    # project. Without stories, nothing shows that it is gone.
    History(
        seed=2000003051,
        sizes=Sizes(workspaces=2, users=3, teams=1, projects=2, tags=1, tasks=4, stories=2, busiest=5, subtasks=0),
        method="search",
        streams=("deletions", "tasks"),
        dialect=Dialect(trash=TrashForm(searched=True)),
        attempts=(Attempt(changes=(Change(4, "delete", 656),)),),
    ),
    # 2000002740: a subtask moved into a project that the run had listed, before the list of its parent, which nobody
    # searches for. The list left it to that project.
    History(
        seed=2000002740,
        sizes=Sizes(
            workspaces=1,
            users=3,
            teams=2,
            projects=2,
            tags=1,
            tasks=32,
            stories=2,
            busiest=5,
            subtasks=40,
            tagged=30,
            shared=40,
            portfolios=2,
            goals=2,
            goal_stories=1,
        ),
        method="search",
        settings={"max_concurrency": 1},
        streams=("tasks",),
        dialect=Dialect(search_private="never"),
        attempts=(Attempt(changes=(Change(25, "move", 223),)),),
    ),
    # 2000010256, 2000013620: searches leave out archived projects, and the list of one is refused. The lists of people,
    # read in its place, did not lead to subtasks.
    History(
        seed=2000010256,
        sizes=Sizes(
            workspaces=1, users=3, teams=1, projects=3, tags=0, tasks=7, stories=2, busiest=3, subtasks=40, tagged=30
        ),
        method="search",
        settings={"max_concurrency": 1},
        streams=("tasks",),
        lasting=(Refused("/tasks", 403, 1, parent=930),),
        dialect=Dialect(search_archived=False),
        attempts=(Attempt(changes=(Change(0, "add", 859), Change(6, "archive", 759), Change(11, "add below", 482))),),
    ),
    # 742001746, not the tap: the events are lost that name a task which came into a project with all below it.
    History(
        seed=742001746,
        sizes=Sizes(
            workspaces=1, users=3, teams=1, projects=1, tags=0, tasks=5, busiest=5, subtasks=40, personal=20, tagged=30
        ),
        method="search",
        streams=FOLLOWED,
        limits=Limits(sync_life=1800),
        attempts=(
            Attempt(settled_seconds=700, changes=(Change(0, "share", 112),)),
            Attempt(settled_seconds=700, changes=(Change(0, "reveal", 305),)),
        ),
    ),
    # 77320066: the plan lacked the lists of users during a first read by search. Later ones read the projects that had
    # been refused, and no users.
    History(
        seed=15,
        sizes=Sizes(
            workspaces=1,
            users=0,
            teams=0,
            projects=0,
            tags=1,
            tasks=3,
            stories=1,
            busiest=3,
            subtasks=40,
            personal=20,
            tagged=30,
            portfolios=0,
            goals=0,
            goal_stories=1,
            own_fields=0,
        ),
        method="search",
        attempts=(Attempt(refused=(Refused("/tasks", 402, 1000),)),),
    ),
    # A task had just moved into an archived project when it showed whether searches find tasks of such projects: the
    # late index found it as one of a project in use.
    History(
        seed=880000023,
        sizes=Sizes(
            workspaces=1,
            users=0,
            teams=0,
            projects=0,
            tags=0,
            tasks=6,
            stories=2,
            busiest=3,
            personal=0,
            tagged=0,
            shared=0,
            portfolios=1,
            goals=0,
            goal_stories=1,
            own_fields=0,
        ),
        method="search",
        streams=("tasks",),
        dialect=Dialect(search_archived=False),
        limits=Limits(search_lag=500),
        attempts=(
            Attempt(changes=(Change(0, "a day", 982), Change(0, "move", 24))),
            Attempt(changes=(Change(0, "a day", 941),)),
        ),
    ),
    # 992000650: no response has a Date, and the only change of a first read lies more than a day before it. The next
    # run by searches wrote a task from the trash, and the first pass named only those changed since that read.
    History(
        seed=992000650,
        sizes=Sizes(
            workspaces=2,
            users=2,
            teams=1,
            projects=5,
            tags=0,
            tasks=11,
            stories=2,
            busiest=9,
            personal=20,
            tagged=30,
            portfolios=0,
            goals=1,
            goal_stories=0,
        ),
        method="search",
        settings={"reconcile_days": 3, "max_concurrency": 1},
        streams=("tasks", "stories", "deletions"),
        dialect=Dialect(trash=TrashForm(searched=True), sends_date=False),
        attempts=(
            Attempt(
                DAY_SECONDS,
                changes=(Change(3, "add project", 721), Change(8, "delete project", 271)),
                kill_before=13,
            ),
        ),
    ),
]
