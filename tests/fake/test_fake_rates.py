"""The fake's rate limit takes every form that Asana's documentation leaves open."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from fake_client import FakeClient

from fake_asana.server.limits import Limits
from fake_asana.server.rate_meters import RateForm, RateMeter, http_date


def accepted(meter: RateMeter, *moments: float) -> list[bool]:
    """Return for each request whether it is accepted."""
    return [meter.spend(moment) is None for moment in moments]


def test_a_minute_begins_with_the_clock() -> None:
    """Requests are counted by minutes of the clock."""
    assert accepted(RateMeter(2, RateForm()), 58, 59, 59.5, 60, 61, 62) == [True, True, False, True, True, False]


@pytest.mark.parametrize(("charges", "then"), [(True, [False, True]), (False, [True, True])])
def test_a_window_slides(charges: bool, then: list[bool]) -> None:  # noqa: FBT001 - a parameter
    """Requests are counted for 60 seconds each, refused ones too if they are charged."""
    meter = RateMeter(2, RateForm("sliding", charges_refused=charges))
    assert accepted(meter, 0, 30, 59) == [True, True, False]
    assert accepted(meter, 61, 122) == then


@pytest.mark.parametrize(("charges", "wait"), [(True, 2.0), (False, 1.0)])
def test_a_bucket_refills_evenly(charges: bool, wait: float) -> None:  # noqa: FBT001 - a parameter
    """A bucket holds its burst, refills at an even rate, and owes refused requests if they are charged."""
    meter = RateMeter(60, RateForm("bucket", burst=3, charges_refused=charges))
    assert accepted(meter, 0, 0, 0) == [True] * 3
    assert meter.spend(0) == wait
    assert accepted(meter, 10, 10, 10, 10) == [True, True, True, False]


def test_a_costly_request_is_refused_at_any_rate() -> None:
    """One request in so many is refused for its cost, with the seconds to wait, and the others are not."""
    meter = RateMeter(1000, RateForm(costly_every=3, costly_seconds=5))
    assert [meter.spend(moment) for moment in (0, 1, 2, 6, 8, 9)] == [None, None, 5, None, None, 5]


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ("seconds", {"Retry-After": "8"}),
        ("date", {"Retry-After": http_date(1008)}),
        ("past date", {"Retry-After": http_date(940)}),
        ("zero", {"Retry-After": "0"}),
        ("negative", {"Retry-After": "-8"}),
        ("word", {"Retry-After": "soon"}),
        ("thirty", {"Retry-After": "30"}),
        ("absent", {}),
    ],
)
def test_retry_after_takes_every_form(form: str, headers: Mapping[str, str]) -> None:
    """A refusal names the time in seconds, as a date, wrongly, or not at all."""
    meter = RateMeter(1, RateForm(retry_after=form))  # type: ignore[arg-type]  # a parameter is any text
    assert meter.headers(7.5, 1000.0) == headers


def test_each_token_has_a_limit_of_its_own() -> None:
    """The limit of one token does not concern another."""
    client = FakeClient(Limits(per_minute=2, rate_form=RateForm("bucket", burst=1)))
    assert [client.request("/workspaces")[0] for _ in range(2)] == [200, 429]
    assert client.request("/workspaces", token="0/service")[0] == 200
