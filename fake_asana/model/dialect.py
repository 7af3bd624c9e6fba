"""Choices for questions that Asana's documentation leaves open: one field for each question."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from fake_asana.model.breakage import Breakage


@dataclass(frozen=True)
class ExportForm:
    """The form of export files and of their downloads.

    `array` writes one JSON array, `byte_order_mark` starts the file with one, `blank_lines` surrounds each line with
    blank lines, and `lines_per_member` splits the file into gzip members (0: a single member). A finished job has no
    export for its first `incomplete_views` views, and an export without an address for as many more.

    `sends_length` sends a Content-Length. The first `cut_downloads` downloads end after `members_if_cut` members; their
    Content-Length is that of the whole file, or with `true_length` that of the part. `reorders` shuffles the rows
    again for each download. Every second line omits `missing_fields`, even if they were requested.
    """

    array: bool = False
    byte_order_mark: bool = False
    blank_lines: bool = False
    lines_per_member: int = 0
    incomplete_views: int = 0
    sends_length: bool = False
    cut_downloads: int = 0
    members_if_cut: int = 0
    true_length: bool = False
    reorders: bool = False
    missing_fields: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Dialect:
    """One plausible Asana: the defaults are the likeliest answers, and a test replaces those it is about.

    `breakage` corrupts values in answers and exports. `exports` is the form of export files. `deleted_project_events`
    is the status of the event stream of a deleted project: 200 lists its last events.

    `sends_date` sends the header Date, `date_ahead_seconds` ahead of the world's clock. `change_notice` is the text of
    the header Asana-Change; empty sends none.

    `search_rows` is the number of rows of a search without `limit`. With `search_counts_hidden`, tasks invisible to the
    token count against the limit of a search, so its answer can be short although more tasks exist. With
    `search_whole_seconds`, a search compares whole seconds. The index's clock of two tasks in three is
    `search_ahead_seconds` ahead of their `modified_at`. `search_ties` orders tasks of the same instant: at random in
    every answer, or by creation, oldest or newest first. `search_unassigned` decides on `assignee.any=null`: it finds
    unassigned tasks, is ignored, or is answered with 400.

    `nested_resource_type`: opt_fields can name the resource_type of a nested object; it is ignored otherwise.
    `unlisted_fields`: lists return requested fields that only the single record documents. `moves_modify_tasks`: adding
    a task to a project, removing it and moving it between sections change its modified_at; each adds a story in either
    case. `rotates_refresh_tokens`: each refresh returns a new refresh token and revokes the old one. `null_next_page`:
    the last page of a list with `limit` has a null `next_page` instead of none.
    """

    breakage: Breakage | None = None
    exports: ExportForm = field(default_factory=ExportForm)

    deleted_project_events: int = 200
    sends_date: bool = True
    date_ahead_seconds: float = 0.0
    change_notice: str = ""

    search_rows: int = 20
    search_counts_hidden: bool = False
    search_whole_seconds: bool = False
    search_ahead_seconds: int = 0
    search_ties: Literal["any", "first", "last"] = "any"
    search_unassigned: Literal["taken", "ignored", "refused"] = "taken"
    nested_resource_type: bool = True
    unlisted_fields: bool = True
    moves_modify_tasks: bool = False
    rotates_refresh_tokens: bool = False
    null_next_page: bool = True
