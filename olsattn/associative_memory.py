"""Associative memories: Hopfield energies and their updates, linear memories, and capacity by simulation."""

from dataclasses import dataclass
from math import log, prod

import numpy as np

from olsattn._arrays import as_floats, same_size
from olsattn.attention import softmax

SIGN_ENERGIES = ("quadratic", "polynomial", "exponential")
CRITERIA = ("pattern", "all", "recall")


# ---- patterns ----


def random_patterns(count, size, rng):
    """Independent patterns of fair signs.

    Each row takes whole 64-bit words of the generator, so that the first rows do not depend on ``count``
    and another language can draw the same ones.

    Parameters
    ----------
    count, size : int
        Number of patterns M and of entries d.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (M, d)
        Entries -1.0 and 1.0.
    """
    words = rng.bit_generator.random_raw(count * -(-size // 64)).astype("<u8").reshape(count, -1)
    bits = np.unpackbits(words.view(np.uint8), axis=1, bitorder="little")[:, :size]
    return 2.0 * bits - 1


def random_order(size, rng):
    """A random order of ``size`` entries: they are sorted by one 64-bit word each."""
    return np.argsort(rng.bit_generator.random_raw(size), kind="stable")


def flip(patterns, fraction, rng):
    """Turn a fraction of each pattern's signs, as many in each row, at random places.

    Parameters
    ----------
    patterns : array_like, shape (T, d)
    fraction : float
        In [0, 1]; ``fraction * d`` is rounded to the nearest whole number, halves up.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (T, d)

    Raises
    ------
    ValueError
        If ``fraction`` is outside [0, 1].
    """
    patterns = as_floats("patterns", patterns, 2)
    if not 0 <= fraction <= 1:
        raise ValueError(f"fraction must lie in [0, 1], got {fraction}")
    wrong = int(fraction * patterns.shape[1] + 0.5)
    for row in patterns:
        row[random_order(len(row), rng)[:wrong]] *= -1
    return patterns


# ---- energies and updates ----


def _check_memory(patterns, states, binary):
    patterns, states = as_floats("patterns", patterns, (2, 3)), as_floats("states", states, (1, 2, 3))
    same_size("patterns", patterns, -1, "states", states, -1, "entries in a row")
    if patterns.ndim == 3 and (states.ndim != 3 or len(states) != len(patterns)):
        raise ValueError(f"sets of patterns of shape {patterns.shape} need states (sets, T, d), got {states.shape}")
    for name, array in (("patterns", patterns), ("states", states)) if binary else ():
        if not np.all(np.abs(array) == 1):
            raise ValueError(f"{name} must have entries -1 and 1 only, got {array[np.abs(array) != 1][0]:g}")
    return patterns, states


def _check_energy(kind, degree, beta, allowed):
    if kind not in allowed:
        raise ValueError(f"unknown energy {kind!r}: give one of {allowed}")
    if int(degree) != degree or degree < 2:
        raise ValueError(f"degree must be a whole number of at least 2, got {degree}")
    if not beta > 0:
        raise ValueError(f"beta must be positive, got {beta}")


def energy(patterns, states, kind="quadratic", *, degree=3, beta=1.0):
    """The energy that a memory lowers when it recalls.

    With overlaps ``m = patterns @ state`` it is ``-sum F(m)`` for F(m) = m^2 / 2 (``"quadratic"``), m^degree
    (``"polynomial"``) or exp(beta m) (``"exponential"``), and for continuous states ``"log-sum-exp"``:
    ``-log(sum exp(beta m)) / beta + |state|^2 / 2``.

    Parameters
    ----------
    patterns : array_like, shape (M, d)
    states : array_like, shape (d,) or (T, d)
    kind : str
    degree : int
        Of the polynomial energy, at least 2.
    beta : float
        Inverse temperature, positive.

    Returns
    -------
    float or ndarray, shape (T,)

    Raises
    ------
    ValueError
        If shapes do not fit, an argument is out of range, or the exponential energy overflows
        (``beta * m`` above 700).

    Notes
    -----
    Sources: Hopfield (1982); Krotov and Hopfield (2016); Demircigil et al. (2017); Ramsauer et al. (2021),
    whose energy differs from the last by a constant.
    """
    patterns, states = _check_memory(patterns, states, binary=False)
    _check_energy(kind, degree, beta, (*SIGN_ENERGIES, "log-sum-exp"))
    overlaps = states @ patterns.T
    if kind == "quadratic":
        return -np.sum(overlaps**2, axis=-1) / 2
    if kind == "polynomial":
        return -np.sum(overlaps**degree, axis=-1)
    top = overlaps.max(axis=-1, keepdims=True)
    if kind == "exponential":
        if beta * top.max() > 700:
            raise ValueError(f"exp(beta m) overflows at beta m = {beta * top.max():g}; use 'log-sum-exp'")
        return -np.sum(np.exp(beta * overlaps), axis=-1)
    log_sum = np.log(np.sum(np.exp(beta * (overlaps - top)), axis=-1)) + beta * top[..., 0]
    return np.sum(states**2, axis=-1) / 2 - log_sum / beta


def _gains(overlaps, kind, degree, beta):
    """For each pattern the terms of a field: F(m) less the mean of F(m - 2) and F(m + 2), and half their difference.

    Keeping entry i of a state s lowers the energy, against turning it, by the sum over patterns of F(m) - F(m - 2)
    where pattern and state agree at i and of F(m) - F(m + 2) where they differ: ``common + pattern_i s_i * signed``.
    For the exponential both are divided by the largest term, which changes no sign.
    """
    if kind == "quadratic":
        return -2.0 * np.ones_like(overlaps), 2 * overlaps
    if kind == "polynomial":
        up, down = (overlaps + 2) ** degree, (overlaps - 2) ** degree
        return overlaps**degree - (up + down) / 2, (up - down) / 2
    powers = np.exp(beta * (overlaps - overlaps.max(axis=-1, keepdims=True)))
    return powers * (1 - np.cosh(2 * beta)), powers * np.sinh(2 * beta)


def local_field(patterns, states, kind="quadratic", *, degree=3, beta=1.0):
    """For each entry the energy at -1 less the energy at +1, the other entries kept: its sign is the update.

    For the quadratic energy this is twice the Hebbian field without self-coupling,
    ``2 (states @ patterns.T @ patterns - M states)``. For the exponential energy each row is divided by the largest
    term ``exp(beta m)`` of its sum, which changes no sign.

    Parameters
    ----------
    patterns : array_like, shape (M, d) or (B, M, d)
        Entries -1 and 1; B memories at once.
    states : array_like, shape (d,), (T, d) or (B, T, d)
        Entries -1 and 1.
    kind : str
        ``"quadratic"``, ``"polynomial"`` or ``"exponential"``.
    degree, beta
        As for :func:`energy`.

    Returns
    -------
    ndarray, of the shape of ``states``

    Raises
    ------
    ValueError
        If shapes do not fit, an entry is neither -1 nor 1, or an argument is out of range.

    Notes
    -----
    Source: Krotov and Hopfield (2016), equation 3, with its general F.
    """
    patterns, states = _check_memory(patterns, states, binary=True)
    _check_energy(kind, degree, beta, SIGN_ENERGIES)
    common, signed = _gains(states @ np.swapaxes(patterns, -1, -2), kind, degree, beta)
    return states * common.sum(axis=-1, keepdims=True) + signed @ patterns


@dataclass(frozen=True, eq=False)
class Recall:
    """Where sign dynamics end.

    Attributes
    ----------
    states : ndarray, of the shape of the cues
    sweeps : int
        Sweeps through all entries that were made, the last of which changed nothing if ``settled``.
    settled : bool
        Whether all states are fixed points.
    """

    states: np.ndarray
    sweeps: int
    settled: bool


def recall(patterns, cues, kind="quadratic", *, degree=3, beta=1.0, orders=None, max_sweeps=20):
    """Let states fall in energy by sign updates until nothing changes.

    Parameters
    ----------
    patterns : array_like, shape (M, d) or (B, M, d)
        Entries -1 and 1; B memories at once.
    cues : array_like, shape (d,), (T, d) or (B, T, d)
        Entries -1 and 1.
    kind, degree, beta
        As for :func:`local_field`.
    orders : iterable of ndarray, each of shape (d,) or (B, d), optional
        Asynchronous: one order of the entries for each sweep, shared by the cues of a memory; see
        :func:`random_order`. Without it all entries are updated at once, which can oscillate.
    max_sweeps : int
        Where to stop if nothing has settled, or the orders have not run out, before.

    Returns
    -------
    Recall

    Raises
    ------
    ValueError
        As for :func:`local_field`, or if an order is not an order of the d entries.

    Notes
    -----
    An entry whose field is exactly zero keeps its sign, so that a tie never moves a state. Asynchronous updates
    never raise the energy: Hopfield (1982).
    """
    patterns, cues = _check_memory(patterns, cues, binary=True)
    _check_energy(kind, degree, beta, SIGN_ENERGIES)
    sets = patterns if patterns.ndim == 3 else patterns[None]
    states = np.array(cues.reshape(len(sets), -1, cues.shape[-1]))
    orders = None if orders is None else iter(orders)
    keys = np.swapaxes(sets, 1, 2)
    overlaps = states @ keys
    sweeps, settled = 0, False
    while not settled and sweeps < max_sweeps:
        before = states.copy()
        if orders is None:
            common, signed = _gains(overlaps, kind, degree, beta)
            fields = states * common.sum(axis=-1, keepdims=True) + signed @ sets
            states = np.where(fields == 0, states, np.sign(fields))
            overlaps = states @ keys
        else:
            order = next(orders, None)
            if order is None:
                break
            order = np.broadcast_to(order, (len(sets), states.shape[-1]))
            if not np.array_equal(np.sort(order), np.broadcast_to(np.arange(order.shape[1]), order.shape)):
                raise ValueError(f"orders must list each of the {order.shape[1]} entries once in each sweep")
            _asynchronous_sweep(sets, states, overlaps, order, kind, degree, beta)
        sweeps += 1
        settled = np.array_equal(states, before)
    return Recall(states.reshape(cues.shape), sweeps, settled)


def _asynchronous_sweep(sets, states, overlaps, order, kind, degree, beta):
    """Update the entries of all states one after the other, in place."""
    memories = np.arange(len(sets))
    for entries in order.T:
        pattern = sets[memories, :, entries]  # (B, M): what each pattern has there
        state = states[memories, :, entries]  # (B, T)
        if kind == "quadratic":
            fields = np.einsum("btm,bm->bt", overlaps, pattern) - sets.shape[1] * state
        else:
            common, signed = _gains(overlaps, kind, degree, beta)
            fields = state * common.sum(axis=-1) + np.einsum("btm,bm->bt", signed, pattern)
        turned = fields * state < 0
        if turned.any():
            b, t = np.nonzero(turned)
            states[b, t, entries[b]] *= -1
            overlaps[b, t] -= 2 * state[b, t, None] * pattern[b]


def softmax_update(patterns, states, beta):
    """One step of the continuous memory: ``softmax(beta states patterns') patterns``.

    It is attention with the patterns as keys and values, and the step that the concave-convex procedure takes on the
    log-sum-exp energy.

    Parameters
    ----------
    patterns : array_like, shape (M, d)
    states : array_like, shape (d,) or (T, d)
    beta : float
        Inverse temperature, positive; one over the root of d in a Transformer.

    Returns
    -------
    ndarray, of the shape of ``states``

    Raises
    ------
    ValueError
        If shapes do not fit, an entry is NaN or inf, or beta is not positive.

    Notes
    -----
    Source: Ramsauer et al. (2021), equation 3.
    """
    patterns, states = _check_memory(patterns, states, binary=False)
    _check_energy("log-sum-exp", 2, beta, ("log-sum-exp",))
    return softmax(beta * (states @ patterns.T)) @ patterns


# ---- linear memories ----


def _check_pairs(keys, values):
    keys, values = as_floats("keys", keys, 2), as_floats("values", values, (1, 2))
    same_size("keys", keys, 0, "values", values, 0, "rows")
    return keys, values


def hebbian_memory(keys, values):
    """The sum of outer products of keys and values, ``keys' values``: linear attention before a query arrives.

    Parameters
    ----------
    keys : array_like, shape (N, d)
    values : array_like, shape (N,) or (N, m)

    Returns
    -------
    ndarray, shape (d,) or (d, m)
        A query q recalls ``q @ memory``.

    Raises
    ------
    ValueError
        If the numbers of rows differ, or an entry is NaN or inf.
    """
    keys, values = _check_pairs(keys, values)
    return keys.T @ values


def pseudo_inverse_memory(keys, values):
    """The least-squares memory ``keys^+ values``: of minimum norm where several recall equally well.

    Parameters
    ----------
    keys : array_like, shape (N, d)
    values : array_like, shape (N,) or (N, m)

    Returns
    -------
    ndarray, shape (d,) or (d, m)
        A query q recalls ``q @ memory``; exact for the keys if they are linearly independent.

    Raises
    ------
    ValueError
        If the numbers of rows differ, or an entry is NaN or inf.

    Notes
    -----
    Sources: Kohonen and Ruohonen (1973); Personnaz, Guyon and Dreyfus (1985).
    """
    keys, values = _check_pairs(keys, values)
    return np.linalg.lstsq(keys, values, rcond=None)[0]


# ---- capacity ----


@dataclass(frozen=True)
class Criterion:
    """What counts as a success of a memory with given patterns.

    Attributes
    ----------
    kind : str
        ``"pattern"``: one stored pattern is an exact fixed point. ``"all"``: every stored pattern is. ``"recall"``:
        from one stored pattern with a fraction of its signs flipped, asynchronous updates end close to it.
    flipped : float
        For ``"recall"``: the fraction of signs that are wrong in the cue.
    overlap : float
        For ``"recall"``: the least overlap ``pattern @ state / d`` that counts.
    """

    kind: str = "pattern"
    flipped: float = 0.0
    overlap: float = 1.0

    def __post_init__(self):
        if self.kind not in CRITERIA:
            raise ValueError(f"unknown criterion {self.kind!r}: give one of {CRITERIA}")
        if not 0 <= self.flipped <= 1 or not -1 <= self.overlap <= 1:
            raise ValueError(f"flipped must lie in [0, 1] and overlap in [-1, 1], got {self.flipped}, {self.overlap}")
        if self.kind != "recall" and (self.flipped, self.overlap) != (0.0, 1.0):
            raise ValueError(f"flipped and overlap belong to the criterion 'recall', not to {self.kind!r}")

    def __str__(self):
        return {
            "pattern": "one stored pattern is an exact fixed point",
            "all": "every stored pattern is an exact fixed point",
            "recall": f"recall from {self.flipped:.3g} of the signs flipped to an overlap of at least {self.overlap:g}",
        }[self.kind]


def successes(size, count, kind="quadratic", *, degree=3, beta=1.0, criterion=None, trials=100, seed=0):
    """Simulate memories of random patterns, one success or failure for each.

    Parameters
    ----------
    size, count : int
        Entries d and patterns M.
    kind, degree, beta
        As for :func:`local_field`.
    criterion : Criterion, optional
        By default that one stored pattern is an exact fixed point.
    trials : int
        Independent memories.
    seed : int
        Trial t draws from ``default_rng([seed, d, M, t])``, so a longer run begins with a shorter one.

    Returns
    -------
    ndarray of bool, shape (trials,)
    """
    criterion = criterion or Criterion()
    options = dict(kind=kind, degree=degree, beta=beta)
    results = np.empty(trials, bool)
    batch = max(1, min(trials, int(4e6 / (count * max(size, count if criterion.kind == "all" else 1)))))
    for start in range(0, trials, batch):
        rngs = [np.random.default_rng([seed, size, count, t]) for t in range(start, min(trials, start + batch))]
        patterns = np.stack([random_patterns(count, size, rng) for rng in rngs])
        wanted = patterns if criterion.kind == "all" else patterns[:, :1]
        if criterion.kind == "recall":
            cues = np.stack([flip(pattern, criterion.flipped, rng) for pattern, rng in zip(wanted, rngs, strict=True)])
            orders = (np.stack([random_order(size, rng) for rng in rngs]) for _ in range(20))
            found = recall(patterns, cues, orders=orders, **options).states
            good = np.sum(found * wanted, axis=-1) >= criterion.overlap * size - 1e-9
        else:
            good = np.all(local_field(patterns, wanted, **options) * wanted >= 0, axis=-1)
        results[start : start + len(rngs)] = good.all(axis=-1)
    return results


def wilson_interval(good, trials, level=0.95):
    """Interval for a probability from a number of successes, by inverting the score test (Wilson, 1927).

    Parameters
    ----------
    good, trials : int
    level : float
        Confidence, in (0, 1).

    Returns
    -------
    low, high : float
    """
    from scipy.stats import binomtest  # scipy.stats takes longer to import than the rest of the package

    low, high = binomtest(int(good), int(trials)).proportion_ci(level, method="wilson")
    return float(low), float(high)


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
    curve : ndarray, shape (K, 3)
        The simulated numbers of patterns in increasing order, with successes and trials.
    """

    patterns: float
    low: float
    high: float
    level: float
    criterion: Criterion
    curve: np.ndarray

    def __str__(self):
        return (f"{self.patterns:.0f} patterns ({self.low:.0f} to {self.high:.0f}): "
                f"{self.criterion}, probability {self.level:g}")


def capacity(size, kind="quadratic", *, degree=3, beta=1.0, criterion=None, level=0.5, trials=200, rounds=14, seed=0):
    """Estimate by simulation how many random patterns a memory of binary states holds.

    The capacity is the number of patterns at which the probability of success falls through ``level``. A bracket is
    found by doubling, then narrowed from both sides. The interval ends where a simulated count is significantly above,
    or below, the level; all tests together have a confidence of 95 percent if more patterns make success less likely.
    Memories of one size share their random patterns across energies and criteria, so their errors are not independent.

    Parameters
    ----------
    size : int
        Entries d.
    kind, degree, beta
        As for :func:`local_field`.
    criterion : Criterion, optional
        By default that one stored pattern is an exact fixed point.
    level : float
        In (0, 1).
    trials : int
        Independent memories for each number of patterns.
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
        If an argument is out of range, or one stored pattern already fails.
    """
    criterion = criterion or Criterion()
    if not 0 < level < 1:
        raise ValueError(f"level must lie in (0, 1), got {level}")
    tried = {}
    confidence = 1 - 0.05 / (rounds + 40)  # Bonferroni, with room for the doublings

    def interval(count):
        if count not in tried:
            options = dict(degree=degree, beta=beta, criterion=criterion, trials=trials, seed=seed)
            tried[count] = int(np.sum(successes(size, count, kind, **options)))
        return wilson_interval(tried[count], trials, confidence)

    if interval(1)[0] <= level:
        raise ValueError(f"a memory with one pattern of size {size} fails: {criterion}, {tried[1]} of {trials}")
    low, high = 1, 2
    while interval(high)[1] >= level:
        low = high if interval(high)[0] > level else low
        high *= 2
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
    rates = np.array([tried[count] / trials for count in counts])
    inside = (low <= counts) & (counts <= high)
    # the closest decreasing curve through the simulated rates, read off at the level
    from scipy.optimize import isotonic_regression

    smooth = isotonic_regression(rates[inside], increasing=False).x
    estimate = np.exp(np.interp(-level, -smooth, np.log(counts[inside])))
    curve = np.column_stack([counts, rates * trials, np.full(len(counts), trials)]).astype(int)
    return Capacity(float(estimate), float(low), float(high), level, criterion, curve)


def theoretical_capacity(size, kind="quadratic", *, degree=3):
    """Capacities of binary memories of random patterns from theory, as d grows.

    Parameters
    ----------
    size : int
        Entries d.
    kind : str
    degree : int
        Of the polynomial energy.

    Returns
    -------
    dict of str to float
        By name: ``"recall"`` 0.138 d, where quadratic recall with a few wrong signs ends (Amit, Gutfreund and
        Sompolinsky, 1985); ``"pattern"`` d / (2 ln d) and ``"all"`` d / (4 ln d), below which a quadratic memory has
        one or all patterns as exact fixed points with probability near one (McEliece et al., 1987); for the
        polynomial ``"pattern"`` d^(n-1) / (2 (2n-3)!! ln d) (Krotov and Hopfield, 2016) and ``"all"`` an n-th of it;
        for the exponential ``"all"`` 2^(d/2), below which Demircigil et al. (2017) prove that all are fixed points.
    """
    _check_energy(kind, degree, 1.0, SIGN_ENERGIES)
    if kind == "exponential":
        return {"all": 2.0 ** (size / 2)}
    n = 2 if kind == "quadratic" else degree
    pattern = size ** (n - 1) / (2 * prod(range(2 * n - 3, 0, -2)) * log(size))
    theory = {"pattern": pattern, "all": pattern / n}
    return {"recall": 0.138 * size, **theory} if n == 2 else theory
