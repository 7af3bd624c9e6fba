"""Answers to questions that Asana's documents leave open: each field is one named choice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """One plausible Asana. The defaults are the likeliest answers; a test replaces the ones it is about.

    `search_rows` is the number of rows of a search that sends no `limit`.
    `nested_resource_type` tells whether the resource_type of a nested object can be named; elsewhere that is ignored.
    """

    search_rows: int = 20
    nested_resource_type: bool = True
