"""Comparisons of what a target holds with the world of a played history."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from html import escape
from http import HTTPStatus
from typing import Any

from expected import cut
from expected_losses import unlisted_tasks
from harness import Message

from fake_asana.model.people import User, email
from fake_asana.model.staffing import Agent
from fake_asana.server.routes.tracking import UNLISTED_FIELDS
from fake_asana.world import World
from simulate.messages import workspaces_lacking_unlisted
from simulate.player import Played

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

TEXTS: Mapping[str, Callable[[str], str]] = {"text": str, "html_text": partial(escape, quote=False)}
"""The fields of a story that may name other objects, and the form of a name in them."""

TASK_LISTS_OF_PEOPLE = "My tasks in "

PERSONAL_FIELDS = frozenset({"client_ip_address", "user_agent", "on_behalf_of_user_id"})
"""Fields of the audit log that privacy replaces."""

NOT_READ = re.compile(r"not read in this run, because the interrupted run has written them completely: ([^;]+);")
"""The line of a resumed run on the streams that it leaves to the next one."""

HIDDEN = frozenset({"view_url"})
"""Fields that are null unless a file is known to be hosted elsewhere (docs/reliability.md, "No address")."""


def selected(played: Played, streams: Iterable[str]) -> list[str]:
    """Return those streams that the history selects."""
    return [stream for stream in streams if not played.history.streams or stream in played.history.streams]


def read_last(played: Played, streams: Iterable[str]) -> list[str]:
    """Return those streams that the history selects, but for those that the last run has not read, as the log tells.

    It has resumed a run that had written them completely (docs/reliability.md, "An interrupted run resumes").
    """
    lines = played.log[played.runs[-1].lines :] if played.runs else ()
    unread = {name for found in filter(None, map(NOT_READ.match, lines)) for name in found[1].split(", ")}
    return [stream for stream in selected(played, streams) if stream not in unread]


def written(played: Played, streams: Iterable[str]) -> list[str]:
    """Return those streams that the history selects and of which the target has a SCHEMA."""
    return [stream for stream in selected(played, streams) if stream in played.kept.schemas]


def unreachable(played: Played) -> set[str]:
    """Return the tasks before `start_date`, and those in no list where the log tells that such may be missing."""
    world = played.api.world
    lacking = workspaces_lacking_unlisted(played.log, played.history.dialect)
    if played.unlisted is None:
        played.unlisted = unlisted_tasks(world, (), played.history.token, truth_of(played, "tasks"))
    start, truth = str(played.history.settings.get("start_date", "")), truth_of(played, "tasks")
    skipped = {gid for gid, task in truth.items() if task["modified_at"] < start}
    return skipped | {gid for gid in played.unlisted if world.tasks[gid].workspace.gid in lacking}


def truth_of(played: Played, stream: str) -> dict[str, Message]:
    """Return the records that Asana has at the end, as the token sees them, by gid."""
    if stream not in played.truth:
        played.truth[stream] = played.api.world.expected_records(stream, played.history.token)
    return played.truth[stream]


def comparable(played: Played, record: Message, schema: Message) -> Message:
    """Return the declared fields of a record that Asana sends unbroken."""
    if breakage := played.history.dialect.breakage:
        broken = breakage.break_record(record)
        record = {name: value for name, value in record.items() if broken[name] == value}
    declared: Message = cut(record, schema)
    return declared


def differs(played: Played, row: Message, truth: Message, *, besides: Collection[str] = ()) -> bool:
    """Return whether values differ that both have; null is none where Asana sends it, or the tap hides a value.

    `besides` names fields of objects inside the record that may differ.
    """
    dialect = played.history.dialect
    is_unlisted = truth.get("resource_type") == "time_tracking_entry" and not dialect.unlisted_fields
    nullable = HIDDEN | dialect.unknown_hints | (UNLISTED_FIELDS if is_unlisted else frozenset())
    ignored = frozenset(besides) | (frozenset() if played.history.dialect.nested_resource_type else {"resource_type"})
    common = {name for name in row.keys() & truth.keys() if row[name] is not None or name not in nullable}
    values = ((_without(row[name], ignored), _without(truth[name], ignored)) for name in common)
    if (tolerance := tolerance_of(played)) == Tolerance():
        return any(value != true_value for value, true_value in values)
    return not all(agrees(value, true_value, tolerance) for value, true_value in values)


def is_of_people(played: Played, truth: Collection[str]) -> bool:
    """Return whether some of these keys are those of people, which privacy replaces."""
    return "privacy" in played.history.settings and not personal_words(played.api.world).isdisjoint(truth)


def personal_words(world: World) -> frozenset[str]:
    """Return the gids, names and addresses of all people, and the names of their lists."""
    users, lists = world.users.values(), TASK_LISTS_OF_PEOPLE
    return frozenset([lists, *(word for each in (*users, *world.agents) for word in _words(each))])


def _words(person: User | Agent) -> Iterator[str]:
    yield from (person.gid, person.name)
    yield from filter(None, [email(person)] if isinstance(person, User) else [])


@dataclass(frozen=True)
class Tolerance:
    """What may differ from Asana's values: `words` are those of people that privacy replaces.

    If the objects inside a record are not `are_typed`, any of them may count as a person (docs/privacy.md). With
    `are_broken`, a text may have U+FFFD, and any value may be null; `numerals` are numbers in place of texts. An object
    inside another one is broken in other places than in its own list.
    """

    words: Collection[str] = ()
    are_typed: bool = True
    are_broken: bool = False
    numerals: frozenset[str] = frozenset()


def tolerance_of(played: Played) -> Tolerance:
    """Return what may differ in a history: nothing, without privacy and broken values."""
    dialect, is_private = played.history.dialect, "privacy" in played.history.settings
    words = personal_words(played.api.world) if is_private else ()
    breakage, are_typed = dialect.breakage, dialect.nested_resource_type or not is_private
    numerals = frozenset(each.decode() for each in breakage.numerals) if breakage else frozenset[str]()
    return Tolerance(words, are_typed, breakage is not None, numerals)


def agrees(value: Any, truth: Any, tolerance: Tolerance) -> bool:  # noqa: ANN401 - any JSON value
    """Return whether a value is the true one, apart from what may differ."""
    if _is_repaired(value, tolerance) or (tolerance.words and value is None):
        return True
    if isinstance(truth, str):
        return bool(value == truth) or any(word in truth for word in tolerance.words)
    if isinstance(truth, list) and isinstance(value, list):
        pairs = zip(value, truth, strict=False)
        return len(value) == len(truth) and all(agrees(*pair, tolerance) for pair in pairs)
    if isinstance(truth, dict) and isinstance(value, dict):
        if truth.get("gid") in tolerance.words or (not tolerance.are_typed and is_pseudonym(value)):
            return True
        ignored = PERSONAL_FIELDS if tolerance.words else frozenset()
        names = (value.keys() & truth.keys()) - ignored
        return all(agrees(value[name], truth[name], tolerance) for name in names)
    return bool(value == truth)


def _is_repaired(value: object, tolerance: Tolerance) -> bool:
    """Return whether the tap may have written this in place of a broken value."""
    is_text = isinstance(value, str) and (REPLACEMENT in value or value in tolerance.numerals)
    return tolerance.are_broken and (value is None or is_text)


def renamed(row: Message, truth: Message, tolerance: Tolerance) -> Message:
    """Return a row whose texts have the true names of the objects in it: it names them as of its read.

    `truth` is unbroken: a text may have a name that is broken where its object shows it, in the row or in Asana now.
    """
    differing = (name for name in TEXTS if row.get(name) != truth.get(name))
    texts: dict[str, Any] = {name: row[name] for name in differing if isinstance(row.get(name), str)}
    unreadable = []
    for held, named, is_shown in _named_objects(row, truth):
        new = named.get("name")
        if not new:
            continue
        old = held.get("name") if isinstance(held, dict) else held
        if old == "" or not is_shown or _is_repaired(old, tolerance):
            unreadable.append(new)
        elif isinstance(held, dict) and named.get("gid") == held.get("gid"):
            texts = {name: text.replace(TEXTS[name](f"{old}"), TEXTS[name](new)) for name, text in texts.items()}
    for name, text in texts.items():
        texts[name] = _with_true_names(text, f"{truth.get(name)}", map(TEXTS[name], unreadable))
    values = row.get("custom_fields")
    if isinstance(values, list):
        texts["custom_fields"] = [_with_present_names(each, truth.get("custom_fields") or ()) for each in values]
    return {**row, **texts}


def _named_objects(row: Message, truth: Message) -> Iterator[tuple[Any, Message, bool]]:
    """Yield what a row holds in place of each object of its truth, alone or in a list, and whether it has the field.

    A list may hold other objects by now: those that its row lacks have no name in the row's texts.
    """
    for field, value in truth.items():
        held, is_shown = row.get(field), field in row
        if isinstance(value, dict):
            yield held, value, is_shown
        for named in filter(_is_object, value) if isinstance(value, list) else ():
            found = [each for each in held if _is_object(each) and each.get("gid") == named.get("gid")] if held else []
            yield from ((each, named, is_shown) for each in found or ([] if held else [None]))


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _with_true_names(text: str, truth: str, unreadable: Iterable[str]) -> str:
    """Return the true text if a text differs from it only in names that its row does not show."""
    pattern = re.escape(truth)
    for name in unreadable:
        pattern = pattern.replace(re.escape(name), ".*")
    return truth if re.fullmatch(pattern, text, re.DOTALL) else text


def _with_present_names(held: Message, values: Iterable[Message]) -> Message:
    """Return a value of a custom field, whose text has the present names if it still has the same objects."""
    gids = _gids_named(held)
    present = (each for each in values if each.get("gid") == held.get("gid") and _gids_named(each) == gids)
    value = next(present, None) if gids else None
    return held if value is None else {**held, "display_value": value.get("display_value")}


def _gids_named(value: Message) -> list[str]:
    """Return the gids of the people and other objects in a value of a custom field, whose text consists of names."""
    return [each["gid"] for name in ("people_value", "reference_value") for each in value.get(name) or ()]


def is_pseudonym(value: Message) -> bool:
    """Return whether an object has no gid and no name of its own, as people have with privacy."""
    has_name = value.get("name") is not None and not str(value["name"]).startswith("Person ")
    return not has_name and not str(value.get("gid")).isdecimal()


def _without(value: Any, ignored: frozenset[str]) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value without some fields of the objects in it."""
    if not ignored:
        return value
    if isinstance(value, list):
        return [_without(part, ignored) for part in value]
    if isinstance(value, dict):
        return {name: _without(part, ignored) for name, part in value.items() if name not in ignored}
    return value


def refused_in_trash(played: Played) -> set[str]:
    """Return the tasks that Asana has refused by their gids while they were in the trash, in place of a 404."""
    status, world = played.history.dialect.refusals.trashed, played.api.world
    if status != HTTPStatus.FORBIDDEN:
        return set()
    requests = (each for each in played.api.log if each.template == "GET /tasks/{task_gid}" and each.status == status)
    gone = world.trash.tasks.keys() | {each.gid for each in world.history if each.action == "purged"}
    return {each.path.rpartition("/")[2] for each in requests} & gone
