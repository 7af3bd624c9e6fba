"""The views in the shape of Fivetran's tables hold what the records hold."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from warehouse import Loaded, inner, same, seen


def instant(value: str | None) -> str | None:
    """Return a date as the first moment of that day."""
    return f"{value}T00:00:00.000Z" if value else None


FIVETRAN: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "user": ("users", {"email": "email"}),
    "team": ("teams", {"organization_id": "organization.gid"}),
    "section": ("sections", {"created_at": "created_at", "project_id": "project.gid"}),
    "tag": ("tags", {"color": "color", "created_at": "created_at", "notes": "notes", "workspace_id": "workspace.gid"}),
    "project": (
        "projects",
        {name: name for name in ("archived", "color", "created_at", "modified_at", "notes")}
        | {"current_status": "current_status_update.title"}
        | {f"{name}_id": f"{name}.gid" for name in ("owner", "team", "workspace")},
    ),
    "task": (
        "tasks",
        {name: name for name in ("notes", "completed", "completed_at", "created_at", "modified_at", "due_at", "liked")}
        | {f"{name}_id": f"{name}.gid" for name in ("assignee", "completed_by", "created_by", "parent", "workspace")},
    ),
}
"""The columns beside id and name, and where a record has them."""


@pytest.mark.parametrize("view", FIVETRAN)
def test_fivetrans_tables_hold_the_records(loaded: Loaded, view: str) -> None:
    """Each thing is a row of its table, with Fivetran's names for what a record holds."""
    stream, columns = FIVETRAN[view]
    places = {"id": "gid", **columns, **({} if view == "section" else {"name": "name"})}
    same(
        [{name: row[name] for name in places} for row in seen(loaded, "fivetran", view)],
        [
            {name: inner(row, *place.split(".")) for name, place in places.items()}
            for row in loaded.records[stream]
            if row["gid"] not in loaded.gone
        ],
    )


def test_fivetrans_stories_belong_to_tasks(loaded: Loaded) -> None:
    """Each story of a living task is there with its author and text."""
    same(
        [
            {name: row[name] for name in ("id", "target_id", "created_by_id", "text", "type")}
            for row in seen(loaded, "fivetran", "story")
        ],
        [
            {"id": row["gid"], "target_id": row["task_gid"], "created_by_id": inner(row, "created_by", "gid")}
            | {name: row[name] for name in ("text", "type")}
            for row in loaded.records["stories"]
            if row["task_gid"] and row["task_gid"] not in loaded.gone
        ],
    )


def test_fivetrans_links_are_those_of_the_tasks(loaded: Loaded) -> None:
    """The four tables of links hold the same pairs as the analysts' views; the default section has its name."""
    for view, column in (
        *(("task_section", "section"), ("task_follower", "user"), ("task_tag", "tag")),
        ("project_task", "project"),
    ):
        ours = "task_project" if view == "project_task" else view
        same(
            seen(loaded, "fivetran", view),
            [{"task_id": row["task_gid"], f"{column}_id": row[f"{column}_gid"]} for row in seen(loaded, "views", ours)],
        )
    names = {row["id"]: row["name"] for row in seen(loaded, "fivetran", "section")}
    untitled = {row["gid"] for row in loaded.records["sections"] if row["name"] == "Untitled section"}
    assert untitled == {gid for gid, name in names.items() if name == "(no section)"}


def test_days_are_moments_for_fivetran(loaded: Loaded) -> None:
    """Due and start days are timestamps, so that a query can take either a day or a moment."""
    tasks = {row["gid"]: row for row in loaded.records["tasks"]}
    for row in seen(loaded, "fivetran", "task"):
        task = tasks[row["id"]]
        assert (row["due_on"], row["start_on"]) == (instant(task.get("due_on")), instant(task.get("start_on")))
