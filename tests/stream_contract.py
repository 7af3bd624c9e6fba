"""The streams, and Asana's documentation of each."""

from __future__ import annotations

from collections.abc import Mapping

import contract
import pytest

from tap_asana import streams
from tap_asana.sync.stream import AsanaStream

RESOURCES = {
    "project_memberships": "memberships",
    "portfolio_memberships": "memberships",
    "goal_memberships": "memberships",
    "portfolio_items": "projects",
}
"""Streams with records documented under another name."""


OUR_OWN = {"deletions"}
"""Streams with records from several sources, without a documented form."""


def name_of(stream: type[AsanaStream]) -> str:
    """Return a stream's name, which the SDK defines for instances only."""
    return str(vars(stream)["name"])


STREAMS = [pytest.param(stream, id=name_of(stream)) for stream in streams.ALL]


every_stream = pytest.mark.parametrize("stream", STREAMS)


every_resource = pytest.mark.parametrize("stream", [stream for stream in STREAMS if stream.id not in OUR_OWN])


def resource(stream: type[AsanaStream]) -> Mapping[str, contract.Field]:
    """Return the documented fields of a stream's records."""
    return contract.fields(RESOURCES.get(name_of(stream), name_of(stream)))
