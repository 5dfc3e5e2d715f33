"""Data sets of the book, each with its names, its source and a way to split it."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Regression:
    """A design with an intercept column, a response, and what they are called.

    Attributes
    ----------
    X : ndarray, shape (N, P)
        The first column is ones.
    y : ndarray, shape (N,)
    names : tuple of str
        Column names of X, P of them.
    response : str
        What y measures, with its unit.
    """

    X: np.ndarray
    y: np.ndarray
    names: tuple
    response: str

    def split(self, test_size, seed=0):
        """Split the rows at random.

        Parameters
        ----------
        test_size : int
            Number of test rows J, from 1 to N - 1.
        seed : int

        Returns
        -------
        X_train, X_test, y_train, y_test : ndarray
            Shapes (N - J, P), (J, P), (N - J,), (J,).

        Raises
        ------
        ValueError
            If ``test_size`` leaves no training or no test row.
        """
        N = len(self.y)
        if not 1 <= test_size < N:
            raise ValueError(f"test_size must be from 1 to N - 1 = {N - 1}, got {test_size}")
        rows = np.random.default_rng(seed).permutation(N)
        test, train = rows[:test_size], rows[test_size:]
        return self.X[train], self.X[test], self.y[train], self.y[test]

    def __repr__(self):
        return f"Regression({len(self.y)} rows; {self.response} on {', '.join(self.names)})"


def diabetes():
    """442 patients: progression of diabetes in a year on age, sex, body mass, pressure, six blood tests.

    Returns
    -------
    Regression
        X of shape (442, 11) in the original units, y of shape (442,). The file ships with
        scikit-learn; the data are those of Efron, Hastie, Johnstone and Tibshirani (2004).
    """
    from sklearn.datasets import load_diabetes  # kept out of `import olsattn`

    raw = load_diabetes(scaled=False)
    names = ("intercept", "age", "sex", "body mass", "pressure", *raw.feature_names[4:])
    X = np.column_stack([np.ones(len(raw.target)), raw.data])
    return Regression(X=X, y=raw.target, names=names, response="disease progression after one year")


def scatter(seed=3464):
    """Twelve correlated points in the plane with a response: the similarity explorer's starting data.

    Parameters
    ----------
    seed : int

    Returns
    -------
    points : ndarray, shape (12, 2)
        Coordinates between -3 and 3, rounded to one decimal.
    values : ndarray, shape (12,)
        Responses, rounded to one decimal.
    """
    rng = np.random.default_rng(seed)
    points = rng.multivariate_normal([0, 0], [[1.7, 0.8], [0.8, 1.2]], size=12).clip(-2.8, 2.8).round(1)
    values = (1 + points @ [1.0, -0.5] + 0.5 * rng.normal(size=12)).round(1)
    return points, values


@dataclass(frozen=True, eq=False)
class Series:
    """Quarterly series with their dates.

    Attributes
    ----------
    values : ndarray, shape (T, M)
    names : tuple of str
        M of them.
    dates : tuple of str
        T of them, such as ``"1974Q1"``.
    """

    values: np.ndarray
    names: tuple
    dates: tuple

    def column(self, name):
        """One series by its name, shape (T,); ``ValueError`` if there is none of that name."""
        if name not in self.names:
            raise ValueError(f"no series {name!r}: the names are {', '.join(self.names)}")
        return self.values[:, self.names.index(name)]

    def __repr__(self):
        return f"Series({self.dates[0]} to {self.dates[-1]}: {', '.join(self.names)})"


def us_macro():
    """Quarterly US inflation, unemployment and short interest rate, 1959Q2 to 2009Q3, in percent.

    Returns
    -------
    Series
        values of shape (202, 3): annualised growth of the consumer price index (``"inflation"``), the
        unemployment rate (``"unemployment"``) and the three-month Treasury bill rate (``"interest"``).
        The file ships with statsmodels; the sources are the Federal Reserve Bank of St. Louis and the
        Bureau of Labor Statistics. The first quarter, whose inflation is not recorded, is left out.
    """
    from statsmodels.datasets import macrodata  # kept out of `import olsattn`

    raw = macrodata.load_pandas().data.iloc[1:]
    dates = tuple(f"{int(year)}Q{int(quarter)}" for year, quarter in zip(raw.year, raw.quarter, strict=True))
    columns = {"inflation": "infl", "unemployment": "unemp", "interest": "tbilrate"}
    return Series(values=raw[list(columns.values())].to_numpy(), names=tuple(columns), dates=dates)
