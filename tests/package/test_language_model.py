"""The language model in NumPy is the one that torch trained, and its weights are those of the experiment."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from olsattn.language_model import load_language_model, tokenize

ROOT = Path(__file__).parents[2]
SENTENCES = ("if the object has a method named __iter__, the method is called", "return",
             "The value of the expression is the value of the last zyzzyva. " * 4)


@pytest.fixture(scope="module")
def trained():
    sys.path.insert(0, str(ROOT / "experiments"))
    import language_model
    yield language_model.load()[0].double()
    sys.path.remove(str(ROOT / "experiments"))


@pytest.mark.parametrize("text", SENTENCES)
def test_logits_equal_those_of_torch(trained, text):
    model = load_language_model()
    reading = model.read(text)
    numbers = [model.vocabulary.index(token) for token in reading.tokens]
    with torch.no_grad():
        theirs = trained(torch.tensor([numbers]))[0].numpy()
    assert np.abs(reading.logits - theirs).max() < 1e-10


def test_the_stream_starts_as_embeddings_and_ends_in_the_logits():
    model = load_language_model()
    reading = model.read("the name of the class is")
    numbers = [model.vocabulary.index(token) for token in reading.tokens]
    assert reading.stream.shape == (5, 6, 64)
    assert np.allclose(reading.stream[0], model.token[numbers] + model.position[:6])
    last = reading.stream[-1]
    normed = (last - last.mean(axis=1, keepdims=True)) / np.sqrt(last.var(axis=1, keepdims=True) + 1e-5) * model.gain
    assert np.allclose(normed @ model.token.T, reading.logits)


def test_guesses_come_in_order_as_many_as_asked_for():
    reading = load_language_model().read("the value of")
    shares = [share for _, share in reading.guesses(1000)]
    assert shares == sorted(shares, reverse=True) and abs(sum(shares) - 1) < 1e-12
    assert len(reading.guesses()) == 5 and len(reading.guesses(1)) == 1
    for count in (0, 1001):
        with pytest.raises(ValueError, match="count"):
            reading.guesses(count)


def test_a_token_sees_nothing_after_it():
    model = load_language_model()
    long, short = model.read("the name of the class is"), model.read("the name of")
    assert np.allclose(long.logits[:3], short.logits, atol=1e-12)
    assert np.allclose(long.attention.sum(axis=-1), 1) and np.allclose(np.triu(long.attention, 1), 0)


def test_it_has_learned_something():
    """Far better than a guess by frequency on text that it has not seen, and the file says so itself."""
    made = load_language_model().made
    assert made["loss"] < 2.6 < 4 < made["loss_of_frequencies"]
    guesses = dict(load_language_model().read("the value of").guesses(3))
    assert "the" in guesses and sum(guesses.values()) < 1


def test_the_perplexity_of_the_file_comes_out_again():
    run = subprocess.run([sys.executable, "experiments/language_model.py", "--check"], cwd=ROOT, capture_output=True,
                         text=True)
    assert run.returncode == 0, run.stderr
    assert "as in language_model.npz" in run.stdout or "another text" in run.stdout


def test_unknown_words_and_texts_that_do_not_fit():
    assert tokenize("Don't x_1 = 3.5") == ["don", "'", "t", "x_", "1", "=", "3", ".", "5"]
    assert load_language_model().read("zyzzyva").tokens == ("<unknown>",)
    assert len(load_language_model().read("a " * 64).tokens) == 64
    for text, count in (("", 0), ("a " * 65, 65)):
        with pytest.raises(ValueError, match=f"the text has {count} tokens; the model reads from 1 to 64"):
            load_language_model().read(text)
