"""Numbers that page, traits and package all have to meet, made by the package: python tests/vectors/make.py.

For each widget, in a file of its name: the traits that are the same in every case, and cases of traits with the table
that the page prints. ``kit.json`` has what the kit's own functions have to meet. The seeds stand here. The tests in
tests/package/test_vectors.py compare the files with the package and with independent oracles; those in tests/kit with
the modules in Node; those in tests/site with the pages.
"""

import json
from pathlib import Path

import numpy as np

from olsattn import memory, widgets
from olsattn.attention import softmax
from olsattn.least_squares import embedding
from olsattn.widgets import MaskingExplorer, MultiHeadExplorer

FOLDER = Path(__file__).parent


# ---- SimilarityExplorer ----

def similarity_cases():
    """Clouds of many sizes; points nearly and exactly on a line; too few points for the coefficients."""
    rng = np.random.default_rng(20)
    clouds = [rng.uniform(-3, 3, (n, 2)).round(2) for n in (3, 4, 5, 8, 12, 20, 40)]
    shifted = [(rng.normal(2, 0.2, (9, 2))).clip(-3, 3).round(2)]
    line = np.linspace(-2.5, 2.5, 11)[:, None]
    nearly = [(line * [1, -0.5] + size * rng.normal(size=(11, 2))).clip(-3, 3) for size in (1e-2, 1e-4, 1e-6)]
    exactly = [line * [1, 0.5], line * [0, 1], np.column_stack([line, np.full_like(line, 1.5)]),
               line * [0.7, -0.3], line * [0.3, 0.7] + [0.1, 0.2]]  # the last two up to rounding
    few = [[[1, 0.5], [-1.25, 2]], [[0.75, -2]]]
    for points in (*clouds, *shifted, *nearly, *exactly, *few):
        points, query = np.asarray(points, dtype=float), rng.uniform(-3, 3, 2).round(2)
        values = rng.normal(size=len(points)).round(2)
        for intercept in (True, False):
            yield {"points": points.tolist(), "values": values.tolist(), "query": query.tolist(),
                   "intercept": intercept}


# ---- MultiHeadExplorer ----

def multi_head_cases():
    rng, names = np.random.default_rng(21), list(MultiHeadExplorer().tokens)
    for heads in (1, 2, 3, 4):
        for weighting in ("identity", "softmax"):
            for value_size in (1, 2):
                yield {"heads": heads, "width": int(rng.integers(1, 4)), "weighting": weighting,
                       "temperature": round(float(rng.uniform(0.3, 5)), 1), "value_size": value_size,
                       "dataset": names[rng.integers(len(names))], "query": int(rng.integers(12))}


# ---- MaskingExplorer ----

def masking_cases():
    rng, dates = np.random.default_rng(22), MaskingExplorer().dates
    for context in ("inflation", "economy"):
        for lags in (1, 2, 3, 4):
            for date in (dates[24], dates[rng.integers(25, len(dates))], dates[-1]):
                yield {"context": context, "lags": lags, "date": date,
                       "mask": ("unmasked", "equation 35", "strict", "exact")[rng.integers(4)]}


# ---- HopfieldExplorer ----

def hopfield_cases():
    rng = np.random.default_rng(23)
    for dynamics in ("quadratic", "polynomial", "exponential", "softmax", "linear", "whitened"):
        for side, count in ((4, 3), (5, 40), (10, 7), (12, 16), (16, 200), (20, 60)):
            touched = rng.choice(side**2, rng.integers(3), replace=False)
            yield {"side": side, "count": count, "dynamics": dynamics, "degree": int(rng.integers(3, 7)),
                   "beta": float(rng.choice([1, 4, 16, 64])), "flipped": round(float(rng.uniform(0, 0.4)), 2),
                   "shown": int(rng.integers(8)), "touched": touched.tolist()}


# ---- TrainingExplorer ----

def training_cases():
    """Both optimisers at their edges; where rounding grows without end, as between bouncing and diverging, none."""
    rng = np.random.default_rng(23)
    settings = [*(("Adam", rate, start) for rate in (1e-4, 1e-3, 0.01) for start in (-2.5, 0.1, 1.2)),
                ("Adam", 0.001, 0.0), ("Adam", 0.1, 2.5), ("Adam", 0.03, -0.3),
                *(("gradient descent", rate, start) for rate in (1e-4, 1e-3, 0.01) for start in (-1.0, 0.1, 0.7)),
                ("gradient descent", 1e-4, 2.5), ("gradient descent", 1e-3, 2.5), ("gradient descent", 0.1, -0.5),
                ("gradient descent", 0.01, 0.0)]
    for k, (optimiser, rate, start) in enumerate(settings):
        epoch = (0, 1, 5000)[k] if k < 3 else int(5001 ** rng.uniform()) - 1
        yield {"optimiser": optimiser, "rate": rate, "start": start, "epoch": epoch}


# ---- CovariateShiftExplorer ----

def covariate_shift_cases():
    rng = np.random.default_rng(24)
    yield {"stretch": [1.2, 0.6], "angle": 30, "shift": [0, 0], "row": [1, 1]}
    for stretch, angle, shift in (([0.1, 0.1], -180, [2, -2]), ([2.5, 2.5], 180, [-2, -2]), ([0.1, 2.5], 0, [0, 0]),
                                  ([2.5, 0.1], 90, [0, 2])):
        yield {"stretch": stretch, "angle": angle, "shift": shift, "row": [4, -4]}
    for _ in range(15):
        yield {"stretch": rng.uniform(0.1, 2.5, 2).round(2).tolist(), "angle": round(float(rng.uniform(-180, 180)), 1),
               "shift": rng.uniform(-2, 2, 2).round(2).tolist(), "row": rng.uniform(-4, 4, 2).round(2).tolist()}


# ---- ShrinkageExplorer ----

def shrinkage_cases():
    """Each rank without a penalty and with one; both ends of the penalties, and far less than any singular value."""
    rng = np.random.default_rng(27)
    for rank in range(1, 11):
        yield {"penalty": 0.0, "rank": rank}
        yield {"penalty": float(f"{10 ** rng.uniform(-3, 4):.3g}"), "rank": rank}
    for penalty, rank in ((1e4, 10), (1e4, 1), (1e-9, 10), (1e-9, 3), (10.4, 10)):
        yield {"penalty": penalty, "rank": rank}


# ---- DialExplorer ----

def dial_cases():
    """Both ends of the dial and places between them, one regressor and two, and the other weightings."""
    rng = np.random.default_rng(26)
    for regressors in ("body mass", "body mass and pressure"):
        for beta in (0.0, 1e-9, 0.1, 0.5, 0.9, 1.0):
            yield {"beta": beta, "query": [round(float(rng.uniform(18, 42)), 1), round(float(rng.uniform(70, 125)), 1)],
                   "regressors": regressors, "whitening": round(float(rng.uniform()), 2), "weighting": "dial",
                   "degree": 2}
        for weighting, degree in (("powers", 1), ("powers", 2), ("powers", 8), ("ReLU", 2), ("ELU", 2)):
            yield {"beta": 0.5, "query": [round(float(rng.uniform(20, 40)), 1), 90.0], "regressors": regressors,
                   "whitening": 1.0, "weighting": weighting, "degree": degree}


# ---- AttentionViewer ----

def viewer_cases():
    texts = ("If the name is not found, an exception is", "a class definition defines a class object. the class",
             "return", "zyzzyva 42 " * 30)
    for k, text in enumerate(texts):
        for layer in (0, 1):
            yield {"text": text, "layer": layer, "head": (k + 2 * layer) % 4, "token": (-1, 3)[layer]}


# ---- the kit ----

def kit_cases():
    """Linear algebra at condition numbers up to 1e8, NumPy's words, recalls of random patterns, intervals, limits."""
    rng = np.random.default_rng(25)
    matrices = [rng.normal(size=shape).round(3) for shape in ((3, 2), (6, 3), (12, 4), (2, 3))]
    matrices.append(rng.normal(size=(8, 3)) * [1, 1e-4, 1e-8])
    matrices.append(np.outer(rng.normal(size=5), [1, -2]))
    yield "embedding", [
        {"X": X.tolist(), "singular": np.linalg.svd(X, compute_uv=False).tolist(),
         "hat": (embedding(X).scores @ embedding(X).scores.T).tolist()} for X in matrices]
    yield "softmax", [{"scores": row.tolist(), "weights": softmax(row[None])[0].tolist()}
                      for row in (rng.normal(size=6), rng.normal(size=4) * 800, np.zeros(3))]
    yield "random", [
        {"entropy": entropy,
         "words": [str(word) for word in np.random.default_rng(entropy).bit_generator.random_raw(5)],
         "patterns": memory.random_patterns(3, size, np.random.default_rng(entropy)).astype(int).tolist(),
         "order": memory.random_order(size, np.random.default_rng(entropy)).tolist()}
        for entropy, size in (([0, 16], 16), ([1, 64, 3], 64), ([7, 100, 2, 5], 100),
                              ([1, 2, 3, 4, 5, 2**32 - 1], 70))]
    recalls = (("quadratic", memory.Quadratic(), 36, 5, 0.2, 1.0), ("quadratic", memory.Quadratic(), 64, 8, 0.25, 0.9),
               ("polynomial", memory.Polynomial(3), 25, 25, 0.1, 1.0),
               ("polynomial", memory.Polynomial(4), 16, 40, 0.1, 0.9),
               ("exponential", memory.Exponential(), 16, 60, 0.06, 1.0))
    yield "trials", [
        {"dynamics": kind, "degree": getattr(energy, "degree", 3), "size": size, "count": count, "flipped": flipped,
         "exact": overlap == 1,
         "successes": memory.successes(size, count, energy, memory.Recalled(flipped, overlap=overlap),
                                       trials=40).tolist()}
        for kind, energy, size, count, flipped, overlap in recalls]
    yield "wilson", [{"good": good, "trials": n, "interval": list(memory.wilson_interval(good, n))}
                     for good, n in ((0, 10), (3, 10), (97, 100), (100, 100))]


# ---- writing ----

CASES = {
    "AttentionViewer": viewer_cases, "CovariateShiftExplorer": covariate_shift_cases, "DialExplorer": dial_cases,
    "HopfieldExplorer": hopfield_cases,
    "MaskingExplorer": masking_cases, "MultiHeadExplorer": multi_head_cases,
    "ShrinkageExplorer": shrinkage_cases,
    "SimilarityExplorer": similarity_cases, "TrainingExplorer": training_cases,
}


def constants(widget):
    """The traits that a widget computes from and that no case changes."""
    names = {"MultiHeadExplorer": ["tokens", "w_query", "w_key", "w_values"], "MaskingExplorer": ["series", "dates"],
             "HopfieldExplorer": ["pictures"], "TrainingExplorer": ["second_moment", "coefficient", "floor"],
             "CovariateShiftExplorer": ["train", "responses", "base"], "DialExplorer": ["patients"],
             "ShrinkageExplorer": ["moments"]}
    return {name: getattr(widget, name) for name in names.get(type(widget).__name__, ())}


def make():
    """All vectors: {file: contents}."""
    vectors = {"kit.json": dict(kit_cases())}
    for name, cases in CASES.items():
        cls = getattr(widgets, name)
        made = [{"traits": traits, "numbers": cls(**traits).numbers} for traits in cases()]
        vectors[f"{cls.module().removesuffix('.js')}.json"] = {
            "widget": name, "constants": constants(cls()), "cases": made}
    return vectors


def written(contents):
    """JSON with a case a line."""
    parts = []
    for key, value in contents.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            lines = ",\n".join(f"  {json.dumps(entry)}" for entry in value)
            parts.append(f' "{key}": [\n{lines}\n ]')
        else:
            parts.append(f' "{key}": {json.dumps(value)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    for file, contents in make().items():
        (FOLDER / file).write_text(written(contents), encoding="utf-8")
        print(file)
