"""The check of a connection: its report on the token, its estimate of a first run, and its own cost."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import closing
from itertools import count
from typing import Any

import pytest
from harness import PERSON, SERVICE, SMALL, STREAMS, asana, offline_run, sync
from typing_extensions import override

from fake_asana.messages import ApiError, HttpRequest, HttpResponse
from fake_asana.server.api import Api
from fake_asana.world import Sizes
from scripts.pipeline import ROOT
from tap_asana.commands.check.probe import RequestBudget, probe_workspaces
from tap_asana.commands.check.report import LINE_WIDTH, MAX_REQUESTS, MAX_WORKSPACES, Check
from tap_asana.commands.check.sample import survey_tasks
from tap_asana.config import Settings
from tap_asana.errors import AsanaError, FatalResponseError
from tap_asana.sync.stream import AsanaStream
from tap_asana.tap import TapAsana

FEW = Sizes(workspaces=1, users=6, teams=2, projects=12, tags=4, tasks=200, stories=1, busiest=5)
"""A world small enough for a check to read completely."""

WIDE = Sizes(workspaces=1, users=60, teams=3, projects=60, tags=4, tasks=3000, stories=1, busiest=5)
"""A world too large for that."""


def checked(
    api: Api,
    settings: Mapping[str, Any] = PERSON,
    names: tuple[str, ...] = STREAMS,
    clock: Callable[[], float] = lambda: 0.0,
) -> str:
    """Return the report of a check."""
    every = TapAsana(validate_config=False).streams.values()
    streams = [stream for stream in every if isinstance(stream, AsanaStream) and stream.name in names]
    with closing(offline_run(api, Settings.from_config({**PERSON, **settings}))) as run:
        return "\n".join(Check(run, streams, clock).lines())


def estimates(report: str) -> dict[str, int]:
    """Return the estimated requests of a report by method."""
    rows = re.findall(r"^  (list|search|export) +([0-9,]+)\+? ", report, re.MULTILINE)
    return {method: int(number.replace(",", "")) for method, number in rows}


def request_count(settings: Mapping[str, Any], method: str, select: tuple[str, ...] = STREAMS) -> int:
    """Return the requests of a real first run."""
    api = asana(FEW)
    sync(api, config={**settings, "extraction_method": method}, select=select)
    return len(api.log)


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        (PERSON, STREAMS),
        (PERSON, ("tasks", "stories")),
        ({**PERSON, "reconcile_days": 30}, ("tasks", "stories", "attachments")),
        ({**PERSON, "reconcile_days": 30}, ("tasks", "attachments")),
        (PERSON, ("goals",)),
        (SERVICE, ("projects", "users", "attachments")),
        (SERVICE, ("tasks", "stories")),
    ],
)
def test_the_estimate_of_a_complete_sample_is_close(settings: dict[str, Any], names: tuple[str, ...]) -> None:
    """The estimate for each method differs from a real first run by at most a tenth, or a dozen requests."""
    estimated = estimates(checked(asana(FEW), settings, names))
    assert estimated.keys() == (
        {"list", "search"} if settings["access_token"] == PERSON["access_token"] else {"list", "search", "export"}
    )
    truth = {method: request_count(settings, method, names) for method in estimated}
    assert {
        name: estimated[name] for name in estimated if abs(estimated[name] - truth[name]) > max(12, truth[name] / 10)
    } == {}


@pytest.mark.parametrize("seed", range(1, 6))
def test_the_task_count_of_a_partial_sample_is_off_by_at_most_half(seed: int) -> None:
    """The number of tasks estimated from some projects and people is as close as the report says."""
    api = asana(WIDE, seed=seed)
    with closing(offline_run(api, Settings.from_config(PERSON))) as run:
        budget = RequestBudget(run.client, MAX_REQUESTS - 2, lambda: 0.0)
        probes = probe_workspaces(run.directory.workspaces, run.directory, budget, run.now)
        (survey,) = survey_tasks(probes, run.directory, budget)
    assert survey.sample.projects < survey.probe.count("project")
    actual = api.world.counts(PERSON["access_token"])["tasks"]
    assert abs(survey.tasks - actual) <= survey.tasks / 2
    assert "and may be off by up to half" in " ".join(checked(api).split())
    assert "may be off" not in checked(asana(FEW))


@pytest.mark.parametrize(
    "sizes",
    [SMALL, WIDE, Sizes(workspaces=9, projects=40, tasks=400), Sizes(workspaces=1, projects=3, tasks=4000, stories=0)],
    ids=["small", "wide", "many workspaces", "long lists"],
)
@pytest.mark.parametrize("token", [PERSON, SERVICE], ids=["person", "service account"])
def test_a_check_is_cheap(sizes: Sizes, token: dict[str, str]) -> None:
    """In a world of any size, a check stays within its budget and only reads: it starts no export."""
    api = asana(sizes)
    report = checked(api, token)
    assert len(api.log) <= MAX_REQUESTS
    assert {handled.method for handled in api.log} == {"GET"}
    assert report.endswith(f"This check used {len(api.log)} requests.")


def test_tasks_of_long_projects_are_counted_by_asana() -> None:
    """The tasks of a project with several pages are counted by one request instead of read."""
    api = asana(Sizes(workspaces=1, projects=3, tasks=4000, stories=0, users=4))
    truth = api.world.counts(PERSON["access_token"])["tasks"]
    (count,) = re.findall(r"about ([0-9,]+) tasks", checked(api))
    assert abs(int(count.replace(",", "")) - truth) < truth / 4
    long = sum(1 for project in api.world.projects.values() if len(project.tasks) > 100)
    assert sum(handled.template.endswith("/task_counts") for handled in api.log) == long > 1


def test_the_report_names_the_owner_of_the_token() -> None:
    """The report starts with the name and gid of the token's owner, and detects service accounts by the audit log."""
    for token, sentence in (
        (PERSON, "the token probably belongs to a person"),
        (SERVICE, "the token belongs to a service account"),
    ):
        api = asana(SMALL)
        viewer = api.world.access.viewers[token["access_token"]]
        user = viewer.user or viewer.account
        assert user
        report = checked(api, token)
        assert f"Token       {user.name} (user {user.gid})" in report.splitlines()[1]
        assert sentence in report


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_without_access_to_its_own_user(status: int) -> None:
    """The check continues if Asana answers 401 or 403 to the request for the token's own user."""

    class Shy(Api):
        @override
        def handle(self, request: HttpRequest) -> HttpResponse:
            shy = request.path.endswith("/users/me")
            return ApiError(status, "Missing scope").response() if shy else super().handle(request)

    api = asana(SMALL)
    report = checked(Shy(api.world))
    assert f"accepted, but its scopes do not include its own user ({status})" in report
    assert "A first run of" in report


@pytest.mark.parametrize(
    ("feature", "line"),
    [
        ("search", "search        no: not in this plan (402)"),
        ("portfolios", "portfolios    no: not in this plan (402)"),
        ("goals", "goals         no: not in this plan (402)"),
        ("time_tracking", "time tracking no: not in this plan (402)"),
        ("audit_log", "audit log     no: not in this plan (402)"),
    ],
)
def test_a_feature_outside_the_plan_is_reported(feature: str, line: str) -> None:
    """A feature that answers 402 is reported as unavailable; the others stay available."""
    api = asana(FEW)
    before = checked(api, SERVICE)
    assert "no: not in this plan" not in before
    api.world.downgrade(next(iter(api.world.workspaces.values())), feature)
    after = checked(api, SERVICE)
    assert f"  {line}" in after.splitlines()
    assert after.count("no: not in this plan") == 1


def test_without_search_the_estimate_is_by_list() -> None:
    """In a plan without search, both methods cost the same, at the rate of the free plan."""
    api = asana(FEW)
    api.world.downgrade(next(iter(api.world.workspaces.values())), "search")
    report = checked(api, {"extraction_method": "auto"})
    estimated = estimates(report)
    assert estimated["list"] == estimated["search"] > 200
    assert "partly by list" in report
    assert "(150 in plans without search)" in " ".join(report.split())
    assert "With extraction_method auto, a run reads by list." in report
    (minutes,) = set(re.findall(r"^  (?:list|search) +[0-9,]+ +(\S+)", report, re.MULTILINE))
    assert abs(int(minutes) - estimated["list"] / 150) < 1


def test_the_guide_shows_a_real_report() -> None:
    """docs/connecting.md shows the report of a world independent of the date."""
    guide = (ROOT / "docs" / "connecting.md").read_text(encoding="utf-8")
    _, example, _ = re.split("<!-- check:(?:begin|end) -->", guide)
    assert example.strip() == f"```text\n{checked(asana(SMALL), {'extraction_method': 'auto'})}\n```"


def test_no_export_is_started() -> None:
    """A person's token cannot export; for a service account's token, the check does not try it."""
    assert "export        no: exports need a service account" in checked(asana(SMALL))
    assert "export        not tried: that would start one" in checked(asana(SMALL), SERVICE)


def test_latency_increases_the_estimated_minutes() -> None:
    """One request at a time with one second per answer makes 60 requests a minute."""
    ticks = count()
    report = checked(asana(FEW), {"max_concurrency": 1}, clock=lambda: float(next(ticks)))
    assert "Minutes assume 60 requests a minute" in " ".join(report.split())


def test_additional_tokens_shorten_the_estimate() -> None:
    """The minutes are those of all tokens together."""
    api = asana(FEW)
    api.world.access.viewers["0/other"] = api.world.access.viewers["0/fake"]
    report = checked(api, {"additional_access_tokens": ["0/other"]})
    assert "Minutes assume 3,000 requests a minute" in " ".join(report.split())
    assert "with 2 tokens" in " ".join(report.split())


def test_incomplete_counts_have_a_plus() -> None:
    """If a list is longer than the check reads, its count and the estimate have a plus."""
    report = checked(asana(Sizes(workspaces=1, projects=2500, users=2500, tasks=300, stories=0)))
    assert re.search(r"contains +[0-9,]+\+ projects, [0-9,]+\+ users", report)
    assert re.search(r"^  list +[0-9,]+\+ ", report, re.MULTILINE)
    assert "+ means at least" in " ".join(report.split())


def test_the_report_says_that_workspaces_are_missing() -> None:
    """If a check does not cover all workspaces, it says so, and how to include the others."""
    api = asana(Sizes(workspaces=9, projects=40, tasks=400))
    report = checked(api)
    assert "Workspaces  9" in report
    headings = re.findall(r"^.* \([0-9]+, (?:organization|personal workspace)\)$", report, re.MULTILINE)
    assert len(headings) == MAX_WORKSPACES
    assert "the others are not included" in report
    (last,) = list(api.world.workspaces)[-1:]
    assert f"({last}, " in checked(api, {"workspaces": [last]})


def test_the_report_fits_a_terminal() -> None:
    """No line is longer than 80 characters, and none contains control characters."""
    api = asana(SMALL)
    first = next(iter(api.world.workspaces.values()))
    first.name = "A\x1b[2Jb\x07\n\u202ec"
    report = checked(api, SERVICE) + checked(asana(WIDE))
    assert f"A[2Jbc ({first.gid}, organization)" in report
    assert [line for line in report.splitlines() if len(line) > LINE_WIDTH] == []
    assert all(letter.isprintable() for letter in report.replace("\n", ""))


def test_a_token_without_a_workspace_is_an_error() -> None:
    """Without a workspace, the check fails with the same error as a run."""
    api = asana(SMALL)
    api.world.access.add("0/empty", [], user=next(iter(api.world.users.values())))
    with pytest.raises(FatalResponseError, match=r"^The token sees no workspace"):
        checked(api, {"access_token": "0/empty"})


def test_a_rejected_token_ends_the_check() -> None:
    """A 401 is fatal, as in a run; an invisible workspace is named in the error."""
    with pytest.raises(FatalResponseError, match="401"):
        checked(asana(SMALL), {"access_token": "0/nobody"})
    with pytest.raises(AsanaError, match="workspaces: got 404"):
        checked(asana(SMALL), {"workspaces": ["404"]})


def test_the_report_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The name of the token's owner is printed, but never logged (law 9)."""
    api = asana(SMALL)
    with caplog.at_level(0):
        name = re.findall(r"Token +(.*) \(user", checked(api))[0]
        assert name not in caplog.text
    assert PERSON["access_token"] not in caplog.text
