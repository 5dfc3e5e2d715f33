"""The chapters keep their form, and were executed in this build without error."""

import re
import subprocess
from itertools import pairwise

import execution
import pytest
from jupyter_cache import get_cache
from pages import BUILD, CHAPTERS, NOTEBOOKS, PAGES, ROOT, code_cells, read


def folded(cell):
    """Whether a reader sees the code only on asking, or never."""
    return bool({"remove-input", "hide-input"} & set(cell.metadata.get("tags", [])))


def test_there_are_chapters():
    assert len(CHAPTERS) >= 3 and set(CHAPTERS) <= set(NOTEBOOKS)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_cells_are_short_and_checks_have_names(name):
    """A cell has at most 15 lines of 80 characters; what asserts has a name that the ledger can point to."""
    names = [cell.metadata["name"] for cell in code_cells(name) if "name" in cell.metadata]
    assert len(names) == len(set(names))
    visible = [cell for cell in code_cells(name) if not folded(cell)]
    assert len(visible) <= 12
    for cell in code_cells(name):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert len(lines) <= 15, f"{len(lines)} lines in the cell that starts {lines[0]!r}"
        assert max(map(len, lines)) <= 80, max(lines, key=len)
        asserts = any(line.strip().startswith("assert ") for line in lines)
        assert asserts == ("name" in cell.metadata), f"name and assert do not go together in {lines[0]!r}"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_each_cell_is_followed_by_a_sentence(name):
    """Two cells in a row leave the reader alone, unless the second only shows or checks what the first has made."""
    for first, second in pairwise(read(name).cells):
        if first.cell_type == second.cell_type == "code":
            assert folded(second), f"no words before {second.source[:60]!r}"


PARTS = ("*Why care.*", "\nAt the end of this chapter you can ", "\n## ", "\n## Exercises\n",
         "\n## Notes on the sources\n", "\n```{div}\n:class: claims\n", "\n## Summary\n", "\n*Next:* ")


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_has_all_its_parts_in_order(name):
    """The reader's question leads, and what others said of it comes after the exercises."""
    text = PAGES[name].read_text()
    assert f"({name})=\n# " in text, "a chapter is referred to by a label equal to its file name"
    places = [text.find(part) for part in PARTS]
    assert -1 not in places and places == sorted(places), dict(zip(PARTS, places, strict=True))
    opening = text[: text.index("\n## ")]
    assert "Explorer(" in opening or "name: fig-" in opening, "no picture and no widget in the first screen"
    prose = re.sub(r"```\{code-cell\}.*?```", "", opening.split("---", 2)[2], flags=re.S)
    assert len(prose.split()) < 300, "the first screen is too long"
    figures = re.findall(r'figure: \{name: (fig-[\w-]+), caption: "([^"]+)"', text)
    assert len(figures) >= 3 and all(len(caption.split()) > 9 for _, caption in figures)


@pytest.mark.parametrize("name", CHAPTERS)
def test_exercises_are_graded_and_about_half_are_solved(name):
    text = PAGES[name].read_text()
    exercises = re.findall(r"\{exercise(?:-start)?\}\n:label: (\S+)\n`*\n?(★*)", text)
    solved = re.findall(r"\{solution(?:-start)?\} (\S+)\n:class: dropdown", text)
    assert 3 <= len(exercises) <= 5 and all(stars for _, stars in exercises)
    assert exercises[0][1] == "★" and "★★★" in [stars for _, stars in exercises]
    assert set(solved) <= {label for label, _ in exercises} and 1 <= len(solved) < len(exercises)


@pytest.mark.parametrize("name", CHAPTERS)
def test_what_is_visible_shows_something(name):
    """Code that only prepares or checks is folded; what was executed has an output."""
    cache = get_cache(BUILD / ".jupyter_cache")
    records = [r for r in cache.list_cache_records() if r.uri.endswith(str(PAGES[name].relative_to(ROOT)))]
    executed = cache.get_cache_bundle(max(records, key=lambda r: r.accessed).pk).nb
    ran = [cell for cell in executed.cells if cell.cell_type == "code"]
    for cell, done in zip(code_cells(name), ran, strict=True):
        assert folded(cell) or done.outputs, f"visible and silent: {cell.source[:60]!r}"


#: Terms that are not statistics, with the chapter or page that explains each.
TERMS = {"Kronecker rank": "heads", "recursive least squares": "masks",
         "equivariant": "masks", "cumulant": "one-dial", "leverage": "double-life", "hat matrix": "double-life",
         "Hessian": "identification", "whitening": "whitening", "self-attention": "dictionary",
         "softmax": "transformer", "residual stream": "transformer",
         "layer norm": "transformer", "Adam": "transformer", "epoch": "transformer", "feed-forward": "transformer"}


def test_no_term_comes_before_its_explanation():
    """In the order of the book; what another page explains may be named there with a link."""
    order = ["transformer", *CHAPTERS]
    for term, home in TERMS.items():
        for name in order[: order.index(home)]:
            elsewhere = r"```\{code-cell\}.*?```|\{ref\}`[^`]*`|## Notes on the sources.*"
            prose = re.sub(elsewhere, "", PAGES[name].read_text(), flags=re.S)
            found = re.search(rf"\b{term}", prose)
            assert not found, f"{term!r} in {name} comes before {home}: {prose[found.start() - 60:found.end() + 20]!r}"


@pytest.mark.parametrize("name", list(PAGES))
def test_pictures_have_a_text_alternative(name):
    text = PAGES[name].read_text()
    assert not re.search(r"!\[\]\(", text) and "```{figure}" not in text.replace(":alt:", "")
    assert text.count("figures.show(") == len(re.findall(r"figures\.show\(\w+, alt=", text))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_chapter_was_executed_in_this_build(name, note):
    """The build ran every cell with the sources as they are now, none failed, none printed a wall of text."""
    cache, mark = get_cache(BUILD / ".jupyter_cache"), execution.fingerprint(PAGES[name].read_text("utf-8"))
    records = [r for r in cache.list_cache_records() if r.uri.endswith(str(PAGES[name].relative_to(ROOT)))]
    assert records, "not in the execution cache of this build"
    record = max(records, key=lambda r: r.accessed)
    note("seconds to execute a chapter", f"{record.data['execution_seconds']:6.1f}  {name}")
    notebook = cache.get_cache_bundle(record.pk).nb
    assert notebook.metadata.kernelspec.display_name == mark, "executed with other sources than those that are here"
    executed = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.source for cell in executed] == [cell.source for cell in code_cells(name)]
    for cell in executed:
        assert cell.execution_count
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text
            shown = output.get("text", output.get("data", {}).get("text/plain", ""))
            assert len(shown.splitlines()) <= 12, f"a wall of text from {cell.source[:60]!r}"


def test_the_address_of_the_repository_stands_in_one_place():
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    address = re.search(r"url: (https://github.com/\S+)", (ROOT / "_config.yml").read_text())[1]
    texts = {f: (ROOT / f).read_text(errors="ignore") for f in files if (ROOT / f).is_file()}
    assert [f for f, text in texts.items() if address.rsplit("/", 1)[0] in text] == ["_config.yml"]
