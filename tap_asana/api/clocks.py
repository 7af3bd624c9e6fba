"""Our clock against Asana's, as far as answers tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from tap_asana.api.decoding import is_instant
from tap_asana.config import instant

WRITTEN_BY_ASANA = ("modified_at", "created_at")
"""Fields that Asana's own clock writes."""


class ClockSkew:
    """How far our clock is ahead of Asana's or behind it, in seconds.

    `ahead` and `behind` are the most that the Dates of answers told. Where answers have none, `most_ahead` bounds it:
    no answer holds a change that is not made yet, so that the youngest change in it is at least as old as the answer.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        """Know nothing yet; `now` is our clock, in epoch seconds."""
        self.ahead = self.behind = 0.0
        self.date_heard = False
        self.most_ahead: float | None = None
        self._now = now

    def hear(self, date: str | None) -> float | None:
        """Take in the Date of an answer that has just come; return it in epoch seconds, None where it is none."""
        try:
            theirs = parsedate_to_datetime(date or "").timestamp()
        except (TypeError, ValueError, OverflowError):
            return None
        ahead = self._now() - theirs
        # A Date is in whole seconds: Asana's clock may be most of one further on.
        self.ahead, self.behind = max(self.ahead, ahead), max(self.behind, 1 - ahead)
        self.date_heard = True
        return theirs

    def see(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Take in the changes in an answer without a Date that has just come."""
        written = (record.get(name) for record in records for name in WRITTEN_BY_ASANA)
        instants = (instant(each).timestamp() for each in written if isinstance(each, str) and is_instant(each))
        youngest = max(instants, default=None)
        if youngest is not None:
            ahead = self._now() - youngest
            self.most_ahead = ahead if self.most_ahead is None else min(self.most_ahead, ahead)
