"""Simulated histories with truncated, endless or short lists, or tasks that leave one, which once failed, shrunk."""

from __future__ import annotations

from fake_asana.model.breakage import Breakage
from fake_asana.model.dialect import Dialect, ListForm
from fake_asana.server.limits import Limits
from fake_asana.server.rate_meters import RateForm
from fake_asana.world import Sizes
from simulate.attempt import Attempt, Change, Refused
from simulate.hardships import NO_FIELDS
from simulate.history import FOLLOWED, TASK_STREAMS, History

FAILED_LISTS = [
    # Asana names no next page in any list, and hides a row of a page: the page looks like the last one.
    History(
        seed=714000126,
        sizes=Sizes(workspaces=2, users=2, teams=2, projects=5, tags=0, tasks=26, stories=1, busiest=13, subtasks=40),
        settings={"max_concurrency": 1, "page_size": 5},
        streams=("goals", "goal_relationships"),
        dialect=Dialect(nameless_pages="all"),
        attempts=(),
    ),
    # 889100140: Asana truncates the list of time entries that shows what empty minutes mean: it counted as without any.
    History(
        seed=26,
        sizes=Sizes(workspaces=1, users=2, teams=1, projects=2, tags=0, tasks=12),
        method="auto",
        streams=("tasks", "time_tracking_entries"),
        dialect=Dialect(unknown_hints=frozenset({"actual_time_minutes"})),
        attempts=(Attempt(truncate=2),),
    ),
    # Asana names no next page, and no list of the run has shown that it names any: the first page of a workspace's time
    # entries counted as all of them.
    History(
        seed=712246264,
        sizes=Sizes(
            workspaces=2, users=0, teams=1, projects=2, tags=0, tasks=28, stories=2, busiest=3, subtasks=0, goals=1
        ),
        settings={"page_size": 3, "max_concurrency": 1},
        streams=("projects", "users", "tags", *TASK_STREAMS),
        dialect=Dialect(nameless_pages="all"),
        attempts=(
            Attempt(changes=(Change(0, "a day", 559),)),
            Attempt(changes=(Change(0, "attach", 78), Change(70, "a day", 607))),
        ),
    ),
    # Task templates name no next page, and a page of them hides a row: it looked like the last one, because other lists
    # do name theirs.
    History(
        seed=733000010,
        sizes=Sizes(workspaces=1, users=2, teams=1, projects=1, tags=0, tasks=3),
        streams=("projects", "task_templates"),
        dialect=Dialect(nameless_pages="task templates", lists=ListForm(delays_first_row=True)),
        attempts=(),
    ),
    # The page tokens of a list expire before the rate limit allows its next page. Longer pages need fewer of them.
    History(
        seed=700000017,
        sizes=Sizes(workspaces=1, users=2, teams=1, projects=1, tags=0, tasks=3),
        settings={"page_size": 5},
        streams=("task_templates",),
        limits=Limits(per_minute=60, token_life=5, rate_form=RateForm(counting="bucket", costly_every=7)),
        attempts=(),
    ),
    # 720000020, 720000045, 720000274 and more: Asana names no next page and refuses whole lists. The first pages of
    # three rows counted for the lists, and a line named one of them.
    History(
        seed=720000914,
        sizes=Sizes(workspaces=1, users=2, teams=1, projects=1, tags=1, tasks=7, stories=2, busiest=5),
        settings={"page_size": 3},
        dialect=Dialect(nameless_pages="all"),
        limits=Limits(unpaged=3),
        attempts=(),
    ),
    # Asana names no next page: the short list of projects was read without a limit, and so was the longer list of
    # archived projects, which Asana refuses.
    History(
        seed=742000467,
        sizes=Sizes(workspaces=1, users=2, teams=1, projects=2, tags=0, tasks=4, stories=0, busiest=1),
        settings={"page_size": 100, "max_concurrency": 1},
        streams=("tasks",),
        dialect=Dialect(nameless_pages="all", lists_archived=False),
        limits=Limits(unpaged=1),
        attempts=(Attempt(changes=(Change(0, "archive", 0), Change(0, "archive", 1))),),
    ),
    # 881500073, 882000090: Asana truncates the list of a project, and the lists of its sections lack some tasks. They
    # counted as the whole list.
    History(
        seed=16,
        sizes=Sizes(workspaces=1, users=2, teams=1, projects=1, tags=0, tasks=6, stories=1, busiest=2),
        settings={"page_size": 5},
        streams=("tasks",),
        dialect=Dialect(lists_untitled_sections=False),
        attempts=(Attempt(truncate=2),),
    ),
    # 6000000750: Asana names no next page, and truncates longer pages of a list: its first page counted for the list.
    History(
        seed=6000000750,
        sizes=Sizes(workspaces=1, users=2, teams=1, projects=1, tags=0, tasks=6, stories=1, busiest=6),
        settings={"page_size": 3},
        streams=("tasks", "stories"),
        dialect=Dialect(nameless_pages="all"),
        limits=Limits(unpaged=3),
        attempts=(Attempt(truncate=4),),
    ),
    # Not the tap: a hidden project is shared, a task leaves it before the next run, and is deleted before a pass.
    History(
        seed=503,
        sizes=Sizes(workspaces=1, users=2, teams=1, projects=2, tags=1, tasks=4, stories=1, busiest=3, personal=100),
        settings={"reconcile_days": 4, "follow_events": False},
        streams=("tasks", "stories", "deletions"),
        attempts=(
            Attempt(changes=(Change(0, "share", 0),)),
            Attempt(
                60,
                requests_per_minute=2,
                changes=tuple(
                    Change(0, name, place)
                    for name, n in (("share", 1), ("leave", 3), ("complete", 6))
                    for place in range(n)
                ),
            ),
            Attempt(60, requests_per_minute=2, changes=tuple(Change(0, "delete", number) for number in range(3))),
        ),
    ),
    # Not the tap: 941000077, a custom field comes inside a setting, and has numbers in place of other texts than in its
    # own list.
    History(
        seed=61,
        sizes=Sizes(workspaces=1, users=2, teams=1, projects=2, tags=0, tasks=3, stories=0),
        streams=("projects", "custom_fields"),
        dialect=Dialect(breakage=Breakage(numerals=(b"17",), every=5, excluded=NO_FIELDS)),
        attempts=(),
    ),
    # Not the tap: the second page of a task's stories is full and names no next page. The tap requests the whole list
    # again, so the run writes the stories of the first page twice (law 5).
    History(
        seed=6150000107,
        sizes=Sizes(workspaces=1, users=2, teams=1, projects=1, tags=0, tasks=1, stories=0, busiest=6, subtasks=0),
        settings={"max_concurrency": 1, "page_size": 3},
        streams=("tasks", "stories"),
        dialect=Dialect(null_next_page=False),
        attempts=(),
    ),
    # 89200290: Asana refuses the lists of people whose places under a pseudonym have 19 digits: the state was invalid.
    History(
        seed=89200290,
        sizes=Sizes(
            workspaces=1,
            users=2,
            teams=1,
            projects=4,
            tags=0,
            tasks=21,
            stories=1,
            busiest=7,
            subtasks=0,
            personal=20,
            tagged=30,
            portfolios=1,
            goals=2,
            goal_stories=0,
        ),
        method="auto",
        settings={"max_concurrency": 1, "privacy": "redact", "privacy_key": "a key for simulated people"},
        output_per_state_byte=1,
        attempts=(
            Attempt(
                changes=(
                    Change(before_request=0, name="add project", number=858),
                    Change(before_request=0, name="a day", number=373),
                )
            ),
            Attempt(refused=(Refused(template="/tasks", status=400, times=1000),)),
        ),
    ),
    # 7500001626: a run read owed lists of attachments, and again where a search found tasks with attachments.
    History(
        seed=7500001626,
        sizes=Sizes(
            workspaces=1,
            users=2,
            teams=1,
            projects=2,
            tags=1,
            tasks=8,
            stories=2,
            busiest=6,
            subtasks=40,
            personal=20,
            tagged=30,
            portfolios=0,
            goals=1,
            goal_stories=1,
        ),
        method="auto",
        settings={"max_concurrency": 1},
        dialect=Dialect(search_attachments="uploads"),
        attempts=(Attempt(changes=(Change(0, "attach", 726),), refused=(Refused("/attachments", 400, 1000),)),),
    ),
    # 7500000194: searches leave out archived projects. A task left one before the list that leads to its subtasks; the
    # next run found the task itself by its clock, and nothing below it.
    History(
        seed=7500000194,
        sizes=Sizes(
            workspaces=1,
            users=2,
            teams=1,
            projects=1,
            tags=0,
            tasks=10,
            stories=2,
            busiest=6,
            subtasks=40,
            personal=20,
            portfolios=1,
            goals=1,
            goal_stories=1,
        ),
        method="search",
        is_oauth=True,
        settings={"max_concurrency": 1},
        dialect=Dialect(search_archived=False, assignee_lists_subtasks=False),
        attempts=(
            Attempt(changes=(Change(0, "archive", 235), Change(0, "add unlisted", 110)), kill_before=8),
            Attempt(changes=(Change(30, "leave", 245),)),
        ),
    ),
    # Not the tap: 9000000373, the list of an archived project is refused to the end, and searches leave out its tasks.
    # The list of a person has them, which an increment by search does not request.
    History(
        seed=9000000373,
        sizes=Sizes(
            workspaces=1,
            users=2,
            teams=1,
            projects=3,
            tags=1,
            tasks=9,
            stories=2,
            busiest=2,
            subtasks=40,
            personal=20,
            tagged=30,
            shared=40,
            portfolios=1,
            goals=0,
            goal_stories=0,
        ),
        method="search",
        streams=FOLLOWED,
        lasting=(Refused("/tasks", 401, 2, in_envelope=False, parent=483),),
        dialect=Dialect(search_archived=False),
        limits=Limits(search_lag=500),
        attempts=(
            Attempt(
                86400, changes=(Change(0, "a day", 797), Change(5, "add project", 64), Change(20, "add unlisted", 154))
            ),
            Attempt(60, changes=(Change(0, "add below", 301), Change(0, "archive", 200), Change(23, "attach", 62))),
        ),
    ),
    # Not the tap: 8650000138, a project whose list is refused is hidden from a run and shared again. Other lists show a
    # subtask of it, which is older than that run.
    History(
        seed=8653,
        sizes=Sizes(workspaces=1, users=2, teams=1, projects=1, tags=0, tasks=6, stories=1, busiest=3, subtasks=40),
        streams=("tasks",),
        lasting=(Refused("/tasks", 400, 1, parent=0),),
        attempts=(Attempt(changes=(Change(0, "share", 0),)), Attempt(changes=(Change(0, "share", 0),))),
    ),
    # Not the tap: 9200000875, a run that reads all time entries finds them below tasks, and the only list of one is
    # refused.
    History(
        seed=8751,
        sizes=Sizes(workspaces=1, users=2, teams=1, projects=1, tags=0, tasks=4, stories=1, busiest=3),
        streams=("tasks", "time_tracking_entries"),
        full_table=("time_tracking_entries",),
        lasting=(Refused("/tasks", 403, 1000, parent=0),),
        attempts=(Attempt(changes=(Change(0, "track time", 0),)),),
    ),
    # 9400001335: the first run ends after all tasks, but before their stories. The next one did not read tasks again,
    # and no line said that it leaves their changes to the run after it.
    History(
        seed=9400001335,
        sizes=Sizes(1, 3, 1, 3, 0, 1, 1, busiest=5, subtasks=40, tagged=30, portfolios=1, goals=1, goal_stories=0),
        settings={"start_date": "2026-05-08"},
        streams=("projects", "users", "tags", "tasks", "stories", "attachments", "time_tracking_entries"),
        full_table=("tasks",),
        output_per_state_byte=1,
        attempts=(Attempt(86400, settled_seconds=700, changes=(Change(21, "rename", 35),), target_bytes=51773),),
    ),
    # Not the tap: a task comes into its first project during a killed read ("People may work", docs/reliability.md).
    History(
        seed=9800003519,
        sizes=Sizes(1, 3, 1, 2, 0, 2, 2, busiest=6, subtasks=40, personal=20, goals=0),
        method="search",
        attempts=(Attempt(changes=(Change(22, "delete", 47), Change(28, "add to project", 395)), kill_before=35),),
    ),
]
