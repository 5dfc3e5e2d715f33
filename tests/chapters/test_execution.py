"""A chapter is executed anew when what it computes from has changed, and not otherwise.

Tried on a book of three chapters, with a package of its own, so that every kind of change can be made to it.
"""

import importlib
import inspect
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import execution
import pytest
from pages import NOTEBOOKS, PAGES, ROOT

CHAPTERS = {
    "figure": "from olsattn import slope",
    "widget": "from olsattn.widgets import Dial\n```\n\nThen:\n\n```{code-cell}\nDial",
    "run": "import numpy\nopen('../data/long-run.csv').read()",
}
FILES = {
    "requirements.txt": "# Pins\nnumpy==2.4.6  # via olsattn\n",
    "olsattn/__init__.py": "from olsattn.least_squares import slope\n",
    "olsattn/least_squares.py": "def slope():\n    from ._arrays import mean\n    return mean([1, 2])\n",
    "olsattn/_arrays.py": "def mean(x):\n    return sum(x) / len(x)\n",
    "olsattn/datasets.py": "def table(name='rates.csv'):\n    return f'data/{name}'\n",
    "olsattn/data/rates.csv": "1,2\n",
    "olsattn/data/unused.csv": "3,4\n",
    "olsattn/roles.css": ":root { --role-query: #123456; }\n",
    "olsattn/widgets/__init__.py": "from olsattn.widgets.dial import Dial\nfrom olsattn.widgets.chart import Chart\n",
    "olsattn/widgets/base.py": "class Widget:\n    pass\n",
    "olsattn/widgets/dial.py": "from olsattn import datasets\nfrom olsattn.widgets.base import Widget\n\n\n"
                               "class Dial(Widget):\n    rates = datasets.table()\n",
    "olsattn/widgets/chart.py": "from olsattn.widgets.base import Widget as Chart\n",
    "olsattn/widgets/dial.js": "export default {};\n",
    "book/data/long-run.csv": "5,6\n",
    "book/_static/book.css": "p { margin: 0; }\n",
}
COMPUTED_FROM = {  # the chapters that a file concerns
    "olsattn/__init__.py": {"figure", "widget"},  # importing olsattn.widgets runs it
    "olsattn/least_squares.py": {"figure"},
    "olsattn/_arrays.py": {"figure"},
    "olsattn/widgets/__init__.py": {"widget"},
    "olsattn/widgets/base.py": {"widget"},
    "olsattn/widgets/dial.py": {"widget"},
    "olsattn/datasets.py": {"widget"},
    "olsattn/data/rates.csv": {"widget"},
    "book/data/long-run.csv": {"run"},
}


@pytest.fixture
def book(tmp_path):
    head = "---\njupytext:\n  text_representation:\n    extension: .md\n    format_name: myst\n" \
           "kernelspec:\n  display_name: Python 3\n  language: python\n  name: python3\n---\n\n"
    chapters = {f"book/part/{name}.md": f"{head}# {name.title()}\n\n```{{code-cell}}\n:name: first\n{code}\n```\n"
                for name, code in CHAPTERS.items()}
    for name, text in {**FILES, **chapters}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def fingerprints(book):
    return {name: execution.fingerprint((book / f"book/part/{name}.md").read_text(), book) for name in CHAPTERS}


@pytest.mark.parametrize("change", ["edit", "delete"])
@pytest.mark.parametrize("file", [name for name in FILES if name != "requirements.txt"])
def test_a_file_concerns_the_chapters_that_compute_from_it(book, file, change):
    before = fingerprints(book)
    if change == "edit":
        (book / file).write_text((book / file).read_text() + "\n")
    else:
        (book / file).unlink()
    after = fingerprints(book)
    assert {name for name in CHAPTERS if before[name] != after[name]} == COMPUTED_FROM.get(file, set())


def test_pins_concern_all_chapters_and_their_comments_none(book):
    before, pins = fingerprints(book), book / "requirements.txt"
    pins.write_text(pins.read_text().replace("via olsattn", "via olsattn, scipy"))
    assert fingerprints(book) == before
    pins.write_text(pins.read_text().replace("2.4.6", "2.4.7"))
    assert all(mark != before[name] for name, mark in fingerprints(book).items())


@pytest.mark.parametrize("face", ["def __getattr__(name):\n    ...\n", "from olsattn.widgets.dial import *\n"])
def test_where_a_package_hides_what_it_passes_on_all_of_it_counts(book, face):
    (book / "olsattn/widgets/__init__.py").write_text(face)
    before = fingerprints(book)
    (book / "olsattn/widgets/chart.py").write_text("Chart = 1\n")
    assert {name for name, mark in fingerprints(book).items() if mark != before[name]} == {"widget"}


def test_a_cell_or_module_with_an_error_is_left_to_its_execution(book):
    (book / "olsattn/least_squares.py").write_text("def slope(:\n")
    (book / "book/part/run.md").write_text((book / "book/part/run.md").read_text().replace("import", "import import"))
    assert len(set(fingerprints(book).values())) == 3


def build(book):
    """Build the small book; which chapters were executed."""
    command = [Path(sys.executable).with_name("jupyter-book"), "build", ".", "-W", "--keep-going"]
    run = subprocess.run(command, cwd=book, env={**os.environ, "PYTHONPATH": str(book)}, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return set(re.findall(r"book/part/(\w+)\.md: Executed notebook", run.stdout))


def test_the_build_executes_these_chapters_and_no_others(book):
    """Four builds: a new book, a module edited, a script edited and the module as before, the module deleted."""
    (book / "_toc.yml").write_text("format: jb-book\nroot: book/part/figure\nchapters:\n  - file: book/part/widget\n")
    (book / "_config.yml").write_text(
        "only_build_toc_files: true\nexecute: {execute_notebooks: cache}\n"
        "sphinx: {local_extensions: {execution: book/_extensions}}\n")
    (book / "book/_extensions").mkdir()
    shutil.copy(execution.__file__, book / "book/_extensions")
    dial = book / "olsattn/widgets/dial.py"
    was = dial.read_text()
    assert build(book) == {"figure", "widget"}
    dial.write_text(was + "\n    size = 3\n")
    assert build(book) == {"widget"}
    dial.write_text(was)
    (book / "olsattn/roles.css").write_text("")
    (book / "olsattn/widgets/dial.js").unlink()
    assert build(book) == set()  # the cache still has what the module as it was gave
    dial.rename(book / "olsattn/widgets/knob.py")
    (book / "olsattn/widgets/__init__.py").write_text("from olsattn.widgets.knob import Dial\n")
    assert build(book) == {"widget"}


# ---- this book ----

def test_every_data_file_is_known_to_a_chapter():
    """A file that is read by a name put together in a way that `execution.data` does not see would be missed."""
    endings = ("*.csv", "*.csv.gz")
    kept = {file for folder in execution.DATA for ending in endings for file in (ROOT / folder).rglob(ending)}
    known = set().union(*(execution.sources(PAGES[name].read_text()) for name in NOTEBOOKS))
    assert kept and kept <= known, f"no chapter seems to read {kept - known}"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_what_a_chapter_takes_from_the_package_is_found(name):
    """Each thing that a chapter imports is defined in a file that the chapter is known to depend on."""
    text = PAGES[name].read_text()
    files = execution.sources(text)
    for module, thing in re.findall(r"^from (olsattn[\w.]*) import \(?(\w+)", text, re.MULTILINE):
        found = getattr(importlib.import_module(module), thing, None) or importlib.import_module(f"{module}.{thing}")
        if inspect.ismodule(found) or hasattr(found, "__module__"):
            assert ROOT.joinpath(inspect.getsourcefile(inspect.unwrap(found))) in files, f"{thing} comes from elsewhere"
