"""The check as text, written line by line as it becomes known."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TextIO

from tap_asana.api.protocol import Record, label
from tap_asana.api.rate_limit import FREE_PLAN_PER_MINUTE
from tap_asana.api.request import Request
from tap_asana.api.token_file import TokenFile
from tap_asana.commands.check.budget import RequestBudget
from tap_asana.commands.check.estimate import (
    METHODS,
    Cost,
    effective_method,
    first_run,
    is_free,
    may_export,
    relative_error,
    tasks,
)
from tap_asana.commands.check.probe import COUNTED, LEAST, WorkspaceProbe, probe_workspaces
from tap_asana.config import Settings
from tap_asana.parents.kinds import PARENT_FIELDS, Workspace
from tap_asana.run import Run
from tap_asana.sync.stream import AsanaStream
from tap_asana.tap import TapAsana
from tap_asana.tasks.strategy import EXPORT

MAX_REQUESTS = 50
"""Requests that a check makes at the most, retries aside."""

WORKSPACES = 4
"""Workspaces that it looks into: more, and there would be no requests left for the tasks of any."""

WIDTH = 80
INDENT = " " * 16

FEATURES = {
    "search": "tasks can be read by search",
    "audit log": "so the token is a service account's",
    "portfolios": "",
    "goals": "",
    "time tracking": "",
}
"""What is probed, in the order it is told, and what it means that it answers."""

REASONS: Mapping[int, str] = {
    HTTPStatus.PAYMENT_REQUIRED: "not in this plan",
    HTTPStatus.FORBIDDEN: "not for this token",
}
"""What the statuses of refusals mean."""


def report(
    config: Mapping[str, Any],
    out: TextIO,
    catalog: Mapping[str, Any] | None = None,
    token_file: TokenFile | None = None,
) -> None:
    """Check what a configuration connects to, and write what is found.

    Raises ConfigError for wrong settings, and AsanaError where the token is refused or Asana stays away.
    """
    tap = TapAsana(config=dict(config), catalog=dict(catalog) if catalog else None)
    streams = [stream for stream in tap.streams.values() if isinstance(stream, AsanaStream) and stream.selected]
    for line in Check(Run(Settings.from_config(config), token_file=token_file), streams).lines():
        print(line, file=out, flush=True)


class Check:
    """One check: some requests, and what they tell."""

    def __init__(self, run: Run, streams: Sequence[AsanaStream], clock: Callable[[], float] = time.monotonic) -> None:
        """Ask for nothing yet; answers are timed by a clock of monotonic seconds."""
        self._run = run
        self._streams = streams
        self._budget = RequestBudget(run.client, MAX_REQUESTS, clock)

    def lines(self) -> Iterator[str]:
        """Yield the report; raises AsanaError where the token is refused."""
        run = self._run
        yield _row("Asana", run.settings.api_url)
        # First, because who the token is may be more than its scopes allow.
        records = list(run.directory.list_workspaces("check", ["name", *PARENT_FIELDS["workspace"]]))
        yield _row("Token", self._who())
        self._budget.left -= max(1, -(-len(records) // run.directory.page_size))
        workspaces = run.directory.store_workspaces(records)
        yield _row("Workspaces", _seen(len(records), len(workspaces)))
        names = {record["gid"]: _plain(record.get("name")) for record in records}
        looked = workspaces[: max(1, min(WORKSPACES, self._budget.left // LEAST))]
        found = probe_workspaces(looked, run.directory, self._budget, run.now)
        for each in found:
            yield ""
            yield f"{names[each.workspace.gid]} ({each.workspace.gid}, {_kind(each.workspace)})"
            yield from _features(each)
            yield from _amounts(each)
        if len(looked) < len(workspaces):
            yield ""
            yield from _note(
                f"Of the others nothing is told: a check looks into {len(looked)}. Name those you want in `workspaces`."
            )
        if found:
            yield ""
            yield from self._costs(found)
        yield ""
        yield f"This check took {self._budget.spent} requests."

    def _who(self) -> str:
        """Return who the token speaks for, as Asana says it."""
        page = self._budget.fetch(Request("check", "/users/me", {"opt_fields": "name"}))
        if page.unavailable is not None:
            return f"accepted, but it may not ask who it is ({page.unavailable.label})"
        me: Record = page.records[0] if page.records else {}
        return f"{_plain(me.get('name'))} (user {me.get('gid')})"

    def _costs(self, found: Sequence[WorkspaceProbe]) -> Iterator[str]:
        settings = self._run.settings
        number = len(self._streams)
        yield f"A first run of {number} {'stream' if number == 1 else 'streams'}, estimated:"
        yield f"  {'method':<10}{'requests':>12}{'minutes':>10}"
        for method in METHODS:
            if method == EXPORT and not any(may_export(each) for each in found):
                yield f"  {method:<10}{'-':>12}{'-':>10}  not for this token"
                continue
            costs = [self._cost(each, method) for each in found]
            cut = any(each.cut for each in found)
            requests = _rounded(1 + sum(cost.requests for cost in costs))
            minutes = sum(cost.minutes for cost in costs)
            instead = self._instead(found, method)
            yield f"  {method:<10}{requests + ('+' if cut else ''):>12}{_minutes(minutes):>10}{instead}"
        yield from _note(" ".join(self._basis(found)))
        chosen = {
            effective_method(each, settings.extraction_method, archived=settings.include_archived_projects)
            for each in found
        }
        yield from _note(
            f"As extraction_method is {settings.extraction_method}, it reads by {' and '.join(sorted(chosen))}."
        )

    def _cost(self, found: WorkspaceProbe, method: str) -> Cost:
        serves = effective_method(found, method, archived=self._run.settings.include_archived_projects)
        return first_run(found, self._streams, serves, self._fastest())

    def _instead(self, found: Sequence[WorkspaceProbe], method: str) -> str:
        """Return what serves where a method does not."""
        archived = self._run.settings.include_archived_projects
        others = {effective_method(each, method, archived=archived) for each in found} - {method}
        return f"  in part by {' and '.join(sorted(others))}" if others else ""

    def _fastest(self) -> float:
        """Return the requests a minute that the settings allow, at the pace of the answers to this check."""
        settings, latency = self._run.settings, self._budget.latency
        carried = settings.max_concurrency * 60 / latency if latency else float("inf")
        return min(float(settings.requests_per_minute), carried)

    def _basis(self, found: Sequence[WorkspaceProbe]) -> Iterator[str]:
        """Yield what the estimate rests on, sentence by sentence."""
        projects, users = (sum(getattr(each.sample, name) for each in found) for name in ("projects", "users"))
        of_projects, of_users = (sum(each.number(kind) for each in found) for kind in ("project", "user"))
        error = relative_error(found)
        yield (
            f"The number of tasks is drawn from the lists of {projects:,} of {of_projects:,} projects and {users:,} of "
            f"{of_users:,} people{_give_or_take(error)}; each task costs a request for its "
            "stories, and by list one for its attachments."
        )
        slower = f", of {FREE_PLAN_PER_MINUTE} where the plan has no search" if any(map(is_free, found)) else ""
        yield f"Time is that of {self._fastest():,.0f} requests a minute{slower}."
        if any(may_export(each) for each in found):
            yield "How long Asana takes to make an export is not known beforehand."
        if any(each.cut for each in found):
            yield "+ stands for more: not everything was counted to its end."


def _features(found: WorkspaceProbe) -> Iterator[str]:
    for name, meaning in FEATURES.items():
        status = found.answers[name]
        words = "yes" + (f": {meaning}" if meaning else "") if status == HTTPStatus.OK else _refused(status)
        if name == "audit log" and status == HTTPStatus.FORBIDDEN:
            words = "no: so the token is a person's, as far as that can be told (403)"
        yield f"  {name:<14}{words}"
        if name == "audit log":
            yield f"  {'export':<14}{_exports(found)}"


def _exports(found: WorkspaceProbe) -> str:
    if may_export(found):
        return "not tried: that would start one. A service account may have it"
    refused = found.answers["audit log"] == HTTPStatus.FORBIDDEN
    return "no: exports are for service accounts" if refused else "not known, as the audit log does not answer"


def _refused(status: int) -> str:
    reasons: dict[int, str] = {
        HTTPStatus.PAYMENT_REQUIRED: "not in this plan",
        HTTPStatus.FORBIDDEN: "not for this token",
    }
    return f"no: {reasons.get(status, 'refused')} ({label(status)})"


def _amounts(found: WorkspaceProbe) -> Iterator[str]:
    """Yield how many things there are."""
    counts = [
        f"{found.number(kind):,}{'+' if each.cut else ''} {kind if found.number(kind) == 1 else kind + 's'}"
        for kind in COUNTED
        if (each := found.listed[kind]).asked and each.status == HTTPStatus.OK
    ]
    yield from _note(", ".join(counts), INDENT, "  holds         ")
    if found.sample.projects or found.sample.users:
        yield f"{INDENT}about {_rounded(tasks(found))} tasks, subtasks included"
    else:
        yield f"{INDENT}tasks: not known, no request was left for them"


def _row(name: str, value: str) -> str:
    return f"{name:<12}{value}"


def _seen(seen: int, wanted: int) -> str:
    return f"{seen:,}" if seen == wanted else f"{seen:,}, of which the setting `workspaces` names {wanted:,}"


def _kind(workspace: Workspace) -> str:
    return "organization" if workspace.is_organization else "personal workspace"


def _give_or_take(error: float) -> str:
    if not error:
        return ""
    return f", give or take {error:.0%}" if error < 1 else ", which differ so much that it may be far off"


def _plain(text: object) -> str:
    """Return a name as a terminal may show it: it could hold what moves the cursor."""
    return "".join(letter for letter in text if letter.isprintable()) if isinstance(text, str) else "without a name"


def _rounded(number: float) -> str:
    """Return a number to two digits: more would tell what an estimate does not know."""
    return f"{int(float(f'{number:.2g}')):,}"


def _minutes(minutes: float) -> str:
    return "under 1" if minutes < 1 else _rounded(minutes)


def _note(text: str, indent: str = "  ", first: str | None = None) -> Iterator[str]:
    yield from textwrap.wrap(text, WIDTH, initial_indent=indent if first is None else first, subsequent_indent=indent)
