"""The ledger tells claim from finding, its filters show what was asked for, and a link to a claim always finds it."""

import pytest
import yaml
from conftest import DEVICES
from pages import PAGES, ROOT

VERDICTS = ("true", "conditional", "false", "vague")


@pytest.fixture(scope="module")
def claims():
    return {claim["id"]: claim for claim in yaml.safe_load((ROOT / "book/claims.yml").read_text(encoding="utf-8"))}


def address(name):
    return PAGES[name].relative_to(ROOT).with_suffix(".html").as_posix()


@pytest.fixture
def ledger(visitor):
    visit = visitor().open(address("ledger"))
    yield visit.page
    assert visit.complaints == []


def texts(page):
    """Claim id -> words, for the claims that can be seen."""
    return dict(page.locator(".claim").evaluate_all(
        "(claims) => claims.filter((claim) => claim.checkVisibility())"
        ".map((claim) => [claim.querySelector('.claim-head strong').textContent, claim.textContent])"))


def control(page, name):
    return page.locator(".ledger-filter").get_by_label(name)


def segment(page, verdict):
    return page.locator(f".verdict-bar button[value='{verdict}']")


def with_verdict(claims, verdict):
    return {name for name, claim in claims.items() if claim["verdict"] == verdict}


def assert_shows(page, wanted, claims):
    assert set(texts(page)) == wanted
    assert page.locator(".ledger-filter output").inner_text() == f"{len(wanted)} of {len(claims)} claims"


# ---- what stands there ----

def test_every_claim_is_there_at_first(ledger, claims):
    """Nothing is hidden before the reader filters, and the order is that of the numbers."""
    assert claims
    assert_shows(ledger, set(claims), claims)
    assert list(texts(ledger)) == sorted(claims)


def test_without_scripts_every_claim_is_there(browser, server, claims):
    """Findings unfolded, on a phone too, and no control that would do nothing."""
    context = browser.new_context(java_script_enabled=False, **DEVICES["phone"])
    page = context.new_page()
    page.goto(server.url + address("ledger"))
    assert page.locator(".claim-found").count() == len(claims)
    assert all(found.is_visible() for found in page.locator(".claim-found").all())
    assert not page.locator(".ledger-filter").is_visible() and not page.locator(".claim-fold").first.is_visible()
    context.close()


def test_a_claim_is_told_from_its_finding(ledger, claims):
    """In words, and in a way that can be seen; where it is worked out has the name of the place."""
    entry = ledger.locator("#claim-b-08")
    said, found = entry.locator(".claim-said"), entry.locator(".claim-found")
    assert said.inner_text().startswith("Claim") and "closer to the target" in said.inner_text()
    assert found.inner_text().startswith("Found") and "smallest weight" in found.inner_text()
    style = "(element) => getComputedStyle(element.querySelector('p')).fontStyle"
    assert (said.evaluate(style), found.evaluate(style)) == ("italic", "normal")
    assert found.get_by_role("link", name="Alignment, not proximity").is_visible()


def test_checks_are_folded(ledger, claims):
    """One line says how many; a click names them."""
    checks = ledger.locator("#claim-b-08 .claim-checks")
    assert not checks.locator("li").first.is_visible()
    checks.locator("summary").click()
    assert checks.locator("li").all_inner_texts() == claims["B-08"]["checks"]


# ---- filters ----

@pytest.mark.parametrize("verdict", VERDICTS)
def test_verdict_bar(ledger, claims, verdict):
    """A segment is as wide as its count, leaves the claims with that verdict, and brings the others back."""
    wanted = with_verdict(claims, verdict)
    assert segment(ledger, verdict).inner_text().startswith(str(len(wanted)))
    assert segment(ledger, verdict).evaluate("(button) => Number(button.style.flexGrow)") == len(wanted)
    segment(ledger, verdict).click()
    assert segment(ledger, verdict).get_attribute("aria-pressed") == "true"
    assert_shows(ledger, wanted, claims)
    segment(ledger, verdict).click()
    assert_shows(ledger, set(claims), claims)


def test_the_bar_is_drawn_in_proportion(ledger, claims):
    widths = {verdict: segment(ledger, verdict).bounding_box()["width"] for verdict in VERDICTS[:3]}
    counts = {verdict: len(with_verdict(claims, verdict)) for verdict in VERDICTS[:3]}
    assert widths["true"] / widths["false"] == pytest.approx(counts["true"] / counts["false"], rel=0.15)


def test_the_bar_follows_the_other_filters(ledger, claims):
    """It counts what the other filters leave."""
    control(ledger, "Source").select_option("c")
    for verdict in VERDICTS:
        count = sum(name.startswith("C") for name in with_verdict(claims, verdict))
        assert segment(ledger, verdict).inner_text().startswith(str(count))


def test_filters_are_in_the_address(ledger, claims, visitor):
    """A choice is a step that Back undoes; the address shows another reader the same; "Show all" clears it."""
    segment(ledger, "false").click()
    control(ledger, "Source").select_option("b")
    control(ledger, "Words").fill("proximity")
    both = {name for name in with_verdict(claims, "false") if name.startswith("B")}
    ledger.wait_for_url("**/ledger.html?verdict=false&source=b&words=proximity")  # a browser is told a little later
    shown = set(texts(ledger))
    assert shown and shown < both

    other = visitor().open(ledger.url)
    assert_shows(other.page, shown, claims)
    assert control(other.page, "Words").input_value() == "proximity"
    assert segment(other.page, "false").get_attribute("aria-pressed") == "true"
    other.page.get_by_role("button", name="Show all").click()
    assert_shows(other.page, set(claims), claims)
    assert "?" not in other.page.url and other.complaints == []

    ledger.go_back()
    assert_shows(ledger, with_verdict(claims, "false"), claims)
    assert control(ledger, "Source").input_value() == ""
    ledger.go_back()
    assert_shows(ledger, set(claims), claims)


def test_source_and_chapter_filters_combine(ledger, claims):
    """Two menus leave the claims that satisfy both."""
    first = next(iter(claims.values()))
    control(ledger, "Source").select_option(first["id"][0].lower())
    control(ledger, "Chapter").select_option(first["chapter"])
    assert_shows(ledger, {name for name, claim in claims.items()
                          if name[0] == first["id"][0] and claim["chapter"] == first["chapter"]}, claims)


def test_words_filter(ledger, claims):
    """Words narrow the list as they are typed, whatever their case; words that nobody wrote leave nothing."""
    field = control(ledger, "Words")
    name = next(iter(claims))
    written = texts(ledger)
    field.press_sequentially(name.lower())
    assert_shows(ledger, {other for other, text in written.items() if name.lower() in text.lower()}, claims)
    field.fill("no paper says this")
    assert_shows(ledger, set(), claims)
    field.fill("")
    assert_shows(ledger, set(claims), claims)


# ---- links and folds ----

def hide(ledger, claim):
    segment(ledger, next(verdict for verdict in VERDICTS if verdict != claim["verdict"])).click()
    assert claim["id"] not in texts(ledger)


def follow(ledger, name):
    """Follow a link to a claim, as one in another claim's text would be."""
    ledger.evaluate("(id) => { const link = document.createElement('a'); link.href = `#${id}`;"
                    " document.body.append(link); link.click(); link.remove(); }", f"claim-{name.lower()}")


@pytest.mark.parametrize("again", [False, True], ids=["once", "twice"])
def test_link_finds_a_claim_that_a_filter_hid(ledger, claims, again):
    """A link to a claim shows it on the screen, also when the same link was followed before."""
    name, claim = list(claims.items())[-1]
    target = ledger.locator(f"#claim-{name.lower()}")
    if again:
        follow(ledger, name)
        target.and_(ledger.locator(":target")).wait_for()
    hide(ledger, claim)
    follow(ledger, name)
    target.wait_for(state="visible")
    ledger.wait_for_function("(id) => { const box = document.getElementById(id).getBoundingClientRect();"
                             " return box.top >= -1 && box.top < innerHeight; }", arg=f"claim-{name.lower()}")
    assert_shows(ledger, set(claims), claims)


def test_chapters_lead_to_the_ledger(visitor, claims):
    """A claim that a chapter quotes is a link to its entry, which is marked and on the screen."""
    claim = next(iter(claims.values()))
    visit = visitor().open(address(claim["chapter"]))
    visit.page.locator(".claims a", has_text=claim["id"]).first.click()
    entry = visit.page.locator(".claim:target")
    entry.wait_for(state="visible")
    assert entry.locator(".claim-head strong").inner_text() == claim["id"]
    assert visit.complaints == []


def test_rows_fold_on_a_phone(visitor, claims):
    """A row shows the claim until it is asked for the finding, so that the page is short; a link opens its row."""
    visit = visitor("phone").open(address("ledger"))
    page, entry = visit.page, visit.page.locator("#claim-b-08")
    assert page.evaluate("document.documentElement.scrollHeight") < 13_000
    assert entry.locator(".claim-said").is_visible() and not entry.locator(".claim-found").is_visible()
    fold = entry.get_by_role("button", name="Finding")
    assert fold.get_attribute("aria-expanded") == "false"
    fold.click()
    assert entry.locator(".claim-found").is_visible() and fold.get_attribute("aria-expanded") == "true"
    fold.click()
    assert not entry.locator(".claim-found").is_visible()
    visit.open(address("ledger") + "#claim-b-08")
    page.reload()
    assert page.locator("#claim-b-08 .claim-found").is_visible()
    assert visit.complaints == []


def test_the_bar_stays_in_view(visitor):
    """On a phone and on a desk."""
    for device in DEVICES:
        page = visitor(device).open(address("ledger")).page
        page.locator("#claim-b-40").scroll_into_view_if_needed()
        box = page.locator(".verdict-bar").bounding_box()
        assert 0 <= box["y"] < 100
        top = page.locator(".bd-header-article").bounding_box()
        assert box["y"] >= top["y"] + top["height"] - 1, "the bar is under the toolbar"


def test_paper_has_every_claim_and_no_controls(visitor, claims):
    page = visitor("phone").open(address("ledger")).page
    page.emulate_media(media="print")
    assert all(found.is_visible() for found in page.locator(".claim-found").all())
    assert not page.locator(".ledger-filter").is_visible()
