"""The simulation follows from its seed, finds a loss, and shrinks a failing history to what matters."""

from __future__ import annotations

from dataclasses import is_dataclass, replace

import pytest
from failed_lists import FAILED_LISTS
from harness import Output

from fake_asana.model import choices
from fake_asana.model.breakage import Breakage
from fake_asana.model.dialect import Dialect, ExportForm, ListForm, LogForm
from fake_asana.server.limits import Limits
from fake_asana.server.rate_meters import RateForm
from fake_asana.world import Sizes
from simulate.attempt import Attempt, Change, Refused
from simulate.comparing import NOT_READ, read_last
from simulate.history import FOLLOWED, History, draw
from simulate.oracle import verdicts
from simulate.player import play
from simulate.shrinking import shrink
from simulate.story import as_test, code

SEEDS = (3, 6)
"""A search that is killed, and an export."""

FORMS = (
    *(each for each in vars(choices).values() if is_dataclass(each) and isinstance(each, type)),
    *(Dialect, ExportForm, Limits, ListForm, LogForm, RateForm),
)
NAMES = {each.__name__: each for each in (Attempt, Breakage, Change, History, Refused, Sizes, *FORMS)}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_history_loses_nothing(seed: int) -> None:
    """`make simulate` plays thousands of these."""
    assert verdicts(play(draw(seed))) == []


def test_a_history_follows_from_its_seed() -> None:
    """The same seed sends the same requests and writes the same messages."""
    first, second = (play(draw(3)) for _ in range(2))
    assert first.api.log == second.api.log
    assert first.kept.counts() == second.kept.counts()
    assert first.kept.state == second.kept.state


def test_most_histories_have_small_worlds() -> None:
    """One seed in ten draws a large world; all else that happens is the same, but sooner."""
    assert draw(10) == draw(10, is_large=True)
    small, large = draw(11), draw(11, is_large=True)
    assert small.sizes.tasks < large.sizes.tasks
    assert replace(small, sizes=large.sizes, attempts=large.attempts) == large
    for short, long in zip(small.attempts, large.attempts, strict=True):
        assert [each.name for each in short.changes] == [each.name for each in long.changes]
        assert all(a.before_request <= b.before_request for a, b in zip(short.changes, long.changes, strict=True))


def test_a_lost_record_is_a_violation() -> None:
    """A task whose records a target does not hold is reported by its gid."""
    played = play(History(sizes=Sizes(workspaces=1, users=2, teams=1, projects=2, tasks=6)))
    gid = min(played.api.world.gids("tasks"))
    kept = [each for each in played.kept.messages if each["type"] != "RECORD" or each["record"]["gid"] != gid]
    assert verdicts(replace(played, kept=Output(kept))) == [f"tasks: lost ['{gid}'] (quiet runs: 2)"]


SILENT = History(
    sizes=Sizes(workspaces=1, users=2, teams=1, projects=2, tasks=6),
    streams=FOLLOWED,
    attempts=(Attempt(), Attempt(changes=(Change(0, "like task", 1), Change(0, "edit comment", 2)))),
)
"""A history whose changes only events tell."""


def test_a_change_that_events_tell_must_arrive() -> None:
    """Without the records that events brought, a history fails."""
    played = play(SILENT)
    assert verdicts(played) == []
    first = play(replace(SILENT, attempts=(Attempt(),)))
    (found,) = verdicts(replace(played, kept=first.kept))[:1]
    assert "not as events tell" in found


def test_a_history_shrinks_to_what_makes_it_fail() -> None:
    """Of all runs, changes and conditions only the kill remains."""
    seed = next(seed for seed in range(1, 50) if any(each.kill_before for each in draw(seed).attempts))
    shrunk = shrink(draw(seed), lambda history: any(each.kill_before for each in history.attempts))
    assert [(bool(each.kill_before), each.changes, each.refused) for each in shrunk.attempts] == [(True, (), ())]
    assert shrunk.dialect == Dialect()


def test_a_story_is_the_source_of_its_history() -> None:
    """The printed test plays the same history."""
    for seed in range(1, 20):
        assert eval(code(draw(seed)), NAMES) == draw(seed)  # noqa: S307 - the source is our own
    assert as_test(draw(1), ["tasks: lost"]).startswith("def test_seed_1() -> None:\n    # tasks: lost\n")


def test_a_stream_left_to_the_next_run_is_excused_once_and_by_its_line() -> None:
    """The run that resumes another reads no table that is complete: the line on it excuses that run alone."""
    played = play(next(each for each in FAILED_LISTS if each.seed == 9400001335))
    (resumed,) = played.earlier
    assert read_last(resumed, ["tasks", "stories"]) == ["stories"]
    assert read_last(played, ["tasks", "stories"]) == ["tasks", "stories"]
    assert verdicts(played) == []
    resumed.log[:] = [line for line in resumed.log if not NOT_READ.match(line)]
    assert [line.partition(" [")[0] for line in verdicts(played)] == ["tasks: lost"]
