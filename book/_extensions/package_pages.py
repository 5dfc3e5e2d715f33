"""What autodoc leaves out of the pages about the package.

A module's page opens with a table of what is in it, and the package's page with a table of its modules. Signatures
show annotations as they are written. What a chapter imports names that chapter.
"""

import ast
import inspect
import pkgutil
import re
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from textwrap import dedent

PACKAGE = "olsattn"
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(?:---\n.*?^---\n|(?::[^\n]*\n)*)(.*?)^```$", re.MULTILINE | re.DOTALL)


def modules():
    """Return the public modules of the package."""
    found = pkgutil.iter_modules(import_module(PACKAGE).__path__)
    return [module.name for module in found if not module.name.startswith("_")]


def members(module):
    """Return the public functions and classes of a module, in the order of its source."""
    public = getattr(module, "__all__", None)
    return [name for name, value in vars(module).items() if inspect.isfunction(value) or inspect.isclass(value)
            if (name in public if public else value.__module__ == module.__name__ and not name.startswith("_"))]


def table(names):
    return ["", ".. autosummary::", "   :nosignatures:", "", *(f"   {name}" for name in names), ""]


# ---- which chapter uses what ----

def uses(source):
    """Return what a chapter's code takes from the package, as pairs (module, name) of where it is defined."""
    tree = ast.parse("\n".join(re.findall(CELL, source)))
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == PACKAGE:
            module = import_module(node.module)
            for alias in node.names:
                if not hasattr(module, alias.name):
                    import_module(f"{node.module}.{alias.name}")
                known[alias.asname or alias.name] = getattr(module, alias.name)
    found = [value for value in known.values() if not inspect.ismodule(value)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            value = known.get(node.value.id)
            found += [getattr(value, node.attr)] if inspect.ismodule(value) else []
    return {(value.__module__, value.__qualname__) for value in found if hasattr(value, "__qualname__")}


@cache
def users(sources):
    """Map what is defined in the package to the chapters that use it, in the order of the book."""
    found = {}
    for document, file in sources:
        for key in uses(Path(file).read_text(encoding="utf-8")):
            found.setdefault(key, []).append(document)
    return found


def chapters(app):
    documents = [name for name in app.config.external_site_map if name in app.env.found_docs]
    return tuple((name, app.env.doc2path(name)) for name in documents)


# ---- what autodoc asks ----

def complete(app, what, name, obj, options, lines):
    if what == "module":
        lines += table(modules() if name == PACKAGE else members(obj))
    elif what in {"function", "class"}:
        sources = chapters(app)
        for _, file in sources:
            app.env.note_dependency(file)
        found = users(sources).get((obj.__module__, obj.__qualname__))
        if found:
            links = ", ".join(f":doc:`/{document}`" for document in found)
            lines += ["", ".. container:: api-used", "", f"   Used in {links}.", ""]


class Constants(ast.NodeTransformer):
    """Put the values of constants in place of their names."""

    def __init__(self, obj):
        self.known = vars(sys.modules[obj.__module__])

    def visit_Name(self, node):
        return ast.Name(repr(self.known[node.id])) if node.id.isupper() and node.id in self.known else node


def written(obj):
    """Return the parameters and the result of a function as its source has them, or those of a dataclass."""
    node = Constants(obj).visit(ast.parse(dedent(inspect.getsource(obj))).body[0])
    if isinstance(node, ast.ClassDef):
        makers = [part for part in node.body if isinstance(part, ast.FunctionDef) and part.name == "__init__"]
        if not makers:
            fields = [part for part in node.body if isinstance(part, ast.AnnAssign)]
            for part in fields:  # field(repr=False) is no value
                part.value = None if isinstance(part.value, ast.Call) else part.value
            return f"({', '.join(map(ast.unparse, fields))})" if "__dataclass_fields__" in vars(obj) else "()", None
        node = makers[0]
    arguments = node.args
    if arguments.args and arguments.args[0].arg in {"self", "cls"}:
        arguments.args.pop(0)
    return f"({ast.unparse(arguments)})", node.returns and ast.unparse(node.returns)


def sign(app, what, name, obj, options, signature, result):
    if signature is not None and (inspect.isfunction(obj) or inspect.isclass(obj)):
        return written(obj)
    return None


def skip(app, what, name, obj, skip, options):
    """Constants are explained where they are used."""
    return True if name.isupper() else None


def setup(app):
    sys.path.insert(0, str(Path(__file__).parents[2]))
    app.setup_extension("sphinx.ext.autosummary")
    app.connect("autodoc-process-docstring", complete, priority=900)  # after napoleon
    app.connect("autodoc-process-signature", sign)
    app.connect("autodoc-skip-member", skip)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
