"""Simulated histories of the tap against random Asanas: one seed decides everything."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # the simulation runs the tap as the tests do
