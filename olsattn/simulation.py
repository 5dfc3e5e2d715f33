"""Random processes of the book, many paths at a time."""

import numpy as np

from olsattn._arrays import Floats, as_floats, as_index


def autoregression(rho: float, length: int, paths: int = 1, *, rng: np.random.Generator) -> Floats:
    """Paths of ``y_t = rho y_{t-1} + e_t`` with standard normal shocks.

    Parameters
    ----------
    rho : float
        Below 1 in size the first value is drawn from the stationary distribution, else it is 0.
    length : int
        Number of values after the first, N.
    paths : int
        Number of independent paths.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (paths, N + 1)

    Raises
    ------
    ValueError
        If rho is NaN or inf, or a number of values or paths is not a whole number of at least 1.

    Examples
    --------
    >>> autoregression(0.9, 3, 1000, rng=np.random.default_rng(0)).shape
    (1000, 4)
    """
    rho = float(as_floats("rho", rho, 0))
    length, paths = as_index("length", length, 1), as_index("paths", paths, 1)
    y = rng.normal(size=(paths, length + 1))
    y[:, 0] = y[:, 0] / np.sqrt(1 - rho**2) if abs(rho) < 1 else 0.0
    for t in range(1, length + 1):
        y[:, t] += rho * y[:, t - 1]
    return y


def rotating_autoregression(persistence: float, length: int, series: int, *, rng: np.random.Generator) -> Floats:
    """One path of ``y_t = persistence R y_{t-1} + e_t`` with a random rotation R and standard normal shocks.

    Parameters
    ----------
    persistence : float
        In [0, 1). The first value is drawn from the stationary distribution.
    length : int
        Number of values after the first, N.
    series : int
        Number of series M.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (N + 1, M)

    Raises
    ------
    ValueError
        If ``persistence`` is outside [0, 1), where there is no stationary distribution to start from, or a number
        of values or series is not a whole number of at least 1.

    Notes
    -----
    R is orthogonal, so the stationary covariance is a multiple of the identity, ``1 / (1 - persistence^2)``.

    Examples
    --------
    >>> rotating_autoregression(0.8, 5, 2, rng=np.random.default_rng(0)).shape
    (6, 2)
    """
    persistence = float(as_floats("persistence", persistence, 0))
    if not 0 <= persistence < 1:
        raise ValueError(f"persistence must be at least 0 and below 1, got {persistence}")
    length, series = as_index("length", length, 1), as_index("series", series, 1)
    rotation, _ = np.linalg.qr(rng.normal(size=(series, series)))
    y = rng.normal(size=(length + 1, series))
    y[0] /= np.sqrt(1 - persistence**2)
    for t in range(1, length + 1):
        y[t] += persistence * rotation @ y[t - 1]
    return y
