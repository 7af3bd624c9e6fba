"""The lists of the tasks that searches leave out, or may leave out: those of archived projects, and private ones."""

from __future__ import annotations

from collections.abc import Iterator

from typing_extensions import override

from tap_asana.fetch.lane import Key
from tap_asana.parents.kinds import Parent, ProgressByKind
from tap_asana.state.bookmarks import short_hash
from tap_asana.state.search_reach import ARCHIVED_KIND, ASKED, FOUND, MISSING, PRIVATE_KIND, SUBTASK_KIND
from tap_asana.tasks.by_list import ListSource
from tap_asana.tasks.context import TaskSource, TraversalContext
from tap_asana.tasks.methods import PriorSync
from tap_asana.tasks.ownership import TaskOwnership
from tap_asana.tasks.task_lists import ListScope

PRIVATE_LANE, PEOPLE_LANE = "private", "people"

PRIVATE_KINDS = ("user", "tag")
"""The parents whose lists hold tasks outside of all projects."""


class GapSource(ListSource):
    """The lane of lists of tasks that searches leave out."""

    @override
    def progress(self, watermark: Key | None) -> ProgressByKind:
        """Return nothing, because another lane counts the parents of the same kinds."""
        return {}


def gap_sources(context: TraversalContext, prior: PriorSync, ownership: TaskOwnership) -> Iterator[TaskSource]:
    """Yield the lists of the tasks that the searches of a workspace leave out, or may leave out.

    `ownership` is that of the lane that reads projects: a task may move into a project that it has read, and the list
    of a project may be refused.
    """
    if scope := _archived_scope(context, prior):
        yield GapSource(f"archived{archived_mark(context)}", context, scope, prior.start_date)
    are_needed, may_be_new = _needs_private_lists(context), prior.may_have_new_people and not prior.is_first_read
    if are_needed or may_be_new:
        people = prior.new_by_lists()
        name, only = (PRIVATE_LANE, None) if are_needed else (PEOPLE_LANE, people)
        scope = ListScope(kinds=PRIVATE_KINDS, new=people, only=only)
        yield GapSource(name, context, scope, prior.start_date, ownership=ownership)


def needs_lists(context: TraversalContext) -> bool:
    """Return whether searches leave tasks out, or may leave out some that can be listed."""
    leaves_out_subtasks = context.reach.verdict(SUBTASK_KIND) in {ASKED, MISSING}
    return leaves_out_subtasks or _needs_archived_lists(context) or _needs_private_lists(context)


def leaves_to_lists(context: TraversalContext) -> bool:
    """Return whether a read by search leaves tasks to lists, or may have left some that are in an archived project."""
    is_left_out = context.reach.verdict(ARCHIVED_KIND) == MISSING
    return is_left_out or _needs_archived_lists(context) or _needs_private_lists(context)


def _archived_scope(context: TraversalContext, prior: PriorSync) -> ListScope | None:
    """Return the scope of the lists of archived projects, None if there are none, or searches find their tasks.

    A project restored since the last read is listed once more: an index that is late takes it for an archived one.
    """
    if context.reach.verdict(ARCHIVED_KIND) == FOUND:
        return None
    keys = {project.state_key for project in context.directory.parents("project", context.workspace)}
    archived = {project.state_key for project in archived_projects(context)}
    # A project may have been archived between its list and the searches of the last read.
    new = () if prior.is_first_read else context.reach.newly_archived(archived)
    only = archived | context.reach.restored(keys - archived)
    return ListScope(kinds=("project",), new=new, only=only) if only else None


def archived_mark(context: TraversalContext) -> str:
    """Return the end of the names of lanes that depend on which projects are archived, if searches may leave these out.

    If projects are archived or restored before a read resumes, such a lane resumes at no position: its searches left
    out other tasks, or its lists had passed the place of a project.
    """
    if context.reach.verdict(ARCHIVED_KIND) == FOUND:
        return ""
    return f":{short_hash(sorted(project.state_key for project in archived_projects(context)))}"


def _needs_archived_lists(context: TraversalContext) -> bool:
    return context.reach.verdict(ARCHIVED_KIND) != FOUND and bool(archived_projects(context))


def _needs_private_lists(context: TraversalContext) -> bool:
    verdict, directory = context.reach.verdict(PRIVATE_KIND), context.directory
    if verdict is not None:
        return verdict == MISSING
    count = sum(len(directory.parents(kind, context.workspace)) for kind in PRIVATE_KINDS)
    return count <= context.limits.max_uncompared_lists


def archived_projects(context: TraversalContext) -> list[Parent]:
    """Return the projects that are archived, or of which nobody knows whether they are."""
    projects = context.directory.parents("project", context.workspace)
    return [project for project in projects if may_be_archived(project)]


def may_be_archived(project: Parent) -> bool:
    """Return whether a project is archived, or nobody knows whether it is."""
    return project.attributes.get("archived") is not False
