"""Answers to questions that Asana's documents leave open: each field is one named choice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from fake_asana.model.breakage import Breakage


@dataclass(frozen=True)
class Exports:
    """Of what form the files of exports are, and how they come.

    `array` makes it one JSON array, `marked` begins it with a byte order mark, `blanks` puts blank lines around each
    line, and `members` is how many lines are in each gzip member (0: one member). For `unnamed` looks a finished job
    has no export, and for as many no address. `sized` sends a Content-Length. The first `cut` downloads come with
    `left` members only. Where the form is `sized`, the length of the whole file is announced, and with `agrees` that of
    what comes. `reordered` makes each download's file anew,
    in another order. `lacking` are fields that one line in two does not have, whatever was asked for.
    """

    array: bool = False
    marked: bool = False
    blanks: bool = False
    members: int = 0
    unnamed: int = 0
    sized: bool = False
    cut: int = 0
    left: int = 0
    agrees: bool = False
    reordered: bool = False
    lacking: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Dialect:
    """One plausible Asana. The defaults are the likeliest answers; a test replaces the ones it is about.

    `date_sent` tells whether answers carry a Date, and `date_ahead` by how many seconds that is ahead of the world's
    clock. `change_notice` is what the header Asana-Change says; no header comes where it is empty.

    `breakage` is what was broken at its source and comes so in answers and exports, if anything was; `exports` is the
    form of their files.

    `names_end` is whether the last page of a list that was asked for with a `limit` has a `next_page`, which is null.
    `deleted_project_events` is the status that the events of a deleted project have: 200 tells its last ones.

    `search_rows` is the number of rows of a search that sends no `limit`. With `search_hides` a search counts the tasks
    that the token may not see against its limit, so that an answer is shorter than the limit though more tasks exist.
    With `search_seconds` a search compares instants in whole seconds. `search_ahead` is by how many seconds the index's
    clock of two tasks in three is newer than their field `modified_at`. `search_ties` is the order of tasks of one
    instant: another one in every answer, or always the task that was made first, or last. `search_unassigned` is what a
    search does with `assignee.any=null`: it takes it for tasks of nobody, ignores it, or answers 400.
    `nested_resource_type` tells whether the resource_type of a nested object can be named; elsewhere that is ignored.
    `unlisted_fields` tells whether fields of a resource that a list does not document come where it is asked for them.
    `moves_modify_tasks` tells whether a task's modified_at moves where the task comes into a project, leaves one, or is
    moved to another section. (The story that tells of it is there either way.)
    `rotates_refresh_tokens` is whether each refresh brings another refresh token, and ends the one it was asked with.
    """

    breakage: Breakage | None = None
    exports: Exports = field(default_factory=Exports)

    deleted_project_events: int = 200
    date_sent: bool = True
    date_ahead: float = 0.0
    change_notice: str = ""

    search_rows: int = 20
    search_hides: bool = False
    search_seconds: bool = False
    search_ahead: int = 0
    search_ties: Literal["any", "first", "last"] = "any"
    search_unassigned: Literal["taken", "ignored", "refused"] = "taken"
    nested_resource_type: bool = True
    unlisted_fields: bool = True
    moves_modify_tasks: bool = False
    rotates_refresh_tokens: bool = False
    names_end: bool = True
