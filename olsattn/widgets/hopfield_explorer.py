"""Patterns stored in a memory, one of them corrupted, and what six dynamics make of it."""

from typing import Any

import numpy as np
import scipy  # loads its parts where they are first used
import traitlets

from olsattn._arrays import Floats
from olsattn.memory import (
    Exponential,
    Polynomial,
    Quadratic,
    flip,
    random_order,
    random_patterns,
    recall,
    softmax_update,
)
from olsattn.widgets.base import Finite, Widget

DYNAMICS = ("quadratic", "polynomial", "exponential", "softmax", "linear", "whitened")
SIDES = (4, 5, 6, 8, 10, 12, 14, 16, 18, 20)
MAX_SWEEPS = 20


def _pictures(side: int) -> list[list[str]]:
    """Five recognisable patterns, half of their pixels dark, which hardly overlap with each other."""
    y, x = np.mgrid[1 : -1 : side * 1j, -1 : 1 : side * 1j]
    across, up = 1.15 * x, 1.25 * (y + 0.15)
    shapes = {
        "heart": (across**2 + up**2 - 1) ** 3 - across**2 * up**3,
        "stairs": np.floor(2 * x - 1e-9) - 2 * y,
        "quarters": -np.sign(x * y),
        "stripes": np.tile(np.arange(side) % 2, (side, 1)),
        "moon": np.maximum(x**2 + y**2, 1.6 - (x - 0.6) ** 2 - y**2),
    }
    drawn = []  # pairs, for a page does not keep the order of a dictionary
    for name, shape in shapes.items():
        ink = np.zeros(side * side, bool)
        ink[np.argsort(shape.round(9).ravel(), kind="stable")[: side * side // 2]] = True
        drawn.append([name, "".join("#" if dark else "." for dark in ink)])
    return drawn


class HopfieldExplorer(Widget):
    """Store pictures and random patterns, corrupt one, watch it settle; beside it the success rate of recall.

    Each attribute is a trait, synced with the page, unless it says otherwise: what is not read only can be set from
    Python, and the picture follows. A value out of range raises ``traitlets.TraitError``.

    Attributes
    ----------
    side : int
        Pixels along each side of a pattern: 4, 5, 6, 8, ... 20. A pattern has side squared entries, d.
    count : int
        Number of patterns M, 1 to 600: up to five pictures (from side 8 on), then random ones.
    dynamics : str
        Sign updates under the ``"quadratic"``, ``"polynomial"`` or ``"exponential"`` energy, or ``"softmax"``,
        ``"linear"`` or ``"whitened"`` updates of continuous states.
    degree : int
        Of the polynomial, 3 to 6.
    beta : float
        Inverse temperature of the softmax on patterns of length one, 1 to 64.
    flipped : float
        Fraction of wrong signs in the cue, 0 to 0.5.
    shown : int
        The pattern to recall, counted from 0; the last one if there are fewer.
    touched : list of int
        Pixels turned by hand, in addition.
    sweep : float
        How far the shown state has got, 0 to 20 sweeps, or updates of the whole state.
    exact : bool
        What the curve counts: every sign right, or else an overlap of at least 0.9.
    overlaps : list of float
        With the pattern to recall: of the cue, and after each sweep until nothing changes. Read only.
    pictures : dict
        For each side from 8 on the names and pixels of the pictures, ``#`` for 1 and ``.`` for -1. Read only.
    numbers : dict of str to list
        The table that the page prints, by heading. No trait; it follows them.

    Examples
    --------
    >>> HopfieldExplorer(count=5, flipped=0.2).overlaps[-1]
    1.0
    """

    side = traitlets.Enum(SIDES, 10).tag(sync=True)
    count = traitlets.Int(5, min=1, max=600).tag(sync=True)
    dynamics = traitlets.Enum(DYNAMICS, "quadratic").tag(sync=True)
    degree = traitlets.Int(3, min=3, max=6).tag(sync=True)
    beta = Finite(16, min=1, max=64).tag(sync=True)
    flipped = Finite(0.15, min=0, max=0.5).tag(sync=True)
    shown = traitlets.Int(0, min=0, max=599).tag(sync=True)
    touched: traitlets.List[Any] = traitlets.List(traitlets.Int(min=0, max=399)).tag(sync=True)
    sweep = Finite(0, min=0, max=MAX_SWEEPS).tag(sync=True)
    exact = traitlets.Bool(False).tag(sync=True)
    overlaps: traitlets.List[Any] = traitlets.List(read_only=True).tag(sync=True)
    pictures = traitlets.Dict({str(n): _pictures(n) for n in SIDES if n >= 8}, read_only=True).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._settle()

    @property
    def patterns(self) -> Floats:
        """The stored patterns, shape (M, d)."""
        size = self.side**2
        stored = random_patterns(self.count, size, np.random.default_rng([0, size]))
        for row, (_, picture) in zip(stored, self.pictures.get(str(self.side), []), strict=False):
            row[:] = [1 if pixel == "#" else -1 for pixel in picture]
        return stored

    @property
    def cue(self) -> Floats:
        """The pattern to recall with its wrong signs, shape (d,)."""
        which = min(self.shown, self.count - 1)
        size = self.side**2
        cue: Floats = flip(self.patterns[[which]], self.flipped, np.random.default_rng([1, size, which]))[0]
        cue[[pixel for pixel in self.touched if pixel < size]] *= -1
        return cue

    @traitlets.observe("side", "count", "dynamics", "degree", "beta", "flipped", "shown", "touched")
    def _settle(self, change: object = None) -> None:
        patterns, state = self.patterns, self.cue
        wanted = patterns[min(self.shown, self.count - 1)]
        path = [state]
        energies = {"quadratic": Quadratic(), "polynomial": Polynomial(self.degree), "exponential": Exponential()}
        if self.dynamics in energies:
            rng = np.random.default_rng([2, state.size])
            for _ in range(MAX_SWEEPS):
                order = [random_order(state.size, rng)]
                path.append(recall(patterns, path[-1], energies[self.dynamics], orders=order).states)
                if np.array_equal(path[-2], path[-1]):
                    path.pop()
                    break
        else:
            keys = patterns / np.sqrt(state.size)
            path[0] = state / np.sqrt(state.size)
            basis = np.linalg.svd(keys, full_matrices=False)[2]
            basis = basis[: np.linalg.matrix_rank(keys)]
            for _ in range(MAX_SWEEPS):
                state = path[-1]
                if self.dynamics == "softmax":
                    state = softmax_update(keys, state, self.beta)
                elif self.dynamics == "linear":
                    state = keys.T @ (keys @ state)
                    state = state / np.linalg.norm(state)
                else:
                    state = basis.T @ (basis @ state)
                path.append(state)
                if np.max(np.abs(path[-1] - path[-2])) < 1e-6:
                    path.pop()
                    break
        size = np.linalg.norm(wanted)
        self.set_trait("overlaps", [float(s @ wanted / np.linalg.norm(s) / size) for s in path])
        self.numbers = {
            "sweep": list(range(len(path))), "overlap": self.overlaps,
            "wrong signs": [int(np.sum(s * wanted <= 1e-9)) for s in path],
            "energy": self._energies(patterns, np.array(path)),
        }

    def _energies(self, patterns: Floats, states: Floats) -> list[float]:
        """Relative to that of a single stored pattern, so that they can be printed side by side."""
        sizes, d = np.linalg.norm(states, axis=1), states.shape[1]
        cosines = states @ patterns.T / sizes[:, None] / np.sqrt(d)
        if self.dynamics == "softmax":
            energies = sizes**2 / 2 - scipy.special.logsumexp(self.beta * cosines * sizes[:, None], axis=1) / self.beta
        elif self.dynamics == "whitened":
            _, lengths, basis = np.linalg.svd(patterns, full_matrices=False)
            energies = -np.sum((states @ basis[lengths > 1e-9 * lengths[0]].T) ** 2, axis=1) / sizes**2
        else:
            terms = {"polynomial": cosines**self.degree, "exponential": np.exp(d * (cosines - 1))}
            energies = -np.sum(terms.get(self.dynamics, cosines**2), axis=1)
        return [float(energy) for energy in energies]
