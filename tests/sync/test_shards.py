"""Shards: runs of some workspaces each, with states of their own, lose nothing and repeat little."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from harness import PERSON, TINY, Output, asana, attempt, clock, sync

from fake_asana.server.api import Api
from tap_asana.commands.state.__main__ import main
from tap_asana.state.shape import validate_state
from tap_asana.state.shards import merge_states, partitions_by_workspace, split_state

READ = ("projects", "tasks", "stories", "deletions")
TASKS = ("projects", "tasks")


def shard(api: Api, gid: str, state: Any = None, **settings: Any) -> Output:  # noqa: ANN401 - any JSON
    """Run the shard of one workspace."""
    return sync(api, select=READ, state=state, config={"workspaces": [gid], **settings})


def changed_since(api: Api, mark: int, stream: str) -> set[str]:
    """Return the gids of what the next run must bring."""
    return set(api.world.changes_since(mark).changed[stream])


def test_shards_and_merged_runs_lose_nothing() -> None:
    """One state is split, each shard reads its workspace, and a run with the merged state goes on from there."""
    api = asana(TINY)
    first = sync(api, select=READ)
    gids = list(api.world.workspaces)
    api.world.mutate()
    clock(api).advance(3600)
    shards = {gid: shard(api, gid, split_state(first.state, [gid])) for gid in gids}
    whole = sync(api, select=READ, state=first.state)
    for stream in READ:
        union = [gid for output in shards.values() for gid in output.gids(stream)]
        assert sorted(union) == sorted(whole.gids(stream)), "each record is read by one shard, and by no other"
    merged = merge_states([output.state for output in shards.values()])
    validate_state(merged)
    clock(api).advance(3600)
    mark = api.world.mark()
    api.world.mutate(1)
    later = sync(api, select=READ, state=merged)
    assert later.gids("tasks") >= changed_since(api, mark, "tasks")
    assert len(later.gids("tasks")) < len(api.world.gids("tasks", PERSON["access_token"]))


def test_states_of_one_workspace_are_united_without_a_gap() -> None:
    """Of two lines of runs, the earlier bookmark and the parents that both knew are kept; the rest is read again."""
    api = asana(TINY)
    one, other = sync(api, select=TASKS), sync(api, select=("projects", "stories"))
    mark = api.world.mark()
    api.world.mutate()
    clock(api).advance(3600)
    later = sync(api, select=TASKS, state=one.state)
    merged = merge_states([other.state, later.state, one.state])
    validate_state(merged)
    for gid, streams in partitions_by_workspace(one.state).items():
        united = partitions_by_workspace(merged)[gid]
        assert united["tasks"]["replication_key_value"] == streams["tasks"]["replication_key_value"]
        assert united["stories"].keys() >= {"replication_key_value", "run"}
    last = sync(api, select=(*TASKS, "stories"), state=merged)
    assert last.gids("tasks") >= changed_since(api, mark, "tasks")
    assert last.gids("stories") >= changed_since(api, mark, "stories")


def test_a_united_state_keeps_what_events_have_not_named() -> None:
    """Streams that no run has followed stay noted with the tokens of the earlier run."""
    start = "2026-01-01T00:00:00.000Z"
    partition = {
        "context": {"workspace_gid": "17"},
        "replication_key": "occurred_at",
        "replication_key_value": start,
        "sync_tokens": {"18": "a token"},
        "unknown_since": {"19": start},
        "unfollowed": {"stories": start},
    }
    later = {**partition, "replication_key_value": "2026-01-02T00:00:00.000Z", "sync_tokens": {"18": "a later token"}}
    del later["unknown_since"], later["unfollowed"]
    states = [{"bookmarks": {"deletions": {"partitions": [each]}}} for each in (later, partition)]
    for state_of_shard in states:
        validate_state(state_of_shard)
    united = partitions_by_workspace(merge_states(states))["17"]["deletions"]
    assert {name: united[name] for name in ("sync_tokens", "unknown_since", "unfollowed")} == {
        "sync_tokens": {"18": "a token"},
        "unknown_since": {"19": start},
        "unfollowed": {"stories": start},
    }


def test_a_united_state_keeps_the_projects_that_are_missing_in_any() -> None:
    """A deleted project that only one of the runs has missed is requested by the next one."""
    states = [
        {"bookmarks": {"projects": {"partitions": [{"context": {"workspace_gid": "17"}, "missing": [gid]}]}}}
        for gid in ("5", "11")
    ]
    assert partitions_by_workspace(merge_states(states))["17"]["projects"]["missing"] == ["5", "11"]


def test_a_united_state_keeps_what_the_next_read_has_to_make_up_for() -> None:
    """Either run may know of a late index, of changes that searches have left out, or of a list not read for long."""
    early, late = "2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"
    context = {"context": {"workspace_gid": "17"}}
    tasks = {**context, "replication_key": "modified_at", "replication_key_value": early, "method": "search"}
    hashes = {"2026-01-01": "9ae0daaf01c2"}
    searches = ({"changed": "missing", "whole": True}, {"lag_seconds": 5400, "archived": "found"})
    states = [
        {
            "bookmarks": {
                "projects": {"partitions": [{**context, "search": search}]},
                "tasks": {"partitions": [{**tasks, "ended": ended}]},
                "time_tracking_entries": {
                    "partitions": [{**context, "entry_days": {"until": until, "hashes": hashes}}]
                },
            }
        }
        for search, ended, until in zip(searches, (early, late), (late, early), strict=True)
    ]
    for order in (states, states[::-1]):
        merged = merge_states(order)
        validate_state(merged)
        united = partitions_by_workspace(merged)["17"]
        assert united["projects"]["search"] == {"changed": "missing", "whole": True, "lag_seconds": 5400}
        assert united["tasks"]["ended"] == late
        assert united["time_tracking_entries"]["entry_days"] == {"until": early, "hashes": {}}


def test_a_state_of_another_shard_is_refused() -> None:
    """The line names the workspaces of both; a state of more workspaces than the run reads is accepted."""
    api = asana(TINY)
    first = sync(api, select=TASKS)
    mine, other = list(api.world.workspaces)
    requests = len(api.log)
    error = attempt_shard(api, mine, split_state(first.state, [other]))
    assert error == (
        f"state: it belongs to another run: it has workspaces {other}, and the setting workspaces has {mine}. "
        "Each shard needs a state of its own."
    )
    assert len(api.log) == requests
    assert attempt_shard(api, mine, first.state) is None


def attempt_shard(api: Api, gid: str, state: Any) -> str | None:  # noqa: ANN401 - any JSON
    """Run a shard, and return the line that ends it, if any."""
    try:
        output = attempt(api, select=TASKS, state=state, config={"workspaces": [gid]})
    except Exception as error:  # noqa: BLE001 - the line is compared
        return str(error)
    return str(output.error) if output.error else None


@pytest.mark.parametrize("shared", [False, True])
def test_no_version_of_a_shared_table_is_announced(shared: bool, caplog: pytest.LogCaptureFixture) -> None:  # noqa: FBT001 - a case
    """With shared_tables, no record has a version and none is announced: it would delete the rows of other shards."""
    caplog.set_level("INFO")
    api = asana(TINY)
    gid, *_ = api.world.workspaces
    output = shard(api, gid, emit_activate_version_messages=True, shared_tables=shared)
    assert bool(output.of("ACTIVATE_VERSION")) is not shared
    assert any("version" in message for message in output.of("RECORD")) is not shared
    assert ("shared_tables: no version is announced" in caplog.text) is shared


@pytest.fixture(scope="module")
def state() -> dict[str, Any]:
    """Return the state of a run of two workspaces."""
    return sync(asana(TINY), select=("tasks",)).state


def test_a_state_of_other_workspaces_is_a_warning(state: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    """The token may be another person's by mistake: the line names both sides, and all is read."""
    tasks = state["bookmarks"]["tasks"]["partitions"]
    other = {"bookmarks": {"tasks": {"partitions": [{**tasks[0], "context": {"workspace_gid": "99"}}]}}}
    api = asana(TINY)
    sync(api, state=other, select=("tasks",))
    line = f"the state has workspaces 99, and this run reads {', '.join(sorted(api.world.workspaces))}: "
    assert [line in record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [True]
    caplog.clear()
    sync(asana(TINY), state=state, select=("tasks",))
    assert not [record for record in caplog.records if record.levelname == "WARNING"]


def files(folder: Path, *states: object) -> list[str]:
    """Write states into files, and return their paths."""
    paths = [folder / f"{at}.json" for at in range(len(states))]
    for path, content in zip(paths, states, strict=True):
        path.write_text(json.dumps(content), encoding="utf-8")
    return list(map(str, paths))


@pytest.mark.parametrize("is_export", [False, True])
def test_the_command_splits_and_merges(
    state: dict[str, Any],
    is_export: bool,  # noqa: FBT001 - a case
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """States are split into files and merged again, in the form in which they came."""
    content = {"singer_state": state} if is_export else state
    (path,) = files(tmp_path, content)
    gids = list(partitions_by_workspace(state))
    assert main(["split", path, "--into", str(tmp_path / "states")]) == 0
    parts = capsys.readouterr().out.split()
    assert [Path(part).stem for part in parts] == gids
    assert main(["merge", *parts]) == 0
    merged = json.loads(capsys.readouterr().out)
    assert partitions_by_workspace(merged.get("singer_state", merged)) == partitions_by_workspace(state)
    assert ("singer_state" in merged) is is_export
    assert main(["split", path, "--into", str(tmp_path / "whole"), "--workspaces", ",".join(gids)]) == 0
    (whole,) = capsys.readouterr().out.split()
    assert main(["validate", whole]) == 0
    assert capsys.readouterr().out.endswith(f" streams, workspaces {', '.join(sorted(gids))}\n")
    assert main(["show", whole]) == 0
    rows = [line.split()[:2] for line in capsys.readouterr().out.splitlines()[1:]]
    assert rows == [[gid, "tasks"] for gid in sorted(gids)]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--workspaces", "404"], "--workspaces: the state has no workspace 404; it has "),
        (["--workspaces", "{0}"], "--workspaces: no shard has workspace {1}; each needs one."),
        (["--workspaces", "{0},{1}", "--workspaces", "{1}"], "--workspaces: each workspace can be in one shard only."),
    ],
)
def test_a_wrong_split_is_one_line(
    state: dict[str, Any], arguments: list[str], line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each workspace is in one shard: otherwise two would read it, or none."""
    gids = list(partitions_by_workspace(state))
    (path,) = files(tmp_path, state)
    assert main(["split", path, "--into", str(tmp_path), *(word.format(*gids) for word in arguments)]) == 1
    ended = capsys.readouterr()
    assert ended.out == ""
    assert ended.err.startswith(line.format(*gids))
    assert ended.err.count("\n") == 1


def test_an_invalid_state_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The commands refuse what the tap refuses."""
    broken, missing = *files(tmp_path, {"bookmarks": []}), str(tmp_path / "nowhere.json")
    for command, path in (("validate", broken), ("show", broken), ("merge", missing)):
        assert main([command, path]) == 1
        assert capsys.readouterr().err.startswith("state: ")
