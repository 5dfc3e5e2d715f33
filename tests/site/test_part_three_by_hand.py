"""The training and the covariate-shift explorer on their pages, by mouse, finger and keyboard."""

import json
import re
from urllib.parse import urlencode

import numpy as np
import pytest
from browsers import control, drag, numbers, plain, rest, verdict
from playwright.sync_api import expect
from vectors import assert_close

from olsattn.widgets import CovariateShiftExplorer, TrainingExplorer

TARGET = 0.98624  # 1 / sqrt(s)
BOTH = pytest.mark.parametrize("device", ["desktop", "phone"])


def shown(element, name):
    """The number beside a slider."""
    text = plain(element.locator(f".olsattn-field:has(> span:text-is('{name}')) > output").text_content())
    return float(text.removesuffix("°"))


# ---- TrainingExplorer ----

def settings(element):
    return {"optimiser": control(element, "Optimiser").input_value(), "rate": shown(element, "Rate"),
            "start": shown(element, "Start"), "epoch": int(shown(element, "Epoch"))}


def assert_agrees(element):
    """The table is Python's for what the controls say."""
    assert_close(numbers(element), TrainingExplorer(**settings(element)).numbers, 1e-6)


def button(element, name):
    return element.get_by_role("button", name=name, exact=True)


def still(page, element):
    """The explorer plays by itself when it is first seen; here it is at its start and rests."""
    page.emulate_media(reduced_motion="reduce")  # chips and plays are at their end at once
    element.scroll_into_view_if_needed()
    button(element, "Reset").click()
    rest(page)
    expect(button(element, "Play")).to_be_visible()


# Time, epoch, and where the disc of the weight is, in each frame of a play, until the last epoch.
FILM = """async (element, last) => {
  const frames = [], epoch = element.querySelectorAll('output')[2];
  const disc = element.querySelector('circle[r="6"]');
  do {
    const now = await new Promise(requestAnimationFrame);
    frames.push([now, Number(epoch.textContent), Number(disc.getAttribute('cx'))]);
  } while (Number(epoch.textContent) !== last);
  return frames;
}"""


def test_it_plays_once_seen_and_plays_are_paced_by_distance(widget):
    """The weight moves evenly: when it is half of its way along, most of the epochs that it takes are over."""
    _, element = widget("TrainingExplorer")
    element.scroll_into_view_if_needed()
    expect(button(element, "Pause")).to_be_visible()
    times, epochs, places = np.transpose(element.evaluate(FILM, 5000))
    assert (np.diff(epochs) >= 0).all() and (np.diff(places) > -0.01).all()
    half = np.interp((places[0] + places[-1]) / 2, places, epochs)
    assert 100 < half < 600 and np.interp(half, epochs, times) < times[0] + 0.6 * (times[-1] - times[0])
    expect(button(element, "Play")).to_be_visible()
    assert shown(element, "Epoch") == 5000
    assert "distance" in verdict(element) and "first below 1 % at epoch 573" in verdict(element)
    assert_agrees(element)
    button(element, "Play").click()  # at the end it begins again
    button(element, "Pause").click()
    assert shown(element, "Epoch") < 5000


@pytest.mark.parametrize("change", ["Pause", "Step", "Reset", "Optimiser", "Rate", "Start", "Epoch", "chart"])
def test_whatever_the_reader_does_stops_the_play(widget, change):
    page, element = widget("TrainingExplorer")
    element.get_by_text("More", exact=True).click()
    element.scroll_into_view_if_needed()
    expect(button(element, "Pause")).to_be_visible()  # plays by itself
    if change == "Reset":  # also while the first epoch is still shown
        button(element, "Reset").click()
        button(element, "Play").click()
        rest(page)
    else:
        expect(control(element, "Epoch")).not_to_have_value("0")
    if change in ("Pause", "Step", "Reset"):
        button(element, change).click()
    elif change == "Optimiser":
        control(element, change).select_option("gradient descent")
    elif change == "chart":
        element.locator("svg.olsattn-scrub").first.click()
    else:
        control(element, change).press("ArrowRight")
    rest(page)
    expect(button(element, "Play")).to_be_visible()
    stopped = shown(element, "Epoch")
    page.wait_for_timeout(300)
    assert shown(element, "Epoch") == stopped
    assert (stopped == 0) == (change == "Reset")


def test_play_jumps_to_the_end_where_motion_is_unwelcome(widget):
    page, element = widget("TrainingExplorer")
    still(page, element)
    button(element, "Play").click()
    rest(page)
    assert shown(element, "Epoch") == 5000
    expect(button(element, "Play")).to_be_visible()


def test_steps_and_reset(widget):
    page, element = widget("TrainingExplorer")
    still(page, element)
    for _ in range(3):
        button(element, "Step").click()
    element.get_by_text("More", exact=True).click()
    control(element, "Epoch").press("ArrowRight")
    rest(page)
    assert shown(element, "Epoch") == 4
    assert_agrees(element)
    button(element, "Reset").click()
    rest(page)
    assert shown(element, "Epoch") == 0 and "w 0.100" in verdict(element)


@BOTH
def test_the_start_is_dragged_along_the_curve(widget, device):
    """Across zero, so that training ends in the other well."""
    page, element = widget("TrainingExplorer", device)
    still(page, element)
    svg = element.locator("svg[role=group]")
    width = svg.evaluate("svg => svg.viewBox.baseVal.width")
    unit = svg.bounding_box()["width"] / width * (width - 54) / 5.2  # pixels from one w to the next
    drag(page, element.locator(".olsattn-handle"), (-0.8 * unit, 25), device)
    assert shown(element, "Start") == pytest.approx(-0.7, abs=0.03)
    button(element, "Play").click()
    rest(page)
    assert f"target {-TARGET:.3f} (-1/√s)" in verdict(element)
    assert_agrees(element)
    before = shown(element, "Start")
    drag(page, element.locator(".olsattn-handle"), (5 * unit, 0), device)
    assert before < shown(element, "Start") == 2.5


def test_the_start_answers_to_the_keyboard(widget):
    page, element = widget("TrainingExplorer")
    handle = element.locator(".olsattn-handle")
    handle.press("ArrowLeft")
    handle.press("Shift+ArrowLeft")
    rest(page)
    assert shown(element, "Start") == -0.2
    assert plain(handle.get_attribute("aria-valuetext")) == "-0.20"
    assert handle.get_attribute("aria-label") == "Start of the weight"


def test_divergence_is_said_and_the_last_weight_held(widget):
    page, element = widget("TrainingExplorer")
    still(page, element)
    control(element, "Optimiser").select_option("gradient descent")
    element.get_by_text("More", exact=True).click()
    control(element, "Start").fill("2.5")
    rest(page)
    assert "It diverges at epoch 2." in verdict(element) and "w 2.500" in verdict(element)
    assert "The MSE rose in 1 epoch." in verdict(element)
    button(element, "Step").click()
    rest(page)
    picture = element.locator("svg[role=group]")
    disc = picture.locator("circle[r='6']")
    assert "← w = -19.465" in plain(picture.text_content()) and disc.get_attribute("display") == "none"  # it has left
    control(element, "Epoch").fill("700")
    rest(page)
    assert "w has diverged. It was -19.465 at epoch 1, beyond a million at 2." in verdict(element)
    assert "← diverged" in picture.text_content() and disc.get_attribute("display") == "none"
    last = element.locator("tbody tr").last.locator("td")
    assert last.all_text_contents() == ["700", "—", "—", "—"]
    button(element, "Reset").click()
    button(element, "Play").click()  # no further than there is something to see
    expect(button(element, "Play")).to_be_visible()
    assert shown(element, "Epoch") == 2


def test_a_rising_error_is_noted(widget):
    page, element = widget("TrainingExplorer")
    still(page, element)
    note = element.locator(".olsattn-verdict")
    control(element, "Optimiser").select_option("gradient descent")
    expect(note).to_contain_text("first below 1 % at epoch")
    assert "rose" not in verdict(element)
    control(element, "Optimiser").select_option("Adam")
    control(element, "Rate").fill("-1")
    expect(note).to_contain_text(re.compile(r"The MSE rose in \d+ epochs\."))


def corners(element):
    """Where the drawn way of the weight goes through, as weights: hops start and end there."""
    way, width = element.locator("svg[role=group]").evaluate(
        "svg => [svg.querySelector('path[stroke-opacity]').getAttribute('d'), svg.viewBox.baseVal.width]")
    ends = [step.split()[-2:] for step in re.findall(r"[MLQ]([-\d. ]+)", way)]
    return [(float(x) - 44) / (width - 54) * 5.2 - 2.6 for x, _ in ends]


def test_the_way_is_that_of_the_weight(widget):
    """From 1.8 one hop leads over both wells that lie between; no well is entered that the weight did not visit."""
    page, element = widget("TrainingExplorer")
    still(page, element)
    for chip, first, end in (("the other sign", [1.8, -0.254], -TARGET), ("diverges", [2, -2.442], None),
                             ("stuck", [0.1], 0.124)):
        button(element, chip).click()
        rest(page)
        drawn = corners(element)
        assert drawn[: len(first)] == pytest.approx(first, abs=0.01)
        path = np.array(TrainingExplorer(**settings(element)).trajectory)
        assert max(np.min(np.abs(path - w)) for w in drawn if abs(w) < 2.6) < 0.01  # none between
        assert end is None or drawn[-1] == pytest.approx(end, abs=0.01)


def test_the_address_tells_the_state_and_then_it_does_not_play(visitor, widget_pages):
    told = {"optimiser": "gradient descent", "rate": 0.001, "start": 1.8, "epoch": 2}
    query = urlencode({"training_explorer": json.dumps(told)})
    page = visitor().open(f"{widget_pages['TrainingExplorer'][0]}?{query}").page
    element = page.locator("[data-mounted$='.TrainingExplorer']")
    element.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    assert settings(element) == told
    expect(button(element, "Play")).to_be_visible()


def test_a_chart_is_scrubbed(widget):
    page, element = widget("TrainingExplorer", "phone")
    chart = element.locator("svg.olsattn-scrub")
    chart.scroll_into_view_if_needed()
    box, seen = chart.bounding_box(), []
    for part in (0.5, 0.7, 0.9):
        page.touchscreen.tap(box["x"] + box["width"] * part, box["y"] + box["height"] / 2)
        rest(page)
        seen.append(int(shown(element, "Epoch")))
    assert 10 < seen[0] < seen[1] < seen[2] < 5000
    assert_agrees(element)


# ---- CovariateShiftExplorer ----

def batch(element):
    """Stretch, angle, shift and row as the page shows them, once they agree with the numbers of the table."""
    state = {name.lower(): [shown(element, f"{name} 1"), shown(element, f"{name} 2")]
             for name in ("Stretch", "Shift", "Row")} | {"angle": shown(element, "Direction")}
    assert_close(numbers(element), CovariateShiftExplorer(**state).numbers, 1e-6)
    return state


def handle(element, name):
    return element.locator(f"[aria-label^='{name}']")


def pixels(element):
    """How many lie between 0 and 1: 154 of the drawing's 320 units reach from 0 to 4.4."""
    return element.locator("svg").first.bounding_box()["width"] / 320 * 154 / 4.4


@BOTH
def test_the_batch_is_dragged_by_its_middle(widget, device):
    page, element = widget("CovariateShiftExplorer", device)
    before = batch(element)
    drag(page, handle(element, "middle"), np.array([1.2, -0.7]) * pixels(element), device)
    after = batch(element)
    assert after["shift"] == pytest.approx([1.2, 0.7], abs=0.06)
    assert {**after, "shift": None} == {**before, "shift": None}
    drag(page, handle(element, "middle"), np.array([5, 0]) * pixels(element), device)
    assert batch(element)["shift"] == pytest.approx([2, 0.7], abs=0.06)  # no further


@BOTH
@pytest.mark.parametrize("axis", [1, 2])
def test_the_end_of_an_axis_stretches_and_turns(widget, device, axis):
    """Outwards it stretches this axis alone; to where the other axis stood it turns the batch by 90 degrees."""
    page, element = widget("CovariateShiftExplorer", device)
    before = batch(element)
    direction = np.radians(before["angle"] + 90 * (axis - 1))
    out, side = np.array([np.cos(direction), -np.sin(direction)]), np.array([np.sin(direction), np.cos(direction)])
    drag(page, handle(element, f"end of axis {axis}"), 0.8 * out * pixels(element), device)
    stretched = batch(element)
    expected = list(before["stretch"])
    expected[axis - 1] += 0.8
    assert stretched["stretch"] == pytest.approx(expected, abs=0.06)
    assert stretched["angle"] == pytest.approx(before["angle"], abs=2) and stretched["shift"] == before["shift"]
    arm = 0.7 + stretched["stretch"][axis - 1]  # the handle stands that far beyond the standard deviation
    drag(page, handle(element, f"end of axis {axis}"), arm * (-side - out) * pixels(element), device)
    turned = batch(element)
    assert turned["angle"] == pytest.approx(before["angle"] + 90, abs=3)
    assert turned["stretch"] == pytest.approx(expected, abs=0.08)


def test_a_quarter_turn_swaps_what_the_layer_over_and_underrates(widget):
    """At 90 degrees from training the wide axis meets the narrow one: the layer is wrong, the coefficients are not."""
    page, element = widget("CovariateShiftExplorer")
    control(element, "Direction").fill("120")
    rest(page)
    errors = numbers(element)["error"]
    assert batch(element)["angle"] == 120 and errors[0] > 0.5 and errors[1] < 0.05


def test_twice_as_large_is_four_times_the_prediction(widget):
    """The layer is cubic in its batch and the row itself is one of the three: the same row gets four times as much."""
    _, element = widget("CovariateShiftExplorer")
    at = "prediction for the row"
    assert numbers(element)[at] == pytest.approx([0.466, 1.968], abs=1e-3)  # the opening shows that they differ
    element.get_by_role("button", name="same as training").click()
    expect(element.locator(".olsattn-verdict")).to_contain_text("as in training")
    before = numbers(element)[at]
    assert before[0] == pytest.approx(before[1], rel=0.01)
    assert "D has the rows (1.00, 0.00) and (0.00, 1.00)" in plain(element.locator("details p").text_content())
    control(element, "Direction").fill("-20")
    element.get_by_role("button", name="twice as large").click()
    expect(element.locator(".olsattn-verdict")).to_contain_text("the layer gives x = (2.00, 0.00) 7.87;")
    assert numbers(element)[at] == pytest.approx([4 * before[0], before[1]], rel=1e-9)
    assert batch(element) == {"stretch": [2.4, 1.2], "angle": 30, "shift": [0, 0], "row": [2, 0]}


@BOTH
def test_the_row_is_dragged_and_both_needles_follow(widget, device):
    """Both predictions are linear in the row, so at the opposite row they are the opposite numbers."""
    page, element = widget("CovariateShiftExplorer", device)
    at = "prediction for the row"
    before = numbers(element)[at]
    drag(page, handle(element, "the row x"), np.array([-4, 0]) * pixels(element), device)
    row = batch(element)["row"]
    assert row == pytest.approx([-2, 0], abs=0.06)
    assert numbers(element)[at] == pytest.approx([-v for v in before], abs=0.1)
    needles = plain(element.locator("svg.olsattn-chart").text_content())
    for name, prediction in zip(("the layer", "least squares"), numbers(element)[at], strict=True):
        assert f"{name}: {prediction:.2f}" in needles
    handle(element, "the row x").press("Shift+ArrowUp")
    rest(page)
    assert batch(element)["row"] == pytest.approx([row[0], row[1] + 0.5])


def test_the_batch_answers_to_the_keyboard(widget):
    page, element = widget("CovariateShiftExplorer")
    middle = handle(element, "middle")
    middle.press("ArrowRight")
    middle.press("Shift+ArrowUp")
    rest(page)
    assert batch(element)["shift"] == [0.1, 0.5]
    before = batch(element)
    handle(element, "end of axis 1").press("ArrowRight")
    rest(page)
    after = batch(element)
    assert after["stretch"][0] > before["stretch"][0] and after["angle"] < before["angle"]
    element.get_by_text("More", exact=True).click()
    for name in ("Direction", "Stretch 1", "Stretch 2", "Shift 1", "Shift 2", "Row 1", "Row 2"):
        control(element, name).press("ArrowLeft")
    rest(page)
    final = batch(element)
    assert final["stretch"][1] == pytest.approx(0.55) and final["shift"] == pytest.approx([0.05, 0.45])
    assert final["angle"] < after["angle"] and final["row"] == pytest.approx([1.95, -0.05])
