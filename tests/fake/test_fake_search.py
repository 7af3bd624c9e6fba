"""Search of the fake, with the oddities of Asana's."""

from __future__ import annotations

from itertools import product
from typing import Any, Literal

import pytest
from fake_client import FakeClient, Json

from fake_asana.model.clock import format_instant
from fake_asana.model.tasks import Task
from fake_asana.server.api import Dialect, Limits
from fake_asana.world import Sizes

UNBOUNDED = "2000-01-01"
FIELDS = "modified_at,created_at,completed_at,completed,assignee,projects,tags,parent,resource_subtype"


@pytest.fixture(scope="module")
def client() -> FakeClient:
    """Give a client of a world that no test changes."""
    return FakeClient()


def search(client: FakeClient, **query: object) -> list[Json]:
    """Search the first workspace, oldest first by default."""
    query = {"sort_ascending": "true", "opt_fields": FIELDS, "limit": 100, **query}
    rows: list[Json] = client.get(search_path(client), **query)
    return rows


def search_path(client: FakeClient) -> str:
    """Return the path of the search in the first workspace."""
    return f"/workspaces/{client.first.gid}/tasks/search"


def search_all(client: FakeClient, **query: object) -> list[Json]:
    """Search by consecutive windows and return each task once."""
    rows_by_gid: dict[str, Json] = {}
    after = 0
    while True:
        rows = search(client, **{"modified_at.after": format_instant(after), **query})
        new = [row for row in rows if row["gid"] not in rows_by_gid]
        rows_by_gid |= {row["gid"]: row for row in rows}
        if len(rows) < 100:
            return list(rows_by_gid.values())
        assert new, "more than a hundred tasks share an instant"
        after = max(client.world.tasks[row["gid"]].modified for row in rows) - 1


def visible_tasks(client: FakeClient) -> list[Task]:
    """Return the visible tasks of the first workspace."""
    viewer = client.world.access.viewers["0/fake"]
    return [t for t in client.world.tasks.values() if t.workspace is client.first and viewer.sees_task(t)]


def gids(rows: Any) -> set[str]:  # noqa: ANN401 - tasks or their records
    """Return the gids of tasks or records."""
    return {row["gid"] if isinstance(row, dict) else row.gid for row in rows}


def test_a_plan_without_search_gets_402(client: FakeClient) -> None:
    """The free workspace has no search."""
    error = client.error(f"/workspaces/{client.third.gid}/tasks/search")
    assert error == (402, "Search is only available to premium users.")


@pytest.mark.parametrize(("query", "rows"), [({}, 20), ({"limit": 3}, 3), ({"limit": 100}, 100)])
def test_a_search_has_a_limit_and_no_offset(client: FakeClient, query: Json, rows: int) -> None:
    """The default limit is 20, without a next page."""
    status, body = client.request(search_path(client), offset="nonsense", **query)
    assert (status, set(body), len(body["data"])) == (200, {"data"}, rows)


def test_the_maximum_limit_is_a_hundred(client: FakeClient) -> None:
    """A larger limit is refused."""
    assert client.error(search_path(client), limit=101) == (400, "limit: Must be between 1 and 100.")


def test_the_default_limit_is_configurable() -> None:
    """Asana does not document it."""
    client = FakeClient(dialect=Dialect(search_rows=50))
    assert len(client.get(search_path(client))) == 50


def test_the_newest_changes_are_first_by_default(client: FakeClient) -> None:
    """Rows are compact and sorted by modified_at, descending."""
    rows = client.get(search_path(client), limit=100)
    assert set(rows[0]) == {"gid", "resource_type", "resource_subtype", "name", "created_by"}
    newest = sorted((task.modified for task in visible_tasks(client)), reverse=True)[:100]
    assert [client.world.tasks[row["gid"]].modified for row in rows] == newest


def test_windows_find_every_visible_task(client: FakeClient) -> None:
    """Subtasks, tasks without project and tasks of archived projects are found, hidden ones are not."""
    rows = search_all(client)
    assert gids(rows) == gids(visible_tasks(client))
    assert any(row["parent"] and not row["projects"] for row in rows)
    assert any(not row["parent"] and not row["projects"] and not row["assignee"] for row in rows)
    archived = {project.gid for project in client.first.projects.values() if project.archived}
    assert any(archived >= gids(row["projects"]) for row in rows if row["projects"])


@pytest.mark.parametrize(("by", "key"), [("created_at", "created"), ("modified_at", "modified")])
@pytest.mark.parametrize("ascending", [True, False])
def test_a_search_is_sorted(client: FakeClient, by: str, key: str, ascending: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Each instant sorts in both directions."""
    rows = search(client, sort_by=by, sort_ascending=str(ascending).lower(), **{"modified_at.after": UNBOUNDED})
    instants = [getattr(client.world.tasks[row["gid"]], key) for row in rows]
    expected = sorted((getattr(task, key) for task in visible_tasks(client)), reverse=not ascending)
    assert instants == expected[:100]


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ({"is_subtask": "true"}, lambda t: t.parent),
        ({"is_subtask": "false"}, lambda t: not t.parent),
        ({"completed": "true"}, lambda t: t.completed),
        ({"resource_subtype": "approval"}, lambda t: t.subtype == "approval"),
        ({"has_attachment": "true"}, lambda t: t.n_attachments),
        ({"assignee.any": "null"}, lambda t: not t.assignee),
        ({"assignee.not": "null"}, lambda t: t.assignee),
        ({"assignee.any": "me"}, lambda t: t.assignee and t.assignee is t.workspace.roster[0]),
        ({"is_blocked": "true"}, lambda t: any(not other.completed for other in t.dependencies)),
        ({"is_blocking": "true"}, lambda t: t.dependents and not t.completed),
        ({"no_such_filter": "1"}, lambda _: True),
    ],
)
def test_filters_select_tasks(client: FakeClient, query: Json, matches: Any) -> None:  # noqa: ANN401 - a lambda
    """Each documented filter selects its tasks, and an unknown one is ignored."""
    expected = gids(filter(matches, visible_tasks(client)))
    assert expected
    assert gids(search_all(client, **query)) == expected


@pytest.mark.parametrize("holder", ["projects", "tags", "sections"])
def test_holders_are_filters(client: FakeClient, holder: str) -> None:
    """The tests are any of several holders, none, and all."""
    kinds: dict[str, Any] = {
        "projects": client.first.projects,
        "tags": client.first.tags,
        "sections": client.world.sections,
    }
    own: Any = {"projects": lambda t: t.projects(), "tags": lambda t: t.tags, "sections": lambda t: t.sections}
    wanted_gids = set(list(kinds[holder])[:2])
    held_gids = {task.gid: gids(own[holder](task)) for task in visible_tasks(client)}
    for test, matches in (("any", bool), ("not", lambda both: not both), ("all", lambda both: both == wanted_gids)):
        expected = {gid for gid, these in held_gids.items() if matches(these & wanted_gids)}
        assert gids(search_all(client, **{f"{holder}.{test}": ",".join(wanted_gids)})) == expected, test


def test_portfolios_are_a_filter(client: FakeClient) -> None:
    """Tasks are found by the portfolio of one of their projects."""
    item = next(item for item in client.world.portfolio_items if item.resource.gid in client.first.projects)
    expected = gids(task for task in visible_tasks(client) if item.resource.gid in gids(task.projects()))
    assert expected
    assert gids(search_all(client, **{"portfolios.any": item.portfolio.gid})) >= expected


@pytest.mark.parametrize("query", [{"projects.any": "null"}, {"assignee.any": "x"}, {"modified_at.after": "soon"}])
def test_unreadable_filters_are_refused(client: FakeClient, query: Json) -> None:
    """A value other than a gid or an instant is a bad request."""
    assert client.error(search_path(client), **query)[0] == 400


def test_days_are_bounds(client: FakeClient) -> None:
    """`created_on` is a day; before, on and after it is every task."""
    day = str(search(client, sort_by="created_at")[40]["created_at"])[:10]
    parts = [gids(search_all(client, **{f"created_on{side}": day})) for side in ("", ".before", ".after")]
    assert all(parts)
    assert sum(map(len, parts)) == len(set.union(*parts)) == len(visible_tasks(client))


@pytest.mark.parametrize("inclusive", [set(), {"after"}, {"before"}, {"after", "before"}])
def test_bounds_include_their_instant_or_not(inclusive: set[str]) -> None:
    """The limits of the server decide for each side."""
    client = FakeClient(Limits(search_inclusive=frozenset(inclusive)))
    middle = client.world.tasks[search(client)[50]["gid"]].modified
    same = gids(task for task in visible_tasks(client) if task.modified == middle)
    for side in ("after", "before"):
        ascending = gids(search(client, **{f"modified_at.{side}": format_instant(middle)}))
        descending = gids(search(client, sort_ascending="false", **{f"modified_at.{side}": format_instant(middle)}))
        assert (ascending | descending) & same == (same if side in inclusive else set())


def test_ties_are_random_by_default() -> None:
    """Two searches return different tasks of the same instant."""
    client = FakeClient(sizes=Sizes(tasks=400))
    client.clock.advance(60)
    client.world.bulk_edit(list(client.world.tasks))
    first, second = ([row["gid"] for row in search(client)] for _ in range(2))
    assert (len(first), len(second)) == (100, 100)
    assert set(first) != set(second)


@pytest.mark.parametrize("order", ["first", "last"])
def test_ties_can_have_a_fixed_order(order: Literal["first", "last"]) -> None:
    """Two searches return the same tasks of the same instant if the dialect says so."""
    client = FakeClient(sizes=Sizes(tasks=400), dialect=Dialect(search_ties=order))
    client.clock.advance(60)
    client.world.bulk_edit(list(client.world.tasks))
    first, second = ([row["gid"] for row in search(client)] for _ in range(2))
    by_serial = sorted(first, key=lambda gid: client.world.tasks[gid].serial, reverse=order == "last")
    assert first == second == by_serial


def test_hidden_tasks_can_count_against_the_limit() -> None:
    """A response can be short although more tasks exist, and never contains hidden ones."""
    client = FakeClient(dialect=Dialect(search_counts_hidden=True))
    rows, more = search(client), search(client, **{"modified_at.after": format_instant(0), "sort_by": "created_at"})
    assert len(visible_tasks(client)) > 100 > len(rows) > 0
    assert gids(rows) | gids(more) <= gids(visible_tasks(client))


def test_bounds_can_be_whole_seconds() -> None:
    """An exclusive bound then excludes every task of its second."""
    client = FakeClient(dialect=Dialect(search_whole_seconds=True))
    instant = client.world.tasks[search(client)[50]["gid"]].modified
    second = instant - instant % 1000
    for bound in (second, second + 999):
        instants = [
            client.world.tasks[gid].modified
            for gid in gids(search(client, **{"modified_at.after": format_instant(bound)}))
        ]
        assert min(instants) >= second + 1000
    assert instant in [row.modified for row in visible_tasks(client)]


def test_the_index_clock_can_be_ahead() -> None:
    """Two tasks in three are found after a bound that their field does not pass."""
    client = FakeClient(dialect=Dialect(search_ahead_seconds=3600))
    client.clock.advance(7200)
    bulk = sorted(gids(visible_tasks(client)))[:60]
    client.world.bulk_edit(bulk)
    rows = gids(search(client, **{"modified_at.after": format_instant(client.world.now() + 1800_000)}))
    assert rows == {gid for gid in bulk if client.world.tasks[gid].serial % 3}


def test_flags_partition_the_tasks(client: FakeClient) -> None:
    """Combinations of flags give disjoint parts that cover all tasks."""
    flags = ("is_subtask", "completed", "has_attachment", "is_blocked", "is_blocking")
    parts = [
        gids(search_all(client, **dict(zip(flags, values, strict=True))))
        for values in product(("true", "false"), repeat=len(flags))
    ]
    assert sum(map(len, parts)) == len(visible_tasks(client))
    assert set.union(*parts) == gids(visible_tasks(client))


def test_a_lagging_index_shows_old_versions() -> None:
    """Within the lag a changed task is found as it was; new and deleted ones are not found."""
    client = FakeClient(Limits(search_lag=60))
    client.clock.advance(3600)
    before = search(client)
    changed, deleted = (
        before[0]["gid"],
        next(row["gid"] for row in before if not client.world.tasks[row["gid"]].subtasks),
    )
    changed = next(row["gid"] for row in before if row["gid"] != deleted)
    client.world.complete_task(changed)
    client.world.delete_task(deleted)
    new = client.world.add_task(workspace=client.first.gid)
    since = {"modified_at.after": format_instant(client.world.now() - 1)}
    assert search(client, **since) == []
    lagging = {row["gid"]: row for row in search(client)}
    assert lagging[changed] == next(row for row in before if row["gid"] == changed)
    assert deleted not in lagging
    client.clock.advance(60)
    assert gids(search(client, **since)) == {changed, new}


def test_a_lagging_index_can_show_new_fields() -> None:
    """A task is found at its old position with its new fields."""
    client = FakeClient(Limits(search_lag=60, search_fresh=True))
    client.clock.advance(3600)
    oldest = search(client)[0]["gid"]
    client.world.rename_task(oldest)
    assert search(client)[0]["modified_at"] == format_instant(client.world.now())


def test_the_index_follows_changes() -> None:
    """After each workday, windows find every task with its current clock."""
    client = FakeClient()
    search(client)
    for seed in range(3):
        client.clock.advance(3600)
        client.world.mutate(seed)
        clocks = {row["gid"]: row["modified_at"] for row in search_all(client)}
        assert clocks == {task.gid: format_instant(task.modified) for task in visible_tasks(client)}


def test_searches_have_a_rate_limit_of_their_own() -> None:
    """Searches above it get a 429, other requests do not."""
    client = FakeClient(Limits(search_per_minute=2))
    assert [client.request(search_path(client))[0] for _ in range(3)] == [200, 200, 429]
    assert client.request("/workspaces")[0] == 200
    client.clock.advance(60)
    assert client.request(search_path(client))[0] == 200
