"""The extraction methods, and what earlier runs have read by them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

LIST, SEARCH, EXPORT, AUTO = "list", "search", "export", "auto"

METHODS_BY_REACH = (LIST, SEARCH, EXPORT)
"""The methods, those that find fewer tasks first: lists miss tasks without project, tag, parent and listed assignee,
and only service accounts, which see everything, have exports."""


@dataclass(frozen=True, slots=True)
class PriorSync:
    """The results of earlier runs in a workspace.

    `bookmark`: the start of the last complete read, None if there is none.
    `new_projects`: the state keys of the projects that the token could not see then; they are read from `start_date`.
    `method`: the method of the last complete read, None if it is not known.
    `ended`: the end of the last complete read, None if its searches left no tasks to lists or to the next read.
    `relied_on_index`: whether the last complete read of any of these streams has searched for the tasks of lists.
    `have_searched`: whether the last complete read of any stream counts as one by search, also of those left out now.
    `new_by_lists`: returns the state keys of new users and tags, and lists these for it; a read by search calls it only
    if searches leave out tasks, or with `may_have_new_people`: if state shows users or tags whose tasks are unread.
    """

    bookmark: str | None
    new_projects: Collection[str] = ()
    start_date: str | None = None
    method: str | None = None
    ended: str | None = None
    relied_on_index: bool = False
    have_searched: bool = False
    new_by_lists: Callable[[], Collection[str]] = frozenset
    may_have_new_people: bool = False

    @property
    def is_first_read(self) -> bool:
        """Return whether nothing was read before."""
        return self.bookmark is None

    def is_widened_by(self, method: str) -> bool:
        """Return whether a method finds tasks that the last read could not find."""
        is_wider = METHODS_BY_REACH.index(method) > METHODS_BY_REACH.index(self.method or LIST)
        return is_wider and not self.is_first_read

    def noting(self, new_parents: set[str]) -> PriorSync:
        """Return the same results, which add the state keys of new users and tags to a set when these are listed."""

        def new_by_lists() -> Collection[str]:
            state_keys = self.new_by_lists()
            new_parents.update(state_keys)
            return state_keys

        return replace(self, new_by_lists=new_by_lists)
