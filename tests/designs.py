"""Random designs that the property tests share."""

import os

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

# Derandomised: the same examples on every machine, so that a red run can be repeated. Mutants meet fewer.
settings.register_profile("olsattn", deadline=None, derandomize=True, database=None,
                          max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", 60)))
settings.load_profile("olsattn")


@st.composite
def designs(draw, max_rows=30, max_columns=6, wide=False, condition=1e3):
    """A design (N, P) with singular values between 1/condition and 1, times a scale; N >= P unless ``wide``."""
    P = draw(st.integers(1, max_columns))
    N = draw(st.integers(1, P) if wide else st.integers(P, max_rows))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    left, _ = np.linalg.qr(rng.normal(size=(N, min(N, P))))
    right, _ = np.linalg.qr(rng.normal(size=(P, min(N, P))))
    spread = draw(st.floats(0, 1)) * np.log10(condition)
    values = np.sort(10 ** (-spread * rng.uniform(size=min(N, P))))[::-1]
    return draw(st.sampled_from([1e-3, 1.0, 1e4])) * (left * values) @ right.T


seeds = st.integers(0, 2**32 - 1)
