"""Choices for questions that Asana's documentation leaves open: one field for each question."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from fake_asana.model.choices import (
    AccessForm,
    ClockForm,
    CursorForm,
    FileForm,
    FreshnessForm,
    PageForm,
    QueryForm,
    ReachForm,
    RefusalForm,
    SearchForm,
    TrackingForm,
    TrashForm,
    open_point,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from dataclasses import Field

    from fake_asana.model.breakage import Breakage

HINTS = ("num_subtasks", "actual_time_minutes", "current_status_update", "project_brief", "is_organization")
"""Fields that say whether a resource has others below it."""

QUIET_FIELDS = ("likes", "followers", "dependencies", "dependents", "num_subtasks")
"""Fields of tasks whose changes Asana's text on modified_at does not name."""


@dataclass(frozen=True)
class ExportForm:
    """The form of export files and of their downloads."""

    array: bool = False
    """Write one JSON array instead of lines."""

    byte_order_mark: bool = False
    """Start the file with a byte order mark."""

    blank_lines: bool = False
    """Surround each line with blank lines."""

    lines_per_member: int = open_point(0, 1, 3)
    """Split the file into gzip members of so many lines; 0 for a single member."""

    incomplete_views: int = open_point(0, 1, 2)
    """Views of a finished job without an export, and then as many without its address."""

    sends_length: bool = False
    """Send a Content-Length."""

    cut_downloads: int = 0
    """Downloads that end after `members_if_cut` members."""

    members_if_cut: int = 0
    true_length: bool = False
    """Announce the length of a cut download instead of that of the whole file."""

    reorders: bool = False
    """Shuffle the rows again for each download."""

    missing_fields: frozenset[str] = open_point(
        frozenset[str](), *(frozenset({name}) for name in ("custom_fields", "html_notes", "num_subtasks", "tags"))
    )
    """Fields missing in every second line, even if they were requested."""


@dataclass(frozen=True)
class ListForm:
    """The order of lists that have pages, and the place of rows at the ends of their pages."""

    order: Literal["rank", "shuffled", "name", "changed first", "changed last"] = open_point(
        "rank", "shuffled", "name", "changed first", "changed last"
    )
    """Order of rows: by rank, another one in each read, by name, or by the last change.

    The last three change while a list is read, without a drag.
    """

    delays_first_row: bool = False
    """Leave out the first row of each page but the last, and begin the next page with it."""


@dataclass(frozen=True)
class LogForm:
    """The form of the event streams and of the audit log."""

    late_seconds: int = open_point(0, 50, 600)
    """Age of events before a stream has them; until then its sync tokens do not pass them either."""

    repeats_entries: bool = False
    """List each entry of the audit log twice."""

    reverses_pages: bool = False
    """List each page of the audit log with the newest entry first."""


def plausible_values(question: Field[Any]) -> Sequence[Any]:
    """Return the values of a field of Dialect from which simulations draw."""
    if isinstance(question.default, bool):
        return (False, True)
    values: Sequence[Any] = question.metadata.get("values", ())
    return values


@dataclass(frozen=True)
class Dialect:
    """One plausible Asana: the defaults are the likeliest answers, and a test replaces those it is about."""

    breakage: Breakage | None = None
    """Corruption of values in answers and exports."""

    exports: ExportForm = field(default_factory=ExportForm)
    lists: ListForm = field(default_factory=ListForm)
    logs: LogForm = field(default_factory=LogForm)
    clocks: ClockForm = field(default_factory=ClockForm)
    access: AccessForm = field(default_factory=AccessForm)
    trash: TrashForm = field(default_factory=TrashForm)
    searches: SearchForm = field(default_factory=SearchForm)
    pages: PageForm = field(default_factory=PageForm)
    refusals: RefusalForm = field(default_factory=RefusalForm)
    tracking: TrackingForm = field(default_factory=TrackingForm)
    freshness: FreshnessForm = field(default_factory=FreshnessForm)
    queries: QueryForm = field(default_factory=QueryForm)
    reach: ReachForm = field(default_factory=ReachForm)
    cursors: CursorForm = field(default_factory=CursorForm)
    files: FileForm = field(default_factory=FileForm)
    deleted_project_events: int = open_point(200, 403, 404)
    """Status of the event stream of a deleted project: 200 lists its last events."""

    sends_date: bool = True
    """Send the header Date."""

    date_ahead_seconds: float = open_point(0.0, -40.0, 40.0, 3000.0)
    """Lead of the header Date over the world's clock."""

    change_notice: str = ""
    """Text of the header Asana-Change; empty sends none."""

    search_rows: int = open_point(20, 50, 100)
    """Rows of a search without `limit`."""

    search_counts_hidden: bool = False
    """Count tasks invisible to the token against the limit, so that an answer is short although more tasks exist."""

    search_whole_seconds: bool = False
    """Compare instants in whole seconds."""

    search_ahead_seconds: int = open_point(0, 5, 3600)
    """Lead of the index's clock over `modified_at`, for two tasks in three."""

    search_ties: Literal["any", "first", "last"] = open_point("any", "first", "last")
    """Order of tasks of the same instant: random in every answer, or oldest or newest first."""

    search_unassigned: Literal["taken", "ignored", "refused"] = open_point("taken", "ignored", "refused")
    """Answer to `assignee.any=null`: unassigned tasks, all tasks, or 400."""

    search_not_unassigned: bool = False
    """Leave out unassigned tasks where `assignee.not` excludes people."""

    search_attachments: Literal["all", "uploads"] = open_point("all", "uploads")
    """Files that `has_attachment` of a search knows: all, or those that Asana stores."""

    search_archived: bool = True
    """Find tasks all of whose projects are archived, and their subtasks."""

    search_subtasks: Literal["found", "asked", "never"] = open_point("found", "asked", "never")
    """Find subtasks in every search, only in one that asks for them by `is_subtask`, or in none."""

    search_private: Literal["found", "own", "never"] = open_point("found", "own", "never")
    """Find tasks outside of all projects, and their subtasks: all, those assigned to the token's user, or none."""
    exports_subtasks: bool = True
    """Export the subtasks of tasks."""

    exports_projectless: bool = True
    """Export top-level tasks without a project."""

    exported_rows: int = open_point(0, 5)
    """Stories, and attachments, in an export at most for each task, the oldest ones; 0 for all."""

    nested_resource_type: bool = True
    """Return the resource_type of a nested object if opt_fields name it."""

    unlisted_fields: bool = True
    """Return requested fields in lists although only the single record documents them."""

    moves_modify_tasks: bool = False
    """Change modified_at if a task is added to a project, removed from it or moved between sections.

    Each of these adds a story in either case.
    """

    also_modify: frozenset[str] = open_point(
        frozenset[str](), frozenset(QUIET_FIELDS), *(frozenset({name}) for name in QUIET_FIELDS)
    )
    """Fields whose changes move modified_at, although Asana's text does not name them."""

    assignee_lists_subtasks: bool = True
    """List subtasks with the tasks of an assignee."""

    tag_lists_subtasks: bool = True
    """List subtasks with the tasks of a tag."""

    expired_words: str = open_point(
        "offset: Your pagination token has expired.", "offset: Bad pagination cursor", "The page is no longer available"
    )
    """Message of the 400 for an expired page token."""

    audit_lag_minutes: int = open_point(0, 20)
    """Minutes until every second entry appears in the audit log, behind newer ones."""

    repeats_events: bool = False
    """List each event twice, and in disorder."""

    empty_event_pages: bool = False
    """Begin a stream of several events with a page without any, and more to come."""

    stale_without_sync: bool = False
    """Answer a missing or stale sync token without a new one."""

    filter_counts_moves: bool = False
    """Let `modified_since` find tasks that were moved or liked since, even if their modified_at stands still.

    Asana documents the filter so ("associations between it and other objects"), and the field otherwise.
    """

    lists_untitled_sections: bool = True
    """List the tasks of a project's first section, which people need not have made.

    Asana's text on the list of a section is about boards only.
    """

    rotates_refresh_tokens: bool = False
    """Return a new refresh token with each refresh, and revoke the old one."""

    null_next_page: bool = True
    """Send a null `next_page` on the last page of a list with `limit`, instead of none."""

    nameless_pages: Literal["none", "task templates", "all"] = open_point("none", "task templates", "all")
    """Lists with `limit` that never name their next page: Asana documents none for task templates."""

    lists_archived: bool = True
    """List archived projects to a request that does not name `archived`."""

    unknown_hints: frozenset[str] = open_point(
        frozenset[str](), frozenset(HINTS), *(frozenset({hint}) for hint in HINTS)
    )
    """Hints that lists withhold; single records return the brief of a project, which no list holds, and no other."""

    unknown_hints_are_null: bool = True
    """Return null for withheld hints, instead of leaving them out."""

    repeats_last_row: bool = False
    """Begin each further page with the last row of the page before."""

    def withhold_hints(self, record: dict[str, object], *, is_listed: bool = True) -> dict[str, object]:
        """Return a record without the hints that this Asana does not give."""
        withheld = self.unknown_hints if is_listed else self.unknown_hints - {"project_brief"}
        if withheld.isdisjoint(record):
            return record
        if self.unknown_hints_are_null:
            return {name: None if name in withheld else value for name, value in record.items()}
        return {name: value for name, value in record.items() if name not in withheld}
