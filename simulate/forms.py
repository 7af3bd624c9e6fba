"""Draws the forms of answers: the order of lists, export files, the rate limit, and other limits of the server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

from fake_asana.model.choices import AccessForm, ClockForm, FreshnessForm, TrashForm
from fake_asana.model.dialect import Dialect, ExportForm, ListForm, LogForm, plausible_values
from fake_asana.model.seeded_random import SeededRandom
from fake_asana.server.limits import Limits
from fake_asana.server.rate_meters import RateForm

T = TypeVar("T")

UNLIKELY_PERCENT = 25


def draw_form(form: Callable[..., T], rng: SeededRandom, share_percent: float = UNLIKELY_PERCENT) -> T:
    """Return a form that answers a share of its open questions in an unlikely way.

    A new field of a form is drawn without a change here.
    """
    questions: tuple[Any, ...] = fields(form)  # type: ignore[arg-type] # the class of a form
    drawn: Mapping[str, Any] = {
        question.name: rng.pick(values)
        for question in questions
        if (values := plausible_values(question)) and rng.chance(share_percent)
    }
    return form(**drawn)


def with_forms(dialect: Dialect, rng: SeededRandom) -> Dialect:
    """Return a dialect whose lists, logs and exports may have unlikely forms."""
    lists = draw_form(ListForm, rng) if rng.chance(50) else ListForm()
    exports = draw_form(ExportForm, rng) if rng.chance(50) else ExportForm()
    logs = draw_form(LogForm, rng) if rng.chance(50) else LogForm()
    return replace(dialect, lists=lists, exports=exports, logs=logs)


def with_clocks_and_access(dialect: Dialect, rng: SeededRandom) -> Dialect:
    """Return a dialect that may have unlikely clocks of tasks, and unlikely permissions."""
    if not rng.chance(UNLIKELY_PERCENT):
        return dialect
    return replace(dialect, clocks=draw_form(ClockForm, rng, 50), access=draw_form(AccessForm, rng, 50))


def with_trash(dialect: Dialect, rng: SeededRandom) -> Dialect:
    """Return a dialect whose searches may find tasks in the trash."""
    return replace(dialect, trash=draw_form(TrashForm, rng, 50)) if rng.chance(UNLIKELY_PERCENT) else dialect


def with_freshness(dialect: Dialect, rng: SeededRandom) -> Dialect:
    """Return a dialect whose lists may show new rows and changes late."""
    return replace(dialect, freshness=draw_form(FreshnessForm, rng, UNLIKELY_PERCENT))


def with_cut_downloads(dialect: Dialect, rng: SeededRandom) -> Dialect:
    """Return a dialect whose first downloads may end early, with the length of the whole file announced."""
    if not rng.chance(10):
        return dialect
    exports = replace(
        dialect.exports,
        sends_length=True,
        true_length=False,
        cut_downloads=rng.pick((1, 2)),
        lines_per_member=rng.pick((1, 3)),
        members_if_cut=rng.below(3),
    )
    return replace(dialect, exports=exports)


def draw_limits(rng: SeededRandom) -> Limits:
    """Return the limits of a server's lists, searches and page tokens."""
    return Limits(
        short_every=rng.pick((0, 0, 2, 3)),
        search_lag=rng.pick((0, 0, 60, 500)),
        search_fresh=rng.chance(30),
        search_inclusive=rng.pick((frozenset(), frozenset({"after"}), frozenset({"after", "before"}))),
        token_life=rng.pick((900, 900, 5)),
    )


def with_limits(limits: Limits, rng: SeededRandom) -> Limits:
    """Return limits with a rate limit of any form, and with others that small worlds can reach."""
    if rng.chance(25):
        limits = replace(
            limits,
            per_minute=rng.pick((60, 150, 1500)),
            search_per_minute=rng.pick((None, 6, 60)),
            rate_form=draw_form(RateForm, rng, 50),
        )
    if rng.chance(25):
        limits = replace(
            limits,
            unpaged=rng.pick((3, 1000)),
            users=rng.pick((1, 2000)),
            sync_life=rng.pick((1800, 86_400)),
            export_seconds=rng.pick((5, 60, 2000)),
        )
    return limits
