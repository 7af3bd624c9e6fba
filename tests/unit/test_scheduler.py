"""The scheduler keeps many requests in flight, and pages complete and in order (laws 4 and 5)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest
from clock import PATIENCE
from hypothesis import given, settings
from hypothesis import strategies as st
from scheduler_fixtures import (
    InlineExecutor,
    Parent,
    Recorder,
    ScriptedClient,
    StalledExecutor,
    Tree,
    request_for,
)

from tap_asana.api.request import Page, Request
from tap_asana.fetch.fetcher import Fetcher
from tap_asana.fetch.lane import END_OF_PARENT, Key, Lane, WorkItem
from tap_asana.limits import Limits

parents = st.lists(st.lists(st.integers(1, 2), max_size=3), min_size=1, max_size=3)


@settings(deadline=None, max_examples=150)
@given(
    lanes=st.lists(st.lists(parents, max_size=4), min_size=1, max_size=2),
    concurrency=st.integers(1, 6),
    choices=st.lists(st.integers(0, 5), min_size=1, max_size=30),
)
def test_pages_are_returned_once_and_watermarks_never_overtake(
    lanes: list[list[Parent]], concurrency: int, choices: list[int]
) -> None:
    """At any concurrency and order of arrival, each page is returned once, and a watermark covers complete items only.

    A window's position relies on this: an interrupted run that resumes after it loses nothing.
    """
    trees = [Tree(lane, 100 * number) for number, lane in enumerate(lanes)]
    script, taken = ScriptedClient(trees, concurrency, choices), Counter[str]()
    with closing(Fetcher(script, concurrency, Limits())) as fetcher:
        scheduler = fetcher.read(trees[0].items())
        for number, tree in enumerate(trees[1:], 1):
            scheduler.add_lane(str(number), tree.items())
        before: list[Key] = [()] * len(trees)
        for page in scheduler:
            for tree, lane, earlier in zip(trees, scheduler.lanes, before, strict=True):
                finished = tree.finished(taken)
                assert earlier <= (lane.watermark or ()) <= max(finished, default=())
                assert (lane.watermark or ()) >= max((key for key in finished if tree.requests[key]), default=())
            before = [lane.watermark or () for lane in scheduler.lanes]
            tree = trees[scheduler.lanes.index(scheduler.lane)]
            assert page.request.path in tree.requests[scheduler.item or ()]
            taken[page.request.path] += 1
            script.note_processed(tree.process_page(page, scheduler))
    assert taken == sum((requests for tree in trees for requests in tree.requests.values()), Counter())
    assert [lane.watermark for lane in scheduler.lanes] == [max(tree.requests, default=None) for tree in trees]


def test_children_are_read_before_the_next_parent() -> None:
    """Requests queued by a page are sent before those of later parents, unless those are in flight already."""
    tree = Tree([[[1, 1]], [[]], [[1]], [[]]])
    recorder = Recorder(tree)
    scheduler = Fetcher(recorder, 1, Limits(), pool=InlineExecutor()).read(tree.items())
    for page in scheduler:
        tree.process_page(page, scheduler)
    assert recorder.requested == ["/0/0", "/1/0", "/0/0/0/0", "/0/0/1/0", "/2/0", "/3/0", "/2/0/0/0"]


def test_added_requests_belong_to_the_item_of_their_page() -> None:
    """An item is not complete before the requests added to it are."""
    tree = Tree([[[]], [[]]])
    scheduler = Fetcher(Recorder(tree), 5, Limits(), pool=InlineExecutor()).read(tree.items())
    first = next(scheduler)
    scheduler.add_requests([request_for(0, 0, 7, 0), request_for(0, 0, 7, 1)])
    paths, places = [first.request.path], [scheduler.watermark]
    for page in scheduler:
        paths.append(page.request.path)
        places.append(scheduler.watermark)
    assert sorted(paths) == ["/0/0", "/0/0/7/0", "/0/0/7/1", "/1/0"]
    assert places == [None, None, None, None]
    assert scheduler.watermark == (1, END_OF_PARENT)


@pytest.mark.parametrize("concurrency", [1, 3, 20])
def test_memory_is_bounded(concurrency: int) -> None:
    """Even if pages are consumed slowly, at most `concurrency` are in flight or buffered."""
    tree = Tree([[[]] * 3] * 50)
    recorder = Recorder(tree)
    scheduler = Fetcher(recorder, concurrency, Limits(), pool=InlineExecutor()).read(tree.items())
    assert recorder.requested == []
    for taken, _ in enumerate(scheduler, 1):
        assert len(recorder.requested) <= taken + concurrency
    assert len(recorder.requested) == 150


def test_items_are_consumed_lazily() -> None:
    """An iterator of items is not unrolled ahead of its requests: it may be as long as the list of projects."""
    unrolled: list[int] = []

    def units() -> Iterator[WorkItem]:
        for number in range(1000):
            unrolled.append(number)
            yield WorkItem((number,), [request_for(number, 0)])

    scheduler = Fetcher(Recorder(Tree([[[]]] * 1000)), 3, Limits(), pool=InlineExecutor()).read(units())
    next(scheduler)
    assert len(unrolled) < 10
    scheduler.close()


def test_empty_items_are_complete_at_once() -> None:
    """Without items there are no pages, and items without requests are complete."""
    assert list(Fetcher(Recorder(Tree([])), 3, Limits(), pool=InlineExecutor()).read([])) == []
    items = [WorkItem((1,), []), WorkItem((2,), [])]
    scheduler = Fetcher(Recorder(Tree([])), 3, Limits(), pool=InlineExecutor()).read(items)
    assert list(scheduler) == []
    assert scheduler.watermark == (2,)


def test_requests_cannot_be_added_before_the_first_page() -> None:
    """Before the first page, a request has no item to belong to."""
    scheduler = Fetcher(Recorder(Tree([])), 1, Limits(), pool=InlineExecutor()).read([])
    with pytest.raises(RuntimeError, match="No current page"):
        scheduler.add_requests([request_for(1, 0)])


class Failing:
    """A client that fails with one request while the others are in flight, and blocks those until released."""

    def __init__(self, failure: BaseException, path: str, others: int) -> None:
        """Fail with this error for this path."""
        self.let_go = threading.Event()
        self.requested: list[str] = []
        self._failure = failure
        self._path = path
        self._all_here = threading.Barrier(others + 1)

    def fetch(self, request: Request) -> Page:
        """Raise the failure, or block."""
        self.requested.append(request.path)
        self._all_here.wait(PATIENCE)
        if request.path == self._path:
            raise self._failure
        assert self.let_go.wait(PATIENCE)
        return Page(request)


@pytest.mark.parametrize("failure", [ValueError("boom"), KeyboardInterrupt()], ids=repr)
def test_a_failure_reaches_the_reader(failure: BaseException) -> None:
    """An error of a fetch is raised to the consumer; then nothing more is sent, and all threads end on close."""
    client = Failing(failure, "/1/0", others=2)
    tree, others = Tree([[[]]] * 10), set(threading.enumerate())
    fetcher = Fetcher(client, 3, Limits())
    scheduler = fetcher.read(tree.items())
    with pytest.raises(type(failure)) as raised:
        next(scheduler)
    assert raised.value is failure
    assert list(scheduler) == []
    assert scheduler.watermark is None
    threads = set(threading.enumerate()) - others
    assert threads
    fetcher.close()
    client.let_go.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)
    assert sorted(client.requested) == ["/0/0", "/1/0", "/2/0"]


def test_the_watermark_excludes_abandoned_requests() -> None:
    """If a scheduler is closed early, the watermark does not pass queued requests."""
    tree = Tree([[[1]], [[]]])
    scheduler = Fetcher(Recorder(tree), 2, Limits(), pool=InlineExecutor()).read(tree.items())
    tree.process_page(next(scheduler), scheduler)
    scheduler.close()
    assert list(scheduler) == []
    assert (scheduler.watermark or ()) <= (0,)


def test_an_abandoned_read_cancels_its_own_requests_only() -> None:
    """If a consumer stops in the middle, requests of its read that wait for a thread are cancelled, and no others."""
    first, second = Tree([[[]]] * 5), Tree([[[]]] * 5, 100)
    pool = StalledExecutor()
    fetcher = Fetcher(Recorder(first, second), 2, Limits(), pool=pool)
    pages = iter(fetcher.read(first.items()))
    next(pages)
    own = list(pool.waiting)
    fetcher.prefetch([request_for(100, 0)])
    del pages
    assert own
    assert all(future.cancelled() for future in own)
    assert pool.waiting[len(own) :]
    assert not any(future.cancelled() for future in pool.waiting[len(own) :])


def test_an_old_page_token_goes_before_earlier_items() -> None:
    """The next page of a list is requested before its token expires, whatever is still open before it."""
    lane = Lane("")
    lane.add_items(WorkItem((number,), [request_for(number)]) for number in (1, 2))
    assert [lane.pop(), lane.pop()] == [((1,), request_for(1)), ((2,), request_for(2))]
    lane.push((1,), request_for(1, 1))
    lane.push((2,), request_for(2, 1), since=100.0)
    assert lane.pop(stale_before=200.0) == ((2,), request_for(2, 1))
    assert [lane.pop(), lane.pop()] == [((1,), request_for(1, 1)), None]


def test_lanes_share_the_concurrency() -> None:
    """A lane added later soon has half of the requests in flight, and all when the other is finished."""
    first, second = Tree([[[]]] * 20), Tree([[[]]] * 40, 100)
    recorder = Recorder(first, second)
    scheduler = Fetcher(recorder, 4, Limits(), pool=InlineExecutor()).read(first.items())
    taken = [next(scheduler).request.path for _ in range(6)]
    lane = scheduler.add_lane("second", second.items())
    shares = []
    for page in scheduler:
        taken.append(page.request.path)
        in_flight = set(recorder.requested) - set(taken)
        shares.append(sum(1 for path in in_flight if len(path) > len("/10/0")))
    assert shares[:6] == [1, 2, 2, 2, 2, 2]
    assert 4 in shares
    assert lane.name == "second"
    assert (scheduler.watermark, lane.watermark) == ((19, END_OF_PARENT), (139, END_OF_PARENT))
