"""The oldest NumPy and SciPy that pyproject.toml allows, which are also those of the browser: in an environment of
its own, made once (about half a minute), the tests and examples that need no other library."""

import ast
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".venv" / "oldest"
OLDEST = ["numpy==2.0.2", "scipy==1.14.1"]  # the last of 2.0 and 1.14
HERE = {"numpy", "scipy", "pytest", "hypothesis", "olsattn", "designs", *sys.stdlib_module_names}


def imported(path):
    """Modules that a file imports when it is imported itself."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def needs_only_numpy(path, seen=()):
    """Whether a file and the modules of olsattn that it imports do without other libraries."""
    for name in imported(path):
        if name.partition(".")[0] not in HERE:
            return False
        source = ROOT / Path(*name.split("."))
        for inner in (source.with_suffix(".py"), source / "__init__.py"):
            if name.startswith("olsattn.") and inner.exists() and inner not in seen:
                if not needs_only_numpy(inner, (*seen, inner)):
                    return False
    return True


@pytest.fixture(scope="module")
def oldest():
    """The interpreter of the environment, made anew when pyproject.toml or a pin has changed."""
    pins = [*OLDEST, *(f"{name}=={version(name)}" for name in ("pytest", "hypothesis"))]
    recipe, stamp = "\n".join([*pins, (ROOT / "pyproject.toml").read_text()]), ENVIRONMENT / "recipe.txt"
    python = ENVIRONMENT / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != recipe:
        subprocess.run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], check=True)
        # pip refuses what the bounds of the package exclude; its sources are those of the tree, by PYTHONPATH
        copy = ENVIRONMENT / "sources"
        shutil.copytree(ROOT / "olsattn", copy / "olsattn")
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, copy)
        made = subprocess.run([python, "-m", "pip", "install", "--quiet", *pins, copy], capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
        stamp.write_text(recipe)
    return python


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="NumPy 2.0 was not built for Python 3.13 and later")
def test_the_oldest_numpy_passes_what_needs_no_other_library(oldest):
    tests = [path for path in sorted((ROOT / "tests" / "package").glob("test_*.py"))
             if path != Path(__file__) and needs_only_numpy(path)]
    modules = [path for path in sorted((ROOT / "olsattn").rglob("*.py")) if needs_only_numpy(path)]
    # examples that call torch
    modules = [path for path in modules if path.name != "training.py"]
    assert len(tests) >= 4 and len(modules) >= 5, (tests, modules)
    run = subprocess.run([oldest, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", *tests, *modules], cwd=ROOT,
                         env={"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}, capture_output=True, text=True)
    print(run.stdout[-500:])
    assert run.returncode == 0 and "skipped" not in run.stdout, run.stdout[-5000:] + run.stderr
    passed = re.search(r"(\d+) passed", run.stdout)
    assert passed and int(passed[1]) > 100


def test_the_bounds_name_the_versions_that_are_tested():
    text = (ROOT / "pyproject.toml").read_text()
    for pin in OLDEST:
        name, number = pin.split("==")
        assert f'"{name}>={number.rpartition(".")[0]}"' in text
