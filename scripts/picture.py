"""The picture at the top of README, of the demo's report in headless Chromium: `make demo picture`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.project import ROOT

PAGE = ROOT / "demo" / "report.html"
PICTURE = ROOT / "docs" / "demo.png"
WIDTH, HEIGHT = 1320, 1140
"""Pixels of the page that the picture shows."""

MAX_BYTES = 300_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--disable-quic",
)
DRAWING_MS = 10_000
"""Time of the page's own clock in which the charts are drawn."""

TIMEOUT_SECONDS = 120


def main() -> int:
    """Write the picture; return 1 with one line if there is no browser, no report, or the picture is too large."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return ended(f"no browser; one of {', '.join(BROWSERS)} makes the picture")
    if not PAGE.exists():
        return ended(f"{PAGE.relative_to(ROOT)} is missing; make demo writes it")
    take(browser, PAGE, PICTURE)
    size = PICTURE.stat().st_size
    print(f"{PICTURE.relative_to(ROOT)}: {size:,} bytes")
    return 0 if size <= MAX_BYTES else ended(f"the picture has more than {MAX_BYTES:,} bytes")


def take(browser: str, page: Path, picture: Path) -> None:
    """Write a picture of a page; raises CalledProcessError if the browser fails."""
    with tempfile.TemporaryDirectory() as profile:
        options = (
            *(f"--user-data-dir={profile}", f"--screenshot={picture}", f"--window-size={WIDTH},{HEIGHT}"),
            *(f"--virtual-time-budget={DRAWING_MS}", page.resolve().as_uri()),
        )
        subprocess.run([browser, *FLAGS, *options], check=True, capture_output=True, timeout=TIMEOUT_SECONDS)


def ended(reason: str) -> int:
    """Print why there is no picture."""
    print(f"No picture: {reason}.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
