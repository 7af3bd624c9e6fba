"""What a first run will take: requests by method, from what a survey found and what each stream is read from."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from math import hypot, sqrt

from tap_asana.api.rate_limit import ENDPOINT_LIMITS, FREE_PLAN_PER_MINUTE
from tap_asana.commands.check.probe import WorkspaceProbe
from tap_asana.parents.kinds import ORGANIZATIONS_ONLY, PARENT_LISTS, list_kind, parent_kind
from tap_asana.streams.audit import AuditLogEvents
from tap_asana.streams.deletions import Deletions
from tap_asana.sync.stream import AsanaStream
from tap_asana.tasks.by_search import MAX_SEARCH_TASKS
from tap_asana.tasks.events import ATTACHMENTS, CHILD_PATHS, STORIES, TASKS, TIME
from tap_asana.tasks.strategy import ALL_BUT_ATTACHMENTS, EXPORT, LIST, SEARCH

METHODS = (LIST, SEARCH, EXPORT)
EXPORTING = 10
"""Requests that an export is taken to need: one asks for it, the others look whether it is made."""

FAMILY = frozenset({TASKS, *CHILD_PATHS})
WALKED = frozenset({"project", "user"})
"""Kinds of parents that the walk of the tasks takes, whatever the method."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Requests, how many of them are searches, and how many a minute may leave."""

    requests: float
    searches: float = 0.0
    a_minute: float = 1.0

    @property
    def minutes(self) -> float:
        """Return how long they take; searches have an allowance of their own beside the general one."""
        return max(self.requests / self.a_minute, self.searches / ENDPOINT_LIMITS["search"])


def first_run(found: WorkspaceProbe, streams: Collection[AsanaStream], method: str, fastest: float) -> Cost:
    """Return what a first run of some streams takes in a workspace by a method that serves there.

    `fastest` is how many requests a minute the settings and Asana's answers allow.
    """
    names = {stream.name for stream in streams} & FAMILY
    fixed = _lists(found, streams) + sum(_log(found, stream) for stream in streams)
    walked = _walk(found, names, method) if names else Cost(0)
    pace = min(fastest, FREE_PLAN_PER_MINUTE) if is_free(found) else fastest
    return Cost(fixed + walked.requests, walked.searches, pace)


def effective_method(found: WorkspaceProbe, method: str, *, archived: bool) -> str:
    """Return the method that serves in a workspace where another is asked for, as `extraction.choice` does it."""
    if not archived:
        return LIST
    if method == EXPORT and may_export(found):
        return EXPORT
    return LIST if method == LIST or not found.has("search") else SEARCH


def may_export(found: WorkspaceProbe) -> bool:
    """Tell whether the token may be one that exports are for: a service account's, as far as the audit log tells."""
    return found.has("audit log")


def is_free(found: WorkspaceProbe) -> bool:
    """Tell whether the plan is taken for the free one, because it is said not to have search."""
    return found.answers["search"] == HTTPStatus.PAYMENT_REQUIRED


def _lists(found: WorkspaceProbe, streams: Collection[AsanaStream]) -> float:
    """Count the lists that streams are read from, and those of the parents that these hang from, each once."""
    needs: dict[str, str | None] = {}
    for stream in streams:
        if not isinstance(stream, (Deletions, AuditLogEvents)):
            for path in stream.list_paths().keys() - set(PARENT_LISTS["workspace"]):
                needs.setdefault(path, stream.requires_field.get(parent_kind(path)))
    kinds = {"project" if kind == "project_brief" else kind for kind in map(parent_kind, needs)}
    if any(stream.name in FAMILY for stream in streams):
        kinds |= WALKED
    for kind in kinds & found.listed.keys():
        needs.setdefault(PARENT_LISTS[kind][0], None)
    return sum(_list(found, path, need) for path, need in needs.items())


def _list(found: WorkspaceProbe, path: str, need: str | None) -> float:
    kind, parent = list_kind(path), parent_kind(path)
    if kind in ORGANIZATIONS_ONLY and not found.workspace.is_organization:
        return 0
    if parent == "workspace":
        return pages(found.number(kind)) if kind is not None and kind in found.listed else 1
    if parent == "shared_portfolio":
        return 1
    if parent == "project_brief":
        parent, need = "project", "project_brief"
        return sum(1 for each in found.listed["project"].parents if each.attributes.get(need))
    parents = found.listed[parent].parents
    return len(parents) if need is None else sum(1 for each in parents if each.attributes.get(need))


def _log(found: WorkspaceProbe, stream: AsanaStream) -> float:
    """Count what the first read of a log asks in a workspace."""
    if isinstance(stream, AuditLogEvents):
        return 1
    if not isinstance(stream, Deletions):
        return 0
    return 1 if found.has("audit log") else 2 + found.number("project")


def tasks(found: WorkspaceProbe) -> float:
    """Return how many tasks there are, subtasks included, as far as the sample tells."""
    sample = found.sample
    return _tops(found) * (1.0 + sample.subtasks)


def relative_error(found: Iterable[WorkspaceProbe]) -> float:
    """Return by what share of it the number of tasks may be off: twice the standard error of what was drawn."""
    surveys = list(found)
    variance = sum((_error(each) * (1.0 + each.sample.subtasks)) ** 2 for each in surveys)
    return 2.0 * sqrt(variance) / max(1.0, sum(map(tasks, surveys)))


def _error(found: WorkspaceProbe) -> float:
    """Return the standard error of the number of tasks that are no subtasks."""
    return hypot(found.number("project") * found.sample.own_error, found.number("user") * found.sample.lone_error)


def _tops(found: WorkspaceProbe) -> float:
    return (
        found.number("project") * found.sample.tasks_per_project
        + found.number("user") * found.sample.projectless_per_user
    )


def _walk(found: WorkspaceProbe, names: Collection[str], method: str) -> Cost:
    """Count what the walk of the tasks takes for the streams that it serves."""
    sample, every = found.sample, tasks(found)
    timed = sample.timed if found.has("time tracking") else 0.0
    if method == EXPORT:
        return Cost(EXPORTING + (every * timed if TIME in names else 0.0))
    lists = found.number("project") * sample.project_pages + found.number("user") * sample.user_pages
    share = {STORIES: 1.0, ATTACHMENTS: 1.0, TIME: timed}
    if method == LIST:
        hanging = sum(every * share[name] for name in names if name in share)
        return Cost(lists + found.number("tag") + every * sample.parents + hanging)
    attached = every * sample.attached if ATTACHMENTS in names else 0.0
    hanging = sum(every * share[name] for name in names if name in ALL_BUT_ATTACHMENTS)
    below = every - _tops(found)
    # Each search is asked once more than it has pages, to see that nothing new comes.
    searches = 2 + (pages(below) + 1) + 2 + (pages(attached) + 1 if ATTACHMENTS in names else 0)
    return Cost(lists + searches + hanging + attached, searches)


def pages(rows: float) -> float:
    """Return how many requests a list of so many rows takes; an empty one has to be looked at too."""
    return max(1.0, -(-rows // MAX_SEARCH_TASKS))
