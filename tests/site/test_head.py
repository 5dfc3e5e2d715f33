"""What a page says of itself: one viewport, a description, and what a message with a link to it shows."""

from pathlib import PurePosixPath
from urllib.parse import urlsplit

from pages import PAGES
from test_links import soup


def tags(file, key):
    return {tag[key]: tag["content"] for tag in soup(file).find_all("meta") if key in tag.attrs}


def test_page_can_be_shared(page_name, site):
    names, properties = tags(site / page_name, "name"), tags(site / page_name, "property")
    assert len(soup(site / page_name).find_all("meta", attrs={"name": "viewport"})) == 1
    assert 15 <= len(names["description"]) <= 205
    assert "$" not in names["description"] and "\\" not in names["description"]
    assert properties["og:title"] and properties["og:description"] == names["description"]
    assert properties["og:url"].endswith(page_name)
    image = urlsplit(properties["og:image"])
    home = urlsplit(properties["og:url"].removesuffix(page_name)).path
    assert image.scheme == "https" and (site / PurePosixPath(image.path).relative_to(home)).is_file()


def test_descriptions_are_the_pages_own(site, page_names):
    """No two pages are described alike."""
    found = [tags(site / name, "name")["description"] for name in page_names]
    assert len(set(found)) == len(found) >= len(PAGES)
