"""When a run learns names of people: before the first record, and later from records."""

from __future__ import annotations

import logging
from collections import Counter

import pytest
from forms import FORMS, Person, in_every_form, reveals
from harness import PERSON, TINY, asana, sync
from sensitive_data import privacy_settings, strings

from fake_asana.messages import ApiError, HttpRequest, HttpResponse
from fake_asana.model.people import User, email
from fake_asana.server.api import Api
from fake_asana.world import World
from tap_asana.records.privacy import Pseudonyms

USERS, MEMBERS = "GET /users", "GET /workspaces/{workspace_gid}/workspace_memberships"
SAFE = Pseudonyms("a key for this test alone")


def texts_of(user: User) -> Person:
    """Return the texts that identify a user."""
    return Person(user.gid, user.name, email(user) or "nobody@example.org")


def colleague(world: World) -> User:
    """Return another user than the token's own, with a task and an address, in the first workspace."""
    me = world.access.viewers[PERSON["access_token"]].user
    (workspace, *_) = world.workspaces.values()
    users = (member.user for member in workspace.members.values())
    return next(user for user in users if user is not me and user.assigned and email(user))


def write_names(world: World, who: Person) -> None:
    """Write a person into the names of all projects, in every form."""
    for project in world.projects.values():
        project.name = in_every_form(who)


def identifying_texts(api: Api, who: Person, *streams: str, mode: str = "pseudonymize") -> set[str]:
    """Return the texts in the output of a run that identify a person."""
    output = sync(api, config=privacy_settings(mode, PERSON), select=streams)
    return {each for text in set(strings(output.messages)) for each in reveals(text, who)}


def request_counts(api: Api) -> Counter[str]:
    """Return the number of requests by list."""
    return Counter(handled.template for handled in api.log)


def test_people_are_known_before_the_first_text() -> None:
    """A run without the streams of people requests both lists of each workspace once, and no text names anybody."""
    api = asana(TINY)
    who = texts_of(colleague(api.world))
    write_names(api.world, who)
    assert identifying_texts(api, who, "projects", mode="none") == {"name", "gid", "mail"}
    assert request_counts(api)[USERS] == request_counts(api)[MEMBERS] == 0
    assert identifying_texts(api, who, "projects") == set()
    workspaces = len(api.world.access.viewers[PERSON["access_token"]].workspaces)
    assert request_counts(api)[USERS] == request_counts(api)[MEMBERS] == workspaces


def refusing(monkeypatch: pytest.MonkeyPatch, api: Api, *ends: str) -> None:
    """Make the lists with these path endings unavailable."""
    handle = api.handle

    def answer(request: HttpRequest) -> HttpResponse:
        if request.path.endswith(ends):
            return ApiError(403, "You do not have access to this workspace.").response()
        return handle(request)

    monkeypatch.setattr(api, "handle", answer)


@pytest.mark.parametrize("end", ["/users", "/workspace_memberships"])
def test_one_of_the_two_lists_is_enough_for_names(
    end: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """If one list is unavailable, the other still has names, and a warning says that people may be missing."""
    api = asana(TINY)
    who = texts_of(colleague(api.world))
    write_names(api.world, who)
    refusing(monkeypatch, api, end)
    assert identifying_texts(api, who, "projects") == set()
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert [line for line in warnings if "not all people could be listed (403); texts may still contain names" in line]


def test_without_lists_of_people_nobody_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """If both lists are unavailable, a full name in a text stays, as documented; addresses are redacted by pattern."""
    api = asana(TINY)
    who = texts_of(colleague(api.world))
    refusing(monkeypatch, api, "/users", "/workspace_memberships")
    for project in api.world.projects.values():
        project.name = f"{who.name} {who.email}"
    assert identifying_texts(api, who, "projects") >= {"name"}


def test_people_in_records_are_known_from_then_on() -> None:
    """A departed person is known from the first record with that assignee, so no text names them."""
    api = asana(TINY)
    world, user = api.world, colleague(api.world)
    for workspace in list(user.workspaces.values()):
        world.remove_user(user.gid, workspace.gid)
    who = Person(user.gid, user.name, "nobody@example.org")
    task = next(task for task in user.assigned.values() if task.sections)
    text = FORMS["call"](who) + FORMS["quoted twice"](who) + FORMS["inbox"](who)
    world.rename_task(task.gid, text)
    output = sync(api, config=privacy_settings("pseudonymize", PERSON), select=["tasks"])
    record = output.rows("tasks")[task.gid]
    assert record["assignee"] == {**record["assignee"], "gid": SAFE.gid(who.gid), "name": SAFE.name(who.name)}
    assert reveals(text, who) == {"name", "gid"}
    assert {each for text in set(strings(output.messages)) for each in reveals(text, who)} == set()


def test_no_log_contains_known_people(caplog: pytest.LogCaptureFixture) -> None:
    """The dictionary of people is in no log line at any level, even if lists are unavailable."""
    api = asana(TINY)
    user = colleague(api.world)
    api.world.access.deny(user.gid)
    write_names(api.world, texts_of(user))
    with caplog.at_level(0):
        assert identifying_texts(api, texts_of(user), "users") == set()
        assert identifying_texts(api, texts_of(user), "projects", "tasks", "ooo_entries") == set()
    assert [line for line in caplog.messages if reveals(line, texts_of(user))] == []
