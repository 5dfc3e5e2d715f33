"""Random processes of the book, many paths at a time."""

import numpy as np


def autoregression(rho, length, paths, rng):
    """Paths of ``y_t = rho y_{t-1} + e_t`` with standard normal shocks.

    Parameters
    ----------
    rho : float
        Below 1 in size the first value is drawn from the stationary distribution, else it is 0.
    length : int
        Number of values after the first, N.
    paths : int
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (paths, N + 1)
    """
    y = rng.normal(size=(paths, length + 1))
    y[:, 0] = y[:, 0] / np.sqrt(1 - rho**2) if abs(rho) < 1 else 0.0
    for t in range(1, length + 1):
        y[:, t] += rho * y[:, t - 1]
    return y


def rotating_autoregression(persistence, series, length, rng):
    """One path of ``y_t = persistence R y_{t-1} + e_t`` with a random rotation R and standard normal shocks.

    Parameters
    ----------
    persistence : float
        In [0, 1). The first value is drawn from the stationary distribution.
    series : int
        Number of series M.
    length : int
        Number of values after the first, N.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (N + 1, M)
    """
    rotation, _ = np.linalg.qr(rng.normal(size=(series, series)))
    y = rng.normal(size=(length + 1, series))
    y[0] /= np.sqrt(1 - persistence**2)
    for t in range(1, length + 1):
        y[t] += persistence * rotation @ y[t - 1]
    return y
