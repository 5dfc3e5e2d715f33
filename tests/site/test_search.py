"""Search answers as one types, lands at the section, shows text, and asks nothing of a reader who does not search."""

import re
from importlib.resources import files

import pytest
from bs4 import BeautifulSoup
from pages import load_extension
from test_accessibility import RULES, RUN, told

PLAIN = "book/start/how-to-use.html"
CHAPTER = "book/least-squares-as-attention/double-life.html"
CHROME = re.compile(r"Binder|Repository|Show code|Contents|Ctrl|Skip to|Link to this|¶|#$")


class Search:
    def __init__(self, page):
        self.page, self.panel = page, page.locator(".search-panel")
        self.input = self.panel.get_by_role("searchbox")

    def status(self):
        return self.panel.get_by_role("status").inner_text()

    def ask(self, query):
        """Type a query; return the results as dicts."""
        self.input.fill("")
        self.page.wait_for_function("() => !document.querySelector('.search-results').children.length")
        self.input.press_sequentially(query)
        self.panel.get_by_role("status").filter(has_text=re.compile("result|Nothing|could not")).wait_for()
        self.page.wait_for_load_state("networkidle")
        return self.results()

    def results(self):
        return self.panel.locator(".search-results > li").evaluate_all(
            "(items) => items.map((item) => ({ href: item.querySelector('a').href,"
            " title: item.querySelector('a').textContent, excerpt: item.querySelector('p').textContent }))")


@pytest.fixture
def opened(visitor):
    """A page with the search dialog open: ``opened(device, theme, page)``."""
    visits = []

    def open_search(device="desktop", theme="light", address=PLAIN):
        visits.append(visitor(device, theme).open(address))
        visits[-1].page.locator(".search-button__button:visible").first.click()
        visits[-1].page.locator(".search-dialog[open]").wait_for()
        return Search(visits[-1].page)

    yield open_search
    assert [complaint for visit in visits for complaint in visit.complaints] == []


# ---- what it answers ----

@pytest.mark.parametrize("query", ["B-08", "b-08"])
def test_a_claim_is_found_by_its_number(opened, query):
    """The ledger's entry comes first, and says so."""
    first = opened().ask(query)[0]
    assert first["href"].endswith("/book/back/ledger.html#claim-b-08") and first["title"].startswith("B-08")
    assert "closer to the target" in first["excerpt"]


@pytest.mark.parametrize("query, page", [
    ("0.138", "associative-memory/capacity.html#"),
    ("inverse covariance", "least-squares-as-attention/whitening.html#the-inverse-covariance"),
    ("forgetting factor", "heads-and-sequences/masks.html#an-honest-record"),
    ("double descent", "associative-memory/recall.html#double-descent"),
])
def test_a_subject_is_found_where_it_is_treated(opened, query, page):
    assert f"/book/{page}" in opened().ask(query)[0]["href"]


def test_a_claim_about_a_subject_comes_before_the_note_on_it(opened):
    claim, *others = [result["href"] for result in opened().ask("permutation")]
    assert claim.endswith("ledger.html#claim-a-28")
    assert any("/book/heads-and-sequences/masks.html#" in href for href in others)


def test_a_result_lands_at_its_section(opened, site):
    """Every result names a place on its page, and the place begins with the words of the result's title."""
    search = opened()
    results = search.ask("leverage")
    assert len(results) > 4
    for result in results:
        page, place = re.fullmatch(r"http://[^/]+/(.*\.html)#(.+)", result["href"]).groups()
        there = BeautifulSoup((site / page).read_text(encoding="utf-8"), "html.parser").find(id=place)
        assert there is not None, result
        assert result["title"].split(":")[0] in " ".join(there.get_text(" ").split()), result
    assert any("double-life.html#queries-keys" in result["href"] for result in results[:3])
    link = search.panel.locator("a[href*='double-life.html#queries-keys']")
    link.click()
    search.page.wait_for_function("() => location.hash && document.querySelector(location.hash)"
                                  "?.getBoundingClientRect().top < innerHeight / 2")
    assert not search.page.locator(".search-dialog").is_visible()


def test_a_function_is_found_by_its_name(opened):
    """Also where its name has parts, and another has them too."""
    search = opened()
    for query in ("expanding_least_squares", "ols_attention"):
        assert search.ask(query)[0]["title"] == query
    assert search.ask("masks")[0]["href"].endswith("masks.html#masks-and-honest-forecasts")


def test_excerpts_are_text(opened):
    """No raw TeX, no buttons and no file names of the page's machinery in what is shown."""
    search, seen = opened(), []
    for query in ("B-08", "0.138", "leverage", "inverse covariance", "softmax", "matrix", "check"):
        seen += search.ask(query)
    assert len(seen) > 40
    for result in seen:
        shown = f"{result['title']} {result['excerpt']}"
        assert not re.search(r"\\[a-zA-Z(\[]|\$|[_^]\{", shown), result
        assert not CHROME.search(shown), result


def test_an_unknown_word_finds_nothing(opened):
    """Rather than every word that begins with the same letter."""
    search = opened()
    assert search.ask("Quetzalcoatl") == [] and "Nothing found" in search.status()
    assert search.ask("Wxyzzy") == []


def test_more_results_come_when_asked_for(opened):
    search = opened()
    first = search.ask("attention")
    count = int(search.status().split()[0])
    assert len(first) == 10 < count
    search.panel.get_by_role("button", name="More results").click()
    search.page.wait_for_function("() => document.querySelectorAll('.search-results > li').length > 10")
    assert len(search.results()) == min(20, count)


# ---- how it is used ----

@pytest.mark.parametrize("device", ["desktop", "phone"])
@pytest.mark.parametrize("address", ["book/index.html", CHAPTER, "book/back/ledger.html", "genindex.html"])
def test_the_button_opens_it(opened, device, address):
    """On a phone and on a desk, and the reader can type at once, with nothing over the first letter."""
    search = opened(device, "light", address)
    assert search.input.evaluate("(input) => document.activeElement === input")
    assert search.input.evaluate(
        "(input) => { const box = input.getBoundingClientRect();"
        " return document.elementsFromPoint(box.left + 14, box.top + box.height / 2)[0] === input; }")
    assert len(search.ask("capacity")) > 2


def test_keys_are_enough(visitor):
    """Ctrl and K open it, arrows walk the results, Escape gives the focus back, Enter follows the first result."""
    visit = visitor().open(CHAPTER)
    page = visit.page
    page.locator(".bd-article p a").first.focus()
    before = page.evaluate("document.activeElement.outerHTML")
    page.keyboard.press("Control+k")
    search = Search(page)
    results = search.ask("leverage")
    focused = "document.activeElement.href ?? document.activeElement.name"
    first, second = (result["href"] for result in results[:2])
    for key, where in ("ArrowDown", first), ("ArrowDown", second), ("ArrowUp", first), ("ArrowUp", "q"):
        page.keyboard.press(key)
        assert page.evaluate(focused) == where
    page.keyboard.press("Escape")  # a search field first empties itself
    page.keyboard.press("Escape")
    assert not page.locator(".search-dialog").is_visible()
    assert page.evaluate("document.activeElement.outerHTML") == before
    page.keyboard.press("Control+k")
    search.ask("B-08")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ledger.html#claim-b-08")
    assert visit.complaints == []


def test_results_come_while_one_types(opened):
    search = opened()
    search.input.press_sequentially("lev")
    search.panel.locator(".search-results > li").first.wait_for()
    search.input.press_sequentially("erage")
    search.panel.get_by_role("status").filter(has_text=re.compile(r"^\d+ results$")).wait_for()


def test_the_search_page_answers_an_address(visitor):
    visit = visitor().open("search.html?q=B-08")
    search = Search(visit.page)
    search.panel.locator(".search-results > li").first.wait_for()
    assert search.results()[0]["href"].endswith("#claim-b-08")
    search.ask("leverage")
    assert visit.page.url.endswith("?q=leverage")
    assert visit.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("device", ["desktop", "phone"])
def test_axe_finds_nothing_in_the_dialog(opened, device, theme):
    """With results in it, and with none."""
    search = opened(device, theme)
    search.page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    for query in ("softmax", "Quetzalcoatl"):
        search.ask(query)
        found = search.page.evaluate(RUN, {"runOnly": {"type": "tag", "values": RULES}, "preload": False})
        broken = [line for violation in found["violations"] for line in told(query, violation)]
        assert not broken, "\n".join(broken)


# ---- what it costs, and where there is no server ----

def test_nothing_of_it_is_fetched_before(visitor, server, site):
    """Neither Pagefind nor Sphinx's index comes with a page; Pagefind comes when search is opened."""
    server.sent.clear()
    visit = visitor().open(CHAPTER)
    visit.page.wait_for_load_state("networkidle")

    def fetched():
        return {file for file in server.sent if "pagefind" in file.parts or file.name in {
            "searchindex.js", "searchtools.js", "language_data.js"}}

    assert fetched() == set()
    visit.page.keyboard.press("Control+k")
    visit.page.wait_for_load_state("networkidle")
    assert site / "pagefind/pagefind.js" in fetched()
    assert visit.complaints == []


def test_a_folder_of_files_can_be_searched_too(site, visitor):
    """Page by page, with Sphinx's own search."""
    visit = visitor().open((site / CHAPTER).as_uri())
    page = visit.page
    page.keyboard.press("Control+k")
    search = Search(page)
    assert "press Enter" in search.status()
    search.input.fill("leverage")
    search.input.press("Enter")
    page.wait_for_url("**/search.html?q=leverage")
    page.locator("#search-results .search li a", has_text="double life").first.click()
    page.get_by_role("heading", name="double life").first.wait_for()
    assert visit.complaints == []


# ---- formulas as text ----

@pytest.mark.parametrize("mathml, text", [
    ("<mfrac><mn>1</mn><mn>14</mn></mfrac>", "1/14"),
    ("<mfrac><mn>1</mn><mrow><mi>N</mi><mo>−</mo><mn>1</mn></mrow></mfrac>", "1/(N−1)"),
    ("<msup><mi>d</mi><mrow><mi>n</mi><mo>−</mo><mn>1</mn></mrow></msup>", "d^(n−1)"),
    ("<msup><mi>R</mi><mn>2</mn></msup>", "R²"),
    ("<msub><mi>ω</mi><mrow><mi>j</mi><mi>i</mi></mrow></msub>", "ω_ji"),
    ("<mover><mi>y</mi><mo>^</mo></mover>", "y\N{COMBINING CIRCUMFLEX ACCENT}"),
    ("<mn>0.138</mn><mspace width='0.17em'/><mi>d</mi>", "0.138 d"),
    ("<msqrt><mi>d</mi></msqrt><annotation>\\sqrt d</annotation>", "√(d)"),
])
def test_formulas_read_as_text(mathml, text):
    span = f'<span class="math"><span class="katex-mathml"><math><mrow>{mathml}</mrow></math></span>' \
           '<span class="katex-html">twice</span></span>'
    assert load_extension("site_search").readable(BeautifulSoup(span, "html.parser").span) == text


def test_the_index_knows_the_pages_as_they_are(site, page_names):
    """It is written anew when a page was, and by a build that writes nothing it is left alone."""
    index = (site / "pagefind" / "pagefind-entry.json").stat().st_mtime
    assert all((site / name).stat().st_mtime <= index for name in page_names if name.startswith("book/"))
