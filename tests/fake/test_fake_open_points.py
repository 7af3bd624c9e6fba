"""The answers of dialects that simulations drew last."""

from __future__ import annotations

from fake_client import FakeClient, Json

from fake_asana.messages import HttpRequest
from fake_asana.model.choices import (
    CursorForm,
    FreshnessForm,
    PageForm,
    QueryForm,
    RefusalForm,
    SearchForm,
    TrackingForm,
)
from fake_asana.model.dialect import Dialect
from fake_asana.server.adapter import FakeAdapter
from fake_asana.server.limits import Limits


def search(client: FakeClient, **query: object) -> list[Json]:
    """Search the first workspace, oldest first."""
    order = {"sort_by": "created_at", "sort_ascending": "true", "opt_fields": "created_at", "limit": 100}
    rows: list[Json] = client.get(f"/workspaces/{client.first.gid}/tasks/search", **order, **query)
    return rows


def test_searches_may_ignore_limit_and_order() -> None:
    """Some return fewer tasks than `limit`, the newest first."""
    created = [row["created_at"] for row in search(FakeClient())]
    few = search(FakeClient(dialect=Dialect(searches=SearchForm(max_rows=3))))
    assert [row["created_at"] for row in few] == created[:3] == sorted(created)[:3]
    newest = search(FakeClient(dialect=Dialect(searches=SearchForm(max_rows=3, obeys_ascending=False))))
    instants = [row["created_at"] for row in newest]
    assert instants == sorted(instants, reverse=True)
    assert min(instants) > max(created[:3])


def test_searches_may_need_a_filter() -> None:
    """One that names only its order and its limit is refused then."""
    client = FakeClient(dialect=Dialect(queries=QueryForm(needs_filter=True)))
    path = f"/workspaces/{client.first.gid}/tasks/search"
    assert client.error(path, sort_by="created_at", sort_ascending="true", limit=100)[0] == 400
    assert search(client, **{"created_at.after": "2000-01-01T00:00:00.000Z"}) == search(FakeClient())


def test_searches_may_ignore_or_refuse_the_exclusion_of_people() -> None:
    """`assignee.not` leaves people out, does nothing, or is an error."""
    client = FakeClient()
    person = client.first.roster[0].gid
    query = {"assignee.any": person, "assignee.not": person}
    assert search(client, **query) == []
    assert search(FakeClient(dialect=Dialect(searches=SearchForm(excluded_people="ignored"))), **query) != []
    refusing = FakeClient(dialect=Dialect(searches=SearchForm(excluded_people="refused")))
    assert refusing.error(f"/workspaces/{client.first.gid}/tasks/search", **query)[0] == 400


def test_lists_may_end_with_an_empty_page_and_repeat_rows() -> None:
    """The same rows come, with a page more or each twice."""
    plain = FakeClient()
    path = f"/projects/{next(iter(plain.first.projects))}/sections"
    count = len(plain.all(path))
    assert [len(page) for page in plain.pages(path, limit=count)] == [count]
    ending = FakeClient(dialect=Dialect(pages=PageForm(ends_empty=True)))
    assert [len(page) for page in ending.pages(path, limit=count)] == [count, 0]
    repeating = FakeClient(dialect=Dialect(pages=PageForm(repeats_rows=True)))
    assert [row["gid"] for row in repeating.all(path)] == [row["gid"] for row in plain.all(path) for _ in range(2)]


def test_page_tokens_may_have_another_form_and_serve_once() -> None:
    """The same rows come, with tokens of any form; a used one is expired."""
    plain = FakeClient()
    path = f"/projects/{next(iter(plain.first.projects))}/sections"
    form = CursorForm(is_opaque=True, is_single_use=True)
    client = FakeClient(dialect=Dialect(cursors=form))
    assert client.all(path, limit=1) == plain.all(path)
    first = client.request(path, limit=1)[1]
    offset = first["next_page"]["offset"]
    assert "." not in offset
    assert client.request(path, limit=1, offset=offset)[0] == 200
    assert client.error(path, limit=1, offset=offset) == (400, "offset: Your pagination token has expired.")
    assert client.error(path, limit=1, offset="?") == (400, "offset: Your pagination token is invalid.")


def test_pages_may_begin_behind_a_number_of_rows() -> None:
    """A row that is gone by then shifts the others, except where tokens are known to hold a position."""
    client = FakeClient(dialect=Dialect(cursors=CursorForm(counts_rows=True)))
    person = client.first.roster[0]
    project = max(client.first.projects.values(), key=lambda each: len(each.tasks))
    for query in ({"assignee": person.gid, "workspace": client.first.gid}, {"project": project.gid}):
        gids = [row["gid"] for row in client.request("/tasks", **query, limit=100)[1]["data"]]
        first = client.request("/tasks", **query, limit=2)[1]
        client.world.delete_task(gids[0])
        rest = client.request("/tasks", **query, limit=1, offset=first["next_page"]["offset"])[1]
        assert rest["data"][0]["gid"] == gids[2 if "project" in query else 3]


def test_lists_and_counts_may_be_late() -> None:
    """For a minute, a list has a renamed task as it was, and its parent does not count a new subtask."""
    client = FakeClient(dialect=Dialect(freshness=FreshnessForm(late_changes=60, late_counts=60)))
    project = max(client.first.projects.values(), key=lambda each: len(each.tasks))
    task, query = min(project.tasks), {"project": project.gid, "opt_fields": "name,num_subtasks", "limit": 100}

    def shown() -> Json:
        return next(row for row in client.get("/tasks", **query) if row["gid"] == task)

    client.clock.advance(3600)
    before = shown()
    client.world.rename_task(task)
    client.world.add_task(parent=task)
    assert shown() == before
    assert client.get(f"/tasks/{task}")["name"] == client.world.tasks[task].name != before["name"]
    client.clock.advance(61)
    assert shown() == {"gid": task, "name": client.world.tasks[task].name, "num_subtasks": before["num_subtasks"] + 1}


def test_refusals_have_other_statuses_and_words() -> None:
    """A task in the trash may be forbidden, and a list that is too long may say so in other words."""
    refusals = RefusalForm(trashed=403, truncated="too long")
    client = FakeClient(limits=Limits(truncate=1), dialect=Dialect(refusals=refusals))
    gid = next(iter(client.world.tasks))
    client.world.delete_task(gid)
    assert client.error(f"/tasks/{gid}")[0] == 403
    assert client.error("/tasks/1")[0] == 404
    assert client.error(f"/projects/{next(iter(client.first.projects))}/sections", limit=100) == (400, "too long")


def test_tracked_time_may_move_the_clock_of_its_task() -> None:
    """In some dialects an entry, and each change of it, is a change of the task."""
    for moves in (False, True):
        client = FakeClient(dialect=Dialect(tracking=TrackingForm(moves_clock=moves)))
        world, gid = client.world, next(iter(client.world.tasks))
        instants = [world.tasks[gid].modified]
        entry = world.track_time(gid)
        instants.append(world.tasks[gid].modified)
        world.edit_time(entry)
        instants.append(world.tasks[gid].modified)
        world.delete_time(entry)
        instants.append(world.tasks[gid].modified)
        assert (len(set(instants)) > 1) is moves
        assert instants == sorted(instants)


def test_requests_in_flight_elsewhere_count() -> None:
    """An adapter that answers one request at a time refuses those above the limit too."""
    client = FakeClient(limits=Limits(in_flight=5))
    adapter, request = FakeAdapter(client.api), HttpRequest("GET", "/api/1.0/workspaces")
    client.api.others_in_flight = lambda: 4
    assert adapter.answer(request).status != 429
    client.api.others_in_flight = lambda: 5
    assert adapter.answer(request).status == 429
