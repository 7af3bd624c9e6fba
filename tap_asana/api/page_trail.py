"""What a list remembers of its pages, to notice where they go in a circle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

MAX_EMPTY = 1000
"""Empty pages in a row that a list may name a next page behind: each stands for rows that the token may not see."""


@dataclass(frozen=True, slots=True)
class PageTrail:
    """One page token and one page that came before, by a number for its gids.

    The ones it remembers are replaced after 1, 2, 4, 8 and so on pages: a circle of any length is noticed before it was
    gone through three times, and nothing grows (Brent's algorithm).
    """

    token: str = ""
    rows: int | None = None
    pages: int = 0
    stride: int = 1
    empty: int = 0

    def after(self, token: str, records: Sequence[Mapping[str, Any]]) -> PageTrail | None:
        """Return the trail behind a page that names a next one by this token; None where it goes in a circle."""
        gids = tuple(gid for record in records if isinstance(gid := record.get("gid"), str | int))
        rows = hash(gids) if gids else None
        empty = 0 if records else self.empty + 1
        if token == self.token or (rows is not None and rows == self.rows) or empty > MAX_EMPTY:
            return None
        if self.pages + 1 == self.stride:
            return PageTrail(token, rows, 0, 2 * self.stride, empty)
        return replace(self, pages=self.pages + 1, empty=empty)
