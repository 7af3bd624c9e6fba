"""The people of a simulation change all that the fake can change."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import CodeType, FrameType, FunctionType

from fake_asana.model.access import PERSON
from fake_asana.world import ManualClock, Sizes, World
from simulate.people import ALL_CHANGES, act

NOT_OF_PEOPLE = {
    "is_exporting": "changes nothing",
    "begin_export": "the tap does that",
}
"""The functions among the mutations that no person calls, each with the reason."""

SIZES = Sizes(
    workspaces=1, users=5, teams=2, projects=5, tasks=40, tags=3, tagged=60, subtasks=10, portfolios=1, goals=1
)


def mutations() -> Iterator[tuple[str, CodeType]]:
    """Yield the name and the code of each mutation of a world."""
    for name, value in vars(World).items():
        if isinstance(value, FunctionType) and value.__module__.startswith("fake_asana.mutations."):
            yield name, value.__code__


def test_every_mutation_of_the_fake_is_drawn() -> None:
    """Each mutation is made by one of the changes that a history draws, or is listed with the reason why not."""
    clock = ManualClock()
    world, called = World.seeded(1, SIZES, clock), set[CodeType]()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            called.add(frame.f_code)

    profile = sys.getprofile()
    sys.setprofile(note)
    try:
        for name in ALL_CHANGES:
            for number in range(0, 120, 11):
                clock.advance(1)
                act(world, PERSON, name, number)
    finally:
        sys.setprofile(profile)
    assert {name for name, code in mutations() if code not in called} == NOT_OF_PEOPLE.keys()
