"""Where tasks were and which values they had, told backwards from the present by their stories."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from nested import Row, Rows, inner

MOVES = ("section_changed", "added_to_project", "removed_from_project")
SCALARS = ("text_value", "number_value")


class Stay(NamedTuple):
    """A stay of a task at a place, until the present if it has no end."""

    place: tuple[Any, ...]
    entered: datetime
    left: datetime | None


def moment(row: Row) -> datetime:
    """Return the time of creation."""
    return datetime.fromisoformat(row["created_at"].replace("Z", "+00:00"))


def newest_first(stories: Rows, gid: str) -> Rows:
    """Return the stories of a task, newest first."""
    own = [row for row in stories if row["task_gid"] == gid]
    return sorted(own, key=lambda row: (row["created_at"], row["gid"]), reverse=True)


def section_stays(tasks: Mapping[str, Row], stories: Rows, projects: Mapping[str, str]) -> list[Stay]:
    """Return the stays of all tasks in sections; `projects` has the project of each section."""
    stays = []
    told = [row for row in stories if row["resource_subtype"] in MOVES]
    for gid, task in tasks.items():
        where: dict[str, str | None] = {
            place["project"]["gid"]: place["section"]["gid"]
            for place in task["memberships"]
            if place["section"]["gid"] in projects
        }
        ends: dict[str, datetime | None] = dict.fromkeys(where)
        for story in newest_first(told, gid):
            project = inner(story, "project", "gid") or projects.get(inner(story, "new_section", "gid"), "")
            if project not in where and story["resource_subtype"] != "removed_from_project":
                continue
            if story["resource_subtype"] == "removed_from_project":
                where[project] = None
            elif where[project]:
                stays.append(Stay((project, where[project]), moment(story), ends[project]))
                where[project] = inner(story, "old_section", "gid")
            elif story["resource_subtype"] == "section_changed":
                stays.append(Stay((project, inner(story, "new_section", "gid")), moment(story), ends[project]))
                where[project] = inner(story, "old_section", "gid")
            ends[project] = moment(story)
        stays += [Stay((project, at), moment(task), ends[project]) for project, at in where.items() if at]
    return stays


def value_stays(tasks: Mapping[str, Row], stories: Rows) -> list[Stay]:
    """Return the stays of all tasks at the values of their custom fields."""
    stays = []
    told = [row for row in stories if row["resource_subtype"].endswith("_custom_field_changed")]
    for gid, task in tasks.items():
        values = {field["gid"]: shown(field) for field in task["custom_fields"]}
        ends: dict[str, datetime | None] = dict.fromkeys(values)
        for story in newest_first(told, gid):
            field = story["custom_field"]["gid"]
            if field in ends:  # else the task has the field no more, since an unknown time
                stays.append(Stay((field, side(story, "new")), moment(story), ends[field]))
            values[field], ends[field] = side(story, "old"), moment(story)
        stays += [Stay((field, value), moment(task), ends[field]) for field, value in values.items()]
    return stays


def shown(field: Row) -> str | None:
    """Return the value of a custom field as text: the day of a date; numbers are not text."""
    if field.get("number_value") is not None:
        return None
    day = inner(field, "date_value", "date")
    value: str | None = inner(field, "enum_value", "name") or day or field["display_value"]
    return value


def side(story: Row, when: str) -> str | None:
    """Return the value before or after a change, as text."""
    for name in ("multi_enum_values", "people_value"):
        items = story.get(f"{when}_{name}")
        if items:
            return ", ".join(item["name"] for item in items)
    text = story.get(f"{when}_text_value")
    day: str | None = inner(story, f"{when}_date_value", "due_on")
    return inner(story, f"{when}_enum_value", "name") or text or day
