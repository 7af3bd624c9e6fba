"""The report of a check, written line by line as the answers arrive."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from http import HTTPStatus
from typing import Any, TextIO

from tap_asana.api.decoding import Record
from tap_asana.api.protocol import status_label
from tap_asana.api.refusals import FREE_PLAN_PER_MINUTE
from tap_asana.api.request import Request
from tap_asana.api.token_file import TokenFile
from tap_asana.commands.check.estimate import EXTRACTION_METHODS, RunCost, effective_method, first_run
from tap_asana.commands.check.probe import (
    COUNTED_KINDS,
    MIN_PROBE_REQUESTS,
    RequestBudget,
    WorkspaceProbe,
    probe_workspaces,
)
from tap_asana.commands.check.sample import Survey, survey_tasks
from tap_asana.config import Settings
from tap_asana.parents.kinds import PARENT_FIELDS, Workspace
from tap_asana.run import Run
from tap_asana.sync.stream import AsanaStream
from tap_asana.tap import TapAsana
from tap_asana.tasks.announcements import only_announced
from tap_asana.tasks.events import STORIES
from tap_asana.tasks.methods import EXPORT

MAX_REQUESTS = 50
"""Requests of a check, not counting retries."""

MAX_WORKSPACES = 4
"""Workspaces that a check probes; with more, no requests would remain for the tasks of any."""

LINE_WIDTH = 80
VALUE_INDENT = " " * 16

FEATURES = {
    "search": "tasks can be read by search",
    "audit log": "the token belongs to a service account",
    "portfolios": "",
    "goals": "",
    "time tracking": "",
}
"""The probed features in the order of the report, and an explanation of the available ones."""

REASONS: Mapping[int, str] = {
    HTTPStatus.PAYMENT_REQUIRED: "not in this plan",
    HTTPStatus.FORBIDDEN: "not for this token",
}
"""Explanations of the statuses of unavailable features."""


def report(
    config: Mapping[str, Any],
    out: TextIO,
    catalog: Mapping[str, Any] | None = None,
    token_file: TokenFile | None = None,
) -> None:
    """Check the connection of a configuration and write the report.

    Raises ConfigError for invalid settings, and AsanaError if Asana rejects the token or cannot be reached.
    """
    tap = TapAsana(config=dict(config), catalog=dict(catalog) if catalog else None)
    streams = [stream for stream in tap.streams.values() if isinstance(stream, AsanaStream) and stream.selected]
    with closing(Run(Settings.from_config(config), token_file=token_file)) as run:
        for line in Check(run, streams).lines():
            print(line, file=out, flush=True)


class Check:
    """One check of a connection, within MAX_REQUESTS."""

    def __init__(self, run: Run, streams: Sequence[AsanaStream], clock: Callable[[], float] = time.monotonic) -> None:
        """Send nothing yet; `clock` returns monotonic seconds and measures the latency of the answers."""
        self._run = run
        self._streams = streams
        self._budget = RequestBudget(run.client, MAX_REQUESTS, clock)

    def lines(self) -> Iterator[str]:
        """Yield the report; raises AsanaError if Asana rejects the token."""
        run = self._run
        yield _row("Asana", run.settings.api_url)
        # Workspaces come first: they show whether Asana accepts the token, even if its scopes exclude /users/me.
        records = list(run.directory.list_workspaces("check", ["name", *PARENT_FIELDS["workspace"]]))
        yield _row("Token", self._token_owner())
        self._budget.spend(max(1, -(-len(records) // run.directory.page_size)))
        workspaces = run.directory.store_workspaces(records)
        yield _row("Workspaces", _workspace_counts(len(records), len(workspaces)))
        names = {record["gid"]: _printable(record.get("name")) for record in records}
        chosen_workspaces = workspaces[: max(1, min(MAX_WORKSPACES, self._budget.remaining // MIN_PROBE_REQUESTS))]
        probes = probe_workspaces(chosen_workspaces, run.directory, self._budget, run.now)
        surveys = survey_tasks(probes, run.directory, self._budget)
        for survey in surveys:
            workspace = survey.probe.workspace
            yield ""
            yield f"{names[workspace.gid]} ({workspace.gid}, {_workspace_type(workspace)})"
            yield from _features(survey.probe)
            yield from _contents(survey)
        if len(chosen_workspaces) < len(workspaces):
            yield ""
            yield from _paragraph(
                f"A check covers {len(chosen_workspaces)} workspaces; the others are not included. "
                "List the ones you want in `workspaces`."
            )
        if surveys:
            yield ""
            yield from self._estimate(surveys)
        yield ""
        yield f"This check used {self._budget.requests_sent} requests."

    def _token_owner(self) -> str:
        page = self._budget.fetch(Request("check", "/users/me", {"opt_fields": "name"}))
        if page.unavailable is not None:
            return f"accepted, but its scopes do not include its own user ({page.unavailable.label})"
        user: Record = page.records[0] if page.records else {}
        return f"{_printable(user.get('name'))} (user {user.get('gid')})"

    def _estimate(self, surveys: Sequence[Survey]) -> Iterator[str]:
        """Yield the table of methods, and the assumptions behind it."""
        count = len(self._streams)
        yield f"A first run of {count} {'stream' if count == 1 else 'streams'}, estimated:"
        yield f"  {'method':<10}{'requests':>12}{'minutes':>10}"
        for method in EXTRACTION_METHODS:
            yield self._method_row(surveys, method)
        yield from _paragraph(" ".join(self._assumptions(surveys)))
        setting = self._run.settings.extraction_method
        methods = sorted({self._effective_method(survey.probe, setting) for survey in surveys})
        yield from _paragraph(f"With extraction_method {setting}, a run reads by {' and '.join(methods)}.")

    def _method_row(self, surveys: Sequence[Survey], method: str) -> str:
        if method == EXPORT and not any(survey.probe.may_export for survey in surveys):
            return f"  {method:<10}{'-':>12}{'-':>10}  not for this token"
        costs = [self._cost(survey, method) for survey in surveys]
        requests = _two_digits(1 + sum(cost.requests for cost in costs))
        more = "+" if any(survey.truncated for survey in surveys) else ""
        minutes = _minutes(sum(cost.minutes for cost in costs))
        fallbacks = sorted({self._effective_method(survey.probe, method) for survey in surveys} - {method})
        note = f"  partly by {' and '.join(fallbacks)}" if fallbacks else ""
        return f"  {method:<10}{requests + more:>12}{minutes:>10}{note}"

    def _cost(self, survey: Survey, method: str) -> RunCost:
        method = self._effective_method(survey.probe, method)
        return first_run(
            survey,
            self._streams,
            method,
            self._max_requests_per_minute(),
            self._number_of_tokens,
            only_announced=self._reads_only_announced,
        )

    def _effective_method(self, probe: WorkspaceProbe, method: str) -> str:
        return effective_method(probe, method, archived=self._run.settings.include_archived_projects)

    @property
    def _reads_only_announced(self) -> bool:
        """Return whether lists of attachments are requested only of tasks with a sign of one: their stories have it."""
        return only_announced(self._run.settings) and any(stream.name == STORIES for stream in self._streams)

    @property
    def _number_of_tokens(self) -> int:
        return self._run.settings.number_of_tokens

    def _max_requests_per_minute(self) -> float:
        """Return the request rate that the settings and the latency of this check's answers allow."""
        settings, latency = self._run.settings, self._budget.mean_latency_seconds
        possible = settings.max_concurrency * 60 / latency if latency else float("inf")
        return min(float(settings.requests_per_minute), possible) * self._number_of_tokens

    def _assumptions(self, surveys: Sequence[Survey]) -> Iterator[str]:
        """Yield the assumptions of the estimate, sentence by sentence."""
        sample_sizes = [sum(getattr(survey.sample, name) for survey in surveys) for name in ("projects", "users")]
        totals = [sum(survey.probe.count(kind) for survey in surveys) for kind in ("project", "user")]
        signs = " if its stories or description announce some" if self._reads_only_announced else ""
        yield (
            f"The number of tasks is estimated from {sample_sizes[0]:,} of {totals[0]:,} projects and "
            f"{sample_sizes[1]:,} of {totals[1]:,} people"
            f"{'' if sample_sizes == totals else ' and may be off by up to half'}. "
            f"Each task costs one request for its stories and, by list, one for its attachments{signs}."
        )
        free = any(survey.probe.is_on_free_plan for survey in surveys)
        tokens = self._number_of_tokens
        slower = f" ({FREE_PLAN_PER_MINUTE * tokens:,} in plans without search)" if free else ""
        together = f" with {tokens} tokens" if tokens > 1 else ""
        yield f"Minutes assume {self._max_requests_per_minute():,.0f} requests a minute{slower}{together}."
        if any(survey.probe.may_export for survey in surveys):
            yield "The time that Asana needs to prepare an export is not included."
        if any(survey.truncated for survey in surveys):
            yield "+ means at least: some lists were too long to be counted."


def _features(probe: WorkspaceProbe) -> Iterator[str]:
    for name, benefit in FEATURES.items():
        status = probe.feature_status[name]
        answer = "yes" + (f": {benefit}" if benefit else "") if status == HTTPStatus.OK else _unavailable(status)
        if name == "audit log" and status == HTTPStatus.FORBIDDEN:
            answer = "no: the token probably belongs to a person (403)"
        yield f"  {name:<14}{answer}"
        if name == "audit log":
            yield f"  {'export':<14}{_export_answer(probe)}"


def _export_answer(probe: WorkspaceProbe) -> str:
    if probe.may_export:
        return "not tried: that would start one; service accounts may have it"
    is_refused = probe.feature_status["audit log"] == HTTPStatus.FORBIDDEN
    return "no: exports need a service account" if is_refused else "not known, because the audit log is not available"


def _unavailable(status: int) -> str:
    return f"no: {REASONS.get(status, 'not available')} ({status_label(status)})"


def _contents(survey: Survey) -> Iterator[str]:
    """Yield the counts of projects, users and so on, and the estimated number of tasks."""
    counts = [
        f"{len(parents.parents):,}{'+' if parents.truncated else ''} {kind}{'' if len(parents.parents) == 1 else 's'}"
        for kind in COUNTED_KINDS
        if (parents := survey.probe.lists[kind]).applicable and parents.status == HTTPStatus.OK
    ]
    yield from _paragraph(", ".join(counts), VALUE_INDENT, "  contains      ")
    if survey.sample.projects or survey.sample.users:
        yield f"{VALUE_INDENT}about {_two_digits(survey.tasks)} tasks, subtasks included"
    else:
        yield f"{VALUE_INDENT}tasks: not known, because no requests remained to sample them"


def _row(name: str, value: str) -> str:
    return f"{name:<12}{value}"


def _workspace_counts(visible: int, configured: int) -> str:
    return f"{visible:,}" if visible == configured else f"{visible:,} ({configured:,} named in `workspaces`)"


def _workspace_type(workspace: Workspace) -> str:
    return "organization" if workspace.is_organization else "personal workspace"


def _printable(name: object) -> str:
    """Return a name without control characters, which could move a terminal's cursor."""
    return "".join(letter for letter in name if letter.isprintable()) if isinstance(name, str) else "(no name)"


def _two_digits(number: float) -> str:
    """Round to two significant digits, the precision of an estimate."""
    return f"{int(float(f'{number:.2g}')):,}"


def _minutes(minutes: float) -> str:
    return "under 1" if minutes < 1 else _two_digits(minutes)


def _paragraph(text: str, indent: str = "  ", first_indent: str | None = None) -> Iterator[str]:
    first = indent if first_indent is None else first_indent
    yield from textwrap.wrap(text, LINE_WIDTH, initial_indent=first, subsequent_indent=indent)
