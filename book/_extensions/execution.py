"""Which chapters are executed anew: those whose own code has changed, or what that code computes from.

MyST-NB keeps executed chapters in a cache whose key is a chapter's code and kernel. This extension adds to the key a
fingerprint of what the code computes from: the modules of ``olsattn`` that it imports, at first or second hand, the
data files that it or they name, the pins, and the version of Python. Style sheets and scripts are not among them,
because a page takes those as they are when it is written.

As a program it builds the page of one chapter: ``python book/_extensions/execution.py masks``.
"""

import argparse
import ast
import hashlib
import re
import sys
from functools import cache
from importlib.util import resolve_name
from pathlib import Path

from jupyter_book.sphinx import build_sphinx
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from sphinx.errors import ExtensionError

ROOT = Path(__file__).parents[2]
PACKAGE = "olsattn"
DATA = ("book/data", f"{PACKAGE}/data")
PINS = "requirements.txt"
KERNEL = re.compile(r"^( +display_name: ).*$", re.MULTILINE)


# ---- what a chapter computes from ----

@cache
def parse(code):
    """The syntax tree of some code; nothing where there is an error, which its execution will report."""
    try:
        return ast.parse(code)
    except SyntaxError:
        return ast.Module([], [])


@cache
def imports(code, package=""):
    """Triples (module, name taken from it or None, name it gets), for all imports in some code of a package."""
    found = []
    for node in ast.walk(parse(code)):
        if isinstance(node, ast.Import):
            found += [(alias.name, None, alias.asname) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = resolve_name("." * node.level + (node.module or ""), package)
            found += [(module, alias.name, alias.asname or alias.name) for alias in node.names]
    return found


@cache
def words(code):
    """The texts that stand in some code."""
    return {node.value for node in ast.walk(parse(code))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def passed_on(folder, package, name):
    """Where a package gets a name from, so that a change of one widget does not concern those who take another."""
    if name and ((folder / f"{name}.py").is_file() or (folder / name).is_dir()):
        return [(f"{package}.{name}", None)]
    face = folder / "__init__.py"
    taken = imports(face.read_text("utf-8"), package) if face.is_file() else ()
    everything = [(f"{package}." + ".".join(file.relative_to(folder).with_suffix("").parts), None)
                  for file in folder.rglob("*.py")]
    return [(module, original) for module, original, alias in taken if original and alias == name] or everything


def modules(code, root):
    """The files of the package that some code imports, and these import."""
    files, seen, queue = set(), set(), [(module, name) for module, name, _ in imports(code)]
    while queue:
        module, name = queue.pop()
        if (module, name) in seen or module.split(".")[0] != PACKAGE:
            continue
        seen.add((module, name))
        path = root.joinpath(*module.split("."))
        files |= {folder / "__init__.py" for folder in (path, *path.parents) if folder.is_relative_to(root / PACKAGE)}
        file = path.with_suffix(".py")
        if path.is_dir():
            queue += passed_on(path, module, name)
        elif file.is_file():
            files.add(file)
            queue += [(other, taken) for other, taken, _ in imports(file.read_text("utf-8"), module.rpartition(".")[0])]
    return {file for file in files if file.is_file()}


def data(codes, root):
    """The data files that some code names."""
    named = set().union(*map(words, codes))
    files = [file for folder in DATA for file in (root / folder).rglob("*") if file.is_file() and file.suffix != ".py"]
    return {file for file in files if any(file.name in word for word in named)}


def sources(text, root=ROOT):
    """The files that a chapter, given as its text, computes from."""
    cells = read_myst_markdown_notebook(text).cells
    codes = [cell.source for cell in cells if cell.cell_type == "code"]
    files = set().union(*(modules(code, root) for code in codes))
    return files | data([*codes, *(file.read_text("utf-8") for file in files)], root)


def fingerprint(text, root=ROOT):
    """A short name for the state of all that a chapter, given as its text, computes from."""
    digest = hashlib.sha256(sys.version.encode())
    digest.update("\n".join(re.findall(r"^[^#\s]+", (root / PINS).read_text("utf-8"), re.MULTILINE)).encode())
    for file in sorted(sources(text, root)):
        digest.update(f"\n{file.relative_to(root).as_posix()}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


# ---- the extension ----

def current(env, docname):
    return fingerprint(Path(env.doc2path(docname)).read_text("utf-8"))


def outdated(app, env, added, changed, removed):
    """Pages that Sphinx would leave alone, and that what they compute from has overtaken."""
    return [name for name, mark in env.fingerprints.items() if name in env.found_docs and current(env, name) != mark]


def stamp(app, docname, source):
    """Put the fingerprint where the cache looks for its key: into the name of the kernel, which no page shows."""
    if is_myst_markdown_notebook(source[0]):
        mark = app.env.fingerprints[docname] = current(app.env, docname)
        source[0], count = KERNEL.subn(rf"\g<1>{mark}", source[0], count=1)
        if not count:
            raise ExtensionError(f"{docname}: the front matter names no kernel (kernelspec, display_name)")


def remember(app):
    app.env.fingerprints = getattr(app.env, "fingerprints", {})


def setup(app):
    app.connect("builder-inited", remember)
    app.connect("env-get-outdated", outdated)
    app.connect("source-read", stamp)
    return {"parallel_read_safe": False}


# ---- one chapter ----

def main():
    names = re.findall(r"^\s*- file: (\S+)$", (ROOT / "_toc.yml").read_text("utf-8"), re.MULTILINE)
    executed = [name for name in names if is_myst_markdown_notebook((ROOT / f"{name}.md").read_text("utf-8"))]
    pages = {name.rpartition("/")[2]: name for name in executed}
    parser = argparse.ArgumentParser(description="Build the page of one chapter.")
    parser.add_argument("name", choices=pages)
    page = pages[parser.parse_args().name]
    # All pages are read, for their labels and numbers, but only this one is executed: by itself they are half-read,
    # so they are kept apart from those of the book. The cache of executed chapters is shared.
    build = ROOT / "_build" / "chapter"
    options = {
        "external_toc_path": str(ROOT / "_toc.yml"),
        "latex_individualpages": False,
        "nb_execution_cache_path": str(ROOT / "_build" / ".jupyter_cache"),
        "nb_execution_excludepatterns": [f"{other}.md" for other in executed if other != page],
    }
    failed = build_sphinx(ROOT, build / "html", path_config=ROOT / "_config.yml", noconfig=True, confoverrides=options,
                          filenames=[str(ROOT / f"{page}.md")], quiet=True)
    print(build.relative_to(ROOT) / "html" / f"{page}.html")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
