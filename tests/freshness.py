"""When each kind of change arrives in a target: made in the fake, and measured for each way to read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext, suppress
from itertools import chain
from string import ascii_uppercase
from textwrap import fill
from typing import NamedTuple

from deleted import deleted_gids
from expected import cut, withheld
from harness import SMALL, Message, Output, asana, clock, sync
from kinds_of_change import CHANGES
from methods import ALL_TASK_STREAMS, EXPORT, HOUR, METHODS
from scene import Row, Scene

from fake_asana.model.people import MISSING_IN_FREE_PLAN
from fake_asana.server.api import Api
from tap_asana.tasks.by_export import NOT_EXPORTED

OTHER_STREAMS = ("workspaces", "projects", "sections", "tags", "users", "custom_fields", "status_updates", "goals")

NEXT_RUN, NEXT_CHANGE, NEVER = "next run", "next change of the task", "full refresh"
"""When a change arrives: with the next run, with the run after its task's next change, or if all is read again."""

WITHIN_DAYS = "`reconcile_days`"
"""When a change arrives that a pass brings."""

DAYS = 6


class Plan(NamedTuple):
    """A plan of Asana, by the features that it lacks."""

    name: str
    missing: frozenset[str]


AUDITED = Plan("Enterprise with audit log", frozenset())
ENTERPRISE = Plan("Enterprise", frozenset({"audit_log"}))
PAID = Plan("paid plan", frozenset({"audit_log", "resource_export", "workspace_events"}))
FREE = Plan("free plan", MISSING_IN_FREE_PLAN)

PAID_CHANGES = frozenset(
    {
        *("time tracked for this week", "time tracked for last month", "tracked time deleted"),
        *("tracked time of this week edited", "tracked time of last month edited"),
        *("new comment on a goal", "new progress of a goal", "custom field renamed, in `custom_fields`"),
    }
)
"""The changes of which the free plan shows nothing."""


class Way(NamedTuple):
    """A way to read, by its settings and streams, and the plan of Asana."""

    title: str
    config: Message
    streams: tuple[str, ...]
    days: int | None = None
    """Days within which all tasks are read again; the events of the changes have expired at the next run then."""

    plan: Plan = PAID
    pause_hours: int = 1
    """The hours between the changes and the next run."""

    def after_a_day(self) -> Way:
        """Return the way with so long a pause that sync tokens have expired."""
        return self._replace(title=f"{self.title}, after a day without a run", pause_hours=25)


AUTO = METHODS["auto"]
STREAMS = (*OTHER_STREAMS, *ALL_TASK_STREAMS)
FOLLOWED = (*OTHER_STREAMS, "deletions", *ALL_TASK_STREAMS)
AUTO_SERVICE: Message = {**EXPORT, "extraction_method": "auto"}
PERSON_EVENTS = Way("a person with `deletions`", AUTO, FOLLOWED)
SERVICE_EVENTS = Way("a service account by export with `deletions`", EXPORT, FOLLOWED, plan=ENTERPRISE)
UNNAMED = "if no event names the change"
PASS = Way(f"a person with `deletions` and `reconcile_days`, {UNNAMED}", AUTO, FOLLOWED, DAYS)
PASS_BY_EXPORT = Way(
    f"a service account by export with `deletions` and `reconcile_days`, {UNNAMED}", EXPORT, FOLLOWED, DAYS, ENTERPRISE
)
PASS_ALONE = "`reconcile_days` and without `deletions`"
WAYS: tuple[Way, ...] = (
    Way("a person", AUTO, STREAMS, plan=FREE),
    Way("a person", AUTO, STREAMS),
    Way("a person by list", METHODS["list"], STREAMS),
    Way("a service account", AUTO_SERVICE, STREAMS, plan=ENTERPRISE),
    Way("a service account by export", EXPORT, STREAMS, plan=ENTERPRISE),
    PERSON_EVENTS._replace(plan=FREE),
    PERSON_EVENTS,
    PERSON_EVENTS.after_a_day()._replace(plan=FREE),
    PERSON_EVENTS.after_a_day(),
    SERVICE_EVENTS,
    SERVICE_EVENTS._replace(plan=AUDITED),
    SERVICE_EVENTS.after_a_day(),
    SERVICE_EVENTS.after_a_day()._replace(plan=AUDITED),
    PASS._replace(plan=FREE),
    PASS,
    PASS_BY_EXPORT,
    PASS._replace(title=f"a person with {PASS_ALONE}", streams=STREAMS),
    PASS_BY_EXPORT._replace(title=f"a service account by export with {PASS_ALONE}", streams=STREAMS),
)


RUNS: tuple[tuple[str, int, Message], ...] = ((NEXT_RUN, 0, {}), (NEXT_CHANGE, 1, {}))
RUNS_WITH_PASS: tuple[tuple[str, int, Message], ...] = (
    (NEXT_RUN, 24, {"requests_per_minute": 1, "reconcile_percent": 1}),
    (WITHIN_DAYS, DAYS * 24 - 25, {}),
)
"""What the runs after the changes show, the hours before them, and other settings: the first one reads one task of the
pass, which might bring some changes earlier."""


def arrivals(way: Way) -> dict[str, str]:
    """Return for each change when it arrives."""
    api = asana(SMALL)
    scene = Scene(api.world)
    for workspace in api.world.workspaces.values():
        workspace.missing_features |= way.plan.missing
    clock(api).advance(HOUR)
    config = way.config if way.days is None else {**way.config, "reconcile_days": way.days}
    output = sync(api, config=config, select=way.streams)
    clock(api).advance(HOUR)
    rows: dict[str, set[Row]] = {name: set() for name in CHANGES}
    tasks: dict[str, list[str]] = {}
    lacking = PAID_CHANGES if way.plan == FREE else set[str]()
    for name, change in CHANGES.items():
        scene.taken.clear()
        with suppress(StopIteration) if name in lacking else nullcontext():  # there may be nothing to change
            rows[name] = set(change(scene))
        tasks[name] = list(scene.taken)
    wrong = wrong_rows(api, way, output)
    unseen = {name for name in rows if not wrong & rows[name]}
    assert unseen == lacking, f"{way.title}, {way.plan.name}: changes that show in none of their rows: {unseen}"
    arrival: dict[str, str] = {}
    clock(api).advance(way.pause_hours * HOUR)
    for moment, hours, more in RUNS if way.days is None else RUNS_WITH_PASS:
        clock(api).advance(hours * HOUR)
        output = output.then(sync(api, config={**config, **more}, select=way.streams, state=output.state))
        wrong = wrong_rows(api, way, output)
        arrival |= {name: moment for name in rows.keys() - arrival.keys() if not wrong & rows[name]}
        for gid in chain.from_iterable(tasks[name] for name in rows.keys() - arrival.keys()):
            if way.days is None and gid in api.world.tasks:
                api.world.comment(gid)
    return {name: arrival.get(name, NEVER) for name in rows if name not in lacking}


def wrong_rows(api: Api, way: Way, output: Output) -> set[Row]:
    """Return the rows that are missing, differ from Asana, or are left although Asana has deleted them."""
    gone = deleted_gids(output)
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


class Column(NamedTuple):
    """A column of the table: the names of the plans by the title of a way, and when each change arrives."""

    plans: dict[str, list[str]]
    arrival: dict[str, str]

    @property
    def head(self) -> str:
        """Return the head of the column."""
        return "; ".join(f"{title}, {' or '.join(plans)}" for title, plans in self.plans.items())


def columns(found: Iterable[tuple[Way, Mapping[str, str]]]) -> list[Column]:
    """Return the columns; ways share one if no change arrives differently."""
    shared: list[Column] = []
    for way, arrival in found:
        same = (
            each for each in shared if all(each.arrival.get(name, moment) == moment for name, moment in arrival.items())
        )
        column = next(same, None)
        if column is None:
            column = Column({}, {})
            shared.append(column)
        column.plans.setdefault(way.title, []).append(way.plan.name)
        column.arrival.update(arrival)
    return shared


def table(found: Iterable[tuple[Way, Mapping[str, str]]]) -> str:
    """Return what arrives in the next run in every way, what the columns are, and the table of the rest, in Markdown.

    Changes without a difference share a row.
    """
    shared = columns(found)
    kinds: dict[tuple[str, ...], list[str]] = {}
    for name in CHANGES:
        kinds.setdefault(tuple(column.arrival[name] for column in shared), []).append(name)
    at_once = kinds.pop((NEXT_RUN,) * len(shared))
    text = fill(f"**In the next run, in every column**: {'; '.join(at_once)}.", 120)
    letters = ascii_uppercase[: len(shared)]
    legend = (f"- **{letter}**: {column.head}." for letter, column in zip(letters, shared, strict=True))
    heads = "\n".join(fill(line, 120, subsequent_indent="  ") for line in legend)
    rows = [["Change", *letters], *(["; ".join(names), *moments] for moments, names in kinds.items())]
    return f"{text}\n\n{heads}\n\n{_markdown(rows)}"


def _markdown(lines: Sequence[Sequence[str]]) -> str:
    """Return a table, whose first line are the heads."""
    rule = ["---"] * len(lines[0])
    return "".join(f"| {' | '.join(line)} |\n" for line in (lines[0], rule, *lines[1:]))
