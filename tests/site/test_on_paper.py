"""A printed page: dark on white from either theme, without what only a screen can do."""

import re

# The text that is neither dark nor, if it stands on a colour of its own, on a light one; pictures carry role colours.
PALE = """() => {
  const light = (text) => {
    const [r, g, b, a] = text.match(/[\\d.]+/g).map(Number);
    if (a === 0) return 1;
    const linear = [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const seen = [...document.querySelectorAll('html, body, main, article, article *:not(svg *)')]
    .filter((element) => element.checkVisibility());
  const words = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  return seen.filter((element) => light(getComputedStyle(element).backgroundColor) < 0.75
      || words(element) && light(getComputedStyle(element).color) > 0.3)
    .map((element) => [element.outerHTML.slice(0, 120), getComputedStyle(element).color]);
}"""
SHOWN = "(selector) => [...document.querySelectorAll(selector)].filter((e) => e.checkVisibility()).length"
SCREEN_ONLY = ".solution, .olsattn-widget, .on-screen, .ledger-filter, .copybtn, .bd-sidebar, .prev-next-footer"
# What a reader of paper cannot do.
DO = re.compile(r"\b(drag|dragging|press|click)\b", re.IGNORECASE)


def test_page_prints(page_name, visitor):
    page = visitor().open(page_name).page
    figures = page.evaluate("document.querySelectorAll('.tag_print-only .olsattn-figure').length")
    assert not page.evaluate(SHOWN, ".tag_print-only")
    page.emulate_media(media="print")
    for theme in "light", "dark":
        page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
        assert page.evaluate(PALE) == [], theme
    assert page.evaluate(SHOWN, SCREEN_ONLY) == 0
    assert page.evaluate(SHOWN, ".tag_print-only .olsattn-figure") == figures
    if figures:
        assert not DO.findall(page.locator("article").inner_text())
