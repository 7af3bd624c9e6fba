"""Reading a truncated list in smaller parts (law 6)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from harness import TINY, asana, summary, sync

from tap_asana.api.decoding import Record
from tap_asana.api.protocol import Unavailable
from tap_asana.api.request import Page, Request
from tap_asana.errors import FatalResponseError
from tap_asana.parents.splitting import (
    MAX_SEARCH_ROWS,
    IncompletePartsError,
    UnsplittableError,
    apply_client_filter,
    require_search,
    split_list,
)

PROJECTS = Request(
    "projects",
    "/projects",
    {"workspace": "1", "opt_fields": "name"},
    parent_keys={"workspace_gid": "1"},
    workspace="1",
    limit=100,
    offset="eyJ",
)
TASKS = Request(
    "tasks",
    "/tasks",
    {"project": "12", "opt_fields": "name", "modified_since": "2026-01-01T00:00:00.000Z"},
    parent_keys={"workspace_gid": "1"},
    workspace="1",
    label="found",
    limit=100,
    offset="eyJ",
)


class Asana:
    """Answers each list with two records, counts so many tasks in each project, and keeps the requests."""

    def __init__(self, task_count: int | None = 2) -> None:
        """Start without requests."""
        self.requests: list[Request] = []
        self._task_count = task_count

    def fetch(self, request: Request) -> list[Record]:
        """Return the records of a list, or a count."""
        self.requests.append(request)
        if request.path.endswith("/task_counts"):
            return [{"num_tasks": self._task_count}]
        return [{"gid": "7"}, {"gid": "8"}]


def test_projects_are_split_by_whether_they_are_archived() -> None:
    """Archived and active projects become two lists, each from its first page, without an extra request."""
    asana = Asana()
    requests = split_list(Page(PROJECTS, truncated=True), asana.fetch)
    expected = [{**PROJECTS.params, "archived": archived} for archived in ("false", "true")]
    assert requests == [replace(PROJECTS, params=params, offset=None) for params in expected]
    assert asana.requests == []


def half_search(archived: str) -> Request:
    """Return the search that replaces a truncated half of the projects."""
    half = replace(PROJECTS, params={**PROJECTS.params, "archived": archived})
    (search,) = split_list(Page(half, truncated=True), Asana().fetch)
    return search


def rows_created_at(*seconds: int, archived: bool = False) -> list[Record]:
    """Return projects created at these seconds."""
    return [{"gid": f"{n}", "created_at": f"2026-01-31T08:00:{n:02d}.000Z", "archived": archived} for n in seconds]


def test_a_truncated_half_is_searched_for() -> None:
    """A half that is also truncated is replaced by a search by creation time with the same fields."""
    search = half_search("false")
    assert search.path == "/workspaces/1/projects/search"
    assert search.query_params() == {
        "opt_fields": "name,archived,created_at",
        "sort_by": "created_at",
        "sort_ascending": "true",
        "limit": "100",
    }
    assert (search.endpoint_limit, search.max_rows, search.parent_keys) == (
        "search",
        MAX_SEARCH_ROWS,
        PROJECTS.parent_keys,
    )


def test_a_search_continues_from_its_last_instant() -> None:
    """The next search overlaps the previous one by two seconds, or less if it could not advance otherwise."""
    (later,) = split_list(Page(half_search("false"), rows_created_at(*range(5, 50)), truncated=True), Asana().fetch)
    assert later.params["created_at.after"] == "2026-01-31T08:00:47.000Z"
    (latest,) = split_list(Page(later, rows_created_at(49, 51), truncated=True), Asana().fetch)
    assert latest.params["created_at.after"] == "2026-01-31T08:00:49.000Z"
    (close,) = split_list(
        Page(replace(latest, known_records={"49": True}), rows_created_at(49, 51), truncated=True), Asana().fetch
    )
    assert close.params["created_at.after"] == "2026-01-31T08:00:50.999Z"


def test_a_search_ends_with_a_response_without_new_projects() -> None:
    """A partial response does not end a search, because rows may be hidden; one without new projects does."""
    (later,) = split_list(Page(half_search("false"), rows_created_at(1, 2), truncated=True), Asana().fetch)
    repeated = Page(later, rows_created_at(1, 2), truncated=True)
    assert split_list(repeated, Asana().fetch) == []
    assert apply_client_filter(repeated).records == []


def test_searches_without_an_overlap_are_rejected() -> None:
    """If Asana omits the project that a search starts with, others may be missing between two searches."""
    (later,) = split_list(Page(half_search("false"), rows_created_at(*range(5, 50)), truncated=True), Asana().fetch)
    with pytest.raises(UnsplittableError, match="searches do not overlap"):
        split_list(Page(later, rows_created_at(50, 51), truncated=True), Asana().fetch)


def test_too_many_projects_of_one_instant_are_reported() -> None:
    """If a search cannot get past an instant, the rest counts as unavailable, with that reason."""
    known = {"49": True}
    request = replace(
        half_search("false"), params={"created_at.after": "2026-01-31T08:00:48.999Z"}, known_records=known
    )
    with pytest.raises(UnsplittableError, match="100 projects were created at the same instant"):
        split_list(Page(request, rows_created_at(*([49] * MAX_SEARCH_ROWS)), truncated=True), Asana().fetch)


def test_a_search_returns_its_half_only() -> None:
    """The active half contains no archived projects, and the archived half no active ones."""
    both = [*rows_created_at(1), *rows_created_at(2, archived=True)]
    assert apply_client_filter(Page(half_search("false"), both)).records == both[:1]
    assert apply_client_filter(Page(half_search("true"), both)).records == both[1:]
    assert apply_client_filter(Page(PROJECTS, both)).records == both


def test_an_unsuitable_search_is_rejected() -> None:
    """Without search in the plan, or if search shows no archived projects, the missing rest is reported."""
    with pytest.raises(UnsplittableError, match=r"search is refused there \(402\)"):
        require_search(Page(half_search("false"), unavailable=Unavailable(402, "Payment Required")))
    with pytest.raises(UnsplittableError, match="does not show archived projects"):
        require_search(Page(half_search("true")))
    (later,) = split_list(Page(half_search("true"), rows_created_at(1, 2), truncated=True), Asana().fetch)
    with pytest.raises(UnsplittableError, match="does not show archived projects"):
        split_list(Page(later, rows_created_at(1, 2), truncated=True), Asana().fetch)


def test_tasks_of_a_project_are_split_by_section() -> None:
    """Each section of the project is requested with the same fields and the same `modified_since`."""
    asana = Asana()
    requests = split_list(Page(TASKS, truncated=True), asana.fetch)
    rest = {"opt_fields": "name", "modified_since": "2026-01-01T00:00:00.000Z"}
    assert requests == [replace(TASKS, params={**rest, "section": gid}, offset=None) for gid in "78"]
    assert [(request.path, request.limit) for request in asana.requests] == [
        ("/projects/12/sections", 100),
        ("/projects/12/task_counts", None),
        ("/tasks", 100),
        ("/tasks", 100),
    ]


@pytest.mark.parametrize("task_count", [3, None])
def test_sections_that_may_lack_tasks_are_no_whole_list(task_count: int | None) -> None:
    """If Asana counts more tasks than the sections contain, or none, they are read, and the list is unavailable."""
    with pytest.raises(IncompletePartsError) as raised:
        split_list(Page(TASKS, truncated=True), Asana(task_count).fetch)
    assert [request.params["section"] for request in raised.value.parts] == ["7", "8"]


def test_requests_for_the_parts_count_for_the_list() -> None:
    """The summary counts the requests of a split for the stream that needed it."""
    asana = Asana()
    split_list(Page(TASKS, truncated=True), asana.fetch)
    assert {(request.stream, request.workspace) for request in asana.requests} == {("tasks", "1")}


@pytest.mark.parametrize(
    ("path", "params", "subject"),
    [
        ("/tasks", {"section": "7"}, "/tasks?section=7"),
        ("/tasks", {"assignee": "9", "workspace": "1"}, "/tasks?assignee=9&workspace=1"),
        ("/tasks/5/stories", {"opt_fields": "text"}, "/tasks/5/stories"),
    ],
)
def test_a_list_without_parts_is_named(path: str, params: dict[str, str], subject: str) -> None:
    """A truncated list that cannot be split is named, and counts as unavailable."""
    asana = Asana()
    with pytest.raises(UnsplittableError) as raised:
        split_list(Page(Request("tasks", path, params, workspace="1", limit=100), truncated=True), asana.fetch)
    assert str(raised.value) == f"Asana truncates {subject}, and it cannot be split"
    assert asana.requests == []


def test_a_root_without_parts_ends_the_run() -> None:
    """A truncated list of workspaces would look complete."""
    with pytest.raises(FatalResponseError, match="cannot be split"):
        split_list(Page(Request("workspaces", "/workspaces", limit=100, is_root=True), truncated=True), Asana().fetch)


TRUNCATED = "The result set is too large and has been truncated."


@pytest.mark.parametrize(
    ("template", "path"),
    [("GET /tags", "/tags"), ("GET /tasks", "assignee="), ("GET /projects/{project_gid}/sections", "project=")],
    ids=["tags", "tasks of a person", "sections"],
)
def test_a_permanently_truncated_list_loses_only_itself(
    template: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A list without parts, or with unavailable parts, is named and counted with 400; the run reads all other lists."""
    caplog.set_level("INFO")
    api = asana(TINY)
    project, person = (
        next(iter(api.world.gids("projects"))),
        next(iter(api.world.gids("users"))),
    )
    if template != "GET /tags":
        api.refuse("GET /tasks", 400, gid=person if path == "assignee=" else project, message=TRUNCATED)
    if template != "GET /tasks":
        api.refuse(template, 400, gid="" if path == "/tags" else project, message=TRUNCATED)
    output = sync(api, select=["tags", "users", "tasks"])
    parts = summary(caplog.records)
    assert "skipped with 400" in parts["tags" if path == "/tags" else "tasks"]
    assert path in parts["tags" if path == "/tags" else "tasks"]
    assert output.rows("tasks")
    assert output.rows("users").keys() == set(api.world.gids("users"))
