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
        self.terms = self.element.get_by_role("slider", name="The terms of the prediction")
        self.verdict = self.element.locator(".olsattn-verdict")
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

    def settle(self):
        """Wait for the end of a movement of 300 ms, however few frames it had."""
        self.page.wait_for_timeout(400)
        rest(self.page)

    def more(self):
        """Unfold the controls that are folded away."""
        self.element.locator("summary", has_text="More").click()

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
        """The numbers in the sentence below the pictures; the nearest point twice, if it is the heaviest as well."""
        said = [float(plain(text).removeprefix("point ")) for text in self.verdict.locator("b").all_inner_texts()]
        return [*said[:2], *said] if len(said) == 5 else said

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
        nearest, its, largest, its_too, negative, total, prediction = self.readout()
        np.testing.assert_allclose([prediction, total, negative], [
            weights @ values, weights.sum(), np.sum(weights < 0)], atol=0.0051)
        # By size, not by index: two points may tie.
        assert weights[int(largest) - 1] == pytest.approx(weights.max(), rel=1e-9)
        assert distances[int(nearest) - 1] == pytest.approx(distances.min(), rel=1e-9)
        np.testing.assert_allclose([its, its_too], weights[[int(nearest) - 1, int(largest) - 1]], atol=0.0051)
        self.assert_terms_add_up(weights * values)

    def assert_terms_add_up(self, terms):
        """Each bar starts where the one before it ends, as long as its term, and the last one is their sum."""
        bars = self.terms.locator("rect").evaluate_all("""bars => bars.filter((bar) => bar.getAttribute("rx"))
            .map((bar) => ["y", "height"].map((name) => Number(bar.getAttribute(name))))""")
        heights = np.array(bars)[:, 1] - 1  # half a unit more on either side, so that nothing is still a line
        unit = heights.max() / np.abs([*terms, terms.sum()]).max()
        np.testing.assert_allclose(heights, unit * np.abs([*terms, terms.sum()]), atol=1e-6)
        ends = np.cumsum([0, *terms])
        tops = np.array([*np.maximum(ends[:-1], ends[1:]), max(0, terms.sum())])
        np.testing.assert_allclose(np.diff(np.array(bars)[:, 0]), -unit * np.diff(tops), atol=1e-6)


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
    explorer.settle()
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
    """The terms of the prediction are one stop: there arrow keys choose the point that Shift and Tab lead back to."""
    explorer.terms.focus()
    explorer.press(*["ArrowRight"] * 5)
    values, weights = explorer.numbers()["y"], explorer.numbers()["weight"]
    spoken = plain(explorer.terms.get_attribute("aria-valuetext"))
    assert spoken == f"point 5: weight × response = {weights[4]:.3f} × {values[4]:.1f} = {weights[4] * values[4]:.2f}"
    start = explorer.position(4)
    explorer.press("Shift+Tab", "ArrowUp", "ArrowUp", "ArrowUp")
    np.testing.assert_allclose(explorer.position(4), start + np.array([0, 0.3]), atol=1e-9)
    assert explorer.handle(4).evaluate("(handle) => handle === document.activeElement")
    explorer.assert_agrees()


def test_a_point_and_its_term_are_lit_together(explorer):
    """The mouse on a disc lights its term, on a term its disc; a click on a term keeps it."""
    box = explorer.terms.bounding_box()
    column = (box["x"] + box["width"] * (30 + 10.5 * 308 / 13) / 340, box["y"] + box["height"] / 2)
    explorer.page.mouse.move(*column)
    explorer.rest()
    assert explorer.terms.get_attribute("aria-valuenow") == "11"
    assert explorer.handle(10).locator("circle").first.get_attribute("stroke-width") == "3"
    explorer.page.mouse.move(*explorer.on_screen(explorer.position(7)))
    explorer.rest()
    assert explorer.terms.get_attribute("aria-valuenow") == "8"
    explorer.page.mouse.click(*column)
    explorer.page.mouse.move(0, 0)
    explorer.rest()
    assert explorer.terms.get_attribute("aria-valuenow") == "11"
    assert explorer.handle(10).get_attribute("tabindex") == "0"


def test_no_frame_around_what_the_mouse_holds(explorer):
    """Who drags sees the handle; who comes by keyboard sees a frame around it."""
    outline = "(handle) => getComputedStyle(handle).outlineStyle"
    explorer.page.mouse.click(*explorer.on_screen(explorer.position()))
    assert explorer.handle(-1).evaluate(outline) == "none"
    explorer.press("ArrowRight")
    assert explorer.handle(-1).evaluate(outline) == "solid"


def test_the_plane_moves_to_its_encoding(explorer):
    """In the encoded plane weights are inner products with the query from the mean, and the query drags as before."""
    explorer.element.get_by_label("From the regressors to their encoding").fill("1")
    explorer.rest()
    numbers = explorer.numbers()
    N = len(numbers["weight"])
    mean = np.array(re.findall(r"-?[\d.]+", explorer.svg.locator("path[d^='M-5 0']").get_attribute("transform")), float)
    from_mean = np.array([explorer.drawn(i) * 154 / 3 for i in range(-1, N)]) - (mean - 160) * [1, -1]
    products = from_mean[1:] @ from_mean[0]
    rest_of_weight = np.array(numbers["weight"]) - 1 / N
    scale = products @ rest_of_weight / (rest_of_weight @ rest_of_weight)
    np.testing.assert_allclose(products, scale * rest_of_weight, atol=1e-6 * scale)
    box = explorer.handle(-1).locator("path").first.bounding_box()
    held = np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])
    goal = held + np.array([30, -20])
    explorer.page.mouse.move(*held)
    explorer.page.mouse.down()
    explorer.page.mouse.move(*goal, steps=4)
    explorer.rest()
    box = explorer.handle(-1).locator("path").first.bounding_box()
    np.testing.assert_allclose([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2], goal, atol=2)
    explorer.page.mouse.up()


def test_intercept_changes_the_weights(explorer):
    """Without an intercept the weights are other ones, and need not sum to one."""
    explorer.more()
    assert explorer.intercept.is_checked() and explorer.readout()[-2] == 1
    before = explorer.numbers()["weight"]
    explorer.intercept.click()
    explorer.rest()
    assert not np.allclose(explorer.numbers()["weight"], before, atol=1e-3)
    assert explorer.readout()[-2] != 1
    explorer.assert_agrees()


def test_a_chip_brings_back_the_start(explorer):
    """After any change, the first chip shows the widget as it was at first."""
    start = explorer.everything()
    explorer.handle(2).focus()
    explorer.press("Shift+ArrowDown")
    explorer.handle(-1).focus()
    explorer.press("ArrowUp")
    explorer.more()
    explorer.intercept.click()
    explorer.rest()
    assert explorer.everything() != start
    explorer.element.get_by_role("button", name="the start").click()
    explorer.settle()
    assert explorer.everything() == start
    explorer.assert_agrees()


def test_it_opens_where_nearest_is_not_heaviest(explorer):
    """The lesson is there before anything is touched; on the outermost point the two agree."""
    nearest, _, largest, *_ = explorer.readout()
    assert (nearest, largest) == (1, 5) and "but heaviest" in explorer.verdict.inner_text()
    explorer.element.get_by_role("button", name="inner products").click()
    explorer.settle()
    assert "Nearest and heaviest is point 11" in explorer.verdict.inner_text()


def test_points_on_a_line_are_answered(explorer):
    """All points moved onto one line: weights of minimum norm, and the sentence says so."""
    for i in range(len(explorer.numbers()["x1"])):
        explorer.handle(i).focus()
        explorer.press(*["Shift+ArrowDown"] * 12)
    assert set(explorer.numbers()["x2"]) == {-3}
    assert "do not span the plane" in explorer.verdict.inner_text()
    explorer.assert_agrees()


def test_screen_reader_hears_the_result(explorer):
    """Once the movement rests, the status says what the sentence says."""
    explorer.handle(-1).focus()
    explorer.press("ArrowUp")
    said = explorer.verdict.text_content()
    explorer.element.get_by_role("status").get_by_text(said, exact=True).wait_for(state="attached")
