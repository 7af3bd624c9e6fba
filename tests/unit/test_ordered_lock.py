"""The lock of the rate limiter: threads get it as they came, the most urgent first, and none never."""

from __future__ import annotations

import threading
from contextlib import ExitStack

import pytest
from clock import PATIENCE

from tap_asana.api.ordered_lock import OrderedLock


def order_of(lock: OrderedLock, arrivals: str) -> str:
    """Return the order in which threads get a held lock that arrive in this order.

    Capital letters are urgent, and digits are even more so.
    """
    order: list[str] = []

    def work(name: str) -> None:
        with lock.held(name.isupper() + 2 * name.isdigit()):
            order.append(name)

    threads = [threading.Thread(target=work, args=(name,), daemon=True) for name in arrivals]
    with ExitStack() as stack:
        stack.enter_context(lock.held())
        for count, thread in enumerate(threads, 1):
            thread.start()
            while lock.number_waiting < count:
                thread.join(0.001)
    for thread in threads:
        thread.join(PATIENCE)
    return "".join(order)


@pytest.mark.parametrize(
    ("arrivals", "order"),
    [
        pytest.param("abc", "abc", id="as they came"),
        pytest.param("abXcY", "XYabc", id="urgent first"),
        pytest.param("aX1b", "1Xab", id="most urgent first"),
        pytest.param("aVWXYZb", "VWaXYbZ", id="none waits for ever"),
        pytest.param("XabYcZ", "XYaZbc", id="each urgent one counts once"),
        pytest.param("aXb123456", "12a34X56b", id="of two less urgent ones the first"),
    ],
)
def test_urgent_threads_go_first_but_not_always(arrivals: str, order: str) -> None:
    """Urgent threads go before others, but after two in a row another one has its turn."""
    lock = OrderedLock(max_overtaken=2)
    assert order_of(lock, arrivals) == order
    assert order_of(lock, "ab") == "ab"


def test_a_failure_inside_gives_the_lock_on() -> None:
    """A thread that fails while it holds the lock leaves it to the next."""
    lock = OrderedLock()
    with pytest.raises(ZeroDivisionError), lock.held():
        raise ZeroDivisionError
    assert order_of(lock, "a") == "a"
