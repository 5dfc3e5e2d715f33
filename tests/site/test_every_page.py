"""Promises that every page of the site keeps."""

import pytest

PAGE_BUDGET = 1_400_000  # bytes on the wire of a first visit, text compressed

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

UNTOUCHED = """() => [...document.querySelectorAll('.math')]
  .filter((formula) => !formula.querySelector('mjx-container')).map((formula) => formula.textContent)"""
MISTAKEN = """() => [...document.querySelectorAll('mjx-merror, [data-mjx-error]')]
  .map((formula) => formula.getAttribute('data-mjx-error') ?? formula.textContent)"""

# The innermost elements that reach beyond the screen, when the page as a whole does.
OVERHANGING = """(width) => {
  const beyond = (element) => element.getBoundingClientRect().right > width + 1;
  return document.scrollingElement.scrollWidth <= width ? [] : [...document.body.querySelectorAll('main *')]
    .filter((element) => beyond(element) && ![...element.children].some(beyond))
    .map((element) => element.outerHTML.slice(0, 120));
}"""


@pytest.fixture(scope="module")
def visit(page_name, reader, server):
    """A first visit on a desk, scrolled to the end: what is lazy loads when it comes into view."""
    with reader() as visit:
        server.sent.clear()
        visit.open(page_name).page.evaluate("scrollTo(0, document.body.scrollHeight)")
        visit.page.wait_for_load_state("networkidle")
        visit.sent = dict(server.sent)
        yield visit


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


def test_formulas_are_typeset(visit):
    """Every formula is drawn, and none is a message in red."""
    assert visit.page.evaluate(UNTOUCHED) == []
    assert visit.page.evaluate(MISTAKEN) == []


def test_pictures_have_words(visit):
    """A reader who cannot see a picture is told what it shows."""
    assert visit.page.evaluate(NAMELESS) == []


def test_has_one_main_heading(visit):
    """One heading of the first level; the second one in the file is for print, and hidden on a screen."""
    assert visit.page.get_by_role("heading", level=1).count() == 1


def test_fits_a_phone(page_name, visitor):
    """On a phone, 390 pixels wide, the page does not scroll sideways."""
    page = visitor("phone").open(page_name).page
    assert page.evaluate(OVERHANGING, page.viewport_size["width"]) == []
