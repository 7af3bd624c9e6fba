"""Protections against answers that show less than they seem to: refused samples, unreadable values, null rows."""

from scripts.mutations.mutation import Mutation

SAMPLES = ("tests/sync/test_refused_samples.py",)

ANSWERS = (
    Mutation(
        "a refused sample of a hint shows nothing",
        "tap_asana/parents/hints.py",
        "not self.means_nothing or request.description in self.refused",
        "not self.means_nothing",
        SAMPLES,
    ),
    Mutation(
        "null is not believed if all samples of a hint are refused",
        "tap_asana/parents/hints.py",
        "not self.has_any and len(self.refused) < self.requests",
        "not self.has_any",
        SAMPLES,
    ),
    Mutation(
        "a sample of a hint outside the plan shows that nothing is below",
        "tap_asana/parents/hints.py",
        "page.unavailable is not None and not page.is_not_in_plan)",
        "page.unavailable is not None)",
        SAMPLES,
    ),
    Mutation(
        "a refused project whose brief is unknown blocks the version of the files of briefs",
        "tap_asana/parents/directory.py",
        "filter(None, (refusal, self.unavailable_reason",
        "filter(None, (None, self.unavailable_reason",
        SAMPLES,
    ),
    Mutation(
        "null minutes are not believed if no task of an entry is shown",
        "tap_asana/tasks/time_hint.py",
        "if seen and not tasks:",
        "if False:",
        SAMPLES,
    ),
    Mutation(
        "the day of an entry is read again if its task is refused",
        "tap_asana/sync/recent_entries.py",
        "for batch in scope.undecided:",
        "for batch in ():",
        SAMPLES,
    ),
    Mutation(
        "410 for a project that is not listed any more means that it is deleted",
        "tap_asana/sync/deletion_records.py",
        "elif page.unavailable.status in GONE_STATUSES:",
        "elif page.unavailable.status == HTTPStatus.NOT_FOUND:",
        ("tests/sync/test_departed_projects.py",),
    ),
    Mutation(
        "a project that is not listed any more and that Asana refuses is named in a warning",
        "tap_asana/sync/deletion_records.py",
        "elif not page.unavailable.is_failure:",
        "elif page.unavailable.is_permanent:",
        ("tests/sync/test_departed_projects.py",),
    ),
    Mutation(
        "only true says that a list has archived projects",
        "tap_asana/parents/archived_projects.py",
        'record.get("archived") is True',
        'record.get("archived")',
        ("tests/sync/test_incomplete_lists.py",),
    ),
    Mutation(
        "a page of null rows does not end a log",
        "tap_asana/api/attempts.py",
        "request.stop_on_empty_page and not response.row_count",
        "request.stop_on_empty_page and not response.records",
        ("tests/sync/test_audit_log.py",),
    ),
    Mutation(
        "an interrupted read of a log resumes at its last entry",
        "tap_asana/sync/readers.py",
        "if position else None",
        "if position and not position else None",
        ("tests/sync/test_audit_log.py",),
    ),
)
