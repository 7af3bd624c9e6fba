"""Protections of first runs: what they have written before the first sync tokens, and the STATEs that say so."""

from scripts.mutations.mutation import Mutation

TESTS = ("tests/sync/test_killed_first_runs.py",)

FIRST_RUNS = (
    Mutation(
        "in an increment no read resumes between two lists that hold a changed task",
        "tap_asana/tasks/traversal.py",
        "if is_increment or not _is_in_projects_only(task):",
        "if not _is_in_projects_only(task):",
        ("tests/sync/test_departing_newcomers.py",),
    ),
    Mutation(
        "the state names the projects as soon as they are written",
        "tap_asana/sync/session.py",
        'self.parents.keep("project")',
        "pass",
        TESTS,
    ),
    Mutation(
        "a missing project without a sync token is requested",
        "tap_asana/sync/missing_projects.py",
        "missing -= set(followed) if have_own_events",
        "missing -= state.keys if have_own_events",
        TESTS,
    ),
    Mutation(
        "a missing project without a sync token is named if it still exists",
        "tap_asana/sync/missing_projects.py",
        "elif have_own_events:",
        "elif False:",
        TESTS,
    ),
    Mutation(
        "a project that was only listed by a killed run is looked for",
        "tap_asana/sync/missing_projects.py",
        'if self._session.parents.are_known("project", workspace):',
        "if self._session.has_read_before(workspace):",
        TESTS,
    ),
    Mutation(
        "a STATE follows the projects of a first run before the sync tokens are requested",
        "tap_asana/sync/missing_projects.py",
        "if is_first and PROJECTS in self._session.completed:",
        "if False:",
        TESTS,
    ),
    Mutation(
        "a STATE has the first sync tokens before anything else is written",
        "tap_asana/sync/missing_projects.py",
        "        if is_first:",
        "        if False:",
        TESTS,
    ),
    Mutation(
        "a first run whose source of deletions fails has its start as the bookmark",
        "tap_asana/sync/deletions.py",
        "elif unavailable is None or not self._has_rows(workspace):",
        "elif unavailable is None:",
        TESTS,
    ),
    Mutation(
        "the time without the first sync token of a project is kept",
        "tap_asana/sync/missed_events.py",
        "        tokens.expect(gid, start)",
        "        pass",
        TESTS,
    ),
    Mutation(
        "a forced STATE takes nothing from the share of the others",
        "tap_asana/sync/writer.py",
        "        if not is_due:\n",
        "        if False:\n",
        ("tests/unit/test_writer.py", *TESTS),
    ),
    Mutation(
        "a first read by search keeps the users and tags whose tasks it lists",
        "tap_asana/tasks/gap_lists.py",
        "        people = prior.new_by_lists()",
        "        people = () if prior.is_first_read else prior.new_by_lists()",
        ("tests/sync/test_new_users_and_tags.py",),
    ),
)
