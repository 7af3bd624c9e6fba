"""Passes over all tasks: worlds without other sources of deletions, settings, and the state of a pass."""

from __future__ import annotations

from harness import Message, Output, asana

from fake_asana.server.api import Api
from fake_asana.world import Sizes

DAYS = 3
FEW = Sizes(workspaces=1, users=3, teams=1, projects=2, tags=1, tasks=30, stories=1, busiest=6, attached=0)

WITHOUT_EVENTS: Message = {"reconcile_days": DAYS, "follow_events": False}


def world_of(sizes: Sizes, *, seed: int = 1) -> Api:
    """Return an Asana without an audit log."""
    api = asana(sizes, seed=seed)
    for workspace in api.world.workspaces.values():
        api.world.downgrade(workspace, "audit_log")
    return api


def state_of(output: Output) -> Message:
    """Return the last state of the pass."""
    found: Message = output.bookmark("tasks")["reconciliation"]
    return found
