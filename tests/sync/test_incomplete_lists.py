"""Lists that return less than they seem to: the rest is requested, or the log says that it may be missing (law 10)."""

from __future__ import annotations

import msgspec
import pytest
from expected import missing
from harness import TINY, asana, summary, sync
from typing_extensions import override

from fake_asana.model.breakage import Breakage
from fake_asana.model.choices import TrackingForm
from fake_asana.model.dialect import Dialect, ListForm
from fake_asana.server.limits import Limits

PAGE_SIZE = 2
VERSIONED = {"page_size": PAGE_SIZE, "emit_activate_version_messages": True}
LISTS = ["projects", "task_templates", "users", "tasks"]
INCOMPLETE: dict[str, Dialect] = {
    "no next page of task templates": Dialect(nameless_pages="task templates"),
    "no next page": Dialect(nameless_pages="all"),
    "no next page of task templates, and short pages": Dialect(
        nameless_pages="task templates", lists=ListForm(delays_first_row=True)
    ),
    "the same, and no page that is named as the last": Dialect(
        nameless_pages="task templates", lists=ListForm(delays_first_row=True), null_next_page=False
    ),
    "no archived projects unless asked for": Dialect(lists_archived=False),
    "the last row again on the next page": Dialect(repeats_last_row=True),
    "the first row on the next page": Dialect(lists=ListForm(delays_first_row=True)),
    "another order in each read": Dialect(lists=ListForm(order="shuffled", delays_first_row=True)),
    "the order of the last change": Dialect(lists=ListForm(order="changed first")),
}


class UnreadableArchived(Breakage):
    """A number in place of the field `archived`."""

    @override
    def break_value(self, value: object, seed: str, name: str) -> object:
        return msgspec.Raw(b"5") if name == "archived" else value


@pytest.mark.parametrize("dialect", INCOMPLETE.values(), ids=list(INCOMPLETE))
def test_the_rest_of_a_list_is_read(dialect: Dialect) -> None:
    """All rows are read, although the first answer holds only some of them."""
    api = asana(TINY, dialect=dialect)
    output = sync(api, select=LISTS, config=VERSIONED)
    assert missing(api, output) == {}
    assert output.counts() == {stream: len(output.rows(stream)) for stream in LISTS}
    assert {message["stream"] for message in output.of("ACTIVATE_VERSION")} == {"projects", "task_templates", "users"}


def test_a_list_whose_end_is_unknown_is_named(caplog: pytest.LogCaptureFixture) -> None:
    """If Asana refuses the whole list as well, the log names it, and no version deletes its other rows.

    Not even a page with the highest limit shows the end, because it lacks a row.
    """
    caplog.set_level("INFO")
    dialect = Dialect(nameless_pages="task templates", lists=ListForm(delays_first_row=True))
    api = asana(TINY, dialect=dialect, limits=Limits(unpaged=PAGE_SIZE))
    output = sync(api, select=["task_templates", "users"], config=VERSIONED)
    lost = missing(api, output)
    assert set(lost) == {"task_templates"}
    assert any("rows may be missing" in line and "/task_templates?project=" in line for line in caplog.messages)
    assert "3 lists without a known end" in summary(caplog.records)["task_templates"]
    assert output.of("ACTIVATE_VERSION") == []


def test_a_long_list_without_next_pages_is_read_with_the_highest_limit() -> None:
    """If Asana names no next page and refuses the list without a limit, a page of 100 rows is requested."""
    api = asana(TINY, dialect=Dialect(nameless_pages="all"), limits=Limits(unpaged=PAGE_SIZE))
    select = ["projects", "users", "tasks"]
    assert missing(api, sync(api, select=select, config=VERSIONED)) == {}


def test_only_true_says_that_a_list_has_archived_projects() -> None:
    """An unreadable value of one project does not show that the list holds the archived ones too."""
    api = asana(TINY, dialect=Dialect(lists_archived=False, breakage=UnreadableArchived()))
    api.world.archive_project(min(api.world.gids("projects")))
    assert sync(api, select=["projects"]).gids("projects") == set(api.world.gids("projects"))


def test_archived_projects_are_requested_in_pages_after_a_list_without_a_limit() -> None:
    """The short list of active projects is read without a limit, which Asana refuses for the long one of archived."""
    api = asana(TINY, dialect=Dialect(nameless_pages="all", lists_archived=False), limits=Limits(unpaged=PAGE_SIZE))
    for workspace in api.world.workspaces.values():
        for project in list(workspace.projects)[PAGE_SIZE:]:
            api.world.archive_project(project)
    assert missing(api, sync(api, select=["projects", "tasks"], config=VERSIONED)) == {}


def test_a_list_without_next_pages_is_split_or_owed_if_longer_pages_are_truncated() -> None:
    """Asana truncates the list with the highest limit, so that it is longer than its first page."""
    limits = Limits(unpaged=PAGE_SIZE, truncate=PAGE_SIZE + 1)
    api = asana(TINY, dialect=Dialect(nameless_pages="all"), limits=limits)
    cut = sync(api, select=["tasks", "stories"], config=VERSIONED)
    api.limits = Limits()
    output = cut.then(sync(api, select=["tasks", "stories"], config=VERSIONED, state=cut.state))
    assert missing(api, output) == {}


@pytest.mark.parametrize("lists_others", [True, False])
def test_a_list_of_time_entries_without_those_of_others_is_named(
    caplog: pytest.LogCaptureFixture, *, lists_others: bool
) -> None:
    """The lists of tasks have all entries, and show what the workspace's list lacks; a complete one is not named."""
    caplog.set_level("INFO")
    api = asana(TINY, dialect=Dialect(tracking=TrackingForm(lists_others=lists_others)))
    for task in api.world.gids("tasks"):
        api.world.track_time(task, days_back=1)
    output = sync(api, select=["tasks", "time_tracking_entries"])
    assert missing(api, output) == {}
    is_told = "time tracked on unchanged tasks arrives with their next change, because their list lacks" in caplog.text
    assert is_told is not lists_others
