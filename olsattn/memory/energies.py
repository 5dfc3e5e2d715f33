"""Energies of associative memories, as objects that carry their own parameters.

A memory compares a state with its patterns by the overlaps ``s = patterns @ state`` and lowers an energy when it
recalls. For states of signs that is ``-sum phi(s)``, and the energies differ in phi; for continuous states it is the
log-sum-exp.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from olsattn._arrays import Floats, as_floats, as_index
from olsattn.memory._inputs import patterns_and_states


class Energy(ABC):
    """What a memory lowers when it recalls: :class:`Quadratic`, :class:`Polynomial`, :class:`Exponential` or
    :class:`LogSumExp`.

    Examples
    --------
    A stored pattern lies lower than one with a wrong sign, under each of them:

    >>> for energy in (Quadratic(), Polynomial(3), Exponential()):
    ...     stored, damaged = energy.energy([[1, 1, 1]], [[1, 1, 1], [1, 1, -1]])
    ...     print(bool(stored < damaged))
    True
    True
    True
    """

    def energy(self, patterns: ArrayLike, states: ArrayLike) -> Floats | float:
        """The energy of each state.

        Parameters
        ----------
        patterns : array_like, shape (N, d)
        states : array_like, shape (d,) or (T, d)
            Any real numbers.

        Returns
        -------
        float or ndarray, shape (T,)

        Raises
        ------
        ValueError
            If shapes do not fit, an entry is NaN or inf, or a term exceeds the largest float.

        Examples
        --------
        >>> patterns = [[1, 1, 1, 1], [1, -1, 1, -1]]
        >>> Polynomial(3).energy(patterns, [[1, 1, 1, 1], [1, 1, 1, -1]])
        array([-64., -16.])
        """
        keys, rows = patterns_and_states(patterns, states)
        with self._overflow_named(keys.shape[1]):
            value: Floats = self._energy(rows @ keys.T, rows)
        return value

    @abstractmethod
    def _energy(self, overlaps: Floats, states: Floats) -> Floats:
        """Of overlaps (T, N) of states (T, d), or without the first axis."""

    @contextmanager
    def _overflow_named(self, size: int) -> Iterator[None]:
        try:
            with np.errstate(over="raise"):
                yield
        except FloatingPointError:
            raise ValueError(f"{self!r} overflows: its terms for these states of {size} entries exceed the largest "
                             "float") from None


class SignEnergy(Energy):
    """An energy ``-sum phi(s)`` of states of signs; a subclass has to say what phi is.

    Notes
    -----
    Source: Krotov and Hopfield (2016), equation 2.

    Examples
    --------
    Their rectified polynomial, which forgets the negatives of the patterns:

    >>> import numpy as np
    >>> from olsattn.memory import recall
    >>> class Rectified(SignEnergy):
    ...     def phi(self, overlaps):
    ...         return np.maximum(overlaps, 0) ** 3
    >>> recall([[1, 1, 1, 1]], [1, 1, 1, -1], Rectified()).states
    array([1., 1., 1., 1.])
    """

    @abstractmethod
    def phi(self, overlaps: Floats) -> Floats:
        """What each overlap contributes, with its sign turned, to the energy.

        Parameters
        ----------
        overlaps : ndarray

        Returns
        -------
        ndarray, of the same shape
        """

    def gains(self, overlaps: Floats) -> tuple[Floats, Floats]:
        """What the patterns say about an entry: for its present sign, and each for the sign that it has there itself.

        Keeping entry k of a state q lowers the energy, against turning it, by the sum over patterns of
        phi(s) - phi(s - 2) where pattern and state agree at k and of phi(s) - phi(s + 2) where they differ. With the
        mean of the two terms and half their difference that is ``keep + sum(q_k pattern_k signed)``.

        Parameters
        ----------
        overlaps : ndarray, shape (..., N)

        Returns
        -------
        keep : ndarray, shape (...)
            The sum of the means, up to a positive factor for each state, which changes no sign.
        signed : ndarray, shape (..., N)
            Half of the differences, up to the same factor.

        Examples
        --------
        >>> import numpy as np
        >>> keep, signed = Polynomial(3).gains(np.array([4.0, 0.0]))
        >>> float(keep), signed
        (-48.0, array([104.,   8.]))
        """
        up, down = self.phi(overlaps + 2), self.phi(overlaps - 2)
        keep: Floats = np.sum(self.phi(overlaps) - (up + down) / 2, axis=-1)
        return keep, (up - down) / 2

    def _energy(self, overlaps: Floats, states: Floats) -> Floats:
        value: Floats = -np.sum(self.phi(overlaps), axis=-1)
        return value


@dataclass(frozen=True)
class Quadratic(SignEnergy):
    """Hopfield's energy, phi(s) = s^2 / 2.

    Notes
    -----
    Source: Hopfield (1982), up to a constant, which the diagonal of his couplings would add.

    Examples
    --------
    >>> float(Quadratic().energy([[1, 1, 1, 1]], [1, 1, 1, -1]))
    -2.0
    """

    def phi(self, overlaps: Floats) -> Floats:
        return overlaps**2 / 2

    def gains(self, overlaps: Floats) -> tuple[Floats, Floats]:
        return np.full(overlaps.shape[:-1], -2.0 * overlaps.shape[-1]), 2 * overlaps


@dataclass(frozen=True)
class Polynomial(SignEnergy):
    """The energy of a dense memory, phi(s) = s^degree.

    Parameters
    ----------
    degree : int
        At least 2, where it is twice the quadratic energy.

    Raises
    ------
    ValueError
        If ``degree`` is not a whole number of at least 2.

    Notes
    -----
    Source: Krotov and Hopfield (2016).

    Examples
    --------
    >>> Polynomial(4)
    Polynomial(degree=4)
    >>> float(Polynomial(4).energy([[1, 1, 1, 1]], [1, 1, 1, -1]))
    -16.0
    """

    degree: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "degree", as_index("degree", self.degree, 2))

    def phi(self, overlaps: Floats) -> Floats:
        return overlaps**self.degree


@dataclass(frozen=True)
class Exponential(SignEnergy):
    """The energy phi(s) = exp(beta s).

    Parameters
    ----------
    beta : float
        Inverse temperature, positive.

    Raises
    ------
    ValueError
        If ``beta`` is not positive and finite.

    Notes
    -----
    Source: Demircigil et al. (2017), with beta = 1.

    Examples
    --------
    >>> Exponential(beta=0.5)
    Exponential(beta=0.5)
    >>> round(float(Exponential().energy([[1, 1, 1, 1]], [1, 1, 1, -1])), 3)  # an overlap of 2
    -7.389
    """

    beta: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "beta", _positive("beta", self.beta))

    def phi(self, overlaps: Floats) -> Floats:
        powers: Floats = np.exp(self.beta * overlaps)
        return powers

    def gains(self, overlaps: Floats) -> tuple[Floats, Floats]:
        # divided by the largest term of each state, so that nothing overflows
        powers = np.exp(self.beta * (overlaps - overlaps.max(axis=-1, keepdims=True)))
        keep: Floats = np.sum(powers * (1 - np.cosh(2 * self.beta)), axis=-1)
        return keep, powers * np.sinh(2 * self.beta)


@dataclass(frozen=True)
class LogSumExp(Energy):
    """The energy of continuous states, ``-log(sum exp(beta s)) / beta + |state|^2 / 2``.

    Parameters
    ----------
    beta : float
        Inverse temperature, positive.

    Raises
    ------
    ValueError
        If ``beta`` is not positive and finite.

    See Also
    --------
    softmax_update : The step that goes down this energy.

    Notes
    -----
    Source: Ramsauer et al. (2021), equation 2, whose energy differs by a constant.

    Examples
    --------
    >>> LogSumExp(beta=2.0)
    LogSumExp(beta=2.0)
    >>> round(float(LogSumExp(beta=2.0).energy([[1, 0], [0, 1]], [1, 0])), 3)
    -0.563
    """

    beta: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "beta", _positive("beta", self.beta))

    def _energy(self, overlaps: Floats, states: Floats) -> Floats:
        top = overlaps.max(axis=-1, keepdims=True)  # taken out, so that nothing overflows
        log_sum = np.log(np.sum(np.exp(self.beta * (overlaps - top)), axis=-1)) + self.beta * top[..., 0]
        value: Floats = np.sum(states**2, axis=-1) / 2 - log_sum / self.beta
        return value


def _positive(name: str, value: float) -> float:
    number = float(as_floats(name, value, 0))
    if number <= 0:
        raise ValueError(f"{name} must be positive, got {value}")
    return number
