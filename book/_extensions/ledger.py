"""Sphinx roles and directives that show the claims of ``book/claims.yml``.

``{claim}`B-08``` links to an entry, ``{div}`` of class ``claims`` lists the entries of the chapter it stands in,
``{ledger}`` prints them all with filters, and ``{score}`` counts them.
"""

import re
from functools import cache
from html import escape
from pathlib import Path

import yaml
from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

LOG = logging.getLogger(__name__)
CLAIMS = Path(__file__).parents[1] / "claims.yml"
VERDICTS = {"true": "True", "conditional": "True under conditions", "false": "False", "vague": "Vague"}
SOURCES = {"A": "Tan and Zhao (2026)", "B": "Goulet Coulombe (2026)", "C": "Tang (2023)"}
CHAPTER_LIST = re.compile(r"^```\{div\}\n:class: claims\n.*?^```$", re.MULTILINE | re.DOTALL)


parse = cache(yaml.safe_load)  # a page asks for its claims many times


def load():
    return parse(CLAIMS.read_text(encoding="utf-8"))


def label(claim_id):
    return f"claim-{claim_id.lower()}"


class Claim(SphinxRole):
    """An inline link to an entry of the ledger."""

    def run(self):
        self.env.note_dependency(str(CLAIMS))
        if self.text not in {claim["id"] for claim in load()}:
            LOG.warning("no claim %r in %s", self.text, CLAIMS.name, location=self.get_location())
        words = nodes.inline("", self.text, classes=["std", "std-ref", "claim-link"])
        return [addnodes.pending_xref("", words, refdomain="std", reftype="ref", reftarget=label(self.text),
                                      refexplicit=True, refwarn=True, refdoc=self.env.docname)], []


class Score(SphinxDirective):
    """One sentence: how many claims, and how they fared."""

    def run(self):
        self.env.note_dependency(str(CLAIMS))
        claims = load()
        found = [claim["verdict"] for claim in claims]
        counts = ", ".join(f"{found.count(verdict)} {text.lower()}" for verdict, text in VERDICTS.items())
        checked = f"Of {len(claims)} claims in {len(SOURCES)} sources that the book checks"
        return [nodes.paragraph("", f"{checked}: {counts}.")]


class Ledger(SphinxDirective):
    """Every entry, by number, with the verdict bar and the filters that ``ledger.js`` drives."""

    def run(self):
        self.env.note_dependency(str(CLAIMS))
        claims = sorted(load(), key=lambda claim: claim["id"])
        return [nodes.raw("", controls(claims), format="html"), *(self.entry(claim) for claim in claims)]

    def entry(self, claim):
        name, verdict = label(claim["id"]), claim["verdict"]
        source = claim["id"][0]
        entry = nodes.container(ids=[name], classes=[
            "claim", f"source-{source.lower()}", f"verdict-{verdict}", f"chapter-{claim['chapter']}"])
        standard = self.env.get_domain("std")
        standard.anonlabels[name] = (self.env.docname, name)
        standard.labels[name] = (self.env.docname, name, claim["id"])
        fold = (f'<button type="button" class="claim-fold" aria-expanded="false" aria-controls="{name}-found">'
                f'Finding<span class="visually-hidden"> on {claim["id"]}</span></button>')
        head = nodes.paragraph("", "", nodes.strong("", claim["id"]), nodes.Text(" "),
                               nodes.inline("", VERDICTS[verdict], classes=["verdict", f"verdict-{verdict}"]),
                               nodes.raw("", fold, format="html"),
                               nodes.inline("", f"{SOURCES[source]}, {claim['where']}", classes=["claim-where"]),
                               classes=["claim-head"])
        worked_out = addnodes.pending_xref("", nodes.inline("", claim["anchor"]), refdomain="std", reftype="ref",
                                           reftarget=claim["anchor"], refexplicit=False, refwarn=True,
                                           refdoc=self.env.docname)
        foot = nodes.paragraph("", "", nodes.Text("Worked out in "), worked_out, nodes.Text("."),
                               classes=["claim-foot"])
        found = nodes.container("", *self.prose("Found", claim["finding"]), foot, checks(claim),
                                classes=["claim-found"], ids=[f"{name}-found"])
        entry += [head, nodes.container("", *self.prose("Claim", claim["statement"]), classes=["claim-said"]), found]
        return entry

    def prose(self, word, text):
        """Parse a sentence of the ledger as MyST, so that it may hold mathematics and citations."""
        holder = nodes.container()
        self.state.nested_parse([text], self.lineno, holder)
        holder[0].insert(0, [nodes.inline("", word, classes=["claim-word"]), nodes.Text(" ")])
        return holder.children


def checks(claim):
    listing = "".join(f"<li><code>{escape(check)}</code></li>" for check in claim["checks"])
    count = len(claim["checks"])
    return nodes.raw("", f'<details class="claim-checks"><summary>{count} check{"s" * (count > 1)}'
                         f'<span class="visually-hidden"> of {claim["id"]}</span></summary>'
                         f"<ul>{listing}</ul></details>", format="html")


def controls(claims):
    """Return the verdict bar, drawn in proportion, and the form with the other filters."""
    verdicts = [claim["verdict"] for claim in claims]
    bar = "".join(
        f'<button type="button" class="verdict-{verdict}" value="{verdict}" aria-pressed="false"'
        f' style="flex-grow: {verdicts.count(verdict)}"><b>{verdicts.count(verdict)}</b> {name.lower()}</button>'
        for verdict, name in VERDICTS.items())
    chapters = dict.fromkeys(claim["chapter"] for claim in load())
    menus = {"source": {key.lower(): f"{key}: {name}" for key, name in SOURCES.items()},
             "chapter": {chapter: chapter.replace("-", " ").capitalize() for chapter in chapters}}
    fields = "".join(
        f'<label>{name.capitalize()} <select name="{name}"><option value="">all</option>'
        + "".join(f'<option value="{key}">{text}</option>' for key, text in options.items()) + "</select></label>"
        for name, options in menus.items())
    return (f'<div class="ledger-controls"><div class="verdict-bar" role="group" aria-label="Verdicts">{bar}</div>'
            f'<form class="ledger-filter" aria-label="Filter the ledger">{fields}'
            '<label>Words <input type="search" name="words"></label><output></output>'
            '<button type="reset">Show all</button></form></div>')


def list_claims(app, docname, source):
    """Put the claims of a chapter into its ``{div}`` of class ``claims``, before the page is parsed.

    The directive is one that live notebooks know: they show the sentence that stands in it, and would show one of
    our own as an error. sphinx-design's takes the class as its argument, theirs as an option.
    """
    if not CHAPTER_LIST.search(source[0]):
        return
    app.env.note_dependency(str(CLAIMS))
    chapter = docname.rsplit("/", 1)[-1]
    mine = [claim for claim in load() if claim["chapter"] == chapter]
    if not mine:
        LOG.warning("no claims for chapter %r", chapter, location=docname)
    items = "".join(
        f"- {{claim}}`{claim['id']}` [{VERDICTS[claim['verdict']]}]{{.verdict .verdict-{claim['verdict']}}}"
        f" {claim['statement']}\n\n  {claim['finding']}\n" for claim in mine)
    source[0] = CHAPTER_LIST.sub(lambda _: f"```{{div}} claims\n{items}```", source[0])


def setup(app):
    app.add_role("claim", Claim())
    app.add_directive("ledger", Ledger)
    app.add_directive("score", Score)
    app.connect("source-read", list_claims)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
