"""What the tables of the widgets must hold, from NumPy alone and by other routes than the package's.

Each oracle takes the traits of a widget and returns a column for each heading that it can vouch for.
"""

import re

import numpy as np
from scipy.special import softmax as scipy_softmax
from sklearn.datasets import load_diabetes
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression
from sklearn.metrics import root_mean_squared_error
from sklearn.preprocessing import StandardScaler

from olsattn.datasets import us_macro
from olsattn.language_model import WEIGHTS
from olsattn.widgets import CovariateShiftExplorer, DialExplorer, HopfieldExplorer, MultiHeadExplorer

# ---- SimilarityExplorer ----

def design(rows, intercept):
    rows = np.asarray(rows, dtype=float)
    return np.column_stack([np.ones(len(rows)), rows]) if intercept else rows


def similarity(points, values, query, intercept=True):
    """Least-squares weights of the query on the points, of minimum norm where the points do not settle them."""
    X, x = design(points, intercept), design([query], intercept)[0]
    inverse = np.linalg.pinv(X, rcond=max(X.shape) * np.finfo(float).eps)
    weights = x @ np.linalg.lstsq(X, np.eye(len(X)), rcond=None)[0]
    assert np.allclose(weights, x @ inverse, rtol=1e-8, atol=1e-8), "the oracle does not agree with itself"
    return {
        "x1": np.asarray(points, dtype=float)[:, 0], "x2": np.asarray(points, dtype=float)[:, 1],
        "y": np.asarray(values, dtype=float), "weight": weights,
        "leverage": np.diag(X @ inverse),
        # (a - b)' (X'X)^+ (a - b), and (X'X)^+ = X^+ X^+'
        "distance": np.linalg.norm((X - x) @ inverse, axis=1),
    }


# ---- MultiHeadExplorer ----

def multi_head(heads, width, weighting, temperature, value_size, dataset, query):
    """Heads one by one, and the one head from a singular value decomposition or the first-order formula."""
    explorer = MultiHeadExplorer()
    data = explorer.tokens[dataset]
    X, V = np.array(data["features"]), np.array(data["values"])[:, :value_size]
    omegas = [np.array(q)[:, :width] @ np.array(k)[:, :width].T for q, k in zip(explorer.w_query, explorer.w_key,
                                                                                strict=True)][:heads]
    maps = [np.array(m)[:value_size, :value_size] for m in explorer.w_values][:heads]

    def weigh(omega):
        scores = X @ omega @ X.T / temperature
        powers = np.exp(scores)
        return powers / powers.sum(axis=1, keepdims=True) if weighting == "softmax" else scores

    if weighting == "softmax":
        total = sum(maps)
        one = sum(np.sum(m * total) / np.sum(total**2) * omega for m, omega in zip(maps, omegas, strict=True)), total
    else:
        operator = sum(np.outer(omega, m) for m, omega in zip(maps, omegas, strict=True))
        left, size, right = np.linalg.svd(operator)
        one = left[:, 0].reshape(3, 3) * size[0], right[0].reshape(value_size, value_size)
    outputs = {"output": sum(weigh(omega) @ V @ m for m, omega in zip(maps, omegas, strict=True)),
               "with one head": weigh(one[0]) @ V @ one[1]}
    columns = {f"head {h + 1}": weigh(omega)[query] for h, omega in enumerate(omegas)}
    for heading, output in outputs.items():
        for k in range(value_size):
            columns[f"{heading} {k + 1}" if value_size > 1 else heading] = output[:, k]
    return columns


# ---- MaskingExplorer ----

def masking(context, lags, mask, date):
    """Forecasts of the four masks by refits, their errors, and what they take from the present and the future."""
    macro = us_macro()
    columns = macro.values[:, : 1 if context == "inflation" else 3]
    T, inflation = len(columns), macro.values[:, 0]
    X = np.array([np.concatenate([[1], *(columns[t - k] for k in range(1, lags + 1))]) for t in range(lags, T)])
    y, now = inflation[lags:], macro.dates.index(date) - lags
    H, rows = X @ np.linalg.pinv(X), range(24 - lags, now + 1)
    weights = {"unmasked": H}
    for name, offset in (("equation 35", 0), ("strict", -1)):
        lower = np.tril(H, offset)
        weights[name] = lower / np.where(lower.sum(axis=1) == 0, 1, lower.sum(axis=1))[:, None]
    weights["exact"] = np.zeros_like(H)
    for t in rows:
        weights["exact"][t, :t] = X[t] @ np.linalg.pinv(X[:t])
    forecasts = {name: [w[t] @ y for t in rows] for name, w in weights.items()}
    return {
        "forecast": [forecast[-1] for forecast in forecasts.values()],
        "error": [forecast[-1] - y[now] for forecast in forecasts.values()],
        "on future or itself": [np.abs(w[now, now:]).sum() / np.abs(w[now]).sum()
                                              for w in weights.values()],
        "running error": [np.sqrt(np.mean((np.array(forecast) - y[list(rows)]) ** 2))
                          for forecast in forecasts.values()],
    }


# ---- HopfieldExplorer ----

def hopfield(side, count, dynamics, degree, beta, flipped, shown, touched):
    """Each state by its definition: signs from the energies with an entry at +1 and at -1, one entry at a time."""
    size, pictures = side**2, HopfieldExplorer().pictures.get(str(side), [])

    def words(*seed):
        return np.random.default_rng(seed).bit_generator

    draws = words(0, size).random_raw((count, -(-size // 64)))
    bits = (draws[:, :, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    X = 2.0 * bits.reshape(count, -1)[:, :size].astype(float) - 1
    for row, (_, picture) in zip(X, pictures, strict=False):
        row[:] = np.where(np.array(list(picture)) == "#", 1, -1)
    which = min(shown, count - 1)
    state = X[which].copy()
    state[np.argsort(words(1, size, which).random_raw(size))[: int(np.floor(flipped * size + 0.5))]] *= -1
    for pixel in touched:
        state[pixel] *= -1
    F = {"quadratic": lambda m: m**2, "polynomial": lambda m: m**degree, "exponential": lambda m: np.exp(m - size)}
    path, orders = [state], words(2, size)
    for _ in range(20):
        new = path[-1].copy()
        if dynamics in F:
            overlaps = X @ new
            for i in np.argsort(orders.random_raw(size)):
                rest = overlaps - X[:, i] * new[i]
                drop = np.sum(F[dynamics](rest + X[:, i])) - np.sum(F[dynamics](rest - X[:, i]))
                sign = np.sign(drop) or new[i]
                overlaps, new[i] = rest + X[:, i] * sign, sign
            done = np.array_equal(new, path[-1])
        else:
            K = X / side
            path[0] = state / side
            if dynamics == "softmax":
                powers = np.exp(beta * (K @ path[-1] - np.max(K @ path[-1])))
                new = powers @ K / powers.sum()
            elif dynamics == "linear":
                new = K.T @ K @ path[-1]
                new = new / np.linalg.norm(new)
            else:
                new = np.linalg.pinv(K) @ K @ path[-1]
            done = np.max(np.abs(new - path[-1])) < 1e-6
        if done:
            break
        path.append(new)
    cosines = [X @ s / np.linalg.norm(s) / side for s in path]
    energies = {
        "polynomial": lambda s, c: -np.sum(c**degree),
        "exponential": lambda s, c: -np.sum(np.exp(size * (c - 1))),
        "softmax": lambda s, c: s @ s / 2 - np.log(np.sum(np.exp(beta * c * np.linalg.norm(s)))) / beta,
        "whitened": lambda s, c: -np.sum((np.linalg.pinv(X) @ X @ s) ** 2) / (s @ s),
    }
    energy = energies.get(dynamics, lambda s, c: -np.sum(c**2))
    return {
        "sweep": range(len(path)), "overlap": [c[which] for c in cosines],
        "wrong signs": [np.sum(s * X[which] <= 1e-9) for s in path],
        "energy": [energy(s, c) for s, c in zip(path, cosines, strict=True)],
    }


# ---- TrainingExplorer ----

def training(optimiser, rate, start, epoch):
    """The layer's forward pass on the experiment's data at each epoch, differentiated by the product rule."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=500)
    y = 2 * x + 0.5 * rng.normal(size=500)
    n, w, first, second, weights, errors, outputs = len(x), start, 0.0, 0.0, [], [], []
    fit = x * (x @ y) / (x @ x)
    for t in range(1, 5002):
        if abs(w) > 1e6:
            break
        encoded, memory, head = x * w, (x * w) @ (x * w) / n, w * (x @ y) / n
        output = encoded * memory * head
        slope = x * memory * head + encoded * (2 * x @ (x * w) / n) * head + encoded * memory * (x @ y) / n
        weights.append(w), outputs.append(output), errors.append(np.mean((y - output) ** 2))
        gradient = -2 * np.mean((y - output) * slope)
        first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
        adam = first / (1 - 0.9**t) / (np.sqrt(second / (1 - 0.999**t)) + 1e-8)
        w = w - rate * (adam if optimiser == "Adam" else gradient)
    shown = [0, 100, 200, 500, 1000, 2000, 5000, epoch]

    def at(values):
        return [values[k] if k < len(values) else np.nan for k in shown]  # a dash: no number

    return {"epoch": shown, "w": at(weights), "MSE minus floor": np.array(at(errors)) - np.mean((y - fit) ** 2),
            "distance": at([np.linalg.norm(output - fit) / np.linalg.norm(fit) for output in outputs])}


# ---- CovariateShiftExplorer ----

def covariate_shift(stretch, angle, shift, row):
    """The layer's matrices written out with a Cholesky factor, applied to the batch, and read off its rows."""
    explorer = CovariateShiftExplorer()
    A, y, beta = np.array(explorer.train), np.array(explorer.responses), np.array([1, 0.5])
    first = np.exp(1j * np.radians(angle))
    rows = np.array(explorer.base) * stretch @ [first, 1j * first] + complex(*shift)  # the plane as complex numbers
    B = np.column_stack([rows.real, rows.imag])
    L = np.linalg.cholesky(np.linalg.inv(A.T @ A / len(A)))
    prediction = (B @ L) @ (B @ L).T / len(B) @ (B @ L) @ (L.T @ A.T @ y / len(A))
    b = np.linalg.lstsq(A, y, rcond=None)[0]
    effective = np.linalg.lstsq(B, prediction, rcond=None)[0]
    exact = B @ beta
    return {"error": [np.linalg.norm(p - exact) / np.linalg.norm(exact) for p in (prediction, B @ b)],
            "coefficient 1": [effective[0], b[0]], "coefficient 2": [effective[1], b[1]],
            "prediction for the row": [effective @ row, b @ row]}


# ---- ShrinkageExplorer ----

def shrinkage(penalty, rank):
    """Ridge in the coordinates that scikit-learn's components give, with the split written out."""
    X, y = load_diabetes(return_X_y=True, scaled=False)
    order = np.random.default_rng(529).permutation(442)
    scaler = StandardScaler().fit(X[order[412:]])
    keys, queries = (scaler.transform(X[rows]) for rows in (order[412:], order[:412]))
    target, wanted = y[order[412:]] - y[order[412:]].mean(), y[order[:412]] - y[order[412:]].mean()
    pca = PCA(10).fit(keys)

    def errors(b):
        fitted, predicted = pca.transform(keys)[:, : len(b)] @ b, pca.transform(queries)[:, : len(b)] @ b
        times = LinearRegression(fit_intercept=False).fit(fitted[:, None], target).coef_[0]
        return [root_mean_squared_error(*pair)
                for pair in ((target, fitted), (wanted, predicted), (wanted, times * predicted))]

    def method(penalty, rank):
        Z = pca.transform(keys)[:, :rank]
        gram = Z.T @ Z
        return [np.trace(gram @ np.linalg.inv(gram + penalty * np.eye(rank))),
                *errors(np.linalg.solve(gram + penalty * np.eye(rank), Z.T @ target))]

    rungs = [float(f"{(10 ** (k / 50) - 1) / 10:.3g}") for k in range(251)]
    best = min(rungs, key=lambda rung: method(rung, rank)[2])
    rows = [method(0, 10), method(0, rank), method(penalty, rank), method(best, rank)]
    attention = errors(pca.transform(keys)[:, :rank].T @ target)
    limit = [0, np.sqrt(np.mean(target**2)), np.sqrt(np.mean(wanted**2)), attention[2]]
    columns = dict(zip(("parameters", "training error", "test error", "rescaled"), np.array([*rows, limit]).T,
                       strict=True))
    squares = pca.singular_values_**2
    kept = np.arange(10) < rank
    return {"d²": squares, "F'F": kept * squares / (squares + penalty), "Ω": kept / (squares + penalty),
            "λΩ": kept * penalty / (squares + penalty), "λ": [0, 0, penalty, best, np.nan], **columns}


# ---- DialExplorer ----

def dial(beta, query, regressors, whitening, weighting, degree):
    """The formula of the dial as it is written, on designs made with scikit-learn's scaler."""
    table = np.array(DialExplorer().patients)
    count, y = (1 if regressors == "body mass" else 2), table[:, 2]
    points = np.array([[mass, query[1]] for mass in (20, 25, 30, 35, 40)] + [query])[:, :count]
    scaler = StandardScaler().fit(table[:, :count])
    keys, queries = scaler.transform(table[:, :count]), scaler.transform(points)
    omega = (1 - whitening) * np.eye(count) + whitening * np.linalg.pinv(np.cov(keys.T, ddof=0).reshape(count, count))
    s, N = queries @ omega @ keys.T, len(y)
    if weighting == "dial" and beta < 1e-6:  # the limit, to first order
        w = (1 + s) / N
    elif weighting == "dial":
        w = 1 / N + (scipy_softmax(beta * s, axis=1) - 1 / N) / beta
    else:
        raw = {"powers": (1 + s / degree) ** degree, "ReLU": (1 + s) * (s > -1),
               "ELU": np.where(s > -1, 1 + s, np.exp(1 + s) - 1)}[weighting]
        w = raw / raw.sum(axis=1)[:, None]
    return {"body mass": points[:, 0], "prediction": w @ y,
            "negative share": -w.clip(max=0).sum(axis=1) / abs(w).sum(axis=1),
            "effective patients": 1 / (w**2).sum(axis=1), "heaviest weight": w.max(axis=1)}


# ---- AttentionViewer ----

def viewer(text, layer, head, token):
    """The model once more, from the numbers of its file, all heads in one product."""
    file = np.load(WEIGHTS)
    words = re.findall(r"[a-z_]+|[0-9]+|[^\sa-z_0-9]", text.lower())
    numbers = [list(file["vocabulary"]).index(w) if w in file["vocabulary"] else 0 for w in words]
    T, w = len(words), {name: file[name].astype(float) for name in file if file[name].dtype == np.float16}
    x = w["token.weight"][numbers] + w["position.weight"][:T]

    def norm(rows, gain):
        return gain * (rows - rows.mean(1)[:, None]) / np.sqrt(rows.var(1) + 1e-5)[:, None]

    for block in range(layer + 1):
        part = {name: w[f"blocks.{block}.{name}.weight"] for name in
                ("norm_attention", "norm_feed", "query", "key", "value", "out", "up", "down")}
        rows = norm(x, part["norm_attention"])
        q, k, v = (np.reshape(rows @ part[name].T, (T, 4, 16)) for name in ("query", "key", "value"))
        scores = np.einsum("thl,shl->hts", q, k) / 4 + np.triu(np.full((T, T), -np.inf), 1)
        weights = scipy_softmax(scores, axis=2)
        x = x + np.einsum("hts,shd->thd", weights, v).reshape(T, 64) @ part["out"].T
        inner = norm(x, part["norm_feed"]) @ part["up"].T
        active = 0.5 * inner * (1 + np.tanh(np.sqrt(2 / np.pi) * (inner + 0.044715 * inner**3)))
        x = x + active @ part["down"].T
    at = token if 0 <= token < T else T - 1
    return {"weight": weights[head, at, : at + 1]}


ORACLES = {
    "AttentionViewer": viewer, "DialExplorer": dial,
    "CovariateShiftExplorer": covariate_shift, "HopfieldExplorer": hopfield, "MaskingExplorer": masking,
    "MultiHeadExplorer": multi_head, "ShrinkageExplorer": shrinkage, "SimilarityExplorer": similarity,
    "TrainingExplorer": training,
}
