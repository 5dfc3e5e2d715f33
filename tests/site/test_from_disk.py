"""The site works by double click, without any server."""

import re

import pytest


@pytest.fixture(scope="module")
def chapter(widget_pages, site):
    """A page that has both formulas and the similarity explorer."""
    return next(site / name for name in widget_pages["SimilarityExplorer"]
                if re.search(r'class="[^"]*\bmath\b', (site / name).read_text(encoding="utf-8")))


def test_front_door_opens(site, visitor):
    """The file at the top of the site leads to the first page of the book."""
    visit = visitor()
    visit.page.goto((site / "index.html").as_uri())
    visit.page.wait_for_url("**/book/index.html")
    assert visit.page.get_by_role("heading", level=1).is_visible()
    assert visit.complaints == []


def test_chapter_works_from_a_file(chapter, visitor):
    """Formulas are typeset, and the widget starts and moves with the keyboard."""
    visit = visitor().open(chapter.as_uri())
    page = visit.page
    assert page.locator(".math:has(.katex)").count() == page.locator(".math").count() > 0
    query, readout = page.locator("[aria-label^='query at']"), page.locator(".olsattn-verdict")
    before, said = query.get_attribute("aria-label"), readout.inner_text()
    query.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("(before) => !document.querySelector(`[aria-label='${before}']`)", arg=before)
    assert readout.inner_text() != said
    assert visit.complaints == []
