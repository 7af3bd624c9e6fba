"""The tap's process: limit its address space, notice when its target is gone, and end it fast."""

from __future__ import annotations

import ctypes
import logging
import os
import select
import stat
import sys
import threading
from collections.abc import Callable
from os import fstat

STACK_BYTES = 1024 * 1024
"""Stack of a thread. The usual 8 MiB each would exceed the memory limits of many containers with a hundred threads."""

M_ARENA_MAX = -8
"""mallopt parameter of glibc: the number of heaps for threads, with 64 MiB of address space each."""

MAX_ARENAS = 2
"""Heaps for all threads: they mostly wait for Asana, and rarely for each other."""


def limit_address_space() -> None:
    """Give new threads small stacks and, with glibc, only a few heaps."""
    threading.stack_size(STACK_BYTES)
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has no such function and needs none
        if mallopt is not None:
            mallopt(M_ARENA_MAX, MAX_ARENAS)


def watch_reader(descriptor: int, on_hangup: Callable[[], object]) -> None:
    """Call `on_hangup` from another thread as soon as the reader of a pipe or socket closes it.

    A tap that waits for Asana writes nothing, so it would only notice at its next record. Files and terminals are not
    watched, and neither is anything on a system without `poll`.
    """
    mode = fstat(descriptor).st_mode
    if not hasattr(select, "poll") or not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        return
    poll = select.poll()
    poll.register(descriptor, 0)  # poll reports a hang-up even with no event requested

    def wait() -> None:
        poll.poll()
        on_hangup()

    threading.Thread(target=wait, name="target", daemon=True).start()


def end_at_once() -> None:
    """End a successful process without tearing down the interpreter; return if its output cannot be written."""
    logging.shutdown()
    try:
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.flush()
    except OSError:  # the interpreter flushes again, and reports the failure
        return
    os._exit(0)
