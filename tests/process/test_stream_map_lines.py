"""The real process ends at a wrong stream map, with a line that names it: a silent one would leave data in clear."""

from __future__ import annotations

import json
from typing import Any

import pytest
from forked_tap import TOKEN, ForkedTap

WRONG_MAPS: dict[str, tuple[Any, str]] = {
    "an unknown stream": ({"projcts": {"name": None}}, "projcts: no such stream; the nearest is projects."),
    "an unknown source": (
        {"copies": {"__source__": "projcts"}},
        "copies.__source__: no such stream; the nearest is projects.",
    ),
    "a pattern of no stream": ({"x*": None}, "x*: no such stream; the nearest is "),
    "an unknown field": ({"projects": {"nmae": None}}, "projects.nmae: no such field; the nearest is name."),
    "an unknown option": (
        {"projects": {"__fliter__": "archived"}},
        "projects.__fliter__: no such option; the nearest is __filter__.",
    ),
    "an option of all": ({"__default__": None}, "__default__: the only option is __else__ with null."),
    "another rest": ({"projects": {"__else__": "x"}}, "projects.__else__: expected null."),
    "another rest of all": ({"__else__": False}, "__else__: expected null."),
    "no source": ({"copies": {"__source__": None}}, "copies.__source__: expected text."),
    "no alias": ({"projects": {"__alias__": None}}, "projects.__alias__: expected text."),
    "half an alias": (
        {"projects": {"__alias__": "all projects"}},
        'projects.__alias__: cannot evaluate "all projects" (SyntaxError).',
    ),
    "an alias that is no text": (
        {"projects": {"__alias__": "5"}},
        'projects.__alias__: cannot evaluate "5" (not a name).',
    ),
    "another type": ({"projects": 5}, "projects: not in the form that the SDK documents."),
    "a rule of another type": (
        {"projects": {"name": 5}},
        "projects: not in the form that the SDK documents.",
    ),
    "a dropped key": (
        {"copies": {"__source__": "projects", "__else__": None, "name": "name"}},
        "copies: __else__ drops the key gid; add it to the map, or name other __key_properties__.",
    ),
    "a removed key": (
        {"projects": {"gid": None}},
        "projects.gid: a key cannot be removed, unless the map names other __key_properties__.",
    ),
    "an unknown key": (
        {"projects": {"__key_properties__": ["id"]}},
        "projects.__key_properties__: no such field as id; the nearest is ",
    ),
    "half an expression": (
        {"projects": {"name": "name.upper("}},
        'projects.name: cannot read "name.upper(" (SyntaxError).',
    ),
    "a statement": ({"projects": {"name": "name = 1"}}, 'projects.name: "name = 1" is not an expression.'),
    "an unknown name": (
        {"projects": {"title": "nmae.upper()"}},
        'projects.title: "nmae.upper()" uses nmae, which projects does not have; the nearest is name.',
    ),
    "faker": (
        {"projects": {"name": "fake.name()"}},
        (
            'projects.name: "fake.name()" uses fake, but the package faker is not installed: '
            "install the tap with its extra faker."
        ),
    ),
    "a failing expression": (
        {"projects": {"name": "name.uper()"}},
        'projects.name: cannot evaluate "name.uper()" (AttributeDoesNotExist).',
    ),
    "a failing copy": (
        {"projects": None, "copies": {"__source__": "projects", "name": "name[99999]"}},
        'copies.name: cannot evaluate "name[99999]" (IndexError).',
    ),
    "a failing filter": (
        {"projects": {"__filter__": "len(name) + 'hush' > 1"}},
        "projects.__filter__: ",
    ),
}


@pytest.mark.parametrize(("maps", "line"), WRONG_MAPS.values(), ids=WRONG_MAPS)
def test_a_wrong_map_ends_the_run(forked: ForkedTap, maps: Any, line: str) -> None:  # noqa: ANN401 - any JSON
    """The line names the stream, the field, the expression and the kind of the error, and no value of a record."""
    assert forked.error({"access_token": TOKEN, "stream_maps": maps}).startswith(f"stream_maps.{line}")


def test_faker_config_without_faker_ends_the_run(forked: ForkedTap) -> None:
    """The line names the extra to install."""
    line = forked.error({"access_token": TOKEN, "faker_config": {"seed": 1}})
    assert line == "faker_config: the package faker is not installed: install the tap with its extra faker."


def test_right_maps_are_accepted(forked: ForkedTap) -> None:
    """Wildcards, copies, aliases, filters, new and removed fields, and every name that an expression may use."""
    maps = {
        "*": {"read_by": "'tap-asana ' + __stream_name__", "__alias__": "__stream_name__ + '_v1'"},
        "copies": {"__source__": "projects", "__else__": None, "gid": "gid", "names": "[x for x in (name or '')]"},
        "task*": {"notes": None, "salted": "md5(config['salt'] + self if False else str(_['gid']))"},
        "stories": "__NULL__",
    }
    config = {"access_token": TOKEN, "stream_maps": maps, "stream_map_config": {"salt": "hush"}}
    ended = forked.read(config)
    assert ended.returncode == 0, ended.stderr
    streams = {message.get("stream") for message in map(json.loads, ended.stdout.splitlines())}
    assert streams == {"projects_v1", "copies", None}


def test_an_unexpected_error_is_one_line_without_its_message(forked: ForkedTap) -> None:
    """An error that nobody foresaw is logged by its place, because its message could hold a value."""
    variables = forked.write(".env", b"TAP_ASANA_ACCESS_TOKEN=hush\xff")
    line = forked.error({"access_token": TOKEN})
    variables.unlink()
    assert line.startswith("The tap failed: UnicodeDecodeError")
    assert "hush" not in line


def test_all_mistakes_are_reported_at_once(forked: ForkedTap) -> None:
    """Each mistake has its line."""
    maps = {"projcts": None, "users": {"emial": None, "nmae": None}}
    lines = forked.errors({"access_token": TOKEN, "stream_maps": maps})
    assert [line.split(":")[0] for line in lines] == [
        "stream_maps.projcts",
        "stream_maps.users.emial",
        "stream_maps.users.nmae",
    ]
