"""What a page wears: its typefaces in one style sheet, its icons drawn, and no rule that no page uses.

Text and formulas are set in fonts that stand inside the style sheet ``type.css``. A page is then drawn once, in its
own type, instead of being drawn in another and shifting when the fonts arrive; it also works from a file.
"""

import base64
import re
import shutil
from pathlib import Path
from urllib.parse import quote

import pydata_sphinx_theme
from formulas import KATEX
from sphinx.errors import ExtensionError

TEXT = KATEX.parents[1] / "@fontsource" / "source-serif-4" / "files"
FACES = {"400-normal": (400, "normal"), "400-italic": (400, "italic"), "600-normal": (600, "normal")}
# The faces of nearly every formula; the others load when a page needs one.
EVERYWHERE = {"KaTeX_Main-Regular", "KaTeX_Math-Italic", "KaTeX_Size1-Regular", "KaTeX_Size2-Regular"}
THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"
# A browser asks for a font when it has drawn the first word in another, so the head of the page asks before.
ASK = "for (const face of {}) document.fonts.load(face);"
SETTINGS = ["1em 'Source Serif 4'", "italic 1em 'Source Serif 4'", "600 1em 'Source Serif 4'", "1em KaTeX_Main",
            "italic 1em KaTeX_Math", "1em KaTeX_Size1", "1em KaTeX_Size2"]
UNUSED = ("scripts/fontawesome.js", "scripts/fontawesome.js.map", "vendor/fontawesome")


# ---- type ----

def embedded(font):
    return f"url(data:font/woff2;base64,{base64.b64encode(font.read_bytes()).decode()})"


def typefaces():
    """The style sheet of text and formulas; fonts that it does not hold are expected beside it in ``fonts/``."""
    def source(match):
        face = match[1]
        font = KATEX / "fonts" / f"{face}.woff2"
        return f"src:{embedded(font) if face in EVERYWHERE else f'url(fonts/{face}.woff2)'} format('woff2')}}"

    text = [
        f"@font-face{{font-family:'Source Serif 4';font-weight:{weight};font-style:{style};font-display:block;"
        f"src:{embedded(TEXT / f'source-serif-4-latin-{name}.woff2')} format('woff2')}}"
        for name, (weight, style) in FACES.items()
    ]
    formulas = (KATEX / "katex.min.css").read_text(encoding="utf-8")
    return "\n".join(text) + re.sub(r"src:url\(fonts/([\w-]+)\.woff2\)[^}]*\}", source, formulas)


def write_typefaces(app):
    if app.builder.format != "html":
        return
    if not (KATEX.is_dir() and TEXT.is_dir()):
        raise ExtensionError(f"no fonts in {KATEX.parents[1]}: 'npm ci' puts them there, and 'make book' runs it")
    static = Path(app.outdir) / "_static"
    (static / "fonts").mkdir(parents=True, exist_ok=True)
    (static / "type.css").write_text(typefaces(), encoding="utf-8")
    for font in (KATEX / "fonts").glob("*.woff2"):
        if font.stem not in EVERYWHERE:
            (static / "fonts" / font.name).write_bytes(font.read_bytes())


# ---- rules ----

def rules(css):
    """The top-level rules of a style sheet, comments left out, as pairs of prelude and body.

    The body of a statement such as ``@import`` is None.
    """
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    start, depth, opened = 0, 0, 0
    for token in re.finditer(r"""\\.|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[{};]""", css):
        if token[0] == "{":
            depth += 1
            if depth == 1:
                opened = token.end()
        elif token[0] == "}":
            depth -= 1
            if depth == 0:
                yield css[start : opened - 1].strip(), css[opened : token.start()]
                start = token.end()
        elif token[0] == ";" and depth == 0:
            yield css[start : token.start()].strip(), None
            start = token.end()


def parts(prelude):
    """The selectors of a rule."""
    return [selector.strip() for selector in re.split(r",(?![^(]*\))", prelude)]


def classes(selector):
    """The classes that an element must have, its ancestors included, for a selector to match."""
    selector = re.sub(r"\[[^\]]*\]", "", selector)
    while "(" in selector:  # what :not(), :is() and their like say need not hold
        selector, found = re.subn(r"\([^()]*\)", "", selector)
        if not found:
            break
    return {name.replace("\\", "") for name in re.findall(r"\.((?:[\w-]|\\.)+)", selector)}


def trimmed(css, used):
    """A style sheet without the rules that need a class which no page uses.

    Parameters
    ----------
    css : str
    used : set of str
        The classes of all pages, and every word of their scripts: a script may give a class.

    Returns
    -------
    str
    """
    kept = []
    for prelude, body in rules(css):
        if body is None:
            kept.append(f"{prelude};")
        elif prelude.startswith(("@media", "@supports")):
            inner = trimmed(body, used)
            kept += [f"{prelude}{{{inner}}}"] if inner else []
        elif prelude.startswith("@"):
            kept.append(f"{prelude}{{{body}}}")
        else:
            selectors = [selector for selector in parts(prelude) if classes(selector) <= used]
            kept += [f"{','.join(selectors)}{{{body}}}"] if selectors else []
    return "".join(kept)


DARK, LIGHT = re.compile(r"\[data-theme=[\"']?dark[\"']?\]"), re.compile(r"\[data-theme=[\"']?light[\"']?\]")


def on_paper(css):
    """A style sheet whose dark theme is for screens, and whose light theme is also for what a dark page prints."""
    kept = []
    for prelude, body in rules(css):
        if body is None:
            kept.append(f"{prelude};")
        elif prelude.startswith(("@media", "@supports")):
            kept.append(f"{prelude}{{{on_paper(body)}}}")
        elif prelude.startswith("@") or "data-theme" not in prelude:
            kept.append(f"{prelude}{{{body}}}")
        else:
            selectors = parts(prelude)
            dark = [selector for selector in selectors if DARK.search(selector)]
            plain = [selector for selector in selectors if selector not in dark]
            light = [LIGHT.sub("[data-theme=dark]", selector) for selector in plain if LIGHT.search(selector)]
            for some, where in (plain, "{}"), (dark, "@media screen{{{}}}"), (light, "@media print{{{}}}"):
                kept += [where.format(f"{','.join(some)}{{{body}}}")] if some else []
    return "".join(kept)


# ---- icons ----

ICON = re.compile(r'((?:\.fa-[\w-]+:before,?)+)\{content:"[^"]*"\}')


def drawing(name):
    """An icon of the theme as an address, from the script that the theme would draw it with."""
    script = (THEME / "scripts" / "fontawesome.js").read_text(encoding="utf-8")
    found = re.search(rf'[{{,]"?{re.escape(name)}"?:\[(\d+),(\d+),\[[^\]]*\],"\w+","([^"]+)"\]', script)
    if not found:
        raise ExtensionError(f"the theme has no icon {name!r}")
    width, height, path = found.groups()
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'><path d='{path}'/></svg>"
    return f"url(\"data:image/svg+xml,{quote(svg, safe=' =:/')}\")"


def drawn(css):
    """A style sheet of the theme whose icons are drawn, each in the colour of its text, and not set in a font."""
    css = re.sub(r"@font-face\{[^}]*Awesome[^}]*\}", "", css)

    def mask(match):
        names = re.findall(r"\.fa-([\w-]+):before", match[1])
        return ",".join(f".fa-{name}" for name in names) + f"{{--icon:{drawing(names[0])}}}"

    return ICON.sub(mask, css) + (
        '[class*="fa-"]:before{content:"";display:inline-block;width:1em;height:1em;vertical-align:-.125em;'
        "background:currentcolor;mask:var(--icon) center/contain no-repeat}"
        "@media(forced-colors:active){[class*=\"fa-\"]:before{background:CanvasText}}"
    )


# ---- the built site ----

DONE = "/* without the rules that no page needs */"


def finish(app, failure):
    """Take from the theme's style sheets and files what no page of the built site uses."""
    if failure or app.builder.format != "html":
        return
    site = Path(app.outdir)
    static = site / "_static"
    used = set()
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        used |= {name for names in re.findall(r'class="([^"]*)"', text) for name in names.split()}
        used |= {word for script in re.findall(r"<script[^>]*>(.+?)</script>", text, re.S)
                 for word in re.findall(r"[\w-]+", script)}
    unused = [static / name for name in UNUSED]
    for script in site.rglob("*.js"):
        if script not in unused:
            used |= set(re.findall(r"[\w-]+", script.read_text(encoding="utf-8")))
    for sheet in static.rglob("*.css"):
        css = sheet.read_text(encoding="utf-8")
        if css.startswith(DONE):  # Sphinx had nothing to write, so it left the sheet as it was
            continue
        notices = re.findall(r"/\*!.*?\*/", css, re.S)  # of licence
        ours = sheet.name in app.config.html_css_files or sheet.parent.name == "widgets"
        css = on_paper(css if ours else trimmed(css, used))
        if sheet.name == "pydata-sphinx-theme.css":
            css = drawn(css)
        sheet.write_text("\n".join([DONE, *notices, css]), encoding="utf-8")
    for file in unused:
        if file.is_dir():
            shutil.rmtree(file)
        else:
            file.unlink(missing_ok=True)


def setup(app):
    app.add_css_file("type.css", priority=400)
    app.add_js_file(None, body=ASK.format(SETTINGS), priority=100)
    app.connect("builder-inited", write_typefaces)
    app.connect("build-finished", finish, priority=900)  # after the theme, which writes its colours of code last
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
