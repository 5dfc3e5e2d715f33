"""Associative memories: patterns, the energies that they make, dynamics that go down, linear memories, capacities.

Patterns are the rows of an array (N, d), states the rows of one (T, d). An energy is an object that carries its own
parameters, ``Polynomial(3)`` say, and so is a criterion of success, ``Recalled(flipped=0.1)``.
"""

from olsattn.memory.capacities import (
    AllFixed,
    Capacity,
    Criterion,
    OneFixed,
    Recalled,
    capacity,
    successes,
    theoretical_capacity,
    wilson_interval,
)
from olsattn.memory.dynamics import Recall, local_field, recall, softmax_update
from olsattn.memory.energies import Energy, Exponential, LogSumExp, Polynomial, Quadratic, SignEnergy
from olsattn.memory.linear import hebbian_memory, pseudo_inverse_memory
from olsattn.memory.patterns import flip, random_order, random_patterns

__all__ = [
    "AllFixed",
    "Capacity",
    "Criterion",
    "Energy",
    "Exponential",
    "LogSumExp",
    "OneFixed",
    "Polynomial",
    "Quadratic",
    "Recall",
    "Recalled",
    "SignEnergy",
    "capacity",
    "flip",
    "hebbian_memory",
    "local_field",
    "pseudo_inverse_memory",
    "random_order",
    "random_patterns",
    "recall",
    "softmax_update",
    "successes",
    "theoretical_capacity",
    "wilson_interval",
]
