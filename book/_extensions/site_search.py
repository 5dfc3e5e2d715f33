"""Build the search index of the site: one record for each section, claim, exercise and function, by Pagefind.

Pagefind would index whole pages, toolbars and both copies of a formula included. Here the pages are first cut at
whatever has an address of its own, so that a result lands where its words are.
"""

import re
import shutil
import subprocess
import tempfile
from html import escape
from pathlib import Path

import pagefind_bin
from bs4 import BeautifulSoup, NavigableString

FOLDER = "pagefind"
DEFINED = ("\x02", "\x03")  # stand around a term where it is defined, in bold, until the record is written
UNITS = "section[id]:has(> :is(h1, h2, h3, h4)), .claim[id], .exercise[id], dl.py:has(> dt[id])"
# What the page adds to the text, what would give an answer away, and what the ledger says in the same words.
LEFT_OUT = (".headerlink, .section-number, .eqno, .viewcode-link, .descclassname, dt > .property, .api-used,"
            ".claim-foot, .claim-checks, .claim-word, .solution, div.claims, pre,"
            "script, style, svg, form, button, noscript")
RECORD = """<html lang="en"><body><p data-pagefind-ignore data-pagefind-{}="title">{}</p>
<p data-pagefind-ignore data-pagefind-filter="page">{}</p>{}</body></html>"""
# Interfaces of Pagefind's own, which the site does not use.
UNUSED = ("pagefind-*ui*", "pagefind-highlight.js", "wasm.unknown.pagefind")
RAISED = dict(zip("0123456789+-−n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ⁿ", strict=True)) | {sign: sign for sign in "′⊤∗⋆"}
ACCENTS = {"^": "\N{COMBINING CIRCUMFLEX ACCENT}", "~": "\N{COMBINING TILDE}", "ˉ": "\N{COMBINING MACRON}"}


def raised(power):
    if set(power) <= set(RAISED):
        return "".join(map(RAISED.get, power))
    return f"^{power}" if len(power) == 1 or power.startswith("(") else f"^({power})"


def formula(node):
    """Return MathML as one line of text: fractions with a slash, powers raised, indices after a low line."""
    if isinstance(node, NavigableString):
        return node.replace("\N{FUNCTION APPLICATION}", " ").strip("\n")
    parts = [formula(child) for child in node.children if child.name or child.strip()]
    if node.name in {"mfrac", "msub", "msup", "msubsup"}:
        parts = [part.strip() for part in parts]
        parts = [part if part.isalnum() or len(part) < 2 else f"({part})" for part in parts]
    match node.name:
        case "annotation":  # the TeX
            return ""
        case "mspace":
            return " "
        case "mfrac":
            return "/".join(parts)
        case "msqrt":
            return f"√({''.join(parts)})"
        case "msup":
            return parts[0] + raised(parts[1])
        case "msub":
            return f"{parts[0]}_{parts[1]}"
        case "msubsup":
            return f"{parts[0]}_{parts[1]}{raised(parts[2])}"
        case "mover":
            return parts[0] + ACCENTS.get(parts[1], "")
        case "munder" | "munderover":  # limits
            return parts[0]
    return "".join(parts)


def readable(math):
    """Return a formula as text. Where the page has raw TeX, only what reads as text is kept."""
    if mathml := math.select_one("math"):
        return " ".join(formula(mathml).split())
    tex = re.sub(r"\\[()\[\],;]", " ", math.get_text()).strip()
    return "…" if re.search(r"[\\{}^_&]", tex) else tex


def text(element, separator=" "):
    words = " ".join(element.get_text(separator, strip=separator != "").split())
    return re.sub(r" (?=[.,;:!?)\]’])|(?<=[(\[]) ", "", words)


def title(unit):
    """Return the title of a unit, after taking its heading out."""
    if unit.name == "dl":
        return unit.dt.select_one(".descname").extract().get_text()
    if "claim" in unit.get("class", []):
        head = unit.select_one(".claim-head").extract()
        return ": ".join(text(part) for part in head.select("strong, .verdict"))
    return text(unit.find(["h1", "h2", "h3", "h4", "p"]).extract(), "")


def units(html):
    """Return (fragment, kind, title, words) of all that has an address on a page, the page itself last."""
    article = BeautifulSoup(html, "html.parser").select_one("article.bd-article")
    for cell in article.select(".cell"):  # of code and what it printed, captions are read
        cell.replace_with(*cell.select("figcaption"))
    for math in article.select(".math"):
        math.replace_with(f" {readable(math)} " if math.name == "div" else readable(math))
    for element in article.select(LEFT_OUT):
        element.decompose()
    for term in article.select("section p > strong"):
        if len(term.get_text().split()) <= 3 and not term.find_parent(class_="claim"):
            term.replace_with(f"{DEFINED[0]}{term.get_text()}{DEFINED[1]}")
    article.smooth()
    found = []
    for unit in reversed(article.select(UNITS)):  # what is inside comes first, and is then gone from the outside
        kind = "function" if unit.name == "dl" else "exercise" if "exercise" in unit.get("class", []) else "section"
        found.append((unit.get("id") or unit.dt["id"], kind, title(unit), text(unit)))
        unit.extract()
    return found


def record(kind, title, words, page):
    """Return a record as the HTML that Pagefind reads.

    The title of a section is searched as a title, and a term counts most where it is defined. Pagefind would do the
    same to each part of a name_with_parts, and much too strongly, so that a function's name is a heavy word of its
    text instead, and a filter for display.
    """
    title, words, page = map(escape, (title, words, page))
    if kind == "function":
        return RECORD.format("filter", title, page, f'<b data-pagefind-weight="6">{title}</b>{words}')
    for sign, tag in zip(DEFINED, ('<b data-pagefind-weight="8">', "</b>"), strict=True):
        words = words.replace(sign, tag)
    weight = 0.5 if kind == "exercise" else 1
    return RECORD.format("meta", title, page, f'<p data-pagefind-weight="{weight}">{words}</p>')


def write_index(site, documents):
    """Index the pages of a built site, and write what a browser needs to search them."""
    shutil.rmtree(site / FOLDER, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        for document in documents:
            # Pagefind takes a record's address from its file: page/fragment.html stands for page.html#fragment.
            page = Path(folder, document)
            page.mkdir(parents=True)
            found = units((site / f"{document}.html").read_text(encoding="utf-8"))
            for fragment, *words in found:
                page.joinpath(f"{fragment}.html").write_text(record(*words, page=found[-1][2]), encoding="utf-8")
        command = [pagefind_bin.get_executable(), "--site", folder, "--output-path", site / FOLDER, "--keep-index-url"]
        subprocess.run([*command, "--quiet"], check=True)
    for pattern in UNUSED:
        for file in (site / FOLDER).glob(pattern):
            file.unlink()


def on_build_finished(app, exception):
    """Index the pages that are there, unless all of them are older than the index."""
    if exception is not None or app.builder.name != "html":
        return
    site, index = Path(app.outdir), Path(app.outdir, FOLDER, "pagefind-entry.json")
    written = {document: (site / f"{document}.html").stat().st_mtime
               for document in app.env.found_docs if (site / f"{document}.html").is_file()}
    if not index.is_file() or max(written.values()) >= index.stat().st_mtime:
        write_index(site, sorted(written))


def setup(app):
    app.connect("build-finished", on_build_finished)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
