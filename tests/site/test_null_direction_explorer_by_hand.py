"""The null-direction explorer on its page, by mouse, finger and keyboard."""

import json
import re

import numpy as np
import pytest
from browsers import control, drag, more, numbers, plain, rest, verdict
from playwright.sync_api import expect
from vectors import assert_close

from olsattn.widgets import NullDirectionExplorer

BOTH = pytest.mark.parametrize("device", ["desktop", "phone"])
DOTS = "path[stroke-linecap]"  # in a scatter: what least squares predicts, and what this Omega predicts
UNIT = (360 - 10 - 44) / 16  # of the chart of errors, for a step of 1 in t


def slider(element):
    return element.get_by_role("slider", name="t, how far")


def chart(element):
    return element.locator("svg.olsattn-scrub")


def scatters(element):
    return element.locator(".olsattn-grid svg")


def settings(element):
    """The traits, as the controls say them."""
    degrees = plain(element.locator(".olsattn-field:has(> span:text-is('Direction')) > output").text_content())
    return {"t": float(slider(element).get_attribute("aria-valuenow")), "direction": float(degrees.removesuffix("°")),
            "other": control(element, "Other response").input_value(),
            "fitted": element.locator("input[type=radio]:checked").get_attribute("value")}


def assert_agrees(element):
    """The table is Python's for what the controls say, and progression fits as at t = 0."""
    found = numbers(element)
    assert_close(found, NullDirectionExplorer(**settings(element)).numbers, 1e-6)
    assert found["error"][0] == pytest.approx(found["by least squares"][0], rel=1e-12)
    return found


def test_it_opens_where_the_two_disagree_most(widget):
    _, element = widget("NullDirectionExplorer")
    found = assert_agrees(element)
    assert settings(element) == {"t": 8, "direction": 45, "other": "age", "fitted": "progression"}
    assert found["error"][1] > 3
    assert "error for progression is 60 %" in verdict(element)
    assert "errs by 308 %, least squares by 88 %" in verdict(element)
    assert element.locator(".olsattn-chips [aria-pressed=true]").count() == 0


@BOTH
def test_the_handle_moves_t_and_only_one_of_the_two_predictions(widget, device):
    page, element = widget("NullDirectionExplorer", device)
    clouds = [scatters(element).nth(k).locator(DOTS).last for k in (0, 1)]
    first, second = (cloud.get_attribute("d") for cloud in clouds)
    assert first == scatters(element).nth(0).locator(DOTS).first.get_attribute("d")  # as by least squares, to a tenth
    pixel = chart(element).bounding_box()["width"] / 360
    drag(page, slider(element), (-11 * UNIT * pixel, 0), device)
    assert settings(element)["t"] == pytest.approx(-3, abs=0.15)
    assert_agrees(element)
    assert clouds[0].get_attribute("d") == first and clouds[1].get_attribute("d") != second
    drag(page, slider(element), (-8 * UNIT * pixel, 20), device)
    assert settings(element)["t"] == -8  # no further
    assert clouds[0].get_attribute("d") == first
    assert_agrees(element)


@BOTH
def test_a_press_on_the_chart_brings_t(widget, device):
    page, element = widget("NullDirectionExplorer", device)
    chart(element).scroll_into_view_if_needed()
    box = chart(element).bounding_box()
    place = box["x"] + box["width"] * (44 + 4 * UNIT) / 360, box["y"] + 10  # t = -4
    if device == "phone":
        page.touchscreen.tap(*place)
    else:
        page.mouse.click(*place)
    rest(page)
    assert settings(element)["t"] == pytest.approx(-4, abs=0.1)
    assert_agrees(element)


@BOTH
def test_the_elbow_is_dragged_and_the_hand_for_progression_stays(widget, device):
    """The elbow is one end of the first column of Omega times b1; it may be anywhere within t = 8."""
    page, element = widget("NullDirectionExplorer", device)
    if device == "phone":
        more(element)
    elbow, plane = element.get_by_role("button", name="elbow"), element.locator("svg.olsattn-plane")
    hand = plane.locator("circle[r='6']")
    held = hand.get_attribute("transform")
    pixel = plane.bounding_box()["width"] / 320
    before = settings(element)
    drag(page, elbow, np.array([60, -40]) * pixel, device)
    after = settings(element)
    assert after["t"] < before["t"] and after["direction"] != before["direction"]
    assert hand.get_attribute("transform") == held
    omega = np.array(NullDirectionExplorer(**after).omega)
    said = re.search(r"at (.*);", plain(elbow.get_attribute("aria-label")))[1]
    assert [float(v) for v in said.split(", ")] == pytest.approx((0.58645 * omega[:, 0]).tolist(), abs=0.02)
    drag(page, elbow, np.array([-200, 0]) * pixel, device)
    assert settings(element)["t"] == 8  # no further
    found = numbers(element)  # the angle that is shown is rounded to a tenth of a degree, as the trait is
    assert_close(found, NullDirectionExplorer(**settings(element)).numbers, 1e-6)


def test_the_handles_answer_to_the_keyboard(widget):
    page, element = widget("NullDirectionExplorer")
    for key, t in (("ArrowRight", 8), ("ArrowLeft", 7.8), ("Shift+ArrowDown", 6.8), ("ArrowUp", 7)):
        slider(element).press(key)
        rest(page)
        assert settings(element)["t"] == pytest.approx(t)
    assert "7.0: error 60 %, for age" in plain(slider(element).get_attribute("aria-valuetext"))
    control(element, "Direction").press("ArrowRight")
    rest(page)
    assert settings(element)["direction"] == 46
    elbow = element.get_by_role("button", name="elbow")
    elbow.press("ArrowRight")
    elbow.press("Shift+ArrowUp")
    rest(page)
    assert settings(element)["t"] < 7 and settings(element)["direction"] != 46
    assert_agrees(element)
    element.get_by_role("radio", name="progression").press("ArrowRight")
    rest(page)
    assert element.get_by_role("radio", name="both").is_checked()
    assert_agrees(element)


def test_chips_lead_to_solutions_that_fit_as_well(widget):
    """Each is set, says so, and leaves the error for progression where it was."""
    page, element = widget("NullDirectionExplorer")
    page.emulate_media(reduced_motion="reduce")
    matrix = element.locator("details p")
    for name, said in (("least squares", "The Ω of least squares"), ("the other direction", "errs by 183 %"),
                       ("rank one", "this Ω of rank one"), ("symmetric", "this symmetric Ω")):
        chip = element.get_by_role("button", name=name, exact=True)
        chip.click()
        expect(chip).to_have_attribute("aria-pressed", "true")
        expect(element.locator(".olsattn-verdict")).to_contain_text(said)
        found = numbers(element)["error"]
        assert found[0] == pytest.approx(0.604, abs=1e-3) and "60 %" in verdict(element)
        (a, b), (c, d) = json.loads("[" + re.sub(r" and ", ", ", re.search(
            r"rows (\(.*?\) and \(.*?\))", plain(matrix.text_content()))[1]).replace("(", "[").replace(")", "]") + "]")
        assert {"rank one": abs(a * d - b * c) < 0.01, "symmetric": b == c}.get(name, True)


def test_two_responses_leave_no_freedom(widget):
    """Fitted to both, the thick curve has its bottom at t = 0, where the chip leads; a step from it costs."""
    page, element = widget("NullDirectionExplorer")
    page.emulate_media(reduced_motion="reduce")

    def heights():
        path = chart(element).locator("path[stroke-width='8']").get_attribute("d")
        return [float(v) for v in re.findall(r" ([\d.]+)", path)]

    assert np.ptp(heights()) == 0
    element.get_by_role("button", name="fit both").click()
    expect(element.locator(".olsattn-verdict")).to_contain_text("no other")
    assert settings(element)["t"] == 0 and settings(element)["fitted"] == "both"
    assert np.argmax(heights()) == 32 and np.ptp(heights()) > 20  # the middle is lowest on the page
    training = assert_agrees(element)["error"][2]
    slider(element).press("Shift+ArrowRight")
    expect(element.locator(".olsattn-verdict")).to_contain_text("this Ω is no solution")
    assert assert_agrees(element)["error"][2] > training
    element.get_by_role("radio", name="progression").check()
    rest(page)
    assert np.ptp(heights()) == 0


def test_another_response_is_chosen(widget):
    """The scatter glides to the new measurements; a response that leans as progression does is hardly harmed."""
    page, element = widget("NullDirectionExplorer")
    more(element)
    errors = {}
    for other in ("blood sugar", "HDL cholesterol", "LDL cholesterol"):
        control(element, "Other response").select_option(other)
        page.wait_for_timeout(500)
        rest(page)
        errors[other] = assert_agrees(element)["error"][1]
        assert f"For {other} the same Ω" in verdict(element)
        assert scatters(element).nth(1).locator(DOTS).last.get_attribute("d").count("M") == 442
    assert errors["LDL cholesterol"] < 1 < errors["blood sugar"] < errors["HDL cholesterol"]
