"""Sphinx roles and directives that show the claims of ``book/claims.yml``.

``{claim}`B-08``` links to an entry, ``{div}`` of class ``claims`` lists the entries of the chapter it stands in,
``{ledger}`` prints them all with filters, and ``{score}`` counts them.
"""

from pathlib import Path
from typing import ClassVar

import yaml
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx_design.extension import Div

LOG = logging.getLogger(__name__)
CLAIMS = Path(__file__).parents[1] / "claims.yml"
VERDICTS = {"true": "True", "conditional": "True under conditions", "false": "False", "vague": "Vague"}
SOURCES = {"A": "Tan and Zhao (2026)", "B": "Goulet Coulombe (2026)", "C": "Tang (2023)"}


def load():
    return yaml.safe_load(CLAIMS.read_text(encoding="utf-8"))


def label(claim_id):
    return f"claim-{claim_id.lower()}"


def link(target, text, docname, classes=()):
    reference = addnodes.pending_xref(
        "", refdomain="std", reftype="ref", reftarget=target, refexplicit=True, refwarn=True, refdoc=docname
    )
    reference += nodes.inline(text, text, classes=["std", "std-ref", *classes])
    return reference


class Claim(SphinxRole):
    """An inline link to an entry of the ledger."""

    def run(self):
        self.env.note_dependency(str(CLAIMS))
        if self.text not in {claim["id"] for claim in load()}:
            LOG.warning("no claim %r in %s", self.text, CLAIMS.name, location=self.get_location())
        return [link(label(self.text), self.text, self.env.docname, ["claim-link"])], []


class _Listing(SphinxDirective):
    def badge(self, claim):
        verdict = VERDICTS[claim["verdict"]]
        return nodes.inline(verdict, verdict, classes=["verdict", f"verdict-{claim['verdict']}"])

    def prose(self, text, *before):
        """Parse a sentence of the ledger as MyST, so that it may hold mathematics and citations."""
        holder = nodes.container()
        self.state.nested_parse([text], self.lineno, holder)
        for i, piece in enumerate(before):
            holder[0].insert(i, piece)
        return holder.children


class Claims(_Listing, Div):
    """What the papers say: the entries of this chapter, each with its verdict.

    It is sphinx-design's ``{div}`` with the class ``claims``, because live notebooks know that directive
    and show the sentence inside it; they would show one of our own as an error.
    """

    option_spec: ClassVar = {**Div.option_spec, "class": directives.class_option}

    def run(self):
        if "claims" not in self.options.get("class", []):
            return Div.run(self)
        self.env.note_dependency(str(CLAIMS))
        chapter = self.env.docname.rsplit("/", 1)[-1]
        mine = [claim for claim in load() if claim["chapter"] == chapter]
        if not mine:
            LOG.warning("no claims for chapter %r", chapter, location=self.get_location())
        listing = nodes.bullet_list(classes=["claims"])
        for claim in mine:
            lead = [link(label(claim["id"]), claim["id"], self.env.docname, ["claim-link"]), nodes.Text(" "),
                    self.badge(claim), nodes.Text(" ")]
            item = nodes.list_item("", *self.prose(claim["statement"], *lead))
            item += self.prose(claim["finding"])
            listing += item
        return [listing]


class Score(SphinxDirective):
    """One sentence: how many claims, and how they fared."""

    def run(self):
        self.env.note_dependency(str(CLAIMS))
        claims = load()
        found = [claim["verdict"] for claim in claims]
        counts = ", ".join(f"{found.count(verdict)} {text.lower()}" for verdict, text in VERDICTS.items())
        return [nodes.paragraph("", f"{len(claims)} claims treated so far: {counts}.")]


class Ledger(_Listing):
    """Every entry, with the filters that ``ledger.js`` drives."""

    def run(self):
        self.env.note_dependency(str(CLAIMS))
        claims = load()
        chapters = list(dict.fromkeys(claim["chapter"] for claim in claims))
        titles = {chapter: chapter.replace("-", " ").capitalize() for chapter in chapters}
        menus = {"source": SOURCES, "verdict": VERDICTS, "chapter": titles}
        fields = "".join(
            f'<label>{name.capitalize()} <select name="{name}"><option value="">all</option>'
            + "".join(f'<option value="{key.lower()}">{text}</option>' for key, text in options.items())
            + "</select></label>"
            for name, options in menus.items()
        )
        form = (f'<form class="ledger-filter" aria-label="Filter the ledger">{fields}'
                '<label>Words <input type="search" name="words"></label><output></output></form>')
        return [nodes.raw("", form, format="html"), *(self.entry(claim) for claim in claims)]

    def entry(self, claim):
        target = label(claim["id"])
        classes = ["claim", f"source-{claim['id'][0].lower()}", f"verdict-{claim['verdict']}",
                   f"chapter-{claim['chapter']}"]
        entry = nodes.container(ids=[target], classes=classes)
        standard = self.env.get_domain("std")
        standard.anonlabels[target] = (self.env.docname, target)
        standard.labels[target] = (self.env.docname, target, claim["id"])
        head = nodes.paragraph(classes=["claim-head"])
        head += [nodes.strong("", claim["id"]), nodes.Text(" "), self.badge(claim), nodes.Text(" "),
                 nodes.inline("", f"{SOURCES[claim['id'][0]]}, {claim['where']}")]
        entry += head
        entry += self.prose(claim["statement"])
        entry += self.prose(claim["finding"])
        foot = nodes.paragraph(classes=["claim-foot"])
        foot += [nodes.Text("Worked out in "), link(claim["anchor"], claim["chapter"].replace("-", " "),
                 self.env.docname), nodes.Text(". Checked by ")]
        for i, check in enumerate(claim["checks"]):
            foot += [nodes.Text(", " if i else ""), nodes.literal("", check)]
        foot += nodes.Text(".")
        entry += foot
        return entry


def setup(app):
    app.add_role("claim", Claim())
    app.add_directive("div", Claims, override=True)
    app.add_directive("ledger", Ledger)
    app.add_directive("score", Score)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
