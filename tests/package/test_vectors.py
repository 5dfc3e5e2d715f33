"""The vectors that page, traits and package share are those of this package, and true."""

import numpy as np
import pytest
import traitlets
from vectors import assert_close, make, of_widgets, oracles, read

from olsattn import widgets

VECTORS = of_widgets()
each_widget = pytest.mark.parametrize("name", widgets.__all__)


def test_every_widget_has_vectors():
    """A new widget comes with cases and an oracle."""
    assert sorted(VECTORS) == sorted(make.CASES) == sorted(oracles.ORACLES) == sorted(widgets.__all__)
    assert all(vectors["cases"] for vectors in VECTORS.values())


@each_widget
def test_the_package_still_makes_them(name):
    """What is written is what ``make.py`` would write now; points nearly on a line lose digits from build to build."""
    cls = getattr(widgets, name)
    assert make.constants(cls()) == VECTORS[name]["constants"]
    assert [case["traits"] for case in VECTORS[name]["cases"]] == list(make.CASES[name]())
    for case in VECTORS[name]["cases"]:
        tolerance = 1e-8 if name == "SimilarityExplorer" else 1e-12
        assert_close(cls(**case["traits"]).numbers, case["numbers"], tolerance, f"of {case['traits']}")


def test_the_kit_s_are_still_made():
    def flat(value):
        return [v for item in value for v in flat(item)] if isinstance(value, list) else [value]

    for section, cases in make.kit_cases():
        for found, expected in zip(cases, read("kit")[section], strict=True):
            assert found.keys() == expected.keys()
            for key, value in expected.items():
                pair = flat(found[key]), flat(value)
                if isinstance(pair[1][0], float):
                    np.testing.assert_allclose(*pair, rtol=1e-12, atol=1e-12, err_msg=f"{section} {key}")
                else:
                    assert pair[0] == pair[1], f"{section} {key}"


@each_widget
def test_numpy_alone_finds_the_same(name):
    for case in VECTORS[name]["cases"]:
        expected = oracles.ORACLES[name](**case["traits"])
        assert_close(case["numbers"], expected, 1e-6, f"of {case['traits']}")


# What a reader of the traits gets, against the columns of the table: trait -> (heading, row or all).
TRAITS = {
    "AttentionViewer": {},
    "DialExplorer": {"prediction": ("prediction", -1)},
    "CovariateShiftExplorer": {"layer_error": ("error", 0), "coefficient_error": ("error", 1)},
    "HopfieldExplorer": {"overlaps": ("overlap", None)},
    "MaskingExplorer": {},
    "MultiHeadExplorer": {},
    "ShrinkageExplorer": {"training_error": ("training error", 2), "test_error": ("test error", 2),
                          "rescaled_error": ("rescaled", 2), "parameters": ("parameters", 2)},
    "SimilarityExplorer": {"weights": ("weight", None)},
    "TrainingExplorer": {"weight": ("w", -1), "distance": ("distance", -1)},
}


@each_widget
def test_traits_meet_them(name):
    """Set one after the other on a widget that is there already, as a reader does."""
    widget = None
    for case in VECTORS[name]["cases"]:
        given, numbers = case["traits"], case["numbers"]
        try:
            for trait, value in given.items():
                setattr(widget, trait, value)
        except (AttributeError, traitlets.TraitError):  # the first, and where the number of points is another
            widget = getattr(widgets, name)(**given)
        assert_close(widget.numbers, numbers, 1e-8, f"of {given}")
        for trait, (heading, row) in TRAITS[name].items():
            column = numbers[heading]
            if row is None or column[row] is not None:
                np.testing.assert_allclose(getattr(widget, trait), column if row is None else column[row], atol=1e-8)
        if name == "MaskingExplorer":
            row = widgets.masking_explorer.MASKS.index(widget.mask)
            assert widget.forecast == pytest.approx(numbers["forecast"][row], abs=1e-8)
            assert list(widget.errors.values()) == pytest.approx(numbers["running error"], abs=1e-8)
            past = np.dot(widget.weights, [v[0] for v in widget.series[widget.lags:]])
            assert past == pytest.approx(widget.forecast, abs=1e-8)
        if name == "MultiHeadExplorer":
            assert_close({f"head {h + 1}": maps[widget.query] for h, maps in enumerate(widget.weights)},
                         {k: v for k, v in numbers.items() if k.startswith("head ")}, 1e-8)
            assert_close({"one head": widget.one_weights[widget.query]}, {"one head": numbers["one head"]}, 1e-8)
            outputs, alone = ([v for k, v in numbers.items() if k.startswith(s)] for s in ("output", "with one head"))
            assert np.allclose(np.transpose(widget.output), outputs, atol=1e-8)
            gap = np.linalg.norm(np.subtract(outputs, alone)) / np.linalg.norm(outputs)
            assert widget.residual == pytest.approx(gap, abs=1e-8)
        if name == "CovariateShiftExplorer":
            b = [numbers[f"coefficient {k}"][1] for k in (1, 2)]
            layer = [numbers[f"coefficient {k}"][0] for k in (1, 2)]
            assert np.allclose(np.array(widget.distortion) @ b, layer, atol=1e-8)
