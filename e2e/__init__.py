"""End-to-end tests: Meltano, Airflow and README, with everything installed for real."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # the right answers are those of the tests
