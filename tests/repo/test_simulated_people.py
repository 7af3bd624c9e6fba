"""The people of a simulation change all that the fake can change."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType, FunctionType

from fake_asana.model.access import PERSON
from fake_asana.world import ManualClock, Sizes, World
from simulate.history import draw
from simulate.messages import planted_words
from simulate.people import ALL_CHANGES, act

NOT_OF_PEOPLE = {
    "is_exporting": "changes nothing",
    "begin_export": "the tap does that",
}
"""The functions among the mutations that no person calls, each with the reason."""

SIZES = Sizes(
    workspaces=1, users=5, teams=2, projects=5, tasks=40, tags=3, tagged=60, subtasks=10, portfolios=1, goals=1
)

SMALL_SEEDS = range(1, 131)
"""Histories in small worlds."""


def mutations() -> Iterator[tuple[str, CodeType]]:
    """Yield the name and the code of each mutation of a world."""
    for name, value in vars(World).items():
        if isinstance(value, FunctionType) and value.__module__.startswith("fake_asana.mutations."):
            yield name, value.__code__


@contextmanager
def noting() -> Iterator[set[CodeType]]:
    """Note the code of the functions that are called."""
    called = set[CodeType]()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            called.add(frame.f_code)

    profile = sys.getprofile()
    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(profile)


def test_people_can_make_every_mutation_of_the_fake() -> None:
    """Each mutation is made by one of the changes of a history, or is listed with the reason why not."""
    clock = ManualClock()
    world = World.seeded(1, SIZES, clock)
    with noting() as called:
        for name in ALL_CHANGES:
            for number in range(0, 120, 11):
                clock.advance(1)
                act(world, PERSON, name, number)
    assert {name for name, code in mutations() if code not in called} == NOT_OF_PEOPLE.keys()


def test_small_worlds_reach_every_mutation() -> None:
    """The changes that histories draw make each mutation in their own worlds, most of which have two to ten tasks."""
    called = set[CodeType]()
    for seed in SMALL_SEEDS:
        history, clock = draw(seed, is_large=False), ManualClock()
        world = World.seeded(seed, history.sizes, clock)
        changes = [change for attempt in history.attempts for change in attempt.changes]
        with noting() as met:
            for change in changes:
                clock.advance(1)
                act(world, history.token, change.name, change.number)
        called |= met
    assert {name for name, code in mutations() if code not in called} == NOT_OF_PEOPLE.keys()


def test_a_renamed_person_shares_the_new_name_with_nothing_else() -> None:
    """Privacy hides the names of people alone, so the name of a project is none of a person (seed 9600001378)."""
    world = World.seeded(1, SIZES, ManualClock())
    for name in (name for name in ALL_CHANGES if name.startswith("rename")):
        for number in range(0, 120, 11):
            act(world, PERSON, name, number)
    projects, tags = world.projects.values(), world.tags.values()
    names = {*(project.name for project in projects), *(tag.name for tag in tags)}
    assert names
    assert not names & planted_words(world, PERSON)
