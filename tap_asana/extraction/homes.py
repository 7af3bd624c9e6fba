"""Which list brings a task that several could bring, so that it is read in one place whatever comes first."""

from __future__ import annotations

from collections.abc import Iterable

from tap_asana.protocol import Record


class Homes:
    """The projects that a walk lists: a task comes with the first of its own, in the order of their gids.

    So a walk that is taken up again finds each task where it was, or knows that it was read. A task that was modified
    since the first attempt began is left out nowhere: it may have come into its project behind the reader. (Coming
    into a project writes a story, and a story moves the task's clock; facts 3.1.)
    """

    def __init__(self, listed: Iterable[str], until: str) -> None:
        """Take the gids of the projects and the start of the first attempt."""
        self._listed = {gid: int(gid) for gid in listed}
        self._until = until

    def drop(self, gid: str) -> None:
        """Note that a project cannot be read: it brings nothing."""
        self._listed.pop(gid, None)

    def home(self, task: Record) -> int | None:
        """Return the project that brings a task; None where no project does."""
        projects = task.get("projects") or ()
        listed = [self._listed[project["gid"]] for project in projects if project["gid"] in self._listed]
        return min(listed, default=None) if self._is_unmoved(task) else None

    def shut_out(self, task: Record) -> bool:
        """Tell whether a task is only in projects that are not listed."""
        projects = task.get("projects") or ()
        return bool(projects) and not any(project["gid"] in self._listed for project in projects)

    def _is_unmoved(self, task: Record) -> bool:
        modified: str | None = task.get("modified_at")
        return modified is not None and modified < self._until
