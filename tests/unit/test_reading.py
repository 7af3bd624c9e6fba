"""Many pages in flight, whole and in order all the same (laws 4 and 5; design, section 4)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest
from clock import PATIENCE
from hypothesis import given, settings
from hypothesis import strategies as st
from tree import AtOnce, Parent, Recorder, Script, Tree, ask

from tap_asana.api.request import Page, Request
from tap_asana.fetch.fetcher import Fetcher
from tap_asana.fetch.lane import END_OF_PARENT, Key, WorkItem
from tap_asana.limits import Limits

parents = st.lists(st.lists(st.integers(1, 2), max_size=3), min_size=1, max_size=3)


@settings(deadline=None, max_examples=150)
@given(
    lanes=st.lists(st.lists(parents, max_size=4), min_size=1, max_size=2),
    concurrency=st.integers(1, 6),
    choices=st.lists(st.integers(0, 5), min_size=1, max_size=30),
)
def test_every_page_comes_once_and_done_never_passes_what_is_not(
    lanes: list[list[Parent]], concurrency: int, choices: list[int]
) -> None:
    """At any concurrency and in any order of arrival each page comes once, and `done` covers only whole units.

    That is what a sweep's place stands for: a run that is cut off there and goes on behind it lacks nothing.
    """
    trees = [Tree(lane, 100 * number) for number, lane in enumerate(lanes)]
    script, taken = Script(trees, concurrency, choices), Counter[str]()
    with closing(Fetcher(script, concurrency, Limits())) as fetcher:
        reading = fetcher.read(trees[0].units())
        for number, tree in enumerate(trees[1:], 1):
            reading.add_lane(str(number), tree.units())
        before: list[Key] = [()] * len(trees)
        for page in reading:
            for tree, lane, earlier in zip(trees, reading.lanes, before, strict=True):
                finished = tree.finished(taken)
                assert earlier <= (lane.watermark or ()) <= max(finished, default=())
                assert (lane.watermark or ()) >= max((key for key in finished if tree.asks[key]), default=())
            before = [lane.watermark or () for lane in reading.lanes]
            tree = trees[reading.lanes.index(reading.lane)]
            assert page.request.path in tree.asks[reading.item or ()]
            taken[page.request.path] += 1
            script.took(tree.take(page, reading))
    assert taken == sum((asks for tree in trees for asks in tree.asks.values()), Counter())
    assert [lane.watermark for lane in reading.lanes] == [max(tree.asks, default=None) for tree in trees]


def test_children_are_read_before_the_next_parent() -> None:
    """What is queued behind a page goes before the parents behind it, but for those that were in flight already."""
    tree = Tree([[[1, 1]], [[]], [[1]], [[]]])
    recorder = Recorder(tree)
    reading = Fetcher(recorder, 1, Limits(), pool=AtOnce()).read(tree.units())
    for page in reading:
        tree.take(page, reading)
    assert recorder.asked == ["/0/0", "/1/0", "/0/0/0/0", "/0/0/1/0", "/2/0", "/3/0", "/2/0/0/0"]


def test_added_asks_belong_to_the_unit_of_their_page() -> None:
    """A unit is not done before what was added to it has come."""
    tree = Tree([[[]], [[]]])
    reading = Fetcher(Recorder(tree), 5, Limits(), pool=AtOnce()).read(tree.units())
    first = next(reading)
    reading.add_requests([ask(0, 0, 7, 0), ask(0, 0, 7, 1)])
    paths, places = [first.request.path], [reading.watermark]
    for page in reading:
        paths.append(page.request.path)
        places.append(reading.watermark)
    assert sorted(paths) == ["/0/0", "/0/0/7/0", "/0/0/7/1", "/1/0"]
    assert places == [None, None, None, None]
    assert reading.watermark == (1, END_OF_PARENT)


@pytest.mark.parametrize("concurrency", [1, 3, 20])
def test_memory_is_bounded(concurrency: int) -> None:
    """However slowly pages are taken, no more than `concurrency` of them are in flight or waiting."""
    tree = Tree([[[]] * 3] * 50)
    recorder = Recorder(tree)
    reading = Fetcher(recorder, concurrency, Limits(), pool=AtOnce()).read(tree.units())
    assert recorder.asked == []
    for taken, _ in enumerate(reading, 1):
        assert len(recorder.asked) <= taken + concurrency
    assert len(recorder.asked) == 150


def test_units_are_looked_up_when_they_are_due() -> None:
    """A list of units is not unrolled before its asks can be sent: it may be as long as a workspace has projects."""
    unrolled: list[int] = []

    def units() -> Iterator[WorkItem]:
        for number in range(1000):
            unrolled.append(number)
            yield WorkItem((number,), [ask(number, 0)])

    reading = Fetcher(Recorder(Tree([[[]]] * 1000)), 3, Limits(), pool=AtOnce()).read(units())
    next(reading)
    assert len(unrolled) < 10
    reading.close()


def test_nothing_to_read_is_read_at_once() -> None:
    """Without units there is no page, and units without asks are done."""
    assert list(Fetcher(Recorder(Tree([])), 3, Limits(), pool=AtOnce()).read([])) == []
    reading = Fetcher(Recorder(Tree([])), 3, Limits(), pool=AtOnce()).read([WorkItem((1,), []), WorkItem((2,), [])])
    assert list(reading) == []
    assert reading.watermark == (2,)


def test_asks_cannot_be_added_to_no_page() -> None:
    """Before the first page there is no unit that an ask could belong to."""
    reading = Fetcher(Recorder(Tree([])), 1, Limits(), pool=AtOnce()).read([])
    with pytest.raises(RuntimeError, match="no page"):
        reading.add_requests([ask(1, 0)])


class Failing:
    """A fetcher that fails with one ask when the others are under way, and keeps those until it is told."""

    def __init__(self, failure: BaseException, path: str, others: int) -> None:
        """Fail so."""
        self.let_go = threading.Event()
        self.asked: list[str] = []
        self._failure = failure
        self._path = path
        self._all_here = threading.Barrier(others + 1)

    def fetch(self, wanted: Request) -> Page:
        """Fail, or wait."""
        self.asked.append(wanted.path)
        self._all_here.wait(PATIENCE)
        if wanted.path == self._path:
            raise self._failure
        assert self.let_go.wait(PATIENCE)
        return Page(wanted)


@pytest.mark.parametrize("failure", [ValueError("boom"), KeyboardInterrupt()], ids=repr)
def test_a_failure_reaches_the_reader(failure: BaseException) -> None:
    """What a fetch raises is raised where pages are taken; then nothing more is sent, and all threads end on close."""
    client = Failing(failure, "/1/0", others=2)
    tree, others = Tree([[[]]] * 10), set(threading.enumerate())
    fetcher = Fetcher(client, 3, Limits())
    reading = fetcher.read(tree.units())
    with pytest.raises(type(failure)) as raised:
        next(reading)
    assert raised.value is failure
    assert list(reading) == []
    assert reading.watermark is None
    threads = set(threading.enumerate()) - others
    assert threads
    fetcher.close()
    client.let_go.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)
    assert sorted(client.asked) == ["/0/0", "/1/0", "/2/0"]


def test_done_stays_behind_what_was_given_up() -> None:
    """Where a reading ends early, `done` does not pass what was queued and never read."""
    tree = Tree([[[1]], [[]]])
    reading = Fetcher(Recorder(tree), 2, Limits(), pool=AtOnce()).read(tree.units())
    tree.take(next(reading), reading)
    reading.close()
    assert list(reading) == []
    assert (reading.watermark or ()) <= (0,)


def test_lanes_share_what_may_be_in_flight() -> None:
    """A lane that is opened later has half in flight as soon as it can, and all where the other has no more."""
    first, second = Tree([[[]]] * 20), Tree([[[]]] * 40, 100)
    recorder = Recorder(first, second)
    reading = Fetcher(recorder, 4, Limits(), pool=AtOnce()).read(first.units())
    taken = [next(reading).request.path for _ in range(6)]
    lane = reading.add_lane("second", second.units())
    shares = []
    for page in reading:
        taken.append(page.request.path)
        flying = set(recorder.asked) - set(taken)
        shares.append(sum(1 for path in flying if len(path) > len("/10/0")))
    assert shares[:6] == [1, 2, 2, 2, 2, 2]
    assert 4 in shares
    assert lane.name == "second"
    assert (reading.watermark, lane.watermark) == ((19, END_OF_PARENT), (139, END_OF_PARENT))
