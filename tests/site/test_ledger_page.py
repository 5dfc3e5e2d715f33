"""The ledger's filters show what was asked for, and a link to a claim always finds it."""

import pytest
import yaml
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


def assert_shows(page, wanted, claims):
    assert set(texts(page)) == wanted
    assert page.locator(".ledger-filter output").inner_text() == f"{len(wanted)} of {len(claims)} claims"


def test_every_claim_is_there_at_first(ledger, claims):
    """Nothing is hidden before the reader filters."""
    assert claims
    assert_shows(ledger, set(claims), claims)


@pytest.mark.parametrize("verdict", VERDICTS)
def test_verdict_filter(ledger, claims, verdict):
    """A verdict leaves the claims with that verdict; "all" brings the others back."""
    menu = control(ledger, "Verdict")
    menu.select_option(verdict)
    assert_shows(ledger, {name for name, claim in claims.items() if claim["verdict"] == verdict}, claims)
    menu.select_option("")
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


def hide(ledger, claim):
    other = next(verdict for verdict in VERDICTS if verdict != claim["verdict"])
    control(ledger, "Verdict").select_option(other)
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
