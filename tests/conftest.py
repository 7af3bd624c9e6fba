"""What many tests look at: one complete run over the fake's default world."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from harness import Output, asana, sync

from fake_asana.api import Api
from fake_asana.world import Sizes


class Full(NamedTuple):
    """An Asana and a complete run over it; nobody changes either."""

    api: Api
    output: Output


@pytest.fixture(scope="session")
def full() -> Full:
    """Run once over the default world."""
    api = asana(Sizes())
    return Full(api, sync(api))
