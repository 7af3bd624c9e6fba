"""How much address space the process takes: small machines and containers limit it."""

from __future__ import annotations

import ctypes
import sys
import threading

STACK = 1024 * 1024
"""Bytes of a thread's stack; the usual 8 MiB for each of some hundred threads is more than many limits allow."""

M_ARENA_MAX = -8
"""glibc's name for the number of heaps that it sets up for threads, 64 MiB of address space each."""

ARENAS = 2
"""Heaps for all threads: they wait for Asana most of the time, and seldom for each other."""


def spare_address_space() -> None:
    """Give threads that start from now on small stacks, and few heaps between them where the system lets us."""
    threading.stack_size(STACK)
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none, and needs none
        if mallopt is not None:
            mallopt(M_ARENA_MAX, ARENAS)
