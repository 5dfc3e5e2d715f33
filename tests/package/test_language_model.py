"""The language model in NumPy is the one that torch trained, and its weights are those of the experiment."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from pages import ROOT

from olsattn.language_model import load_language_model, tokenize

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
    for text, count in (("", 0), ("a " * 65, 65)):
        with pytest.raises(ValueError, match=f"the text has {count} tokens; the model reads from 1 to 64"):
            load_language_model().read(text)
