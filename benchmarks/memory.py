"""Recall by a quadratic memory against the PyPI package hopfieldnetwork, as a ratio of times in one run.

Run: python benchmarks/memory.py
The same 27 patterns of 200 signs, the same 1350 cues and the same orders of updates for both.
"""

import time

import numpy as np
from hopfieldnetwork import HopfieldNetwork

from olsattn.memory import flip, random_patterns, recall

SIZE, COUNT, REPEATS, WRONG, SEED = 200, 27, 50, 0.1, 0  # an odd number of patterns leaves no ties


def main():
    rng = np.random.default_rng(SEED)
    patterns = random_patterns(COUNT, SIZE, rng)
    cues = flip(np.repeat(patterns, REPEATS, axis=0), WRONG, rng)
    legacy = np.random.RandomState(SEED)
    orders = [legacy.permutation(SIZE) for _ in range(20)]

    times = []
    for _ in range(5):
        start = time.perf_counter()
        ours = recall(patterns, cues, orders=orders)
        times.append(time.perf_counter() - start)

    network = HopfieldNetwork(SIZE)
    network.train_pattern(patterns.T)
    theirs = np.empty_like(cues)
    start = time.perf_counter()
    for k, cue in enumerate(cues):
        network.set_initial_neurons_state(cue.copy())
        np.random.seed(SEED)  # noqa: NPY002, the package draws its permutations from NumPy's global state
        network.update_neurons(ours.sweeps, "async")
        theirs[k] = network.S
    ratio = (time.perf_counter() - start) / min(times)
    same = np.array_equal(ours.states, theirs)
    print(f"hopfieldnetwork: takes {ratio:.0f} times as long for {len(cues)} cues and {ours.sweeps} sweeps; "
          f"{'all states are the same' if same else 'STATES DIFFER'}")
    assert same and ratio > 50


if __name__ == "__main__":
    main()
