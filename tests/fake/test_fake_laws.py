"""The general rules of the API: opt_fields, pages, lists, errors."""

from __future__ import annotations

import pytest
from fake_client import FakeClient

from fake_asana.server.api import Limits
from fake_asana.world import Sizes

EXPIRED = (400, "offset: Your pagination token has expired.")
INVALID = (400, "offset: Your pagination token is invalid.")


@pytest.fixture(scope="module")
def client() -> FakeClient:
    """Give a client of a world that no test changes."""
    return FakeClient()


def fullest(client: FakeClient) -> str:
    """Return the project with the most tasks."""
    return max(client.world.projects.values(), key=lambda project: len(project.tasks)).gid


def test_opt_fields_replace_the_default_fields(client: FakeClient) -> None:
    """A record has gid and the selected fields; resource_type only by name, unknown names are ignored."""
    row = client.get("/workspaces", opt_fields="is_organization,no_such_field")[0]
    assert set(row) == {"gid", "is_organization"}
    row = client.get("/workspaces", opt_fields="resource_type")[0]
    assert row == {"gid": row["gid"], "resource_type": "workspace"}
    assert set(client.get("/workspaces")[0]) == {"gid", "resource_type", "name"}


def test_a_bare_nested_object_has_no_name(client: FakeClient) -> None:
    """`owner` alone returns gid and resource_type, `owner.name` only gid and name."""
    for asks, come in (
        ("owner", {"gid", "resource_type"}),
        ("this.owner.name", {"gid", "name"}),
        ("owner,owner.name", {"gid", "name"}),
        ("owner.(name|resource_type)", {"gid", "name", "resource_type"}),
    ):
        rows = client.get("/projects", workspace=client.first.gid, opt_fields=asks)
        assert {frozenset(row["owner"]) for row in rows if row["owner"]} == {frozenset(come)}


def test_bare_memberships_are_empty_objects(client: FakeClient) -> None:
    """An object without a gid has no fields if it is selected by its bare name."""
    row = client.get("/tasks", project=fullest(client), limit=1, opt_fields="memberships")[0]
    assert set(map(tuple, row["memberships"])) == {()}


def test_groups_are_expanded(client: FakeClient) -> None:
    """`memberships.(project|section).name` selects two paths."""
    row = client.get("/tasks", project=fullest(client), limit=1, opt_fields="memberships.(project|section).name")[0]
    assert set(row["memberships"][0]["section"]) == {"gid", "name"}
    assert set(row["memberships"][0]) == {"project", "section"}


def test_bare_custom_fields_include_every_option(client: FakeClient) -> None:
    """The bare name selects all fields and options, a path only itself."""
    rows = client.all("/tasks", project=fullest(client), opt_fields="custom_fields")
    assert any("enum_options" in value for row in rows for value in row["custom_fields"])
    rows = client.all("/tasks", project=fullest(client), opt_fields="custom_fields.name")
    assert {frozenset(value) for row in rows for value in row["custom_fields"]} == {
        frozenset({"gid", "name"}),
    }


def test_opt_in_fields_must_be_selected(client: FakeClient) -> None:
    """A single task has no html_notes unless they are selected."""
    gid = next(iter(client.world.gids("tasks")))
    assert "html_notes" not in client.get(f"/tasks/{gid}")
    assert "html_notes" in client.get(f"/tasks/{gid}", opt_fields="html_notes")


@pytest.mark.parametrize("size", [1, 7, 100])
def test_pages_of_any_size_have_the_same_rows(client: FakeClient, size: int) -> None:
    """Every task of a project appears once for any page size."""
    rows = [row["gid"] for row in client.all("/tasks", size, project=fullest(client))]
    assert sorted(rows) == sorted(client.world.projects[fullest(client)].tasks)


@pytest.mark.parametrize("size", [0, 101, -1, "many"])
def test_page_sizes_are_1_to_100(client: FakeClient, size: object) -> None:
    """Any other limit is refused."""
    assert client.error("/workspaces", limit=size)[0] == 400


def test_tasks_of_a_project_are_not_sorted_by_time(client: FakeClient) -> None:
    """Tasks have the order in which people arranged them."""
    times = [row["modified_at"] for row in client.all("/tasks", project=fullest(client), opt_fields="modified_at")]
    assert times != sorted(times)


def test_offset_tokens_expire_after_fifteen_minutes() -> None:
    """A token is valid for 900 seconds, and only for its own list."""
    client = FakeClient()
    _, body = client.request("/users", workspace=client.first.gid, limit=2)
    offset = body["next_page"]["offset"]
    client.clock.advance(900)
    assert client.get("/users", workspace=client.first.gid, limit=2, offset=offset)
    assert client.error("/users", workspace=client.second.gid, limit=2, offset=offset) == INVALID
    assert client.error("/users", workspace=client.first.gid, limit=2, offset="bogus") == INVALID
    client.clock.advance(1)
    assert client.error("/users", workspace=client.first.gid, limit=2, offset=offset) == EXPIRED


def test_next_page_has_offset_path_and_uri(client: FakeClient) -> None:
    """The uri is the base URL and the path with the offset; the last page has null."""
    _, body = client.request("/users", workspace=client.first.gid, limit=2)
    next_page = body["next_page"]
    assert client.request("/users", workspace=client.first.gid, limit=100)[1]["next_page"] is None
    assert next_page["uri"] == client.api.base_url + next_page["path"]
    assert next_page["offset"] in next_page["path"]


def test_a_large_list_without_limit_is_refused() -> None:
    """Without limit a list has no next_page, and a list above the maximum is an error."""
    client = FakeClient(Limits(unpaged=10))
    assert set(client.request("/workspaces")[1]) == {"data"}
    assert client.error("/tasks", project=fullest(client))[1].startswith("The result is too large.")


def test_a_truncated_list_ends_with_an_error() -> None:
    """The page after the maximum of a list is refused with a message about truncation."""
    client = FakeClient(Limits(truncate=10))
    _, body = client.request("/tasks", project=fullest(client), limit=10)
    status, message = client.error("/tasks", project=fullest(client), limit=10, offset=body["next_page"]["offset"])
    assert (status, "truncated" in message) == (400, True)


def test_short_pages_do_not_end_a_list() -> None:
    """A page can be shorter than its limit before the end of the list."""
    client = FakeClient(Limits(short_every=2))
    pages = client.pages("/tasks", 10, project=fullest(client))
    assert any(len(page) < 10 for page in pages[:-1])
    assert sum(map(len, pages)) == len(client.world.projects[fullest(client)].tasks)


def test_hidden_tasks_shorten_pages(client: FakeClient) -> None:
    """Hidden tasks are missing from the lists of assignees."""
    for user in client.first.roster:
        rows = client.all("/tasks", assignee=user.gid, workspace=client.first.gid)
        secret = [task for task in user.assigned.values() if set(task.projects()) & hidden_projects(client)]
        assert not {row["gid"] for row in rows} & {task.gid for task in secret}


def hidden_projects(client: FakeClient) -> set[object]:
    """Return the hidden projects."""
    return {client.world.projects[gid] for gid in client.world.hidden_projects}


@pytest.mark.parametrize("holders", [(), ("project", "tag"), ("assignee",), ("workspace",), ("project", "workspace")])
def test_tasks_need_exactly_one_holder(client: FakeClient, holders: tuple[str, ...]) -> None:
    """It is a project, tag, section, task list, or assignee with workspace."""
    status, message = client.error("/tasks", **dict.fromkeys(holders, client.first.gid))
    assert status == 400
    assert message.startswith("Must specify exactly one of project, tag, section")


def test_modified_since_is_a_parameter_of_one_list(client: FakeClient) -> None:
    """/tasks?project= filters by modified_since, /projects/{gid}/tasks ignores it."""
    gid, since = fullest(client), "2030-01-01T00:00:00Z"
    assert client.get("/tasks", project=gid, modified_since=since) == []
    assert client.get(f"/projects/{gid}/tasks", modified_since=since) == client.get(f"/projects/{gid}/tasks")


def test_completed_since_keeps_incomplete_tasks(client: FakeClient) -> None:
    """`completed_since=now` returns incomplete tasks only."""
    rows = client.all("/tasks", project=fullest(client), completed_since="now", opt_fields="completed")
    assert {row["completed"] for row in rows} == {False}


def test_subtasks_are_in_projects_only_if_added(client: FakeClient) -> None:
    """A subtask without a section is listed under its parent alone."""
    child = next(task for task in client.world.tasks.values() if task.parent and not task.sections)
    assert child.parent
    assert child.gid in [row["gid"] for row in client.all(f"/tasks/{child.parent.gid}/subtasks")]
    for project in child.parent.projects():
        assert child.gid not in project.tasks


def test_alphabetical_user_lists_are_capped() -> None:
    """/workspaces/{gid}/users ends silently at its cap, /users does not."""
    client = FakeClient(Limits(users=3))
    assert len(client.get(f"/workspaces/{client.first.gid}/users")) == 3
    assert len(client.all("/users", workspace=client.first.gid)) > 3


def test_only_organizations_have_teams(client: FakeClient) -> None:
    """Teams of another workspace are a bad request, and its projects have none."""
    assert client.error(f"/workspaces/{client.third.gid}/teams", limit=100)[0] == 400
    rows = client.get("/projects", workspace=client.third.gid, opt_fields="team")
    assert {row["team"] for row in rows} == {None}


@pytest.mark.parametrize("path", ["/projects", "/users", "/tags"])
def test_a_list_needs_a_workspace(client: FakeClient, path: str) -> None:
    """A token with several workspaces must name one; the service account has only one."""
    assert client.error(path)[0] == 400
    assert client.get(path, token="0/service") == client.get(path, token="0/service", workspace=client.first.gid)


def test_a_missing_feature_is_a_402(client: FakeClient) -> None:
    """The free workspace has no custom fields."""
    assert client.error(f"/workspaces/{client.third.gid}/custom_fields", limit=100)[0] == 402
    assert client.get(f"/workspaces/{client.first.gid}/custom_fields", limit=100)


@pytest.mark.parametrize("status", [402, 403, 404])
def test_a_denied_gid_has_its_status(status: int) -> None:
    """A gid can be denied to one token with any status."""
    client = FakeClient()
    gid = fullest(client)
    client.world.access.deny(gid, status, token="0/fake")
    assert client.error("/tasks", project=gid)[0] == status
    assert client.request("/tasks", project=gid, token="0/service")[0] == 200


def test_errors_have_asanas_envelope(client: FakeClient) -> None:
    """Unknown tokens, routes, objects and gids have different errors."""
    assert client.error("/workspaces", token="wrong") == (401, "Not Authorized")
    assert client.error("/nothing") == (404, "No matching route for request")
    assert client.error("/tasks/123") == (404, "task: Unknown object: 123")
    assert client.error("/tasks/abc")[0] == 400
    assert client.error(f"/tasks/{next(iter(client.world.tasks))}/stories", limit=1000)[0] == 400


def test_a_hidden_project_is_forbidden(client: FakeClient) -> None:
    """It is missing from lists and gets 403 by gid; the service account sees it."""
    gid = min(client.world.hidden_projects & set(client.first.projects))
    assert gid not in [row["gid"] for row in client.all("/projects", workspace=client.first.gid)]
    assert client.error("/tasks", project=gid)[0] == 403
    assert client.get("/tasks", project=gid, token="0/service")


def test_the_rate_limit_counts_by_minute() -> None:
    """Requests above the limit get a 429 until the minute is over, and count too."""
    client = FakeClient(Limits(per_minute=3))
    client.clock.now = 1_800_000_000.0
    statuses = [client.request("/workspaces")[0] for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    client.clock.advance(60)
    assert client.request("/workspaces")[0] == 200
    assert [handled.status for handled in client.api.log] == [*statuses, 200]


def test_the_only_workspace_is_the_default() -> None:
    """A token with one workspace can omit it."""
    client = FakeClient(sizes=Sizes(tasks=20, projects=4, users=5))
    client.world.access.add("0/one", [client.third])
    assert client.get("/projects", token="0/one")
