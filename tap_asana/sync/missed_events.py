"""Events that no read has: the lines on them, and what the state keeps of the projects that they belong to."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

from tap_asana.state.instants import format_instant, look_back, parse_instant
from tap_asana.state.resume_points import SyncTokens
from tap_asana.sync.deletion_records import DepartedProject
from tap_asana.sync.reader import LOG_LOOKBACK_SECONDS
from tap_asana.tasks.events import TASKS, Batch, value_of

MISSED_DELETIONS = "deletions in %s from %s to %s were missed: %s"
MISSED_CHANGES = "changes that move no modified_at in %s from %s to %s were missed: %s"

TOO_OLD = "no sync token goes back that far"
UNFOLLOWED = f"{TOO_OLD}; changes of that time without a new modified_at arrive with the task's next change"
DELETED = "the project was deleted, and its events with it"
UNLISTED = "the project is not listed any more; as long as it is not, later ones are missed too"

FIRST_RUN = "the first run"

MAX_GIDS_IN_LOG = 10
"""Gids of projects in one line of the log."""

logger = logging.getLogger(__name__)


def report_missed(starts: Mapping[str, str | None], until: str, reason: str, *, has_log: bool) -> None:
    """Log a line for the resources of each start; None is the first run. An audit log has their deletions.

    Events that came late to the last read are missed too.
    """
    message, by_start = MISSED_CHANGES if has_log else MISSED_DELETIONS, dict[str, list[str]]()
    for gid, start in starts.items():
        begin = format_instant(look_back(parse_instant(start), LOG_LOOKBACK_SECONDS)) if start else FIRST_RUN
        by_start.setdefault(begin, []).append(gid)
    for start, gids in by_start.items():
        logger.warning(message, _some(gids), start, until, reason)


def _some(gids: Sequence[str]) -> str:
    """Return the gids as a line of the log names them, of many only the first."""
    more = f" and {len(gids) - MAX_GIDS_IN_LOG} more" if len(gids) > MAX_GIDS_IN_LOG else ""
    return f"{', '.join(gids[:MAX_GIDS_IN_LOG])}{more}"


def retain_tokens(
    tokens: SyncTokens,
    gids: Collection[str],
    refused_gids: Collection[str],
    departed_gids: Mapping[str, DepartedProject],
    start: str,
    *,
    known_gids: Collection[str],
) -> None:
    """Keep the tokens of these resources, and since when the events of those are unknown that may still exist.

    `known_gids` had a token when the events were read: a project that the run has noted since then stays. A refused one
    may have no token yet, although the run writes what is below it.
    """
    for gid in departed_gids:
        tokens.keep_gap(gid, start)
    for gid in refused_gids:
        tokens.expect(gid, start)
    for gid, project in departed_gids.items():
        if project.status == HTTPStatus.NOT_FOUND:
            tokens.forget_gap(gid)
    kept_gids = {*gids, *(gid for gid, project in departed_gids.items() if project.status is None)}
    tokens.drop(set(known_gids) - kept_gids)


class NewProjects:
    """The projects that came into sight after the sync tokens of a run were requested.

    The next run gets their first tokens, and no event of a task that was written now and deleted before. With
    `are_followed`, the state of the stream `deletions` keeps them for it.
    """

    def __init__(
        self, state: Callable[[], MutableMapping[str, Any]], start: Callable[[], str], *, are_followed: bool
    ) -> None:
        """Note nothing yet; `state` returns, or adds, the state of the stream, and `start` the start of the run."""
        self._start = start
        self._are_followed = are_followed
        self._tokens_of = cache(lambda workspace_gid: SyncTokens(state(), workspace_gid))

    def on_written(self, batch: Batch) -> None:
        """Note the projects of those tasks that are in no project with a sync token."""
        workspace_gid = batch.parent_keys.get("workspace_gid")
        if batch.stream != TASKS or not self._are_followed or workspace_gid is None:
            return
        tokens = self._tokens_of(workspace_gid)
        if not tokens.are_of_projects:
            return
        for task in batch.records:
            gids = list(_project_gids(task))
            if not any(map(tokens.get, gids)):
                for gid in gids:
                    tokens.expect(gid, self._start())


def _project_gids(task: Any) -> Iterator[str]:  # noqa: ANN401 - exports bring objects in place of dictionaries
    """Yield the gids of the projects of a task."""
    projects = value_of(task, "projects")
    for project in projects if isinstance(projects, list) else ():
        gid = value_of(project, "gid")
        if isinstance(gid, str) and gid.isdecimal():
            yield gid
