"""Associative memories: energies by their definitions, sign dynamics, linear memories, capacity."""

import importlib
import inspect
import pkgutil
import subprocess
import sys

import numpy as np
import pytest
from designs import seeds
from hopfieldnetwork import HopfieldNetwork
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime
from statsmodels.stats.proportion import proportion_confint

from olsattn import memory, relative_error
from olsattn.attention import attention
from olsattn.memory import (
    AllFixed,
    Exponential,
    LogSumExp,
    OneFixed,
    Polynomial,
    Quadratic,
    Recalled,
    SignEnergy,
    capacity,
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


class Flat(SignEnergy):
    def phi(self, overlaps):
        return np.zeros_like(overlaps)


class Cosh(SignEnergy):
    """An energy that the package does not have, by its F alone."""

    def phi(self, overlaps):
        return np.cosh(overlaps / 2)


energies = st.sampled_from([Quadratic(), Polynomial(3), Polynomial(4), Exponential(), Exponential(0.3), Cosh()])


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
    whole = random_patterns(3, 64, np.random.default_rng(5))[1]
    assert np.array_equal(whole, [1 if second >> i & 1 else -1 for i in range(64)])  # no word is left out


def test_patterns_are_fair_whatever_makes_the_words():
    """The raw words of the Mersenne twister have 32 bits only."""
    many = random_patterns(400, 64, np.random.Generator(np.random.MT19937(0)))
    assert np.abs(many.mean(axis=0)).max() < 5 / np.sqrt(400)


def test_orders_are_sorted_words():
    words = np.random.default_rng(5).bit_generator.random_raw(40)
    order = random_order(40, np.random.default_rng(5))
    assert np.all(np.diff(words[order].astype(float)) > 0)
    assert len({tuple(random_order(4, np.random.default_rng(k))) for k in range(300)}) == 24


@given(seeds, st.floats(0, 1))
def test_flip_turns_as_many_signs_as_it_says(seed, fraction):
    rng = np.random.default_rng(seed)
    patterns = signs(rng, 3, 21)
    turned = np.sum(flip(patterns, fraction, rng) != patterns, axis=1)
    assert np.all(np.abs(turned - 21 * fraction) <= 0.5)
    rng, same = np.random.default_rng(seed), np.random.default_rng(seed)
    for row, number in zip(flip(np.ones((3, 21)), fraction, rng), turned, strict=True):
        assert np.array_equal(np.flatnonzero(row < 0), np.sort(random_order(21, same)[:number]))
    assert np.array_equal(np.sort(random_order(21, rng)), np.arange(21))


@given(seeds, st.sampled_from([(Quadratic(), lambda m: m**2 / 2), (Polynomial(3), lambda m: m * m * m),
                               (Polynomial(np.int64(4)), lambda m: m * m * m * m),
                               (Exponential(), np.exp), (Exponential(0.3), lambda m: np.exp(0.3 * m))]))
def test_energies_by_their_definitions(seed, pair):
    """Of real patterns and states, many or one; and the log-sum-exp with its term of the length."""
    energy, F = pair
    rng = np.random.default_rng(seed)
    patterns, states = rng.normal(size=(4, 6)), rng.normal(size=(3, 6))
    expected = [-sum(F(float(pattern @ state)) for pattern in patterns) for state in states]
    assert np.allclose(energy.energy(patterns, states), expected, rtol=1e-12)
    assert np.isclose(energy.energy(patterns, states[1]), expected[1], rtol=1e-12)
    expected = [state @ state / 2 - np.log(sum(np.exp(0.3 * patterns @ state))) / 0.3 for state in states]
    assert np.allclose(LogSumExp(0.3).energy(patterns, states), expected, rtol=1e-12)
    assert np.isclose(LogSumExp(0.3).energy(patterns, states[1]), expected[1], rtol=1e-12)


def test_energies_carry_their_parameters():
    assert repr(Polynomial(degree=4)) == "Polynomial(degree=4)" and repr(Quadratic()) == "Quadratic()"
    assert repr(Exponential(0.3)) == "Exponential(beta=0.3)" and repr(LogSumExp(2)) == "LogSumExp(beta=2.0)"
    assert Polynomial(4) == Polynomial(np.int8(4)) != Polynomial(3) and len({Exponential(), Exponential(1)}) == 1
    with pytest.raises(AttributeError):
        Polynomial(4).degree = 5


def test_criteria_say_what_they_count():
    assert Recalled() == Recalled(flipped=0.0, overlap=0.9) != Recalled(0.1)
    assert str(Recalled(0.125, 0.8)) == "recall from 0.125 of the signs flipped to an overlap of at least 0.8"
    assert str(OneFixed()).startswith("one stored") and str(AllFixed()).startswith("every stored")


@given(seeds, energies)
def test_field_is_the_drop_in_energy(seed, energy):
    """By the definition: the energy with the entry at -1, less the energy with it at +1."""
    rng = np.random.default_rng(seed)
    patterns, state = signs(rng, 5, 9), signs(rng, 9)
    field, scale = local_field(patterns, state, energy), 1.0
    if isinstance(energy, Exponential):
        scale = np.exp(energy.beta * np.max(patterns @ state))
    for i in range(9):
        up, down = state.copy(), state.copy()
        up[i], down[i] = 1, -1
        drop = energy.energy(patterns, down) - energy.energy(patterns, up)
        assert np.isclose(field[i] * scale, drop, rtol=1e-9, atol=1e-9 * scale)


@given(seeds, energies)
def test_fields_of_many_memories_are_those_of_each(seed, energy):
    rng = np.random.default_rng(seed)
    patterns, states = signs(rng, 3, 5, 8), signs(rng, 3, 2, 8)
    fields = local_field(patterns, states, energy)
    for b in range(3):
        assert relative_error(fields[b], local_field(patterns[b], states[b], energy)) < 1e-12


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


@given(seeds, energies)
def test_asynchronous_recall_lowers_the_energy_and_ends_at_rest(seed, energy):
    rng = np.random.default_rng(seed)
    patterns, state = signs(rng, 6, 15), signs(rng, 15)
    before = energy.energy(patterns, state)
    orders = [random_order(15, rng) for _ in range(50)]
    for order in orders:  # sweep by sweep, from where the last one ended
        result = recall(patterns, state, energy, orders=[order])
        after = energy.energy(patterns, result.states)
        assert after <= before + 1e-9 * abs(before)
        state, before = result.states, after
    whole = recall(patterns, state, energy, orders=orders, max_sweeps=50)
    assert whole.settled and whole.sweeps == 1
    assert np.array_equal(whole.states, state)


@given(seeds, energies)
def test_recall_entry_by_entry_is_what_the_energy_says(seed, energy):
    """Each entry takes the sign with the lower energy, in the order that was given, and keeps its own in a tie."""
    rng = np.random.default_rng(seed)
    patterns, cues = signs(rng, 4, 10), signs(rng, 3, 10)
    orders = [random_order(10, rng) for _ in range(3)]
    found = recall(patterns, cues, energy, orders=orders)
    for cue, state in zip(cues, found.states, strict=True):
        for order in orders:
            for i in order:
                turned = cue * np.where(np.arange(10) == i, -1, 1)
                now, then = energy.energy(patterns, cue), energy.energy(patterns, turned)
                cue = turned if then < now - 1e-9 * abs(now) else cue
        assert np.array_equal(cue, state)


@given(seeds, energies, st.booleans())
def test_many_memories_at_once_are_one_at_a_time(seed, energy, asynchronous):
    """Some settle before others, and are not touched again."""
    rng = np.random.default_rng(seed)
    patterns, cues = signs(rng, 3, 5, 11), signs(rng, 3, 2, 11)
    orders = [np.stack([random_order(11, rng) for _ in range(3)]) for _ in range(20)]
    given_cues = cues.copy()
    together = recall(patterns, cues, energy, orders=orders if asynchronous else None)
    assert np.array_equal(cues, given_cues)
    longest = 0
    for b in range(3):
        for t in range(2):
            alone = recall(patterns[b], cues[b, t], energy,
                           orders=[order[b] for order in orders] if asynchronous else None)
            assert np.array_equal(alone.states, together.states[b, t])
            longest = max(longest, alone.sweeps)
    assert together.sweeps == longest
    assert not asynchronous or together.settled


def test_where_the_sweeps_end():
    """After twenty, unless something else is said or nothing moves; an order counts only if it is needed."""
    assert recall([[1, 1]], [1, -1]).sweeps == 20
    drawn = []
    orders = (drawn.append(k) or np.arange(30) for k in range(20))
    pattern = signs(np.random.default_rng(0), 1, 30)
    result = recall(pattern, flip(pattern, 0.2, np.random.default_rng(1)), orders=orders)
    assert result.settled and result.sweeps == 2 == len(drawn)
    assert repr(result) == "Recall(states of shape (1, 30), settled after 2 sweeps)"
    assert repr(recall([[1, 1]], [1, -1], max_sweeps=1)) == "Recall(states of shape (2,), not settled after 1 sweep)"
    none = recall(pattern, pattern, orders=[])
    assert none.sweeps == 0 and not none.settled


def test_ties_keep_their_sign():
    """Two opposite patterns pull neither way in a memory of odd degree."""
    patterns = np.array([[1.0, 1, 1], [-1, -1, -1]])
    state = np.array([1.0, 1, -1])
    assert np.array_equal(local_field(patterns, state, Polynomial(3)), [0, 0, 0])
    assert np.array_equal(recall(patterns, state, Polynomial(3)).states, state)


@pytest.mark.parametrize("energy", [Exponential(), Exponential(0.3), Cosh()])
def test_ties_are_ties_in_spite_of_rounding(energy):
    """Where two patterns differ, in one entry, their pulls on the one cancel; the sums are not of whole numbers."""
    rng = np.random.default_rng(0)
    for size in range(3, 40):
        pattern = signs(rng, size)
        patterns = np.array([pattern, pattern * np.where(np.arange(size) == 1, -1, 1)])
        fields = local_field(patterns, patterns, energy)
        assert np.all(fields[:, 1] == 0) and np.all(np.delete(fields * patterns, 1, axis=1) > 0)
        for orders in (None, [np.arange(size)]):
            assert np.array_equal(recall(patterns, patterns, energy, orders=orders).states, patterns)
            assert np.array_equal(recall(patterns, -patterns, Flat(), orders=orders).states, -patterns)


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
        gradient = approx_fprime(state, lambda s: LogSumExp(beta).energy(patterns, s), 1e-6)
        assert np.allclose(gradient, state - after, atol=1e-4)
    before, after = (LogSumExp(beta).energy(patterns, s) for s in (states, new))
    assert np.all(after <= before + 1e-12)
    assert relative_error(softmax_update(patterns, states[1], beta), new[1]) < 1e-12


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


@pytest.mark.parametrize("energy, size, count", [(Quadratic(), 21, 6), (Polynomial(3), 12, 14),
                                                 (Exponential(0.4), 10, 12)])
@pytest.mark.parametrize("criterion", [OneFixed(), AllFixed(), Recalled(0.2, 0.9), Recalled(0.1, 1.0)])
def test_successes_by_hand(energy, size, count, criterion):
    """Trial by trial from the definitions, with the documented seeds; an even M and an odd d make ties."""
    counted = successes(size, count, energy, criterion, trials=25, seed=3)
    assert 0 < counted.sum() < 25 or criterion == AllFixed()
    for t, good in enumerate(counted):
        assert good == success_by_hand(energy, size, count, criterion, np.random.default_rng([3, size, count, t]))
    assert np.array_equal(successes(size, count, energy, criterion, trials=30, seed=3)[:25], counted)


def success_by_hand(energy, size, count, criterion, rng):
    patterns = random_patterns(count, size, rng)
    if isinstance(criterion, Recalled):
        cue = flip(patterns[:1], criterion.flipped, rng)[0]
        orders = [random_order(size, rng) for _ in range(20)]
        state = recall(patterns, cue, energy, orders=orders, max_sweeps=20).states
        return state @ patterns[0] >= criterion.overlap * size - 1e-9
    fields = local_field(patterns, patterns, energy) * patterns
    return np.all((fields if criterion == AllFixed() else fields[0]) >= 0)


def test_slow_recalls_are_followed_to_their_end():
    """Past its capacity a memory moves on for up to twenty sweeps, away from where it was after ten."""
    counted = successes(200, 40, Quadratic(), Recalled(0.1, 0.35), trials=10)
    for t, good in enumerate(counted):
        rng = np.random.default_rng([0, 200, 40, t])
        assert good == success_by_hand(Quadratic(), 200, 40, Recalled(0.1, 0.35), rng)
    ten = [recall(patterns, flip(patterns[:1], 0.1, rng), orders=[random_order(200, rng) for _ in range(10)])
           .states[0] @ patterns[0] >= 70
           for rng in (np.random.default_rng([0, 200, 40, t]) for t in range(10))
           for patterns in [random_patterns(40, 200, rng)]]
    assert not np.array_equal(ten, counted)


def test_many_trials_are_simulated_in_batches(monkeypatch):
    """As many as fit at once, one at least, and none is lost or counted twice."""
    whole = successes(20, 7, criterion=Recalled(0.2), trials=23)
    for entries in (1, 20 * 7 * 5):
        monkeypatch.setattr("olsattn.memory.capacities._BATCH", entries)
        assert np.array_equal(successes(20, 7, criterion=Recalled(0.2), trials=23), whole)


@given(st.integers(0, 60), st.floats(0.5, 0.9999))
def test_wilson_interval_equals_statsmodels(good, level):
    assert np.allclose(wilson_interval(good, 60, level), proportion_confint(good, 60, 1 - level, "wilson"), atol=1e-9)
    assert wilson_interval(0, 60, level)[0] == 0 and wilson_interval(60, 60, level)[1] == 1
    assert wilson_interval(good, 60) == wilson_interval(good, 60, 0.95)


def test_capacity_brackets_the_level():
    """A memory of 60 signs: a long simulation at the ends of the interval agrees with what it says."""
    found = capacity(60, trials=200, seed=1)
    assert found.low <= found.patterns <= found.high < 2 * found.low
    below, above = (successes(60, int(count), trials=3000, seed=2).mean() for count in (found.low, found.high))
    assert above < 0.5 < below
    assert abs(successes(60, round(found.patterns), trials=3000, seed=2).mean() - 0.5) < 0.12
    assert np.all(np.diff(found.curve[:, 0]) > 0)
    successes_of = {int(count): int(good) for count, good, _ in found.curve}
    each = 1 - 0.05 / 54  # so that all of up to 54 counts hold together with 95 percent
    assert wilson_interval(successes_of[found.low], 200, each)[0] > 0.5
    assert wilson_interval(successes_of[found.high], 200, each)[1] < 0.5
    assert str(found) == (f"{found.patterns:.0f} patterns ({found.low:.0f} to {found.high:.0f}): one stored pattern "
                          "is an exact fixed point, probability 0.5")


@pytest.mark.parametrize("energy, criterion", [(Quadratic(), AllFixed()), (Polynomial(3), Recalled(0.2, 0.8)),
                                               (Exponential(0.2), OneFixed())])
def test_capacity_simulates_what_it_was_asked_for(energy, criterion):
    """Its curve is that of ``successes`` with the same energy, criterion, trials and seed, to the last success."""
    found = capacity(14, energy, criterion, trials=100, rounds=5, seed=2)
    for count, good, trials in found.curve:
        assert trials == 100
        assert good == successes(14, int(count), energy, criterion, trials=100, seed=2).sum()
    assert found.criterion is criterion and found.level == 0.5
    higher = capacity(14, energy, criterion, level=0.8, trials=100, rounds=5, seed=2)
    assert higher.patterns < found.patterns and higher.level == 0.8
    ends = {int(count): int(good) for count, good, _ in higher.curve}
    assert wilson_interval(ends[higher.low], 100, 1 - 0.05 / 45)[0] > 0.8
    assert wilson_interval(ends[higher.high], 100, 1 - 0.05 / 45)[1] < 0.8


def test_a_capacity_comes_out_again():
    """Numbers that an earlier version of the package gave, with the same seeds."""
    found = capacity(14, Exponential(0.3), trials=100, seed=2)
    assert found.patterns == pytest.approx(96.34640478535246) and [found.low, found.high] == [69, 120]
    counts = [1, 2, 4, 8, 16, 32, 64, 67, 68, 69, 70, 76, 91, 108, 118, 119, 120, 123, 128]
    good = [100, 100, 100, 100, 99, 93, 70, 67, 67, 79, 64, 60, 54, 42, 35, 39, 31, 32, 32]
    assert found.curve.tolist() == [[count, number, 100] for count, number in zip(counts, good, strict=True)]


def test_a_search_without_an_end_gives_up(monkeypatch):
    """Two signs are recalled half of the time, however many patterns there are; large memories fill the machine."""
    with pytest.raises(ValueError, match="no end with 64 patterns of size 2"):
        capacity(2)
    monkeypatch.setattr("olsattn.memory.capacities._MOST", 100)
    with pytest.raises(ValueError, match=r"no end with 4 patterns of size 20.* of 200"):
        capacity(20)


def test_theory_in_closed_form():
    d = 100
    one, every = theoretical_capacity(d), theoretical_capacity(d, criterion=AllFixed())
    assert theoretical_capacity(d, criterion=Recalled()) == pytest.approx(13.8)
    assert one == pytest.approx(d / (2 * np.log(d))) == pytest.approx(2 * every)
    quartic = theoretical_capacity(d, Polynomial(4))
    assert quartic == pytest.approx(d**3 / (2 * 15 * np.log(d)))
    assert theoretical_capacity(d, Polynomial(4), AllFixed()) == pytest.approx(quartic / 4)
    for criterion in (OneFixed(), AllFixed(), Recalled()):
        assert theoretical_capacity(d, Polynomial(2), criterion) == theoretical_capacity(d, criterion=criterion)
    assert theoretical_capacity(20, Exponential(), AllFixed()) == 1024


def test_the_face_of_the_package_hides_no_module():
    """Nor does it miss a name: each public function and class of the modules is there, with an example of its own."""
    for module in pkgutil.iter_modules(memory.__path__):
        assert inspect.ismodule(importlib.import_module(f"olsattn.memory.{module.name}"))
        assert inspect.ismodule(getattr(memory, module.name)), f"{module.name} is hidden"
        if module.name.startswith("_"):
            continue
        for name, thing in vars(getattr(memory, module.name)).items():
            private = name.startswith("_") or "__mutmut_" in name  # a mutation tool's own
            if getattr(thing, "__module__", None) == f"olsattn.memory.{module.name}" and not private:
                assert name in memory.__all__ or name.isupper(), f"{name} is missing"
    for name in memory.__all__:
        thing = getattr(memory, name)
        assert "Examples\n" in thing.__doc__ or name in ("Energy", "Criterion"), f"{name} has no example"
        if inspect.isfunction(thing):
            assert all(part in thing.__doc__ for part in ("Parameters\n", "Returns\n", "Raises\n")), name


def test_a_memory_needs_numpy_and_scipy_only():
    """Nothing that the book needs beyond the package comes along; what a test tool puts in between may."""
    code = "import sys, olsattn.memory; print(*{name.split('.')[0] for name in sys.modules})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert {"olsattn", "numpy"} <= loaded
    beyond = {"anywidget", "ipywidgets", "matplotlib", "pandas", "sklearn", "statsmodels", "sympy", "torch"}
    assert not loaded & beyond


RNG = np.random.default_rng(0)


@pytest.mark.parametrize("call, message", [
    (lambda: Quadratic().energy([[1, 1]], [1, 1, 1]), r"\(1, 2\).*\(3,\)"),
    (lambda: Quadratic().energy(np.ones((2, 3, 4)), np.ones((2, 5, 4))), r"patterns must be 2-D.*\(2, 3, 4\)"),
    (lambda: LogSumExp().energy(np.ones((2, 3, 4)), np.ones(4)), r"patterns must be 2-D.*\(2, 3, 4\)"),
    (lambda: Quadratic().energy(np.ones((3, 4)), np.ones((2, 5, 4))), r"states must be 1-D or 2-D.*\(2, 5, 4\)"),
    (lambda: softmax_update(np.ones((2, 3, 4)), np.ones((2, 3, 4)), 1.0), r"patterns must be 2-D.*\(2, 3, 4\)"),
    (lambda: local_field([[1, 0.5]], [1, 1]), r"patterns.*0\.5.*\(1, 2\)"),
    (lambda: local_field([[1, 1]], [1, 3]), "states.*3"),
    (lambda: local_field([[1, 1]], [1, 1, 1]), r"entries in a row.*\(1, 2\).*\(3,\)"),
    (lambda: local_field([[1, 1]], [1, 1], LogSumExp()), r"LogSumExp\(beta=1.0\)"),
    (lambda: recall([[1, 1]], [1, 1], "quadratic"), "'quadratic'"),
    (lambda: Polynomial(1), "degree.*1"),
    (lambda: Polynomial(3.0), "degree.*3.0"),
    (lambda: Exponential(0), "beta.*0"),
    (lambda: Exponential(np.inf), "beta.*inf"),
    (lambda: LogSumExp(np.nan), "beta.*NaN"),
    (lambda: LogSumExp([1, 2]), r"beta.*\(2,\)"),
    (lambda: Exponential().energy(np.ones((1, 900)), np.ones(900)), r"Exponential\(beta=1.0\) overflows.* 900 "),
    (lambda: local_field(np.ones((1, 900)), np.ones(900), Polynomial(200)), r"Polynomial\(degree=200\) overflows"),
    (lambda: recall(np.ones((1, 900)), np.ones(900), Polynomial(200)), r"Polynomial\(degree=200\) overflows"),
    (lambda: recall(np.ones((2, 3, 4)), np.ones((3, 4))), r"\(2, 3, 4\).*\(3, 4\)"),
    (lambda: recall(np.ones((2, 3, 4)), np.ones((3, 3, 4))), r"\(2, 3, 4\).*\(3, 3, 4\)"),
    (lambda: recall(np.ones((3, 4)), np.ones((3, 3, 4))), r"\(3, 4\).*\(3, 3, 4\)"),
    (lambda: recall([[1, 1]], [1, 1], orders=[[0, 0]]), "each of the 2 entries once"),
    (lambda: recall([[1, 1]], [1, 1], orders=[[0.0, 1.0]]), "once.*float64"),
    (lambda: recall([[1, 1]], [1, 1], orders=[[0, 1, 2]]), r"once.*\(3,\)"),
    (lambda: recall([[1, 1]], [1, 1], orders=[0, 1]), r"once.*\(\)"),
    (lambda: recall([[1, 1]], [1, 1], max_sweeps=0), "max_sweeps.*0"),
    (lambda: recall([[1, 1]], [1, 1], max_sweeps=2.0), "max_sweeps.*2.0"),
    (lambda: random_patterns(0, 3, RNG), "count.*0"),
    (lambda: random_patterns(3, 2.0, RNG), "size.*2.0"),
    (lambda: random_order(0, RNG), "size.*0"),
    (lambda: flip([[1, 1]], 1.5, RNG), "1.5"),
    (lambda: flip([1, 1], 0.5, RNG), r"2-D.*\(2,\)"),
    (lambda: softmax_update([[1, 2]], [1, 2], -1), "-1"),
    (lambda: hebbian_memory(np.ones((2, 3)), np.ones(3)), r"\(2, 3\).*\(3,\)"),
    (lambda: pseudo_inverse_memory(np.ones((2, 3)), np.ones(3)), r"\(2, 3\).*\(3,\)"),
    (lambda: Recalled(2.0), "2.0"),
    (lambda: Recalled(-0.1), "-0.1"),
    (lambda: Recalled(0.1, overlap=0), r"\(0, 1\].* 0"),
    (lambda: Recalled(0.1, overlap=1.1), "1.1"),
    (lambda: successes(10, 0), "count.*0"),
    (lambda: successes(0, 10), "size.*0"),
    (lambda: successes(10, 2, trials=0), "trials.*0"),
    (lambda: successes(10, 2, seed=-1), "seed.*-1"),
    (lambda: successes(10.0, 2), "size.*10.0"),
    (lambda: wilson_interval(3, 0), "trials.*0"),
    (lambda: wilson_interval(3, 2), "good.*at most 2.*3"),
    (lambda: wilson_interval(-1, 2), "good.*-1"),
    (lambda: wilson_interval(1, 2, 1.0), "level.*1.0"),
    (lambda: wilson_interval(1, 2, 0), "level.*0"),
    (lambda: capacity(20, level=1), "level.*1"),
    (lambda: capacity(20, rounds=-1), "rounds.*-1"),
    (lambda: capacity(3, trials=3), "3 trials are too few.*0.5"),
    (lambda: capacity(20, trials=60, level=0.9), "60 trials are too few.*0.9"),
    (lambda: capacity(3, trials=60, level=0.1), "60 trials are too few.*0.1"),
    (lambda: capacity(8, criterion=Recalled(0.5)), "one pattern of size 8 fails.* 100 of 200"),
    (lambda: capacity(9, criterion=Recalled(1.0)), "one pattern of size 9 fails.*0 of 200"),
    (lambda: theoretical_capacity(1), "size.*1"),
    (lambda: theoretical_capacity(20, Exponential()), r"Exponential\(beta=1.0\) with OneFixed"),
    (lambda: theoretical_capacity(20, Exponential(2), AllFixed()), r"Exponential\(beta=2.0\)"),
    (lambda: theoretical_capacity(20, Polynomial(3), Recalled()), "no theory"),
    (lambda: theoretical_capacity(20, criterion=Recalled(0.1)), "flipped=0.1"),
    (lambda: theoretical_capacity(20, criterion=Recalled(0.0, 1.0)), "overlap=1.0"),
    (lambda: theoretical_capacity(3000, Exponential(), AllFixed()), "3000 entries exceeds"),
])
def test_errors_name_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()
