"""Runs with a kill or another action before one of their requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from harness import Output, attempt

from fake_asana.messages import HttpRequest
from fake_asana.server.api import Api
from fake_asana.server.faults import Refusal

SEARCHES = "GET /workspaces/{workspace_gid}/tasks/search"


class Killed(Exception):
    """Raised by a hook to kill the run."""


class Moments:
    """A hook that acts before the requests with certain numbers."""

    def __init__(self, actions: Mapping[int, Callable[[], object]]) -> None:
        """Count from 1."""
        self.actions = actions
        self.numbers = count(1)

    def __call__(self, _: HttpRequest) -> None:
        """Count a request, from any thread."""
        if action := self.actions.get(next(self.numbers)):
            action()


def killing(at: int) -> Moments:
    """Return a hook that kills the run before the request with this number."""

    def kill() -> None:
        raise Killed

    return Moments({at: kill})


def killing_before(chosen: Callable[[HttpRequest], bool]) -> Callable[[HttpRequest], None]:
    """Return a hook that kills the run before the first such request."""

    def kill(request: HttpRequest) -> None:
        if chosen(request):
            raise Killed

    return kill


def refusing_searches(api: Api, chosen: Callable[[str], bool]) -> Callable[[HttpRequest], None]:
    """Return a hook that has the searches for changes since chosen instants refused."""

    def refuse(request: HttpRequest) -> None:
        since = request.query.get("modified_at.after")
        api.refusals[:] = [Refusal(SEARCHES, 403)] if since and chosen(since) else []

    return refuse


def archiving_largest(api: Api) -> Callable[[HttpRequest], None]:
    """Attach a file to each task of the largest project; return a hook that archives it before the search for files."""
    largest = max(api.world.projects.values(), key=lambda project: len(project.tasks))
    for gid in sorted(largest.tasks):
        api.world.attach(gid)

    def archive(request: HttpRequest) -> None:
        if "has_attachment" in request.query:
            api.world.archive_project(largest.gid)

    return archive


def interrupted(
    api: Api,
    at: int | Callable[[HttpRequest], bool],
    **options: Any,  # noqa: ANN401 - the arguments of `sync`
) -> Output:
    """Kill a run before its request with this number, or before its first such request.

    Return the messages up to the last STATE, which a target may keep. A run without such a request ends by itself.
    """
    output = attempt(api, on_request=killing(at) if isinstance(at, int) else killing_before(at), **options)
    assert output.error is None or isinstance(output.error, Killed)
    return output.confirmed()
