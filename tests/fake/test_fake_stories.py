"""The stories of a task tell its history, in the words that Asana uses."""

from __future__ import annotations

import re
from typing import Any

import pytest
from harness import SMALL

from fake_asana.model.clock import format_instant
from fake_asana.model.tasks import Task
from fake_asana.world import ManualClock, World

TEXTS = {
    "section_changed": r'moved this task from ".+" to ".+"',
    "marked_complete": "marked this task complete",
    "marked_incomplete": "marked incomplete",
    "added_to_project": "added to .*",
    "assigned": "assigned to .+",
    "due_date_changed": r"changed the (start date to \w{3} \d+ and the )?due date to \w{3} \d+",
    "name_changed": r'changed the name to ".+"|removed the name',
    "enum_custom_field_changed": "changed .+ to .+|cleared .+",
}


@pytest.fixture(scope="module")
def world() -> World:
    """Return a world after a few workdays."""
    world = World.seeded(1, SMALL, ManualClock())
    for seed in range(3):
        world.mutate(seed)
        world.clock.advance(86_400)  # type: ignore[attr-defined] # World knows any clock
    return world


def told(world: World, *subtypes: str) -> dict[str, list[dict[str, Any]]]:
    """Return the stories of these subtypes by task, oldest first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for story in world.records("stories"):
        row: dict[str, Any] = dict(story)
        if row["resource_subtype"] in subtypes and row["task_gid"]:
            found.setdefault(row["task_gid"], []).append(row)
    return {gid: sorted(rows, key=lambda row: (row["created_at"], int(row["gid"]))) for gid, rows in found.items()}


def completed_at(task: Task) -> str | None:
    """Return the time of completion."""
    return format_instant(task.completed)


def test_completions_and_reopenings_take_turns(world: World) -> None:
    """A task is completed, reopened, completed again ... and ends as it is, at the time of its last completion."""
    stories = told(world, "marked_complete", "marked_incomplete")
    assert any(rows[-1]["resource_subtype"] == "marked_incomplete" for rows in stories.values())
    for gid, rows in stories.items():
        turns = ("marked_complete", "marked_incomplete")
        assert [row["resource_subtype"] for row in rows] == [turns[place % 2] for place in range(len(rows))], gid
        last = rows[-1]
        ended = last["created_at"] if last["resource_subtype"] == "marked_complete" else None
        assert completed_at(world.tasks[gid]) == ended


def test_moves_lead_to_the_section_of_the_task(world: World) -> None:
    """Each move begins in the section where the one before ended, and the last ends where the task is."""
    moves = told(world, "section_changed")
    assert moves
    for gid, rows in moves.items():
        places = {section.gid: section for section in world.tasks[gid].sections}
        ends: dict[str, str] = {}
        for row in rows:
            project = world.sections[row["new_section"]["gid"]].project
            assert project
            assert row["old_section"]["gid"] == ends.get(project.gid, row["old_section"]["gid"])
            assert row["old_section"] != row["new_section"]
            ends[project.gid] = row["new_section"]["gid"]
        assert set(ends.values()) <= set(places)


def test_values_lead_to_those_of_the_task(world: World) -> None:
    """Each change of an enum field begins with the value before, and the last ends with the task's value."""
    changes = told(world, "enum_custom_field_changed")
    assert changes
    for gid, rows in changes.items():
        task: dict[str, Any] = dict(world.expected_records("tasks")[gid])
        values = {field["gid"]: field["enum_value"] for field in task["custom_fields"] if "enum_value" in field}
        last: dict[str, Any] = {}
        for row in rows:
            field = row["custom_field"]["gid"]
            assert row["old_enum_value"] == last.get(field, row["old_enum_value"])
            last[field] = row["new_enum_value"]
        assert last.items() <= values.items()


def test_stories_have_asanas_words(world: World) -> None:
    """The text of a system story says what happened, as Asana's English does, and a comment is what was written."""
    seen = set()
    for story in world.records("stories"):
        pattern = TEXTS.get(str(story["resource_subtype"]))
        if pattern:
            assert re.fullmatch(pattern, str(story["text"]), re.DOTALL), story["text"]
            seen.add(story["resource_subtype"])
    assert seen == set(TEXTS)


def test_a_history_stays_when_its_sections_go() -> None:
    """Deleting a section or adding one leaves every earlier story as it was."""
    world = World.seeded(1, SMALL, ManualClock())
    before = world.expected_records("stories")
    project = max(world.projects.values(), key=lambda project: (len(project.tasks), project.gid))
    world.add_section(project.gid)
    world.delete_section(next(iter(project.sections)))
    after = world.expected_records("stories")
    assert {gid: after[gid] for gid in before} == before
