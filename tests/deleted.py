"""The objects that a user of docs/deletions.md deletes from the tables."""

from __future__ import annotations

from datetime import datetime, timezone

from harness import Output

from tap_asana.state.instants import parse_instant

DECISIVE = frozenset({"deleted", "undeleted"})
"""The actions of which the latest one decides; what was only removed from a parent stays."""

EARLIEST = datetime.min.replace(tzinfo=timezone.utc)
"""The time of an action without a time."""


def deleted_gids(output: Output) -> set[str]:
    """Return the gids whose latest action is a deletion; if both actions have the same time, the object stays."""
    latest: dict[str, tuple[datetime, str]] = {}
    for row in output.records("deletions"):
        if row["action"] in DECISIVE:
            occurred_at = row["occurred_at"]
            moment = (parse_instant(occurred_at) if occurred_at else EARLIEST, row["action"])
            latest[row["gid"]] = max(latest.get(row["gid"], moment), moment)
    return {gid for gid, (_, action) in latest.items() if action == "deleted"}
