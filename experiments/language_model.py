"""A small language model of our own, for the primer and for looking inside one.

Run: python experiments/language_model.py            (some five minutes on two cores; resumes where it was stopped)
     python experiments/language_model.py --check    (perplexities of the committed weights, computed again)

A causal Transformer learns to guess the next token of Python's language reference, which ships with Python as
``pydoc_data.topics``. The last tenth of the text is held out. Writes olsattn/data/language_model.npz: the weights of
the best held-out loss in half precision, the vocabulary, and how they were made.
"""

import argparse
import datetime
import hashlib
import json
import platform
from pathlib import Path
from pydoc_data import topics

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from olsattn.language_model import UNKNOWN, WEIGHTS, tokenize

WIDTH, HEADS, LAYERS, CONTEXT, WORDS = 64, 4, 2, 64, 1000
BATCH, STEPS, EVERY, RATE, DECAY, DROPOUT, SEED = 32, 2400, 200, 1e-3, 0.1, 0.2, 0
CHECKPOINT = Path(__file__).parents[1] / "_build" / "language_model.pt"


class Block(nn.Module):
    """Attention, then a feed-forward network; each reads the normalised stream and adds to it."""

    def __init__(self):
        super().__init__()
        self.norm_attention, self.norm_feed = (nn.LayerNorm(WIDTH, bias=False) for _ in range(2))
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(4))
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH, bias=False), nn.Linear(4 * WIDTH, WIDTH, bias=False)
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, stream):  # (B, T, WIDTH)
        def split(x):  # (B, T, WIDTH) to (B, HEADS, T, WIDTH / HEADS)
            return x.unflatten(2, (HEADS, -1)).transpose(1, 2)

        x = self.norm_attention(stream)
        heads = F.scaled_dot_product_attention(split(self.query(x)), split(self.key(x)), split(self.value(x)),
                                               is_causal=True, dropout_p=DROPOUT if self.training else 0.0)
        stream = stream + self.drop(self.out(heads.transpose(1, 2).flatten(2)))
        return stream + self.drop(self.down(F.gelu(self.up(self.norm_feed(stream)), approximate="tanh")))


class Transformer(nn.Module):
    """Token and position embeddings, the blocks, and scores for the next token from the same embedding."""

    def __init__(self):
        super().__init__()
        self.token, self.position = nn.Embedding(WORDS, WIDTH), nn.Embedding(CONTEXT, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm, self.drop = nn.LayerNorm(WIDTH, bias=False), nn.Dropout(DROPOUT)
        for parameter in self.parameters():
            if parameter.ndim == 2:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, tokens):  # (B, T) to (B, T, WORDS)
        stream = self.drop(self.token(tokens) + self.position.weight[: tokens.shape[1]])
        for block in self.blocks:
            stream = block(stream)
        return self.norm(stream) @ self.token.weight.T


def corpus():
    """The text in one string: it differs a little from one Python to the next, so its hash is kept."""
    return "\n".join(topics.topics[name] for name in sorted(topics.topics))


def encode(tokens, vocabulary):
    number = {word: i for i, word in enumerate(vocabulary)}
    return torch.tensor([number.get(token, 0) for token in tokens])


def held_out_loss(model, tokens):
    """Mean of the negative log probabilities, in windows that overlap so that each guess has half a context or more."""
    model.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for start in range(0, len(tokens) - CONTEXT, CONTEXT // 2):
            window = tokens[start : start + CONTEXT + 1]
            losses = F.cross_entropy(model(window[None, :-1])[0], window[1:], reduction="none")
            losses = losses if start == 0 else losses[CONTEXT // 2 :]
            total, count = total + losses.sum().item(), count + len(losses)
    model.train()
    return total / count


def loss_of_frequencies(train, held_out):
    """The loss of guessing by how common a word is, with one added to each count."""
    counts = torch.bincount(train, minlength=WORDS) + 1.0
    return -torch.log(counts / counts.sum())[held_out].mean().item()


def train(steps):
    torch.manual_seed(SEED)
    text = corpus()
    tokens = tokenize(text)
    words, counts = np.unique(tokens, return_counts=True)
    vocabulary = [UNKNOWN, *words[np.argsort(-counts, kind="stable")][: WORDS - 1].tolist()]
    numbers = encode(tokens, vocabulary)
    cut = len(numbers) * 9 // 10
    learn, held_out = numbers[:cut], numbers[cut:]
    model = Transformer()
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    began, state = datetime.datetime.now(), {"step": 0, "losses": [], "best": np.inf, "weights": None, "seconds": 0.0}
    if CHECKPOINT.exists():
        saved = torch.load(CHECKPOINT, weights_only=False)
        model.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
        torch.set_rng_state(saved["random"])
        state = saved["state"]
    earlier = state["seconds"]
    while state["step"] < steps:
        for _ in range(EVERY):
            starts = torch.randint(len(learn) - CONTEXT, (BATCH,))
            batch = learn[starts[:, None] + torch.arange(CONTEXT + 1)]
            loss = F.cross_entropy(model(batch[:, :-1]).flatten(0, 1), batch[:, 1:].flatten())
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        state["step"] += EVERY
        now = held_out_loss(model, held_out)
        state["losses"].append([state["step"], round(loss.item(), 4), round(now, 4)])
        if now < state["best"]:
            state["best"] = now
            state["weights"] = {name: weight.detach().clone() for name, weight in model.state_dict().items()}
        state["seconds"] = earlier + (datetime.datetime.now() - began).total_seconds()
        CHECKPOINT.parent.mkdir(exist_ok=True)
        torch.save({"model": model.state_dict(), "optimiser": optimiser.state_dict(),
                    "random": torch.get_rng_state(), "state": state}, CHECKPOINT)
        bar = "#" * (20 * state["step"] // steps)
        print(f"[{bar:20}] step {state['step']}/{steps}  held-out perplexity {np.exp(now):.2f}"
              f"  best {np.exp(state['best']):.2f}  {state['seconds']:.0f} s", flush=True)
    made = {
        "command": "python experiments/language_model.py", "date": str(datetime.date.today()), "seed": SEED,
        "python": platform.python_version(), "torch": torch.__version__, "seconds": round(state["seconds"]),
        "text": "pydoc_data.topics", "sha256": hashlib.sha256(text.encode()).hexdigest(), "tokens": len(tokens),
        "unknown": round((numbers == 0).float().mean().item(), 4), "losses": state["losses"],
        "loss_of_frequencies": round(loss_of_frequencies(learn, held_out), 4),
    }
    halves = {name: weight.half() for name, weight in state["weights"].items()}
    model.load_state_dict({name: weight.float() for name, weight in halves.items()})
    made["loss"] = round(held_out_loss(model, held_out), 4)
    np.savez_compressed(WEIGHTS, vocabulary=np.array(vocabulary), heads=HEADS, made=json.dumps(made),
                        **{name: weight.numpy() for name, weight in halves.items()})
    print(f"{WEIGHTS.name}: {WEIGHTS.stat().st_size / 1000:.0f} kB, held-out perplexity {np.exp(made['loss']):.2f}")


def load():
    """The committed weights in torch."""
    with np.load(WEIGHTS) as file:
        made, vocabulary = json.loads(str(file["made"])), file["vocabulary"].tolist()
        names = [name for name in file if name not in ("made", "vocabulary", "heads")]
        weights = {name: torch.from_numpy(file[name].astype(np.float32)) for name in names}
    model = Transformer().eval()
    model.load_state_dict(weights)
    return model, vocabulary, made


def check():
    model, vocabulary, made = load()
    text = corpus()
    if hashlib.sha256(text.encode()).hexdigest() != made["sha256"]:
        print(f"another text: the weights were made with that of Python {made['python']}")
        return
    numbers = encode(tokenize(text), vocabulary)
    cut = len(numbers) * 9 // 10
    assert abs(held_out_loss(model, numbers[cut:]) - made["loss"]) < 1e-3
    assert abs(loss_of_frequencies(numbers[:cut], numbers[cut:]) - made["loss_of_frequencies"]) < 1e-3
    print(f"held-out perplexity {np.exp(made['loss']):.2f} as in {WEIGHTS.name}")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--check", action="store_true", help="compute the perplexities of the file again")
    arguments.add_argument("--steps", type=int, default=STEPS)
    given = arguments.parse_args()
    if given.check:
        check()
    else:
        train(given.steps)
