"""Expanding least squares against its peers, as ratios of times in one run.

Run: python benchmarks/expanding_least_squares.py
Peers: refits by numpy.linalg.lstsq, statsmodels RecursiveLS, padasip FilterRLS. N = 5000 rows, P = 20 columns.
"""

import time

import numpy as np
import padasip
from statsmodels.regression.recursive_ls import RecursiveLS

from olsattn import relative_error
from olsattn.sequence import expanding_least_squares

N, P, START = 5000, 20, 100


def timed(function, repeats):
    """Result and the shortest of several times, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = function()
        times.append(time.perf_counter() - start)
    return result, min(times)


def main():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N, P))
    y = X @ rng.normal(size=P) + rng.normal(size=N)
    fit, ours = timed(lambda: expanding_least_squares(X, y), 3)
    ridge, ours_ridge = timed(lambda: expanding_least_squares(X, y, ridge=0.7), 3)
    refits, brute = timed(
        lambda: np.array([X[t] @ np.linalg.lstsq(X[:t], y[:t], rcond=None)[0] for t in range(START, N)]), 1
    )
    recursive, kalman = timed(lambda: RecursiveLS(y, X).fit().recursive_coefficients.filtered.T, 2)
    (filtered, _, _), rls = timed(lambda: padasip.filters.FilterRLS(n=P, mu=1.0, eps=0.7, w="zeros").run(y, X), 2)
    for name, ratio, difference in (
        ("numpy lstsq refits", brute / ours, relative_error(fit.predictions[START:], refits)),
        ("statsmodels RecursiveLS", kalman / ours, relative_error(fit.coefficients[START + 1 :], recursive[START:])),
        ("padasip FilterRLS", rls / ours_ridge, relative_error(ridge.predictions, filtered)),
    ):
        print(f"{name}: takes {ratio:.1f} times as long, results differ by {difference:.0e}")
    assert brute > 20 * ours and kalman > ours


if __name__ == "__main__":
    main()
