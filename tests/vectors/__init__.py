"""Numbers that page, traits and package meet: read here, made by make.py."""

import json
from pathlib import Path

import numpy as np

FILES = {path.stem: path for path in sorted(Path(__file__).parent.glob("*.json"))}


def read(stem):
    """The contents of one file, by the name of its module."""
    return json.loads(FILES[stem].read_text(encoding="utf-8"))


def of_widgets():
    """Widget class -> its vectors."""
    return {vectors["widget"]: vectors for vectors in map(read, FILES) if "widget" in vectors}


def assert_close(found, expected, tolerance, where=""):
    """Columns are equal to the tolerance, relative to 1 or to their size; returns the largest difference.

    ``expected`` may have fewer columns. None, where there is no number, is equal to None and to NaN.
    """
    worst = 0.0
    for heading, column in expected.items():
        pair = [np.array(values, dtype=float) for values in (found[heading], column)]
        np.testing.assert_allclose(*pair, rtol=tolerance, atol=tolerance, err_msg=f"{heading} {where}")
        size = np.abs(pair[0] - pair[1]) / np.maximum(1, np.abs(pair[1]))
        worst = max(worst, np.nanmax(size, initial=0.0))
    return worst
