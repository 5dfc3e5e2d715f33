"""The map on the first page is the table of contents."""

import pytest
import yaml
from bs4 import BeautifulSoup
from pages import PAGES, ROOT, TOC, toc_files


@pytest.fixture(scope="module")
def parts(site):
    page = BeautifulSoup((site / "book/index.html").read_text(encoding="utf-8"), "html.parser")
    return page.select(".book-map-part")


def test_parts_are_those_of_the_data_file_in_order(parts):
    """Each has its number, its name and what it is about."""
    listed = yaml.safe_load((ROOT / "book/map.yml").read_text(encoding="utf-8"))
    assert len(parts) == len(listed) > 5
    for numeral, part, entry in zip(["I", "II", "III", "IV", "V", "VI", "VII"], parts, listed, strict=True):
        title = " ".join(part.p.get_text().replace("’", "'").split())
        assert title == f"{numeral} {entry['caption']}"
        assert part.find_all("p", recursive=False)[1].get_text(strip=True)


def test_links_are_those_of_the_table_of_contents(parts):
    """Written parts link to their chapters by name, in order, and no others; planned ones look planned."""
    written = [toc_files(part) for part in TOC["parts"] if part.get("numbered")]
    drawn = [[link["href"] for link in part.select("a")] for part in parts]
    assert [links for links in drawn if links] == [[f"{file.removeprefix('book/')}.html" for file in part]
                                                   for part in written]
    for part, links in zip(parts, drawn, strict=True):
        assert ("planned" in part["class"]) is not bool(links)
        for link in part.select("a"):
            chapter = PAGES[link["href"].rsplit("/", 1)[-1].removesuffix(".html")].read_text(encoding="utf-8")
            assert f"\n# {link.get_text()}\n" in chapter.replace("'", "’")
