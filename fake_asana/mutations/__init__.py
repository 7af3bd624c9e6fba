"""What people do to a world, one deed at a time; every deed keeps the laws of the clocks."""

from __future__ import annotations

from fake_asana.mutations.exports import ExportDeeds
from fake_asana.mutations.people import PeopleDeeds
from fake_asana.mutations.planning import PlanningDeeds
from fake_asana.mutations.time import TimeDeeds
from fake_asana.mutations.trash import TrashDeeds


class Mutations(TrashDeeds, PeopleDeeds, PlanningDeeds, TimeDeeds, ExportDeeds):
    """Every deed."""


__all__ = ["Mutations"]
