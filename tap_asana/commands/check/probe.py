"""What a workspace is found to have: which features answer, and how many things others hang from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from tap_asana.api.request import Page, Request
from tap_asana.commands.check.budget import RequestBudget
from tap_asana.commands.check.sample import Sample, take_sample
from tap_asana.parents.directory import ParentDirectory
from tap_asana.parents.kinds import ORGANIZATIONS_ONLY, PARENT_FIELDS, PARENT_LISTS, Parent, Workspace, attributes_of
from tap_asana.tasks.by_search import BUDGET, PATH

AUDIT_LOG = "/workspaces/{workspace_gid}/audit_log_events"
CATEGORIES = "/time_tracking_categories?workspace={workspace_gid}&is_archived=false"

COUNTED = ("project", "user", "team", "tag", "portfolio", "goal")
"""Kinds that are counted page by page, the first ones first where not all pages can be asked for."""

PLANNED = ("portfolio", "goal")
"""Those of them that a plan can lack."""

LEAST = 3 + len(COUNTED)
"""Requests that a survey takes at the least: three probes, and the first page of each list."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The parents of a kind, as far as they were listed: `cut` where there are more, `status` is the answer's.

    Nothing is `asked` for that the workspace cannot have.
    """

    parents: tuple[Parent, ...] = ()
    cut: bool = False
    status: int = HTTPStatus.OK
    asked: bool = True


@dataclass(frozen=True, slots=True)
class WorkspaceProbe:
    """A workspace; `answers` is the status that each probed feature answered with."""

    workspace: Workspace
    answers: Mapping[str, int]
    listed: Mapping[str, Listed]
    sample: Sample = field(default_factory=Sample)

    def has(self, feature: str) -> bool:
        """Tell whether a feature answers."""
        return self.answers[feature] == HTTPStatus.OK

    def number(self, kind: str) -> int:
        """Return how many of a kind are known."""
        return len(self.listed[kind].parents)

    @property
    def cut(self) -> bool:
        """Tell whether something was not counted to its end."""
        return self.sample.cut or any(found.cut for found in self.listed.values())


def probe_workspaces(
    workspaces: Sequence[Workspace], directory: ParentDirectory, budget: RequestBudget, now: str
) -> list[WorkspaceProbe]:
    """Look at workspaces, LEAST requests or more being there for each, and then into tasks with what is left."""
    found: list[WorkspaceProbe] = []
    for place, workspace in enumerate(workspaces):
        coming = len(workspaces) - place
        # Half of what is not needed is for long lists; without samples, nothing could be said of tasks.
        further = max(0, budget.left - coming * LEAST) // 2 // coming
        found.append(_survey(workspace, directory, budget, further, now))
    weights = [1 + each.number("project") for each in found]
    for place, each in enumerate(found):
        share = budget.left * weights[place] // sum(weights[place:])
        listed = {kind: each.listed[kind].parents for kind in ("project", "user")}
        sample = take_sample(each.workspace, directory, budget, share, listed, search=each.has("search"))
        found[place] = replace(each, sample=sample)
    return found


def _survey(
    workspace: Workspace, directory: ParentDirectory, budget: RequestBudget, further: int, now: str
) -> WorkspaceProbe:
    """Ask for features and lists, and for so many further pages of these at the most."""
    answers = {
        "search": _status(budget.fetch(_search(workspace, now))),
        "audit log": _status(budget.fetch(_first(directory, AUDIT_LOG, workspace))),
        "time tracking": _status(budget.fetch(_first(directory, CATEGORIES, workspace))),
    }
    pages = {kind: [budget.fetch(_list(directory, kind, workspace))] for kind in _kinds(workspace)}
    for found in pages.values():
        while further and (following := found[-1].next_request):
            found.append(budget.fetch(following))
            further -= 1
    listed = {kind: _listed(kind, pages.get(kind, [])) for kind in COUNTED}
    return WorkspaceProbe(workspace, {**answers, **{f"{kind}s": listed[kind].status for kind in PLANNED}}, listed)


def _kinds(workspace: Workspace) -> list[str]:
    return [kind for kind in COUNTED if workspace.is_organization or kind not in ORGANIZATIONS_ONLY]


def _list(directory: ParentDirectory, kind: str, workspace: Workspace) -> Request:
    return directory.build_request(f"{kind}s", PARENT_LISTS[kind][0], {}, PARENT_FIELDS.get(kind, ()), workspace)


def _first(directory: ParentDirectory, path: str, workspace: Workspace) -> Request:
    ask = directory.build_request("check", path, {}, (), workspace)
    return Request(path, ask.path, ask.params, workspace=workspace.gid, limit=1)


def _search(workspace: Workspace, now: str) -> Request:
    """Return an ask for tasks of the future: the cheapest search there is."""
    path, params = PATH.format(workspace_gid=workspace.gid), {"modified_at.after": now, "opt_fields": "modified_at"}
    return Request("search", path, params, workspace=workspace.gid, budget=BUDGET, is_probe=True)


def _status(page: Page) -> int:
    return HTTPStatus.OK if page.unavailable is None else page.unavailable.status


def _listed(kind: str, pages: list[Page]) -> Listed:
    if not pages:
        return Listed(asked=False)
    parents = tuple(Parent(record["gid"], attributes_of(kind, record)) for page in pages for record in page.records)
    return Listed(parents, pages[-1].next_request is not None or pages[-1].truncated, _status(pages[0]))
