"""Serve a local Asana on the loopback interface: `python -m fake_asana --help`."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from typing import Any

from fake_asana.seeding.sizes import Sizes
from fake_asana.server.api import Api
from fake_asana.server.control import DEEDS, LOOKS
from fake_asana.server.faults import KINDS, Faults
from fake_asana.server.http import Shell
from fake_asana.server.limits import Limits
from fake_asana.world import World


def parser() -> argparse.ArgumentParser:
    """Every size, limit and fault as an option."""
    made = argparse.ArgumentParser(
        prog="python -m fake_asana",
        description="Serve a local Asana. The first line printed is its base url.",
        epilog=f"Tokens: 0/fake (a person), 0/service (a service account). Faults: {', '.join(KINDS)}. "
        f"Under /-/fake/: GET truth/<stream>, {', '.join(LOOKS)}; POST {', '.join(DEEDS)}.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    made.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    made.add_argument("--seed", type=int, default=1, help="seed that the world follows from")
    made.add_argument("--latency", type=float, default=0.0, help="milliseconds before each answer")
    made.add_argument("--fault-rate", type=float, default=0.0, help="share of the requests that meet a fault, 0 to 1")
    made.add_argument("--fault-kinds", default="", help="kinds of faults, with commas between; empty for all")
    made.add_argument("--fault-seed", type=int, default=1, help="seed that the faults follow from")
    sizes, limits = made.add_argument_group("sizes"), made.add_argument_group("limits (0: none)")
    for size in dataclasses.fields(Sizes):
        sizes.add_argument(f"--{size.name}", type=int, default=size.default, help=SIZES[size.name])
    for name, text in LIMITS.items():
        option, default = f"--limit-{name.replace('_', '-')}", getattr(Limits, name) or 0
        limits.add_argument(option, dest=f"limit_{name}", type=int, default=default, help=text)
    made.add_argument("--search-fresh", action="store_true", help="a lagging search shows old places with new fields")
    made.add_argument("--search-inclusive", default="", help="bounds that let their own instant through: after,before")
    return made


SIZES = {
    "portfolios": "portfolios",
    "goals": "goals",
    "goal_stories": "mean number of stories of a goal",
    "own_fields": "percent of portfolios and goals with a custom field of their own",
    "workspaces": "workspaces; the last one is no organization",
    "users": "people",
    "teams": "teams",
    "projects": "projects",
    "tags": "tags",
    "tasks": "tasks of any kind",
    "stories": "mean number of stories of a task",
    "busiest": "stories of the task that has most",
    "subtasks": "percent of the tasks that are subtasks",
    "personal": "percent of the tasks that are assigned and in no project",
    "tagged": "percent of the tasks that have only a tag",
    "shared": "percent of the tasks that are in two projects",
    "attached": "percent of the tasks with attachments",
}
LIMITS = {
    "per_minute": "requests per token and minute",
    "search_per_minute": "searches per token and minute",
    "in_flight": "requests being answered at once",
    "unpaged": "rows of a list that is asked without limit",
    "users": "rows of the alphabetical user lists",
    "truncate": "rows after which a list breaks off",
    "token_life": "seconds that an offset token lives",
    "sync_life": "seconds that a sync token of an event stream lives",
    "export_seconds": "seconds that an export takes",
    "short_every": "one page in so many is short",
    "search_lag": "seconds before a search sees a change",
}

ZEROES = ("short_every", "search_lag", "export_seconds")
ENDLESS: dict[str, Any] = {
    "unpaged": sys.maxsize,
    "users": sys.maxsize,
    "token_life": sys.maxsize,
    **dict.fromkeys(ZEROES, 0),
}


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted."""
    asked = vars(parser().parse_args(arguments))
    world = World.seeded(asked["seed"], Sizes(**{name: asked[name] for name in SIZES}))
    chosen: dict[str, Any] = {name: asked[f"limit_{name}"] or ENDLESS.get(name) for name in LIMITS}
    chosen["search_fresh"] = asked["search_fresh"]
    chosen["search_inclusive"] = frozenset(part for part in asked["search_inclusive"].split(",") if part)
    kinds = tuple(kind for kind in asked["fault_kinds"].split(",") if kind)
    api = Api(world, Limits(**chosen), Faults(asked["fault_rate"], kinds, asked["fault_seed"]))
    shell = Shell(api, asked["port"], asked["latency"] / 1000)
    print(shell.url, flush=True)  # noqa: T201 - whoever started it reads where it listens
    try:
        shell.serve_forever()
    except KeyboardInterrupt:
        shell.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
