"""What long runs have written is what they would write again."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_capacities_of_the_book_are_those_of_the_experiment():
    """All rows are there, and the quickest come out the same: numbers, intervals and all."""
    run = subprocess.run([sys.executable, "experiments/capacity.py", "--check", "6"], cwd=ROOT, capture_output=True,
                         text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout == "6 rows are as in capacity.csv\n"
