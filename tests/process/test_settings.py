"""The real process reads settings as people write them, and is never silent about one that it does not know."""

from __future__ import annotations

import json
from typing import Any

import pytest
from forked_tap import TOKEN, ForkedTap
from tap_process import failure

from fake_asana.server.http import FakeServer
from tap_asana.settings import SETTINGS


def projects(tap: ForkedTap, config: Any, **variables: str) -> int:  # noqa: ANN401 - the content of a file
    """Run the command to its end, and return the number of projects."""
    ended = tap.read(config, **variables)
    assert ended.returncode == 0, ended.stderr
    return sum(json.loads(line)["type"] == "RECORD" for line in ended.stdout.splitlines())


@pytest.fixture(scope="module")
def every(forked: ForkedTap) -> int:
    """Return the number of all projects."""
    return projects(forked, {"access_token": TOKEN})


@pytest.fixture(scope="module")
def active(forked: ForkedTap, every: int) -> int:
    """Return the number of projects that are not archived."""
    count = projects(forked, {"access_token": TOKEN, "include_archived_projects": False})
    assert 0 < count < every
    return count


def test_an_empty_value_means_unset_for_every_type(forked: ForkedTap, every: int) -> None:
    """Each setting may be empty in the environment, in a file and as null; a file then keeps its own value."""
    types = ("INCLUDE_ARCHIVED_PROJECTS", "PAGE_SIZE", "WORKSPACES", "START_DATE", "STREAM_MAPS", "FLATTENING_ENABLED")
    for blank in ("", " "):
        empty = dict.fromkeys((f"TAP_ASANA_{name}" for name in types), blank)
        assert projects(forked, {"access_token": TOKEN, "include_archived_projects": True}, **empty) == every
    in_file = {name.lower(): "" for name in types}
    assert projects(forked, {**in_file, "access_token": TOKEN}) == every
    assert projects(forked, {**dict.fromkeys(in_file), "access_token": TOKEN}) == every


def test_booleans_are_read_in_every_usual_form(forked: ForkedTap, every: int, active: int) -> None:
    """A file and the environment take true, yes, on and 1, with blanks and in any case, and their opposites."""
    for form in (" No ", "OFF"):
        assert projects(forked, {"access_token": TOKEN}, TAP_ASANA_INCLUDE_ARCHIVED_PROJECTS=form) == active
    for value in ("false", 0):
        assert projects(forked, {"access_token": TOKEN, "include_archived_projects": value}) == active
    for form in ("YES", "1"):
        variables = {"TAP_ASANA_INCLUDE_ARCHIVED_PROJECTS": form}
        assert projects(forked, {"access_token": TOKEN, "include_archived_projects": False}, **variables) == every


def test_numbers_and_lists_are_read_in_every_usual_form(forked: ForkedTap, every: int, archive: FakeServer) -> None:
    """50.0 is 50, a list may be written between commas, and a gid as a number."""
    config = {"access_token": TOKEN, "page_size": 50.0}
    assert projects(forked, config, TAP_ASANA_MAX_CONCURRENCY="5.0") == every
    gids = list(archive.api.world.workspaces)
    assert projects(forked, {**config, "workspaces": list(map(int, gids))}) == every
    one, other = (projects(forked, config, TAP_ASANA_WORKSPACES=gid) for gid in gids)
    assert one + other == projects(forked, config, TAP_ASANA_WORKSPACES=", ".join(gids)) == every


def test_a_byte_order_mark_is_no_error(forked: ForkedTap, every: int) -> None:
    """A file may begin with the mark that some editors write."""
    assert projects(forked, json.dumps({"access_token": TOKEN}).encode("utf-8-sig")) == every


@pytest.mark.parametrize(
    ("name", "written", "line"),
    [
        ("include_archived_projects", '"maybe"', 'got "maybe"; expected true or false.'),
        ("include_archived_projects", "2", "got 2; expected true or false."),
        ("flattening_enabled", '"perhaps"', "expected true or false."),
        ("flattening_max_depth", '"deep"', "expected a whole number."),
        ("stream_maps", '"{"', "expected a JSON object."),
        ("page_size", "50.5", "got 50.5; expected a whole number from 1 to 100."),
        ("page_size", "NaN", "got NaN; expected a whole number from 1 to 100."),
        ("lookback_seconds", "1e12", "got 1000000000000; expected a whole number from 0 to 1000000000."),
        (
            "start_date",
            '"0001-01-01"',
            (
                'got "0001-01-01"; expected an ISO 8601 date or date-time from 1900 to 9998, such as 2024-01-31 or '
                "2024-01-31T08:00:00Z."
            ),
        ),
    ],
)
def test_any_other_value_is_an_error(forked: ForkedTap, name: str, written: str, line: str) -> None:
    """A value of another form ends the run with one line, in a file and in the environment alike."""
    assert forked.error(f'{{"access_token": "{TOKEN}", "{name}": {written}}}') == f"{name}: {line}"
    if written[0] == '"':
        variables = {f"TAP_ASANA_{name.upper()}": written.strip('"')}
        assert forked.error({"access_token": TOKEN}, **variables) == f"{name}: {line}"


def test_an_unknown_setting_ends_the_run(forked: ForkedTap) -> None:
    """The line names the setting and the nearest one, not the value; so does that of a misspelled variable."""
    line = forked.error({"access_token": TOKEN, "privcy": "redact-hush"})
    assert line == "privcy: no such setting; the nearest is privacy. `tap-asana --about` lists all."
    line = forked.error({"access_token": TOKEN}, TAP_ASANA_PRIVCY="redact-hush")
    assert line.startswith("TAP_ASANA_PRIVCY: no such setting; the nearest is TAP_ASANA_PRIVACY.")
    line = forked.error({"access_token": TOKEN}, Tap_Asana_Privacy="redact-hush")
    assert line.startswith("Tap_Asana_Privacy: no such setting; the nearest is TAP_ASANA_PRIVACY.")


def test_a_setting_that_only_other_taps_have_ends_the_run(forked: ForkedTap) -> None:
    """batch_config is not offered, in a file and in the environment."""
    not_offered = "not offered, because the tap writes RECORD messages only."
    assert forked.error({"access_token": TOKEN, "batch_config": {}}) == f"batch_config: {not_offered}"
    line = forked.error({"access_token": TOKEN}, TAP_ASANA_BATCH_CONFIG='{"encoding": {}}')
    assert line == f"TAP_ASANA_BATCH_CONFIG: {not_offered}"


def test_variables_of_other_programs_do_not_end_the_run(forked: ForkedTap, every: int) -> None:
    """Kubernetes and Meltano set variables that begin alike; one that no program is known for is a warning."""
    variables = {
        "TAP_ASANA__SELECT": "[]",
        "TAP_ASANA_LOGLEVEL": "INFO",
        "TAP_ASANA_EU_ACCESS_TOKEN": "hush",
        "TAP_ASANA_SERVICE_PORT": "hush",
        "TAP_ASANA_PRIVCY": "",
    }
    ended = forked.read({"access_token": TOKEN}, **variables)
    assert ended.returncode == 0
    assert ended.stdout.count('"RECORD"') == every
    named = {name for name in variables if f"{name}: no such setting" in ended.stderr}
    assert named == {"TAP_ASANA_EU_ACCESS_TOKEN", "TAP_ASANA_SERVICE_PORT"}
    assert "hush" not in ended.stderr


def test_a_secret_can_be_in_a_file(forked: ForkedTap, every: int) -> None:
    """A file holds the token, with a mark at its beginning and a line break at its end."""
    file = forked.write("token", f"\ufeff{TOKEN}\n")
    assert projects(forked, {"access_token_file": str(file)}) == every
    assert projects(forked, {}, TAP_ASANA_ACCESS_TOKEN_FILE=str(file)) == every


def test_each_secret_can_be_in_a_file(forked: ForkedTap, every: int) -> None:
    """A line for each secret says that its file is missing; a key in a file is used."""
    secrets = [name for name, setting in SETTINGS["properties"].items() if setting.get("secret")]
    assert len(secrets) == 6
    lines = forked.errors({f"{name}_file": "nowhere" for name in secrets})
    assert lines == [f"{name}_file: nowhere cannot be read (No such file or directory)." for name in secrets]
    key = forked.write("key", "0123456789abcdef\n")
    assert projects(forked, {"access_token": TOKEN, "privacy": "redact", "privacy_key_file": str(key)}) == every


def test_an_unusable_secret_file_ends_the_run(forked: ForkedTap) -> None:
    """A missing or empty file, and a file beside the secret itself, are one line each, without the secret."""
    path = forked.folder / "nowhere"
    line = forked.error({"access_token_file": str(path)})
    assert line == f"access_token_file: {path} cannot be read (No such file or directory)."
    empty = forked.write("empty", "\n")
    assert forked.error({"access_token_file": str(empty)}) == f"access_token_file: {empty} is empty."
    full = forked.write("token", TOKEN)
    line = forked.error({"access_token": TOKEN, "access_token_file": str(full)})
    assert line == "access_token_file: got a file and also access_token; expected one of them."


def test_a_dry_run_checks_settings_too(forked: ForkedTap) -> None:
    """--test ends at an unknown setting as a run does."""
    file = forked.write("config.json", {"access_token": TOKEN, "privcy": "redact"})
    (line,) = failure(forked.run("--config", file, "--test"))
    assert line.startswith("privcy: ")
