"""Users and tags that come into their lists after the first run: what they have had all the time is read once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import pytest
from closing import Closed, identity, refusing
from harness import Message, Output, asana, attempt, clock, sync
from interruptions import killing
from methods import HOUR

from fake_asana.world import Sizes

STREAMS = ("tasks", "stories")
TINY = Sizes(workspaces=1, users=4, teams=1, projects=2, tags=1, tasks=6, stories=1, busiest=3, goals=0, portfolios=0)
LIST: Mapping[str, object] = {"extraction_method": "list", "max_concurrency": 1}
PSEUDONYMS = {**LIST, "privacy": "pseudonymize", "privacy_key": "a secret of the tests"}


class Newcomer:
    """A user or a tag with a task in no project and a subtask of it, both with a comment; now out of sight."""

    def __init__(self, kind: str) -> None:
        """Make a world in which it is out of sight, an hour after its last change."""
        self.api = Closed(asana(TINY).world)
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
        """Bring it into the list, or take it out; no clock of a task moves, and an hour goes by on both sides."""
        clock(self.api).advance(HOUR)
        if self._tag is None:
            self._member.active = visible
        elif visible:
            self._workspace.tags[self.gid] = self._tag
        else:
            self._workspace.tags.pop(self.gid, None)
        clock(self.api).advance(HOUR)

    def run(self, last: Output | None = None, config: Mapping[str, object] = LIST, **words: object) -> Output:
        """Run once, an hour after the last run."""
        state = last.state if last else None
        output = attempt(self.api, config=config, select=STREAMS, state=state, **words)  # type: ignore[arg-type]
        clock(self.api).advance(HOUR)
        return output

    def requests(self, act: Callable[[], object]) -> list[str]:
        """Return what is asked while something is done, in order."""
        before = len(self.api.log)
        act()
        return [f"{each.template} {sorted(each.query.items())}" for each in self.api.log[before:]]


@pytest.fixture(params=["user", "tag"])
def newcomer(request: pytest.FixtureRequest) -> Newcomer:
    """Return a user, or a tag, that the first run will not see."""
    return Newcomer(request.param)


@pytest.mark.parametrize("config", [LIST, PSEUDONYMS], ids=["plain", "pseudonymize"])
def test_who_joins_brings_old_tasks_once(newcomer: Newcomer, config: Mapping[str, object]) -> None:
    """Tasks, subtasks and stories of the time before come with the first run that sees their user or tag."""
    first = newcomer.run(config=config)
    assert not {newcomer.task, newcomer.subtask} & first.gids("tasks")
    newcomer.show(visible=True)
    second = newcomer.run(first, config)
    assert {newcomer.task, newcomer.subtask} <= second.gids("tasks")
    assert newcomer.subtask in {json.dumps(row["task_gid"]).strip('"') for row in second.records("stories")}
    assert not {newcomer.task, newcomer.subtask} & newcomer.run(second, config).gids("tasks")


def test_who_comes_back_brings_what_changed_meanwhile(newcomer: Newcomer) -> None:
    """A change that was made while they were out of sight, and behind which the bookmark lies by now, comes."""
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


def test_a_kill_anywhere_loses_nothing_of_them(newcomer: Newcomer) -> None:
    """Wherever the run that sees them first is killed, it and the next bring all that is theirs."""
    first = newcomer.run()
    newcomer.show(visible=True)
    number = len(newcomer.requests(lambda: sync(newcomer.api, config=LIST, select=STREAMS, state=first.state)))
    for place in range(1, number + 1):
        killed = newcomer.run(first, on_request=killing(place)).vouched()
        state = killed if killed.of("STATE") else first
        union = killed.then(newcomer.run(state))
        assert {newcomer.task, newcomer.subtask} <= union.gids("tasks"), place


def test_a_start_date_bounds_what_they_bring(newcomer: Newcomer) -> None:
    """What did not change since then stays away."""
    config = {**LIST, "start_date": "2100-01-01T00:00:00Z"}
    first = newcomer.run(config=config)
    newcomer.show(visible=True)
    assert newcomer.task not in newcomer.run(first, config).gids("tasks")


def test_state_does_not_name_people_under_privacy() -> None:
    """It keeps numbers that no gid can be told from, and of every user one."""
    newcomer = Newcomer("user")
    newcomer.show(visible=True)
    state = newcomer.run(config=PSEUDONYMS).state
    users = newcomer.api.world.expected_records("users")
    (partition,) = state["bookmarks"]["users"]["partitions"]
    assert [len(marks) for _, marks in partition["visible_since"]] == [len(users)]
    assert not [gid for gid in users if f'"{gid}"' in json.dumps(state)]
    again = newcomer.run(Output([{"type": "STATE", "value": state}]), PSEUDONYMS)
    assert again.error is None
    assert newcomer.task not in again.gids("tasks")


def test_an_increment_without_them_costs_no_more(newcomer: Newcomer) -> None:
    """The run after the one that read them whole asks just what one asks that found nobody new."""
    newcomer.show(visible=True)
    known = newcomer.run()
    state: Message = json.loads(json.dumps(known.state))
    for kind in ("users", "tags"):
        del state["bookmarks"][kind]  # what is listed when nothing was kept is not new
    counts = []
    for each in (known.state, state):
        asked = newcomer.requests(lambda each=each: sync(newcomer.api, config=LIST, select=STREAMS, state=each))  # type: ignore[misc]
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert not newcomer.run(known).gids("tasks") & {newcomer.task, newcomer.subtask}


@pytest.mark.parametrize("whole", [True, False], ids=["the list of users", "the user's tasks"])
def test_what_is_owed_is_not_read_twice(*, whole: bool) -> None:
    """A user whose tasks come because they are owed is not read whole once more as a new one."""
    newcomer = Newcomer("user")
    workspace = next(iter(newcomer.api.world.workspaces))
    first = newcomer.run()
    newcomer.show(visible=True)
    asked: set[str] = set()
    sync(
        newcomer.api, config=LIST, select=STREAMS, state=first.state, on_request=lambda each: asked.add(identity(each))
    )
    shut = [
        each
        for each in asked
        if (f"assignee={newcomer.gid}" in each if not whole else each.endswith(f"/users workspace={workspace}"))
    ]
    assert shut
    newcomer.api.close(shut, refusing(403))
    second = newcomer.run(first)
    newcomer.api.open()
    assert newcomer.task not in second.gids("tasks")
    third = newcomer.run(second)
    assert [row["gid"] for row in third.records("tasks")].count(newcomer.task) == 1
    assert newcomer.task not in newcomer.run(third).gids("tasks")
