"""Promises that every page of the site keeps."""

import re

import pytest

PAGE_BUDGET = 350_000  # bytes on the wire of a first visit, text compressed
SHIFT_BUDGET = 0.05  # share of the screen times share of its height

# Hidden ones are decoration, and named by what stands beside them.
NAMELESS = """() => [...document.querySelectorAll('img, svg[role="img"]')]
  .filter((picture) => !picture.closest('[aria-hidden="true"]'))
  .filter((picture) => {
    const pointed = (picture.getAttribute('aria-labelledby') ?? '').split(' ').filter(Boolean)
      .map((id) => document.getElementById(id)?.textContent);
    const words = [picture.getAttribute('alt'), picture.getAttribute('aria-label'),
                   picture.querySelector(':scope > title')?.textContent, ...pointed];
    return !words.some((text) => text?.trim());
  })
  .map((picture) => picture.outerHTML.slice(0, 200))"""

UNDRAWN = """() => [...document.querySelectorAll('.math')]
  .filter((formula) => !(formula.querySelector('.katex-html')?.getBoundingClientRect().width > 0))
  .filter((formula) => formula.checkVisibility())
  .map((formula) => formula.outerHTML.slice(0, 200))"""

# An icon is a shape cut out of the colour of its text.
SHAPELESS = """() => [...document.querySelectorAll('i[class*="fa-"], span[class*="fa-"]')]
  .filter((icon) => !getComputedStyle(icon, '::before').maskImage.startsWith('url("data:image/svg+xml'))
  .map((icon) => icon.outerHTML)"""

# Formulas at which the keyboard stops although they fit, or does not although they scroll.
STOPS = """() => [...document.querySelectorAll('.math, .math *')]
  .filter((place) => place.checkVisibility())
  .filter((place) => (place.tabIndex >= 0 && !place.closest('a'))
    !== (place.matches('.formula') && place.scrollWidth > place.clientWidth + 1))
  .map((place) => place.outerHTML.slice(0, 120))"""

# The text that is neither dark nor, if it stands on a colour of its own, on a light one; pictures carry role colours.
PALE = """() => {
  const light = (text) => {
    const [r, g, b, a] = text.match(/[\\d.]+/g).map(Number), unit = text.startsWith('color(srgb') ? 1 : 255;
    if (a === 0) return 1;
    const linear = [r, g, b].map((v) => (v /= unit) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
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
DO = re.compile(r"\b([Dd]rag|[Dd]ragging|(?<!University )[Pp]ress|[Cc]lick)\b")  # PRESS is a statistic

# The innermost elements that reach beyond the screen, when the page as a whole does.
OVERHANGING = """(width) => {
  const beyond = (element) => element.getBoundingClientRect().right > width + 1;
  return document.scrollingElement.scrollWidth <= width ? [] : [...document.body.querySelectorAll('main *')]
    .filter((element) => beyond(element) && ![...element.children].some(beyond))
    .map((element) => element.outerHTML.slice(0, 120));
}"""


def first_visit(device, page_name, reader, server):
    with reader(device, slow=True) as visit:
        server.sent.clear()
        visit.shifts = visit.open(page_name).scroll()
        visit.sent = dict(server.sent)
        yield visit


@pytest.fixture(scope="module")
def visit(page_name, reader, server):
    """A first visit on a desk, over a slow line, scrolled to the end."""
    yield from first_visit("desktop", page_name, reader, server)


@pytest.fixture(scope="module")
def phone(page_name, reader, server):
    """The same on a phone."""
    yield from first_visit("phone", page_name, reader, server)


def test_opens_quietly(visit):
    """No script error, no missing file, and not one request to another host."""
    assert visit.complaints == []


def test_is_light(visit, page_name, site, note):
    """No page makes a reader on a slow line fetch more than the budget."""
    assert site / page_name in visit.sent
    weight, heaviest = sum(visit.sent.values()), sorted(visit.sent, key=visit.sent.get, reverse=True)[:3]
    listed = ", ".join(f"{file.name} {visit.sent[file] / 1000:.0f}" for file in heaviest)
    note("kB of a first visit, compressed", f"{weight / 1000:6.0f}  {page_name}  ({listed})")
    assert weight <= PAGE_BUDGET


def test_stands_still(visit, phone, note, page_name):
    """What one reads stays where it is while the page arrives, on a desk and on a phone."""
    for device, shifts in ("desktop", visit.shifts), ("phone", phone.shifts):
        total = sum(shift["value"] for shift in shifts)
        note("layout shift", f"{total:.3f}  {page_name}, {device}")
        assert total <= SHIFT_BUDGET, max(shifts, key=lambda shift: shift["value"])


def test_search_waits_until_it_is_asked(visit, page_name):
    """No page but the search page loads the index of Sphinx's search, or the scripts that read it."""
    loaded = {file.name for file in visit.sent} & {"searchindex.js", "searchtools.js", "language_data.js"}
    assert not loaded or page_name == "search.html"


def test_icons_are_drawn(visit):
    """Every icon has its shape, and none comes from a font or a script of icons."""
    assert visit.page.evaluate(SHAPELESS) == []
    assert not [file for file in visit.sent if "awesome" in str(file)]


def test_formulas_are_typeset(visit):
    """Every formula is drawn."""
    assert visit.page.evaluate(UNDRAWN) == []


def test_keyboard_stops_where_it_must(visit, phone):
    """A formula that scrolls sideways can be reached with the keyboard, and no other is in the way."""
    assert visit.page.evaluate(STOPS) == []
    assert phone.page.evaluate(STOPS) == []


def test_pictures_have_words(visit):
    """A reader who cannot see a picture is told what it shows."""
    assert visit.page.evaluate(NAMELESS) == []


def test_has_one_main_heading(visit):
    """One heading of the first level; the second one in the file is for print, and hidden on a screen."""
    assert visit.page.get_by_role("heading", level=1).count() == 1


def test_fits_a_phone(phone):
    """On a phone, 390 pixels wide, the page does not scroll sideways."""
    assert phone.page.evaluate(OVERHANGING, phone.page.viewport_size["width"]) == []


def test_prints(visit):
    """Paper is dark on white from either theme, and bears nothing that only a screen can do."""
    page = visit.page
    figures = page.evaluate("document.querySelectorAll('.tag_print-only .olsattn-figure').length")
    assert not page.evaluate(SHOWN, ".tag_print-only")
    page.emulate_media(media="print")
    try:
        for theme in "light", "dark":
            page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
            assert page.evaluate(PALE) == [], theme
        assert page.evaluate(SHOWN, SCREEN_ONLY) == 0
        assert page.evaluate(SHOWN, ".tag_print-only .olsattn-figure") == figures
        assert not DO.findall(page.locator("article").inner_text())
    finally:
        page.evaluate("document.documentElement.dataset.theme = 'light'")
        page.emulate_media(media="screen")
