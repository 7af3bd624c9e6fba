"""When each kind of change arrives in a target: made in the fake, and measured for each way to read."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import NamedTuple

from expected import cut, withheld
from harness import SMALL, Message, Output, asana, clock, sync
from kinds_of_change import CHANGES
from methods import ALL_TASK_STREAMS, EXPORT, HOUR, LIST, SEARCH
from scene import Row, Scene

from fake_asana.server.api import Api
from tap_asana.tasks.by_export import NOT_EXPORTED

OTHER_STREAMS = ("workspaces", "projects", "sections", "tags", "users", "custom_fields", "status_updates", "goals")

NEXT_RUN, NEXT_CHANGE, NEVER = "next run", "next change of the task", "full refresh"
"""When a change arrives: with the next run, with the run after its task's next change, or if all is read again."""

WITHIN_DAYS = "`reconcile_days`"
"""When a change arrives that a pass brings."""

DAYS = 2


class Way(NamedTuple):
    """A way to read, by its settings and streams."""

    title: str
    config: Message
    streams: tuple[str, ...]
    days: int | None = None
    """Days within which all tasks are read again; the events of the changes have expired at the next run then."""


STREAMS = (*OTHER_STREAMS, *ALL_TASK_STREAMS)
FOLLOWED = (*OTHER_STREAMS, "deletions", *ALL_TASK_STREAMS)
WAYS: tuple[Way, ...] = (
    Way("by list", LIST, STREAMS),
    Way("by search", SEARCH, STREAMS),
    Way("by export", EXPORT, STREAMS),
    Way("a person with `deletions`", LIST, FOLLOWED),
    Way("a service account with `deletions`", EXPORT, FOLLOWED),
    Way("any token with `deletions` and `reconcile_days`, without events", LIST, FOLLOWED, DAYS),
)


RUNS: tuple[tuple[str, int, Message], ...] = ((NEXT_RUN, 1, {}), (NEXT_CHANGE, 1, {}))
RUNS_WITH_PASS: tuple[tuple[str, int, Message], ...] = (
    (NEXT_RUN, 25, {"requests_per_minute": 1, "reconcile_percent": 1}),
    (WITHIN_DAYS, DAYS * 24 - 25, {}),
)
"""What the runs after the changes show, the hours before them, and other settings: the first one reads one task of the
pass, which might bring some changes earlier."""


def arrivals(way: Way) -> dict[str, str]:
    """Return for each change when it arrives."""
    api = asana(SMALL)
    scene = Scene(api.world)
    for workspace in api.world.workspaces.values():
        api.world.downgrade(workspace, "audit_log")
    clock(api).advance(HOUR)
    config = way.config if way.days is None else {**way.config, "reconcile_days": way.days}
    output = sync(api, config=config, select=way.streams)
    clock(api).advance(HOUR)
    rows: dict[str, set[Row]] = {}
    tasks: dict[str, list[str]] = {}
    for name, change in CHANGES.items():
        scene.taken.clear()
        rows[name] = set(change(scene))
        tasks[name] = list(scene.taken)
    wrong = wrong_rows(api, way, output)
    unseen = {name for name in rows if not wrong & rows[name]}
    assert unseen == set(), f"{way.title}: changes that show in none of their rows: {unseen}"
    arrival: dict[str, str] = {}
    for moment, hours, more in RUNS if way.days is None else RUNS_WITH_PASS:
        clock(api).advance(hours * HOUR)
        output = output.then(sync(api, config={**config, **more}, select=way.streams, state=output.state))
        wrong = wrong_rows(api, way, output)
        arrival |= {name: moment for name in rows.keys() - arrival.keys() if not wrong & rows[name]}
        for gid in chain.from_iterable(tasks[name] for name in rows.keys() - arrival.keys()):
            if way.days is None and gid in api.world.tasks:
                api.world.comment(gid)
    return {name: arrival.get(name, NEVER) for name in rows}


def wrong_rows(api: Api, way: Way, output: Output) -> set[Row]:
    """Return the rows that are missing, differ from Asana, or are left although Asana has deleted them."""
    gone = output.gids("deletions") if "deletions" in way.streams else set[str]()
    wrong: set[Row] = set()
    for stream in set(way.streams) - {"deletions"}:
        truth, kept = api.world.expected_records(stream, way.config["access_token"]), output.rows(stream)
        schema = output.schemas[stream]
        wrong |= {(stream, gid) for gid in kept.keys() - truth.keys() - gone}
        wrong |= {
            (stream, gid)
            for gid, record in truth.items()
            if gid not in kept or differs(kept[gid], cut({**record, **withheld(stream, record)}, schema))
        }
    return wrong


def differs(row: Message, truth: Message) -> bool:
    """Return whether a record differs from Asana's; one of an export may be without what exports leave out."""
    return row != {name: value for name, value in truth.items() if name in row or name not in NOT_EXPORTED}


def table(found: Mapping[str, Mapping[str, str]]) -> str:
    """Return the table of all changes, in Markdown; ways without a difference share a column."""
    columns: dict[tuple[str, ...], list[str]] = {}
    for title, arrival in found.items():
        columns.setdefault(tuple(arrival[name] for name in CHANGES), []).append(title)
    lines = [["Change", *(", ".join(titles) for titles in columns.values())], ["---"] * (len(columns) + 1)]
    lines += [[name, *moments] for name, *moments in zip(CHANGES, *columns, strict=True)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
