"""Serve a local Asana on the loopback interface: `python -m fake_asana --help`."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from typing import Any, get_args, get_type_hints

from fake_asana.model.access import PERSON
from fake_asana.seeding.sizes import Sizes
from fake_asana.server.api import Api
from fake_asana.server.control import CONTROL_ACTIONS, CONTROL_QUERIES
from fake_asana.server.faults import FAULT_KINDS, Faults
from fake_asana.server.http import FakeServer
from fake_asana.server.limits import Limits
from fake_asana.server.rate_meters import RateForm
from fake_asana.world import World


def parser() -> argparse.ArgumentParser:
    """Return the options: one for each size, limit and fault."""
    options = argparse.ArgumentParser(
        prog="python -m fake_asana",
        description="Serve a local Asana. The first line of output is its base URL.",
        epilog=f"Tokens: 0/fake (a person), 0/service (a service account). Faults: {', '.join(FAULT_KINDS)}. "
        f"Under /-/fake/: GET truth/<stream>, {', '.join(CONTROL_QUERIES)}; POST {', '.join(CONTROL_ACTIONS)}.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    options.add_argument("--port", type=int, default=0, help="port to listen on; 0 for a free one")
    options.add_argument("--seed", type=int, default=1, help="seed of the world")
    options.add_argument(
        "--tokens", type=int, default=1, help="tokens of the person; further ones are 0/fake2, 0/fake3"
    )
    options.add_argument("--latency", type=float, default=0.0, help="milliseconds before each answer")
    options.add_argument("--fault-rate", type=float, default=0.0, help="share of requests with a fault, 0 to 1")
    options.add_argument("--fault-kinds", default="", help="comma-separated kinds of faults; empty for all")
    options.add_argument("--fault-seed", type=int, default=1, help="seed of the faults")
    sizes, limits = options.add_argument_group("sizes"), options.add_argument_group("limits (0: none)")
    for size in dataclasses.fields(Sizes):
        sizes.add_argument(f"--{size.name}", type=int, default=size.default, help=SIZES[size.name])
    for name, text in LIMITS.items():
        option, default = f"--limit-{name.replace('_', '-')}", getattr(Limits, name) or 0
        limits.add_argument(option, dest=f"limit_{name}", type=int, default=default, help=text)
    for field in dataclasses.fields(RateForm):
        option, kind = f"--rate-{field.name.replace('_', '-')}", type(field.default)
        choices = get_args(get_type_hints(RateForm)[field.name]) or None
        parse = (lambda text: text == "True") if kind is bool else kind
        limits.add_argument(option, type=parse, default=field.default, choices=choices, help=RATE_FORM[field.name])
    options.add_argument(
        "--search-fresh", action="store_true", help="a lagging search returns old positions with new fields"
    )
    options.add_argument("--search-inclusive", default="", help="bounds that include their own instant: after,before")
    return options


SIZES = {
    "portfolios": "portfolios",
    "goals": "goals",
    "goal_stories": "mean number of stories per goal",
    "own_fields": "percent of portfolios and goals with a local custom field",
    "workspaces": "workspaces; the last one is not an organization",
    "users": "people",
    "teams": "teams",
    "projects": "projects",
    "tags": "tags",
    "tasks": "tasks of any kind",
    "stories": "mean number of stories per task",
    "busiest": "stories of the busiest task",
    "subtasks": "percent of the tasks under a parent",
    "personal": "percent of the tasks with an assignee and without a project",
    "tagged": "percent of the tasks with only a tag",
    "shared": "percent of the tasks in two projects",
    "attached": "percent of the tasks with attachments",
}
LIMITS = {
    "per_minute": "requests per token and minute",
    "search_per_minute": "searches per token and minute",
    "in_flight": "concurrent requests of a token",
    "unpaged": "rows of a list without limit",
    "users": "rows of the alphabetical user lists",
    "truncate": "rows after which a list fails",
    "token_life": "lifetime of an offset token in seconds",
    "sync_life": "lifetime of an event stream's sync token in seconds",
    "export_seconds": "duration of an export in seconds",
    "short_every": "one page in this many is short",
    "search_lag": "delay of the search index in seconds",
}

RATE_FORM = {
    "counting": "how requests per minute are counted",
    "burst": "requests that a full bucket holds",
    "charges_refused": "count refused requests too: True or False",
    "retry_after": "form of Retry-After",
    "costly_every": "refuse one request in this many for its cost; 0 for none",
    "costly_seconds": "seconds that such a refusal lasts",
}

ZERO_IF_UNLIMITED = ("short_every", "search_lag", "export_seconds")
UNLIMITED: dict[str, Any] = {
    "unpaged": sys.maxsize,
    "users": sys.maxsize,
    "token_life": sys.maxsize,
    **dict.fromkeys(ZERO_IF_UNLIMITED, 0),
}


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted."""
    options = vars(parser().parse_args(arguments))
    world = World.seeded(options["seed"], Sizes(**{name: options[name] for name in SIZES}))
    for number in range(2, options["tokens"] + 1):
        world.access.viewers[f"{PERSON}{number}"] = world.access.viewers[PERSON]
    limits: dict[str, Any] = {name: options[f"limit_{name}"] or UNLIMITED.get(name) for name in LIMITS}
    limits["search_fresh"] = options["search_fresh"]
    limits["search_inclusive"] = frozenset(part for part in options["search_inclusive"].split(",") if part)
    limits["rate_form"] = RateForm(
        **{field.name: options[f"rate_{field.name}"] for field in dataclasses.fields(RateForm)}
    )
    kinds = tuple(kind for kind in options["fault_kinds"].split(",") if kind)
    api = Api(world, Limits(**limits), Faults(options["fault_rate"], kinds, options["fault_seed"]))
    shell = FakeServer(api, options["port"], options["latency"] / 1000)
    print(shell.url, flush=True)  # noqa: T201 - the caller reads the base URL from standard output
    try:
        shell.serve_forever()
    except KeyboardInterrupt:
        shell.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
