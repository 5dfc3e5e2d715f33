"""Simulated paths have the moments of their process, from the first value on, and bad input is named."""

import numpy as np
import pytest

from olsattn.simulation import autoregression, rotating_autoregression


def test_paths_have_the_moments_of_their_process():
    rng = np.random.default_rng(6)
    for rho in (-0.5, 0.9):
        y = autoregression(rho, 40, 20_000, rng=rng)
        assert y.shape == (20_000, 41)
        assert np.mean(y[:, 1:] * y[:, :-1]) / np.mean(y[:, :-1] ** 2) == pytest.approx(rho, abs=0.01)
        shocks = y[:, 1:] - rho * y[:, :-1]
        assert shocks.var() == pytest.approx(1, abs=0.01) and shocks.mean() == pytest.approx(0, abs=0.01)
        for t in (0, 40):  # stationary from the first value on
            assert y[:, t].var() == pytest.approx(1 / (1 - rho**2), rel=0.05)


@pytest.mark.parametrize("rho", [1.0, -1.0, 1.05])
def test_without_a_stationary_distribution_paths_start_at_zero(rho):
    y = autoregression(rho, 5, 10_000, rng=np.random.default_rng(0))
    assert (y[:, 0] == 0).all()
    assert y[:, 2].var() == pytest.approx(1 + rho**2, rel=0.05)


def test_one_path_is_the_default():
    assert autoregression(0.5, 3, rng=np.random.default_rng(0)).shape == (1, 4)


def test_a_rotation_turns_and_shrinks():
    y = rotating_autoregression(0.8, 20_000, 3, rng=np.random.default_rng(6))
    assert y.shape == (20_001, 3)
    step = np.linalg.lstsq(y[:-1], y[1:], rcond=None)[0].T
    assert np.abs(step.T @ step - 0.64 * np.eye(3)).max() < 0.02
    assert np.abs(step - 0.8 * np.eye(3)).max() > 0.1  # not the trivial rotation
    shocks = y[1:] - y[:-1] @ step.T
    assert np.abs(np.cov(shocks.T) - np.eye(3)).max() < 0.03
    assert y.var(axis=0) == pytest.approx(np.full(3, 1 / 0.36), rel=0.1)


def test_every_step_of_a_rotation_adds_the_shock_that_was_drawn():
    """With the same generator: first the matrix that becomes the rotation, then all shocks."""
    y = rotating_autoregression(0.8, 4, 3, rng=np.random.default_rng(1))
    rng = np.random.default_rng(1)
    rotation, shocks = np.linalg.qr(rng.normal(size=(3, 3)))[0], rng.normal(size=(5, 3))
    assert y[0] == pytest.approx(shocks[0] / 0.6)
    for t in range(1, 5):
        assert y[t] == pytest.approx(0.8 * rotation @ y[t - 1] + shocks[t])


def test_every_step_of_a_path_adds_the_shock_that_was_drawn():
    y, shocks = autoregression(0.6, 4, 2, rng=np.random.default_rng(1)), np.random.default_rng(1).normal(size=(2, 5))
    assert y[:, 0] == pytest.approx(shocks[:, 0] / 0.8)
    for t in range(1, 5):
        assert y[:, t] == pytest.approx(0.6 * y[:, t - 1] + shocks[:, t])


def test_the_first_value_of_a_rotation_is_stationary():
    first = [rotating_autoregression(0.9, 1, 2, rng=np.random.default_rng(seed))[0] for seed in range(4000)]
    assert np.var(first) == pytest.approx(1 / (1 - 0.81), rel=0.05)
    still = rotating_autoregression(0.0, 4000, 2, rng=np.random.default_rng(0))
    assert still.var() == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rng: rotating_autoregression(1.0, 5, 2, rng=rng), "persistence .* below 1, got 1.0"),
        (lambda rng: rotating_autoregression(-0.1, 5, 2, rng=rng), "persistence .* at least 0 .* got -0.1"),
        (lambda rng: rotating_autoregression(np.nan, 5, 2, rng=rng), "persistence of shape"),
        (lambda rng: rotating_autoregression(0.5, 0, 2, rng=rng), "length must be a whole number of at least 1, got 0"),
        (lambda rng: rotating_autoregression(0.5, 5, 0, rng=rng), "series must be a whole number of at least 1, got 0"),
        (lambda rng: autoregression(np.inf, 5, rng=rng), "rho of shape"),
        (lambda rng: autoregression(0.5, 0, rng=rng), "length must be a whole number of at least 1, got 0"),
        (lambda rng: autoregression(0.5, 5.0, rng=rng), "length must be a whole number of at least 1, got 5.0"),
        (lambda rng: autoregression(0.5, 5, 0, rng=rng), "paths must be a whole number of at least 1, got 0"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.random.default_rng(0))


def test_the_shortest_and_smallest_are_allowed():
    rng = np.random.default_rng(0)
    assert autoregression(0.5, 1, 1, rng=rng).shape == (1, 2)
    assert rotating_autoregression(0.0, 1, 1, rng=rng).shape == (2, 1)
