"""The kinds of tasks that the search of a workspace finds, as comparisons with lists have shown.

The state of the stream `projects` has them for each workspace; a kind that was never compared is missing:

    {"search": {"archived": "found", "subtasks": "asked", "private": "missing"}}
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from tap_asana.state.shape import Partition

Kind: TypeAlias = Literal["archived", "subtasks", "private"]
Verdict: TypeAlias = Literal["found", "asked", "missing"]

ARCHIVED_KIND: Kind = "archived"
SUBTASK_KIND: Kind = "subtasks"
PRIVATE_KIND: Kind = "private"

SEARCH_KINDS: tuple[Kind, ...] = (ARCHIVED_KIND, SUBTASK_KIND, PRIVATE_KIND)

FOUND: Verdict = "found"
ASKED: Verdict = "asked"
"""Found only by a search that asks for this kind."""
MISSING: Verdict = "missing"


class SearchReach:
    """What the search of a workspace finds; `partition` is that part of the state, changed in place."""

    def __init__(self, partition: Partition) -> None:
        """Read nothing yet."""
        self._partition = partition

    @classmethod
    def complete(cls) -> SearchReach:
        """Return the reach of a search that finds everything, without a state."""
        return cls({"search": {"archived": FOUND, "subtasks": FOUND, "private": FOUND}})

    def verdict(self, kind: Kind) -> Verdict | None:
        """Return whether searches find a kind of tasks; None if that was never compared."""
        return self._partition.get("search", {}).get(kind)

    def record(self, kind: Kind, verdict: Verdict) -> None:
        """Keep the outcome of a comparison. It does not depend on what was written, so it may be kept at once."""
        self._partition.setdefault("search", {})[kind] = verdict
