"""Whether somebody still reads what the tap writes, found out without writing."""

from __future__ import annotations

import select
import stat
import threading
from collections.abc import Callable
from os import fstat


def watch(descriptor: int, gone: Callable[[], object]) -> None:
    """Call `gone` from a thread of its own as soon as nobody reads from a pipe or socket any more.

    A tap that waits for Asana does not write, and would not notice before its next record. Files and terminals are not
    watched, nor is anything where the system has no `poll`.
    """
    mode = fstat(descriptor).st_mode
    if not hasattr(select, "poll") or not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        return
    hung_up = select.poll()
    # No event is asked for: that the other end is closed is told unasked.
    hung_up.register(descriptor, 0)

    def wait() -> None:
        hung_up.poll()
        gone()

    threading.Thread(target=wait, name="target", daemon=True).start()
