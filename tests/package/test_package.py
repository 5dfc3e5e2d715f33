"""The smaller modules, and what the package promises as a whole."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
import traitlets

import olsattn
from olsattn import datasets, figures, ols_attention, relative_error, symbolic
from olsattn.autoregression import lag_matrix
from olsattn.causal import masked_weights
from olsattn.heads import Heads, multi_head_attention
from olsattn.training import fit_softmax_heads
from olsattn.widgets import MaskingExplorer, MultiHeadExplorer, SimilarityExplorer

ROOT = Path(__file__).parents[2]


def test_importing_the_package_is_light():
    """``import olsattn`` must not bring torch, matplotlib, sympy, scikit-learn or the widgets."""
    code = "import sys, olsattn; print(sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "'numpy'" in loaded
    for heavy in ("torch", "matplotlib", "sympy", "sklearn", "ipywidgets", "anywidget", "statsmodels"):
        assert f"'{heavy}'" not in loaded


def test_importing_the_package_takes_little_longer_than_numpy():
    """A ratio in one run: the best of three imports of olsattn against the best of three of numpy."""

    def seconds(module):
        code = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
        runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
                for _ in range(3)]
        return min(float(run.stdout) for run in runs)

    assert seconds("olsattn") < 1.5 * seconds("numpy") + 0.05


def test_the_wheel_carries_scripts_and_styles(tmp_path):
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, ROOT],
                   check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("olsattn/")}
    sources = {str(path.relative_to(ROOT)) for path in (ROOT / "olsattn").rglob("*.*") if path.suffix != ".pyc"}
    assert packed == sources and "olsattn/widgets/kit.js" in packed


def test_every_public_function_documents_shapes_and_errors():
    """Public functions have a docstring with parameters and, where they check input, what they raise."""
    import inspect

    from olsattn import attention, least_squares

    for module in (attention, datasets, figures, least_squares, symbolic):
        for name, thing in vars(module).items():
            if name.startswith("_") or not inspect.isfunction(thing) or thing.__module__ != module.__name__:
                continue
            assert thing.__doc__, f"{module.__name__}.{name} has no docstring"
            takes_arguments = [p for p in inspect.signature(thing).parameters.values()]
            if takes_arguments and name != "identity":
                assert "Parameters\n" in thing.__doc__, f"{module.__name__}.{name} does not document its parameters"
            if "raise ValueError" in inspect.getsource(thing):
                assert "Raises\n" in thing.__doc__, f"{module.__name__}.{name} does not say what it raises"


def test_symbolic_matrices():
    x = symbolic.symbols_matrix("x", 2, 3)
    assert x.shape == (2, 3) and x[1, 2] == sp.Symbol("x_{23}", real=True)
    fractions = symbolic.rational_matrix(4, 2, seed=0)
    assert fractions.rank() == 2 and all(entry.is_rational for entry in fractions)
    assert fractions == symbolic.rational_matrix(4, 2, seed=0) != symbolic.rational_matrix(4, 2, seed=1)


def test_symbolic_weights_equal_numeric_ones():
    X, X_new = symbolic.rational_matrix(5, 3, seed=1), symbolic.rational_matrix(2, 3, seed=2)
    exact = np.array(symbolic.ols_weights(X_new, X), dtype=float)
    _, weights = ols_attention(np.array(X_new, dtype=float), np.array(X, dtype=float), np.zeros(5))
    assert relative_error(weights, exact) < 1e-12
    with pytest.raises(ValueError, match=r"shape \(2, 2\) has rank 1"):
        symbolic.ols_weights(X[:1, :2], sp.Matrix([[1, 2], [2, 4]]))


def test_is_zero_can_say_no():
    t = sp.Symbol("t")
    assert symbolic.is_zero(sp.sin(t) ** 2 + sp.cos(t) ** 2 - 1)
    assert not symbolic.is_zero(sp.Matrix([0, t]))


def test_diabetes_is_the_published_data_set():
    data = datasets.diabetes()
    assert data.X.shape == (442, 11) and data.y.shape == (442,) and len(data.names) == 11
    assert (data.X[:, 0] == 1).all()
    # First patient in the published file: age 59, sex 2, body mass index 32.1, pressure 101; response 151.
    assert data.X[0, 1:5].tolist() == [59, 2, 32.1, 101] and data.y[0] == 151


def test_split_is_a_partition():
    data = datasets.diabetes()
    X_train, X_test, y_train, y_test = data.split(100, seed=3)
    assert X_train.shape == (342, 11) and X_test.shape == (100, 11)
    joined = np.column_stack([np.vstack([X_train, X_test]), np.concatenate([y_train, y_test])])
    whole = np.column_stack([data.X, data.y])
    assert sorted(map(tuple, joined)) == sorted(map(tuple, whole))
    for size in (0, 442, -1):
        with pytest.raises(ValueError, match=f"got {size}"):
            data.split(size)


def test_figures_follow_the_theme_and_speak():
    figure, ax = figures.subplots()
    figures.signed_points(ax, np.eye(2), [0.5, -0.2], query=[1, 1], labels=True)
    markup = figures.show(figure, alt='Two points and a query, "labelled".')._repr_html_()
    for role in ("positive", "negative", "query", "ink"):
        assert f"var(--role-{role}, {figures.ROLES[role]})" in markup
    assert 'aria-label="Two points and a query, &quot;labelled&quot;."' in markup
    with pytest.raises(ValueError, match="alt must describe"):
        figures.show(figure, alt="figure 1")


def test_role_colours_are_readable_in_both_themes():
    """Each role has a contrast of at least 4.5 to 1 on the paper of its theme."""

    def luminance(colour):
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return float(np.dot([0.2126, 0.7152, 0.0722], linear))

    light, dark = (ROOT / "olsattn" / "roles.css").read_text().split("@media")
    for theme in (light, dark):
        colours = dict(re.findall(r"--role-(\w+):\s*(#[0-9a-f]{6})", theme))
        paper = luminance(colours.pop("paper"))
        del colours["line"]  # decoration only
        assert len(colours) == 8
        for role, colour in colours.items():
            low, high = sorted([luminance(colour), paper])
            assert (high + 0.05) / (low + 0.05) >= 4.5, role


def test_widget_weights_follow_its_traits():
    explorer = SimilarityExplorer()

    def exact():
        rows = [np.array([explorer.query]), np.array(explorer.points)]
        if explorer.intercept:
            rows = [np.column_stack([np.ones(len(r)), r]) for r in rows]
        return rows[0] @ np.linalg.pinv(rows[1])

    assert relative_error([explorer.weights], exact()) < 1e-10
    seen = []
    explorer.observe(lambda change: seen.append(change["new"]), "weights")
    explorer.query = np.array([0.3, -2.0])
    assert seen[-1] == explorer.weights and relative_error([explorer.weights], exact()) < 1e-10
    explorer.intercept = False
    assert relative_error([explorer.weights], exact()) < 1e-10
    explorer.points = np.array(explorer.points)[::-1]
    assert relative_error([explorer.weights], exact()) < 1e-10
    assert explorer.prediction == pytest.approx(np.dot(explorer.weights, explorer.values))


@pytest.mark.parametrize(
    ("trait", "value", "message"),
    [
        ("query", [0, 9], "query must lie between -3 and 3, got 0 to 9"),
        ("query", [1, 2, 3], r"query must have shape \(2\), got \(3,\)"),
        ("query", [np.nan, 0], "NaN"),
        ("points", [[0, 1]], "points must have 12 entries"),
        ("points", np.zeros((12, 2)), "all at the origin"),
        ("values", [1, 2], "values must have 12 entries"),
        ("selected", 12, "selected must be -1 or from 0 to 11, got 12"),
        ("weights", [1.0], "read-only"),
    ],
)
def test_widget_refuses_what_it_cannot_draw(trait, value, message):
    with pytest.raises(traitlets.TraitError, match=message):
        setattr(SimilarityExplorer(), trait, value)


def test_version_is_the_one_in_the_citation_file():
    assert f"version: {olsattn.__version__}" in (ROOT / "CITATION.cff").read_text()


@pytest.mark.parametrize("weighting", ["identity", "softmax"])
@pytest.mark.parametrize("value_size", [1, 2])
def test_multi_head_explorer_follows_its_traits(weighting, value_size):
    explorer = MultiHeadExplorer(weighting=weighting, value_size=value_size)
    for heads in (4, 2, 1):
        explorer.heads = heads
        assert np.shape(explorer.weights) == (heads, 12, 12) and np.shape(explorer.output) == (12, value_size)
        combined = sum(np.array(w) @ np.array(explorer.tokens[explorer.dataset]["values"])[:, :value_size]
                       @ np.array(m)[:value_size, :value_size]
                       for w, m in zip(explorer.weights, explorer.w_values, strict=False))
        assert relative_error(explorer.output, combined) < 1e-12
        exact = heads == 1 or (weighting == "identity" and value_size == 1)
        assert (explorer.residual < 1e-10) == exact
    sums = np.sum(explorer.weights, axis=2)
    assert (np.abs(sums - 1).max() < 1e-12) == (weighting == "softmax")
    for trait, value in dict(heads=5, width=0, temperature=0.0, weighting="relu", query=12, w_query=np.ones(3)).items():
        with pytest.raises(traitlets.TraitError):
            setattr(explorer, trait, value)


def test_first_order_head_is_the_limit_of_high_temperature():
    residuals = []
    for temperature in (1.0, 10.0):
        residuals.append(MultiHeadExplorer(weighting="softmax", temperature=temperature).residual)
    assert residuals[1] < residuals[0] / 5


def test_masking_explorer_follows_its_traits():
    explorer, macro = MaskingExplorer(), datasets.us_macro()
    inflation = macro.column("inflation")
    for context, lags, mask in [("inflation", 1, "unmasked"), ("economy", 3, "exact"), ("economy", 1, "strict")]:
        explorer.context, explorer.lags, explorer.mask = context, lags, mask
        weights, now = np.array(explorer.weights), macro.dates.index(explorer.date) - lags
        assert explorer.forecast == pytest.approx(weights @ inflation[lags:])
        assert weights.sum() == pytest.approx(1)
        assert (weights[now:] == 0).all() == (mask != "unmasked")
    explorer.date = "2009Q3"
    X, y = lag_matrix(inflation, 1)
    explorer.context = "inflation"
    for name, matrix in masked_weights(X).items():  # from the 25th quarter of the series to the date, that one included
        assert explorer.errors[name] == pytest.approx(np.sqrt(np.mean((matrix @ y - y)[23:] ** 2)))
    explorer.context = "economy"
    assert explorer.errors["unmasked"] < explorer.errors["exact"] < explorer.errors["strict"]
    for trait, value in dict(date="1950Q1", lags=5, mask="none", context="world").items():
        with pytest.raises(traitlets.TraitError):
            setattr(explorer, trait, value)


def test_softmax_heads_are_fitted_by_descent():
    """A task made by a known head is learnt: the loss falls by orders of magnitude, and the weights reproduce it."""
    rng = np.random.default_rng(0)
    queries, keys, values = rng.normal(size=(30, 2, 2)), rng.normal(size=(30, 5, 2)), rng.normal(size=(30, 5, 1))
    teacher = Heads(w_query=np.eye(2)[None] * 2, w_key=np.eye(2)[None], w_value=np.ones((1, 1, 1)),
                    w_out=np.ones((1, 1, 1)))
    targets = np.array([multi_head_attention(*s, teacher)[0] for s in zip(queries, keys, values, strict=True)])
    weights, losses = fit_softmax_heads(queries, keys, values, targets, heads=1, width=2, steps=300)
    assert losses[-1] < 1e-3 * losses[0]
    student = Heads(**weights)
    outputs = np.array([multi_head_attention(*s, student)[0] for s in zip(queries, keys, values, strict=True)])
    assert np.mean((outputs - targets) ** 2) < 2e-3 * losses[0]
    with pytest.raises(ValueError, match="queries must be 3-D"):
        fit_softmax_heads(queries[0], keys, values, targets, heads=1, width=2)
