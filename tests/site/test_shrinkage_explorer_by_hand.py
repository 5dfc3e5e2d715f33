"""The shrinkage explorer on its page, by mouse, finger and keyboard."""

import json
import re
from urllib.parse import urlencode

import numpy as np
import pytest
from browsers import control, drag, more, numbers, rest, settle, verdict
from playwright.sync_api import expect
from vectors import assert_close

from olsattn.widgets import ShrinkageExplorer

BOTH = pytest.mark.parametrize("device", ["desktop", "phone"])
NAME = "ShrinkageExplorer"


def grip(element, name):
    return element.locator(f".olsattn-handle[aria-label^='{name}']")


def pull(page, handle, by, device):
    """Drag a handle, which has room for a finger."""
    box = handle.locator("circle").last.bounding_box()
    assert min(box["width"], box["height"]) >= 43.9
    drag(page, handle, by, device)


def state(element):
    """Penalty and rank as the handles say them, once they agree with the tables and with the sliders."""
    found = {"penalty": float(grip(element, "Penalty").get_attribute("aria-valuenow")),
             "rank": int(grip(element, "Rank").get_attribute("aria-valuenow"))}
    assert_close(numbers(element), ShrinkageExplorer(**found).numbers, 1e-6)
    assert float(control(element, "Components").input_value()) == found["rank"]
    assert float(control(element, "λ").input_value()) == pytest.approx(np.log10(1 + 10 * found["penalty"]), abs=0.011)
    return found


def tops(element, row):
    """How much of each component a row of bars fills: 0, F'F, or 1, Omega."""
    rects = element.locator("svg").first.locator("rect")
    pairs = rects.evaluate_all("all => all.map((rect) => Number(rect.getAttribute('height')))")
    frames, bars = np.reshape(pairs, (2, 10, 2)).transpose(2, 0, 1)
    return (bars / frames)[row]


def test_it_opens_where_omega_is_almost_flat_and_errs_less_than_least_squares(widget):
    """Nothing is left of the scores, and yet they order the patients better than least squares does."""
    _, element = widget(NAME)
    assert state(element) == {"penalty": 5000, "rank": 10}
    assert tops(element, 0).max() < 0.03 and tops(element, 1).min() > 0.97
    said = re.search(r"λΩ is I to within ([\d.]+) %.* rescaled ([\d.]+): less than least squares' ([\d.]+)",
                     verdict(element))
    within, rescaled, least = map(float, said.groups())
    assert within < 3 and rescaled < least - 5
    expect(element.get_by_role("button", name="almost I")).to_have_attribute("aria-pressed", "true")


@BOTH
def test_the_penalty_is_dragged_along_the_curve(widget, device):
    """It follows the hand, a decade for a decade, and stops at both ends; the rank stays."""
    page, element = widget(NAME, device)
    svg = element.locator("svg").nth(1)
    wide = svg.evaluate("svg => svg.viewBox.baseVal.width")
    decade = svg.bounding_box()["width"] / wide * (wide - 78 - 30) / 5  # in pixels
    pull(page, grip(element, "Penalty"), (-2 * decade, 25), device)
    moved = state(element)
    assert moved["penalty"] == pytest.approx(50, rel=0.06) and moved["rank"] == 10
    assert tops(element, 0)[0] == pytest.approx(134.3 / (134.3 + moved["penalty"]), abs=0.01)
    pull(page, grip(element, "Penalty"), (-6 * decade, 0), device)
    assert state(element) == {"penalty": 0, "rank": 10}
    assert verdict(element).startswith("Least squares:") and (tops(element, 0) == 1).all()
    pull(page, grip(element, "Penalty"), (9 * decade, 0), device)
    assert state(element) == {"penalty": 10_000, "rank": 10}


@BOTH
def test_the_rank_is_dragged_along_the_spectrum(widget, device):
    """Bars beyond it are empty in both rows; the largest that Omega has left is whole."""
    page, element = widget(NAME, device)
    svg = element.locator("svg").first
    wide = svg.evaluate("svg => svg.viewBox.baseVal.width")
    stride = svg.bounding_box()["width"] / wide * (wide - 56) / 10
    element.get_by_role("button", name="least squares").click()
    settle(page)
    pull(page, grip(element, "Rank"), (-5.2 * stride, 20), device)
    settle(page)
    assert state(element) == {"penalty": 0, "rank": 5}
    assert tops(element, 0).tolist() == [1] * 5 + [0] * 5
    squares = numbers(element)["d²"]
    assert tops(element, 1) == pytest.approx([*(squares[4] / np.array(squares[:5])), *[0] * 5], abs=0.01)
    assert verdict(element).startswith("5 components, no penalty")
    pull(page, grip(element, "Rank"), (-7 * stride, 0), device)
    assert state(element)["rank"] == 1
    pull(page, grip(element, "Rank"), (11 * stride, 0), device)
    assert state(element)["rank"] == 10


def test_handles_and_sliders_answer_to_the_keyboard(widget):
    page, element = widget(NAME)
    rank, penalty = grip(element, "Rank"), grip(element, "Penalty")
    for key in ("ArrowLeft", "Shift+ArrowLeft", "ArrowUp", "ArrowDown", "ArrowDown"):
        rank.press(key)
    rest(page)
    assert state(element)["rank"] == 3
    assert rank.get_attribute("aria-valuetext") == "3 of 10 components"
    before = state(element)["penalty"]
    penalty.press("ArrowLeft")
    rest(page)
    step = state(element)["penalty"]
    penalty.press("Shift+ArrowLeft")
    rest(page)
    stride = state(element)["penalty"]
    assert before > step > stride and np.log10(step / stride) == pytest.approx(0.1, abs=0.01)
    error = ShrinkageExplorer(penalty=stride, rank=3).test_error
    assert penalty.get_attribute("aria-valuetext") == f"{stride:,.0f}: error on the test rows {error:.1f}"
    control(element, "λ").press("Home")
    more(element)
    control(element, "Components").press("End")
    rest(page)
    assert state(element) == {"penalty": 0, "rank": 10}


def test_chips_lead_to_what_they_say(widget):
    """Nothing does better than "both", and less is what the others do better by than least squares."""
    page, element = widget(NAME)
    found = {}
    for chip in ("least squares", "best on the test rows", "almost I", "5 components", "both"):
        element.get_by_role("button", name=chip).click()
        settle(page)
        expect(element.get_by_role("button", name=chip)).to_have_attribute("aria-pressed", "true")
        found[chip] = ShrinkageExplorer(**state(element))
    assert (found["least squares"].penalty, found["least squares"].rank) == (0, 10)
    assert (found["5 components"].penalty, found["5 components"].rank) == (0, 5)
    errors = {chip: explorer.test_error for chip, explorer in found.items()}
    assert min(errors, key=errors.get) == "both" and found["both"].rank < 10 and found["both"].penalty > 0
    assert found["best on the test rows"].test_error == pytest.approx(
        min(ShrinkageExplorer(penalty=size).test_error for size in np.logspace(-2, 4, 121)), abs=0.01)


def test_a_chip_passes_the_decades_evenly(widget):
    """From 5,000 to none the handle does not leap: it is seen in each decade."""
    _, element = widget(NAME)
    sizes = element.evaluate("""async (element) => {
        const seen = [];
        [...element.querySelectorAll('.olsattn-chips button')][0].click();
        for (let frame = 0; frame < 60; frame++) {
            await new Promise((drawn) => requestAnimationFrame(drawn));
            seen.push(Number(element.querySelector('[aria-label="Penalty λ"]').getAttribute('aria-valuenow')));
        }
        return seen;
    }""")
    assert (np.diff(sizes) <= 0).all() and sizes[-1] == 0
    assert any(1 < size < 1000 for size in sizes)
    assert np.median([size for size in sizes if 0 < size < 5000]) < 300  # at an even pace in size it is over 2,000


def test_curves_are_followed_when_the_rank_jumps(widget):
    """The start of the test curve passes through what lies between."""
    _, element = widget(NAME)
    seen = element.evaluate("""async (element) => {
        const handle = element.querySelector('[aria-label^="Rank"]'), seen = [];
        const curve = element.querySelectorAll('svg')[1].querySelectorAll('path[stroke-width="2.4"]')[0];
        handle.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft', shiftKey: true }));
        for (let frame = 0; frame < 60; frame++) {
            await new Promise((drawn) => requestAnimationFrame(drawn));
            seen.push(Number(curve.getAttribute('d').split('L')[0].split(' ')[1]));
        }
        return seen;
    }""")
    assert len(set(seen)) > 2 and seen[-1] > seen[0] + 10  # less error is further down


@BOTH
def test_it_fits(widget, device):
    """In every state of the chips."""
    page, element = widget(NAME, device)
    page.emulate_media(reduced_motion="reduce")
    root = element.locator(".olsattn-shrinkage")
    for chip in element.locator(".olsattn-chips button").all():
        chip.click()
        rest(page)
        assert root.bounding_box()["height"] <= (700 if device == "phone" else 640)


def test_the_address_tells_the_state_and_nonsense_is_not_believed(visitor, widget_pages):
    for told, expected in (({"penalty": 7.84, "rank": 7}, {"penalty": 7.84, "rank": 7}),
                           ({"penalty": -1, "rank": 2.5}, {"penalty": 5000, "rank": 10})):
        query = urlencode({"shrinkage_explorer": json.dumps(told)})
        page = visitor().open(f"{widget_pages[NAME][0]}?{query}").page
        assert state(page.locator(f"[data-mounted$='.{NAME}']").first) == expected
