"""Links lead somewhere: inside the site to a page and a place that exist, to Binder with the page's own source."""

from collections import Counter
from functools import cache
from urllib.parse import parse_qs, unquote, urlsplit

import yaml
from bs4 import BeautifulSoup
from pages import NOTEBOOKS, PAGES, ROOT


@cache
def soup(file):
    return BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")


@cache
def places(file):
    """How many elements answer to each #fragment."""
    return Counter(tag["id"] for tag in soup(file).find_all(id=True))


def addresses(file):
    """Every address on a page that stays inside the site."""
    for tag in soup(file).find_all(True):
        for address in filter(None, map(tag.get, ("href", "xlink:href", "src"))):
            if not urlsplit(address).scheme and not address.startswith("//"):
                yield address


def lost(site, file, address):
    """What is missing at the other end of a link, if anything."""
    parts = urlsplit(address)
    target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
    target = target / "index.html" if target.is_dir() else target
    if not target.is_file() or not target.is_relative_to(site.resolve()):
        return "no such file"
    place = unquote(parts.fragment)
    if place and target.suffix == ".html" and places(target)[place] != 1:
        return f"{places(target)[place]} such places on the page"


def test_links_inside_the_site_lead_to_a_place(page_name, site):
    """Every internal link finds its file, and its #fragment the one element with that id."""
    file = site / page_name
    found = {address: lost(site, file, address) for address in addresses(file)}
    assert found, "a page without any link"
    assert {address: why for address, why in found.items() if why} == {}


def test_chapters_open_on_binder(site):
    """The launch button of a chapter with code starts this repository, at the source of this chapter."""
    assert NOTEBOOKS, "no chapter has a code cell"
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    repository, hub = config["repository"], config["launch_buttons"]["binderhub_url"]
    start = f"{hub}/v2/gh/{urlsplit(repository['url']).path.strip('/')}/{repository['branch']}"
    for name in NOTEBOOKS:
        source = PAGES[name].relative_to(ROOT)
        buttons = [tag["href"] for tag in soup(site / source.with_suffix(".html")).select(f"a[href^='{hub}']")]
        assert [urlsplit(button)._replace(query="").geturl() for button in buttons] == [start], name
        assert parse_qs(urlsplit(buttons[0]).query)["urlpath"] == [f"lab/tree/{source.as_posix()}"], name
