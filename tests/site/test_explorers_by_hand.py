"""The multi-head, masking and Hopfield explorers on their pages, by mouse, finger and keyboard."""

from itertools import pairwise

import numpy as np
import pytest
from browsers import control, more, numbers, plain, rest, settle, verdict
from playwright.sync_api import expect
from vectors import assert_close

from olsattn.memory import Exponential, Polynomial, Quadratic, Recalled, successes
from olsattn.widgets import HopfieldExplorer, MaskingExplorer, MultiHeadExplorer

CLOSE = 1e-6


# ---- MultiHeadExplorer ----

MAPS = ".olsattn-grid figure:not([hidden]) svg"


def marked_rows(element):
    """The row that each visible map marks."""
    return element.locator(MAPS).evaluate_all(
        "maps => maps.map((map) => Math.round(Number(map.lastElementChild.getAttribute('y')) / 20))")


def residual(page, element):
    rest(page)
    return float(element.locator(".olsattn-widget").get_attribute("data-residual"))


@pytest.mark.parametrize("device", ["desktop", "phone"])
def test_a_row_touched_in_one_map_is_marked_in_all(widget, device):
    page, element = widget("MultiHeadExplorer", device)
    control(element, "Heads").fill("4")
    rest(page)
    maps = element.locator(MAPS)
    assert maps.count() == 7  # four heads, their sum, the one head, the difference
    third = maps.nth(2)
    third.scroll_into_view_if_needed()
    box = third.bounding_box()
    size = 12 * 20 + 28  # twelve cells and two margins
    place = box["x"] + box["width"] * (26 + 3.5 * 20) / size, box["y"] + box["height"] * (26 + 7.5 * 20) / size
    if device == "phone":
        page.touchscreen.tap(*place)
    else:
        page.mouse.click(*place)
    rest(page)
    assert marked_rows(element) == [7] * 7
    assert "point 8" in element.locator(".olsattn-verdict").inner_text()
    more(element)
    assert control(element, "Query").input_value() == "7"
    weight = MultiHeadExplorer(heads=4).weights[2][7][3]
    assert plain(third.get_attribute("aria-valuetext")) == f"query point 8, key point 4: {weight:.2f}"
    assert plain(element.locator(".olsattn-grid figcaption").nth(2).inner_text()) == f"head 3 {weight:.2f}"


def test_arrow_keys_go_from_cell_to_cell(widget):
    """In a map that has the focus: up and down to another query, left and right to another key."""
    page, element = widget("MultiHeadExplorer")
    element.locator(MAPS).first.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
        rest(page)
    assert marked_rows(element) == [2] * 5
    weight = MultiHeadExplorer().weights[0][2][1]
    said = element.locator(MAPS).first.get_attribute("aria-valuetext")
    assert plain(said) == f"query point 3, key point 2: {weight:.2f}"


def test_the_mouse_shows_the_value_of_a_cell_and_takes_it_away_again(widget):
    page, element = widget("MultiHeadExplorer")
    value = element.locator(".olsattn-grid figcaption b").first
    assert value.inner_text() == ""
    element.locator(MAPS).first.hover()
    rest(page)
    assert value.inner_text() == f"{MultiHeadExplorer().weights[0][5][5]:.2f}"
    page.mouse.move(0, 0)
    rest(page)
    assert value.inner_text() == "" and marked_rows(element) == [0] * 5


def test_it_opens_where_one_head_fails_and_is_exact_for_linear_heads_and_one_number_only(widget):
    page, element = widget("MultiHeadExplorer")
    assert element.get_by_role("radio", name="softmax").is_checked()
    warm = residual(page, element)
    assert warm == pytest.approx(MultiHeadExplorer().residual, abs=CLOSE)
    assert "does not replace" in verdict(element) and "37 %" in verdict(element)
    more(element)
    control(element, "Temperature").fill("10")
    assert residual(page, element) < 0.5 * warm
    element.get_by_role("radio", name="identity").check()
    for heads in "1234":
        control(element, "Heads").fill(heads)
        assert residual(page, element) < 1e-9
    control(element, "Values").select_option("2")
    assert residual(page, element) > 0.05
    assert element.locator(MAPS).count() == 5  # values of two numbers: no sum of maps, and nothing to subtract


def test_the_difference_of_the_maps_vanishes_with_the_residual(widget):
    """After the movement: what the map of the difference shows is the sum less the one head."""
    page, element = widget("MultiHeadExplorer")
    depths = "map => [...map.querySelectorAll('rect')].slice(0, 144).map((r) => Number(r.getAttribute('fill-opacity')))"
    assert max(element.locator(MAPS).nth(4).evaluate(depths)) > 0.5
    element.get_by_role("button", name="four linear heads").click()
    settle(page)
    assert element.locator(MAPS).count() == 7
    assert max(element.locator(MAPS).nth(6).evaluate(depths)) == 0
    assert_close(numbers(element), MultiHeadExplorer(heads=4, weighting="identity").numbers, CLOSE)


def test_the_heads_answer_to_the_keyboard(widget):
    """Arrow keys on sliders, the switch and menus do what the mouse does, and the numbers follow."""
    page, element = widget("MultiHeadExplorer")
    control(element, "Heads").press("ArrowRight")
    element.get_by_role("radio", name="softmax").press("ArrowLeft")
    rest(page)
    assert element.get_by_role("radio", name="identity").is_checked()
    more(element)
    control(element, "Width").press("ArrowLeft")
    control(element, "Data").select_option("US quarters, 1974 to 1976")
    control(element, "Query").select_option("3")
    rest(page)
    expected = MultiHeadExplorer(heads=3, width=2, weighting="identity", dataset="US quarters, 1974 to 1976", query=3)
    assert_close(numbers(element), expected.numbers, CLOSE)
    assert marked_rows(element) == [3] * 6


# ---- MaskingExplorer ----

def test_dragging_along_a_chart_scrubs_the_date(widget):
    page, element = widget("MaskingExplorer")
    chart = element.locator("svg.olsattn-scrub").nth(1)
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    seen, height = [], box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.4, height)
    page.mouse.down()
    for part in (0.5, 0.7, 0.9):
        page.mouse.move(box["x"] + box["width"] * part, height)
        rest(page)
        seen.append(element.locator("output").inner_text())
    page.mouse.up()
    page.mouse.move(box["x"] + box["width"] * 0.3, height)
    rest(page)
    assert seen == sorted(seen) and len(set(seen)) == 3
    assert element.locator("output").inner_text() == seen[-1]  # let go means let go
    assert_close(numbers(element), MaskingExplorer(date=seen[-1]).numbers, CLOSE)


def test_a_finger_scrubs_the_date(widget):
    page, element = widget("MaskingExplorer", "phone")
    chart = element.locator("svg.olsattn-scrub").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] * 0.8, box["y"] + box["height"] / 2)
    rest(page)
    date = element.locator("output").inner_text()
    assert date > "1995"
    assert_close(numbers(element), MaskingExplorer(date=date).numbers, CLOSE)


def heights(element):
    """Of the bars, one a quarter."""
    bars = element.locator("svg.olsattn-scrub").nth(1).locator("rect")
    return bars.evaluate_all("bars => bars.map((bar) => Number(bar.getAttribute('height')))")


def test_keyboard_and_menus_choose_design_mask_and_date(widget):
    page, element = widget("MaskingExplorer")
    more(element)
    control(element, "From").select_option("economy")
    control(element, "Lags").select_option("2")
    for _ in range(2):
        element.get_by_role("radio", checked=True).press("ArrowRight")
        rest(page)
    assert element.get_by_role("radio", name="exact").is_checked()
    control(element, "Date").press("ArrowRight")
    settle(page)
    assert element.locator("output").inner_text() == "1986Q3"
    expected = MaskingExplorer(context="economy", lags=2, mask="exact", date="1986Q3")
    assert_close(numbers(element), expected.numbers, CLOSE)
    words = verdict(element)
    assert "Under exact the forecast for 1986Q3" in words
    assert "0 % goes to later quarters, 0 % to the quarter itself" in words
    now = int(control(element, "Date").input_value())
    assert max(heights(element)[now:]) == 0 < max(heights(element)[:now])


def test_it_opens_where_equation_35_fails(widget):
    """A forecast of -24 per cent, in the sentence and at its mark, and errors that are named where they end."""
    _, element = widget("MaskingExplorer")
    words = verdict(element)
    assert "Under equation 35 the forecast for 1986Q2 is -23.8 per cent; 2.9 came" in words
    assert element.get_by_role("radio", name="equation 35").is_checked()
    inflation, _, errors = (element.locator("svg.olsattn-scrub").nth(k) for k in range(3))
    assert "-23.8" in [plain(text) for text in inflation.locator("text").all_text_contents()]
    names = {text: float(place) for text, place in errors.locator("text").evaluate_all(
        "texts => texts.map((text) => [text.textContent, text.getAttribute('y')])")}
    ends = MaskingExplorer(date="2009Q3").errors
    assert sorted(ends, key=ends.get) == sorted(ends, key=names.get, reverse=True)  # the largest error is on top
    places = sorted(names[mask] for mask in ends)
    assert min(after - before for before, after in pairwise(places)) > 11


def test_the_story_of_1974_is_one_chip_away(widget):
    """1978 seen with the future and without: the bars of the future fall, and 1974Q1 gets a little more."""
    page, element = widget("MaskingExplorer")
    now = MaskingExplorer().dates.index("1978Q1")
    for chip, mask, part in (("1978 with the future", "unmasked", "3.7 %"), ("1978 without it", "exact", "3.9 %")):
        element.get_by_role("button", name=chip).click()
        settle(page)
        assert element.locator("output").inner_text() == "1978Q1"
        assert element.get_by_role("radio", name=mask).is_checked()
        story = element.locator("svg.olsattn-scrub").nth(1).text_content()
        assert f"1974Q1: {part} of the past, rank" in story
        assert (max(heights(element)[now:]) > 0) == (mask == "unmasked")


def test_a_change_of_mask_passes_through_what_lies_between(widget):
    """The bars of the future do not vanish at once."""
    page, element = widget("MaskingExplorer")
    element.get_by_role("button", name="1978 with the future").click()
    settle(page)
    seen = element.evaluate("""async (element) => {
        const bar = element.querySelectorAll('svg.olsattn-scrub')[1].querySelectorAll('rect')[150], seen = [];
        [...element.querySelectorAll('[type=radio]')].at(-1).click();
        for (let frame = 0; frame < 90; frame++) {
            await new Promise((drawn) => requestAnimationFrame(drawn));
            seen.push(Number(bar.getAttribute('height')));
        }
        return seen;
    }""")
    assert seen[-1] == 0 and any(0 < height < 0.9 * seen[0] for height in seen)


# ---- HopfieldExplorer ----

def resting(page, element):
    """It plays by itself when it is first seen; here it rests at the cue, with all controls in sight."""
    page.emulate_media(reduced_motion="reduce")  # chips and plays are at their end at once
    element.get_by_text("More", exact=True).click()
    element.scroll_into_view_if_needed()
    element.get_by_role("button", name="Reset").click()
    rest(page)
    assert control(element, "Sweeps").input_value() == "0"


def hopfield_numbers(element):
    return {heading: np.array(column) for heading, column in numbers(element).items()}


def test_the_curve_counts_what_python_counts(widget):
    """Success for success: the page and NumPy draw the same patterns, wrong signs and orders."""
    page, element = widget("HopfieldExplorer")
    resting(page, element)
    control(element, "A recall counts if it ends with").select_option("exact")
    settings = [("quadratic", "4", "0.2", Quadratic()), ("polynomial", "1", "0.1", Polynomial(3)),
                ("exponential", "0", "0.06", Exponential())]
    for dynamics, side, flipped, energy in settings:
        control(element, "Dynamics").select_option(dynamics)
        control(element, "Side").fill(side)
        control(element, "Wrong signs").fill(flipped)
        element.locator(".olsattn-chart").last.scroll_into_view_if_needed()  # it is simulated while it can be seen
        expect(element.locator("table").last.locator("tbody tr").last.locator("td").last).to_have_text("100")
        counted = hopfield_numbers(element)
        size = (4, 5, 6, 8, 10)[int(side)] ** 2
        criterion = Recalled(float(flipped), overlap=1.0)
        expected = [successes(size, int(count), energy, criterion, trials=int(trials)).sum()
                    for count, trials in zip(counted["patterns"], counted["trials"], strict=True)]
        assert np.array_equal(counted["successes"], expected)
        assert expected[0] > 90 and expected[-1] < 50


@pytest.mark.parametrize("device", ["desktop", "phone"])
def test_a_pixel_of_the_cue_turns_under_the_finger(widget, device):
    page, element = widget("HopfieldExplorer", device)
    resting(page, element)
    control(element, "Wrong signs").fill("0")
    rest(page)
    assert hopfield_numbers(element)["wrong signs"][0] == 0
    cue = element.locator("svg.olsattn-canvas")
    cue.scroll_into_view_if_needed()
    box = cue.bounding_box()
    press = page.touchscreen.tap if device == "phone" else page.mouse.click
    for column, row in ((0, 0), (4, 2), (9, 9)):
        press(box["x"] + box["width"] * (column + 0.5) / 10, box["y"] + box["height"] * (row + 0.5) / 10)
    rest(page)
    assert hopfield_numbers(element)["wrong signs"][0] == 3
    press(box["x"] + box["width"] * 0.05, box["y"] + box["height"] * 0.05)
    rest(page)
    assert hopfield_numbers(element)["wrong signs"][0] == 2
    element.get_by_role("button", name="Reset").click()
    rest(page)
    assert hopfield_numbers(element)["wrong signs"][0] == 0


@pytest.mark.parametrize("device", ["desktop", "phone"])
def test_the_cue_is_painted_by_dragging(widget, device):
    """A stroke gives all pixels that it crosses the sign of its first; what is wrong is struck out."""
    page, element = widget("HopfieldExplorer", device)
    resting(page, element)
    control(element, "Wrong signs").fill("0")
    cue = element.locator("svg.olsattn-canvas")
    cue.scroll_into_view_if_needed()
    box = cue.bounding_box()
    row = HopfieldExplorer().patterns[0].reshape(10, 10)[4]
    ends = [(box["x"] + box["width"] * (column + 0.5) / 10, box["y"] + box["height"] * 4.5 / 10) for column in (0, 9)]
    scrolled = page.evaluate("scrollY")
    if device == "phone":
        finger = page.context.new_cdp_session(page)
        for kind, spot in (("touchStart", ends[0]), ("touchMove", ends[1]), ("touchEnd", None)):
            spots = [] if spot is None else [{"x": spot[0], "y": spot[1]}]
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})
    else:
        page.mouse.move(*ends[0])
        page.mouse.down()
        page.mouse.move(*ends[1])
        page.mouse.up()
    rest(page)
    wrong = int(sum(row == row[0]))  # they have the other sign now, and the rest of the row has it already
    assert 0 < wrong < 10 and hopfield_numbers(element)["wrong signs"][0] == wrong
    assert cue.locator("path[stroke]").get_attribute("d").count("M") == wrong
    assert page.evaluate("scrollY") == scrolled


@pytest.mark.parametrize("device", ["desktop", "phone"])
def test_the_number_of_patterns_is_dragged_along_the_chart(widget, device):
    page, element = widget("HopfieldExplorer", device)
    resting(page, element)
    marker = element.locator("[aria-label='Number of patterns']")
    marker.scroll_into_view_if_needed()
    box = marker.locator("rect").bounding_box()
    start = np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 60, start[1] + 3, steps=3)
    page.mouse.up()
    rest(page)
    count = int(marker.get_attribute("aria-valuenow"))
    assert count > 5 and verdict(element).startswith(f"{count} patterns.")
    marker.press("ArrowRight")
    marker.press("Shift+ArrowLeft")
    rest(page)
    assert int(marker.get_attribute("aria-valuenow")) == count - 4
    assert numbers(element)["overlap"] == pytest.approx(HopfieldExplorer(count=count - 4).overlaps, abs=1e-6)


def test_the_energy_falls_and_is_scrubbed(widget):
    page, element = widget("HopfieldExplorer")
    resting(page, element)
    control(element, "Dynamics").select_option("linear")
    rest(page)
    slope = element.locator("svg.olsattn-scrub")
    places = slope.locator("path").first.get_attribute("d")
    heights = [float(place.split()[1]) for place in places[1:].split("L")]
    assert len(heights) == 21 and (np.diff(heights) >= 0).all() and heights[-1] - heights[0] > 50  # downwards
    slope.click(position={"x": slope.bounding_box()["width"] / 2, "y": 30})
    rest(page)
    assert float(control(element, "Sweeps").input_value()) == pytest.approx(10, abs=0.5)


def test_one_linear_sweep_recalls_what_many_forget(widget):
    """Where the rate at the end is zero, the chart still shows something: the rate after one sweep."""
    page, element = widget("HopfieldExplorer")
    resting(page, element)
    element.get_by_role("button", name="linear: it forgets").click()
    rest(page)
    assert control(element, "Dynamics").input_value() == "linear" and "no stored pattern" in verdict(element)
    element.locator(".olsattn-chart").last.scroll_into_view_if_needed()
    expect(element.locator("table").last.locator("tbody tr").last.locator("td").last).to_have_text("100")
    counted = hopfield_numbers(element)
    assert counted["after one sweep"][0] > 90 and counted["successes"].max() < 40
    assert (counted["after one sweep"] >= counted["successes"]).all()


def test_pixels_by_keyboard(widget):
    page, element = widget("HopfieldExplorer")
    resting(page, element)
    control(element, "Wrong signs").fill("0")
    cue = element.locator("svg.olsattn-canvas")
    cue.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowLeft", " "):
        page.keyboard.press(key)
    rest(page)
    assert hopfield_numbers(element)["wrong signs"][0] == 1
    expect(element.locator("[role=status]")).to_contain_text("Row 3, column 1: +1")


def test_the_book_s_page_stores_the_pictures_in_python_s_order(widget):
    """What the build writes into the page may be sorted; which pattern is which must not depend on it."""
    page, element = widget("HopfieldExplorer")
    explorer = HopfieldExplorer(count=3)
    resting(page, element)
    control(element, "Patterns").press("ArrowLeft")
    control(element, "Patterns").press("ArrowLeft")
    names = [name for name, _ in explorer.pictures["10"][:3]]
    for shown, name in enumerate(names):
        explorer.shown = shown
        element.get_by_role("button", name=name, exact=True).click()
        rest(page)
        assert_close(numbers(element), explorer.numbers, CLOSE)
    labels = element.locator(".olsattn-gallery button:visible").evaluate_all(
        "buttons => buttons.map((button) => button.getAttribute('aria-label'))")
    assert labels == names


def test_it_plays_once_seen_settles_and_stops(widget):
    page, element = widget("HopfieldExplorer")
    sweeps = control(element, "Sweeps")
    element.scroll_into_view_if_needed()
    expect(element.locator("button", has_text="Pause")).to_be_visible()
    expect(element.locator("button", has_text="Play")).to_be_visible()
    settled = hopfield_numbers(element)
    assert float(sweeps.input_value()) == len(settled["sweep"]) - 1
    assert settled["overlap"][-1] == 1
    assert "now 1.00" in verdict(element)
    element.get_by_role("button", name="moon").click()
    rest(page)
    assert sweeps.input_value() == "0"
    element.get_by_role("button", name="Step").click()
    rest(page)
    assert sweeps.input_value() == "1"


def test_too_many_patterns_are_not_recalled_and_a_steeper_energy_recalls_them(widget):
    page, element = widget("HopfieldExplorer")
    resting(page, element)
    patterns = control(element, "Patterns")
    patterns.focus()
    for _ in range(20):
        patterns.press("ArrowRight")
    rest(page)
    assert "recalled without error" not in verdict(element)
    control(element, "Dynamics").select_option("polynomial")
    rest(page)
    assert "recalled without error" in verdict(element)


def test_linear_dynamics_forget_and_whitened_ones_stop(widget):
    page, element = widget("HopfieldExplorer")
    resting(page, element)
    control(element, "Dynamics").select_option("linear")
    rest(page)
    overlaps = hopfield_numbers(element)["overlap"]
    assert overlaps[1] > overlaps[0] and overlaps[-1] < overlaps[1] - 0.1
    control(element, "Dynamics").select_option("whitened")
    rest(page)
    assert len(hopfield_numbers(element)["overlap"]) == 2
