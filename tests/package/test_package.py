"""What the package promises as a whole, and the first two explorers in Python."""

import importlib
import inspect
import pkgutil
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import traitlets

import olsattn
from olsattn import datasets, relative_error
from olsattn.autoregression import lag_matrix
from olsattn.causal import masked_weights
from olsattn.widgets import MaskingExplorer, MultiHeadExplorer, SimilarityExplorer

ROOT = Path(__file__).parents[2]
MODULES = ["olsattn", *(found.name for found in pkgutil.walk_packages(olsattn.__path__, "olsattn."))]
CHECKS = re.compile(r"\braise \w*Error|\bas_floats\(|\bas_index\(|\bsame_size\(")


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("olsattn", "torch matplotlib sympy scipy sklearn statsmodels pandas ipywidgets anywidget"),
        ("olsattn.widgets", "torch matplotlib sympy scipy.linalg scipy.special sklearn statsmodels pandas"),
        ("olsattn.datasets", "torch matplotlib sympy scipy sklearn statsmodels pandas"),
        ("olsattn.training", "torch matplotlib sympy scipy sklearn statsmodels pandas"),
    ],
)
def test_importing_is_light(module, absent):
    """What a module loads, in a process of its own; the time is printed, for it is the machine's as well."""
    code = (f"import sys, time; t = time.perf_counter(); import {module}; t = time.perf_counter() - t\n"
            "print(round(t, 2), *sys.modules)")
    seconds, *loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                                      check=True).stdout.split()
    print(f"import {module}: {seconds} s")
    assert "numpy" in loaded and not set(absent.split()) & set(loaded)


def test_the_wheel_carries_scripts_styles_and_data(tmp_path):
    """Built from a copy, since setuptools also packs what an earlier build has left in the tree."""
    copy = tmp_path / "sources"
    shutil.copytree(ROOT / "olsattn", copy / "olsattn", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, copy],
                   check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("olsattn/")}
    sources = {str(path.relative_to(ROOT)) for path in (ROOT / "olsattn").rglob("*.*") if path.suffix != ".pyc"}
    assert packed == sources and {"olsattn/data/diabetes.csv", "olsattn/widgets/kit/dom.js"} <= packed


def public(module):
    """Functions and classes that a module defines, and the methods and properties of these classes."""
    for name, thing in vars(module).items():
        if name.startswith("_") or getattr(thing, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(thing) or inspect.isclass(thing):
            yield name, thing
        if inspect.isclass(thing):
            for inner, part in vars(thing).items():
                part = part.fget if isinstance(part, property) else getattr(part, "__func__", part)
                if not inner.startswith("_") and inspect.isfunction(part):
                    part.__doc__ = inspect.getdoc(getattr(thing, inner))  # a method may say what its base says
                    yield f"{name}.{inner}", part


def sections(doc):
    """A NumPy-style docstring as a dictionary from section to text; the part before the first is the summary."""
    parts = re.split(r"^(\w[\w ]*)\n-{3,}$", inspect.cleandoc(doc), flags=re.M)
    return {"Summary": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_says_shapes_errors_and_shows_an_example(name):
    module, missing = importlib.import_module(name), []
    assert module.__doc__, f"{name} has no docstring"
    for label, thing in public(module):
        doc = sections(thing.__doc__ or "")
        if not doc["Summary"].strip():
            missing.append(f"{label}: a docstring")
            continue
        if ("Examples" not in doc and "." not in label) or ">>>" not in doc.get("Examples", ">>>"):
            missing.append(f"{label}: an example")
        if inspect.isclass(thing):
            if inspect.signature(thing).parameters and not {"Attributes", "Parameters"} & set(doc):
                missing.append(f"{label}: attributes or parameters")
            continue
        parameters = [p for p in inspect.signature(thing).parameters.values() if p.name not in ("self", "cls")]
        for parameter in parameters:
            if not re.search(rf"^[^:]*\b{parameter.name}\b", doc.get("Parameters", ""), flags=re.M):
                missing.append(f"{label}: the parameter {parameter.name}")
        if any("Array" in str(p.annotation) for p in parameters) and "shape" not in doc.get("Parameters", ""):
            missing.append(f"{label}: the shapes of its arrays")
        returns = inspect.signature(thing).return_annotation
        if parameters and returns is not None and not {"Returns", "Yields"} & set(doc):
            missing.append(f"{label}: what it returns")
        if CHECKS.search(inspect.getsource(thing)) and "Raises" not in doc:
            missing.append(f"{label}: what it raises")
    assert not missing, f"{name} lacks\n" + "\n".join(missing)


def test_the_types_hold():
    """Mypy, strict, on the whole package."""
    run = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


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
        ("encoded", 1.5, "not less than or equal to|1.5"),
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
