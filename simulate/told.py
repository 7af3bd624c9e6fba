"""What the log of a played history tells: the lists that are refused to the end, and the events that are lost.

Each excuse covers what the log names, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from math import inf

from expected_losses import UNDER, gid, unlisted_tasks
from harness import Message

from fake_asana.model.tasks import Task
from fake_asana.server.search import topmost_listed
from simulate.attempt import SECOND_MS
from simulate.comparing import truth_of
from simulate.hardships import PARENTS
from simulate.history import PASSES_PER_PERIOD
from simulate.meanwhile import LISTS_OF_TASKS
from simulate.player import Played
from tap_asana.state.debts import GONE_STATUSES
from tap_asana.state.instants import parse_instant
from tap_asana.sync.missed_events import FIRST_RUN, UNLISTED

ENTRIES = "time_tracking_entries"

STREAM_OF_LIST: Mapping[str, str] = {
    "/tasks/{task_gid}/stories": "stories",
    "/projects/{project_gid}/sections": "sections",
    "/attachments": "attachments",
    "/status_updates": "status_updates",
}
"""The stream that a refused list hides a part of."""

PARAMETERS: Mapping[str, str] = {"/tasks": "project", "/attachments": "parent", "/status_updates": "parent"}
"""The parameters that name the parent of a list."""

GONE = frozenset({"deleted", "purged", "removed"})

UNFOUND_ATTACHMENTS = (
    "those other than uploads may be missing",
    "attachments of tasks read by earlier runs may be",
    "attachments that no story or description announces may be missing",
)

UNLISTED_ENTRIES = "no time entries are listed, so tasks with an empty actual_time_minutes count as without any"

REFUSED = re.compile(r"skipped|not available in its plan")

MISSED = re.compile(
    r"(?:deletions|changes that move no modified_at) in ([\d, ]+\d)( and \d+ more)? "
    r"from (.+) to (\S+) were missed: (.*)"
)
PASS = re.compile(r"reconciled \S+ tasks between (\S+) and (\S+): ")

UNPROVEN = re.compile(r"workspace (\d+): no subtasks are known yet that show whether exports contain them")

SUBTASKS = "GET /tasks/{task_gid}/subtasks"

OPEN_END = re.compile(r"(\w+): (\S+) returned a page of \d+ rows and does not say whether more follow")

UNCERTAIN_SECONDS = 60
"""How much the times of the log differ from those of the world, if no clock is wrong."""


def refused_records(played: Played) -> dict[str, set[str]]:
    """Return what cannot be read because lists are refused to the end, by stream; only what the log names counts."""
    world, token = played.api.world, played.history.token
    refused = {template: _refused_parents(played, template) for template in PARENTS}
    closed = set[str]().union(*(refused[template] for template in LISTS_OF_TASKS))
    losses = {"tasks": unlisted_tasks(world, closed, token, _with_lists(played, closed)) if closed else set()}
    losses["tasks"] |= _shown_below(played, closed)
    holders = {stream: losses["tasks"] | refused[template] for template, stream in STREAM_OF_LIST.items()}
    for stream, gids in {ENTRIES: losses["tasks"], **holders}.items():
        truth = truth_of(played, stream).items() if gids else ()
        losses[stream] = {key for key, record in truth if gid(record[UNDER[stream]]) in gids}
    return losses


def _with_lists(played: Played, closed: Collection[str]) -> dict[str, Message]:
    """Return all tasks with the lists that lead to them.

    If searches leave out archived projects, an increment requests no list of a person or tag in place of a refused one
    of such a project, as docs/reliability.md says.
    """
    truth, world = truth_of(played, "tasks"), played.api.world
    if played.history.dialect.search_archived or not any(run.searched for run in played.runs):
        return truth
    hidden = {gid for gid, project in world.projects.items() if project.archived} & set(closed)
    places = {key: {each.gid for each in topmost_listed(world.tasks[key]).projects()} for key in truth}
    left_out = {key for key, projects in places.items() if projects and projects <= hidden}
    return {key: {**task, "assignee": None, "tags": []} if key in left_out else task for key, task in truth.items()}


def _shown_below(played: Played, closed: Collection[str]) -> set[str]:
    """Return the tasks of refused projects that were shared after their last change: old ones for every other list.

    Those ask for what has changed since the last run. The same holds for what is below such a task.
    """
    if not closed:
        return set()
    tasks = played.api.world.tasks
    shown = (each for each in played.api.world.history if each.action == "shared" and each.gid in tasks)
    old = {each.gid for each in shown if tasks[each.gid].modified <= each.at}
    return {
        gid for gid in old if any(project.gid in closed for task in _upwards(tasks[gid]) for project in task.projects())
    }


def _upwards(task: Task | None) -> Iterator[Task]:
    """Yield a task and those above it."""
    while task is not None:
        yield task
        task = task.parent


def _refused_parents(played: Played, template: str) -> set[str]:
    """Return the parents whose lists are refused to the end, as the log names them."""
    refused = {refusal.gid for refusal in played.refused if refusal.template == f"GET {template}"}
    path = re.escape(path_of(template, "PARENT")).replace("PARENT", r"(\d+)\b")
    named = (
        {each for line in played.log if REFUSED.search(line) for each in re.findall(path, line)} if refused else set()
    )
    return named if "" in refused else named & refused


def path_of(template: str, parent: str) -> str:
    """Return the path of a list as the log names it."""
    if template in PARAMETERS:
        return f"{template}?{PARAMETERS[template]}={parent}"
    return re.sub(r"\{\w+\}", parent, template)


def unseen_tasks(played: Played) -> set[str]:
    """Return the tasks that may have come into a project unseen, because no timestamp shows a move.

    Either the log tells that the events are lost that name it, or a task above it that came into a project, or the task
    moved while tasks were read by lists, and that read was interrupted, or had listed no list with it
    (docs/reliability.md, "People may work during a run"). A pass brings them all.
    """
    if played.history.dialect.moves_modify_tasks or has_passed(played):
        return set()
    unwritten = set(played.api.world.gids("tasks", played.history.token)) - played.kept.gids("tasks")
    lists = tasks_passed_by(played)
    return {
        task for task in unwritten if task in lists or has_lost_events(played, task) or has_lost_arrival(played, task)
    }


def unproven_subtasks(played: Played) -> set[str]:
    """Return the subtasks without project, or in refused lists, where the log tells that exports may lack them.

    A pass shows whether they do.
    """
    lacking = {found[1] for line in played.log if (found := UNPROVEN.match(line))}
    if not lacking or has_passed(played):
        return set()
    subtasks = (task for task in played.api.world.tasks.values() if task.parent and task.workspace.gid in lacking)
    refused = {refusal.gid for refusal in played.refused if refusal.template == SUBTASKS}
    listed = {task.gid: {task.parent.gid if task.parent else "", ""} for task in subtasks}
    return {
        gid
        for gid, lists in listed.items()
        if not topmost_listed(played.api.world.tasks[gid]).sections or not refused.isdisjoint(lists)
    }


def has_lost_arrival(played: Played, task: str) -> bool:
    """Return whether the log tells that an event is lost that adds a task to a project, or one above it.

    What is below a task that comes into a project comes with it (docs/freshness.md).
    """
    above = (each.gid for each in _upwards(played.api.world.tasks.get(task)))
    return has_lost_events(played, *above, actions={"added"})


def tasks_passed_by(played: Played) -> set[str]:
    """Return the tasks that have moved past the reader of lists; an event may bring them, but nothing below them.

    A pass brings both.
    """
    if played.history.dialect.moves_modify_tasks or has_passed(played):
        return set()
    return played.moved_unseen if any("tasks are read by list" in line for line in played.log) else set()


def has_passed(played: Played) -> bool:
    """Return whether the quiet runs have read everything again."""
    return played.history.reconcile_days > 0 and played.quiet_runs >= PASSES_PER_PERIOD


def has_lost_events(played: Played, *gids: str, actions: Collection[str] = ()) -> bool:
    """Return whether the log tells that events of one of these objects are lost: by what holds it, and by the time.

    Without `actions`, any event counts.
    """
    world, uncertain = played.api.world, uncertain_milliseconds(played)
    spans = [(number, found) for number, line in enumerate(played.log) if (found := MISSED.match(line))]
    for place, found in spans:
        named = {*found[1].split(", "), *(world.workspaces if found[2] else ())}
        since = 0.0 if found[3] == FIRST_RUN else milliseconds(found[3]) - uncertain
        # Those of a project that is not listed are lost until a run lists it, and a line of that run names the whole
        # span. If it is killed, its STATE may be lost.
        later = (
            each[4]
            for number, each in spans
            if number > place and named & {*each[1].split(", ")} and _is_of_complete_run(played, number)
        )
        end = next(later, None) if found[5] == UNLISTED else found[4]
        until = milliseconds(end) + uncertain if end else inf
        events = (each for each in world.history if each.gid in gids and (not actions or each.action in actions))
        if any(named & each.scope and since <= each.at <= until for each in events):
            return True
    return False


def _is_of_complete_run(played: Played, number: int) -> bool:
    """Return whether a run that was not interrupted has written the line of this number."""
    return next((run.is_complete for run in reversed(played.runs) if run.lines <= number), False)


def lines_of(played: Played, workspace: str) -> list[str]:
    """Return the lines of the log about a workspace."""
    return [line for line in played.log if line.startswith(f"workspace {workspace}: ")]


def is_pass_between(played: Played, workspace: str, since: float, until: float) -> bool:
    """Return whether a whole pass over a workspace lies between two instants, as the log tells."""
    found = filter(None, map(PASS.search, lines_of(played, workspace)))
    return any(since <= milliseconds(each[1]) and milliseconds(each[2]) < until for each in found)


def is_from_trash(played: Played, task: Message) -> bool:
    """Return whether a search has found a task in the trash, as its clock shows, and nothing shows that it is gone.

    Only the list of its stories does, if every run reads those of changed tasks and Asana answers 404
    (docs/deletions.md, "Tasks in the trash").
    """
    history = played.history
    selections = [attempt.streams or history.streams for attempt in (*history.attempts, *history.quiet_attempts)]
    is_shown = history.dialect.refusals.trashed in GONE_STATUSES and "stories" not in history.full_table
    is_shown = is_shown and all(not streams or "stories" in streams for streams in selections)
    if not history.dialect.trash.searched or is_shown:
        return False
    instants = [each.at for each in played.api.world.history if each.gid == task["gid"] and each.action == "deleted"]
    # Some forms of Asana cut instants to seconds.
    return bool(instants) and milliseconds(task["modified_at"]) >= max(instants) // SECOND_MS * SECOND_MS


def may_lack_attachments(played: Played, workspace: str) -> bool:
    """Return whether the log tells of a workspace that attachments may be missing."""
    return any(part in line for line in lines_of(played, workspace) for part in UNFOUND_ATTACHMENTS)


def may_lack_entries(played: Played, workspace: str) -> bool:
    """Return whether the log tells of a workspace that it lists no time entries, and that others may have some."""
    return any(UNLISTED_ENTRIES in line for line in lines_of(played, workspace))


def is_behind_open_end(played: Played, stream: str, record: Message) -> bool:
    """Return whether the log tells of the stream, in a record's workspace, that a page may not be the last of its list.

    One line stands for all lists of a workspace.
    """
    world = played.api.world
    lines = (found for found in map(OPEN_END.match, played.log) if found and found[1] == stream)
    named = {each for found in lines for each in re.findall(r"\d+", found[2])}
    workspaces = {each: each for each in world.workspaces}
    workspaces |= {each: project.workspace.gid for each, project in world.projects.items()}
    workspaces |= {each: task.workspace.gid for each, task in world.tasks.items()}
    holders = [record.get(name) for name in ("workspace_gid", "workspace", "project", "parent", "target")]
    place = next((workspaces[each] for each in map(gid, filter(None, holders)) if each in workspaces), None)
    return place is not None and any(workspaces.get(each) == place for each in named)


def uncertain_milliseconds(played: Played) -> float:
    """Return how much the times of the log and of records may differ from those of the world."""
    history = played.history
    clocks = [abs(attempt.clock_ahead_seconds) for attempt in history.attempts]
    return (UNCERTAIN_SECONDS + max([abs(history.dialect.date_ahead_seconds), *clocks])) * SECOND_MS


def milliseconds(instant: str) -> float:
    """Return an instant by the clock of the world."""
    return parse_instant(instant).timestamp() * 1000
