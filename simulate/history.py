"""A history: one world, one Asana, one set of settings, and what happens in each run; all drawn from one seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fake_asana.model.dialect import Dialect
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.server.limits import Limits
from fake_asana.world import Sizes
from simulate.attempt import DAY_SECONDS, HOUR_SECONDS, MAX_REQUEST, Attempt, Change, Refused
from simulate.forms import (
    draw_form,
    draw_limits,
    with_clocks_and_access,
    with_cut_downloads,
    with_forms,
    with_freshness,
    with_limits,
    with_trash,
)
from simulate.hardships import draw_hardships, draw_refusals, harder, with_cut_lists, with_small_budget
from simulate.kills import killed_early, with_restarts, with_spans
from simulate.organizing import ORGANIZING, Act
from simulate.passing_settings import with_passing_settings
from simulate.people import CHANGES, SILENT_CHANGES
from simulate.questions import EARLY_FAULTS, with_last_questions, with_rules
from tap_asana.limits import Limits as RunLimits

PASSES_PER_PERIOD = 2
"""Runs without changes within `reconcile_days`."""

LOOKBACK_SECONDS = 600
"""The default of the setting."""

TOKENS: Mapping[str, str] = {"list": "0/fake", "search": "0/fake", "auto": "0/fake", "export": "0/service"}
"""The extraction methods and a token that each works with."""

TASK_STREAMS = ("tasks", "stories", "attachments", "time_tracking_entries")
SELECTIONS = (TASK_STREAMS, ("tasks", "stories"), ("tasks",), ("projects", "users", "tags", *TASK_STREAMS), ())
"""Selected streams; none stands for all."""

FOLLOWED = ("projects", "deletions", *TASK_STREAMS)
"""The streams of a history with changes that only events name."""

LARGE_WORLD_EVERY = 10
"""One in so many histories has a large world; one in a small world takes two thirds of the CPU time."""

SMALL_WORLD_SHARE = 0.4
"""Requests of a run in a small world, as a share of those in a large one."""


@dataclass(frozen=True)
class History:
    """Everything that a simulation does."""

    seed: int = 1
    sizes: Sizes = field(default_factory=Sizes)
    method: str = "list"
    is_oauth: bool = False
    """Whether the tap logs in with a refresh token, which a file keeps if Asana replaces it."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    streams: tuple[str, ...] = TASK_STREAMS
    deselected: tuple[str, ...] = ()
    """Fields of tasks that the catalog leaves out."""

    full_table: tuple[str, ...] = ()
    """Incremental streams that the catalog has each run read as a whole."""

    lasting: tuple[Refused, ...] = ()
    """What is refused in every run, to the end."""

    dialect: Dialect = field(default_factory=Dialect)
    limits: Limits = field(default_factory=Limits)
    request_milliseconds: int = 0
    """The time that each request takes."""

    output_per_state_byte: int = 0
    stage_tasks: int = RunLimits().max_stage_tasks
    """The tasks that a pass reads together."""

    attempts: tuple[Attempt, ...] = (Attempt(),)

    @property
    def reconcile_days(self) -> int:
        """Return the days within which all tasks are read again; 0 if they are not."""
        return int(self.settings.get("reconcile_days", 0))

    @property
    def quiet_attempts(self) -> Sequence[Attempt]:
        """Return the runs at the end: one brings what clocks and events show, passes the rest, one more nothing."""
        if self.reconcile_days:
            return [Attempt(self.reconcile_days * DAY_SECONDS // PASSES_PER_PERIOD)] * (PASSES_PER_PERIOD + 1)
        return [Attempt()] * 2

    @property
    def fast_seconds(self) -> float:
        """Return how far the header Date and the machine's clock are both ahead at most: no bookmark can know that."""
        return max(0.0, *(attempt.seconds_ahead(self.dialect) for attempt in self.attempts), 0.0)

    @property
    def token(self) -> str:
        """Return the token of the runs."""
        return TOKENS[self.method]


def draw(seed: int, *, is_large: bool | None = None) -> History:
    """Return the history that follows from a seed, in a small world or a large one; by default the seed decides."""
    history = _draw_large(seed)
    is_large = seed % LARGE_WORLD_EVERY == 0 if is_large is None else is_large
    history = history if is_large else _in_small_world(history, SeededRandom(seed, 20))
    return with_passing_settings(history, SeededRandom(seed, 29))


def _draw_large(seed: int) -> History:
    rng = SeededRandom(seed, 14)
    method = rng.pick(sorted(TOKENS))
    history = History(
        seed=seed,
        sizes=_draw_sizes(rng),
        method=method,
        settings=_draw_settings(rng),
        streams=rng.pick(SELECTIONS[:4]) if rng.chance(85) else (),
        dialect=draw_form(Dialect, rng),
        limits=draw_limits(rng),
        request_milliseconds=rng.pick((0, 10, 100, 1500)),
        output_per_state_byte=rng.pick((0, 0, 1, 110)),
        attempts=tuple(_draw_attempt(rng) for _ in range(1 + rng.below(4))),
    )
    silence, passes = SeededRandom(seed, 15), SeededRandom(seed, 16)
    history = _with_silent_changes(history, silence) if silence.chance(40) else history
    history = _with_passes(history, passes) if passes.chance(30) else history
    lateness, forms = SeededRandom(seed, 18), SeededRandom(seed, 19)
    history = _with_late_index(history, lateness) if lateness.chance(20) else history
    if method == "export" and forms.chance(25):
        history = replace(history, streams=("audit_log_events", "deletions", "tasks"))
    history = replace(history, dialect=with_forms(history.dialect, forms), limits=with_limits(history.limits, forms))
    history = _with_hardships(history, SeededRandom(seed, 17))
    history = _with_later_questions(history, SeededRandom(seed, 21))
    history = _with_parted_passes(history, SeededRandom(seed, 22)) if history.reconcile_days else history
    history, kills = with_last_questions(history, SeededRandom(seed, 23)), SeededRandom(seed, 24)
    dialect = with_freshness(history.dialect, SeededRandom(seed, 25))
    attempts = killed_early(history.attempts, kills) if kills.chance(10) else history.attempts
    history = with_spans(replace(history, dialect=dialect, attempts=attempts), TASK_STREAMS, SeededRandom(seed, 26))
    return with_restarts(with_rules(history, SeededRandom(seed, 27)), SeededRandom(seed, 28))


def _with_later_questions(history: History, rng: SeededRandom) -> History:
    """Return the history with what simulations did not draw at first: old seeds keep everything else."""
    dialect = with_cut_downloads(with_clocks_and_access(history.dialect, rng), rng)
    cuts = rng.chance(10)
    attempts = tuple(with_cut_lists(each, rng) if cuts else each for each in history.attempts)
    is_oauth = rng.chance(10) and history.method != "export"
    dialect = with_trash(dialect, rng)
    if rng.chance(40):
        attempts = tuple(_with_changes(each, _draw_changes(ORGANIZING, rng)) for each in attempts)
    return replace(history, dialect=dialect, attempts=attempts, is_oauth=is_oauth)


def _in_small_world(history: History, rng: SeededRandom) -> History:
    """Return the history in a world of a few objects; what happens during a run happens sooner, as it ends sooner."""
    sizes = replace(
        history.sizes,
        workspaces=2 if rng.chance(15) else 1,
        users=2 + rng.below(2),
        teams=1,
        projects=1 + rng.below(3),
        tags=rng.below(2),
        tasks=2 + rng.below(9),
        busiest=2 + rng.below(5),
        portfolios=rng.below(2),
        goals=rng.below(2),
    )
    return replace(history, sizes=sizes, attempts=tuple(map(_sooner, history.attempts)))


def _sooner(attempt: Attempt) -> Attempt:
    changes = (
        replace(change, before_request=round(change.before_request * SMALL_WORLD_SHARE)) for change in attempt.changes
    )
    kill_before = attempt.kill_before and 3 + round((attempt.kill_before - 3) * SMALL_WORLD_SHARE)
    return replace(attempt, changes=tuple(changes), kill_before=kill_before)


def _with_passes(history: History, rng: SeededRandom) -> History:
    """Return a history whose runs read all tasks again, with changes that no event may name."""
    days = {"reconcile_days": 1 + rng.below(3), "follow_events": rng.chance(30)}
    streams = history.streams if not history.streams or rng.chance(20) else (*history.streams, "deletions")
    attempts = tuple(_with_changes(attempt, _draw_changes(SILENT_CHANGES, rng)) for attempt in history.attempts)
    return replace(
        history, settings={**history.settings, **days}, streams=tuple(dict.fromkeys(streams)), attempts=attempts
    )


def _with_parted_passes(history: History, rng: SeededRandom) -> History:
    """Return a history whose passes have several stages, and more runs, which may be killed between them."""
    more = [
        _with_changes(Attempt(rng.pick((HOUR_SECONDS, DAY_SECONDS))), _draw_changes(SILENT_CHANGES, rng))
        for _ in range(rng.below(4))
    ]
    attempts = tuple(with_small_budget(each, rng) for each in (*history.attempts, *more))
    return replace(history, attempts=attempts, stage_tasks=rng.pick((1, 2, 5, history.stage_tasks)))


def _with_late_index(history: History, rng: SeededRandom) -> History:
    """Return a history whose search index is late, with runs that begin a while after the last changes."""
    attempts = (replace(attempt, settled_seconds=rng.pick((0, 700, 1400))) for attempt in history.attempts)
    limits = replace(history.limits, search_lag=rng.pick((500, 1500, 1800)))
    return replace(history, attempts=tuple(attempts), limits=limits)


def _with_hardships(history: History, rng: SeededRandom) -> History:
    """Return a history with a wrong clock, a slow target, odd settings or refused lists."""
    hardships = draw_hardships(rng)
    return replace(
        history,
        settings={**history.settings, **hardships.settings},
        streams=hardships.streams or history.streams,
        deselected=hardships.deselected,
        lasting=hardships.lasting,
        dialect=replace(history.dialect, breakage=hardships.breakage),
        attempts=tuple(
            _with_one_true_clock(harder(attempt, rng, history.method), history) for attempt in history.attempts
        ),
    )


def _with_one_true_clock(attempt: Attempt, history: History) -> Attempt:
    """Return a run with a clock less than a lookback ahead if the header Date is ahead by more: no third one exists."""
    is_fast = min(attempt.clock_ahead_seconds, history.dialect.date_ahead_seconds) > LOOKBACK_SECONDS
    return replace(attempt, clock_ahead_seconds=LOOKBACK_SECONDS // 2) if is_fast else attempt


def _with_silent_changes(history: History, rng: SeededRandom) -> History:
    """Return a history with changes that only events name, and with the stream that reads events."""
    attempts = tuple(_with_changes(attempt, _draw_changes(SILENT_CHANGES, rng)) for attempt in history.attempts)
    return replace(history, streams=FOLLOWED if history.streams else (), attempts=attempts)


def _draw_changes(changes: Mapping[str, Act], rng: SeededRandom) -> Sequence[Change]:
    return [
        Change(rng.below(MAX_REQUEST) if rng.chance(50) else 0, rng.pick(sorted(changes)), rng.below(1000))
        for _ in range(rng.below(6))
    ]


def _with_changes(attempt: Attempt, changes: Sequence[Change]) -> Attempt:
    return replace(attempt, changes=_in_order((*attempt.changes, *changes)))


def _in_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda change: change.before_request))


def _draw_sizes(rng: SeededRandom) -> Sizes:
    return Sizes(
        workspaces=1 + rng.below(2),
        users=2 + rng.below(4),
        teams=1 + rng.below(2),
        projects=2 + rng.below(4),
        tags=rng.below(3),
        tasks=5 + rng.below(30),
        stories=1 + rng.below(2),
        busiest=2 + rng.below(12),
        subtasks=rng.pick((0, 10, 40)),
        personal=rng.pick((5, 20)),
        tagged=rng.pick((2, 30)),
        shared=rng.pick((8, 40)),
        portfolios=rng.below(3),
        goals=rng.below(3),
        goal_stories=rng.below(2),
    )


def _draw_settings(rng: SeededRandom) -> Mapping[str, Any]:
    drawn: dict[str, Any] = {"max_concurrency": rng.pick((1, 2, 5, 12, 48)), "page_size": rng.pick((3, 5, 20, 100))}
    if rng.chance(15):
        drawn["lookback_seconds"] = rng.pick((600, 3600))
    return drawn


def _draw_attempt(rng: SeededRandom) -> Attempt:
    changes = [
        Change(rng.below(MAX_REQUEST) if rng.chance(70) else 0, rng.pick(sorted(CHANGES)), rng.below(1000))
        for _ in range(rng.below(9))
    ]
    faulty = rng.chance(25)
    return Attempt(
        pause_seconds=rng.pick((60, HOUR_SECONDS, HOUR_SECONDS, DAY_SECONDS)),
        changes=_in_order(changes),
        kill_before=3 + rng.below(MAX_REQUEST) if rng.chance(50) else None,
        fault_share=rng.pick((0.02, 0.1, 0.2)) if faulty else 0.0,
        fault_kinds=tuple(rng.sample(EARLY_FAULTS, 6)) if faulty else (),
        refused=tuple(draw_refusals(rng)) if rng.chance(25) else (),
    )
