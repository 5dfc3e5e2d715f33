"""The browser of the tests, which must be there: a test that skips without one would prove nothing."""

import shutil

import pytest

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
