"""A local export: answers that were recorded, and a file of as many tasks as are wanted.

`python -m bench.local FOLDER --streams tasks,stories --privacy none` runs the tap over one, in this process alone:
no fake Asana, no socket. Its messages go to standard output, and what it took to standard error, as JSON.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import io
import json
import logging
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any

import msgspec
import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from typing_extensions import override
from urllib3 import HTTPResponse

from tap_asana.__main__ import GC_THRESHOLD
from tap_asana.config import Settings
from tap_asana.run import Run
from tap_asana.tap import TapAsana

ANSWERS, FILE = "answers.json", "export.jsonl.gz"
DOWNLOAD = "/-/download/"
FIRST_GID = 1_200_000_000_000_000
CONFIG = {"access_token": "0/service", "extraction_method": "export"}
KEY = "a key that is measured with"
PIPE = 1 << 20

Record = dict[str, Any]


@dataclass(frozen=True)
class Cost:
    """What a run took: seconds of one core and of the clock, and megabytes at the most."""

    cpu: float
    wall: float
    peak: float


class Replay(BaseAdapter):
    """Answers a session from what was recorded."""

    def __init__(self, folder: Path) -> None:
        """Read the answers, not the file."""
        super().__init__()
        self._folder = folder
        self._answers: Mapping[str, str] = json.loads((folder / ANSWERS).read_bytes())

    @override
    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        """Return the answer that this request had."""
        url = request.url or ""
        body: Any = io.BytesIO(self._answers.get(asked(request), "").encode())
        if DOWNLOAD in url:
            body = (self._folder / FILE).open("rb")
        return HTTPAdapter().build_response(request, HTTPResponse(body=body, status=200, preload_content=False))

    @override
    def close(self) -> None:
        """Nothing is held open."""


def asked(request: requests.PreparedRequest) -> str:
    """Return what tells a request apart from others."""
    return f"{request.method} {request.url}"


def tap(
    adapter: BaseAdapter, streams: Iterable[str], sleep: Callable[[float], object], privacy: str = "none"
) -> TapAsana:
    """Return a tap that reaches this adapter and nothing else, with these streams selected."""

    class LocalTap(TapAsana):
        @cached_property
        @override
        def run(self) -> Run:
            session = requests.Session()
            session.mount("https://", adapter)
            return Run(Settings.from_config(self.config), session=session, sleep=sleep)

    return LocalTap(config={**CONFIG, "privacy": privacy, "privacy_key": KEY}, catalog=selected(streams))


def selected(streams: Iterable[str]) -> Record:
    """Return the catalog with these streams selected and no others."""
    wanted = set(streams)
    catalog: Record = json.loads(TapAsana(validate_config=False).catalog_json_text)
    for entry in catalog["streams"]:
        for metadata in entry["metadata"]:
            if not metadata["breadcrumb"]:
                metadata["metadata"]["selected"] = entry["tap_stream_id"] in wanted
    return catalog


def prepare(folder: Path, tasks: int, stories: int, *, bare: bool = False) -> None:
    """Write a local export of so many tasks, each of them with so many stories on the average.

    The records are those of a made-up Asana's tasks again and again, with gids of their own; `bare` leaves out all
    fields but the few that every task has.
    """
    from bench.recording import recorded  # noqa: PLC0415 - the measured process has no made-up Asana in it

    answers, lines = recorded(stories)
    # The file has more or fewer tasks than those that were counted.
    answers.update((request, '{"data":{}}') for request in answers if "/task_counts" in request)
    (folder / ANSWERS).write_text(json.dumps(answers), encoding="utf-8")
    records = [msgspec.json.decode(line, type=Record) for line in lines]
    gids = count(FIRST_GID)
    with gzip.open(folder / FILE, "wb", compresslevel=1) as file:
        for record in islice(cycle(records), tasks):
            file.write(msgspec.json.encode(_again(record, gids, bare=bare)) + b"\n")


def _again(task: Record, gids: Iterable[int], *, bare: bool) -> Record:
    """Return a task with another gid, and so for its stories."""
    numbers = iter(gids)
    again = {name: task.get(name) for name in ("gid", "name", "modified_at", "stories")} if bare else {**task}
    again["gid"] = str(next(numbers))
    again["stories"] = [{**story, "gid": str(next(numbers))} for story in task.get("stories") or ()]
    return again


def measured(folder: Path, streams: Sequence[str], sink: str = "null", privacy: str = "none") -> Cost:
    """Run the tap over a local export in a process of its own; what it writes goes to `sink`: null, pipe."""
    options = ["--streams", ",".join(streams), "--privacy", privacy]
    command = [sys.executable, "-m", "bench.local", str(folder), *options]
    if sink == "null":
        ended = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
        return Cost(**json.loads(ended.stderr.splitlines()[-1]))
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while process.stdout and process.stdout.read(PIPE):
            pass
        _, log = process.communicate()
    return Cost(**json.loads(log.splitlines()[-1]))


def main() -> None:
    """Run the tap over a folder that `prepare` has filled."""
    parser = argparse.ArgumentParser(description="Run the tap over a local export.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--streams", default="tasks,stories")
    parser.add_argument("--privacy", default="none")
    options = parser.parse_args()
    logging.disable(logging.INFO)
    gc.set_threshold(GC_THRESHOLD)
    made = tap(Replay(options.folder), options.streams.split(","), lambda _: None, options.privacy)
    cpu, wall = time.process_time(), time.monotonic()
    made.sync_all()
    sys.stdout.flush()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(asdict(Cost(time.process_time() - cpu, time.monotonic() - wall, peak))), file=sys.stderr)


if __name__ == "__main__":
    main()
