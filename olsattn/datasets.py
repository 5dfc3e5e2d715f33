"""Data sets of the book, each with its names, its source and a way to split it.

They are small files in ``olsattn/data``, which say where they come from, so that reading them needs NumPy alone.
"""

import gzip
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from olsattn._arrays import Floats, as_index


def _table(name: str) -> tuple[list[str], list[list[str]]]:
    """Column names and rows of a file of comma-separated values, packed or not, whose comments start with ``#``."""
    content = Path(__file__).with_name("data").joinpath(name).read_bytes()
    text = (gzip.decompress(content) if name.endswith(".gz") else content).decode("utf-8")
    header, *rows = (line.split(",") for line in text.splitlines() if not line.startswith("#"))
    return header, rows


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

    Examples
    --------
    >>> Regression(X=np.ones((3, 1)), y=np.arange(3.0), names=("intercept",), response="height in m")
    Regression(3 rows; height in m on intercept)
    """

    X: Floats
    y: Floats
    names: tuple[str, ...]
    response: str

    def split(self, test_size: int, *, seed: int = 0) -> tuple["Regression", "Regression"]:
        """Split the rows at random.

        Parameters
        ----------
        test_size : int
            Number of test rows J, from 1 to N - 1.
        seed : int
            The same seed gives the same rows.

        Returns
        -------
        train, test : Regression
            With N - J and J rows.

        Raises
        ------
        ValueError
            If ``test_size`` is not a whole number, or leaves no training or no test row.

        Examples
        --------
        >>> train, test = diabetes().split(100)
        >>> train.X.shape, test.y.shape
        ((342, 11), (100,))
        """
        J = as_index("test_size", test_size, 1, len(self.y) - 1)
        rows = np.random.default_rng(seed).permutation(len(self.y))
        train, test = (replace(self, X=self.X[part], y=self.y[part]) for part in (rows[J:], rows[:J]))
        return train, test

    def single_out(self, row: int) -> tuple["Regression", "Regression"]:
        """Set one row apart, as a case that is new to all the others.

        Parameters
        ----------
        row : int
            From 0 to N - 1.

        Returns
        -------
        others, one : Regression
            With N - 1 rows and with one.

        Raises
        ------
        ValueError
            If there is no such row.

        Examples
        --------
        >>> others, patient = diabetes().single_out(268)
        >>> len(others.y), patient.X[0, :4]  # age 66, sex 2, body mass 34.6
        (441, array([ 1. , 66. ,  2. , 34.6]))
        """
        apart = np.arange(len(self.y)) == as_index("row", row, 0, len(self.y) - 1)
        others, one = (replace(self, X=self.X[part], y=self.y[part]) for part in (~apart, apart))
        return others, one

    def standardised(self) -> "Regression":
        """The same data with each column but the first of mean 0 and standard deviation 1.

        Returns
        -------
        Regression

        Examples
        --------
        >>> X = diabetes().standardised().X
        >>> X.mean(axis=0).round(9)[:3] + 0.0, X.std(axis=0).round(9)[:3]
        (array([1., 0., 0.]), array([0., 1., 1.]))
        """
        rest = self.X[:, 1:]
        scaled = (rest - rest.mean(axis=0)) / rest.std(axis=0)
        return replace(self, X=np.column_stack([self.X[:, :1], scaled]))

    def __repr__(self) -> str:
        return f"Regression({len(self.y)} rows; {self.response} on {', '.join(self.names)})"


def diabetes() -> Regression:
    """442 patients: progression of diabetes in a year on age, sex, body mass, pressure, six blood tests.

    Returns
    -------
    Regression
        X of shape (442, 11) in the original units, y of shape (442,).

    Notes
    -----
    Source: Efron, Hastie, Johnstone and Tibshirani (2004); equal to scikit-learn's
    ``load_diabetes(scaled=False)``.

    Examples
    --------
    >>> data = diabetes()
    >>> data.names[3], float(data.X[0, 3]), float(data.y[0])
    ('body mass', 32.1, 151.0)
    """
    header, rows = _table("diabetes.csv")
    numbers = np.array(rows, dtype=float)
    X = np.column_stack([np.ones(len(numbers)), numbers[:, :-1]])
    names = ("intercept", *header[:-1])
    return Regression(X=X, y=numbers[:, -1], names=names, response="disease progression after one year")


def job_training(controls: str = "survey") -> Regression:
    """185 men who were trained for a job, and others who were not: earnings in 1978 on training and eight facts before.

    Parameters
    ----------
    controls : str
        Who was not trained: ``"lottery"`` for the 260 men who had applied as well and were set aside at random,
        ``"survey"`` for 15,992 men of the Current Population Survey, whom nobody chose for this purpose.

    Returns
    -------
    Regression
        X of shape (445, 10) or (16177, 10): the intercept, ``trained`` (1 or 0), age and schooling in years, black,
        hispanic, married and no degree (1 or 0), and earnings in 1974 and 1975; y is earnings in 1978. The trained
        come first. Dollars a year, rounded to whole ones.

    Raises
    ------
    ValueError
        If there is no such group of controls.

    Notes
    -----
    Source: LaLonde (1986), in the selection of Dehejia and Wahba (1999); equal to ``nsw_mixtape`` and ``cps_mixtape``
    of the Python package causaldata but for the rounding and the order of rows.

    Examples
    --------
    The lottery's answer is a difference of two means, in dollars:

    >>> data = job_training("lottery")
    >>> trained = data.X[:, 1] == 1
    >>> round(float(data.y[trained].mean() - data.y[~trained].mean()))
    1794
    """
    if controls not in ("lottery", "survey"):
        raise ValueError(f"controls must be 'lottery' or 'survey', got {controls!r}")
    header, rows = _table("job_training.csv.gz")
    rows = [row for row in rows if row[0] in ("trained", controls)]
    numbers = np.array([row[1:] for row in rows], dtype=float)
    trained = np.array([row[0] == "trained" for row in rows], dtype=float)
    X = np.column_stack([np.ones(len(rows)), trained, numbers[:, :-1]])
    names = ("intercept", "trained", *header[1:-1])
    return Regression(X=X, y=numbers[:, -1], names=names, response="earnings in 1978, in dollars")


def scatter(seed: int = 3464) -> tuple[Floats, Floats]:
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

    Examples
    --------
    >>> points, values = scatter()
    >>> points.shape, points[0].tolist(), float(values[0])
    ((12, 2), [0.1, 1.0], 1.8)
    """
    rng = np.random.default_rng(seed)
    points: Floats = rng.multivariate_normal([0, 0], [[1.7, 0.8], [0.8, 1.2]], size=12).clip(-2.8, 2.8).round(1)
    values: Floats = (1 + points @ [1.0, -0.5] + 0.5 * rng.normal(size=12)).round(1)
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

    Examples
    --------
    >>> Series(values=np.array([[2.0], [3.0]]), names=("inflation",), dates=("1974Q1", "1974Q2"))
    Series(1974Q1 to 1974Q2: inflation)
    """

    values: Floats
    names: tuple[str, ...]
    dates: tuple[str, ...]

    def column(self, name: str) -> Floats:
        """One series by its name.

        Parameters
        ----------
        name : str

        Returns
        -------
        ndarray, shape (T,)

        Raises
        ------
        ValueError
            If there is none of that name.

        Examples
        --------
        >>> us_macro().column("inflation")[:3]
        array([2.34, 2.74, 0.27])
        """
        if name not in self.names:
            raise ValueError(f"no series {name!r}: the names are {', '.join(self.names)}")
        return self.values[:, self.names.index(name)]

    def __repr__(self) -> str:
        return f"Series({self.dates[0]} to {self.dates[-1]}: {', '.join(self.names)})"


def us_macro() -> Series:
    """Quarterly US inflation, unemployment and short interest rate, 1959Q2 to 2009Q3, in percent.

    Returns
    -------
    Series
        values of shape (202, 3): annualised growth of the consumer price index (``"inflation"``), the
        unemployment rate (``"unemployment"``) and the three-month Treasury bill rate (``"interest"``).

    Notes
    -----
    Source: Federal Reserve Bank of St. Louis and Bureau of Labor Statistics; equal to statsmodels'
    ``macrodata`` without the first quarter, whose inflation is not recorded.

    Examples
    --------
    >>> us_macro()
    Series(1959Q2 to 2009Q3: inflation, unemployment, interest)
    """
    header, rows = _table("us_macro.csv")
    values = np.array([row[1:] for row in rows], dtype=float)
    return Series(values=values, names=tuple(header[1:]), dates=tuple(row[0] for row in rows))
