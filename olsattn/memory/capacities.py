"""How many random patterns a memory of signs holds: criteria of success, simulation, and what theory says."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from itertools import repeat
from math import log, prod

import numpy as np
import scipy  # loads its parts where they are first used: together they take longer than the rest of the package
from numpy.typing import NDArray

from olsattn._arrays import Floats, as_index
from olsattn.memory.dynamics import QUADRATIC, local_field, recall
from olsattn.memory.energies import Exponential, Polynomial, Quadratic, SignEnergy
from olsattn.memory.patterns import flip, random_order, random_patterns

_BATCH = 4_000_000  # entries of all patterns that are simulated at once
_MOST = 50_000_000  # entries of one memory, where a search gives up

# ---- criteria ----


class Criterion(ABC):
    """What counts as a success of a memory: :class:`OneFixed`, :class:`AllFixed` or :class:`Recalled`.

    Examples
    --------
    >>> isinstance(OneFixed(), Criterion)
    True
    """

    @abstractmethod
    def met(self, patterns: Floats, energy: SignEnergy, rngs: list[np.random.Generator]) -> NDArray[np.bool_]:
        """Whether each of B memories succeeds.

        Parameters
        ----------
        patterns : ndarray, shape (B, N, d)
        energy : SignEnergy
        rngs : list of numpy.random.Generator
            One for each memory, for what is drawn beside the patterns.

        Returns
        -------
        ndarray of bool, shape (B,)
        """


@dataclass(frozen=True)
class OneFixed(Criterion):
    """One stored pattern, the first, is an exact fixed point.

    Examples
    --------
    >>> print(OneFixed())
    one stored pattern is an exact fixed point
    """

    def met(self, patterns: Floats, energy: SignEnergy, rngs: list[np.random.Generator]) -> NDArray[np.bool_]:
        wanted = patterns[:, :1]
        good: NDArray[np.bool_] = np.all(local_field(patterns, wanted, energy) * wanted >= 0, axis=(1, 2))
        return good

    def __str__(self) -> str:
        return "one stored pattern is an exact fixed point"


@dataclass(frozen=True)
class AllFixed(Criterion):
    """Every stored pattern is an exact fixed point.

    Examples
    --------
    >>> print(AllFixed())
    every stored pattern is an exact fixed point
    """

    def met(self, patterns: Floats, energy: SignEnergy, rngs: list[np.random.Generator]) -> NDArray[np.bool_]:
        # one by one, for all the overlaps of many memories would fill the machine
        return np.array([np.all(local_field(stored, stored, energy) * stored >= 0) for stored in patterns])

    def __str__(self) -> str:
        return "every stored pattern is an exact fixed point"


@dataclass(frozen=True)
class Recalled(Criterion):
    """From one stored pattern, the first, with wrong signs, asynchronous updates end close to it.

    Parameters
    ----------
    flipped : float
        The fraction of signs that are wrong in the cue, in [0, 1].
    overlap : float
        The least overlap ``pattern @ state / d`` that counts, in (0, 1].

    Raises
    ------
    ValueError
        If one of the two is out of range.

    Examples
    --------
    >>> print(Recalled(flipped=0.1))
    recall from 0.1 of the signs flipped to an overlap of at least 0.9
    """

    flipped: float = 0.0
    overlap: float = 0.9

    def __post_init__(self) -> None:
        if not 0 <= self.flipped <= 1 or not 0 < self.overlap <= 1:
            raise ValueError(f"flipped must lie in [0, 1] and overlap in (0, 1], got {self.flipped}, {self.overlap}")

    def met(self, patterns: Floats, energy: SignEnergy, rngs: list[np.random.Generator]) -> NDArray[np.bool_]:
        wanted, size = patterns[:, :1], patterns.shape[2]
        cues = np.stack([flip(pattern, self.flipped, rng) for pattern, rng in zip(wanted, rngs, strict=True)])
        orders = (np.stack([random_order(size, rng) for rng in each]) for each in repeat(rngs))
        found = recall(patterns, cues, energy, orders=orders).states
        good: NDArray[np.bool_] = np.sum(found * wanted, axis=(1, 2)) >= self.overlap * size - 1e-9
        return good

    def __str__(self) -> str:
        return f"recall from {self.flipped:.3g} of the signs flipped to an overlap of at least {self.overlap:g}"


ONE_FIXED = OneFixed()


# ---- simulation ----


def successes(
    size: int,
    count: int,
    energy: SignEnergy = QUADRATIC,
    criterion: Criterion = ONE_FIXED,
    *,
    trials: int = 100,
    seed: int = 0,
) -> NDArray[np.bool_]:
    """Simulate memories of random patterns, one success or failure for each.

    Parameters
    ----------
    size, count : int
        Entries d and patterns N, at least 1.
    energy : SignEnergy
    criterion : Criterion
    trials : int
        Independent memories, at least 1.
    seed : int
        Trial t draws from ``default_rng([seed, d, N, t])``, so a longer run begins with a shorter one.

    Returns
    -------
    ndarray of bool, shape (trials,)

    Raises
    ------
    ValueError
        If a number is not whole or out of range, or the energy overflows.

    Examples
    --------
    >>> successes(20, 4, trials=6)
    array([ True, False,  True, False,  True,  True])
    >>> float(successes(20, 4, Polynomial(3), AllFixed()).mean())
    0.99
    """
    size, count = as_index("size", size, 1), as_index("count", count, 1)
    trials, seed = as_index("trials", trials, 1), as_index("seed", seed, 0)
    batch = max(1, _BATCH // (count * size))
    results = []
    for start in range(0, trials, batch):
        rngs = [np.random.default_rng([seed, size, count, t]) for t in range(start, min(trials, start + batch))]
        patterns = np.stack([random_patterns(count, size, rng) for rng in rngs])
        results.append(criterion.met(patterns, energy, rngs))
    return np.concatenate(results)


def wilson_interval(good: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Interval for a probability from a number of successes, by inverting the score test.

    Parameters
    ----------
    good, trials : int
        Successes, 0 to ``trials``, and trials, at least 1.
    level : float
        Confidence, in (0, 1).

    Returns
    -------
    low, high : float

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Source: Wilson (1927).

    Examples
    --------
    >>> low, high = wilson_interval(8, 10)
    >>> round(low, 3), round(high, 3)
    (0.49, 0.943)
    """
    trials = as_index("trials", trials, 1)
    good = as_index("good", good, 0, trials)
    _check_level(level)
    z, rate = float(scipy.special.ndtri((1 + level) / 2)), good / trials
    centre = (rate + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z / (1 + z**2 / trials) * (rate * (1 - rate) / trials + z**2 / (4 * trials**2)) ** 0.5
    return (0.0 if good == 0 else centre - half), (1.0 if good == trials else centre + half)  # zero without rounding


@dataclass(frozen=True, eq=False)
class Capacity:
    """An estimated capacity.

    Attributes
    ----------
    patterns : float
        Estimated number of patterns at which the probability of success falls through ``level``.
    low, high : float
        Confidence interval of 95 percent.
    level : float
    criterion : Criterion
    curve : ndarray of int, shape (K, 3)
        The simulated numbers of patterns in increasing order, with successes and trials.

    Examples
    --------
    >>> capacity(20, trials=60).curve[:3].tolist()
    [[1, 60, 60], [2, 60, 60], [4, 53, 60]]
    """

    patterns: float
    low: float
    high: float
    level: float
    criterion: Criterion
    curve: NDArray[np.int_] = field(repr=False)

    def __str__(self) -> str:
        return (f"{self.patterns:.0f} patterns ({self.low:.0f} to {self.high:.0f}): "
                f"{self.criterion}, probability {self.level:g}")


def capacity(
    size: int,
    energy: SignEnergy = QUADRATIC,
    criterion: Criterion = ONE_FIXED,
    *,
    level: float = 0.5,
    trials: int = 200,
    rounds: int = 14,
    seed: int = 0,
) -> Capacity:
    """Estimate by simulation how many random patterns a memory of signs holds.

    The capacity is the number of patterns at which the probability of success falls through ``level``. A bracket is
    found by doubling, then narrowed from both sides. The interval ends where a simulated count is significantly above,
    or below, the level; all tests together have a confidence of 95 percent if more patterns make success less likely.
    Memories of one size share their random patterns across energies and criteria, so their errors are not independent.

    Parameters
    ----------
    size : int
        Entries d, at least 1.
    energy : SignEnergy
    criterion : Criterion
    level : float
        In (0, 1).
    trials : int
        Independent memories for each number of patterns; a few dozen at least.
    rounds : int
        Numbers of patterns to try after the bracket is found.
    seed : int
        See :func:`successes`.

    Returns
    -------
    Capacity

    Raises
    ------
    ValueError
        If an argument is out of range, the trials are too few to tell any probability from the level, one stored
        pattern already fails, or so many patterns still succeed that the search gives up.

    Examples
    --------
    >>> print(capacity(20, trials=60, rounds=6))
    8 patterns (5 to 9): one stored pattern is an exact fixed point, probability 0.5
    """
    size, trials = as_index("size", size, 1), as_index("trials", trials, 1)
    rounds, seed = as_index("rounds", rounds, 0), as_index("seed", seed, 0)
    _check_level(level)
    confidence = 1 - 0.05 / (rounds + 40)  # Bonferroni, with room for the doublings
    if wilson_interval(trials, trials, confidence)[0] <= level or wilson_interval(0, trials, confidence)[1] >= level:
        raise ValueError(f"{trials} trials are too few to tell a probability from {level:g}")
    tried: dict[int, int] = {}

    def interval(count: int) -> tuple[float, float]:
        if count not in tried:
            tried[count] = int(np.sum(successes(size, count, energy, criterion, trials=trials, seed=seed)))
        return wilson_interval(tried[count], trials, confidence)

    if interval(1)[0] <= level:
        raise ValueError(f"a memory with one pattern of size {size} fails: {criterion}, {tried[1]} of {trials}")
    low, high = 1, 2
    while interval(high)[1] >= level:
        low = high if interval(high)[0] > level else low
        high *= 2
        if high > 16 * 2**size or high * size > _MOST:
            raise ValueError(f"no end with {high // 2} patterns of size {size}: {criterion}, "
                             f"{tried[high // 2]} of {trials}")
    for turn in range(rounds):
        undecided = sorted(count for count in tried if low < count < high)
        # tighten one end, then the other
        left, right = (low, min([*undecided, high])) if turn % 2 else (max([low, *undecided]), high)
        count = round((left * right) ** 0.5)
        if not left < count < right:
            continue
        bounds = interval(count)
        low, high = (count, high) if bounds[0] > level else (low, count) if bounds[1] < level else (low, high)
    counts = np.array(sorted(tried))
    good = np.array([tried[count] for count in counts])
    inside = (low <= counts) & (counts <= high)
    # the closest decreasing curve through the simulated rates, read off at the level
    smooth = scipy.optimize.isotonic_regression(good[inside] / trials, increasing=False).x
    estimate = np.exp(np.interp(-level, -smooth, np.log(counts[inside])))
    curve = np.column_stack([counts, good, np.full(len(counts), trials)])
    return Capacity(float(estimate), float(low), float(high), level, criterion, curve)


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"level must lie in (0, 1), got {level}")


# ---- theory ----


def theoretical_capacity(size: int, energy: SignEnergy = QUADRATIC, criterion: Criterion = ONE_FIXED) -> float:
    """The capacity of a memory of random patterns from theory, to leading order as d grows.

    Parameters
    ----------
    size : int
        Entries d, at least 2.
    energy : SignEnergy
    criterion : Criterion

    Returns
    -------
    float
        For the quadratic energy d / (2 ln d) with :class:`OneFixed` and d / (4 ln d) with :class:`AllFixed`, below
        which one or all patterns are fixed points with probability near one, and 0.138 d with :class:`Recalled` from
        a cue without wrong signs, where states near the patterns disappear.
        For a polynomial d^(n-1) / (2 (2n-3)!! ln d) with :class:`OneFixed` and an n-th of it with :class:`AllFixed`.
        For the exponential with beta = 1 and :class:`AllFixed` 2^(d/2), below which all are proven to be fixed points.

    Raises
    ------
    ValueError
        If the sources say nothing about the energy with this criterion, or the capacity exceeds the largest float.

    Notes
    -----
    Sources: McEliece et al. (1987) for the quadratic energy, and for recall Amit, Gutfreund and Sompolinsky (1985),
    with states of overlap 0.967 where they disappear; Krotov and Hopfield (2016); Demircigil et al. (2017).

    Examples
    --------
    >>> round(theoretical_capacity(100), 2), round(theoretical_capacity(100, criterion=Recalled()), 2)
    (10.86, 13.8)
    >>> theoretical_capacity(20, Exponential(), AllFixed())
    1024.0
    """
    size = as_index("size", size, 2)
    try:
        match energy, criterion:
            case Quadratic() | Polynomial(), OneFixed() | AllFixed():
                n = energy.degree if isinstance(energy, Polynomial) else 2
                one: float = size ** (n - 1) / (2 * prod(range(2 * n - 3, 0, -2)) * log(size))
                return one / n if isinstance(criterion, AllFixed) else one
            case Quadratic() | Polynomial(degree=2), Recalled(flipped=0, overlap=overlap) if overlap <= 0.967:
                return 0.138 * size
            case Exponential(beta=1), AllFixed():
                return float(2.0 ** (size / 2))
    except OverflowError:
        raise ValueError(f"the capacity of {energy!r} with {size} entries exceeds the largest float") from None
    raise ValueError(f"no theory for {energy!r} with {criterion!r}")
