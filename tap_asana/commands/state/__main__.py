"""The `tap-asana-state` command: split, merge, show and validate states. Each failure is one line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tap_asana import __version__
from tap_asana.api.redaction import escape_control_characters
from tap_asana.api.token_file import write_atomically
from tap_asana.config import read_json_object
from tap_asana.errors import AsanaError
from tap_asana.state.shape import validate_state
from tap_asana.state.shards import State, merge_states, partitions_by_workspace, split_state

MELTANO_KEY = "singer_state"
"""The key of the state in an export of Meltano, which is read and written as it is."""

STATE_DESCRIPTION = """\
Split the state of a run for shards (runs of some workspaces each), and merge
the states of shards. States are files with a JSON object, also as Meltano
exports them with `meltano state get`."""

STATE_EXAMPLES = """\
  tap-asana-state split state.json --into states
  tap-asana-state split state.json --into states --workspaces 12,34 --workspaces 56
  tap-asana-state merge states/*.json > state.json
  tap-asana-state show state.json
  tap-asana-state validate state.json"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the commands; return the exit code, which is 1 after a failure, with one line on standard error."""
    options = state_parser().parse_args(arguments)
    try:
        for line in options.command(options):
            print(line)  # noqa: T201 - the output of the command
    except AsanaError as error:
        print(escape_control_characters(str(error)), file=sys.stderr)  # noqa: T201 - the one line
        return 1
    return 0


def split(options: argparse.Namespace) -> Iterator[str]:
    """Write a state for each shard, named after its workspaces, and yield its path."""
    state, is_export = read_state(options.state)
    found = partitions_by_workspace(state)
    shards = [gids.split(",") for gids in options.workspaces or found]
    named = [gid for shard in shards for gid in shard]
    if unknown := [gid for gid in named if gid not in found]:
        raise AsanaError(f"--workspaces: the state has no workspace {', '.join(unknown)}; it has {_names(found)}.")
    if len(named) != len(set(named)):
        raise AsanaError("--workspaces: each workspace can be in one shard only.")
    if missing := found.keys() - named:
        raise AsanaError(f"--workspaces: no shard has workspace {_names(missing)}; each needs one.")
    for shard in shards:
        path = options.into / f"{'-'.join(shard)}.json"
        try:
            options.into.mkdir(parents=True, exist_ok=True)
            write_atomically(path, _text(split_state(state, shard), is_export=is_export))
        except OSError as error:
            raise AsanaError(f"--into: {path} cannot be written ({error.strerror}).") from None
        yield str(path)


def merge(options: argparse.Namespace) -> Iterator[str]:
    """Yield the text of one state of all workspaces."""
    states = [read_state(path) for path in options.states]
    yield _text(merge_states([state for state, _ in states]), is_export=all(is_export for _, is_export in states))


def show(options: argparse.Namespace) -> Iterator[str]:
    """Yield a line for each workspace and stream: the bookmark, the read in progress, and the lists still owed."""
    state, _ = read_state(options.state)
    yield f"{'workspace':<20}{'stream':<30}{'bookmark':<26}{'read in progress':<26}owed"
    for gid, streams in sorted(partitions_by_workspace(state).items()):
        for name, partition in sorted(streams.items()):
            window, owed = partition.get("window"), sum(map(len, partition.get("debts", {}).values()))
            if partition.get("replication_key_value") or window or owed:
                bookmark, until = partition.get("replication_key_value") or "", window["until"] if window else ""
                yield f"{gid:<20}{name:<30}{bookmark:<26}{until:<26}{owed or ''}".rstrip()


def validate(options: argparse.Namespace) -> Iterator[str]:
    """Yield a line about a valid state."""
    state, _ = read_state(options.state)
    yield f"valid: {len(state.get('bookmarks', {}))} streams, workspaces {_names(partitions_by_workspace(state))}"


def read_state(path: Path) -> tuple[State, bool]:
    """Return a valid state, and whether the file is an export of Meltano; raises AsanaError with one line."""
    content = read_json_object("state", path)
    is_export = isinstance(content.get(MELTANO_KEY), dict)
    state: State = content[MELTANO_KEY] if is_export else content
    validate_state(state)
    return state, is_export


def _text(state: State, *, is_export: bool) -> str:
    return json.dumps({MELTANO_KEY: state} if is_export else state)


def _names(gids: Iterable[str]) -> str:
    return ", ".join(sorted(gids)) or "none"


def state_parser() -> argparse.ArgumentParser:
    """Return the command-line parser."""
    command = argparse.ArgumentParser(
        prog="tap-asana-state",
        description=STATE_DESCRIPTION,
        epilog=STATE_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_argument("--version", action="version", version=f"tap-asana-state {__version__}")
    commands = command.add_subparsers(required=True, metavar="COMMAND")
    splitter = commands.add_parser("split", help="write a state for each shard")
    splitter.add_argument("state", type=Path, metavar="STATE")
    splitter.add_argument("--into", type=Path, metavar="FOLDER", required=True, help="folder of the new states")
    splitter.add_argument(
        "--workspaces", action="append", metavar="GID,...", help="a shard's workspaces; without it, each has a shard"
    )
    splitter.set_defaults(command=split)
    merger = commands.add_parser("merge", help="print the state of all workspaces of several states")
    merger.add_argument("states", type=Path, nargs="+", metavar="STATE")
    merger.set_defaults(command=merge)
    for name, function, text in (
        ("show", show, "print the bookmarks"),
        ("validate", validate, "say whether a state is one of this tap"),
    ):
        reader = commands.add_parser(name, help=text)
        reader.add_argument("state", type=Path, metavar="STATE")
        reader.set_defaults(command=function)
    return command


if __name__ == "__main__":
    sys.exit(main())
