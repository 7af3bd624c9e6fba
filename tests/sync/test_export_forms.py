"""Whatever the form of an export's file: nothing is lost in silence, and nothing is downloaded again for ever."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import replace

import pytest
from harness import TINY, Output, asana, clock, sync
from methods import ALL_TASK_STREAMS, EXPORT
from typing_extensions import override

from fake_asana.messages import ApiError, HttpRequest, HttpResponse
from fake_asana.model.dialect import Dialect, ExportForm
from fake_asana.server.api import Api
from fake_asana.world import ManualClock, World

BEGIN, LOOK, FETCH = "POST /exports/resource", "GET /jobs/{job_gid}", "GET /-/download/{file}"
ALWAYS = 10**6

FORMS: Mapping[str, ExportForm] = {
    "lines": ExportForm(),
    "blank lines": ExportForm(blank_lines=True),
    "a byte order mark": ExportForm(byte_order_mark=True),
    "an array": ExportForm(array=True),
    "several members": ExportForm(lines_per_member=7),
    "several members, sized": ExportForm(lines_per_member=7, sends_length=True),
    "all at once": ExportForm(array=True, byte_order_mark=True, lines_per_member=3, sends_length=True),
    "blank lines with a mark, in members": ExportForm(blank_lines=True, byte_order_mark=True, lines_per_member=1),
    "no export and no address at first": ExportForm(incomplete_views=2),
    "made anew each time": ExportForm(reorders=True),
    "made anew each time, as an array": ExportForm(reorders=True, array=True),
    "without stories in some lines": ExportForm(missing_fields=frozenset({"stories"})),
    "without attachments in some lines": ExportForm(missing_fields=frozenset({"attachments"})),
    "without the sign of time in some lines": ExportForm(missing_fields=frozenset({"actual_time_minutes"})),
}
every_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


def exporting(form: ExportForm) -> Api:
    """Return a small Asana whose exports have a form."""
    return asana(TINY, dialect=Dialect(exports=form))


def asked(api: Api, template: str, since: int = 0) -> int:
    """Return how often something was asked for."""
    return sum(handled.template == template for handled in api.log[since:])


def lacking(api: Api, output: Output) -> dict[str, set[str]]:
    """Return by stream what a read lacks, or made up."""
    truth = {stream: set(api.world.gids(stream, EXPORT["access_token"])) for stream in ALL_TASK_STREAMS}
    return {stream: gids ^ output.gids(stream) for stream, gids in truth.items() if gids != output.gids(stream)}


def warned(caplog: pytest.LogCaptureFixture, words: str) -> int:
    """Return how many warnings hold these words."""
    return sum(words in record.getMessage() for record in caplog.records if record.levelno == logging.WARNING)


@every_form
def test_a_file_of_any_form_brings_all(form: ExportForm) -> None:
    """Whatever the file is like, all of it comes, and it is downloaded once."""
    api = exporting(form)
    output = sync(api, config=EXPORT, select=ALL_TASK_STREAMS)
    assert lacking(api, output) == {}
    assert asked(api, FETCH) == asked(api, BEGIN) == 1


@pytest.mark.usefixtures("small_batches")
@every_form
def test_a_file_of_any_form_is_gone_on_with(form: ExportForm) -> None:
    """Killed behind any STATE and started again, both runs together lack nothing, and no other export is begun."""
    api = exporting(form)
    whole = sync(api, config=EXPORT, select=ALL_TASK_STREAMS)
    states = [at for at, message in enumerate(whole.messages) if message["type"] == "STATE"]
    for at in states[1 :: max(1, len(states) // 6)]:
        begun, middle = whole.upto(at), len(api.log)
        rest = sync(api, config=EXPORT, select=ALL_TASK_STREAMS, state=begun.state)
        assert lacking(api, begun.then(rest)) == {}
        is_under_way = '"export": [' in json.dumps(begun.state)
        assert asked(api, BEGIN, middle) <= (not is_under_way)


@pytest.mark.usefixtures("small_batches")
def test_a_file_that_is_made_anew_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """Where the file of a read that was cut off holds its tasks in another order now, it is read from its start."""
    for form, times in ((ExportForm(), 0), (ExportForm(reorders=True), 1)):
        api = exporting(form)
        whole = sync(api, config=EXPORT, select=["tasks"])
        states = [at for at, message in enumerate(whole.messages) if message["type"] == "STATE"]
        begun = whole.upto(states[len(states) // 2])
        caplog.clear()
        rest = sync(api, config=EXPORT, select=["tasks"], state=begun.state)
        assert warned(caplog, "it is read again from its start") == times
        assert bool(begun.gids("tasks") & rest.gids("tasks")) == bool(times)


def test_an_export_of_nothing_is_no_damage(caplog: pytest.LogCaptureFixture) -> None:
    """Where nothing changed, the file holds nothing: it is downloaded once, and no warning comes of it."""
    for form in (ExportForm(), ExportForm(sends_length=True), ExportForm(array=True)):
        api = exporting(form)
        first = sync(api, config=EXPORT, select=ALL_TASK_STREAMS)
        clock(api).advance(3600)
        caplog.clear()
        middle = len(api.log)
        second = sync(api, config={**EXPORT, "lookback_seconds": 0}, select=ALL_TASK_STREAMS, state=first.state)
        assert second.records("tasks") == []
        assert asked(api, FETCH, middle) == 1
        assert warned(caplog, "") == 0


CUTS: Mapping[str, ExportForm] = {
    "no bytes": ExportForm(),
    "no bytes, sized": ExportForm(sends_length=True),
    "some members of more": ExportForm(lines_per_member=7, members_if_cut=2, sends_length=True),
}


@pytest.mark.parametrize("form", CUTS.values(), ids=CUTS)
def test_a_cut_file_is_fetched_again(form: ExportForm, caplog: pytest.LogCaptureFixture) -> None:
    """A file of no bytes, and one that is cut where a gzip could end, are downloaded again, and all comes."""
    api = exporting(replace(form, cut_downloads=2))
    assert lacking(api, sync(api, config=EXPORT, select=ALL_TASK_STREAMS)) == {}
    assert asked(api, FETCH) == 3
    assert warned(caplog, "it is fetched again") == 2


def test_a_file_that_stays_damaged_gives_way(caplog: pytest.LogCaptureFixture) -> None:
    """Where every download is damaged, the workspace is read in another way, and the log says why."""
    api = exporting(ExportForm(cut_downloads=ALWAYS))
    caplog.set_level(logging.INFO)
    output = sync(api, config=EXPORT, select=ALL_TASK_STREAMS)
    assert lacking(api, output) == {}
    assert asked(api, FETCH) == 9
    assert "it has 0 bytes, and no gzip is so short" in caplog.text
    assert "in every download" in caplog.text


@pytest.mark.parametrize("field", ["stories", "attachments", "actual_time_minutes"])
def test_absent_is_not_empty(field: str, caplog: pytest.LogCaptureFixture) -> None:
    """Only tasks whose line lacks what was asked for are asked one by one, and one warning says so."""
    api = exporting(ExportForm(missing_fields=frozenset({field})))
    sync(api, config=EXPORT, select=ALL_TASK_STREAMS)
    assert warned(caplog, f"lacks {field} of some tasks, although it was asked for") == 1
    tasks = len(api.world.gids("tasks", EXPORT["access_token"]))
    under = {
        "stories": "GET /tasks/{task_gid}/stories",
        "attachments": "GET /attachments",
        "actual_time_minutes": "GET /tasks/{task_gid}/time_tracking_entries",
    }[field]
    assert 0 < asked(api, under) < tasks


COUNT = "GET /projects/{project_gid}/task_counts"
MEMBER_ENDS: Mapping[str, ExportForm] = {
    "without a length": ExportForm(lines_per_member=7, members_if_cut=2),
    "with a length that agrees": ExportForm(lines_per_member=7, members_if_cut=2, sends_length=True, true_length=True),
    "without a task": ExportForm(array=True, lines_per_member=1, members_if_cut=0, sends_length=True, true_length=True),
}
every_end = pytest.mark.parametrize("form", MEMBER_ENDS.values(), ids=MEMBER_ENDS)


@every_end
def test_a_file_that_ends_with_a_member_too_early_is_fetched_again(
    form: ExportForm, caplog: pytest.LogCaptureFixture
) -> None:
    """A file that is cut at a member's end, where neither gzip nor length tells, holds less than Asana counts."""
    api = exporting(replace(form, cut_downloads=1))
    assert lacking(api, sync(api, config=EXPORT, select=ALL_TASK_STREAMS)) == {}
    assert (asked(api, BEGIN), asked(api, FETCH)) == (1, 2)
    assert warned(caplog, "it is fetched again") == 1


@every_end
def test_a_file_that_always_ends_too_early_gives_way(form: ExportForm, caplog: pytest.LogCaptureFixture) -> None:
    """Where each download is cut at the same member's end, the workspace is read in another way after a few."""
    api = exporting(replace(form, cut_downloads=ALWAYS))
    caplog.set_level(logging.INFO)
    assert lacking(api, sync(api, config=EXPORT, select=ALL_TASK_STREAMS)) == {}
    assert 1 < asked(api, FETCH) < 10
    assert "in every download" in caplog.text


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("cut", [2, ALWAYS])
def test_a_file_that_ends_too_early_is_told_after_a_kill(cut: int) -> None:
    """Killed behind any STATE, and started again, a read of a file that ends too early lacks nothing."""
    form = ExportForm(lines_per_member=7, members_if_cut=2, cut_downloads=cut)
    whole = sync(exporting(form), config=EXPORT, select=ALL_TASK_STREAMS)
    states = [at for at, message in enumerate(whole.messages) if message["type"] == "STATE"]
    kills = [at for at in states if '"export": [' in json.dumps(whole.upto(at).state)]
    for at in kills[:: max(1, len(kills) // 6)]:
        api = exporting(form)
        sync(api, config=EXPORT, select=ALL_TASK_STREAMS)
        api.world.download_count = 0
        begun = whole.upto(at)
        assert lacking(api, begun.then(sync(api, config=EXPORT, select=ALL_TASK_STREAMS, state=begun.state))) == {}


def test_a_whole_file_costs_five_counts_and_an_increment_none() -> None:
    """A whole file costs a count for each of five projects, before it is asked for, and an increment costs none."""
    api = exporting(ExportForm())
    first = sync(api, config=EXPORT, select=ALL_TASK_STREAMS)
    order = [handled.template for handled in api.log if handled.template in {COUNT, BEGIN}]
    assert len(api.world.projects) > 5
    assert order == [COUNT] * 5 + [BEGIN]
    middle = len(api.log)
    sync(api, config=EXPORT, select=ALL_TASK_STREAMS, state=first.state)
    assert asked(api, COUNT, middle) == 0 < asked(api, BEGIN, middle)


class Uncounted(Api):
    """An Asana that refuses to count the tasks of projects."""

    status = 403

    @override
    def handle(self, request: HttpRequest) -> HttpResponse:
        if request.path.endswith("/task_counts"):
            return ApiError(self.status, "No counts here").response()
        return super().handle(request)


@pytest.mark.parametrize("status", [402, 403, 404])
def test_a_refused_count_compares_nothing(status: int, caplog: pytest.LogCaptureFixture) -> None:
    """Where Asana refuses to count, the file is taken as it is, and nothing counts as skipped."""
    api = Uncounted(World.seeded(1, TINY, ManualClock()))
    api.status = status
    output = sync(api, config=EXPORT, select=ALL_TASK_STREAMS)
    assert lacking(api, output) == {}
    assert (asked(api, COUNT), asked(api, FETCH)) == (5, 1)
    assert warned(caplog, "") == 0


@pytest.mark.parametrize("change", ["more", "fewer"])
def test_work_during_an_export_is_no_damage(change: str, caplog: pytest.LogCaptureFixture) -> None:
    """Tasks that are made, or deleted, between the count and the end of the file make nobody take it for damaged."""
    api = exporting(ExportForm())
    moments = 0

    def work(request: HttpRequest) -> None:
        nonlocal moments
        before = "/exports/resource" if change == "fewer" else "/jobs/"
        if before not in request.path or moments:
            return
        moments += 1
        for project in list(api.world.projects.values()):
            for task in list(project.ordered_tasks()[:2]):
                if change == "fewer":
                    api.world.delete_task(task.gid)
                else:
                    api.world.add_task(project=project.gid)

    sync(api, config=EXPORT, select=ALL_TASK_STREAMS, on_request=work)
    assert moments == 1
    assert asked(api, FETCH) == 1
    assert warned(caplog, "it is fetched again") == 0
