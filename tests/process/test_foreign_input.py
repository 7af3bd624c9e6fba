"""The real process says what it cannot use of a state, a catalog or a setting that comes from somewhere else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from forked_tap import TOKEN, ForkedTap
from harness import discovered, selecting

CONFIG = {"access_token": TOKEN}
WORKSPACE = "1200000000000239"
FIX = "Fix it, or run without a state to read everything again."


def partitioned(gid: object, bookmark: str = "2026-01-31T08:00:00.000Z") -> dict[str, Any]:
    """Return a state with the bookmark of the tasks of one workspace."""
    partition = {"context": {"workspace_gid": gid}, "replication_key_value": bookmark}
    return {"bookmarks": {"tasks": {"partitions": [partition]}}}


FOREIGN_STATES: dict[str, tuple[Any, str]] = {
    "a STATE message": (
        {"type": "STATE", "value": partitioned(WORKSPACE)},
        "the state cannot be used: Object missing required field `bookmarks`, got `type`, `value`.",
    ),
    "Meltano's": (
        {"singer_state": partitioned(WORKSPACE)},
        "the state cannot be used: Object missing required field `bookmarks`, got `singer_state`.",
    ),
    "Meltano's with empty bookmarks": (
        {"bookmarks": {}, "singer_state": partitioned(WORKSPACE)},
        "the state cannot be used: it has `singer_state` next to `bookmarks`.",
    ),
    "singer-io's": (
        {"bookmarks": {"tasks": {"modified_at": "2026-01-31T08:00:00Z"}}},
        "bookmarks.tasks cannot be used: `modified_at` is of another tap.",
    ),
    "another SDK tap's": (
        {"bookmarks": {"tasks": {"replication_key": "modified_at", "replication_key_value": "2026-01-31"}}},
        "bookmarks.tasks cannot be used: Expected `null`, got `str` - at `$.replication_key_value`.",
    ),
    "another form of a date": (
        partitioned(WORKSPACE, "31.01.2026"),
        (
            "bookmarks.tasks cannot be used: Expected an ISO 8601 instant such as 2026-01-31T08:00:00Z - at "
            "`$.partitions[0].replication_key_value`."
        ),
    ),
    "no workspace": (
        {"bookmarks": {"tasks": {"partitions": [{"replication_key_value": "2026-01-31T08:00:00Z"}]}}},
        "bookmarks.tasks cannot be used: a partition has no workspace.",
    ),
    "two of one workspace": (
        {"bookmarks": {"tasks": {"partitions": 2 * partitioned(WORKSPACE)["bookmarks"]["tasks"]["partitions"]}}},
        f"bookmarks.tasks cannot be used: workspace {WORKSPACE} has two partitions.",
    ),
    "numbers as gids": (
        partitioned(int(WORKSPACE)),
        "bookmarks.tasks cannot be used: Expected `str`, got `int` - at `$.partitions[0].context.workspace_gid`.",
    ),
}


@pytest.mark.parametrize(("state", "line"), FOREIGN_STATES.values(), ids=FOREIGN_STATES)
def test_a_foreign_state_ends_the_run(forked: ForkedTap, state: Any, line: str) -> None:  # noqa: ANN401 - any JSON
    """One line has the place and the reason; a state that was passed over would read everything again."""
    assert forked.error(CONFIG, "--state", forked.write("state.json", state)) == f"state: {line} {FIX}"


def warnings(forked: ForkedTap, *arguments: object) -> list[str]:
    """Run the command to its end, and return the warnings."""
    ended = forked.read(CONFIG, *map(str, arguments))
    assert ended.returncode == 0, ended.stderr
    return [line.split("|")[-1].strip() for line in ended.stderr.splitlines() if "| WARNING " in line]


def test_a_bookmark_in_the_future_is_a_warning(forked: ForkedTap) -> None:
    """The line names stream and workspace; the bookmark is set to now."""
    catalog = forked.write("tasks.json", selecting(discovered(), ["tasks"]))
    state = forked.write("state.json", partitioned(WORKSPACE, "2999-01-01T00:00:00.000Z"))
    (line,) = warnings(forked, "--state", state, "--catalog", catalog)
    assert line.startswith(
        f"the bookmark of tasks in workspace {WORKSPACE} is in the future (2999-01-01T00:00:00.000Z)"
    )


def test_unknown_streams_of_a_state_and_a_catalog_are_a_warning_each(forked: ForkedTap) -> None:
    """The lines name streams that this version does not have."""
    state = forked.write("state.json", {"bookmarks": {"unicorns": {"partitions": []}}})
    catalog = selecting(discovered(), ["projects"])
    schema = {"properties": {"gid": {"type": "string"}}}
    entry = {"tap_stream_id": "dragons", "stream": "dragons", "schema": schema, "key_properties": ["gid"]}
    catalog["streams"].append({**entry, "metadata": [{"breadcrumb": [], "metadata": {"selected": True}}]})
    assert warnings(forked, "--state", state, "--catalog", forked.write("dragons.json", catalog)) == [
        "the catalog selects streams or fields that this version does not have: dragons",
        "the state has bookmarks of streams that this version does not have: unicorns",
    ]


@pytest.mark.parametrize(
    "catalog",
    [{"streams": None}, {"streams": ["projects"]}, {"streams": [{"hush": 1}]}],
    ids=["no list", "names alone", "another form"],
)
def test_a_foreign_catalog_ends_the_run(forked: ForkedTap, catalog: Any) -> None:  # noqa: ANN401 - any JSON
    """One line says what is expected."""
    line = forked.error(CONFIG, "--catalog", forked.write("foreign.json", catalog))
    assert line == "--catalog: not a catalog of Singer; expected the output of --discover."


def test_batch_config_is_not_passed_over(forked: ForkedTap) -> None:
    """The tap writes BATCH messages, or it ends with a line."""
    storage = {"root": f"file://{forked.folder}/batches"}
    batches = {"encoding": {"format": "jsonl", "compression": "gzip"}, "storage": storage}
    ended = forked.read({**CONFIG, "batch_config": batches})
    kinds = {json.loads(line)["type"] for line in ended.stdout.splitlines()}
    assert "BATCH" in kinds or (ended.returncode == 1 and "| batch_config: " in ended.stderr), ended.stderr
