"""When Asana's minute turns, by our clock."""

from __future__ import annotations

import math

MINUTE_SECONDS = 60.0
BOUNDARY_MARGIN_SECONDS = 1.0
"""Seconds before and after a turn in which it is not sure which minute Asana counts a request in."""

MAX_UNCERTAINTY_SECONDS = 10.0
"""Seconds between which Asana's clock has to be known; answers that take longer tell too little."""


class ServerClock:
    """Asana's clock against ours, as far as the dates of its answers tell.

    A date is in whole seconds, and was written at a moment between sending and answer. Each answer so gives bounds of
    the difference between the clocks, and many answers narrow them.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._least, self._most = -math.inf, math.inf

    def observe_date(self, sent: float, now: float, date: float) -> None:
        """Take in the date, in epoch seconds, of an answer that comes now to what was sent at that moment."""
        least, most = date - now, date + 1 - sent
        self._least, self._most = max(self._least, least), min(self._most, most)
        if self._least > self._most:
            self._least, self._most = least, most

    def last_minute_boundary(self, now: float) -> float:
        """Return when the last turn that may have come by now is over for sure, by our clock.

        That may lie ahead. Minus infinity where nothing is known.
        """
        if self._most - self._least > MAX_UNCERTAINTY_SECONDS:
            return -math.inf
        minute = math.floor((now + self._most + BOUNDARY_MARGIN_SECONDS) / MINUTE_SECONDS)
        return minute * MINUTE_SECONDS - self._least + BOUNDARY_MARGIN_SECONDS
