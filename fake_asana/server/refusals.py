"""Refusals on request: which questions are answered with a status of their own, for how long, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fake_asana.messages import ApiError, HttpResponse
from fake_asana.server.faults import HTML

if TYPE_CHECKING:
    from collections.abc import Mapping

WORDS = "The request could not be answered."


@dataclass
class Refusal:
    """What is answered to a template's requests, or to those of them that name one gid: lastingly, or so many `times`.

    A refusal that is not Asana's `own` is a page of whatever stands before it.
    """

    template: str
    status: int
    gid: str = ""
    times: int | None = None
    message: str = WORDS
    own: bool = True

    def meets(self, template: str, params: Mapping[str, str], query: Mapping[str, str]) -> bool:
        """Whether a request is refused; each that is counts."""
        if template != self.template or (self.gid and self.gid not in {*params.values(), *query.values()}):
            return False
        if self.times is not None:
            self.times -= 1
        return self.times is None or self.times >= 0

    def response(self) -> HttpResponse:
        """The answer."""
        if self.own:
            return ApiError(self.status, self.message).response()
        return HttpResponse(self.status, {"Content-Type": "text/html"}, HTML)
