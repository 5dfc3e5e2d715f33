"""Training by hand and by torch: one scalar, a tied matrix, softmax heads."""

import inspect
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from olsattn import relative_error
from olsattn.heads import Heads, multi_head_attention
from olsattn.linear_transformer import LinearTransformer
from olsattn.training import OPTIMISERS, ScalarRun, fit_softmax_heads, scalar_descent, train_scalar, train_tied_layer


def test_without_torch_the_numpy_half_works_and_the_rest_says_what_is_missing():
    code = """if True:
        import sys
        sys.modules["torch"] = None  # as if it were not installed
        from olsattn.training import fit_softmax_heads, scalar_descent, train_scalar, train_tied_layer
        print(round(scalar_descent(4.0, 2.0)[-1], 6))
        x = [[[1.0]]]
        print(train_tied_layer(x[0], x[0], start=x[0])[0])
        for call in (lambda: train_scalar([1.0], [1.0]), lambda: fit_softmax_heads(x, x, x, x, heads=1, width=1)):
            try:
                call()
            except ImportError as error:
                print(error)
    """
    lines = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    assert lines == ["0.5", "[[1.]]"] + 2 * ["this function of olsattn.training needs PyTorch: pip install torch"]


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_training_takes_one_thread_and_gives_the_others_back(two_threads, monkeypatch):
    during = []
    monkeypatch.setattr(torch.Tensor, "item", lambda self, item=torch.Tensor.item: (
        during.append(torch.get_num_threads()), item(self))[1])
    train_scalar([1.0, 2.0], [2.0, 1.0], epochs=1)
    assert set(during) == {1} and torch.get_num_threads() == 2
    monkeypatch.setattr(torch.Tensor, "backward", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        train_scalar([1.0, 2.0], [2.0, 1.0], epochs=1)
    assert torch.get_num_threads() == 2


# ---- training one scalar ----

def experiment(seed=0, n=500):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    return x, 2 * x + 0.5 * rng.normal(size=n)


def moment(X):
    return X.T @ X / len(X)


def moments(x, y):
    return x @ x / len(x), x @ y / (x @ x)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("rate", [1e-4, 1e-3, 5e-3])
@pytest.mark.parametrize("start", [0.1, -0.4, 1.1])
def test_descent_by_hand_is_that_of_torch(optimiser, rate, start):
    x, y = experiment(n=40)
    s, b = moments(x, y)
    options = dict(optimiser=optimiser, rate=rate, start=start, epochs=400)
    by_hand, run = scalar_descent(s, b, **options), train_scalar(x, y, **options)
    assert by_hand[0] == run.weights[0] == start and len(by_hand) == 401
    assert abs(by_hand[-1] - start) > 1e-4  # it went somewhere
    assert np.abs(by_hand - run.weights).max() < 1e-9
    far = s**2 * by_hand**4 - 1
    assert np.abs(run.errors - (np.mean((y - b * x) ** 2) + s * b**2 * far**2)).max() < 1e-9
    assert np.abs(run.distances - np.abs(far)).max() < 1e-9


@settings(max_examples=30)
@given(st.floats(0.3, 3), st.floats(-3, 3).filter(lambda b: abs(b) > 0.3), st.sampled_from([-1, 1]))
def test_adam_finds_the_well_on_its_side(second_moment, coefficient, side):
    path = scalar_descent(second_moment, coefficient, rate=3e-3, start=side * 0.3)
    assert path[-1] == pytest.approx(side * second_moment**-0.5, abs=1e-6)


def test_the_experiment_of_the_paper():
    """Adam at its usual rate from 0.1: distance below 1 % after some hundred of 5000 epochs, and down to rounding."""
    s, b = moments(*experiment())
    path = scalar_descent(s, b)
    distance = np.abs(s**2 * path**4 - 1)
    assert len(path) == 5001 and np.argmax(distance < 0.01) == 573 and distance[-1] < 1e-12
    assert (scalar_descent(s, b, start=0.0) == 0).all()  # the maximum is flat: nothing moves


@pytest.mark.parametrize("start", [2.5, -2.5])
def test_divergence_is_cut(start):
    s, b = moments(*experiment())
    path = scalar_descent(s, b, optimiser="gradient descent", rate=0.1, start=start)
    assert path[0] == start and len(path) < 10
    assert np.abs(path).max() <= 1e6
    after = path[-1] - 0.1 * 8 * s**3 * b**2 * path[-1] ** 3 * (s**2 * path[-1] ** 4 - 1)
    assert abs(after) > 1e6


def test_a_weight_is_cut_beyond_a_million():
    """One step of 0.8 w^7 takes 7 to less than that, and 9.4 to more."""
    options = dict(optimiser="gradient descent", rate=0.1, epochs=1)
    assert len(scalar_descent(1.0, 1.0, start=7, **options)) == 2
    assert len(scalar_descent(1.0, 1.0, start=9.4, **options)) == 1


def test_bad_descents_are_named():
    x, y = experiment(n=5)
    for options, message in [
        (dict(second_moment=0.0), "second_moment must be positive, got 0.0"),
        (dict(second_moment=-1.0), "second_moment must be positive, got -1.0"),
        (dict(rate=-1.0), "rate must be positive, got -1.0"),
        (dict(rate=np.nan), "rate of shape"),
        (dict(start=np.inf), "start of shape"),
        (dict(coefficient=np.nan), "coefficient of shape"),
        (dict(epochs=-1), "epochs must be a whole number of at least 0, got -1"),
        (dict(epochs=5.0), r"epochs must be a whole number of at least 0, got 5\.0"),
    ]:
        with pytest.raises(ValueError, match=message):
            scalar_descent(**{"second_moment": 1.0, "coefficient": 1.0, **options})
        options.pop("second_moment", options.pop("coefficient", None))
        if options:
            with pytest.raises(ValueError, match=message):
                train_scalar(x, y, **options)
    with pytest.raises(ValueError, match="unknown optimiser 'SGD': give one of"):
        scalar_descent(1.0, 1.0, optimiser="SGD")
    with pytest.raises(ValueError, match="unknown optimiser 'adam': give one of"):
        train_scalar(x, y, optimiser="adam")
    with pytest.raises(ValueError, match=r"x and y .* entries, got shapes \(5,\) and \(4,\)"):
        train_scalar(x, y[:4])
    with pytest.raises(ValueError, match=r"x must be 1-D, got shape \(5, 1\)"):
        train_scalar(x[:, None], y)
    with pytest.raises(ValueError, match=r"x'y is 0: the fit of y, shape \(2,\), on x is all zeros"):
        train_scalar([1.0, 1.0], [1.0, -1.0])


def test_both_descents_default_to_the_experiment_of_the_paper():
    for function in (scalar_descent, train_scalar):
        options = inspect.signature(function).parameters
        assert {name: options[name].default for name in ("optimiser", "rate", "start", "epochs")} == {
            "optimiser": "Adam", "rate": 1e-3, "start": 0.1, "epochs": 5000}


def test_no_epoch_at_all_is_the_start():
    x, y = experiment(n=5)
    s, b = moments(x, y)
    assert scalar_descent(s, b, start=0.3, epochs=0).tolist() == [0.3]
    run = train_scalar(x, y, start=0.3, epochs=0)
    assert run.weights.tolist() == [0.3] and repr(run) == "ScalarRun(0 epochs: w from 0.3 to 0.3)"
    assert isinstance(run, ScalarRun) and len(run.errors) == len(run.distances) == 1


# ---- training the tied matrix ----

def tasks(m, seed=0, n=80, d=3):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) @ np.array([[1.0, 0.4, 0.0], [0.0, 0.8, 0.3], [0.0, 0.0, 1.2]])
    return X, X @ rng.normal(size=(d, m)) + 0.1 * rng.normal(size=(n, m)), 0.3 * rng.normal(size=(d, d))


def test_one_task_is_fitted_without_the_inverse_gram_matrix():
    """The output is that of least squares, and W W' is not S^-1: one response leaves most of it open."""
    X, Y, start = tasks(1)
    W, excess = train_tied_layer(X, Y, start=start, rate=0.01)
    assert 0 <= excess < 1e-12
    assert relative_error(W @ W.T, np.linalg.inv(moment(X))) > 0.3
    layer = LinearTransformer(W, W, W, np.eye(3), W.T @ X.T @ Y / len(X))
    assert relative_error(layer(X), X @ np.linalg.lstsq(X, Y, rcond=None)[0]) < 1e-5


def test_many_tasks_leave_the_inverse_gram_matrix_only():
    X, Y, start = tasks(6)
    W, excess = train_tied_layer(X, Y, start=0.5 * np.eye(3) + start / 3, rate=0.01)  # far from the saddles
    assert excess < 1e-12
    assert relative_error(W @ W.T, np.linalg.inv(moment(X))) < 1e-6


def test_the_excess_is_what_the_layer_errs_above_least_squares():
    """After no step at all, W is the start, and the forward pass of the layer gives the same error."""
    X, Y, start = tasks(2)
    W, excess = train_tied_layer(X, Y, start=start, epochs=0)
    assert (W == start).all()
    layer = LinearTransformer(W, W, W, np.eye(3), W.T @ X.T @ Y / len(X))
    least = np.mean((Y - X @ np.linalg.lstsq(X, Y, rcond=None)[0]) ** 2)
    assert excess == pytest.approx(np.mean((Y - layer(X)) ** 2) - least, rel=1e-9)


def test_a_step_of_the_tied_layer_is_the_gradient_that_torch_finds():
    X, Y, start = tasks(2)
    moved, _ = train_tied_layer(X, Y, start=start, rate=0.5, epochs=1)
    W = torch.tensor(start, requires_grad=True)
    encoded, responses = torch.from_numpy(X) @ W, torch.from_numpy(Y)
    output = encoded @ (encoded.T @ encoded / len(X)) @ (W.T @ torch.from_numpy(X.T @ Y) / len(X))
    torch.mean((responses - output) ** 2).backward()
    assert relative_error(start - moved, 0.5 * W.grad.numpy()) < 1e-10


def test_starts_are_trained_side_by_side():
    X, Y, start = tasks(2)
    starts = np.stack([start, start[::-1], start / 2])
    W, excess = train_tied_layer(X, Y, start=starts, rate=0.005, epochs=50)
    alone = [train_tied_layer(X, Y, start=one, rate=0.005, epochs=50) for one in starts]
    assert relative_error(W, np.stack([one for one, _ in alone])) < 1e-12
    assert excess == pytest.approx([one for _, one in alone], rel=1e-9)


def test_bad_tasks_are_named():
    X, Y, start = tasks(2)
    with pytest.raises(ValueError, match=r"X and Y .* rows, got shapes \(80, 3\) and \(79, 2\)"):
        train_tied_layer(X, Y[:79], start=start)
    with pytest.raises(ValueError, match=r"X and start .* features .* got shapes \(80, 3\) and \(2, 3\)"):
        train_tied_layer(X, Y, start=start[:2])
    with pytest.raises(ValueError, match=r"Y must be 2-D, got shape \(80,\)"):
        train_tied_layer(X, Y[:, 0], start=start)
    with pytest.raises(ValueError, match="epochs must be a whole number of at least 0, got -1"):
        train_tied_layer(X, Y, start=start, epochs=-1)
    with pytest.raises(ValueError, match=r"rate must be positive, got 0\.0"):
        train_tied_layer(X, Y, start=start, rate=0)
    with pytest.raises(ValueError, match=r"X of shape \(80, 3\) has rank 2"):
        train_tied_layer(X[:, [0, 1, 1]], Y, start=start)
    with pytest.raises(ValueError, match=r"descent diverges at the rate 5\.0 from a start of shape \(3, 3\)"):
        train_tied_layer(X, Y, start=start, rate=5)


# ---- training softmax heads ----

def sequences(seed=0, B=20, J=2, N=5, P=2, R=3, K=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(B, J, P)), rng.normal(size=(B, N, R)), rng.normal(size=(B, N, K))


def forward(heads, queries, keys, values):
    return np.array([multi_head_attention(*sequence, heads)[0]
                     for sequence in zip(queries, keys, values, strict=True)])


def test_softmax_heads_are_fitted_by_descent():
    """A task made by a known head is learnt: the loss falls by orders of magnitude, and the weights reproduce it."""
    queries, keys, values = sequences(B=30, R=2)
    teacher = Heads(w_query=np.eye(2)[None] * 2, w_key=np.eye(2)[None], w_value=np.ones((1, 1, 1)),
                    w_out=np.ones((1, 1, 1)))
    targets = forward(teacher, queries, keys, values)
    fitted, losses = fit_softmax_heads(queries, keys, values, targets, heads=1, width=2, steps=300)
    assert losses.shape == (300,) and losses[-1] < 1e-3 * losses[0]
    assert np.mean((forward(fitted, queries, keys, values) - targets) ** 2) < 2e-3 * losses[0]


def test_the_loss_is_that_of_the_heads_as_numpy_computes_them():
    """Before the first step the weights are the start, drawn with the seed; every width enters the scale."""
    queries, keys, values = sequences(K=3)
    targets = np.random.default_rng(1).normal(size=(20, 2, 4))
    rng = np.random.default_rng(7)
    shapes = dict(w_query=(2, 2, 5), w_key=(2, 3, 5), w_value=(2, 3, 3), w_out=(2, 3, 4))
    start = {name: rng.normal(size=shape) / np.sqrt(shape[1]) for name, shape in shapes.items()}
    fitted, losses = fit_softmax_heads(queries, keys, values, targets, heads=2, width=5, steps=0, seed=7)
    assert losses.shape == (0,) and fitted.scale == 5**-0.5
    assert {name: getattr(fitted, name).shape for name in shapes} == shapes
    assert all(relative_error(getattr(fitted, name), start[name]) < 1e-15 for name in shapes)
    moved, (loss,) = fit_softmax_heads(queries, keys, values, targets, heads=2, width=5, steps=1, rate=0.01, seed=7)
    assert loss == pytest.approx(np.mean((forward(Heads(**start), queries, keys, values) - targets) ** 2), rel=1e-12)
    for name in shapes:  # the first step of Adam is the rate, in the direction of the sign of the gradient
        assert np.abs(getattr(moved, name) - start[name]) == pytest.approx(np.full(shapes[name], 0.01), rel=1e-4)
    assert np.mean((forward(moved, queries, keys, values) - targets) ** 2) < loss


def test_the_seed_sets_the_start():
    data = (*sequences(), np.ones((20, 2, 1)))
    first, again, other, default = (fit_softmax_heads(*data, heads=1, width=2, steps=2, **seed)[1]
                                    for seed in ({"seed": 3}, {"seed": 3}, {"seed": 4}, {}))
    assert (first == again).all() and (first != other).all()
    assert (default == fit_softmax_heads(*data, heads=1, width=2, steps=2, seed=0)[1]).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(queries=np.ones((2, 2))), r"queries must be 3-D, got shape \(2, 2\)"),
        (dict(values=np.full((20, 5, 1), np.nan)), r"values of shape \(20, 5, 1\) has 100 NaN or inf"),
        (dict(keys=np.ones((19, 5, 3))), r"queries and keys .* sequences .* got shapes \(20, 2, 2\) and \(19, 5, 3\)"),
        (dict(values=np.ones((19, 5, 1))), r"queries and values .* sequences .* \(20, 2, 2\) and \(19, 5, 1\)"),
        (dict(targets=np.ones((19, 2, 1))), r"queries and targets .* sequences .* \(20, 2, 2\) and \(19, 2, 1\)"),
        (dict(targets=np.ones((20, 3, 1))), r"queries and targets .* queries .* \(20, 2, 2\) and \(20, 3, 1\)"),
        (dict(values=np.ones((20, 4, 1))), r"keys and values .* keys .* \(20, 5, 3\) and \(20, 4, 1\)"),
        (dict(heads=0), "heads must be a whole number of at least 1, got 0"),
        (dict(heads=1.0), r"heads must be a whole number of at least 1, got 1\.0"),
        (dict(width=0), "width must be a whole number of at least 1, got 0"),
        (dict(steps=-1), "steps must be a whole number of at least 0, got -1"),
        (dict(rate=0.0), "rate must be positive, got 0.0"),
    ],
)
def test_bad_sequences_are_named(change, message):
    queries, keys, values = sequences()
    good = dict(queries=queries, keys=keys, values=values, targets=np.ones((20, 2, 1)), heads=1, width=2)
    with pytest.raises(ValueError, match=message):
        fit_softmax_heads(**{**good, **change})
