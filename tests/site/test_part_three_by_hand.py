"""The training and the covariate-shift explorer on their pages, by mouse, finger and keyboard."""

import re

import numpy as np
import pytest
from browsers import control, numbers, plain, rest
from playwright.sync_api import expect
from vectors import assert_close

from olsattn.widgets import CovariateShiftExplorer, TrainingExplorer

TARGET = 0.98624  # 1 / sqrt(s)
BOTH = pytest.mark.parametrize("device", ["desktop", "phone"])


def shown(element, name):
    """The number beside a slider."""
    text = plain(element.locator(f".olsattn-field:has(> span:text-is('{name}')) > output").text_content())
    return float(text.removesuffix("°"))


def words(element):
    return plain(element.locator(".olsattn-readout").inner_text())


def drag(page, handle, by, device):
    """Move a handle by so many pixels, with the mouse on a desktop and with a finger on a phone."""
    handle.scroll_into_view_if_needed()
    box = handle.locator("circle").last.bounding_box()
    start = np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])
    places = [start + part * np.array(by) for part in (0.25, 0.5, 0.75, 1)]
    scrolled = page.evaluate("scrollY")
    if device == "phone":
        finger = page.context.new_cdp_session(page)
        for kind, place in [("touchStart", start), *(("touchMove", place) for place in places), ("touchEnd", None)]:
            spots = [] if place is None else [{"x": place[0], "y": place[1]}]
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})
    else:
        page.mouse.move(*start)
        page.mouse.down()
        for place in places:
            page.mouse.move(*place)
        page.mouse.up()
        page.mouse.move(*(places[-1] + 30))  # let go means let go
    rest(page)
    assert page.evaluate("scrollY") == scrolled


# ---- TrainingExplorer ----

def settings(element):
    return {"optimiser": control(element, "Optimiser").input_value(), "rate": shown(element, "Rate"),
            "start": shown(element, "Start"), "epoch": int(shown(element, "Epoch"))}


def assert_agrees(element):
    """The table is Python's for what the controls say."""
    assert_close(numbers(element), TrainingExplorer(**settings(element)).numbers, 1e-6)


def button(element, name):
    return element.get_by_role("button", name=name, exact=True)


# What a slider's number shows in each frame of a play, with the frame's time, until the number is the last.
FILM = """async (output, last) => {
  const frames = [];
  const value = () => Number(output.textContent);
  while (value() !== last) {
    frames.push([await new Promise(requestAnimationFrame), value()]);
  }
  return frames;
}"""


def test_play_runs_to_the_end_and_stops(widget):
    """All epochs, ever faster: half of the time is over long before half of the epochs are."""
    _, element = widget("TrainingExplorer")
    button(element, "Play").click()
    expect(button(element, "Pause")).to_be_visible()
    frames = element.locator(".olsattn-field:has(> span:text-is('Epoch')) > output").evaluate(FILM, 5000)
    times, epochs = np.transpose(frames)
    assert (np.diff(epochs) >= 0).all() and np.interp((times[0] + times[-1]) / 2, times, epochs) < 2500
    expect(button(element, "Play")).to_be_visible()
    assert shown(element, "Epoch") == 5000
    assert "distance" in words(element) and "first below 1 % at epoch 573" in words(element)
    assert_agrees(element)
    button(element, "Play").click()  # at the end it begins again
    button(element, "Pause").click()
    assert shown(element, "Epoch") < 5000


@pytest.mark.parametrize("change", ["Pause", "Step", "Reset", "Optimiser", "Rate", "Start", "Epoch", "chart"])
def test_whatever_the_reader_does_stops_the_play(widget, change):
    page, element = widget("TrainingExplorer")
    button(element, "Play").click()
    if change == "Reset":  # also while the first epoch is still shown
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
    page.emulate_media(reduced_motion="reduce")
    button(element, "Play").click()
    rest(page)
    assert shown(element, "Epoch") == 5000
    expect(button(element, "Play")).to_be_visible()


def test_steps_and_reset(widget):
    page, element = widget("TrainingExplorer")
    for _ in range(3):
        button(element, "Step").click()
    control(element, "Epoch").press("ArrowRight")
    rest(page)
    assert shown(element, "Epoch") == 4
    assert_agrees(element)
    button(element, "Reset").click()
    rest(page)
    assert shown(element, "Epoch") == 0 and "w 0.100" in words(element)


@BOTH
def test_the_start_is_dragged_along_the_curve(widget, device):
    """Across zero, so that training ends in the other well."""
    page, element = widget("TrainingExplorer", device)
    svg = element.locator("svg[role=group]")
    width = svg.evaluate("svg => svg.viewBox.baseVal.width")
    unit = svg.bounding_box()["width"] / width * (width - 54) / 5.2  # pixels from one w to the next
    drag(page, element.locator(".olsattn-handle"), (-0.8 * unit, 25), device)
    assert shown(element, "Start") == pytest.approx(-0.7, abs=0.03)
    control(element, "Epoch").fill("5000")
    rest(page)
    assert f"target {-TARGET:.3f} (-1/√s)" in words(element)
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
    assert "start at -0.20" in plain(handle.get_attribute("aria-label"))


def test_divergence_is_said_and_the_last_weight_held(widget):
    page, element = widget("TrainingExplorer")
    control(element, "Optimiser").select_option("gradient descent")
    control(element, "Start").fill("2.5")
    rest(page)
    assert "diverges at epoch 2." in words(element) and "w 2.500" in words(element)
    control(element, "Epoch").fill("700")
    rest(page)
    assert "diverges at epoch 2: shown is the last epoch before" in words(element) and "w -19.465" in words(element)
    assert "The MSE rose in 1 epoch." in element.locator(".olsattn-note").inner_text()
    last = element.locator("tbody tr").last.locator("td")
    assert last.all_text_contents() == ["700", "—", "—", "—"]
    button(element, "Reset").click()
    button(element, "Play").click()  # no further than there is something to see
    expect(button(element, "Play")).to_be_visible()
    assert shown(element, "Epoch") == 2


def test_a_rising_error_is_noted(widget):
    _, element = widget("TrainingExplorer")
    note = element.locator(".olsattn-note")
    control(element, "Rate").fill("-3")
    control(element, "Optimiser").select_option("gradient descent")
    expect(note).to_be_hidden()
    control(element, "Optimiser").select_option("Adam")
    control(element, "Rate").fill("-1")
    expect(note).to_have_text(re.compile(r"The MSE rose in \d+ epochs\."))


def test_a_chart_is_scrubbed(widget):
    page, element = widget("TrainingExplorer", "phone")
    chart = element.locator("svg.olsattn-scrub").nth(1)
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
             for name in ("Stretch", "Shift", "Row")} | {"angle": shown(element, "Turn")}
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
    control(element, "Turn").fill("120")
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
    control(element, "Turn").fill("-20")
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
    for name in ("Turn", "Stretch 1", "Stretch 2", "Shift 1", "Shift 2", "Row 1", "Row 2"):
        control(element, name).press("ArrowLeft")
    rest(page)
    final = batch(element)
    assert final["stretch"][1] == pytest.approx(0.55) and final["shift"] == pytest.approx([0.05, 0.45])
    assert final["angle"] < after["angle"] and final["row"] == pytest.approx([1.95, -0.05])
