"""What the tap's records must be: the truth of a world, cut down to what a stream declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fake_asana.access import PERSON
from fake_asana.world import World

Json = dict[str, Any]


def expected(world: World, stream: str, schema: Json, token: str = PERSON) -> dict[str, Json]:
    """Return the records of a complete read by gid, with the keys that the tap itself adds."""
    adds = ADDED.get(stream)
    whole = world.truth(stream, token)
    return {gid: cut({**record, **adds(world, record)} if adds else record, schema) for gid, record in whole.items()}


def cut(value: Any, schema: Json) -> Any:  # noqa: ANN401 - any JSON value
    """Return the part of a value that a schema declares; what is open in the schema stays whole."""
    if isinstance(value, list):
        return [cut(item, schema["items"]) for item in value]
    if isinstance(value, dict) and "properties" in schema:
        return {name: cut(value[name], field) for name, field in schema["properties"].items() if name in value}
    return value


def of_story(world: World, record: Json) -> Json:
    """Return the gids that a story lacks."""
    task = world.tasks[record["target"]["gid"]]
    return {"task_gid": task.gid, "workspace_gid": task.workspace.gid}


def of_attachment(world: World, record: Json) -> Json:
    """Return the gid that an attachment lacks."""
    gid = record["parent"]["gid"]
    holder = world.tasks.get(gid) or world.projects.get(gid) or world.briefs[gid].project
    return {"workspace_gid": holder.workspace.gid}


def of_field(world: World, record: Json) -> Json:
    """Return the gid that a custom field lacks."""
    return {"workspace_gid": world.custom_fields[record["gid"]].workspace.gid}


ADDED: Mapping[str, Callable[[World, Json], Json]] = {
    "stories": of_story,
    "attachments": of_attachment,
    "custom_fields": of_field,
}
"""The streams whose records the tap completes by gids that Asana does not send."""
