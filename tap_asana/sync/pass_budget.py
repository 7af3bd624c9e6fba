"""The requests that one run may send to read all tasks of a workspace again."""

from __future__ import annotations

from datetime import timedelta

from tap_asana.run import Run

MAX_SAVED_MINUTES = 24 * 60
"""Minutes between two runs whose share of the request rate counts: a run after a long pause takes no hours."""


class PassBudget:
    """A share of the requests that the time since the last run allows, for each workspace as much.

    It grows until it `is_full`: a run that sends nothing leaves its share to the next one.
    All requests count that are sent once it has begun. The next run has those beyond the share less.
    """

    def __init__(self, run: Run, pause: timedelta, excess: int) -> None:
        """Begin with the time since the last run, and the excess of that run."""
        settings, self._metrics = run.settings, run.client.metrics
        minutes = min(pause / timedelta(minutes=1), MAX_SAVED_MINUTES)
        self.is_full = minutes >= MAX_SAVED_MINUTES
        share = settings.reconcile_percent / 100 / len(run.directory.workspaces)
        per_minute = min(run.client.requests_per_minute, settings.requests_per_minute * settings.number_of_tokens)
        self.requests = int(per_minute * minutes * share) - excess
        self._before = self._metrics.requests()

    @property
    def spent(self) -> int:
        """Return the requests sent so far."""
        return self._metrics.requests() - self._before

    @property
    def excess(self) -> int:
        """Return the requests beyond the share."""
        return max(0, self.spent - self.requests)

    def covers(self, requests: int) -> bool:
        """Return whether so many requests more are within the share."""
        return self.spent + requests <= self.requests
