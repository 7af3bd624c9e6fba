"""The changes that events have named to runs without their stream: nothing names them to a later run with it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial

from tap_asana.parents.kinds import Workspace
from tap_asana.state.instants import parse_instant
from tap_asana.state.resume_points import SyncTokens
from tap_asana.sync.facts import Commit, StreamFacts
from tap_asana.sync.read_session import ReadSession

UNSELECTED = (
    "changes that move no modified_at in %s from %s to %s were missed: runs of that time have not followed %s; they "
    "arrive with the task's next change"
)

logger = logging.getLogger(__name__)


def name_selection_gap(session: ReadSession, deletions: StreamFacts, workspace: Workspace) -> Iterator[Commit]:
    """Warn of what earlier runs have not followed and this one does, and note what this one does not follow.

    Its events are lost for a stream that earlier runs have read. The span ends with the last run that has read events.
    """
    last_read = session.cursor(deletions).bookmark(workspace).value
    if last_read is None or session.limit is not None:
        return
    tokens, unfollowed = SyncTokens(session.state_of(deletions.name), workspace.gid), session.unfollowed(workspace)
    before = tokens.unfollowed
    gaps = {name: since for name, since in before.items() if name not in unfollowed}
    if gaps:
        since = min(gaps.values(), key=parse_instant)
        logger.warning(UNSELECTED, workspace.gid, since, last_read, ", ".join(sorted(gaps)))
    now = {name: before.get(name, last_read) for name in unfollowed}
    if now != before:
        yield Commit(partial(tokens.keep_unfollowed, now))
