"""Known weaknesses of the pinned dependencies, by pip-audit: `make lint` and `make audit`.

Asks PyPI, and OSV where PyPI does not answer. That nobody answers is told, and is a failure only with --required: a
check of style should pass in a train, the release should not.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

SERVICES = ("pypi", "osv")
COMMAND = ("--no-deps", "--disable-pip", "--progress-spinner=off", "--format=json", "--requirement=constraints.txt")


def printed(service: str) -> str:
    """Return what pip-audit prints that asks this service; nothing where it cannot be asked."""
    command = [sys.executable, "-m", "pip_audit", *COMMAND, f"--vulnerability-service={service}"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def judged(report: str) -> list[str] | None:
    """Return a line for each dependency that is weak or unknown; None where the service did not answer.

    One that does not know a single dependency is none: a mirror of the package index has no such service.
    """
    try:
        found = json.loads(report)["dependencies"]
    except (ValueError, TypeError):
        return None
    if all("skip_reason" in each for each in found):
        return None
    return [line for each in found if (line := _line(each))]


def _line(dependency: dict[str, Any]) -> str:
    """Return what is wrong with a dependency; nothing where nothing is."""
    if reason := dependency.get("skip_reason"):
        return f"{dependency['name']}: {reason}"
    weaknesses = ", ".join(each["id"] for each in dependency["vulns"])
    return f"{dependency['name']} {dependency['version']}: {weaknesses}" if weaknesses else ""


def audited(ask: Callable[[str], str], *, required: bool) -> int:
    """Ask the services in their order, print what the first of them that answers knows; returns the exit code."""
    for service in SERVICES:
        lines = judged(ask(service))
        if lines is not None:
            print("\n".join(lines) or f"{service} knows no weakness of the pinned dependencies")
            return bool(lines)
    print(f"NOT AUDITED: neither {' nor '.join(SERVICES)} answers for the pinned dependencies")
    return required


def main() -> None:
    """Ask, print and leave."""
    parser = argparse.ArgumentParser(description="Tell known weaknesses of the pinned dependencies.")
    parser.add_argument("--required", action="store_true", help="fail where nobody can be asked")
    sys.exit(audited(printed, required=parser.parse_args().required))


if __name__ == "__main__":
    main()
