"""The local Asana answers by the laws of the real one."""

from __future__ import annotations

import pytest
from fake_client import FakeClient

from fake_asana.server.api import Limits
from fake_asana.world import Sizes

EXPIRED = (400, "offset: Your pagination token has expired.")
INVALID = (400, "offset: Your pagination token is invalid.")


@pytest.fixture(scope="module")
def client() -> FakeClient:
    """Give a world that no test changes."""
    return FakeClient()


def fullest(client: FakeClient) -> str:
    """Find the project with most tasks."""
    return max(client.world.projects.values(), key=lambda project: len(project.tasks)).gid


def test_opt_fields_replace_the_default(client: FakeClient) -> None:
    """A record holds gid and what was asked for, resource_type only by name; what is unknown is passed over."""
    row = client.get("/workspaces", opt_fields="is_organization,no_such_field")[0]
    assert set(row) == {"gid", "is_organization"}
    row = client.get("/workspaces", opt_fields="resource_type")[0]
    assert row == {"gid": row["gid"], "resource_type": "workspace"}
    assert set(client.get("/workspaces")[0]) == {"gid", "resource_type", "name"}


def test_a_bare_nested_object_has_no_name(client: FakeClient) -> None:
    """`owner` alone brings gid and resource_type, beside `owner.name` nothing, `owner.resource_type` what it says."""
    for asks, come in (
        ("owner", {"gid", "resource_type"}),
        ("this.owner.name", {"gid", "name"}),
        ("owner,owner.name", {"gid", "name"}),
        ("owner.(name|resource_type)", {"gid", "name", "resource_type"}),
    ):
        rows = client.get("/projects", workspace=client.first.gid, opt_fields=asks)
        assert {frozenset(row["owner"]) for row in rows if row["owner"]} == {frozenset(come)}


def test_bare_memberships_are_empty_objects(client: FakeClient) -> None:
    """What has no gid and is asked by its bare name comes without fields."""
    row = client.get("/tasks", project=fullest(client), limit=1, opt_fields="memberships")[0]
    assert set(map(tuple, row["memberships"])) == {()}


def test_groups_are_expanded(client: FakeClient) -> None:
    """`memberships.(project|section).name` asks for two paths."""
    row = client.get("/tasks", project=fullest(client), limit=1, opt_fields="memberships.(project|section).name")[0]
    assert set(row["memberships"][0]["section"]) == {"gid", "name"}
    assert set(row["memberships"][0]) == {"project", "section"}


def test_bare_custom_fields_carry_every_option(client: FakeClient) -> None:
    """Custom fields asked by their bare name bring all options of every field; by path, only the path."""
    rows = client.all("/tasks", project=fullest(client), opt_fields="custom_fields")
    assert any("enum_options" in value for row in rows for value in row["custom_fields"])
    rows = client.all("/tasks", project=fullest(client), opt_fields="custom_fields.name")
    assert {frozenset(value) for row in rows for value in row["custom_fields"]} == {
        frozenset({"gid", "name"}),
    }


def test_opt_in_fields_come_only_when_asked(client: FakeClient) -> None:
    """A single task shows no html_notes unless they are asked for."""
    gid = next(iter(client.world.gids("tasks")))
    assert "html_notes" not in client.get(f"/tasks/{gid}")
    assert "html_notes" in client.get(f"/tasks/{gid}", opt_fields="html_notes")


@pytest.mark.parametrize("size", [1, 7, 100])
def test_pages_of_any_size_hold_the_same_rows(client: FakeClient, size: int) -> None:
    """Every task of a project comes once, whatever the page size."""
    rows = [row["gid"] for row in client.all("/tasks", size, project=fullest(client))]
    assert sorted(rows) == sorted(client.world.projects[fullest(client)].tasks)


@pytest.mark.parametrize("size", [0, 101, -1, "many"])
def test_page_sizes_are_1_to_100(client: FakeClient, size: object) -> None:
    """Any other limit is refused."""
    assert client.refusal("/workspaces", limit=size)[0] == 400


def test_a_project_is_not_in_the_order_of_time(client: FakeClient) -> None:
    """Tasks lie in a project as people dragged them."""
    times = [row["modified_at"] for row in client.all("/tasks", project=fullest(client), opt_fields="modified_at")]
    assert times != sorted(times)


def test_offset_tokens_die_after_fifteen_minutes() -> None:
    """A token is good for 900 seconds and expired after; a foreign one was never good."""
    client = FakeClient()
    _, body = client.request("/users", workspace=client.first.gid, limit=2)
    offset = body["next_page"]["offset"]
    client.clock.advance(900)
    assert client.get("/users", workspace=client.first.gid, limit=2, offset=offset)
    assert client.refusal("/users", workspace=client.second.gid, limit=2, offset=offset) == INVALID
    assert client.refusal("/users", workspace=client.first.gid, limit=2, offset="bogus") == INVALID
    client.clock.advance(1)
    assert client.refusal("/users", workspace=client.first.gid, limit=2, offset=offset) == EXPIRED


def test_next_page_says_where_to_go_on(client: FakeClient) -> None:
    """The uri is the base url with the path, which holds the offset; on the last page there is null."""
    _, body = client.request("/users", workspace=client.first.gid, limit=2)
    onward = body["next_page"]
    assert client.request("/users", workspace=client.first.gid, limit=100)[1]["next_page"] is None
    assert onward["uri"] == client.api.base_url + onward["path"]
    assert onward["offset"] in onward["path"]


def test_a_large_list_without_limit_is_refused() -> None:
    """Without limit there is no next_page, and above 1000 rows no answer."""
    client = FakeClient(Limits(unpaged=10))
    assert set(client.request("/workspaces")[1]) == {"data"}
    assert client.refusal("/tasks", project=fullest(client))[1].startswith("The result is too large.")


def test_a_truncated_list_breaks_off_with_an_error() -> None:
    """Past the most that a list may hold, the page is refused with a message that says so."""
    client = FakeClient(Limits(truncate=10))
    _, body = client.request("/tasks", project=fullest(client), limit=10)
    status, message = client.refusal("/tasks", project=fullest(client), limit=10, offset=body["next_page"]["offset"])
    assert (status, "truncated" in message) == (400, True)


def test_short_pages_do_not_end_a_list() -> None:
    """A page may hold fewer rows than asked for while the list goes on."""
    client = FakeClient(Limits(short_every=2))
    pages = client.pages("/tasks", 10, project=fullest(client))
    assert any(len(page) < 10 for page in pages[:-1])
    assert sum(map(len, pages)) == len(client.world.projects[fullest(client)].tasks)


def test_hidden_tasks_shorten_pages(client: FakeClient) -> None:
    """What the token does not see is missing from its page, in somebody's tasks as everywhere."""
    for user in client.first.roster:
        rows = client.all("/tasks", assignee=user.gid, workspace=client.first.gid)
        secret = [task for task in user.assigned.values() if set(task.projects()) & hidden(client)]
        assert not {row["gid"] for row in rows} & {task.gid for task in secret}


def hidden(client: FakeClient) -> set[object]:
    """Find the projects that nobody shared."""
    return {client.world.projects[gid] for gid in client.world.hidden_projects}


@pytest.mark.parametrize("holders", [(), ("project", "tag"), ("assignee",), ("workspace",), ("project", "workspace")])
def test_tasks_want_exactly_one_holder(client: FakeClient, holders: tuple[str, ...]) -> None:
    """Tasks are listed by one of project, tag, section, task list, or assignee with workspace."""
    status, message = client.refusal("/tasks", **dict.fromkeys(holders, client.first.gid))
    assert status == 400
    assert message.startswith("Must specify exactly one of project, tag, section")


def test_only_one_list_of_tasks_knows_modified_since(client: FakeClient) -> None:
    """/tasks?project= filters by modified_since, /projects/{gid}/tasks passes it over."""
    gid, since = fullest(client), "2030-01-01T00:00:00Z"
    assert client.get("/tasks", project=gid, modified_since=since) == []
    assert client.get(f"/projects/{gid}/tasks", modified_since=since) == client.get(f"/projects/{gid}/tasks")


def test_completed_since_keeps_what_is_open(client: FakeClient) -> None:
    """`completed_since=now` brings the incomplete ones."""
    rows = client.all("/tasks", project=fullest(client), completed_since="now", opt_fields="completed")
    assert {row["completed"] for row in rows} == {False}


def test_subtasks_are_in_projects_only_when_added(client: FakeClient) -> None:
    """A subtask without a section of its own is listed under its parent alone."""
    child = next(task for task in client.world.tasks.values() if task.parent and not task.sections)
    assert child.parent
    assert child.gid in [row["gid"] for row in client.all(f"/tasks/{child.parent.gid}/subtasks")]
    for project in child.parent.projects():
        assert child.gid not in project.tasks


def test_alphabetical_user_lists_end_early() -> None:
    """/workspaces/{gid}/users stops at its cap without a word; /users goes on."""
    client = FakeClient(Limits(users=3))
    assert len(client.get(f"/workspaces/{client.first.gid}/users")) == 3
    assert len(client.all("/users", workspace=client.first.gid)) > 3


def test_only_organizations_have_teams(client: FakeClient) -> None:
    """Teams of a workspace that is no organization are a bad request, and its projects have none."""
    assert client.refusal(f"/workspaces/{client.third.gid}/teams", limit=100)[0] == 400
    rows = client.get("/projects", workspace=client.third.gid, opt_fields="team")
    assert {row["team"] for row in rows} == {None}


@pytest.mark.parametrize("path", ["/projects", "/users", "/tags"])
def test_lists_across_workspaces_are_refused(client: FakeClient, path: str) -> None:
    """A token with several workspaces must name one; the service account has only one."""
    assert client.refusal(path)[0] == 400
    assert client.get(path, token="0/service") == client.get(path, token="0/service", workspace=client.first.gid)


def test_a_plan_without_a_feature_answers_402(client: FakeClient) -> None:
    """The free workspace has no custom fields."""
    assert client.refusal(f"/workspaces/{client.third.gid}/custom_fields", limit=100)[0] == 402
    assert client.get(f"/workspaces/{client.first.gid}/custom_fields", limit=100)


@pytest.mark.parametrize("status", [402, 403, 404])
def test_what_is_denied_answers_its_status(status: int) -> None:
    """A gid can be denied to everybody or to one token."""
    client = FakeClient()
    gid = fullest(client)
    client.world.access.deny(gid, status, token="0/fake")
    assert client.refusal("/tasks", project=gid)[0] == status
    assert client.request("/tasks", project=gid, token="0/service")[0] == 200


def test_errors_have_asanas_envelope(client: FakeClient) -> None:
    """Unknown tokens, routes, objects and gids are told apart."""
    assert client.refusal("/workspaces", token="wrong") == (401, "Not Authorized")
    assert client.refusal("/nothing") == (404, "No matching route for request")
    assert client.refusal("/tasks/123") == (404, "task: Unknown object: 123")
    assert client.refusal("/tasks/abc")[0] == 400
    assert client.refusal(f"/tasks/{next(iter(client.world.tasks))}/stories", limit=1000)[0] == 400


def test_hidden_things_are_forbidden(client: FakeClient) -> None:
    """A project that was not shared is missing from lists and forbidden by gid; the service account sees it."""
    gid = min(client.world.hidden_projects & set(client.first.projects))
    assert gid not in [row["gid"] for row in client.all("/projects", workspace=client.first.gid)]
    assert client.refusal("/tasks", project=gid)[0] == 403
    assert client.get("/tasks", project=gid, token="0/service")


def test_the_minute_has_an_end() -> None:
    """Requests above the allowance are refused until the minute is over, and count themselves."""
    client = FakeClient(Limits(per_minute=3))
    client.clock.now = 1_800_000_000.0
    statuses = [client.request("/workspaces")[0] for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    client.clock.advance(60)
    assert client.request("/workspaces")[0] == 200
    assert [handled.status for handled in client.api.log] == [*statuses, 200]


def test_a_workspace_alone_need_not_be_named() -> None:
    """A token with one workspace may leave it out."""
    client = FakeClient(sizes=Sizes(tasks=20, projects=4, users=5))
    client.world.access.add("0/one", [client.third])
    assert client.get("/projects", token="0/one")
