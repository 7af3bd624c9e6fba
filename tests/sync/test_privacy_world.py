"""The personal data emitted from a world in which all private text is marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import msgspec
import pytest
from forms import FORMS, Person, reveals
from harness import PERSON, TINY, Hook, Message, Output, asana, attempt, clock, run_limits, sync
from interruptions import Killed
from jsonschema import Draft202012Validator
from methods import HOUR
from sensitive_data import (
    KEY,
    MENTIONED,
    PROSE,
    leaks,
    mentioned_person,
    people,
    privacy_settings,
    sensitive_api,
    strings,
)

from fake_asana.messages import HttpRequest
from fake_asana.server.api import Api
from tap_asana.records.privacy import Pseudonyms

SAFE = Pseudonyms(KEY)
FORGETFUL = "audit_log_events"
"""The stream whose oldest entries Asana deletes while runs pause between requests."""


def text(message: object) -> str:
    """Return a message as text, without escapes."""
    return msgspec.json.encode(message).decode()


@pytest.fixture(scope="module")
def world() -> Iterator[Api]:
    """Return a marked world with a workday between two runs."""
    with pytest.MonkeyPatch.context() as patch:
        yield sensitive_api(patch)


Runs = dict[str, Output]


@pytest.fixture(scope="module")
def runs(world: Api) -> Iterator[Runs]:
    """Run in each mode as the service account and as a person, and in each mode again after a day.

    The runs write STATE whenever something is done.
    """
    with run_limits(output_per_state_byte=0):
        yield read_world(world)


def read_world(world: Api) -> Runs:
    """Return the runs by name."""
    found = {}
    for mode in ("none", "pseudonymize", "redact"):
        found[mode] = sync(world, config=privacy_settings(mode))
        found[f"{mode} person"] = sync(world, config=privacy_settings(mode, PERSON))
    clock(world).advance(HOUR)
    world.world.mutate()
    clock(world).advance(HOUR)
    for mode in ("none", "pseudonymize", "redact"):
        found[f"{mode} later"] = sync(world, config=privacy_settings(mode), state=found[mode].state)
    return found


@pytest.mark.parametrize("run", ["pseudonymize", "pseudonymize person", "pseudonymize later"])
def test_pseudonyms_identify_nobody(world: Api, runs: Runs, run: str) -> None:
    """No message contains a gid, name or address of a person, while the same run without privacy contains many."""
    gids = people(world)
    assert [leaked for message in runs[run].messages if (leaked := leaks(text(message), gids))] == []
    open_run = runs[run.replace("pseudonymize", "none")]
    telling = {message["stream"] for message in open_run.of("RECORD") if leaks(text(message), gids)}
    assert {"tasks", "stories", "users"} <= telling


@pytest.mark.parametrize("run", ["pseudonymize", "pseudonymize person", "pseudonymize later", "redact", "redact later"])
def test_no_form_of_a_name_is_emitted(world: Api, runs: Runs, run: str) -> None:
    """A known person occurs in texts, names and addresses in every form, and in no emitted text."""
    who = mentioned_person(world)
    texts = {text for message in runs[run].messages for text in strings(message)}
    assert {text: leaked for text in texts if (leaked := reveals(text, who))} == {}


def test_every_form_is_in_the_world(world: Api, runs: Runs) -> None:
    """Without privacy, all forms are emitted in streams with texts or addresses, and some in most streams."""
    who, output = mentioned_person(world), runs["none"]
    texts = {stream: "\n".join(strings(output.records(stream))) for stream in output.counts()}
    everything = "\n".join(texts.values())
    assert [name for name, form in FORMS.items() if form(who) not in everything] == []
    assert len([stream for stream, text in texts.items() if reveals_soon(text, who)]) > 20


def reveals_soon(text: str, who: Person) -> bool:
    """Return whether a text contains a person in a visible form."""
    return any(each in text for each in (who.name, who.gid, who.email))


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("method", ["search", "export"])
@pytest.mark.parametrize("mode", ["pseudonymize", "redact"])
def test_no_method_identifies_anybody(world: Api, method: str, mode: str) -> None:
    """With every method, neither records nor STATE identify anybody."""
    gids, family = people(world), ("tasks", "stories", "attachments", "time_tracking_entries")
    settings = {**privacy_settings(mode), "extraction_method": method}
    first = sync(world, config=settings, select=family)
    clock(world).advance(HOUR)
    world.world.mutate()
    union = first.then(sync(world, config=settings, select=family, state=first.state))
    marks = [PROSE] if mode == "redact" else []
    assert [leaked for message in union.messages if (leaked := leaks(text(message), gids, *marks))] == []
    assert set(family) <= union.counts().keys()
    method_path = "exports" if method == "export" else "search"
    assert any(method_path in handled.path for handled in world.log)


ASSIGNEE_NAME = "_['assignee']['name'] if _['assignee'] else None"
"""A stream map that copies the assignee of a task."""

SHAPES: Mapping[str, tuple[dict[str, Any], str]] = {
    "maps": ({"stream_maps": {"tasks": {"__alias__": "tasks", "who": ASSIGNEE_NAME}}}, "who"),
    "flattening": ({"flattening_enabled": True, "flattening_max_depth": 3}, "assignee__name"),
}


@pytest.mark.parametrize(("shape", "field"), SHAPES.values(), ids=SHAPES)
def test_maps_and_flattening_identify_nobody(world: Api, shape: dict[str, Any], field: str) -> None:
    """Stream maps and flattening get records after redaction."""
    gids, select = people(world), ("tasks", "stories", "users", "user_task_lists")
    output = sync(world, config={**privacy_settings("pseudonymize"), **shape}, select=select)
    assert [leaked for message in output.messages if (leaked := leaks(text(message), gids))] == []
    assert any(str(record.get(field)).startswith("Person ") for record in output.records("tasks"))


@pytest.mark.parametrize("run", ["redact", "redact person", "redact later"])
def test_redaction_emits_no_free_text(world: Api, runs: Runs, run: str) -> None:
    """No message contains a person or free text; without privacy, most streams do."""
    gids = people(world)
    assert [leaked for message in runs[run].messages if (leaked := leaks(text(message), gids, PROSE))] == []
    open_run = runs[run.replace("redact", "none")]
    assert len({message["stream"] for message in open_run.of("RECORD") if PROSE in text(message)}) > 20


def test_the_runs_cover_every_stream(runs: Runs) -> None:
    """The runs together have records of all streams, except those without objects in the small world."""
    streams = set().union(*(output.counts() for output in runs.values()))
    assert set(runs["none"].schemas) - streams == set()


@pytest.mark.parametrize("mode", ["pseudonymize", "redact"])
def test_private_records_are_valid_and_complete(runs: Runs, mode: str) -> None:
    """Each record fits its SCHEMA, and each stream has as many keys as without privacy."""
    for run in (mode, f"{mode} person", f"{mode} later"):
        output, open_run = runs[run], runs[run.replace(mode, "none")]
        for stream, schema in output.schemas.items():
            validator = Draft202012Validator(schema)
            for record in output.records(stream):
                validator.validate(record)
            if stream != FORGETFUL:
                assert len(output.rows(stream)) == len(open_run.rows(stream)), stream
        assert len(output.rows(FORGETFUL)) == len(output.records(FORGETFUL))


@pytest.mark.parametrize("mode", ["pseudonymize", "redact"])
def test_joins_hold(runs: Runs, mode: str) -> None:
    """Assignees, followers, authors and members join to the users, as without privacy."""
    for path in ("tasks.assignee", "tasks.followers", "stories.created_by", "team_memberships.user", "projects.owner"):
        stream, field = path.split(".")
        for run, transform in ((runs["none"], str), (runs[mode], SAFE.gid)):
            users = run.gids("users")
            assert users == {transform(gid) for gid in runs["none"].gids("users")}
            found = {
                (record["gid"], person["gid"]) for record in run.records(stream) for person in listed(record.get(field))
            }
            truth = {(one, transform(gid)) for one, gid in pairs(runs["none"], stream, field)}
            assert found == truth != set(), path


def listed(value: Any) -> list[Message]:  # noqa: ANN401 - JSON of any shape
    """Return the people in a field that holds a person or a list of people."""
    return value if isinstance(value, list) else [value] if value else []


def pairs(output: Output, stream: str, field: str) -> set[tuple[str, str]]:
    """Return the pairs of a record and a person in a field."""
    return {(record["gid"], each["gid"]) for record in output.records(stream) for each in listed(record.get(field))}


def test_mentions_join_too(runs: Runs) -> None:
    """A person mentioned in a text has the same pseudonyms as in that person's record."""
    notes = [record["html_notes"] for record in runs["pseudonymize"].records("tasks")]
    link = f'data-asana-gid="{SAFE.gid(MENTIONED[0])}">{SAFE.name(MENTIONED[1])}</a>'
    assert notes
    assert all(link in each for each in notes)
    assert all(PROSE in record["notes"] for record in runs["pseudonymize"].records("tasks"))


def test_two_runs_and_another_key(world: Api) -> None:
    """The same key gives the same records, and another key different ones."""
    first, second = (sync(world, config=privacy_settings("pseudonymize"), select=["users", "tasks"]) for _ in range(2))
    other = sync(world, config=privacy_settings("pseudonymize", key="another key that is as long"), select=["users"])
    assert first.rows("users") == second.rows("users")
    assert first.rows("tasks") == second.rows("tasks")
    assert not first.gids("users") & other.gids("users")


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("mode", ["none", "pseudonymize"])
@pytest.mark.parametrize("after", [3, 4])
def test_state_identifies_nobody(mode: str, after: int) -> None:
    """A run interrupted among the lists of people keeps a position without a gid, and resumes after it."""
    api = asana(TINY)
    gids = people(api)
    api.world.access.deny(sorted(gids)[2])
    workspace = next(iter(api.world.workspaces))
    settings = {"max_concurrency": 1, "workspaces": [workspace], **privacy_settings(mode, PERSON)}
    cut = attempt(api, config=settings, select=["tasks"], on_request=killing_among_people(after))
    assert "1" in kinds(cut.of("STATE")[-1])
    assert bool(leaks(text(cut.of("STATE")), gids)) == (mode == "none")
    union = cut.confirmed().then(sync(api, config=settings, select=["tasks"], state=cut.state))
    assert union.gids("tasks") == sync(api, config=settings, select=["tasks"]).gids("tasks")


def killing_among_people(after: int) -> Hook:
    """Return a hook that kills a run after the lists of some people."""
    numbers = count()

    def kill(request: HttpRequest) -> None:
        if "assignee" in request.query and next(numbers) >= after:
            raise Killed

    return kill


def kinds(state: Message) -> set[str]:
    """Return the kinds of task lists with a position in a STATE: 1 stands for those of people."""
    (partition,) = state["value"]["bookmarks"]["tasks"]["partitions"]
    return {place[0] for lane, place in partition["window"]["positions"].items() if lane.startswith("lists")}


@pytest.mark.parametrize("mode", ["none", "pseudonymize"])
def test_the_log_identifies_nobody(caplog: pytest.LogCaptureFixture, mode: str) -> None:
    """People with unavailable lists are counted and named in every stream, with privacy by their pseudonym."""
    api = asana(TINY)
    denied = sorted(api.world.users)[2]
    api.world.access.deny(denied)
    with caplog.at_level(0):
        sync(api, config=privacy_settings(mode, PERSON))
    assert "skipped with 403" in caplog.text
    assert bool(leaks(caplog.text, people(api))) == (mode == "none")
    for named in ("assignee", "user"):
        assert (f"{named}={SAFE.gid(denied)}" in caplog.text) == (mode != "none")
