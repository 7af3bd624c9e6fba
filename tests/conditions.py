"""Random conditions of a run and of Asana's search, and sequences of runs under them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from harness import Message, Output, attempt, clock, sync
from hypothesis import strategies as st
from interruptions import Killed
from methods import HOUR, TASK_STREAMS

from fake_asana.server.api import Api, Dialect
from fake_asana.server.limits import Limits
from tap_asana.limits import Limits as RunLimits


def followed(api: Api, config: Message, union: Output, hook: Callable[..., None] | None) -> Output:
    """Return some runs and a subsequent attempt up to its last STATE; it may have been killed."""
    cut = attempt(api, config=config, select=TASK_STREAMS, state=union.state, on_request=hook)
    assert cut.error is None or isinstance(cut.error, Killed)
    return union.then(cut.confirmed())


def quieted(api: Api, config: Message, union: Output) -> Output:
    """Return some runs and two subsequent ones without changes between them."""
    for _ in range(2):
        clock(api).advance(HOUR)
        union = union.then(sync(api, config=config, select=TASK_STREAMS, state=union.state))
    return union


@dataclass(frozen=True)
class Conditions:
    """The settings of a run, and the behaviour of Asana's search meanwhile."""

    concurrency: int
    page_size: int
    limits: Limits
    share_of_state: int
    dialect: Dialect = field(default_factory=Dialect)


searches = st.builds(
    Limits,
    search_lag=st.sampled_from([0, 60, 500]),
    search_fresh=st.booleans(),
    search_inclusive=st.sampled_from([frozenset(), frozenset({"after"}), frozenset({"after", "before"})]),
)


dialects = st.builds(
    Dialect,
    search_rows=st.sampled_from([20, 50, 100]),
    search_whole_seconds=st.booleans(),
    search_ahead_seconds=st.sampled_from([0, 0, 5, 3600]),
    search_ties=st.sampled_from(["any", "first", "last"]),
)


any_conditions = st.builds(
    Conditions,
    st.integers(1, 12),
    st.integers(3, 100),
    searches,
    st.sampled_from([0, RunLimits.output_per_state_byte]),
    dialects,
)
