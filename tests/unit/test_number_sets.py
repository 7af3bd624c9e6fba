"""Sets of numbers in a fixed size."""

from __future__ import annotations

from random import Random

import pytest

from tap_asana.state.number_sets import CAPACITY, NumberSet
from tap_asana.state.reconciliation import MAX_BUCKETS, MIN_BUCKETS, buckets_for


def numbers(random: Random, count: int) -> list[int]:
    """Return different numbers as large as those of gids."""
    return [random.randrange(10**15, 10**18) * 4 for _ in range(count)]


@pytest.mark.parametrize(("rest", "surplus"), [(0, 0), (1, 0), (CAPACITY, 0), (0, 9), (5, 4), (12, 20)])
def test_the_few_numbers_that_remain_can_be_named(rest: int, surplus: int) -> None:
    """They can even if others were taken out that were never added."""
    random = Random(rest)  # noqa: S311 - no secret
    common, left, never_added = numbers(random, 500), numbers(random, rest), numbers(random, surplus)
    found = NumberSet(1)
    found.update([*common, *left])
    found.update(random.sample([*common, *never_added], 500 + surplus), -1)
    content = NumberSet.from_text(found.to_text()).content()
    assert (sorted(content.numbers), content.full_buckets) == (sorted(left), 0)


@pytest.mark.parametrize("excess", [1, 7, 1000])
def test_too_many_numbers_are_no_others(excess: int) -> None:
    """A bucket with more numbers than it can name says so, and names none of them."""
    random = Random(excess)  # noqa: S311 - no secret
    found = NumberSet(1)
    found.update(numbers(random, CAPACITY + excess))
    assert (sorted(found.content().numbers), found.content().full_buckets) == ([], 1)


def test_a_number_added_twice_remains_once() -> None:
    """It is named once, however often it was added."""
    found = NumberSet(1)
    found.update([7, 7, 9, 11])
    found.update([7, 9], -1)
    assert sorted(found.content().numbers) == [7, 11]
    assert len(found) == 2


def test_many_buckets_name_many_numbers() -> None:
    """Numbers spread over all buckets evenly."""
    random = Random(3)  # noqa: S311 - no secret
    found, left = NumberSet(4), numbers(random, 4 * 7)
    found.update(left)
    assert sorted(found.content().numbers) == sorted(left)


@pytest.mark.parametrize("text", ["", "AAAA", NumberSet(2).to_text()[:-8], NumberSet(3).to_text(), "/" * 352])
def test_a_foreign_text_is_an_empty_set(text: str) -> None:
    """People edit states by hand."""
    assert len(NumberSet.from_text(text)) == 0


def test_sets_are_small() -> None:
    """Tasks and what lies below them take about 900 bytes for 1,000 tasks, and never more than 181 kB."""
    bytes_of_bucket = len(NumberSet(1).to_text())
    tasks, stories = 100_000, 1_200_000
    assert (buckets_for("tasks", tasks) + buckets_for("below", stories)) * bytes_of_bucket < tasks * 0.95
    assert buckets_for("tasks", 10**9) * 2 * bytes_of_bucket < 181_000
    assert (buckets_for("tasks", 0), buckets_for("below", 10**9)) == (MIN_BUCKETS, MAX_BUCKETS)


@pytest.mark.parametrize(("first", "second"), [(4, 4), (16, 8), (2, 16)])
def test_united_sets_have_the_numbers_of_both(first: int, second: int) -> None:
    """What was added to one and taken out of the other is in neither, however many buckets each has."""
    random = Random(first)  # noqa: S311 - no secret
    common, left, right = numbers(random, 300), numbers(random, 4), numbers(random, 5)
    one, other = NumberSet(first), NumberSet(second)
    one.update([*common, *left])
    other.update(right)
    other.update(common, -1)
    assert one.united(other).content().numbers == dict.fromkeys([*left, *right], 1)
