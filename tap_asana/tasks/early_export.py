"""Exports requested before the lists are read: Asana makes their files meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from tap_asana.tasks.by_export import Export
from tap_asana.tasks.context import ExportUnavailableError, TraversalContext
from tap_asana.tasks.events import Checkpoint
from tap_asana.tasks.lanes import starting_at
from tap_asana.tasks.methods import EXPORT, PriorSync

logger = logging.getLogger(__name__)


def begin_export(context: TraversalContext, prior: PriorSync) -> Iterator[Checkpoint]:
    """Request the export that the read of a workspace will begin with, and yield the position of its job.

    Yields nothing if exports leave tasks out, or if there is none to request yet: if Asana refuses it, the read asks
    once more, and then tries another method. Without a Date header, the changes in responses bound the start of the
    read (law 1), and there are none yet.
    """
    if not context.client.clock_skew.has_date or context.reach.missing_in_exports:
        return
    is_widened = prior.is_widened_by(EXPORT)
    try:
        yield from Export(starting_at(context, prior.start_date) if is_widened else context).begin()
    except ExportUnavailableError as error:
        logger.debug("workspace %s: %s", context.workspace.gid, error)
