"""The ledger is sound: each claim leads to a place in the text and to checks that exist."""

import ast
import re

import pytest
import yaml
from bs4 import BeautifulSoup
from pages import BUILD, PAGES, ROOT, code_cells, labels

CLAIMS = yaml.safe_load((ROOT / "book" / "claims.yml").read_text())
IDS = [claim["id"] for claim in CLAIMS]
FIELDS = {"id", "where", "statement", "verdict", "finding", "chapter", "anchor", "checks"}


def test_the_first_chapters_are_covered():
    first = "B-60 B-01 B-02 B-04 B-05 B-07 B-08 B-09 B-11 B-17 B-56 B-03 B-10 B-13 C-02 C-07 B-14 B-16 C-03 C-15"
    assert set(first.split()) <= set(IDS)
    assert len(IDS) == len(set(IDS))


@pytest.mark.parametrize("claim", CLAIMS, ids=IDS)
def test_claim_leads_somewhere(claim):
    assert set(claim) == FIELDS and all(claim.values())
    assert re.fullmatch(r"[ABC]-\d\d", claim["id"])
    assert claim["verdict"] in {"true", "conditional", "false", "vague"}
    assert claim["anchor"] in labels(claim["chapter"]), f"no label ({claim['anchor']})= in {claim['chapter']}"
    for check in claim["checks"]:
        assert_check_exists(check, claim["chapter"])


def assert_check_exists(check, chapter):
    if check.startswith("cell:"):
        cells = {cell.metadata.get("name"): cell.source for cell in code_cells(chapter)}
        name = check.removeprefix("cell:")
        assert name in cells, f"no cell {name!r} in {chapter}"
        assert "assert " in cells[name], f"the cell {name!r} checks nothing"
    else:
        file, name = check.split("::")
        tests = [node for node in ast.walk(ast.parse((ROOT / file).read_text()))
                 if isinstance(node, ast.FunctionDef) and node.name == name]
        assert tests, f"no test {name!r} in {file}"
        assert any(isinstance(node, (ast.Assert, ast.With)) for node in ast.walk(tests[0])), f"{name} checks nothing"


def test_cited_claims_exist():
    cited = {id_ for path in PAGES.values() for id_ in re.findall(r"\{claim\}`([^`]+)`", path.read_text())}
    assert cited and cited <= set(IDS), f"not in the ledger: {cited - set(IDS)}"


def test_chapters_with_claims_list_them():
    for chapter in {claim["chapter"] for claim in CLAIMS}:
        assert "```{div}\n:class: claims\n" in PAGES[chapter].read_text(), f"{chapter} does not list its claims"


def test_the_site_shows_every_claim_and_its_links_arrive():
    page = BeautifulSoup((BUILD / "html" / "book" / "back" / "ledger.html").read_text(), "html.parser")
    assert [entry.find("strong").text for entry in page.select(".claim")] == sorted(IDS)
    for claim, entry in zip(sorted(CLAIMS, key=lambda claim: claim["id"]), page.select(".claim"), strict=True):
        assert entry["id"] == f"claim-{claim['id'].lower()}"
        target, fragment = entry.select_one(".claim-foot a")["href"].split("#")
        destination = BeautifulSoup((BUILD / "html" / "book" / "back" / target).resolve().read_text(), "html.parser")
        assert destination.find(id=fragment), f"{claim['id']} points to {target}#{fragment}"


def test_chapter_pages_show_their_claims():
    for chapter in {claim["chapter"] for claim in CLAIMS}:
        html = (BUILD / "html" / PAGES[chapter].relative_to(ROOT)).with_suffix(".html")
        shown = BeautifulSoup(html.read_text(), "html.parser").select(".claims li")
        assert len(shown) == sum(claim["chapter"] == chapter for claim in CLAIMS)
