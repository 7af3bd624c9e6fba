"""Lists of what hangs from a workspace or a project, where nothing else is to be said about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fake_asana.server.paging import Listing

if TYPE_CHECKING:
    from fake_asana.model.resources import Collection
    from fake_asana.server.call import Answer, Call
    from fake_asana.world import World

Pick = Callable[["World"], "Collection[Any]"]


def of_workspace(pick: Pick, feature: str = "") -> Answer:
    """What hangs from a workspace whose plan has the feature."""

    def answer(call: Call) -> Listing:
        workspace = call.workspace()
        call.paid(workspace, feature)
        return Listing.sorted(pick(call.world).of(workspace))

    return answer


def of_project(pick: Pick, name: str, feature: str = "") -> Answer:
    """What hangs from the project that a parameter names; ApiError 400 without it."""

    def answer(call: Call) -> Listing:
        project = call.project(call.needed(name))
        call.paid(project.workspace, feature)
        return Listing.sorted(pick(call.world).of(project))

    return answer
