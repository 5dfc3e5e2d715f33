"""Pages with widgets: what is displayed is embedded, and scripts are files of the site, the kit's once for all pages.

MyST-NB embeds the state of every widget that a page has made, displayed or not, with its script and style. Here a page
keeps the traits of those that it shows; the scripts are written at each build from the sources as they are, so that
an edit of one needs no new execution of a chapter. They are classic scripts that define modules as functions, for a
page opened by double click may not import files.
"""

import json
import re
from pathlib import Path

from docutils import nodes
from sphinx.util import logging

from olsattn.widgets import attention_viewer, base

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = re.compile(r'<script type="application/vnd\.jupyter\.widget-view\+json">(.*?)</script>', re.DOTALL)
OURS = re.compile(r"olsattn\.widgets\.(\w+)\.\w+")
EARLY = 100  # before whatever else a page loads
log = logging.getLogger(__name__)


def literal(value):
    """A value as JSON that may stand in a script: a ``<`` in it must not end the script."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def page_state(models, shown):
    """The state that a page embeds, from MyST-NB's: of each displayed widget its module and its traits.

    Raises ``LookupError`` where one is not of this package: the host of the page has no module for it.
    """
    kept = {}
    for model in shown:
        state = models.get(model, {}).get("state", {})
        ours = OURS.fullmatch(state.get("_anywidget_id", ""))
        if not ours:
            raise LookupError(f"a page cannot show {state.get('_anywidget_id') or 'a widget'} that is not of olsattn")
        traits = {name: value for name, value in state.items() if name[0] != "_" and not is_model(value)}
        kept[model] = {"module": f"{ours[1]}.js", "class": state["_anywidget_id"], "state": traits}
    return kept


def is_model(value):
    return isinstance(value, str) and value.startswith("IPY_MODEL_")


def scripts():
    """The files that a site needs for its widgets: name -> text."""
    kit, entries = {}, {}
    for path in sorted(base.FOLDER.rglob("*.js")):
        name = path.relative_to(base.FOLDER).as_posix()
        if name.startswith("kit/"):
            kit |= base.modules(name)
        elif name != "loader.js":
            entries[name] = base.modules(name)[name]
    start = f"globalThis.olsattn = {base.loader()}{''.join(kit.values())}"
    weights = attention_viewer.weights_text()  # large: a page fetches it when its reader asks
    entries["language_model.data.js"] = f"(olsattn.data ??= {{}}).language_model = {literal(weights)};\n"
    return {"kit.js": start, "kit.css": (base.FOLDER / "kit" / "kit.css").read_text(encoding="utf-8"), **entries}


def write_scripts(app):
    if app.builder.format != "html":
        return
    folder = Path(app.outdir) / "_static" / "widgets"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in scripts().items():
        (folder / name).write_text(text, encoding="utf-8")


def keep_what_is_shown(app, doctree):
    """Once a document is read: the widget state that MyST-NB has noted for its page, cut to what it displays."""
    noted = getattr(app.env, "nb_metadata", {}).get(app.env.docname, {}).get("js_files", {})
    if "ipywidgets_state" not in noted:
        return
    _, options = noted.pop("ipywidgets_state")
    views = [found for raw in doctree.findall(nodes.raw) for found in VIEW.findall(raw.astext())]
    try:
        kept = page_state(json.loads(options["body"])["state"], [json.loads(view)["model_id"] for view in views])
    except LookupError as error:
        log.warning(str(error), location=app.env.docname, type="widgets")
        return
    if kept:
        noted["ipywidgets_state"] = None, {"type": STATE, "body": literal({"state": kept})}
        app.env.metadata[app.env.docname]["widgets"] = sorted({entry["module"] for entry in kept.values()})


def add_scripts(app, pagename, templatename, context, doctree):
    """The scripts of a page's widgets come first and are deferred: they run in order once the page is read."""
    modules = app.env.metadata.get(pagename, {}).get("widgets", [])
    if not modules:
        return
    app.add_css_file("widgets/kit.css")
    for name in ("widgets/kit.js", *(f"widgets/{module}" for module in modules), "widget-host.js"):
        app.add_js_file(name, priority=EARLY, loading_method="defer")


def setup(app):
    app.connect("builder-inited", write_scripts)
    app.connect("doctree-read", keep_what_is_shown)
    app.connect("html-page-context", add_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
