"""What earlier runs have read of the tasks of a workspace, for streams that one traversal reads together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tap_asana.parents.kinds import Workspace
from tap_asana.state.bookmarks import Bookmark, SyncWindow
from tap_asana.state.instants import parse_instant
from tap_asana.state.search_reach import ARCHIVED_KIND, FOUND
from tap_asana.sync.cursor import LISTED_FOR_TASKS
from tap_asana.sync.facts import StreamFacts
from tap_asana.sync.read_session import ReadSession
from tap_asana.tasks.gap_lists import may_be_archived
from tap_asana.tasks.methods import LIST, METHODS_BY_REACH, SEARCH, PriorSync
from tap_asana.tasks.owed import Payment


def prior_sync(
    session: ReadSession, workspace: Workspace, window: SyncWindow, streams: Mapping[str, StreamFacts], payment: Payment
) -> PriorSync:
    """Return how far earlier runs have read these streams."""
    cursors = [session.cursor(stream) for stream in streams.values()]
    bookmarks = [cursor.bookmark(workspace) for cursor in cursors]
    starts = [cursor.last_start(workspace) for cursor in cursors]
    runs = [bookmark.run for bookmark in bookmarks]  # FULL_TABLE makes no parent a new one
    for cursor in cursors if _makes_up_for_searches(session, workspace) else ():
        cursor.read_from_start_date(workspace)
    is_covered = all(bookmark.has_read_since(window.begin) for bookmark in bookmarks) and all(starts)

    def new(kinds: Iterable[str]) -> frozenset[str]:
        """Return the state keys of the parents that the last read could not see."""
        found = frozenset(key for kind in kinds for key in session.parents.new(kind, workspace, runs))
        for cursor in cursors if found else ():
            cursor.read_from_start_date(workspace)
        return found

    def new_listed() -> frozenset[str]:
        """Return the state keys of the users and tags that the last read could not see, and no payment has read."""
        found = new(LISTED_FOR_TASKS)
        return found - payment.parents if payment.streams.issuperset(streams) else found

    return PriorSync(
        min((start for start in starts if start), key=parse_instant) if is_covered else None,
        new(["project"]),
        cursors[0].start_date,
        min((bookmark.method or LIST for bookmark in bookmarks), key=METHODS_BY_REACH.index),
        max((bookmark.ended for bookmark in bookmarks if bookmark.ended), key=parse_instant, default=None),
        any(map(_relied_on_index, bookmarks)),
        session.have_searched(workspace),
        new_listed,
        may_have_new_people=session.parents.may_have_new_people(workspace, runs),
    )


def _makes_up_for_searches(session: ReadSession, workspace: Workspace) -> bool:
    """Return whether a read looks further back than to the last one, for what searches have left out."""
    reach = session.reach_of(workspace)
    if reach.is_whole_read_due or not reach.was_compared or reach.verdict(ARCHIVED_KIND) == FOUND:
        return reach.is_whole_read_due
    projects = session.run.directory.parents("project", workspace)
    return bool(reach.newly_archived(each.state_key for each in projects if may_be_archived(each)))


def _relied_on_index(bookmark: Bookmark) -> bool:
    """Return whether the last complete read has searched for the tasks of lists, by an index that is late.

    It did not if it has read lists. An export after a search reads everything. `ended` shows a read by search that
    counts as one by lists, because it could not search for the tasks outside of all lists.
    """
    return not bookmark.was_listed and (bookmark.method == SEARCH or bookmark.ended is not None)
