"""Expanding least squares against its peers, as ratios of times in one run on one thread.

Run: python benchmarks/expanding_least_squares.py
Peers: padasip FilterRLS (with a penalty), statsmodels RecursiveLS, refits by numpy.linalg.lstsq. All return every
prediction; we and RecursiveLS also all coefficients. Repetitions are interleaved, times are processor times, ratios
those of medians. Where refits would take minutes, every twentieth is made and its time counted twenty times.
"""

import time

import numpy as np
import padasip
from statsmodels.regression.recursive_ls import RecursiveLS
from threadpoolctl import threadpool_limits

from olsattn import relative_error
from olsattn.causal import expanding_least_squares

SIZES = [(1000, 5), (5000, 5), (5000, 20), (5000, 64), (20_000, 20)]
PROMISED = {"padasip FilterRLS": 3, "statsmodels RecursiveLS": 1, "lstsq refits": 150}  # at N = 5000, P = 20
REPEATS, START = 3, 100


def compare(N, P):
    """Ratios of median times and differences of results, by peer."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N, P))
    y = X @ rng.normal(size=P) + rng.normal(size=N)
    stride = 1 if N * P <= 100_000 else 20
    refitted = range(START, N, stride)
    runs = {
        "ours": lambda: expanding_least_squares(X, y),
        "ours, penalised": lambda: expanding_least_squares(X, y, ridge=0.7),
        "padasip FilterRLS": lambda: padasip.filters.FilterRLS(n=P, mu=1.0, eps=0.7, w="zeros").run(y, X)[0],
        "statsmodels RecursiveLS": lambda: RecursiveLS(y, X).fit().recursive_coefficients.filtered.T,
        "lstsq refits": lambda: np.array([X[t] @ np.linalg.lstsq(X[:t], y[:t], rcond=None)[0] for t in refitted]),
    }
    times, results = {name: [] for name in runs}, {}
    for _ in range(REPEATS):
        for name, run in runs.items():
            start = time.process_time()
            results[name] = run()
            times[name].append(time.process_time() - start)
    median = {name: float(np.median(values)) for name, values in times.items()}
    fit, ridge = results["ours"], results["ours, penalised"]
    return {
        "padasip FilterRLS": (median["padasip FilterRLS"] / median["ours, penalised"],
                              relative_error(ridge.predictions, results["padasip FilterRLS"])),
        "statsmodels RecursiveLS": (median["statsmodels RecursiveLS"] / median["ours"],
                                    relative_error(fit.coefficients[START + 1 :],
                                                   results["statsmodels RecursiveLS"][START:])),
        "lstsq refits": (stride * median["lstsq refits"] / median["ours"],
                         relative_error(fit.predictions[refitted], results["lstsq refits"])),
    }


def main():
    with threadpool_limits(1):
        for N, P in SIZES:
            ratios = compare(N, P)
            print(f"N = {N}, P = {P}: " + "; ".join(
                f"{name} takes {ratio:.1f} times as long, results differ by {difference:.0e}"
                for name, (ratio, difference) in ratios.items()
            ))
            if (N, P) == (5000, 20):
                assert all(ratios[name][0] > promise for name, promise in PROMISED.items())


if __name__ == "__main__":
    main()
