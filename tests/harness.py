"""Run the tap in this process against a fake Asana, and return its output."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, redirect_stdout
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cached_property
from logging import LogRecord
from typing import Any

import contract
import msgspec
import requests
from clock import Unhindered
from direct_session import DirectSession, Waiting
from typing_extensions import override

from fake_asana.messages import HttpRequest
from fake_asana.model.dialect import Dialect
from fake_asana.server.adapter import FakeAdapter
from fake_asana.server.api import Api
from fake_asana.server.faults import Faults
from fake_asana.server.limits import Limits
from fake_asana.world import ManualClock, Sizes, World
from tap_asana.config import Settings
from tap_asana.limits import Limits as RunLimits
from tap_asana.run import Run
from tap_asana.state.shape import validate_state
from tap_asana.tap import TapAsana

Message = dict[str, Any]
Hook = Callable[[HttpRequest], object]

PERSON: Mapping[str, str] = {"access_token": "0/fake", "extraction_method": "list"}
SERVICE: Mapping[str, str] = {"access_token": "0/service", "extraction_method": "list"}
STREAMS: tuple[str, ...] = tuple(TapAsana(validate_config=False).streams)
"""The streams in reading order."""

CORE = (
    *("workspaces", "users", "teams", "team_memberships", "workspace_memberships", "projects", "sections", "tags"),
    *("custom_fields", "tasks", "stories", "attachments"),
)
"""The most common streams."""

KEYS = {name: stream.primary_keys for name, stream in TapAsana(validate_config=False).streams.items()}
CATALOG = TapAsana(validate_config=False).catalog_json_text
ENTRIES: Mapping[str, Message] = {entry["tap_stream_id"]: entry for entry in msgspec.json.decode(CATALOG)["streams"]}
UNREAD: Message = {"schema": {"properties": {}}, "metadata": [{"breadcrumb": [], "metadata": {"selected": False}}]}

SMALL = Sizes(users=12, teams=3, projects=12, tags=6, tasks=150, stories=2, busiest=30)
"""A world with some objects of every kind."""

EVENTFUL = replace(SMALL, stories=5)
"""The same with more of each task's history."""

TINY = Sizes(workspaces=2, users=6, teams=2, projects=6, tags=2, tasks=40, stories=2, busiest=12)
"""A world for many runs."""

decode_lines = msgspec.json.Decoder().decode_lines
"""Parse lines of JSON, several times as fast as the standard library, and as strictly as the strictest target."""


def key(stream: str, record: Message) -> str:
    """Return the identity of a record: its gid, or the parts of its key joined by colons."""
    return ":".join(str(record[name]) for name in KEYS[stream])


@dataclass(repr=False)
class Output:
    """The messages of a run in order, and the exception that ended it early, if any."""

    messages: list[Message] = field(default_factory=list)
    error: Exception | None = None

    @override
    def __repr__(self) -> str:
        """Return the counts, for reports of failing tests."""
        return f"<{dict(self.counts())}, state {self.state}, error {self.error!r}>"

    def of(self, kind: str) -> list[Message]:
        """Return the messages of one type."""
        return [message for message in self.messages if message["type"] == kind]

    def records(self, stream: str) -> list[Message]:
        """Return a stream's records."""
        return [message["record"] for message in self.of("RECORD") if message["stream"] == stream]

    def gids(self, stream: str) -> set[str]:
        """Return the gids of a stream's records."""
        return {record["gid"] for record in self.records(stream)}

    def rows(self, stream: str) -> dict[str, Message]:
        """Return the content of a target's table after the run: the last record of each key."""
        return {key(stream, record): record for record in self.records(stream)}

    def counts(self) -> Counter[str]:
        """Return the number of records by stream."""
        return Counter(message["stream"] for message in self.of("RECORD"))

    @property
    def state(self) -> Message:
        """Return the last STATE."""
        states: list[Message] = self.of("STATE")
        return dict(states[-1]["value"]) if states else {}

    def bookmark(self, stream: str) -> Message:
        """Return the last STATE of a stream for its first workspace."""
        found: Message = self.state["bookmarks"][stream]["partitions"][0]
        return found

    @property
    def schemas(self) -> dict[str, Message]:
        """Return the SCHEMA of each stream."""
        return {message["stream"]: message["schema"] for message in self.of("SCHEMA")}

    def confirmed(self) -> Output:
        """Return the confirmed output of a killed run: everything up to the last STATE."""
        return self.up_to(
            max((at for at, message in enumerate(self.messages) if message["type"] == "STATE"), default=-1)
        )

    def up_to(self, place: int) -> Output:
        """Return the messages up to an index, inclusively."""
        return Output(self.messages[: place + 1])

    def then(self, later: Output) -> Output:
        """Return the messages of this run and of a later one."""
        return Output([*self.messages, *later.messages])


def asana(
    sizes: Sizes = SMALL,
    *,
    seed: int = 1,
    limits: Limits | None = None,
    faults: Faults | None = None,
    dialect: Dialect | None = None,
) -> Api:
    """Return a fake Asana with a world of its own and a manual clock."""
    return Api(World.seeded(seed, sizes, ManualClock()), limits, faults, dialect=dialect)


def clock(api: Api) -> ManualClock:
    """Return the clock of a fake Asana."""
    assert isinstance(api.world.clock, ManualClock)
    return api.world.clock


def fake_session(api: Api, on_request: Hook | None = None) -> requests.Session:
    """Return a session that reaches the fake only; an undocumented request fails in it."""

    def on_every_request(request: HttpRequest) -> None:
        contract.check(request)
        if on_request:
            with nullcontext() if isinstance(on_request, Waiting) else api.world.lock:
                on_request(request)

    return DirectSession(FakeAdapter(api, on_request=on_every_request))


_limits: ContextVar[RunLimits] = ContextVar("limits", default=RunLimits())  # noqa: B039 - it is frozen


@contextmanager
def run_limits(**thresholds: Any) -> Iterator[None]:  # noqa: ANN401 - they are of several types
    """Have the runs of this block keep other thresholds than those around it."""
    token = _limits.set(replace(_limits.get(), **thresholds))
    try:
        yield
    finally:
        _limits.reset(token)


def offline_run(
    api: Api, settings: Settings, on_request: Hook | None = None, *, clock_ahead_seconds: float = 0.0
) -> Run:
    """Return a run with requests to the fake, with the fake's clock and without pauses."""
    now = clock(api)
    return Run(
        settings,
        session=fake_session(api, on_request),
        now=lambda: now() + clock_ahead_seconds,
        clock=now,
        make_limiter=lambda _: Unhindered(now),
        sleep=now.advance,
        limits=_limits.get(),
    )


def offline_tap(api: Api, on_request: Hook | None = None) -> type[TapAsana]:
    """Return a tap class with such a run."""

    class OfflineTap(TapAsana):
        @cached_property
        @override
        def run(self) -> Run:
            return offline_run(api, self.settings, on_request)

    return OfflineTap


def sync(
    api: Api,
    *,
    state: Message | None = None,
    select: Iterable[str] | None = None,
    config: Mapping[str, Any] | None = None,
    catalog: Message | None = None,
    on_request: Hook | None = None,
) -> Output:
    """Run the tap once, with all streams or only some selected; raises the exception that ends it."""
    output = attempt(api, state=state, select=select, config=config, catalog=catalog, on_request=on_request)
    if output.error is not None:
        raise output.error
    return output


def attempt(
    api: Api,
    *,
    state: Message | None = None,
    select: Iterable[str] | None = None,
    config: Mapping[str, Any] | None = None,
    catalog: Message | None = None,
    on_request: Hook | None = None,
) -> Output:
    """Run the tap as `sync` does, and return its output even if it fails."""
    tap_class = offline_tap(api, on_request)
    settings = {**PERSON, **(config or {})}
    catalog = catalog if select is None else catalog_of(select)
    return written(tap_class(config=settings, state=json.loads(json.dumps(state)) if state else None, catalog=catalog))


def written(tap: TapAsana) -> Output:
    """Run a tap and return its output; check that each STATE is valid as input."""
    buffer = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    error = None
    with redirect_stdout(buffer):
        try:
            tap.sync_all()
        except Exception as ended:  # noqa: BLE001 - the caller judges the exception
            error = ended
    output = Output(parse(buffer), error)
    for message in output.of("STATE"):
        validate_state(message["value"])
    return output


def parse(buffer: io.TextIOWrapper) -> list[Message]:
    """Parse the messages in a captured standard output."""
    buffer.seek(0)
    return [*decode_lines(buffer.buffer.read())]


def discovered() -> Message:
    """Return a copy of the discovered catalog."""
    catalog: Message = msgspec.json.decode(CATALOG)
    return catalog


def catalog_of(streams: Iterable[str], changed: Mapping[str, Message] | None = None) -> Message:
    """Return a catalog that selects these streams, some of them changed, and only names others: parsing takes long."""
    selected, entries = set(streams), {**ENTRIES, **(changed or {})}
    return {"streams": [entries[name] if name in selected else {"tap_stream_id": name, **UNREAD} for name in entries]}


def selecting(catalog: Message, streams: Iterable[str]) -> Message:
    """Return the catalog with only these streams selected."""
    selected = set(streams)
    for entry in catalog["streams"]:
        choose(entry, (), selected=entry["tap_stream_id"] in selected)
    return catalog


def choose(entry: Message, breadcrumb: Iterable[str], *, selected: bool) -> None:
    """Select or deselect a stream or one of its fields in its catalog entry."""
    place = list(breadcrumb)
    for metadata in entry["metadata"]:
        if metadata["breadcrumb"] == place:
            metadata["metadata"]["selected"] = selected
            return
    raise KeyError(place)


def stream_metadata(entry: Message) -> Message:
    """Return the metadata of a stream as a whole."""
    found: Message = next(part["metadata"] for part in entry["metadata"] if not part["breadcrumb"])
    return found


def summary(records: list[LogRecord]) -> dict[str, str]:
    """Return the summary of each stream, from the lines before the last one."""
    lines = [record.getMessage() for record in records if record.name == "tap_asana.monitor.progress"]
    return dict(line.split(": ", 1) for line in lines[:-1] if re.match(r"\w+: \d+ records", line))
