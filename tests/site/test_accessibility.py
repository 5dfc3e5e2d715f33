"""axe-core finds nothing to object to, on any page, in light and dark, on a desk and on a phone."""

from importlib.resources import files

import pytest

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
COLOUR = ["color-contrast", "link-in-text-block"]
# Colours change with the theme only and all else with the device only, and contrast takes most of the time.
SCANS = {
    ("desktop", "light"): {"runOnly": {"type": "tag", "values": RULES}},
    ("desktop", "dark"): {"runOnly": {"type": "rule", "values": COLOUR}},
    ("phone", "light"): {"runOnly": {"type": "tag", "values": RULES}, "rules": {COLOUR[0]: {"enabled": False}}},
}
RUN = "(options) => axe.run(document, { ...options, resultTypes: ['violations'] })"
# What unfolds may fade in, and half faded its contrast is poor.
OPEN_ALL = """async () => {
  document.querySelectorAll('details').forEach((details) => { details.open = true; });
  const moving = document.getAnimations().filter((a) => Number.isFinite(a.effect.getComputedTiming().endTime));
  await Promise.allSettled(moving.map((animation) => animation.finished));
}"""


@pytest.fixture(scope="module")
def axe():
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def told(page_name, violation):
    """One line for each element that breaks a rule: rule, target, markup, and what is wrong."""
    return [f"{page_name}: {violation['id']}: {node['target']} {node['html'][:160]!r}: {node['failureSummary']}"
            for node in violation["nodes"]]


@pytest.mark.parametrize("device, theme", SCANS)
def test_axe_finds_nothing(device, theme, page_names, visitor, axe, note):
    """WCAG 2.0 to 2.2, levels A and AA, and best practice: no violation, with every fold open."""
    visit, scanned, broken = visitor(device, theme), [], []
    for name in page_names:
        page = visit.open(name).page
        assert page.evaluate("document.documentElement.dataset.theme") == theme
        page.evaluate(OPEN_ALL)
        page.evaluate(axe)
        result = page.evaluate(RUN, SCANS[device, theme])
        scanned += [name] if result["testEngine"]["name"] == "axe-core" and result["passes"] else []
        broken += [line for violation in result["violations"] for line in told(name, violation)]
    note("accessibility", f"axe-core scanned {len(scanned)} pages: {device}, {theme}; {len(broken)} violations")
    assert len(scanned) == len(page_names) > 2
    assert not broken, "\n" + "\n".join(broken)
