"""Draw the requests a second under each form of Asana's limit, in docs/rate-limits.svg: `python -m bench.rate_plot`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from xml.sax.saxutils import escape

from bench.simulation import Case, Journal, Traffic, forms
from scripts.pipeline import ROOT

PLOT = ROOT / "docs" / "rate-limits.svg"
LIMITS = (1500, 150)
PHASES = (0.0, 20.0)
SECONDS = 90

PANEL_WIDTH, PANEL_HEIGHT, GAP, MARGIN = 360, 90, 46, 40
BAR_WIDTH = PANEL_WIDTH / SECONDS
MAX_SHOWN = 3.0
"""Height of a panel, as a multiple of the limit's even rate; the first seconds are cut off there."""

STYLE = (
    "text{font:12px sans-serif;fill:#777}.accepted{fill:#4573d2}.refused{fill:#d23f31}"
    ".even{stroke:#777;stroke-dasharray:4 3}.axis{stroke:#777}"
)


def panels() -> Iterator[tuple[str, float, Journal]]:
    """Yield the name of each limit, its even rate, and the simulated requests."""
    for per_minute in LIMITS:
        for name, form, phase in forms(per_minute):
            if phase in PHASES:
                _, journal = Case(per_minute, form, Traffic(phase=phase, seconds=SECONDS)).run()
                yield f"{per_minute:,} a minute, {name}", per_minute / 60, journal


def draw() -> str:
    """Return the plot as SVG: one panel for each limit, in two columns."""
    drawn = list(panels())
    rows = len(drawn) // len(LIMITS)
    width = len(LIMITS) * (PANEL_WIDTH + MARGIN) + MARGIN
    height = rows * (PANEL_HEIGHT + GAP) + MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        "<title>Requests a second under each form of the rate limit, 100 ms per answer</title>",
        f"<style>{STYLE}</style>",
    ]
    for number, (name, even_rate, journal) in enumerate(drawn):
        column, row = divmod(number, rows)
        left, top = MARGIN + column * (PANEL_WIDTH + MARGIN), 24 + row * (PANEL_HEIGHT + GAP)
        lines.append(f'<g transform="translate({left} {top})">')
        lines.extend(_panel(name, even_rate, journal))
        lines.append("</g>")
    return "\n".join([*lines, "</svg>", ""])


def _panel(name: str, even_rate: float, journal: Journal) -> Iterator[str]:
    """Yield the title, the bars and the axes of a panel."""
    scale = PANEL_HEIGHT / (MAX_SHOWN * even_rate)
    counts = f"{len(journal.accepted):,} accepted, {len(journal.refused)} refused"
    yield f'<text x="0" y="-6">{escape(name)}: {counts}</text>'
    accepted, refused = (Counter(map(int, moments)) for moments in (journal.accepted, journal.refused))
    for second in range(SECONDS):
        bottom = float(PANEL_HEIGHT)
        for kind, count in (("accepted", accepted[second]), ("refused", refused[second])):
            tall = min(count * scale, bottom)
            bottom -= tall
            if tall:
                place = f'x="{second * BAR_WIDTH:g}" y="{bottom:.1f}" width="{BAR_WIDTH - 1:g}" height="{tall:.1f}"'
                yield f'<rect class="{kind}" {place}/>'
    even = PANEL_HEIGHT - even_rate * scale
    yield f'<line class="even" x1="0" y1="{even:g}" x2="{PANEL_WIDTH}" y2="{even:g}"/>'
    yield f'<line class="axis" x1="0" y1="{PANEL_HEIGHT}" x2="{PANEL_WIDTH}" y2="{PANEL_HEIGHT}"/>'
    yield f'<text x="-4" y="{even + 4:g}" text-anchor="end">{even_rate:g}/s</text>'
    for second in (0, 30, 60):
        yield f'<text x="{second * BAR_WIDTH:g}" y="{PANEL_HEIGHT + 14}">{second} s</text>'


def main() -> None:
    """Write the plot."""
    PLOT.write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main()
