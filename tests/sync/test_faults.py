"""A tenth of all responses fail, in every known way, and nothing is lost (law 6)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from expected import missing_records
from harness import (
    SMALL,
    STREAMS,
    TINY,
    Message,
    asana,
    attempt,
    clock,
    discovered,
    key,
    run_limits,
    selecting,
    sync,
)
from methods import DAY, HOUR, TASK_STREAMS, every_method
from tap_process import completed, environment, errors

from fake_asana.messages import HttpRequest
from fake_asana.server.faults import FAULT_KINDS, Fault, Faults
from scripts.pipeline import control, served
from tap_asana.errors import RetriesExhaustedError

BUSY = ("429", "429_bare", "429_date")
ROW = 10
"""Number of consecutive 429s."""


@every_method
def test_a_first_run_with_a_tenth_of_faults_is_complete(config: Message) -> None:
    """With every kind of fault in a tenth of all responses, each stream is complete by each method."""
    api = asana(SMALL, faults=Faults(0.1))
    output = sync(api, config=config)
    assert api.faults
    assert sum(api.faults.counts.values()) > 15
    assert missing_records(api, output, config) == {}
    assert set(output.schemas) == set(STREAMS)


@every_method
def test_an_increment_with_a_tenth_of_faults_is_complete(config: Message) -> None:
    """Changes and deletions are complete too: the same records of the same streams as without faults."""
    select = STREAMS if config["extraction_method"] != "search" else (*TASK_STREAMS, "deletions")
    found = []
    for faults in (None, Faults(0.1)):
        api = asana(TINY)
        first = sync(api, config=config, select=select)
        clock(api).advance(DAY - clock(api)() % DAY)  # the same moment in both, for any duration of the first run
        api.world.mutate()
        clock(api).advance(HOUR)
        api.faults = faults
        found.append(sync(api, config=config, select=select, state=first.state))
    clean, faulty = found
    assert api.faults
    assert sum(api.faults.counts.values()) > 10
    assert faulty.counts().keys() == clean.counts().keys()
    for stream in clean.counts():
        assert faulty.rows(stream) == clean.rows(stream)
    assert {"tasks", "stories", "deletions"} <= clean.counts().keys()


def test_all_kinds_of_faults_occur() -> None:
    """Such runs meet every known kind of fault."""
    api = asana(SMALL, faults=Faults(0.2))
    sync(api, config={"page_size": 20})
    assert api.faults
    assert api.faults.counts.keys() == FAULT_KINDS.keys()


def storms(share: int) -> Callable[[HttpRequest], Fault | None]:
    """Return a plan in which every n-th request gets ten consecutive 429s, with or without a Retry-After."""
    numbers: dict[str, int] = {}
    attempts: Counter[str] = Counter()

    def plan(request: HttpRequest) -> Fault | None:
        name = json.dumps([request.method, request.path, request.query], sort_keys=True)
        number = numbers.setdefault(name, len(numbers))
        attempts[name] += 1
        if number % share or attempts[name] > ROW:
            return None
        return Fault(BUSY[number // share % len(BUSY)], retry_after=30)

    return plan


@every_method
def test_consecutive_429s_only_cost_time(config: Message) -> None:
    """Ten consecutive 429s, with seconds, with a date or without a Retry-After, only cost time."""
    api = asana(TINY, faults=Faults(plan=storms(10)))
    assert missing_records(api, sync(api, config=config), config) == {}
    assert api.faults
    assert all(api.faults.counts[kind] >= ROW for kind in BUSY)


def outage(after: int) -> Callable[[HttpRequest], Fault | None]:
    """Return a plan in which Asana fails permanently after some request."""
    counts = Counter[str]()

    def plan(_: HttpRequest) -> Fault | None:
        counts["requests"] += 1
        return Fault("503") if counts["requests"] > after else None

    return plan


@pytest.mark.usefixtures("eager")
@every_method
def test_a_run_resumes_after_an_outage(config: Message) -> None:
    """An outage ends the run with one line and a final STATE: the next run neither repeats nor loses records.

    What changed meanwhile is read too, if the outage was long; here, the interrupted read counts as recent.
    """
    select = ["tasks", "stories", "attachments"]
    undisturbed = asana(TINY)
    truth = sync(undisturbed, config=config, select=select)
    half = len(undisturbed.log) * 2 // 3
    api = asana(TINY, faults=Faults(plan=outage(half)))
    cut = attempt(api, config=config, select=select)
    assert isinstance(cut.error, RetriesExhaustedError)
    assert "\n" not in f"{cut.error}"
    assert cut.messages[-1]["type"] == "STATE"
    confirmed = cut.confirmed()
    api.faults = None
    requests_before = len(api.log)
    with run_limits(min_resumed_seconds=DAY):
        rest = sync(api, config=config, state=cut.state, select=select)
    union = confirmed.then(rest)
    for stream in select:
        assert union.rows(stream) == truth.rows(stream)
    assert len(rest.messages) < len(truth.messages)
    assert len(api.log) - requests_before < len(undisturbed.log) or config["extraction_method"] == "export"


def configured(folder: Path, address: str, **settings: object) -> list[str | Path]:
    """Write the settings, and return the arguments of the command."""
    config = {"access_token": "0/fake", "api_url": address, **settings}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return ["--config", folder / "config.json"]


def test_the_process_survives_connection_faults(tmp_path: Path) -> None:
    """Over real sockets with resets, truncated bodies and stalled responses, the process succeeds with all records.

    Its exit code and its records are those of a run without faults.
    """
    kinds, streams = ("reset", "cut", "stall"), ("projects", "users", "sections", "tasks", "stories")
    world = ("--tasks", "60", "--projects", "8", "--users", "5", "--workspaces", "1")
    with served(*world, "--fault-rate", "0.1", "--fault-kinds", ",".join(kinds)) as address:
        (tmp_path / "catalog.json").write_text(json.dumps(selecting(discovered(), streams)), encoding="utf-8")
        arguments = [*configured(tmp_path, address, request_timeout=1), "--catalog", tmp_path / "catalog.json"]
        output = completed([sys.executable, "-m", "tap_asana", *arguments], tmp_path / "log")
        met = requests.get(control(address, "faults"), timeout=60).json()
        for stream in streams:
            rows = requests.get(control(address, f"truth/{stream}"), timeout=60).json()
            assert {key(stream, row) for row in rows} == output.rows(stream).keys()
    assert met.keys() == set(kinds)
    assert errors(tmp_path / "log") == []


PATIENT = """
from tap_asana.api import attempts
from tap_asana.command import run_command
assert callable(attempts.backoff_delays)
attempts.backoff_delays = lambda attempts: iter([0.0] * (attempts - 1) + [None])
run_command()
"""
"""The command without its retry delays, which would take a minute or two."""


def test_an_outage_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    """During an outage the process logs one error, exits with 1, and its last message is a STATE."""
    with served("--tasks", "20", "--projects", "2", "--users", "3") as address:
        arguments = configured(tmp_path, address)
        first = [sys.executable, "-m", "tap_asana", *arguments]
        state = completed(first, tmp_path / "log").state
        (tmp_path / "state.json").write_text(json.dumps(state), encoding="utf-8")
        requests.post(control(address, "faults"), params={"rate": "1", "kinds": "502"}, timeout=60)
        command = [sys.executable, "-c", PATIENT, *arguments, "--state", tmp_path / "state.json"]
        with (tmp_path / "log").open("w") as log:
            process = subprocess.run(command, env=environment(), stdout=subprocess.PIPE, stderr=log, check=False)
    assert process.returncode == 1
    line = "Request to /workspaces failed on every attempt: 502: Bad Gateway"
    assert errors(tmp_path / "log") == [line]
    last = json.loads(process.stdout.splitlines()[-1])
    assert last["type"] == "STATE"
    assert {name: bookmark for name, bookmark in last["value"]["bookmarks"].items() if bookmark} == {
        name: bookmark for name, bookmark in state["bookmarks"].items() if bookmark
    }
