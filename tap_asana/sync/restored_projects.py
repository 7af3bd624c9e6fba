"""Projects that were archived or restored around a read by search, whose tasks its searches may have left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_asana.parents.kinds import PARENT_LISTS
from tap_asana.state.search_reach import ARCHIVED_KIND, FOUND
from tap_asana.tasks.methods import SEARCH
from tap_asana.tasks.recent_tasks import is_settled

if TYPE_CHECKING:
    from tap_asana.parents.kinds import Workspace
    from tap_asana.sync.read_session import ReadSession


def may_hide_tasks(session: ReadSession, workspace: Workspace) -> bool:
    """Return whether searches may have left out tasks of a project that was not archived when projects were listed.

    Somebody may have archived it since, or restored it just before: an index that is late does not know that yet. The
    projects are listed once more, because their time of modification shows both.
    """
    run = session.run
    if run.strategy.method_of(workspace) != SEARCH or session.reach_of(workspace).verdict(ARCHIVED_KIND) == FOUND:
        return False
    requests = [
        run.directory.parent_request("project", path, {"workspace_gid": workspace.gid}, workspace)
        for path in PARENT_LISTS["project"]
    ]
    lists = [run.directory.read_list(request) for request in requests]
    projects = [project for rows, _ in lists for project in rows]
    is_refused = any(refusal is not None for _, refusal in lists)
    return is_refused or not all(is_settled(project, run.start) for project in projects)
