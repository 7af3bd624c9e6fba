"""Report known vulnerabilities of the pinned dependencies with pip-audit: `make lint` and `make audit`.

Asks PyPI, and if PyPI does not answer, OSV. If neither answers, a line says so, but only --required makes it a failure:
`make lint` should work offline, a release should not.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

SERVICES = ("pypi", "osv")
OPTIONS = ("--no-deps", "--disable-pip", "--progress-spinner=off", "--format=json", "--requirement=constraints.txt")


def run_pip_audit(service: str) -> str:
    """Return the output of pip-audit with a vulnerability service; it is empty if the service does not answer."""
    command = [sys.executable, "-m", "pip_audit", *OPTIONS, f"--vulnerability-service={service}"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def findings(report: str) -> list[str] | None:
    """Return a line for each vulnerable or unknown dependency, or None if the service did not answer.

    A service that knows none of the dependencies does not count: it is a mirror of the index without vulnerabilities.
    """
    try:
        dependencies = json.loads(report)["dependencies"]
    except (ValueError, TypeError):
        return None
    if all("skip_reason" in dependency for dependency in dependencies):
        return None
    return [line for dependency in dependencies if (line := _line(dependency))]


def _line(dependency: dict[str, Any]) -> str:
    """Return the finding about a dependency, or an empty text."""
    if reason := dependency.get("skip_reason"):
        return f"{dependency['name']}: {reason}"
    vulnerabilities = ", ".join(each["id"] for each in dependency["vulns"])
    return f"{dependency['name']} {dependency['version']}: {vulnerabilities}" if vulnerabilities else ""


def audit(ask: Callable[[str], str], *, required: bool) -> int:
    """Print the findings of the first service that answers; return the exit code."""
    for service in SERVICES:
        lines = findings(ask(service))
        if lines is not None:
            print("\n".join(lines) or f"{service} knows no vulnerability of the pinned dependencies")
            return bool(lines)
    print(f"NOT AUDITED: neither {' nor '.join(SERVICES)} answers for the pinned dependencies")
    return required


def main() -> None:
    """Audit and exit."""
    parser = argparse.ArgumentParser(description="Report known vulnerabilities of the pinned dependencies.")
    parser.add_argument("--required", action="store_true", help="fail if no service answers")
    sys.exit(audit(run_pip_audit, required=parser.parse_args().required))


if __name__ == "__main__":
    main()
