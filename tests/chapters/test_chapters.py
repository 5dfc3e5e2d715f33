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
    assert len(visible) <= 16
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


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_has_all_its_parts(name):
    text = PAGES[name].read_text()
    assert f"({name})=\n# " in text, "a chapter is referred to by a label equal to its file name"
    assert "At the end of this chapter you can " in text
    sources = "## Notes on the sources\n" if "## Notes on the sources\n" in text else "## What the papers say\n"
    for part in (f"\n{sources}", "\n```{div}\n:class: claims\n", "\n## Exercises\n", "\n## Summary\n"):
        assert part in text, f"{part!r} is missing"
    if "Notes" in sources:  # the reader's question leads, what others said comes after the exercises
        parts = ["*Why care.*", "## Exercises\n", sources, "## Summary\n", "*Next:*"]
        places = [text.index(part) for part in parts]
        assert places == sorted(places) and text.count("figure: {name: fig-") >= 3 and "★★★" in text
    exercises = re.findall(r"\{exercise\}\n:label: (\S+)", text)
    solved = re.findall(r"\{solution\} (\S+)\n:class: dropdown", text)
    assert 3 <= len(exercises) <= 5 and set(solved) <= set(exercises)
    assert 1 <= len(solved) < len(exercises), "some solutions are folded below, some are left to the reader"


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
