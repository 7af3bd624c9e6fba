"""Draws the open questions that simulations asked last: three in ten histories have them, all others stay as they were.

A new field of one of these forms is drawn without a change here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from fake_asana.model.choices import (
    CursorForm,
    FileForm,
    PageForm,
    QueryForm,
    ReachForm,
    RefusalForm,
    SearchForm,
    TrackingForm,
)
from fake_asana.model.dialect import Dialect
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.server.faults import FAULT_KINDS
from fake_asana.server.limits import Limits
from simulate.attempt import Attempt, Refused
from simulate.forms import draw_form
from simulate.hardships import PARENTS

if TYPE_CHECKING:
    from simulate.history import History

T = TypeVar("T")

SHARE_PERCENT = 30

UNLIKELY_PERCENT = 40
"""The share of these questions that such a history answers in any way."""

TOO_LONG_PERCENT = 20

NUMERALS = (b"17", b"-1.5")
"""Numbers in place of texts."""

LATER_FAULTS = ("200_errors", "closed", "cut_chunks")
"""The kinds of faults that only these histories have."""

LAST_FAULTS = ("200_partial",)
"""The kinds of faults that half of the runs with faults have besides."""

EARLY_FAULTS = sorted(FAULT_KINDS.keys() - {*LATER_FAULTS, *LAST_FAULTS})
"""All other kinds of faults."""

CHANGE_NOTICE = "name=a_change,info=https://developers.asana.com/changelog,affected=true"
"""The header of an announced change of the API."""


def with_last_questions(history: History, rng: SeededRandom) -> History:
    """Return the history with these questions, or as it is."""
    if not rng.chance(SHARE_PERCENT):
        return history
    return replace(
        history,
        dialect=_with_forms(history.dialect, rng),
        limits=_with_limits(history.limits, rng),
        sizes=replace(history.sizes, own_fields=rng.pick((0, 50, 100)), attached=rng.pick((10, 60))),
        attempts=tuple(_with_refusals(each, rng) for each in history.attempts),
        lasting=(*history.lasting, *([_draw_too_long(rng)] if rng.chance(TOO_LONG_PERCENT) else [])),
    )


def _with_forms(dialect: Dialect, rng: SeededRandom) -> Dialect:
    searches = draw_form(SearchForm, rng, UNLIKELY_PERCENT)
    if not searches.obeys_ascending:  # three tasks that people create within a second show no order
        searches = replace(searches, max_rows=max(searches.max_rows, 20))
    return replace(
        dialect,
        searches=searches,
        pages=draw_form(PageForm, rng, UNLIKELY_PERCENT),
        refusals=draw_form(RefusalForm, rng, UNLIKELY_PERCENT),
        tracking=draw_form(TrackingForm, rng, UNLIKELY_PERCENT),
        change_notice=rng.pick(("", CHANGE_NOTICE)),
        breakage=dialect.breakage and replace(dialect.breakage, numerals=rng.pick(((), NUMERALS))),
    )


def _with_limits(limits: Limits, rng: SeededRandom) -> Limits:
    form = replace(limits.rate_form, costly_seconds=rng.pick((limits.rate_form.costly_seconds, 60)))
    return replace(limits, in_flight=rng.pick((limits.in_flight, 15, 5)), rate_form=form)


def _with_refusals(attempt: Attempt, rng: SeededRandom) -> Attempt:
    kinds = rng.sample(LATER_FAULTS, 2) if attempt.fault_kinds else ()
    refused = (replace(_draw_too_long(rng), times=rng.pick((1, 1000))),) if rng.chance(TOO_LONG_PERCENT) else ()
    return replace(attempt, fault_kinds=(*attempt.fault_kinds, *kinds), refused=(*attempt.refused, *refused))


def _draw_too_long(rng: SeededRandom) -> Refused:
    """Return the list of one parent that Asana refuses as too long, each time."""
    return Refused(rng.pick(sorted(PARENTS)), 400, 1000, parent=rng.below(1000), is_too_long=True)


def with_rules(history: History, rng: SeededRandom) -> History:
    """Return a history whose Asana may have other rules for queries, exports and page tokens, and other faults."""
    dialect = replace(history.dialect, queries=_draw_rarely(QueryForm, rng), reach=_draw_rarely(ReachForm, rng))
    attempts = tuple(
        replace(each, fault_kinds=(*each.fault_kinds, *LAST_FAULTS)) if each.fault_kinds and rng.chance(50) else each
        for each in history.attempts
    )
    dialect = replace(dialect, cursors=_draw_rarely(CursorForm, rng), files=_draw_rarely(FileForm, rng))
    return replace(history, dialect=dialect, attempts=attempts)


def _draw_rarely(form: Callable[..., T], rng: SeededRandom) -> T:
    return draw_form(form, rng, UNLIKELY_PERCENT) if rng.chance(SHARE_PERCENT) else form()
