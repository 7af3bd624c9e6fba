"""Export files in any form lose nothing silently, and are not downloaded endlessly."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import replace

import pytest
from harness import TINY, Output, asana, clock, sync
from methods import ALL_TASK_STREAMS, DAY, EXPORT

from fake_asana.messages import HttpRequest
from fake_asana.model.dialect import Dialect, ExportForm
from fake_asana.server.api import Api

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
    "another order each time": ExportForm(reorders=True),
    "another order each time, as an array": ExportForm(reorders=True, array=True),
    "without stories in some lines": ExportForm(missing_fields=frozenset({"stories"})),
    "without attachments in some lines": ExportForm(missing_fields=frozenset({"attachments"})),
    "without the sign of time in some lines": ExportForm(missing_fields=frozenset({"actual_time_minutes"})),
}
every_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


def exporting(form: ExportForm) -> Api:
    """Return a small Asana with exports in this form."""
    return asana(TINY, dialect=Dialect(exports=form))


def request_count(api: Api, template: str, since: int = 0) -> int:
    """Return the number of requests of an operation."""
    return sum(handled.template == template for handled in api.log[since:])


def lacking(api: Api, output: Output) -> dict[str, set[str]]:
    """Return the missing and the invented gids of a read, by stream."""
    truth = {stream: set(api.world.gids(stream, EXPORT["access_token"])) for stream in ALL_TASK_STREAMS}
    return {stream: gids ^ output.gids(stream) for stream, gids in truth.items() if gids != output.gids(stream)}


def warning_count(caplog: pytest.LogCaptureFixture, text: str) -> int:
    """Return the number of warnings with this text."""
    return sum(text in record.getMessage() for record in caplog.records if record.levelno == logging.WARNING)


@every_form
def test_a_file_in_any_form_is_read_completely(form: ExportForm) -> None:
    """A file in any form is read completely, and downloaded once."""
    api = exporting(form)
    output = sync(api, config=EXPORT, select=ALL_TASK_STREAMS)
    assert lacking(api, output) == {}
    assert request_count(api, FETCH) == request_count(api, BEGIN) == 1


@pytest.mark.usefixtures("small_batches")
@every_form
def test_a_read_of_a_file_in_any_form_is_resumed(form: ExportForm) -> None:
    """After a kill at any STATE, both runs together lose nothing, and no other export is started."""
    api = exporting(form)
    complete = sync(api, config=EXPORT, select=ALL_TASK_STREAMS)
    states = [at for at, message in enumerate(complete.messages) if message["type"] == "STATE"]
    for at in states[1 :: max(1, len(states) // 3)]:
        before, middle = complete.up_to(at), len(api.log)
        rest = sync(api, config=EXPORT, select=ALL_TASK_STREAMS, state=before.state)
        assert lacking(api, before.then(rest)) == {}
        is_under_way = '"export": [' in json.dumps(before.state)
        assert request_count(api, BEGIN, middle) <= (not is_under_way)


@pytest.mark.usefixtures("small_batches")
def test_a_reordered_file_is_read_from_its_start(caplog: pytest.LogCaptureFixture) -> None:
    """If the file of an interrupted read is now in another order, it is read from its start, with a warning."""
    for form, times in ((ExportForm(), 0), (ExportForm(reorders=True), 1)):
        api = exporting(form)
        complete = sync(api, config=EXPORT, select=["tasks"])
        states = [at for at, message in enumerate(complete.messages) if message["type"] == "STATE"]
        before = complete.up_to(states[len(states) // 2])
        caplog.clear()
        rest = sync(api, config=EXPORT, select=["tasks"], state=before.state)
        assert warning_count(caplog, "it is read again from its start") == times
        assert bool(before.gids("tasks") & rest.gids("tasks")) == bool(times)


def test_an_empty_export_is_valid(caplog: pytest.LogCaptureFixture) -> None:
    """Without changes the file is empty: it is downloaded once, without a warning."""
    for form in (ExportForm(), ExportForm(sends_length=True), ExportForm(array=True)):
        api = exporting(form)
        first = sync(api, config=EXPORT, select=ALL_TASK_STREAMS)
        clock(api).advance(3600)
        caplog.clear()
        middle = len(api.log)
        second = sync(api, config={**EXPORT, "lookback_seconds": 0}, select=ALL_TASK_STREAMS, state=first.state)
        assert second.records("tasks") == []
        assert request_count(api, FETCH, middle) == 1
        assert warning_count(caplog, "") == 0


CUTS: Mapping[str, ExportForm] = {
    "no bytes": ExportForm(),
    "no bytes, sized": ExportForm(sends_length=True),
    "some members of more": ExportForm(lines_per_member=7, members_if_cut=2, sends_length=True),
}


@pytest.mark.parametrize("form", CUTS.values(), ids=CUTS)
def test_a_truncated_file_is_downloaded_again(form: ExportForm, caplog: pytest.LogCaptureFixture) -> None:
    """An empty file, and one truncated at a member's end, are downloaded again and read completely."""
    api = exporting(replace(form, cut_downloads=2))
    assert lacking(api, sync(api, config=EXPORT, select=ALL_TASK_STREAMS)) == {}
    assert request_count(api, FETCH) == 3
    assert warning_count(caplog, "downloading it again") == 2


def test_a_persistently_damaged_file_is_replaced_by_another_method(caplog: pytest.LogCaptureFixture) -> None:
    """If every download is damaged, the workspace is read by another method, and the log gives the reason."""
    api = exporting(ExportForm(cut_downloads=ALWAYS))
    caplog.set_level(logging.INFO)
    output = sync(api, config=EXPORT, select=ALL_TASK_STREAMS)
    assert lacking(api, output) == {}
    assert request_count(api, FETCH) == 9
    assert "it has 0 bytes, too few for gzip" in caplog.text
    assert "in each download" in caplog.text


@pytest.mark.parametrize("field", ["stories", "attachments", "actual_time_minutes"])
def test_missing_fields_are_requested_by_task(field: str, caplog: pytest.LogCaptureFixture) -> None:
    """Only tasks without a requested field in their line are requested one by one, with one warning."""
    api = exporting(ExportForm(missing_fields=frozenset({field})))
    sync(api, config=EXPORT, select=ALL_TASK_STREAMS)
    assert warning_count(caplog, f"some tasks of the export have no {field}") == 1
    tasks = len(api.world.gids("tasks", EXPORT["access_token"]))
    under = {
        "stories": "GET /tasks/{task_gid}/stories",
        "attachments": "GET /attachments",
        "actual_time_minutes": "GET /tasks/{task_gid}/time_tracking_entries",
    }[field]
    assert 0 < request_count(api, under) < tasks


COUNT = "GET /projects/{project_gid}/task_counts"
MEMBER_ENDS: Mapping[str, ExportForm] = {
    "without a length": ExportForm(lines_per_member=7, members_if_cut=2),
    "with a length that agrees": ExportForm(lines_per_member=7, members_if_cut=2, sends_length=True, true_length=True),
    "without a task": ExportForm(array=True, lines_per_member=1, members_if_cut=0, sends_length=True, true_length=True),
}
every_end = pytest.mark.parametrize("form", MEMBER_ENDS.values(), ids=MEMBER_ENDS)


@every_end
def test_a_file_with_too_few_tasks_is_downloaded_again(form: ExportForm, caplog: pytest.LogCaptureFixture) -> None:
    """A file truncated at a member's end, undetected by gzip and length, has fewer tasks than Asana counts."""
    api = exporting(replace(form, cut_downloads=1))
    assert lacking(api, sync(api, config=EXPORT, select=ALL_TASK_STREAMS)) == {}
    assert (request_count(api, BEGIN), request_count(api, FETCH)) == (1, 2)
    assert warning_count(caplog, "downloading it again") == 1


@every_end
def test_a_file_always_truncated_is_replaced_by_another_method(
    form: ExportForm, caplog: pytest.LogCaptureFixture
) -> None:
    """If each download is truncated at the same member's end, another method is used after a few attempts."""
    api = exporting(replace(form, cut_downloads=ALWAYS))
    caplog.set_level(logging.INFO)
    assert lacking(api, sync(api, config=EXPORT, select=ALL_TASK_STREAMS)) == {}
    assert 1 < request_count(api, FETCH) < 10
    assert "in each download" in caplog.text


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("cut", [2, ALWAYS])
def test_a_truncated_file_is_detected_after_a_kill(cut: int) -> None:
    """After a kill at any STATE, a resumed read of a truncated file loses nothing."""
    form = ExportForm(lines_per_member=7, members_if_cut=2, cut_downloads=cut)
    complete = sync(exporting(form), config=EXPORT, select=ALL_TASK_STREAMS)
    states = [at for at, message in enumerate(complete.messages) if message["type"] == "STATE"]
    kills = [at for at in states if '"export": [' in json.dumps(complete.up_to(at).state)]
    for at in kills[:: max(1, len(kills) // 6)]:
        api = exporting(form)
        sync(api, config=EXPORT, select=ALL_TASK_STREAMS)
        api.world.download_count = 0
        before = complete.up_to(at)
        assert lacking(api, before.then(sync(api, config=EXPORT, select=ALL_TASK_STREAMS, state=before.state))) == {}


def test_a_full_export_costs_three_counts_and_an_increment_none() -> None:
    """Before a full export, the tasks of three projects are counted by one request each; an increment counts none."""
    api = exporting(ExportForm())
    first = sync(api, config=EXPORT, select=ALL_TASK_STREAMS)
    order = [handled.template for handled in api.log if handled.template in {COUNT, BEGIN}]
    assert len(api.world.projects) > 3
    assert order == [COUNT] * 3 + [BEGIN]
    middle = len(api.log)
    sync(api, config=EXPORT, select=ALL_TASK_STREAMS, state=first.state)
    assert request_count(api, COUNT, middle) == 0 < request_count(api, BEGIN, middle)


@pytest.mark.parametrize("status", [402, 403, 404])
def test_a_file_without_counts_is_accepted(status: int, caplog: pytest.LogCaptureFixture) -> None:
    """If Asana refuses to count, the file is accepted without a comparison, and nothing counts as skipped."""
    api = asana(TINY)
    api.refuse(COUNT, status)
    output = sync(api, config=EXPORT, select=ALL_TASK_STREAMS)
    assert lacking(api, output) == {}
    assert (request_count(api, COUNT), request_count(api, FETCH)) == (3, 1)
    assert warning_count(caplog, "") == 0


@pytest.mark.parametrize("change", ["more", "fewer"])
def test_changes_during_an_export_are_not_damage(change: str, caplog: pytest.LogCaptureFixture) -> None:
    """A file is not treated as damaged because of tasks added or deleted between the count and its end."""
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
    assert request_count(api, FETCH) == 1
    assert warning_count(caplog, "downloading it again") == 0


def test_a_project_that_becomes_visible_brings_its_old_tasks() -> None:
    """An increment by export contains only what has changed, so the tasks of a new project are listed."""
    api, token = asana(TINY), EXPORT["access_token"]
    viewer = api.world.access.viewers[token]
    tasks = (api.world.tasks[gid] for gid in sorted(api.world.gids("tasks", token)))
    task = next(each for each in tasks if len(each.sections) == 1)
    project = next(task.projects())
    viewer.hidden_projects.add(project.gid)
    first = sync(api, config=EXPORT, select=["tasks"])
    assert task.gid not in first.gids("tasks")
    viewer.hidden_projects.discard(project.gid)
    clock(api).advance(DAY)
    second = sync(api, config=EXPORT, select=["tasks"], state=first.state)
    assert set(api.world.gids("tasks", token)) <= first.then(second).gids("tasks")
