"""Law 5: every run returns the same records."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from expected import expected
from harness import CORE, Message, Output, asana, attempt, run_limits, sync
from hypothesis import given, settings
from hypothesis import strategies as st
from interruptions import Killed, killing
from typing_extensions import override

from fake_asana.server.faults import FAULT_KINDS, Faults
from fake_asana.server.limits import Limits
from fake_asana.world import Sizes

HANDFUL = Sizes(workspaces=2, users=5, teams=2, projects=4, tags=2, tasks=24, stories=2, busiest=8, shared=30)

often = settings(max_examples=15, deadline=None, derandomize=True)
"""The same examples each time: a failure can be reproduced."""


@pytest.fixture(autouse=True)
def restless() -> Iterator[None]:
    """Make threads switch as often as possible."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    yield
    sys.setswitchinterval(usual)


class Tables(dict[str, dict[str, Message]]):
    """Records by stream and gid."""

    @override
    def __repr__(self) -> str:
        """Return the counts: reports of failing examples show nothing else."""
        return str({stream: len(rows) for stream, rows in self.items()})


@pytest.fixture(scope="module")
def expected_tables() -> Tables:
    """Return the records of a complete read of the world."""
    api = asana(HANDFUL)
    schemas = sync(api, select=CORE).schemas
    return Tables({stream: expected(api.world, stream, schemas[stream]) for stream in CORE})


def tables(output: Output) -> Tables:
    """Return the target's tables after a run."""
    return Tables({stream: output.rows(stream) for stream in CORE})


pages = st.integers(1, 100)
flights = st.integers(1, 50)


@often
@given(page_size=pages, concurrency=flights, short=st.integers(0, 3))
def test_any_page_size_and_concurrency_return_the_same_records(
    expected_tables: Tables, page_size: int, concurrency: int, short: int
) -> None:
    """Pages of any size, short pages and any number of requests in flight return the same records."""
    api = asana(HANDFUL, limits=Limits(short_every=short))
    output = sync(api, select=CORE, config={"page_size": page_size, "max_concurrency": concurrency})
    assert tables(output) == expected_tables
    assert output.counts() == {stream: len(rows) for stream, rows in expected_tables.items()}


@often
@given(
    page_size=pages,
    concurrency=flights,
    faults=st.builds(
        Faults,
        rate=st.floats(0.01, 0.2),
        kinds=st.lists(st.sampled_from(sorted(FAULT_KINDS)), min_size=1, unique=True).map(tuple),
        seed=st.integers(0, 10**6),
    ),
)
def test_any_faults_return_the_same_records(
    expected_tables: Tables, page_size: int, concurrency: int, faults: Faults
) -> None:
    """Retries after failed, truncated or late responses change nothing."""
    api = asana(HANDFUL, faults=faults)
    output = sync(api, select=CORE, config={"page_size": page_size, "max_concurrency": concurrency})
    assert tables(output) == expected_tables


@settings(often, max_examples=10)
@given(
    page_size=pages,
    concurrency=flights,
    kills=st.lists(st.integers(1, 90), min_size=1, max_size=3),
    share=st.sampled_from([0, 1, 100]),
)
def test_any_interruptions_return_the_same_records(
    expected_tables: Tables, page_size: int, concurrency: int, kills: list[int], share: int
) -> None:
    """A read in several parts, each from the last STATE of the previous one, returns the same records."""
    api = asana(HANDFUL)
    config = {"page_size": page_size, "max_concurrency": concurrency}
    output = Output()
    with run_limits(output_per_state_byte=share):
        for at in kills:
            part = attempt(api, select=CORE, state=output.state, config=config, on_request=killing(at))
            assert part.error is None or isinstance(part.error, Killed)
            output = output.then(part.confirmed())
        output = output.then(sync(api, select=CORE, state=output.state, config=config))
    assert tables(output) == expected_tables
