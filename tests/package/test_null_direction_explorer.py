"""The null-direction explorer in Python: what follows its traits, what its chips promise, and what it refuses."""

import json

import numpy as np
import pytest
import traitlets

from olsattn.datasets import diabetes
from olsattn.widgets import NullDirectionExplorer
from olsattn.widgets.null_direction_explorer import OTHERS

DATA = diabetes().standardised()
X = DATA.X[:, [DATA.names.index("body mass"), DATA.names.index("pressure")]]
Y = (DATA.y - DATA.y.mean()) / DATA.y.std()
B = X.T @ Y / len(Y)


def error(omega, y):
    return np.mean((y - X @ omega @ X.T @ y / len(y)) ** 2)


def test_training_stands_still_and_the_other_response_does_not():
    """In every direction, to rounding; the error of the other response is a parabola with its bottom at t = 0."""
    explorer = NullDirectionExplorer(t=0)
    floor = explorer.error
    assert floor == pytest.approx(error(np.linalg.inv(X.T @ X / len(X)), Y), rel=1e-12)
    for other, name in OTHERS.items():
        explorer.other, y = other, DATA.X[:, DATA.names.index(name)]
        for direction in (-180, -97.5, 0, 45, 90):
            explorer.direction, found = direction, {}
            for explorer.t in (-8, -4, 0, 4, 8):
                assert explorer.error == pytest.approx(floor, rel=1e-12)
                assert explorer.error == pytest.approx(error(np.array(explorer.omega), Y), rel=1e-12)
                assert explorer.other_error == pytest.approx(error(np.array(explorer.omega), y), rel=1e-12)
                found[explorer.t] = explorer.other_error - explorer.numbers["by least squares"][1]
            assert found[0] == pytest.approx(0, abs=1e-12) and found[8] > 0
            assert [found[-8], found[-4], found[4]] == pytest.approx([found[8], found[8] / 4, found[8] / 4], rel=1e-9)


def test_it_opens_where_the_two_disagree_most():
    opening = NullDirectionExplorer()
    others = [NullDirectionExplorer(t=t, direction=direction, other=other).other_error
              for t in (-8, 8) for direction in range(-180, 181, 15) for other in OTHERS]
    assert opening.other_error == pytest.approx(max(others)) and opening.other_error > 3 > 1 > opening.error


def test_the_solutions_of_the_chips():
    """Of rank one and least norm; symmetric; and fitted to both responses, where only t = 0 is left."""
    beta = np.linalg.solve(X.T @ X / len(X), B)
    least, w = np.linalg.inv(X.T @ X / len(X)), np.array([-B[1], B[0]]) / np.linalg.norm(B)
    step = (np.outer(beta, B) / (B @ B) - least) @ w
    explorer = NullDirectionExplorer(t=np.linalg.norm(step), direction=np.degrees(np.arctan2(*step[::-1])))
    assert np.linalg.matrix_rank(explorer.omega, tol=1e-12) == 1
    assert explorer.omega == pytest.approx(np.outer(beta, B) / (B @ B), abs=1e-12)
    assert explorer.error == pytest.approx(explorer.numbers["by least squares"][0], rel=1e-12)

    explorer = NullDirectionExplorer(direction=np.degrees(np.arctan2(*w[::-1])))
    assert explorer.omega == pytest.approx(np.transpose(explorer.omega), abs=1e-12)
    assert explorer.other_error > 1.8

    both = [NullDirectionExplorer(t=t, fitted="both").numbers["error"] for t in (-1, 0, 1)]
    assert all(column[2] == pytest.approx(np.mean(column[:2])) for column in both)
    assert both[0][2] > both[1][2] < both[2][2]


def test_a_page_carries_few_numbers():
    """The patients, as they were measured, and what a reader sets."""
    assert len(json.dumps({k: v for k, v in NullDirectionExplorer().get_state().items() if k[0] != "_"})) < 25_000


@pytest.mark.parametrize(
    ("trait", "value", "message"),
    [
        ("t", 8.1, "greater than 8"),
        ("t", np.nan, "t must be a finite number, got nan"),
        ("direction", -181, "less than -180"),
        ("other", "sex", "any of"),
        ("fitted", "age", "any of"),
        ("patients", [[0] * 7], "read-only"),
        ("omega", [[1, 0], [0, 1]], "read-only"),
        ("error", 0.0, "read-only"),
    ],
)
def test_it_refuses_what_it_cannot_draw(trait, value, message):
    for attempt in (lambda: setattr(NullDirectionExplorer(), trait, value),
                    lambda: NullDirectionExplorer(**{trait: value})):
        with pytest.raises(traitlets.TraitError, match=message):
            attempt()
