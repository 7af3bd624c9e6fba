"""The local Asana answers by the laws of the real one."""

from __future__ import annotations

import pytest
from asking import Asked

from fake_asana.server.api import Limits
from fake_asana.world import Sizes

EXPIRED = (400, "offset: Your pagination token has expired.")
INVALID = (400, "offset: Your pagination token is invalid.")


@pytest.fixture(scope="module")
def asked() -> Asked:
    """Give a world that no test changes."""
    return Asked()


def fullest(asked: Asked) -> str:
    """Find the project with most tasks."""
    return max(asked.world.projects.values(), key=lambda project: len(project.tasks)).gid


def test_opt_fields_replace_the_default(asked: Asked) -> None:
    """A record holds gid and what was asked for, resource_type only by name; what is unknown is passed over."""
    row = asked.get("/workspaces", opt_fields="is_organization,no_such_field")[0]
    assert set(row) == {"gid", "is_organization"}
    row = asked.get("/workspaces", opt_fields="resource_type")[0]
    assert row == {"gid": row["gid"], "resource_type": "workspace"}
    assert set(asked.get("/workspaces")[0]) == {"gid", "resource_type", "name"}


def test_a_bare_nested_object_has_no_name(asked: Asked) -> None:
    """`owner` alone brings gid and resource_type, beside `owner.name` nothing, `owner.resource_type` what it says."""
    for asks, come in (
        ("owner", {"gid", "resource_type"}),
        ("this.owner.name", {"gid", "name"}),
        ("owner,owner.name", {"gid", "name"}),
        ("owner.(name|resource_type)", {"gid", "name", "resource_type"}),
    ):
        rows = asked.get("/projects", workspace=asked.first.gid, opt_fields=asks)
        assert {frozenset(row["owner"]) for row in rows if row["owner"]} == {frozenset(come)}


def test_bare_memberships_are_empty_objects(asked: Asked) -> None:
    """What has no gid and is asked by its bare name comes without fields."""
    row = asked.get("/tasks", project=fullest(asked), limit=1, opt_fields="memberships")[0]
    assert set(map(tuple, row["memberships"])) == {()}


def test_groups_are_expanded(asked: Asked) -> None:
    """`memberships.(project|section).name` asks for two paths."""
    row = asked.get("/tasks", project=fullest(asked), limit=1, opt_fields="memberships.(project|section).name")[0]
    assert set(row["memberships"][0]["section"]) == {"gid", "name"}
    assert set(row["memberships"][0]) == {"project", "section"}


def test_bare_custom_fields_carry_every_option(asked: Asked) -> None:
    """Custom fields asked by their bare name bring all options of every field; by path, only the path."""
    rows = asked.all("/tasks", project=fullest(asked), opt_fields="custom_fields")
    assert any("enum_options" in value for row in rows for value in row["custom_fields"])
    rows = asked.all("/tasks", project=fullest(asked), opt_fields="custom_fields.name")
    assert {frozenset(value) for row in rows for value in row["custom_fields"]} == {
        frozenset({"gid", "name"}),
    }


def test_opt_in_fields_come_only_when_asked(asked: Asked) -> None:
    """A single task shows no html_notes unless they are asked for."""
    gid = next(iter(asked.world.gids("tasks")))
    assert "html_notes" not in asked.get(f"/tasks/{gid}")
    assert "html_notes" in asked.get(f"/tasks/{gid}", opt_fields="html_notes")


@pytest.mark.parametrize("size", [1, 7, 100])
def test_pages_of_any_size_hold_the_same_rows(asked: Asked, size: int) -> None:
    """Every task of a project comes once, whatever the page size."""
    rows = [row["gid"] for row in asked.all("/tasks", size, project=fullest(asked))]
    assert sorted(rows) == sorted(asked.world.projects[fullest(asked)].tasks)


@pytest.mark.parametrize("size", [0, 101, -1, "many"])
def test_page_sizes_are_1_to_100(asked: Asked, size: object) -> None:
    """Any other limit is refused."""
    assert asked.refusal("/workspaces", limit=size)[0] == 400


def test_a_project_is_not_in_the_order_of_time(asked: Asked) -> None:
    """Tasks lie in a project as people dragged them."""
    times = [row["modified_at"] for row in asked.all("/tasks", project=fullest(asked), opt_fields="modified_at")]
    assert times != sorted(times)


def test_offset_tokens_die_after_fifteen_minutes() -> None:
    """A token is good for 900 seconds and expired after; a foreign one was never good."""
    asked = Asked()
    _, body = asked.ask("/users", workspace=asked.first.gid, limit=2)
    offset = body["next_page"]["offset"]
    asked.clock.advance(900)
    assert asked.get("/users", workspace=asked.first.gid, limit=2, offset=offset)
    assert asked.refusal("/users", workspace=asked.second.gid, limit=2, offset=offset) == INVALID
    assert asked.refusal("/users", workspace=asked.first.gid, limit=2, offset="bogus") == INVALID
    asked.clock.advance(1)
    assert asked.refusal("/users", workspace=asked.first.gid, limit=2, offset=offset) == EXPIRED


def test_next_page_says_where_to_go_on(asked: Asked) -> None:
    """The uri is the base url with the path, which holds the offset; on the last page there is null."""
    _, body = asked.ask("/users", workspace=asked.first.gid, limit=2)
    onward = body["next_page"]
    assert asked.ask("/users", workspace=asked.first.gid, limit=100)[1]["next_page"] is None
    assert onward["uri"] == asked.api.base_url + onward["path"]
    assert onward["offset"] in onward["path"]


def test_a_large_list_without_limit_is_refused() -> None:
    """Without limit there is no next_page, and above 1000 rows no answer."""
    asked = Asked(Limits(unpaged=10))
    assert set(asked.ask("/workspaces")[1]) == {"data"}
    assert asked.refusal("/tasks", project=fullest(asked))[1].startswith("The result is too large.")


def test_a_truncated_list_breaks_off_with_an_error() -> None:
    """Past the most that a list may hold, the page is refused with a message that says so."""
    asked = Asked(Limits(truncate=10))
    _, body = asked.ask("/tasks", project=fullest(asked), limit=10)
    status, message = asked.refusal("/tasks", project=fullest(asked), limit=10, offset=body["next_page"]["offset"])
    assert (status, "truncated" in message) == (400, True)


def test_short_pages_do_not_end_a_list() -> None:
    """A page may hold fewer rows than asked for while the list goes on."""
    asked = Asked(Limits(short_every=2))
    pages = asked.pages("/tasks", 10, project=fullest(asked))
    assert any(len(page) < 10 for page in pages[:-1])
    assert sum(map(len, pages)) == len(asked.world.projects[fullest(asked)].tasks)


def test_hidden_tasks_shorten_pages(asked: Asked) -> None:
    """What the token does not see is missing from its page, in somebody's tasks as everywhere."""
    for user in asked.first.roster:
        rows = asked.all("/tasks", assignee=user.gid, workspace=asked.first.gid)
        secret = [task for task in user.assigned.values() if set(task.projects()) & hidden(asked)]
        assert not {row["gid"] for row in rows} & {task.gid for task in secret}


def hidden(asked: Asked) -> set[object]:
    """Find the projects that nobody shared."""
    return {asked.world.projects[gid] for gid in asked.world.hidden_projects}


@pytest.mark.parametrize("holders", [(), ("project", "tag"), ("assignee",), ("workspace",), ("project", "workspace")])
def test_tasks_want_exactly_one_holder(asked: Asked, holders: tuple[str, ...]) -> None:
    """Tasks are listed by one of project, tag, section, task list, or assignee with workspace."""
    status, message = asked.refusal("/tasks", **dict.fromkeys(holders, asked.first.gid))
    assert status == 400
    assert message.startswith("Must specify exactly one of project, tag, section")


def test_only_one_list_of_tasks_knows_modified_since(asked: Asked) -> None:
    """/tasks?project= filters by modified_since, /projects/{gid}/tasks passes it over."""
    gid, since = fullest(asked), "2030-01-01T00:00:00Z"
    assert asked.get("/tasks", project=gid, modified_since=since) == []
    assert asked.get(f"/projects/{gid}/tasks", modified_since=since) == asked.get(f"/projects/{gid}/tasks")


def test_completed_since_keeps_what_is_open(asked: Asked) -> None:
    """`completed_since=now` brings the incomplete ones."""
    rows = asked.all("/tasks", project=fullest(asked), completed_since="now", opt_fields="completed")
    assert {row["completed"] for row in rows} == {False}


def test_subtasks_are_in_projects_only_when_added(asked: Asked) -> None:
    """A subtask without a section of its own is listed under its parent alone."""
    child = next(task for task in asked.world.tasks.values() if task.parent and not task.sections)
    assert child.parent
    assert child.gid in [row["gid"] for row in asked.all(f"/tasks/{child.parent.gid}/subtasks")]
    for project in child.parent.projects():
        assert child.gid not in project.tasks


def test_alphabetical_user_lists_end_early() -> None:
    """/workspaces/{gid}/users stops at its cap without a word; /users goes on."""
    asked = Asked(Limits(users=3))
    assert len(asked.get(f"/workspaces/{asked.first.gid}/users")) == 3
    assert len(asked.all("/users", workspace=asked.first.gid)) > 3


def test_only_organizations_have_teams(asked: Asked) -> None:
    """Teams of a workspace that is no organization are a bad request, and its projects have none."""
    assert asked.refusal(f"/workspaces/{asked.third.gid}/teams", limit=100)[0] == 400
    rows = asked.get("/projects", workspace=asked.third.gid, opt_fields="team")
    assert {row["team"] for row in rows} == {None}


@pytest.mark.parametrize("path", ["/projects", "/users", "/tags"])
def test_lists_across_workspaces_are_refused(asked: Asked, path: str) -> None:
    """A token with several workspaces must name one; the service account has only one."""
    assert asked.refusal(path)[0] == 400
    assert asked.get(path, token="0/service") == asked.get(path, token="0/service", workspace=asked.first.gid)


def test_a_plan_without_a_feature_answers_402(asked: Asked) -> None:
    """The free workspace has no custom fields."""
    assert asked.refusal(f"/workspaces/{asked.third.gid}/custom_fields", limit=100)[0] == 402
    assert asked.get(f"/workspaces/{asked.first.gid}/custom_fields", limit=100)


@pytest.mark.parametrize("status", [402, 403, 404])
def test_what_is_denied_answers_its_status(status: int) -> None:
    """A gid can be denied to everybody or to one token."""
    asked = Asked()
    gid = fullest(asked)
    asked.world.access.deny(gid, status, token="0/fake")
    assert asked.refusal("/tasks", project=gid)[0] == status
    assert asked.ask("/tasks", project=gid, token="0/service")[0] == 200


def test_errors_have_asanas_envelope(asked: Asked) -> None:
    """Unknown tokens, routes, objects and gids are told apart."""
    assert asked.refusal("/workspaces", token="wrong") == (401, "Not Authorized")
    assert asked.refusal("/nothing") == (404, "No matching route for request")
    assert asked.refusal("/tasks/123") == (404, "task: Unknown object: 123")
    assert asked.refusal("/tasks/abc")[0] == 400
    assert asked.refusal(f"/tasks/{next(iter(asked.world.tasks))}/stories", limit=1000)[0] == 400


def test_hidden_things_are_forbidden(asked: Asked) -> None:
    """A project that was not shared is missing from lists and forbidden by gid; the service account sees it."""
    gid = min(asked.world.hidden_projects & set(asked.first.projects))
    assert gid not in [row["gid"] for row in asked.all("/projects", workspace=asked.first.gid)]
    assert asked.refusal("/tasks", project=gid)[0] == 403
    assert asked.get("/tasks", project=gid, token="0/service")


def test_the_minute_has_an_end() -> None:
    """Requests above the allowance are refused until the minute is over, and count themselves."""
    asked = Asked(Limits(per_minute=3))
    asked.clock.now = 1_800_000_000.0
    statuses = [asked.ask("/workspaces")[0] for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    asked.clock.advance(60)
    assert asked.ask("/workspaces")[0] == 200
    assert [handled.status for handled in asked.api.log] == [*statuses, 200]


def test_a_workspace_alone_need_not_be_named() -> None:
    """A token with one workspace may leave it out."""
    asked = Asked(sizes=Sizes(tasks=20, projects=4, users=5))
    asked.world.access.add("0/one", [asked.third])
    assert asked.get("/projects", token="0/one")
