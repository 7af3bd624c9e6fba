"""More debts than the state holds: everything is read again until a read of everything has met no more."""

from __future__ import annotations

import pytest

from tap_asana.state.debts import Debt, Debts

DEBT_MET, READ_BEGUN, READ_RESUMED = (f"2026-01-0{day}T00:00:00.000Z" for day in (1, 2, 3))


def debts_lost(*moments: str) -> Debts:
    """Return the debts of a state without room for further ones, which reads have met that began at these moments."""
    owed = Debts({}, max_debts=1)
    assert owed.add(Debt("user", "1"), DEBT_MET)
    for gid, moment in enumerate(moments):
        assert not owed.add(Debt("stories", f"{gid}"), moment)
    return owed


def test_a_read_of_everything_settles_what_was_lost_before_it() -> None:
    """The lists were requested again in it."""
    owed = debts_lost(DEBT_MET)
    owed.close_full_read(READ_BEGUN)
    assert not owed.have_overflowed


@pytest.mark.parametrize("moments", [[READ_BEGUN], [DEBT_MET, READ_BEGUN], [READ_RESUMED], [DEBT_MET, READ_RESUMED]])
def test_a_read_of_everything_that_meets_more_is_followed_by_another(moments: list[str]) -> None:
    """A run that resumes the read requests owed lists first: what is refused below them is later than its begin."""
    owed = debts_lost(*moments)
    owed.close_full_read(READ_BEGUN)
    assert owed.have_overflowed
