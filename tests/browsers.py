"""The browser of the tests, which must be there: a test that skips without one would prove nothing.

Also what tests by hand share: where a control is, and how a page's text is read.
"""

import shutil

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
