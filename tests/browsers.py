"""The browser of the tests, which must be there: a test that skips without one would prove nothing.

Also what tests by hand share: where a control is, and how a page's text is read.
"""

import shutil

import numpy as np
import pytest
from playwright.sync_api import expect

PATIENCE = 120_000  # milliseconds; what is waited for comes, on a busy machine only later
expect.set_options(timeout=PATIENCE)

NAMES = ("chromium", "chromium-browser", "google-chrome")
# A container has no sandbox to give, and a test browser must not call home.
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")


def launch(playwright):
    """Chromium from the PATH, or a failure that says how to get it."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.fail(f"no browser on the PATH: looked for {', '.join(NAMES)}; 'make chromium' installs one",
                    pytrace=False)
    return playwright.chromium.launch(executable_path=program, args=FLAGS)


# What the tables of a widget print: {heading: column of td[data-value]}, None where there is no number.
NUMBERS = """(element) => Object.fromEntries([...element.querySelectorAll('table')].flatMap((table) =>
  [...table.querySelectorAll('thead th')].map((head, k) => [head.textContent,
    [...table.querySelectorAll('tbody tr')].map((row) => row.children[k].dataset.value ?? null)])))"""


def numbers(element):
    """The tables of a widget, in full: heading -> column."""
    return {heading: [None if value is None else float(value) for value in column]
            for heading, column in element.evaluate(NUMBERS).items()}


def plain(text):
    """The page writes a true minus sign."""
    return text.replace("\N{MINUS SIGN}", "-")


def control(element, name):
    """The control of a widget whose visible label is exactly this."""
    return element.locator(f".olsattn-field:has(> span:text-is('{name}')) > :is(input, select)")


def rest(page):
    """Wait for the frame in which a change is drawn."""
    page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")


def settle(page):
    """Wait for the end of two movements of 300 ms: of the traits, and of what is drawn after them."""
    page.wait_for_timeout(700)
    rest(page)


def verdict(element):
    """The sentence below the picture of a widget."""
    return plain(element.locator(".olsattn-verdict").inner_text())


def more(element):
    """Unfold the controls that are folded away."""
    element.locator("summary", has_text="More").click()


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
