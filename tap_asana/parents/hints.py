"""Hints: fields of parents that show whether anything is below them (law 10)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from tap_asana.api.decoding import Record
from tap_asana.api.request import Page, Request, more_severe
from tap_asana.parents.kinds import Parent, Workspace, evenly_spaced

MAX_SAMPLE = 10
"""Parents that are requested to learn what a hint means that is null for all of them."""

BRIEF_HINT, PROJECT_PATH = "project_brief", "/projects/{project_gid}"

MISLEADING = "%s: Asana leaves %s empty in workspace %s although there is something; everything is requested"
UNSHOWN = "%s: Asana leaves %s empty in workspace %s and refuses all that could show why; everything is requested"

BuildRequest = Callable[[Parent], Request]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Sample:
    """What requests for parents show of a hint that is null for all: which are refused, and whether one has anything.

    If Asana refuses all of them, nothing is known.
    """

    requests: int
    refused: frozenset[str]
    has_any: bool

    @property
    def means_nothing(self) -> bool:
        """Return whether null stands for nothing, below all parents but the refused ones."""
        return not self.has_any and len(self.refused) < self.requests

    def is_unknown(self, request: Request) -> bool:
        """Return whether something may be below the parent of a request."""
        return not self.means_nothing or request.description in self.refused


class ChildHints:
    """Decides below which parents something may be, by a hint of each.

    A value says that there is something, 0 or false that there is nothing. A missing hint, or an empty text, list or
    object, says nothing. Null stands for nothing if another parent in the workspace has a value; if none has, some
    parents are requested to learn it. Those of them that Asana refuses show nothing, and count as having no hint.
    """

    def __init__(self, pages: Callable[[Iterable[Request]], Iterator[Page]], on_loss: Callable[[], None]) -> None:
        """Know nothing yet; `pages` reads lists, and `on_loss` is called if rows cannot be found."""
        self._pages = pages
        self._on_loss = on_loss
        self._samples: dict[tuple[str, str, str], _Sample] = {}
        self._briefs: dict[str, tuple[list[Record], Page | None]] = {}

    def likely_parents(
        self, parents: Sequence[Parent], hint: str, workspace: Workspace, request: BuildRequest
    ) -> list[Parent]:
        """Return the parents that may have children, in their order; `request` builds the request for those of one."""
        unknown = {parent.gid for parent in self._unknown(parents, hint, workspace, request, _has_rows)}
        return [parent for parent in parents if parent.attributes.get(hint) or parent.gid in unknown]

    def briefs(
        self, projects: Sequence[Parent], workspace: Workspace, request: BuildRequest
    ) -> tuple[list[Record], Page | None]:
        """Return the briefs of projects, which have no list: each is a field of its project.

        The page is that of a refused project whose brief is unknown, or None.
        """
        if workspace.gid not in self._briefs:
            unknown = self._unknown(projects, BRIEF_HINT, workspace, request, _has_brief)
            pages = list(self._pages(map(request, unknown)))
            found = [brief for page in pages for brief in _briefs_of(page)]
            records = [record for page in pages for record in page.records]
            if records and not any(BRIEF_HINT in record for record in records):
                self._on_loss()
                logger.warning(
                    "project_briefs: Asana returns no %s in workspace %s, so no brief can be found",
                    *(BRIEF_HINT, workspace.gid),
                )
            known = filter(None, (project.attributes.get(BRIEF_HINT) for project in projects))
            self._briefs[workspace.gid] = [*known, *found], reduce(more_severe, pages, None)
        return self._briefs[workspace.gid]

    def _unknown(
        self,
        parents: Sequence[Parent],
        hint: str,
        workspace: Workspace,
        request: BuildRequest,
        has_children: Callable[[Page], bool],
    ) -> list[Parent]:
        """Return the parents whose hint says nothing."""
        missing = [parent for parent in parents if _says_nothing(parent.attributes.get(hint, ""))]
        nulls = [parent for parent in parents if parent.attributes.get(hint, 0) is None]
        if not nulls or any(parent.attributes.get(hint) for parent in parents):
            return missing
        sample = [replace(request(parent), is_probe=True) for parent in evenly_spaced(nulls, MAX_SAMPLE)]
        key = (sample[0].stream, sample[0].label, workspace.gid)
        if key not in self._samples:
            pages = list(self._pages(sample))
            unknown = (page for page in pages if page.unavailable is not None and not page.is_not_in_plan)
            refused = frozenset(page.request.description for page in unknown)
            has_any = any(page.truncated or has_children(page) for page in pages)
            self._samples[key] = _Sample(len(sample), refused, has_any=has_any)
            _log(sample[0], hint, workspace, len(nulls), self._samples[key])
        found = self._samples[key]
        return [*missing, *(each for each in nulls if found.is_unknown(request(each)))]


def _says_nothing(value: object) -> bool:
    return isinstance(value, str | list | dict) and not value


def _has_rows(page: Page) -> bool:
    return bool(page.records)


def _has_brief(page: Page) -> bool:
    return any(_briefs_of(page))


def _briefs_of(page: Page) -> Iterator[Record]:
    return filter(None, (record.get(BRIEF_HINT) for record in page.records))


def _log(request: Request, hint: str, workspace: Workspace, count: int, found: _Sample) -> None:
    """Say what the sample showed; without a rest nothing is left to say."""
    if not found.means_nothing:
        logger.warning(MISLEADING if found.has_any else UNSHOWN, request.stream, hint, workspace.gid)
    elif found.requests < count:
        logger.info(
            "%s: Asana leaves %s empty in workspace %s; %d of %d were requested and have nothing",
            *(request.stream, hint, workspace.gid, found.requests, count),
        )
