"""``{map}``: the plane of ``book/map.yml``, with the chapters of ``_toc.yml`` at their places."""

from pathlib import Path

import yaml
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

LOG = logging.getLogger(__name__)
PLANE = Path(__file__).parents[1] / "map.yml"
TOC = Path(__file__).parents[2] / "_toc.yml"


class Map(SphinxDirective):
    def run(self):
        plane, files = self.read(PLANE), {}
        numbered = set()
        for part in self.read(TOC)["parts"]:
            for chapter in part["chapters"]:
                name = chapter["file"].rsplit("/", 1)[-1]
                files[name] = chapter["file"]
                numbered |= {name} if part.get("numbered") else set()
        placed = [name for place in plane["places"] for name in place.get("chapters", ())]
        wrong = {*(numbered - set(placed)), *(set(placed) - set(files)), *(n for n in placed if placed.count(n) > 1)}
        if wrong:
            LOG.warning("%s must place each chapter of %s once: %s", PLANE.name, TOC.name, sorted(wrong),
                        location=self.get_location())
        lines = [":::{list-table}", ":header-rows: 1", ":stub-columns: 1", ":class: book-map",
                 ":widths: 18 32 22 28", ""]
        lines += row(["where $\\Omega$ comes from", *plane["across"]])
        for down, name in enumerate(plane["down"]):
            cells = [[place for place in plane["places"] if place["at"] == [down, across]]
                     for across in range(len(plane["across"]))]
            lines += row([name, *(" ".join(self.place(place, files) for place in cell) for cell in cells)])
        box = nodes.container()
        self.state.nested_parse(StringList([*lines, ":::"], PLANE.name), self.content_offset, box)
        return box.children

    def read(self, file):
        self.env.note_dependency(str(file))
        return yaml.safe_load(file.read_text(encoding="utf-8"))

    def place(self, place, files):
        """A method, and links to its chapters, as MyST."""
        links = [f"[](/{files[name]}.md)" for name in place.get("chapters", ()) if name in files]
        kind = "place" if links else "planned"
        return " ".join([f"[{place['method']}]{{.{kind}}}", *links])


def row(cells):
    return [("* - " if k == 0 else "  - ") + cell for k, cell in enumerate(cells)]


def setup(app):
    app.add_directive("map", Map)
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
