"""What the tests of the text and of the site share: the pages of the table of contents, as notebooks."""

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import jupytext
import yaml

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "_build"


def toc_files(node):
    """All files of ``_toc.yml``, in order."""
    if isinstance(node, list):
        return [file for item in node for file in toc_files(item)]
    if isinstance(node, dict):
        return [node[k] for k in ("root", "file") if k in node] + toc_files([v for v in node.values()])
    return []


TOC = yaml.safe_load((ROOT / "_toc.yml").read_text())
PAGES = {name.rsplit("/", 1)[-1]: ROOT / f"{name}.md" for name in toc_files(TOC)}
CHAPTERS = [name.rsplit("/", 1)[-1] for part in TOC["parts"] if part.get("numbered") for name in toc_files(part)]
NOTEBOOKS = [name for name, path in PAGES.items() if "{code-cell}" in path.read_text()]


def read(name):
    return jupytext.read(PAGES[name])


def code_cells(name):
    return [cell for cell in read(name).cells if cell.cell_type == "code"]


def labels(name):
    """MyST labels that a page defines."""
    return set(re.findall(r"^\(([\w-]+)\)=$", PAGES[name].read_text(), re.M))



def load_extension(name):
    """A module of ``book/_extensions``."""
    spec = spec_from_file_location(name, ROOT / "book" / "_extensions" / f"{name}.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
