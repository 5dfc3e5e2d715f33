"""What a memory does with a state: sign updates under an energy, and the softmax update of continuous states."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from olsattn._arrays import Floats, as_index
from olsattn.attention import softmax
from olsattn.memory._inputs import patterns_and_states, signs
from olsattn.memory.energies import LogSumExp, Quadratic, SignEnergy

QUADRATIC = Quadratic()
MAX_SWEEPS = 20


def local_field(patterns: ArrayLike, states: ArrayLike, energy: SignEnergy = QUADRATIC) -> Floats:
    """For each entry the energy at -1 less the energy at +1, the other entries kept: its sign is the update.

    For the quadratic energy this is twice the Hebbian field without self-coupling,
    ``2 (states @ patterns.T @ patterns - N states)``. For the exponential energy each row is divided by the largest
    term ``exp(beta s)`` of its sum, which changes no sign. What is zero up to the rounding of its terms is returned as
    zero.

    Parameters
    ----------
    patterns : array_like, shape (N, d) or (B, N, d)
        Entries -1 and 1; B memories at once.
    states : array_like, shape (d,), (T, d) or (B, T, d)
        Entries -1 and 1.
    energy : SignEnergy

    Returns
    -------
    ndarray, of the shape of ``states``

    Raises
    ------
    ValueError
        If shapes do not fit, an entry is neither -1 nor 1, the energy is none of signs, or it overflows.

    Notes
    -----
    Source: Krotov and Hopfield (2016), equation 3, with its general phi.

    Examples
    --------
    >>> local_field([[1, 1, 1, 1]], [1, 1, 1, -1])
    array([2., 2., 2., 6.])
    """
    keys, rows = signs(patterns, states)
    _check_energy(energy)
    with energy._overflow_named(keys.shape[-1]):
        return _field(keys, rows, energy)


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

    Examples
    --------
    >>> recall([[1, 1]], [1, -1], max_sweeps=9)  # each entry takes the sign that the other had
    Recall(states of shape (2,), not settled after 9 sweeps)
    """

    states: Floats
    sweeps: int
    settled: bool

    def __repr__(self) -> str:
        return (f"Recall(states of shape {self.states.shape}, {'settled' if self.settled else 'not settled'} "
                f"after {self.sweeps} sweep{'s' * (self.sweeps != 1)})")


def recall(
    patterns: ArrayLike,
    cues: ArrayLike,
    energy: SignEnergy = QUADRATIC,
    *,
    orders: Iterable[ArrayLike] | None = None,
    max_sweeps: int = MAX_SWEEPS,
) -> Recall:
    """Let states fall in energy by sign updates until nothing changes.

    Parameters
    ----------
    patterns : array_like, shape (N, d) or (B, N, d)
        Entries -1 and 1; B memories at once.
    cues : array_like, shape (d,), (T, d) or (B, T, d)
        Entries -1 and 1.
    energy : SignEnergy
    orders : iterable of array_like of int, each of shape (d,) or (B, d), optional
        Asynchronous: one order of the entries for each sweep, shared by the cues of a memory; see
        :func:`random_order`. Without it all entries are updated at once, which can oscillate.
    max_sweeps : int
        Where to stop if nothing has settled, or the orders have not run out, before; at least 1.

    Returns
    -------
    Recall

    Raises
    ------
    ValueError
        As for :func:`local_field`, or if an order is not an order of the d entries.

    Notes
    -----
    An entry whose field is zero, up to rounding, keeps its sign, so that a tie never moves a state. Asynchronous
    updates never raise the energy: Hopfield (1982).

    Examples
    --------
    >>> result = recall([[1, 1, 1, 1]], [1, 1, 1, -1], orders=[[0, 1, 2, 3]] * 2)
    >>> result
    Recall(states of shape (4,), settled after 2 sweeps)
    >>> result.states
    array([1., 1., 1., 1.])
    """
    stored, states = signs(patterns, cues)
    _check_energy(energy)
    max_sweeps = as_index("max_sweeps", max_sweeps, 1)
    sets, shape = stored if stored.ndim == 3 else stored[None], states.shape
    states = states.reshape(len(sets), -1, shape[-1])
    upcoming = None if orders is None else iter(orders)
    if upcoming is not None:
        keys = np.ascontiguousarray(np.swapaxes(sets, 1, 2))  # (B, d, N): what all patterns have at an entry
    moving = np.ones(states.shape[:2], bool)
    sweeps = 0
    with energy._overflow_named(shape[-1]):
        while sweeps < max_sweeps and moving.any():
            # States at rest stay there, so that only memories, and cues, of which some state still moves are updated.
            b, t = np.flatnonzero(moving.any(axis=1)), np.flatnonzero(moving.any(axis=0))
            before = states[np.ix_(b, t)]
            if upcoming is None:
                fields = _field(sets[b], before, energy)
                after = np.where(fields == 0, before, np.sign(fields))
            else:
                order = next(upcoming, None)
                if order is None:
                    break
                after = _one_by_one(keys[b], before, _as_order(order, len(sets), shape[-1])[b], energy)
            moving[np.ix_(b, t)] = np.any(after != before, axis=-1)
            states[np.ix_(b, t)] = after
            sweeps += 1
    return Recall(states.reshape(shape), sweeps, not moving.any())


def softmax_update(patterns: ArrayLike, states: ArrayLike, beta: float) -> Floats:
    """One step of the continuous memory: ``softmax(beta states patterns') patterns``.

    It is attention with the patterns as keys and values, and the step that the concave-convex procedure takes on the
    energy :class:`LogSumExp`.

    Parameters
    ----------
    patterns : array_like, shape (N, d)
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

    Examples
    --------
    >>> softmax_update([[1, 0], [0, 1]], [0.8, 0.2], beta=4.0).round(3)
    array([0.917, 0.083])
    """
    keys, rows = patterns_and_states(patterns, states)
    updated: Floats = softmax(LogSumExp(beta).beta * (rows @ keys.T)) @ keys
    return updated


def _check_energy(energy: SignEnergy) -> None:
    if not isinstance(energy, SignEnergy):
        raise ValueError(f"energy must be one of signs, such as Quadratic() or Polynomial(3), got {energy!r}")


def _as_order(order: ArrayLike, sets: int, size: int) -> NDArray[np.intp]:
    entries: Any = np.asarray(order)
    if (entries.dtype.kind not in "iu" or entries.shape not in ((size,), (sets, size))
            or np.any(np.sort(entries) != np.arange(size))):
        raise ValueError(f"an order must list each of the {size} entries once, in shape ({size},) or ({sets}, {size}), "
                         f"got {entries.dtype} of shape {entries.shape}")
    return np.broadcast_to(entries, (sets, size))


def _rounding(keep: Floats, signed: Floats) -> Floats:
    """Fields of this size, for each state, may be nothing but the rounding of their terms."""
    size: Floats = 1e-14 * (np.abs(keep) + np.sum(np.abs(signed), axis=-1))
    return size


def _field(patterns: Floats, states: Floats, energy: SignEnergy) -> Floats:
    keep, signed = energy.gains(states @ np.swapaxes(patterns, -1, -2))
    field: Floats = states * keep[..., None] + signed @ patterns
    return np.where(np.abs(field) <= _rounding(keep, signed)[..., None], 0, field)


def _one_by_one(keys: Floats, states: Floats, order: NDArray[np.intp], energy: SignEnergy) -> Floats:
    """Update the entries of all states (B, T, d) one after the other; the keys have shape (B, d, N)."""
    states, memories = states.copy(), np.arange(len(keys))
    overlaps = states @ keys
    keep, signed = energy.gains(overlaps)
    keep += _rounding(keep, signed)
    for entries in order.T:
        pattern, state = keys[memories, entries], states[memories, :, entries]  # (B, N) and (B, T)
        turned = keep + state * np.einsum("btm,bm->bt", signed, pattern) < 0
        if turned.any():  # few are, and only their gains change
            b, t = np.nonzero(turned)
            states[b, t, entries[b]] *= -1
            overlaps[b, t] -= 2 * state[b, t, None] * pattern[b]
            keep[b, t], signed[b, t] = energy.gains(overlaps[b, t])
            keep[b, t] += _rounding(keep[b, t], signed[b, t])
    return states
