"""What several access tokens see: the workspaces of each must be the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from tap_asana.api.client import AsanaClient
from tap_asana.api.request import Page, Request
from tap_asana.errors import FatalResponseError


def require_same_workspaces(
    client: AsanaClient,
    pages: Callable[[Iterable[Request]], Iterator[Page]],
    selected: Collection[str],
    visible: Collection[str],
) -> None:
    """Raise FatalResponseError with one line if an additional token sees other workspaces than the first one.

    Of workspaces that the settings do not select, nothing is required.
    """
    for number in range(1, len(client.tokens)):
        request = Request("workspaces", "/workspaces", limit=client.connection.page_size, is_root=True)
        request = request.with_token(number)
        seen = {record["gid"] for page in pages([request]) for record in page.records}
        required = set(selected or visible)
        missing, additional = required - seen, set() if selected else seen - required
        if missing or additional:
            differences = [
                *(["does not see " + ", ".join(sorted(missing))] if missing else []),
                *(["also sees " + ", ".join(sorted(additional))] if additional else []),
            ]
            raise FatalResponseError(
                f"additional_access_tokens: token {number} {' and '.join(differences)}; "
                "expected the workspaces of the access token."
            )
