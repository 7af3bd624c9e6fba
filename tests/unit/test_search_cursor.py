"""The cursor of a search moves by proof, whatever the form of the answers (law 10)."""

from __future__ import annotations

from tap_asana.tasks.search_cursor import OVERLAP_MS, SECOND_MS, SearchAnswer, SearchQuery

MINUTE_MS = 60 * SECOND_MS
TOP = 100 * MINUTE_MS
"""When the youngest task of an answer was created."""

LIMIT = 4


def answer(*created: int, new: int | None = None) -> SearchAnswer:
    """Return an answer with tasks created at these instants, all of them new unless their number is given."""
    return SearchAnswer(created, created, len(created) if new is None else new, LIMIT)


def test_a_short_answer_ends_no_search() -> None:
    """Hidden tasks may count against the limit: only an answer without a new task ends a search."""
    query = SearchQuery()
    following = query.step(answer(TOP - MINUTE_MS, TOP)).following
    assert following is not None
    assert following.step(answer(TOP, new=0)).following is None


def test_queries_overlap() -> None:
    """A query begins more than a second before the last known instant: bounds may be exclusive, or in seconds."""
    following = SearchQuery().step(answer(TOP - MINUTE_MS, TOP)).following
    assert following is not None
    assert following.reached == TOP
    assert following.after == TOP - OVERLAP_MS < TOP - SECOND_MS
    assert following.certain


def test_a_narrow_overlap_is_proven_by_a_known_task() -> None:
    """If the overlap had to be narrow, an answer without a known task has the tasks around that instant divided."""
    query = SearchQuery(reached=TOP, after=TOP - 1, certain=False)
    assert query.step(answer(TOP, TOP + MINUTE_MS, new=1)).divide is None
    assert query.step(answer(TOP + MINUTE_MS)).divide == TOP
    assert query.step(answer()).divide == TOP
