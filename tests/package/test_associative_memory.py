"""Associative memories: energies by their definitions, sign dynamics, linear memories, capacity."""

import numpy as np
import pytest
from designs import seeds
from hopfieldnetwork import HopfieldNetwork
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime
from statsmodels.stats.proportion import proportion_confint

from olsattn import relative_error
from olsattn.associative_memory import (
    Criterion,
    capacity,
    energy,
    flip,
    hebbian_memory,
    local_field,
    pseudo_inverse_memory,
    random_order,
    random_patterns,
    recall,
    softmax_update,
    successes,
    theoretical_capacity,
    wilson_interval,
)
from olsattn.attention import attention

kinds = st.sampled_from([("quadratic", {}), ("polynomial", {"degree": 3}), ("polynomial", {"degree": 4}),
                         ("exponential", {}), ("exponential", {"beta": 0.3})])


def signs(rng, *shape):
    return rng.choice([-1.0, 1.0], size=shape)


def test_patterns_are_fair_and_the_first_do_not_depend_on_how_many():
    many = random_patterns(4000, 70, np.random.default_rng(5))
    assert set(np.unique(many)) == {-1, 1}
    assert np.abs(many.mean(axis=0)).max() < 5 / np.sqrt(4000)
    assert np.abs(np.corrcoef(many.T) - np.eye(70)).max() < 5.5 / np.sqrt(4000)
    assert np.array_equal(random_patterns(3, 70, np.random.default_rng(5)), many[:3])
    first, second = (int(word) for word in np.random.default_rng(5).bit_generator.random_raw(2))
    signs_of_words = [1 if (first | second << 64) >> i & 1 else -1 for i in range(70)]
    assert np.array_equal(many[0], signs_of_words)  # the lowest bit comes first


@given(seeds, st.floats(0, 1))
def test_flip_turns_as_many_signs_as_it_says(seed, fraction):
    rng = np.random.default_rng(seed)
    patterns = signs(rng, 3, 21)
    turned = np.sum(flip(patterns, fraction, rng) != patterns, axis=1)
    assert np.all(np.abs(turned - 21 * fraction) <= 0.5)
    assert np.array_equal(np.sort(random_order(21, rng)), np.arange(21))


@given(seeds, kinds)
def test_field_is_the_drop_in_energy(seed, kind):
    """By the definition: the energy with the entry at -1, less the energy with it at +1."""
    name, options = kind
    rng = np.random.default_rng(seed)
    patterns, state = signs(rng, 5, 9), signs(rng, 9)
    field, scale = local_field(patterns, state, name, **options), 1.0
    if name == "exponential":
        scale = np.exp(options.get("beta", 1.0) * np.max(patterns @ state))
    for i in range(9):
        up, down = state.copy(), state.copy()
        up[i], down[i] = 1, -1
        drop = energy(patterns, down, name, **options) - energy(patterns, up, name, **options)
        assert np.isclose(field[i] * scale, drop, rtol=1e-9, atol=1e-9 * scale)


@given(seeds)
def test_quadratic_field_is_hebbian_without_self_coupling(seed):
    rng = np.random.default_rng(seed)
    patterns, states = signs(rng, 4, 12), signs(rng, 3, 12)
    weights = hebbian_memory(patterns, patterns)
    np.fill_diagonal(weights, 0)
    assert np.array_equal(local_field(patterns, states), 2 * states @ weights)


@given(seeds, st.integers(1, 4).map(lambda k: 2 * k + 1), st.booleans())
def test_recalls_are_those_of_hopfieldnetwork(seed, M, asynchronous):
    """The same patterns, cues and orders; an odd M and an even d leave no ties, which the package breaks upwards."""
    rng = np.random.default_rng(seed)
    patterns, d = signs(rng, M, 20), 20
    cues = flip(patterns, 0.3, rng)
    legacy, orders = np.random.RandomState(seed), None
    if asynchronous:
        orders = [legacy.permutation(d) for _ in range(6)]
    ours = recall(patterns, cues, orders=orders, max_sweeps=6)
    for cue, state in zip(cues, ours.states, strict=True):
        network = HopfieldNetwork(d)
        network.train_pattern(patterns.T)
        network.set_initial_neurons_state(cue.copy())
        np.random.seed(seed)  # noqa: NPY002, it draws its permutations from NumPy's global state
        network.update_neurons(ours.sweeps, "async" if asynchronous else "sync")
        assert np.array_equal(network.S, state)
    assert not ours.settled or np.all(local_field(patterns, ours.states) * ours.states >= 0)


@given(seeds, kinds)
def test_asynchronous_recall_lowers_the_energy_and_ends_at_rest(seed, kind):
    name, options = kind
    rng = np.random.default_rng(seed)
    patterns, state = signs(rng, 6, 15), signs(rng, 15)
    before = energy(patterns, state, name, **options)
    orders = [random_order(15, rng) for _ in range(50)]
    for order in orders:  # sweep by sweep, from where the last one ended
        result = recall(patterns, state, name, orders=[order], **options)
        after = energy(patterns, result.states, name, **options)
        assert after <= before + 1e-9 * abs(before)
        state, before = result.states, after
    whole = recall(patterns, state, name, orders=orders, max_sweeps=50, **options)
    assert whole.settled and whole.sweeps == 1
    assert np.array_equal(whole.states, state)


@given(seeds, kinds)
def test_many_memories_at_once_are_one_at_a_time(seed, kind):
    name, options = kind
    rng = np.random.default_rng(seed)
    patterns, cues = signs(rng, 3, 5, 11), signs(rng, 3, 2, 11)
    orders = [np.stack([random_order(11, rng) for _ in range(3)]) for _ in range(20)]
    together = recall(patterns, cues, name, orders=orders, **options)
    for b in range(3):
        alone = recall(patterns[b], cues[b], name, orders=[order[b] for order in orders], **options)
        assert np.array_equal(alone.states, together.states[b])


def test_ties_keep_their_sign():
    """Two opposite patterns pull neither way in a memory of odd degree."""
    patterns = np.array([[1.0, 1, 1], [-1, -1, -1]])
    state = np.array([1.0, 1, -1])
    assert np.array_equal(local_field(patterns, state, "polynomial", degree=3), [0, 0, 0])
    assert np.array_equal(recall(patterns, state, "polynomial", degree=3).states, state)


def test_updates_all_at_once_can_oscillate():
    """One pattern of two entries: each entry takes the sign that the other had."""
    result = recall([[1, 1]], [1, -1], max_sweeps=9)
    assert not result.settled and result.sweeps == 9
    assert recall([[1, 1]], [1, -1], orders=[[0, 1]] * 9).settled


def test_orders_that_run_out_leave_the_recall_unsettled():
    rng = np.random.default_rng(0)
    patterns = signs(rng, 3, 30)
    cue = flip(patterns[:1], 0.2, rng)[0]
    one = recall(patterns, cue, orders=[np.arange(30)])
    assert one.sweeps == 1 and not one.settled
    assert recall(patterns, one.states, orders=[np.arange(30)]).settled


@given(seeds, st.floats(0.1, 8))
def test_softmax_update_is_attention_and_a_step_down(seed, beta):
    """The gradient of the energy is the state less its update, so fixed points are stationary."""
    rng = np.random.default_rng(seed)
    patterns, states = rng.normal(size=(6, 4)), rng.normal(size=(3, 4))
    new = softmax_update(patterns, states, beta)
    as_attention, _ = attention(states, patterns, patterns, weighting="softmax", scale=beta)
    assert relative_error(new, as_attention) < 1e-12
    for state, after in zip(states, new, strict=True):
        gradient = approx_fprime(state, lambda s: energy(patterns, s, "log-sum-exp", beta=beta), 1e-6)
        assert np.allclose(gradient, state - after, atol=1e-4)
    before, after = (energy(patterns, s, "log-sum-exp", beta=beta) for s in (states, new))
    assert np.all(after <= before + 1e-12)


@given(seeds, st.integers(1, 6))
def test_linear_memories(seed, N):
    """Orthonormal keys: both recall exactly. Independent keys: only the pseudo-inverse does, with least norm."""
    rng = np.random.default_rng(seed)
    keys, values = rng.normal(size=(N, 6)), rng.normal(size=(N, 2))
    orthonormal = np.linalg.qr(keys.T)[0].T
    assert relative_error(orthonormal @ hebbian_memory(orthonormal, values), values) < 1e-10
    memory = pseudo_inverse_memory(keys, values)
    assert relative_error(keys @ memory, values) < 1e-6
    assert relative_error(memory, np.linalg.pinv(keys) @ values) < 1e-6


@pytest.mark.parametrize("kind, degree, size, count", [("quadratic", 2, 20, 7), ("polynomial", 3, 12, 14),
                                                       ("exponential", 2, 10, 40)])
@pytest.mark.parametrize("criterion", [Criterion(), Criterion("all"), Criterion("recall", 0.2, 0.9)])
def test_successes_by_hand(kind, degree, size, count, criterion):
    """Trial by trial from the definitions, with the documented seeds."""
    counted = successes(size, count, kind, degree=degree, criterion=criterion, trials=25, seed=3)
    assert 0 < counted.sum() < 25 or criterion.kind == "all" or kind == "exponential"
    for t, good in enumerate(counted):
        rng = np.random.default_rng([3, size, count, t])
        patterns = random_patterns(count, size, rng)
        if criterion.kind == "recall":
            cue = flip(patterns[:1], criterion.flipped, rng)[0]
            orders = [random_order(size, rng) for _ in range(20)]
            state = recall(patterns, cue, kind, degree=degree, orders=orders).states
            expected = state @ patterns[0] >= 0.9 * size
        else:
            fields = local_field(patterns, patterns, kind, degree=degree) * patterns
            expected = np.all((fields if criterion.kind == "all" else fields[0]) >= 0)
        assert good == expected
    longer = successes(size, count, kind, degree=degree, criterion=criterion, trials=30, seed=3)
    assert np.array_equal(longer[:25], counted)


@given(st.integers(0, 60), st.floats(0.5, 0.99))
def test_wilson_interval_equals_statsmodels(good, level):
    assert np.allclose(wilson_interval(good, 60, level), proportion_confint(good, 60, 1 - level, "wilson"), atol=1e-9)


def test_capacity_brackets_the_level():
    """A memory of 60 signs: a long simulation at the ends of the interval agrees with what it says."""
    found = capacity(60, trials=200, seed=1)
    assert found.low <= found.patterns <= found.high < 2 * found.low
    below, above = (successes(60, int(count), trials=3000, seed=2).mean() for count in (found.low, found.high))
    assert above < 0.5 < below
    assert abs(successes(60, round(found.patterns), trials=3000, seed=2).mean() - 0.5) < 0.12
    assert np.all(np.diff(found.curve[:, 0]) > 0)
    for count, good, trials in found.curve:
        assert good == successes(60, int(count), trials=int(trials), seed=1).sum()
    successes_of = {int(count): int(good) for count, good, _ in found.curve}
    each = 1 - 0.05 / 54  # so that all of up to 54 counts hold together with 95 percent
    assert wilson_interval(successes_of[found.low], 200, each)[0] > 0.5
    assert wilson_interval(successes_of[found.high], 200, each)[1] < 0.5
    assert "exact fixed point" in str(found) and str(round(found.patterns)) in str(found)


def test_theory_in_closed_form():
    theory = theoretical_capacity(100)
    assert theory["recall"] == pytest.approx(13.8)
    assert theory["pattern"] == pytest.approx(100 / (2 * np.log(100))) == pytest.approx(2 * theory["all"])
    quartic = theoretical_capacity(100, "polynomial", degree=4)
    assert quartic["pattern"] == pytest.approx(100**3 / (2 * 15 * np.log(100)))
    assert quartic["all"] == pytest.approx(quartic["pattern"] / 4)
    assert theoretical_capacity(20, "exponential") == {"all": 1024}


@pytest.mark.parametrize("call, message", [
    (lambda: energy([[1, 1]], [1, 1, 1]), r"\(1, 2\).*\(3,\)"),
    (lambda: local_field([[1, 0.5]], [1, 1]), "0.5"),
    (lambda: local_field([[1, 1]], [1, 1], "log-sum-exp"), "log-sum-exp"),
    (lambda: energy([[1, 1]], [1, 1], "cubic"), "cubic"),
    (lambda: energy([[1, 1]], [1, 1], "polynomial", degree=1), "degree.*1"),
    (lambda: energy([[1, 1]], [1, 1], "exponential", beta=0), "beta.*0"),
    (lambda: energy(np.ones((1, 900)), np.ones(900), "exponential"), "overflow"),
    (lambda: recall(np.ones((2, 3, 4)), np.ones((3, 4))), r"\(2, 3, 4\).*\(3, 4\)"),
    (lambda: recall([[1, 1]], [1, 1], orders=[[0, 0]]), "once"),
    (lambda: flip([[1, 1]], 1.5, np.random.default_rng(0)), "1.5"),
    (lambda: softmax_update([[1, 2]], [1, 2], -1), "-1"),
    (lambda: hebbian_memory(np.ones((2, 3)), np.ones(3)), r"\(2, 3\).*\(3,\)"),
    (lambda: Criterion("some"), "some"),
    (lambda: Criterion("recall", 2.0), "2.0"),
    (lambda: Criterion("all", flipped=0.1), "recall"),
    (lambda: capacity(20, level=1), "level.*1"),
    (lambda: capacity(9, criterion=Criterion("recall", 1.0)), "one pattern"),
])
def test_errors_name_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()
