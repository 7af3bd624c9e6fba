"""Estimate the requests of a first run, from a survey and from the lists that each selected stream is read from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tap_asana.api.rate_limit import ENDPOINT_LIMITS
from tap_asana.api.refusals import FREE_PLAN_PER_MINUTE
from tap_asana.commands.check.probe import WorkspaceProbe
from tap_asana.commands.check.sample import Survey
from tap_asana.limits import Limits
from tap_asana.parents.kinds import ORGANIZATIONS_ONLY, PARENT_LISTS, list_kind, parent_kind
from tap_asana.streams.audit import AuditLogEvents, Deletions
from tap_asana.sync.stream import AsanaStream
from tap_asana.tasks.events import ATTACHMENTS, CHILD_PATHS, INLINE, STORIES, TASKS, TIME
from tap_asana.tasks.lanes import ALL_BUT_ATTACHMENTS
from tap_asana.tasks.methods import EXPORT, LIST, SEARCH
from tap_asana.tasks.project_counts import MAX_PROJECTS

EXTRACTION_METHODS = (LIST, SEARCH, EXPORT)

REQUESTS_PER_COMPARISON = 2
"""Searches that show whether searches find all kinds of tasks, if they do."""

SEARCHES_FOR_LINKS = 1
"""Searches that show whether searches find all tasks with attachments, if they do; few lists follow."""

SEARCHES_PER_EXPORT = 1
"""Searches that an export's file is compared with, if they show all kinds of tasks."""

COUNTED_TASKS = 3
"""Tasks with the most stories, or attachments, in that file that are counted in Asana; mostly there are so few."""

REQUESTS_PER_EXPORT = 10
"""Assumed requests of an export itself: one starts it, the others poll its job and download the file."""

TASK_TREE_STREAMS = frozenset({TASKS, *CHILD_PATHS})

TASK_LIST_KINDS: Mapping[str, frozenset[str]] = {
    LIST: frozenset({"project", "user", "tag"}),
    SEARCH: frozenset({"project", "user"}),
    EXPORT: frozenset({"project"}),
}
"""Kinds of parents whose task lists, or numbers of tasks, each method requests."""


@dataclass(frozen=True, slots=True)
class RunCost:
    """The requests of a run, its searches among them, and the requests allowed per minute."""

    requests: float
    searches: float = 0.0
    requests_per_minute: float = 1.0

    @property
    def minutes(self) -> float:
        """Return the duration; searches have a rate limit of their own besides the general one."""
        return max(self.requests / self.requests_per_minute, self.searches / ENDPOINT_LIMITS["search"])


def first_run(
    survey: Survey,
    streams: Collection[AsanaStream],
    method: str,
    max_requests_per_minute: float,
    number_of_tokens: int = 1,
    *,
    only_announced: bool = False,
) -> RunCost:
    """Estimate a first run in a workspace by a method available there.

    `max_requests_per_minute` is the rate that the settings and Asana's latency allow. With `only_announced`, lists of
    attachments are requested of tasks with a sign of one.
    """
    task_streams = {stream.name for stream in streams} & TASK_TREE_STREAMS
    base_requests = _all_lists(survey.probe, streams, method) + sum(_log(survey.probe, stream) for stream in streams)
    task_cost = _task_tree(survey, task_streams, method, only_announced=only_announced) if task_streams else RunCost(0)
    rate = max_requests_per_minute
    if survey.probe.is_on_free_plan:
        rate = min(rate, FREE_PLAN_PER_MINUTE * number_of_tokens)
    return RunCost(base_requests + task_cost.requests, task_cost.searches, rate)


def effective_method(probe: WorkspaceProbe, method: str, *, archived: bool) -> str:
    """Return the method that a run uses in a workspace for a setting, as `tasks.strategy` chooses it."""
    if not archived:
        return LIST
    if method == EXPORT and probe.may_export:
        return EXPORT
    return LIST if method == LIST or not probe.has("search") else SEARCH


def _all_lists(probe: WorkspaceProbe, streams: Collection[AsanaStream], method: str) -> float:
    """Count the lists that the streams are read from and the lists of their parents, each list once."""
    required_fields: dict[str, str | None] = {}
    for stream in streams:
        if not isinstance(stream, (Deletions, AuditLogEvents)):
            for path in stream.list_paths().keys() - set(PARENT_LISTS["workspace"]):
                required_fields.setdefault(path, stream.requires_field.get(parent_kind(path)))
    kinds = {"project" if kind == "project_brief" else kind for kind in map(parent_kind, required_fields)}
    if any(stream.name in TASK_TREE_STREAMS for stream in streams):
        kinds |= TASK_LIST_KINDS[method]
    for kind in kinds & probe.lists.keys():
        required_fields.setdefault(PARENT_LISTS[kind][0], None)
    return sum(_requests_of_list(probe, path, field) for path, field in required_fields.items())


def _requests_of_list(probe: WorkspaceProbe, path: str, required_field: str | None) -> float:
    """Count the requests of a list: its pages in a workspace, or one for each parent with the required field."""
    kind, parent = list_kind(path), parent_kind(path)
    if kind in ORGANIZATIONS_ONLY and not probe.workspace.is_organization:
        return 0
    if parent == "workspace":
        return pages(probe.count(kind)) if kind is not None and kind in probe.lists else 1
    if parent == "shared_portfolio":
        return 1
    if parent == "project_brief":
        parent, required_field = "project", "project_brief"
    parents = probe.lists[parent].parents
    return sum(1 for parent in parents if required_field is None or parent.attributes.get(required_field))


def _log(probe: WorkspaceProbe, stream: AsanaStream) -> float:
    """Count the first requests of a log stream in a workspace; 0 for any other stream."""
    if isinstance(stream, AuditLogEvents):
        return 1
    if not isinstance(stream, Deletions):
        return 0
    return 1 if probe.has("audit log") else 2 + probe.count("project")


def _task_tree(survey: Survey, streams: Collection[str], method: str, *, only_announced: bool) -> RunCost:
    """Count the requests for tasks and their selected children."""
    probe, sample, tasks = survey.probe, survey.sample, survey.tasks
    with_time = sample.with_time if probe.has("time tracking") else 0.0
    if method == EXPORT:
        requests = _export(probe, streams) + (tasks * with_time if TIME in streams else 0.0)
        return RunCost(requests, SEARCHES_PER_EXPORT)
    lists = probe.count("project") * sample.pages_per_project + probe.count("user") * sample.pages_per_user
    with_lists = sample.with_attachments if only_announced else 1.0
    request_share = {STORIES: 1.0, ATTACHMENTS: with_lists, TIME: with_time}
    if method == LIST:
        children = sum(tasks * request_share[name] for name in streams if name in request_share)
        return RunCost(lists + probe.count("tag") + tasks * sample.with_subtasks + children)
    attachments = tasks * sample.with_attachments if ATTACHMENTS in streams else 0.0
    children = sum(tasks * request_share[name] for name in streams if name in ALL_BUT_ATTACHMENTS)
    subtasks = tasks - survey.top_level_tasks
    # A search ends with a request that returns nothing new, so it takes one more request than it has pages.
    searches = (
        REQUESTS_PER_COMPARISON
        + 2
        + (pages(subtasks) + 1)
        + 2
        + (pages(attachments) + 1 + SEARCHES_FOR_LINKS if ATTACHMENTS in streams else 0)
    )
    return RunCost(lists + searches + children + attachments, searches)


def _export(probe: WorkspaceProbe, streams: Collection[str]) -> float:
    """Count the requests of an export, and those that its file is compared with."""
    counts = min(MAX_PROJECTS, probe.count("project"))
    children = COUNTED_TASKS * len({*INLINE}.intersection(streams))
    return REQUESTS_PER_EXPORT + counts + SEARCHES_PER_EXPORT + children


def pages(rows: float) -> float:
    """Return the requests that a list of this many rows takes; an empty list takes one."""
    return max(1.0, -(-rows // Limits.max_search_tasks))
