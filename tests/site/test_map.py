"""The map on the first page is the table of contents, laid out in the plane of the dial and Omega."""

import pytest
import yaml
from bs4 import BeautifulSoup
from pages import PAGES, ROOT, TOC, toc_files

PLANE = yaml.safe_load((ROOT / "book/map.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def cells(site):
    page = BeautifulSoup((site / "book/index.html").read_text(encoding="utf-8"), "html.parser")
    return [[*row.select("td, th")][1:] for row in page.select("table.book-map tbody tr")]


def test_each_method_stands_at_its_place_with_its_chapters(cells):
    """Places with chapters link to them by name; those without look planned."""
    assert len(cells) == len(PLANE["down"]) and {len(row) for row in cells} == {len(PLANE["across"])}
    for down, row in enumerate(cells):
        for across, cell in enumerate(row):
            here = [place for place in PLANE["places"] if place["at"] == [down, across]]
            named = [(name.get_text().replace("’", "'"), name["class"]) for name in cell.select(".place, .planned")]
            assert named == [(p["method"], ["place" if p.get("chapters") else "planned"]) for p in here]
            links = [link["href"].rsplit("/", 1)[-1].removesuffix(".html") for link in cell.select("a")]
            assert links == [name for place in here for name in place.get("chapters", ())]
            for link, name in zip(cell.select("a"), links, strict=True):
                title = link.get_text()
                assert f"\n# {title}\n" in PAGES[name].read_text(encoding="utf-8").replace("'", "’")


def test_no_chapter_is_missing(cells):
    """Each numbered chapter of the table of contents has one place."""
    numbered = [file for part in TOC["parts"] if part.get("numbered") for file in toc_files(part)]
    hrefs = [link["href"].removesuffix(".html") for row in cells for cell in row for link in cell.select("a")]
    assert len(hrefs) == len(set(hrefs)) and {file.removeprefix("book/") for file in numbered} <= set(hrefs)
