"""Complete first reads for comparison, each made once per process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from harness import PERSON, TINY, Output, asana, sync

from fake_asana.server.api import Api
from fake_asana.world import Sizes


class Full(NamedTuple):
    """An Asana and the output of a complete run with a token; no test changes either."""

    api: Api
    output: Output
    token: str


def full_read(sizes: Sizes = TINY, config: Mapping[str, str] = PERSON, select: Iterable[str] | None = None) -> Full:
    """Return a first read of a world of this size, with this config, of these streams or of all."""
    return _full_read(sizes, tuple(sorted(config.items())), None if select is None else tuple(select))


@cache
def _full_read(sizes: Sizes, config: tuple[tuple[str, str], ...], select: tuple[str, ...] | None) -> Full:
    settings = dict(config)
    api = asana(sizes)
    return Full(api, sync(api, config=settings, select=select), settings["access_token"])
