"""Shards of one organization, as real processes side by side, by Airflow's mapped tasks and by a pod's own command."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from e2e.conftest import ROOT, Command, counts, mutate, run, tool
from scripts.pipeline import TAP

STREAMS = ("projects", "tasks", "stories")
STATE_TOOL = TAP.with_name("tap-asana-state")


@pytest.fixture
def workspaces(asana: str) -> list[str]:
    """Return the gids of the workspaces of the fake Asana."""
    answer = requests.get(f"{asana}/workspaces", headers={"Authorization": "Bearer 0/fake"}, timeout=60)
    return [row["gid"] for row in answer.json()["data"]]


def rows(lines: Sequence[str], kind: str = "RECORD") -> list[dict[str, Any]]:
    """Return the messages of one type."""
    return [message for message in map(json.loads, lines) if message["type"] == kind]


def gids(messages: Sequence[dict[str, Any]], stream: str) -> list[str]:
    """Return the sorted gids of a stream's records."""
    return sorted(message["record"]["gid"] for message in messages if message["stream"] == stream)


class Shards:
    """The tap as a process for each workspace."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        """Run nothing yet."""
        self.folder = folder
        self._environment = {**environment, "TAP_ASANA_EMIT_ACTIVATE_VERSION_MESSAGES": "true"}

    def start(self, name: str, state: Path | None, **variables: str) -> subprocess.Popen[str]:
        """Start a run, with its output and log in files."""
        command = [str(TAP), "--config", "ENV", *(["--state", str(state)] if state else [])]
        with (self.folder / f"{name}.jsonl").open("w") as output, (self.folder / f"{name}.log").open("w") as log:
            return subprocess.Popen(
                command, env={**self._environment, **variables}, stdout=output, stderr=log, text=True
            )

    def run(self, states: dict[str, Path | None], name: str) -> dict[str, list[str]]:
        """Run a shard for each workspace side by side; return the lines of each, and keep its state."""
        processes = {
            gid: self.start(
                f"{name}-{gid}", state, TAP_ASANA_WORKSPACES=json.dumps([gid]), TAP_ASANA_SHARED_TABLES="true"
            )
            for gid, state in states.items()
        }
        outputs = {}
        for gid, process in processes.items():
            assert process.wait() == 0, (self.folder / f"{name}-{gid}.log").read_text(encoding="utf-8")
            outputs[gid] = (self.folder / f"{name}-{gid}.jsonl").read_text(encoding="utf-8").splitlines()
        return outputs

    def keep(self, name: str, lines: Sequence[str]) -> Path:
        """Write the last state of an output into a file."""
        path = self.folder / f"state-{name}.json"
        path.write_text(json.dumps(rows(lines, "STATE")[-1]["value"]), encoding="utf-8")
        return path


@pytest.fixture
def shards(tmp_path: Path, environment: dict[str, str]) -> Shards:
    """Return the shards of that Asana."""
    return Shards(tmp_path, environment)


def test_two_processes_share_an_organization(
    shards: Shards, workspaces: list[str], asana: str, environment: dict[str, str]
) -> None:
    """Disjoint shards read everything once and announce no version; a run with the merged state goes on from theirs."""
    first = shards.run(dict.fromkeys(workspaces), "first")
    expected = counts(asana)
    for stream in STREAMS:
        read = [gid for lines in first.values() for gid in gids(rows(lines), stream)]
        assert len(read) == len(set(read)) == expected[stream]
    assert not [line for lines in first.values() for line in rows(lines, "ACTIVATE_VERSION")]

    states = {gid: shards.keep(gid, lines) for gid, lines in first.items()}
    one, other, *_ = workspaces
    wrong = shards.start("wrong", states[other], TAP_ASANA_WORKSPACES=json.dumps([one]))
    assert wrong.wait() == 1
    log = (shards.folder / "wrong.log").read_text(encoding="utf-8").splitlines()
    assert [line for line in log if "| ERROR " in line] == log[-1:]
    assert f"state: it belongs to another run: it has workspaces {other}" in log[-1]

    changed = mutate(asana)
    second = shards.run(dict(states), "second")
    by_shard = [set(gids(rows(lines), "tasks")) for lines in second.values()]
    assert set().union(*by_shard) == changed
    assert sum(map(len, by_shard)) == len(changed)
    deletions = [gid for lines in second.values() for gid in set(gids(rows(lines), "deletions"))]
    assert len(deletions) == len(set(deletions)) > 0

    parts = [str(shards.keep(gid, lines)) for gid, lines in second.items()]
    merged = shards.folder / "merged.json"
    merged.write_text(run([STATE_TOOL, "merge", *parts], shards.folder, environment), encoding="utf-8")
    again = mutate(asana)
    whole = shards.start("whole", merged)
    assert whole.wait() == 0
    lines = (shards.folder / "whole.jsonl").read_text(encoding="utf-8").splitlines()
    # The lookback reads some changes of the last minutes again.
    assert again <= set(gids(rows(lines), "tasks")) <= again | changed
    run([STATE_TOOL, "split", merged, "--into", shards.folder / "split"], shards.folder, environment)
    assert {file.stem for file in (shards.folder / "split").iterdir()} == set(workspaces)


@pytest.fixture
def tokens(tmp_path: Path, workspaces: list[str]) -> Path:
    """Write a file with the token of each workspace."""
    folder = tmp_path / "tokens"
    folder.mkdir()
    for gid in workspaces:
        (folder / gid).write_text("0/fake\n", encoding="utf-8")
    return folder


@pytest.fixture
def sharded_environment(
    environment: dict[str, str], tokens: Path, workspaces: list[str], tmp_path: Path
) -> dict[str, str]:
    """Return the environment of Airflow with shards: no token of its own, and a command that follows them."""
    states = tmp_path / "states"
    states.mkdir()
    del environment["TAP_ASANA_ACCESS_TOKEN"]
    environment.update(
        ASANA_AFTER=f"ls {states} > {tmp_path}/after",
        ASANA_STATES=str(states),
        ASANA_TOKENS=str(tokens),
        ASANA_WORKSPACES=",".join(workspaces),
    )
    return environment


@pytest.mark.usefixtures("sharded_environment")
def test_airflow_maps_a_task_over_the_workspaces(airflow: Command, tmp_path: Path, asana: str) -> None:
    """Each mapped task has its workspace, token and state; the next run only reads changes; one task follows all."""
    airflow("pools", "set", "asana", "2", "a slot for each token")
    tasks = tmp_path / "data" / "tasks.jsonl"
    airflow("dags", "test", "asana_shards_tap", "2026-11-24T10:00:00")
    count = counts(asana)["tasks"]
    lines = tasks.read_text(encoding="utf-8").splitlines()
    assert len({json.loads(line)["gid"] for line in lines}) == len(lines) == count
    states = {file.name for file in (tmp_path / "states").glob("*.json")}
    assert set((tmp_path / "after").read_text(encoding="utf-8").split()) == states

    changed = mutate(asana)
    airflow("dags", "test", "asana_shards_tap", "2026-11-24T11:00:00")
    assert {json.loads(line)["gid"] for line in tasks.read_text(encoding="utf-8").splitlines()[count:]} == changed


@pytest.mark.usefixtures("sharded_environment")
def test_airflow_maps_meltano_over_the_workspaces(
    meltano: Command, airflow: Command, project: Path, asana: str, workspaces: list[str]
) -> None:
    """Meltano keeps a state for each shard; merged and set by its own commands, they are the state of one run."""
    airflow("pools", "set", "asana", "2", "a slot for each token")
    tasks = project / "output" / "tasks.jsonl"
    airflow("dags", "test", "asana_shards_meltano", "2026-11-24T10:00:00")
    count = counts(asana)["tasks"]
    assert len(tasks.read_text(encoding="utf-8").splitlines()) == count
    changed = mutate(asana, follow_events=False)
    airflow("dags", "test", "asana_shards_meltano", "2026-11-24T11:00:00")
    assert {json.loads(line)["gid"] for line in tasks.read_text(encoding="utf-8").splitlines()[count:]} == changed

    whole, exports = "dev:tap-asana-to-target-jsonl", []
    for gid in workspaces:
        (export,) = re.findall(r"^.*\"singer_state\".*$", meltano("state", "get", f"{whole}:{gid}"), re.MULTILINE)
        exports.append(project / f"{gid}.json")
        exports[-1].write_text(export, encoding="utf-8")
    merged = project / "merged.json"
    merged.write_text(run([STATE_TOOL, "merge", *exports], project, os.environ), encoding="utf-8")
    meltano("state", "set", "--force", "--input-file", str(merged), whole)
    meltano("config", "set", "tap-asana", "access_token", "0/fake")
    tasks.unlink()
    again = mutate(asana, follow_events=False)
    meltano("run", "tap-asana", "target-jsonl")
    read = {json.loads(line)["gid"] for line in tasks.read_text(encoding="utf-8").splitlines()}
    assert again <= read <= again | changed


def test_each_pod_reads_its_workspace(
    environment: dict[str, str], workspaces: list[str], tokens: Path, tmp_path: Path
) -> None:
    """The command of the Indexed Job takes the workspace, the token and the state of its index."""
    *_, job = yaml.safe_load_all((ROOT / "examples" / "kubernetes" / "shards.yaml").read_text(encoding="utf-8"))
    spec = job["spec"]["jobTemplate"]["spec"]
    assert spec["completionMode"] == "Indexed"
    (container,) = spec["template"]["spec"]["containers"]
    (tmp_path / "workspaces").write_text("".join(f"{gid}\n" for gid in workspaces), encoding="utf-8")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "pipe").symlink_to(ROOT / "examples" / "pipe.sh")
    target = programs / "target-postgres"
    target.write_text('#!/bin/sh\nexec "$TARGET" --config "$TARGET_CONFIG"\n', encoding="utf-8")
    target.chmod(0o755)
    config = tmp_path / "target.json"
    config.write_text(json.dumps({"destination_path": str(tmp_path), "do_timestamp_file": False}), encoding="utf-8")
    variables = {
        **environment,
        "PATH": f"{programs}:{environment['PATH']}",
        "SHARDS": str(tmp_path),
        "STATES": str(tmp_path),
        "TARGET": tool("TARGET_JSONL"),
        "TARGET_CONFIG": str(config),
        "TOKENS": str(tokens),
    }
    del variables["TAP_ASANA_ACCESS_TOKEN"]
    for index, gid in enumerate(workspaces[:2]):
        run(container["command"], tmp_path, {**variables, "JOB_COMPLETION_INDEX": str(index)})
        state = json.loads((tmp_path / f"{gid}.json").read_text(encoding="utf-8"))
        partitions = state["bookmarks"]["tasks"]["partitions"]
        assert [partition["context"]["workspace_gid"] for partition in partitions] == [gid]
    last = {**os.environ, **variables, "JOB_COMPLETION_INDEX": str(len(workspaces))}
    ended = subprocess.run(container["command"], env=last, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert "no workspace has this index" in ended.stderr
