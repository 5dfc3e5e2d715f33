"""Capacities of binary associative memories by simulation, for the chapter on capacity.

Run: python experiments/capacity.py            (about twenty minutes on one core; resumes where it was stopped)
     python experiments/capacity.py --check 6  (repeats six of its shortest rows and compares)

Writes book/data/capacity.csv, a row for each memory: its criterion, the number of patterns at which the probability
of success falls through one half, and a 95 percent interval.
"""

import argparse
import csv
import datetime
import platform
from pathlib import Path

import numpy as np
import scipy

from olsattn.memory import AllFixed, Exponential, OneFixed, Polynomial, Quadratic, Recalled, capacity

OUT = Path(__file__).parents[1] / "book" / "data" / "capacity.csv"
SEED = 0
ENERGIES = {("exponential", 2): Exponential(), ("polynomial", 3): Polynomial(3), ("polynomial", 4): Polynomial(4),
            ("quadratic", 2): Quadratic()}
CRITERIA = {"pattern": OneFixed(), "all": AllFixed()}  # and "recall", with its numbers
FIELDS = ("energy", "degree", "size", "criterion", "flipped", "overlap", "trials", "patterns", "low", "high", "seconds")


def plan():
    """Memories in the order of their size: energy, degree, size, criterion, flipped, overlap, trials."""
    clean, dirty, repaired = ("recall", 0.0, 0.9), ("recall", 0.1, 0.9), ("recall", 0.125, 0.9)
    one, every = ("pattern", 0.0, 1.0), ("all", 0.0, 1.0)
    for size in (8, 12, 16, 20):
        yield "exponential", 2, size, *one, 400
    for size in (12, 16, 20, 24, 28):
        yield "exponential", 2, size, *repaired, 400
    for size in (12, 14, 16, 18, 20, 22):
        yield "exponential", 2, size, *every, 400
    for degree, sizes in ((3, (20, 40, 60, 80, 120)), (4, (16, 24, 32, 40))):
        for size in sizes:
            yield "polynomial", degree, size, *one, 400
        for size in sizes[:-1]:
            yield "polynomial", degree, size, *every, 400
    for size in (50, 100, 200, 400, 800, 1600):
        yield "quadratic", 2, size, *one, 400
        yield "quadratic", 2, size, *every, 400
    for size in (50, 100, 200, 400, 800, 1600):
        yield "quadratic", 2, size, *clean, 200
        if size < 1600:
            yield "quadratic", 2, size, *dirty, 200


def name(*job):
    return [value if isinstance(value, str) else f"{value:g}" for value in job]


def measure(energy, degree, size, criterion, flipped, overlap, trials):
    counted = CRITERIA[criterion] if criterion in CRITERIA else Recalled(flipped, overlap)
    began = datetime.datetime.now()
    found = capacity(size, ENERGIES[energy, degree], counted, trials=trials, seed=SEED)
    seconds = (datetime.datetime.now() - began).total_seconds()
    return [f"{found.patterns:.1f}", f"{found.low:.0f}", f"{found.high:.0f}", f"{seconds:.1f}"]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--check", type=int, metavar="ROWS", help="repeat the shortest rows of the file")
    check = arguments.parse_args().check
    done = {}
    if OUT.exists():
        with OUT.open(encoding="utf-8") as file:
            rows = list(csv.reader(line for line in file if not line.startswith("#")))[1:]
        done = {tuple(row[:7]): row[7:] for row in rows}
    jobs = list(plan())
    if check:
        assert len(done) == len(jobs), f"{OUT.name} has {len(done)} of {len(jobs)} rows"
        quick = sorted((job for job in jobs if tuple(name(*job)) in done),
                       key=lambda job: float(done[tuple(name(*job))][-1]))[:check]
        for job in quick:
            again = measure(*job)
            assert again[:3] == done[tuple(name(*job))][:3], (job, again, done[tuple(name(*job))])
        print(f"{len(quick)} rows are as in {OUT.name}")
        return
    if not OUT.exists():
        OUT.parent.mkdir(exist_ok=True)
        OUT.write_text(
            f"# command: python experiments/capacity.py; seed {SEED}; {datetime.date.today()}; "
            f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}\n"
            + ",".join(FIELDS) + "\n", encoding="utf-8")
    for number, job in enumerate(jobs, 1):
        if tuple(name(*job)) in done:
            continue
        row = name(*job) + measure(*job)
        with OUT.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(row)
        print(f"[{'#' * (20 * number // len(jobs)):20}] {number}/{len(jobs)}  {' '.join(row)}", flush=True)


if __name__ == "__main__":
    main()
