"""The people of a workspace whose names must not appear in texts."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from tap_asana.api.decoding import nested_object
from tap_asana.parents.directory import ParentDirectory
from tap_asana.parents.kinds import MEMBERSHIPS_PATH, PARENT_LISTS, Workspace

logger = logging.getLogger(__name__)


def people_of(directory: ParentDirectory, workspace: Workspace) -> Iterator[Mapping[str, Any]]:
    """Yield the gids, names and addresses of a workspace's users, then of its members who have left.

    The lists are fetched even if a stream reads them too: names must be known before the first record is written.
    """
    (path,) = PARENT_LISTS["user"]
    users, refusal = directory.read_list(directory.build_request("users", path, {}, ("name", "email"), workspace))
    directory.store("user", path, workspace, users, refusal)
    yield from users
    memberships, other_refusal = directory.read_list(
        directory.build_request("people", MEMBERSHIPS_PATH, {}, ("user.name",), workspace)
    )
    yield from (nested_object(membership, "user") for membership in memberships)
    for page in filter(None, (refusal, other_refusal)):
        logger.warning(
            "workspace %s: not all people could be listed (%s); texts may still contain names of unknown people",
            *(workspace.gid, page.unavailable.status if page.unavailable else "truncated"),
        )
