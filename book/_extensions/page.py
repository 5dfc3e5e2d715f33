"""The head of a page, and what the theme's markup leaves out or contradicts, mended as the page is written."""

import html
import re
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from docutils import nodes
from formulas import JOINER, typeset
from site_search import formula
from sphinx.jinja2glue import BuiltinTemplateLoader

IMAGE = ("_static/dial-explorer.png", "The dial explorer: patients sized by weight, and the curve of their predictions")
TITLES = {"search": "Search", "genindex": "Index"}

MENDS = [
    # One viewport is enough; docutils adds its own.
    (r'(<meta name="viewport"[^>]*>)\s*<meta name="viewport"[^>]*>', r"\1"),
    # The theme is known before the first word is drawn, and without scripts it is light.
    (r'data-theme="auto"', 'data-theme="light"'),
    (r'dataset\.theme = localStorage\.getItem\("theme"\) \|\| "auto"', "dataset.theme = "
     '(mode => mode && mode !== "auto" ? mode : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")'
     '(localStorage.getItem("mode"))'),
    # Nothing that is needed to read the page waits for these. The options are spoken to in line, so they stay.
    (r'<script src="(?![^"]*documentation_options)', '<script defer src="'),
    # Icons say nothing: what they stand for is said by the text or the label beside them.
    (r'<(i|span) class="((?:theme-switch )?fa[a-z]? ?-?[^"]*)"([^>]*?)(?: title="[^"]*")?>',
     r'<\1 class="\2"\3 aria-hidden="true">'),
    # A visible name and another label confuse those who speak to their computer: what is seen holds.
    (r'(<button class="btn search-button-field[^>]*?) aria-label="[^"]*"', r"\1"),
    (r'<summary aria-label="Toggle hidden content">', "<summary>"),
    (r'<summary>(?=<span class="toctree-toggle")', '<summary aria-label="Show or hide the pages below">'),
    # What follows a short formula stays on its line.
    (rf"{JOINER}([^\w\s<]*)", r"\1</span>"),
    # Roles that do not hold, and one that is missing.
    (r'<div role="list" class="citation-list">', '<div class="citation-list">'),
    (r'(<div class="citation"[^>]*?) role="doc-biblioentry"', r"\1"),
    (r'<div id="pst-primary-sidebar" ', r'\g<0>role="region" aria-label="Book" '),
]


class Templates(BuiltinTemplateLoader):
    """Sphinx's templates, with the mends applied to what they make."""

    def render(self, template, context):
        page = super().render(template, context)
        if page.lstrip().lower().startswith("<!doctype html"):
            for pattern, replacement in MENDS:
                page = re.sub(pattern, replacement, page)
        return page


# ---- what a search engine shows, and a message with a link to the page ----

def plain(node):
    """The text of a node, its formulas in one line of letters and signs."""
    leaves = node.findall(lambda n: isinstance(n, nodes.math) or type(n) is nodes.Text)
    words = "".join(in_line(leaf.astext()) if isinstance(leaf, nodes.math) else leaf.astext()
                    for leaf in leaves if not isinstance(leaf.parent, nodes.math))
    return " ".join(words.split())


def in_line(tex):
    markup, _ = typeset(tex)
    return formula(BeautifulSoup(markup, "html.parser").math) if markup else tex


def description(doctree):
    """The first paragraph of a page, cut to some 200 characters at the end of a word."""
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section):
            text = plain(paragraph)
            return text if len(text) <= 200 else text[:200].rsplit(" ", 1)[0].rstrip(",;:") + " …"
    return None


def add_share_tags(app, name, template, context, doctree):
    book, base = app.config.html_title, app.config.html_baseurl
    title = html.unescape(re.sub(r"<[^>]*>", "", context.get("title") or TITLES.get(name, name)))
    text = (doctree and description(doctree)) or f"{title}: {book}"
    image, words = IMAGE
    context["share_tags"] = [
        ("description", text), ("og:title", title), ("og:description", text), ("og:site_name", book),
        ("og:type", "article"), ("og:url", f"{base}{app.builder.get_target_uri(name)}"),
        ("og:image", f"{base}{image}"), ("og:image:alt", words), ("twitter:card", "summary_large_image"),
    ]


def complete(app, config):
    """The site is at the address that GitHub Pages gives to the repository, unless it is told another."""
    config.template_bridge = "page.Templates"
    if not config.html_baseurl:
        owner, name = urlsplit(config.html_theme_options["repository_url"]).path.strip("/").split("/")
        config.html_baseurl = f"https://{owner}.github.io/{name}/"


def setup(app):
    app.connect("config-inited", complete)
    app.connect("html-page-context", add_share_tags)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
