"""``{map}``: the parts of ``book/map.yml`` with their chapters from ``_toc.yml``, under its content, a formula."""

from pathlib import Path

import yaml
from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

LOG = logging.getLogger(__name__)
PARTS = Path(__file__).parents[1] / "map.yml"
TOC = Path(__file__).parents[2] / "_toc.yml"
NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


class Map(SphinxDirective):
    has_content = True

    def run(self):
        parts, written = self.read(PARTS), {}
        for part in self.read(TOC)["parts"]:
            if part.get("numbered"):
                written[part["caption"]] = [chapter["file"] for chapter in part["chapters"]]
        lost = set(written) - {part["caption"] for part in parts}
        if lost:
            LOG.warning("parts of %s that are not in %s: %s", TOC.name, PARTS.name, sorted(lost),
                        location=self.get_location())
        head = nodes.container(classes=["book-map-formula"])
        self.state.nested_parse(self.content, self.content_offset, head)
        items = [self.part(numeral, part, written.get(part["caption"], ()))
                 for numeral, part in zip(NUMERALS, parts, strict=False)]
        return [nodes.container("", head, nodes.bullet_list("", *items), classes=["book-map"])]

    def read(self, file):
        self.env.note_dependency(str(file))
        return yaml.safe_load(file.read_text(encoding="utf-8"))

    def part(self, numeral, part, chapters):
        box = nodes.container("", nodes.paragraph("", "", nodes.strong("", f"{numeral}  {part['caption']}")),
                              classes=["book-map-part"] if chapters else ["book-map-part", "planned"])
        self.state.nested_parse([part["about"]], self.lineno, box)
        if chapters:
            box += nodes.bullet_list("", *map(self.chapter, chapters))
        return nodes.list_item("", box)

    def chapter(self, document):
        link = addnodes.pending_xref("", nodes.inline("", document), refdomain="std", reftype="doc",
                                     reftarget=f"/{document}", refexplicit=False, refwarn=True,
                                     refdoc=self.env.docname)
        return nodes.list_item("", nodes.paragraph("", "", link))


def setup(app):
    app.add_directive("map", Map)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
