"""Users and tags that appear in their lists after the first run: their old tasks are read once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import pytest
from harness import Hook, Message, Output, asana, attempt, clock, sync
from interruptions import killing
from methods import HOUR
from refused_lists import RefusingApi, identity, refusal_with

from fake_asana.model.dialect import Dialect
from fake_asana.world import Sizes

STREAMS = ("tasks", "stories")
TINY = Sizes(workspaces=1, users=4, teams=1, projects=2, tags=1, tasks=6, stories=1, busiest=3, goals=0, portfolios=0)
LIST: Mapping[str, object] = {"extraction_method": "list", "max_concurrency": 1}
SEARCH: Mapping[str, object] = {"extraction_method": "search", "max_concurrency": 1}
PSEUDONYMS = {**LIST, "privacy": "pseudonymize", "privacy_key": "a secret of the tests"}


class Newcomer:
    """An invisible user or tag with a task in no project and its subtask, both with a comment."""

    def __init__(self, kind: str, sizes: Sizes = TINY, dialect: Dialect | None = None) -> None:
        """Create a world in which it is invisible, one hour after its last change."""
        self.api = RefusingApi(asana(sizes).world, dialect=dialect)
        self._world = self.api.world
        self._workspace = next(iter(self._world.workspaces.values()))
        user, self._kind = max(self._world.gids("users")), kind
        self.gid = user if kind == "user" else self._world.add_tag(self._workspace.gid)
        self._member = next(each for each in self._workspace.members.values() if each.user.gid == user)
        self._tag = self._world.tags.get(self.gid)
        self.task = self._world.add_task(workspace=self._workspace.gid, assignee=user if kind == "user" else None)
        if self._tag is not None:
            self._tag.tasks[self.task] = self._world.tasks[self.task]
        self.subtask = self._world.add_task(parent=self.task)
        self._world.comment(self.subtask)
        self.show(visible=False)

    def show(self, *, visible: bool) -> None:
        """Add it to the list or remove it, without changing tasks, with one hour before and after."""
        clock(self.api).advance(HOUR)
        if self._tag is None:
            self._member.active = visible
        elif visible:
            self._workspace.tags[self.gid] = self._tag
        else:
            self._workspace.tags.pop(self.gid, None)
        clock(self.api).advance(HOUR)

    def run(
        self, last: Output | None = None, config: Mapping[str, object] = LIST, on_request: Hook | None = None
    ) -> Output:
        """Run once, one hour after the previous run."""
        state = last.state if last else None
        output = attempt(self.api, config=config, select=STREAMS, state=state, on_request=on_request)
        clock(self.api).advance(HOUR)
        return output

    def requests(self, act: Callable[[], object]) -> list[str]:
        """Return the requests during an action, in order."""
        before = len(self.api.log)
        act()
        return [f"{each.template} {sorted(each.query.items())}" for each in self.api.log[before:]]


@pytest.fixture(params=["user", "tag"])
def newcomer(request: pytest.FixtureRequest) -> Newcomer:
    """Return a user or a tag invisible to the first run."""
    return Newcomer(request.param)


@pytest.mark.parametrize("config", [LIST, PSEUDONYMS], ids=["plain", "pseudonymize"])
def test_old_tasks_of_a_newcomer_are_read_once(newcomer: Newcomer, config: Mapping[str, object]) -> None:
    """Old tasks, subtasks and stories are read by the first run that sees their user or tag."""
    first = newcomer.run(config=config)
    assert not {newcomer.task, newcomer.subtask} & first.gids("tasks")
    newcomer.show(visible=True)
    second = newcomer.run(first, config)
    assert {newcomer.task, newcomer.subtask} <= second.gids("tasks")
    assert newcomer.subtask in {json.dumps(row["task_gid"]).strip('"') for row in second.records("stories")}
    assert not {newcomer.task, newcomer.subtask} & newcomer.run(second, config).gids("tasks")


@pytest.mark.parametrize("kind", ["user", "tag"])
def test_a_first_read_by_search_keeps_the_users_and_tags_whose_tasks_it_lists(kind: str) -> None:
    """While no task shows whether searches find those without project, a later user or tag is a new one."""
    newcomer = Newcomer(kind, replace(TINY, subtasks=100, personal=0, tagged=0), Dialect(search_private="never"))
    first = newcomer.run(config=SEARCH)
    assert not {newcomer.task, newcomer.subtask} & first.gids("tasks")
    newcomer.show(visible=True)
    second = newcomer.run(first, SEARCH)
    assert {newcomer.task, newcomer.subtask} <= second.gids("tasks")
    assert not {newcomer.task, newcomer.subtask} & newcomer.run(second, SEARCH).gids("tasks")


def test_changes_of_a_returning_user_or_tag_are_read(newcomer: Newcomer) -> None:
    """A change made while they were invisible is read, although it is before the bookmark."""
    newcomer.show(visible=True)
    first = newcomer.run()
    assert newcomer.task in first.gids("tasks")
    newcomer.show(visible=False)
    newcomer.api.world.rename_task(newcomer.task)
    clock(newcomer.api).advance(HOUR)
    second = newcomer.run(first)
    assert newcomer.task not in second.gids("tasks")
    newcomer.show(visible=True)
    third = newcomer.run(second)
    assert (
        third.rows("tasks")[newcomer.task]["name"]
        == newcomer.api.world.expected_records("tasks")[newcomer.task]["name"]
    )


def test_a_kill_loses_nothing_of_a_newcomer(newcomer: Newcomer) -> None:
    """If the first run that sees them is killed anywhere, it and the next run read all their tasks."""
    first = newcomer.run()
    newcomer.show(visible=True)
    number = len(newcomer.requests(lambda: sync(newcomer.api, config=LIST, select=STREAMS, state=first.state)))
    for place in range(1, number + 1):
        killed = newcomer.run(first, on_request=killing(place)).confirmed()
        state = killed if killed.of("STATE") else first
        union = killed.then(newcomer.run(state))
        assert {newcomer.task, newcomer.subtask} <= union.gids("tasks"), place


def test_the_start_date_applies_to_newcomers(newcomer: Newcomer) -> None:
    """Tasks not changed since then are not read."""
    config = {**LIST, "start_date": "2100-01-01T00:00:00Z"}
    first = newcomer.run(config=config)
    newcomer.show(visible=True)
    assert newcomer.task not in newcomer.run(first, config).gids("tasks")


def test_state_does_not_identify_people_with_privacy() -> None:
    """State has one number for each user, from which the gid cannot be derived."""
    newcomer = Newcomer("user")
    newcomer.show(visible=True)
    state = newcomer.run(config=PSEUDONYMS).state
    users = newcomer.api.world.expected_records("users")
    (partition,) = state["bookmarks"]["users"]["partitions"]
    assert [len(numbers) for _, numbers in partition["visible_since"]] == [len(users)]
    assert not [gid for gid in users if f'"{gid}"' in json.dumps(state)]
    next_run = newcomer.run(Output([{"type": "STATE", "value": state}]), PSEUDONYMS)
    assert next_run.error is None
    assert newcomer.task not in next_run.gids("tasks")


def test_a_run_without_newcomers_takes_no_more_requests(newcomer: Newcomer) -> None:
    """The run after the one that read the newcomers sends the same requests as a run without newcomers."""
    newcomer.show(visible=True)
    first = newcomer.run()
    state: Message = json.loads(json.dumps(first.state))
    for kind in ("users", "tags"):
        del state["bookmarks"][kind]  # without stored parents, no listed parent is new
    counts = []
    for each in (first.state, state):
        requests = newcomer.requests(partial(sync, newcomer.api, config=LIST, select=STREAMS, state=each))
        counts.append(len(requests))
    assert counts[0] == counts[1]
    assert not newcomer.run(first).gids("tasks") & {newcomer.task, newcomer.subtask}


@pytest.mark.parametrize("all_users", [True, False], ids=["the list of users", "the user's tasks"])
def test_an_owed_list_is_not_read_twice(*, all_users: bool) -> None:
    """A user whose list was owed is not read again as a newcomer."""
    newcomer = Newcomer("user")
    workspace = next(iter(newcomer.api.world.workspaces))
    first = newcomer.run()
    newcomer.show(visible=True)
    requests: set[str] = set()
    sync(
        newcomer.api,
        config=LIST,
        select=STREAMS,
        state=first.state,
        on_request=lambda sent: requests.add(identity(sent)),
    )
    refused_lists = [
        each
        for each in requests
        if (f"assignee={newcomer.gid}" in each if not all_users else each.endswith(f"/users workspace={workspace}"))
    ]
    assert refused_lists
    newcomer.api.refuse_lists(refused_lists, refusal_with(403))
    second = newcomer.run(first)
    newcomer.api.reopen()
    assert newcomer.task not in second.gids("tasks")
    third = newcomer.run(second)
    assert [row["gid"] for row in third.records("tasks")].count(newcomer.task) == 1
    assert newcomer.task not in newcomer.run(third).gids("tasks")
