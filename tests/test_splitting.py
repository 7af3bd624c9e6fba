"""How a list that Asana truncates is asked in smaller ones (law 6)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tap_asana.asks import Ask
from tap_asana.errors import FatalAnswer
from tap_asana.protocol import Record
from tap_asana.splitting import narrower

PROJECTS = Ask(
    "projects",
    "/projects",
    {"workspace": "1", "opt_fields": "name"},
    keys={"workspace_gid": "1"},
    workspace="1",
    limit=100,
    offset="eyJ",
)
TASKS = Ask(
    "tasks",
    "/tasks",
    {"project": "12", "opt_fields": "name", "modified_since": "2026-01-01T00:00:00.000Z"},
    keys={"workspace_gid": "1"},
    workspace="1",
    part="found",
    limit=100,
    offset="eyJ",
)


class Asana:
    """Answers each list with two records, and notes what it was asked."""

    def __init__(self) -> None:
        """Start with nothing asked."""
        self.asked: list[Ask] = []

    def fetch(self, ask: Ask) -> list[Record]:
        """Return the records of a list."""
        self.asked.append(ask)
        return [{"gid": "7"}, {"gid": "8"}]


def test_projects_are_split_by_whether_they_are_archived() -> None:
    """Archived and active projects make two lists, each from its first page; nothing is asked for that."""
    asana = Asana()
    asks = narrower(PROJECTS, asana.fetch)
    expected = [{**PROJECTS.params, "archived": archived} for archived in ("false", "true")]
    assert asks == [replace(PROJECTS, params=params, offset=None) for params in expected]
    assert asana.asked == []


def test_tasks_of_a_project_are_split_by_section() -> None:
    """Each section of the project is asked for the same fields, changed since the same moment."""
    asana = Asana()
    asks = narrower(TASKS, asana.fetch)
    rest = {"opt_fields": "name", "modified_since": "2026-01-01T00:00:00.000Z"}
    assert asks == [replace(TASKS, params={**rest, "section": gid}, offset=None) for gid in "78"]
    assert [(ask.path, ask.limit) for ask in asana.asked] == [("/projects/12/sections", 100)]


def test_what_the_parts_are_found_by_is_counted_with_the_list() -> None:
    """The requests that a split takes stand in the summary under the stream that needed it."""
    asana = Asana()
    narrower(TASKS, asana.fetch)
    assert [(ask.purpose, ask.workspace) for ask in asana.asked] == [("tasks", "1")]


@pytest.mark.parametrize(
    ("path", "params", "subject"),
    [
        ("/projects", {"workspace": "1", "archived": "false"}, "/projects?workspace=1"),
        ("/tasks", {"section": "7"}, "/tasks?section=7"),
        ("/tasks", {"assignee": "9", "workspace": "1"}, "/tasks?assignee=9&workspace=1"),
        ("/tasks/5/stories", {"opt_fields": "text"}, "/tasks/5/stories"),
    ],
)
def test_a_list_without_parts_is_named(path: str, params: dict[str, str], subject: str) -> None:
    """A truncated list that cannot be split ends the run and names itself: nothing is left out in silence.

    Half of the projects is such a list: teams are no parts of it, since a project need not have a team.
    """
    asana = Asana()
    with pytest.raises(FatalAnswer) as raised:
        narrower(Ask("tasks", path, params, workspace="1", limit=100), asana.fetch)
    assert str(raised.value) == f"Asana truncates {subject}, and it cannot be asked in smaller parts"
    assert asana.asked == []
