"""How a list that Asana truncates is asked in smaller ones (facts 3.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tap_asana.asks import Ask
from tap_asana.errors import FatalAnswer
from tap_asana.protocol import Record


def narrower(ask: Ask, fetch: Callable[[Ask], list[Record]]) -> list[Ask]:
    """Return asks for the parts of a truncated list; `fetch` brings the records by which it is split.

    Projects split into archived and active ones, the tasks of a project by section. Raises FatalAnswer for a list
    that has no smaller parts: half of it would look like the whole. (Teams are no parts of the list of projects, since
    a project need not have one.)
    """
    if ask.path == "/projects" and "archived" not in ask.params:
        return [_with(ask, archived=archived) for archived in ("false", "true")]
    if ask.path == "/tasks" and "project" in ask.params:
        return _by_section(ask, fetch)
    msg = f"Asana truncates {ask.subject}, and it cannot be asked in smaller parts"
    raise FatalAnswer(msg)


def _by_section(ask: Ask, fetch: Callable[[Ask], list[Record]]) -> list[Ask]:
    sections = fetch(_list(ask, f"/projects/{ask.params['project']}/sections"))
    params = {name: value for name, value in ask.params.items() if name != "project"}
    return [replace(ask, params={**params, "section": section["gid"]}, offset=None) for section in sections]


def _list(ask: Ask, path: str) -> Ask:
    return Ask(ask.purpose, path, keys=ask.keys, workspace=ask.workspace, limit=ask.limit)


def _with(ask: Ask, **params: str) -> Ask:
    return replace(ask, params={**ask.params, **params}, offset=None)
