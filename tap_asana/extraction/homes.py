"""Which list brings a task that several could bring, so that it is read in one place whatever comes first."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tap_asana.asks import Ask
from tap_asana.decoding import identified, is_instant
from tap_asana.extraction.gids import Gids
from tap_asana.protocol import Record


class Homes:
    """The projects that a walk lists: a task comes with the first of its own, in the order of their gids.

    (A subtask that is met below a task before that comes there: lists leave nothing to a list ahead.)

    So a walk that is taken up again finds each task where it was, or knows that it was read. A task that was modified
    since the first attempt began is left out nowhere: it may have come into its project behind the reader. (Coming
    into a project writes a story, and a story moves the task's clock; facts 3.1.)
    """

    def __init__(self, projects: Iterable[str], refused: Collection[str], until: str) -> None:
        """Take the gids of the projects, those that are known to be refused, and the start of the first attempt."""
        self._projects = {gid: int(gid) for gid in projects}
        self._listed = {gid: number for gid, number in self._projects.items() if gid not in refused}
        self._until = until
        self._read = Gids()
        self._left: dict[int, dict[tuple[object, ...], Ask]] = {}
        # One answer leaves many tasks: what is kept of it is made once.
        self._answered: Ask | None = None
        self._again: dict[tuple[object, ...], Ask] = {}

    def leave(self, home: int, ask: Ask) -> None:
        """Note that an answer left a task to a project, which may still turn out to be refused."""
        if home in self._read:
            return
        if ask is not self._answered:
            first = ask.at(None)
            self._answered = ask
            self._again = {(first.path, tuple(sorted(first.params.items()))): first}
        self._left.setdefault(home, {}).update(self._again)

    def finish(self, gid: str) -> None:
        """Note that a project was read to its end: it brought what was left to it."""
        self._read.add(int(gid))
        self._left.pop(int(gid), None)

    def refuse(self, gid: str) -> list[Ask]:
        """Note that a project cannot be read; return what has to be asked again, since it left tasks to it."""
        self._listed.pop(gid, None)
        return list(self._left.pop(int(gid), {}).values())

    def home(self, task: Record, only: Collection[str] | None = None) -> int | None:
        """Return the project that brings a task, be it one of `only` some; None where no project does."""
        gids = [project["gid"] for project in _projects(task)]
        listed = [self._listed[gid] for gid in gids if gid in self._listed and (only is None or gid in only)]
        return min(listed, default=None) if self._is_unmoved(task) else None

    def shut_out(self, task: Record) -> bool:
        """Tell whether a task is only in projects that this walk is not about."""
        projects = _projects(task)
        return bool(projects) and not any(project["gid"] in self._projects for project in projects)

    def _is_unmoved(self, task: Record) -> bool:
        modified: str | None = task.get("modified_at")
        return modified is not None and is_instant(modified) and modified < self._until


def _projects(task: Record) -> list[Record]:
    """Return the projects that a task names."""
    named = task.get("projects")
    return identified(named)[0] if isinstance(named, list) else []
