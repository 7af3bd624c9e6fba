"""Protections of what a read by search leaves to the next one, or to the run that resumes it."""

from scripts.mutations.mutation import Mutation

RECENT = ("tests/sync/test_recent_tasks.py",)

SEARCH_STATE = (
    Mutation(
        "a task behind the position of a resumed search does not count as written",
        "tap_asana/tasks/by_search.py",
        " and is_beyond(self.name, self.child_key(key, task))",
        "",
        RECENT,
    ),
)
