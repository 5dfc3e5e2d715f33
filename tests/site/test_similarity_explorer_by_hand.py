"""The similarity explorer on its page, moved by mouse, finger and keyboard: pictures, words and numbers agree."""

import re

import numpy as np
import pytest
from browsers import numbers, plain, rest
from vectors import assert_close

from olsattn.widgets import SimilarityExplorer

BOUND = 3
UNITS_PER_WIDTH = 3 / 154 * 320  # the drawing is 320 wide, and 154 of it reach from 0 to 3


class Explorer:
    """What a reader can see of a widget, and do to it. Point -1 is the query."""

    def __init__(self, visit):
        self.visit, self.page = visit, visit.page
        self.element = self.page.locator("[data-mounted$='.SimilarityExplorer']").first
        self.svg = self.element.locator("svg").first
        self.intercept = self.element.get_by_label("intercept")
        self.chooser = self.element.locator("select")
        self.svg.scroll_into_view_if_needed()

    def handle(self, i):
        name = "query at" if i < 0 else f"point {i + 1} at"
        return self.element.locator(f"[aria-label^='{name}']")

    def position(self, i=-1):
        """Where a handle says it is."""
        spoken = plain(self.handle(i).get_attribute("aria-label"))
        return np.array(re.search(r"at (\S+), (\S+);", spoken).groups(), dtype=float)

    def drawn(self, i=-1):
        """Where a handle is drawn, in the units of the regressors."""
        u, v = map(float, re.findall(r"-?[\d.]+", self.handle(i).get_attribute("transform")))
        return np.array([u - 160, 160 - v]) / 154 * BOUND

    def on_screen(self, point):
        """Pixel of a point of the plane."""
        box = self.svg.bounding_box()
        scale = box["width"] / UNITS_PER_WIDTH
        return (box["x"] + box["width"] / 2 + point[0] * scale, box["y"] + box["height"] / 2 - point[1] * scale)

    def rest(self):
        """Wait for the frame in which a change is drawn."""
        rest(self.page)

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
        self.rest()

    def numbers(self):
        return numbers(self.element)

    def everything(self):
        """All that a reader can see."""
        return self.numbers(), self.readout(), self.position().tolist(), self.intercept.is_checked()

    def readout(self):
        """The numbers in the sentence below the pictures."""
        return [float(plain(text).removeprefix("point "))
                for text in self.element.locator(".olsattn-readout b").all_inner_texts()]

    def assert_agrees(self):
        """From the positions on the page, Python finds the numbers on the page, and the sentence says them."""
        printed, query = self.numbers(), self.position()
        points, values = np.column_stack([printed["x1"], printed["x2"]]), np.array(printed["y"])
        for i, place in enumerate([*points, query]):
            i = i if i < len(points) else -1
            np.testing.assert_allclose(self.drawn(i), place, atol=1e-6)
            np.testing.assert_allclose(self.position(i), place, atol=0.0051)
        intercept = self.intercept.is_checked()
        expected = SimilarityExplorer(points=points, values=values, query=query, intercept=intercept).numbers
        assert_close(printed, expected, 1e-6)
        weights, distances = np.array(expected["weight"]), np.array(expected["distance"])
        prediction, total, negative, largest, nearest, leverage = self.readout()
        np.testing.assert_allclose([prediction, total, negative, leverage], [
            weights @ values, weights.sum(), np.sum(weights < 0), weights @ weights], atol=0.0051)
        # By size, not by index: two points may tie.
        assert weights[int(largest) - 1] == pytest.approx(weights.max(), rel=1e-9)
        assert distances[int(nearest) - 1] == pytest.approx(distances.min(), rel=1e-9)


@pytest.fixture(params=["desktop"])
def explorer(request, visitor, widget_pages):
    visit = visitor(request.param).open(widget_pages["SimilarityExplorer"][0])
    explorer = Explorer(visit)
    explorer.assert_agrees()
    yield explorer
    assert visit.complaints == []


on_a_phone = pytest.mark.parametrize("explorer", ["phone"], indirect=True)


def test_mouse_drags_the_query(explorer):
    """The query goes where the mouse takes it; the points stay, the weights and the sentence follow."""
    before, said, start = explorer.numbers(), explorer.readout(), explorer.position()
    goal = np.array([-1.5, 1.0])
    explorer.page.mouse.move(*explorer.on_screen(start))
    explorer.page.mouse.down()
    explorer.page.mouse.move(*explorer.on_screen((start + goal) / 2), steps=4)
    explorer.rest()
    explorer.assert_agrees()
    explorer.page.mouse.move(*explorer.on_screen(goal), steps=4)
    explorer.page.mouse.up()
    explorer.page.mouse.move(0, 0)  # let go: the query stays
    explorer.rest()
    np.testing.assert_allclose(explorer.position(), goal, atol=0.02)
    after = explorer.numbers()
    assert (after["x1"], after["x2"], after["leverage"]) == (before["x1"], before["x2"], before["leverage"])
    assert after["weight"] != before["weight"] and explorer.readout() != said
    assert explorer.handle(-1).evaluate("(handle) => handle === document.activeElement")  # arrow keys go on from here
    explorer.assert_agrees()


def test_a_drag_ends_at_the_edge(explorer):
    """Beyond the edge of the plane a point stays on it."""
    explorer.page.mouse.move(*explorer.on_screen(explorer.position()))
    explorer.page.mouse.down()
    explorer.page.mouse.move(*explorer.on_screen([5, 0.5]), steps=4)
    explorer.page.mouse.up()
    explorer.rest()
    np.testing.assert_allclose(explorer.position(), [BOUND, 0.5], atol=0.02)
    explorer.assert_agrees()


def test_click_on_paper_brings_the_query(explorer):
    """A click beside every point moves the query there."""
    corner = [-2.7, 2.7]
    explorer.page.mouse.click(*explorer.on_screen(corner))
    explorer.rest()
    np.testing.assert_allclose(explorer.position(), corner, atol=0.02)
    explorer.assert_agrees()


@on_a_phone
def test_finger_drags_a_point(explorer):
    """A finger moves a point and not the page; the query stays where it is."""
    page, query, scrolled = explorer.page, explorer.position(), explorer.page.evaluate("scrollY")
    points = np.column_stack([explorer.numbers()[heading] for heading in ("x1", "x2")])
    others = np.linalg.norm(points[:, None] - [*points, query], axis=2)
    point = int(np.argmax(np.sort(others, axis=1)[:, 1]))  # the loneliest: nothing lies on top of it
    start, goal = points[point], np.array([0.4, 2.3])
    device = page.context.new_cdp_session(page)

    def touch(kind, *places):
        spots = [dict(zip("xy", explorer.on_screen(place), strict=True)) for place in places]
        device.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})

    touch("touchStart", start)
    for part in (0.25, 0.5, 0.75, 1):
        touch("touchMove", start + part * (goal - start))
    touch("touchEnd")
    explorer.rest()
    np.testing.assert_allclose(explorer.position(point), goal, atol=0.03)
    assert explorer.position().tolist() == query.tolist()
    assert page.evaluate("scrollY") == scrolled
    explorer.assert_agrees()


@pytest.mark.parametrize("key, step", [
    ("ArrowRight", [0.1, 0]), ("ArrowLeft", [-0.1, 0]), ("ArrowUp", [0, 0.1]), ("ArrowDown", [0, -0.1]),
    ("Shift+ArrowUp", [0, 0.5])])
def test_arrow_keys_move_a_handle(explorer, key, step):
    """Arrow keys move the query by a tenth, with Shift by a half, and the page does not scroll under it."""
    start, scrolled = explorer.position(), explorer.page.evaluate("scrollY")
    explorer.handle(-1).focus()
    explorer.press(key, key)
    np.testing.assert_allclose(explorer.position(), np.clip(start + 2 * np.array(step), -BOUND, BOUND), atol=1e-9)
    assert explorer.page.evaluate("scrollY") == scrolled
    explorer.assert_agrees()


def test_tab_reaches_the_handle_that_is_chosen(explorer):
    """The menu chooses which handle the Tab key reaches; it keeps the focus while it moves."""
    explorer.chooser.select_option("point 5")
    explorer.rest()
    start = explorer.position(4)
    explorer.element.get_by_role("button", name="Reset").focus()
    explorer.press("Tab", "ArrowUp", "ArrowUp", "ArrowUp")
    np.testing.assert_allclose(explorer.position(4), start + np.array([0, 0.3]), atol=1e-9)
    assert explorer.handle(4).evaluate("(handle) => handle === document.activeElement")
    explorer.assert_agrees()


@pytest.mark.parametrize("axis", [0, 1])
def test_menu_and_sliders_move_a_point(explorer, axis):
    """The slider of an axis moves the chosen point along that axis alone, and is named after both."""
    explorer.chooser.select_option("point 4")
    explorer.rest()
    start, query = explorer.position(3), explorer.position()
    slider = explorer.element.get_by_label(f"point 4, x{axis + 1}")
    slider.focus()
    explorer.press("ArrowLeft", "ArrowLeft")
    moved = explorer.position(3) - start
    assert moved[axis] == pytest.approx(-0.1) and moved[1 - axis] == 0
    assert explorer.position().tolist() == query.tolist()
    slider.fill("1.5")
    explorer.rest()
    assert explorer.position(3)[axis] == 1.5
    explorer.assert_agrees()


def test_intercept_changes_the_weights(explorer):
    """Without an intercept the weights are other ones, and need not sum to one."""
    assert explorer.intercept.is_checked() and explorer.readout()[1] == 1
    before = explorer.numbers()["weight"]
    explorer.intercept.click()
    explorer.rest()
    assert not np.allclose(explorer.numbers()["weight"], before, atol=1e-3)
    assert explorer.readout()[1] != 1
    explorer.assert_agrees()


def test_reset_brings_back_the_start(explorer):
    """After any change, Reset shows the widget as it was at first."""
    start = explorer.everything()
    explorer.handle(2).focus()
    explorer.press("Shift+ArrowDown")
    explorer.handle(-1).focus()
    explorer.press("ArrowUp")
    explorer.intercept.click()
    explorer.rest()
    assert explorer.everything() != start
    explorer.element.get_by_role("button", name="Reset").click()
    explorer.rest()
    assert explorer.everything() == start
    explorer.assert_agrees()


def test_points_on_a_line_are_answered(explorer):
    """All points dragged onto one line: weights of minimum norm, and the sentence says so."""
    for i in range(len(explorer.numbers()["x1"])):
        explorer.chooser.select_option(f"point {i + 1}")
        explorer.rest()
        explorer.element.get_by_label(f"point {i + 1}, x2").fill("1")
    explorer.rest()
    assert "do not span the plane" in explorer.element.locator(".olsattn-readout").inner_text()
    explorer.assert_agrees()


def test_screen_reader_hears_the_result(explorer):
    """Once the movement rests, the status says what the sentence says."""
    explorer.handle(-1).focus()
    explorer.press("ArrowUp")
    said = explorer.element.locator(".olsattn-readout").text_content()
    explorer.element.get_by_role("status").get_by_text(said, exact=True).wait_for(state="attached")
