"""Several access tokens read the same records faster, and what the first one sees decides."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from functools import cache

import pytest
from harness import CORE, SERVICE, TINY, Message, Output, asana, attempt, sync

from fake_asana.messages import HttpRequest
from fake_asana.model.access import PERSON as FIRST
from fake_asana.server.api import Api
from tap_asana.errors import FatalResponseError

OTHERS = ("0/second", "0/third")
CONFIG: Mapping[str, object] = {
    "access_token": FIRST,
    "extraction_method": "list",
    "additional_access_tokens": [*OTHERS],
}


def with_tokens(*, hidden: int = 0) -> Api:
    """Return a fake Asana with further tokens, which do not see the first `hidden` of the person's projects."""
    api = asana(TINY)
    viewers = api.world.access.viewers
    person = viewers[FIRST]
    visible = sorted(set(api.world.projects) - person.hidden_projects)
    for token in OTHERS:
        viewer = api.world.access.add(token, list(api.world.workspaces.values()), user=person.user)
        viewer.hidden_projects = person.hidden_projects | set(visible[:hidden])
    return api


@cache
def alone_by(method: str) -> Output:
    """Return the output of a run with the first token alone."""
    return sync(asana(TINY), select=CORE, config={"extraction_method": method})


class Senders:
    """A hook that counts the requests of each token."""

    def __init__(self) -> None:
        """Start at zero."""
        self.counts = Counter[str]()
        self.offsets: dict[str, str] = {}

    def __call__(self, request: HttpRequest) -> None:
        """Count a request."""
        token = request.header("Authorization").removeprefix("Bearer ")
        self.counts[token] += 1


@pytest.mark.parametrize("method", ["list", "search"])
@pytest.mark.parametrize("hidden", [0, 3])
def test_several_tokens_read_the_same_records(method: str, hidden: int) -> None:
    """Records and state are those of the first token alone, even if the others see fewer projects."""
    alone = alone_by(method)
    senders = Senders()
    config = {**CONFIG, "extraction_method": method, "page_size": 20}
    output = sync(with_tokens(hidden=hidden), select=CORE, config=config, on_request=senders)
    for stream in CORE:
        assert output.rows(stream) == alone.rows(stream)
    assert output.state == alone.state
    assert all(senders.counts[token] > 10 for token in (FIRST, *OTHERS))


def test_the_state_does_not_depend_on_the_tokens() -> None:
    """A run continues with fewer or more tokens, and the state holds none of them."""
    api = with_tokens()
    first = sync(api, select=CORE, config=CONFIG)
    assert not any(token in json.dumps(first.state) for token in (FIRST, *OTHERS))
    before = len(api.log)
    sync(api, select=CORE, config={"extraction_method": "list"}, state=first.state)
    assert len(api.log) - before < before


@pytest.mark.parametrize("selects", [False, True])
def test_a_token_with_other_workspaces_ends_the_run(*, selects: bool) -> None:
    """One line names the token by its number and the workspaces, and nothing is read."""
    api = with_tokens()
    missing = api.world.access.viewers[OTHERS[1]].workspaces.pop()
    config = {**CONFIG, "workspaces": [missing]} if selects else CONFIG
    output = attempt(api, select=CORE, config=config)
    assert isinstance(output.error, FatalResponseError)
    assert str(output.error) == (
        f"additional_access_tokens: token 2 does not see {missing}; expected the workspaces of the access token."
    )
    assert not output.counts()


def test_further_workspaces_of_a_token_are_an_error_unless_the_settings_select() -> None:
    """A token that sees more may belong to somebody else; selected workspaces must only be visible."""
    api = with_tokens()
    api.world.access.viewers[FIRST].workspaces = [*api.world.workspaces][:1]
    output = attempt(api, select=CORE, config=CONFIG)
    assert f"also sees {[*api.world.workspaces][1]}" in str(output.error)
    selected: Message = {**CONFIG, "workspaces": [*api.world.workspaces][:1]}
    assert sync(api, select=["workspaces"], config=selected).counts()["workspaces"] == 1


def test_an_unknown_additional_token_ends_the_run() -> None:
    """A 401 for an additional token is one line with its number, and without the token."""
    output = attempt(
        with_tokens(), select=CORE, config={**CONFIG, "additional_access_tokens": [OTHERS[0], "0/unknown"]}
    )
    assert isinstance(output.error, FatalResponseError)
    assert str(output.error).startswith("Asana rejected token 2 of additional_access_tokens (401)")
    assert "unknown" not in str(output.error)


def test_exports_need_the_first_token_only() -> None:
    """The job of an export is requested, polled and downloaded with the first token."""
    api, senders = asana(TINY), Senders()
    api.world.access.viewers["0/second"] = api.world.access.viewers["0/service"]
    config = {**SERVICE, "extraction_method": "export", "additional_access_tokens": ["0/second"]}
    sync(api, select=["tasks"], config=config, on_request=senders)
    assert senders.counts["0/second"] < senders.counts["0/service"]
