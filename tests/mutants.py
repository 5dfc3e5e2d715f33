"""How many small changes of the package the tests notice: mutmut, one module at a time, bounded in time.

    python tests/mutants.py                                  every module of olsattn but the widgets
    python tests/mutants.py olsattn/least_squares.py ...     some of them
    python tests/mutants.py --seconds 60                     at most about a minute for each

A module meets the files of tests/package that import it, and mutmut runs of them the tests that call the changed
function. Where the estimate exceeds the time, mutants are sampled with a fixed seed. What mutmut leaves alone:
decorated functions (properties, context managers) and lines outside functions. What is left out here: the wording
of messages, which includes the names that the checks of `_arrays` are given, and type arguments.
Work and results: _build/mutants/<module>.
"""

import argparse
import ast
import contextlib
import difflib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import libcst as cst
from mutmut.configuration import reset_config
from mutmut.mutation.file_mutation import create_mutations, deep_replace, group_by_top_level_node, mutate_file_contents

ROOT = Path(__file__).parents[1]
WORK = ROOT / "_build" / "mutants"
WORKERS = os.cpu_count() or 1
NOTICED = {1, 3, 36, 24, -24, 152, 255, -11, -9, 35}  # failed, ran out of time, crashed
WORDING = ("as_floats", "as_index", "same_size", "ValueError", "ImportError", "cast")
CONFIG = """
[tool.mutmut]
source_paths = ["olsattn"]
only_mutate = ["{module}"]
also_copy = ["book", "experiments"]
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = ["-o", "addopts=--strict-markers", "-p", "no:cacheprovider"]
use_git_change_detection = false
timeout_multiplier = 8.0
timeout_constant = 5.0
"""


def modules() -> list[str]:
    paths = (path.relative_to(ROOT) for path in sorted((ROOT / "olsattn").rglob("*.py")))
    return [str(path) for path in paths if "widgets" not in path.parts and path.name != "__init__.py"]


def imported(path: Path) -> set[str]:
    """Dotted names that a test file imports, with their parents: ``olsattn.memory.energies``, ``olsattn.memory``."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def matching_tests(module: str) -> list[str]:
    """The test file of the same name, and those that import the module or, for a part of it, its package."""
    dotted = module.removesuffix(".py").replace("/", ".")
    package = dotted.rpartition(".")[0]
    wanted = {dotted} if package == "olsattn" else {dotted, package}
    found = []
    for path in sorted((ROOT / "tests" / "package").glob("test_*.py")):
        named = path.stem == f"test_{Path(module).stem.lstrip('_')}"
        if named or (wanted & imported(path) and path.stem != "test_package"):
            found.append(str(path.relative_to(ROOT)))
    return found


def wording(tree: cst.Module) -> Iterator[cst.CSTNode]:
    """Nodes that only say something: arguments that are plain text, in calls that check or raise."""
    for node in walk(tree):
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value in WORDING:
            yield from (arg.value for arg in node.args if isinstance(arg.value, cst.BaseString))


def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from walk(child)


def describe(module: str, place: Path) -> dict[str, str]:
    """Names that mutmut gives to the mutants of a module that count, each with its difference from the source."""
    source = (place / module).read_text(encoding="utf-8")
    with contextlib.chdir(place):  # where mutmut looks for its settings
        reset_config()
        tree, mutations, _, _ = create_mutations(module, source)
        names = iter(mutate_file_contents(module, source).mutant_names)
    groups = group_by_top_level_node(mutations)
    said = {id(part) for node in wording(tree) for part in walk(node)}
    prefix = module.removesuffix(".py").replace("/", ".")
    found = {}
    for function in (node for node in functions(tree) if node in groups):
        for mutation in groups[function]:
            name = next(names)
            changed = deep_replace(tree, mutation.original_node, mutation.mutated_node)
            if id(mutation.original_node) in said or only_words(mutation, said):
                continue
            difference = difflib.unified_diff(source.splitlines(), changed.code.splitlines(), lineterm="", n=0)
            lines = [line for line in difference if not line.startswith(("---", "+++"))]
            found[f"{prefix}.{name}"] = "\n".join(line.split(" @@")[0] if line[:2] == "@@" else line for line in lines)
    return found


def functions(tree: cst.Module) -> Iterator[cst.CSTNode]:
    """Functions and methods in the order in which mutmut names their mutants."""
    for node in tree.body:
        if isinstance(node, cst.FunctionDef):
            yield node
        elif isinstance(node, cst.ClassDef) and isinstance(node.body, cst.IndentedBlock):
            yield from (child for child in node.body.body if isinstance(child, cst.FunctionDef))


def only_words(mutation, said: set[int]) -> bool:
    """Whether a call lost nothing but its wording: ``as_floats(None, X, 2)``, ``ValueError(None)``."""
    before, after = mutation.original_node, mutation.mutated_node
    if not isinstance(before, cst.Call) or len(before.args) != len(after.args):
        return False
    pairs = zip(before.args, after.args, strict=True)
    return any(old.value is not new.value and id(old.value) in said for old, new in pairs)


def workspace(module: str, tests: list[str]) -> Path:
    """A copy of what the tests need: mutmut writes beside its sources, and other modules go on changing."""
    place = WORK / module.removesuffix(".py").replace("/", ".")
    shutil.rmtree(place, ignore_errors=True)
    waste = shutil.ignore_patterns("__pycache__", "node_modules")
    for folder in ("olsattn", "tests", "experiments", "benchmarks", "book/data"):
        if (ROOT / folder).exists():
            shutil.copytree(ROOT / folder, place / folder, ignore=waste)
    config = CONFIG.format(module=module, tests=json.dumps(tests))
    (place / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text() + config)
    return place


def mutmut(place: Path, names: list[str], seconds: float) -> None:
    """Run these mutants; after the time is over, keep what is known by then."""
    quiet = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    environment = {**os.environ, **quiet, "HYPOTHESIS_EXAMPLES": "15", "PYTHONPATH": ""}
    command = [sys.executable, "-c", "from mutmut.__main__ import cli; cli()", "run", "--max-children", str(WORKERS)]
    with open(place / "log.txt", "a") as log:
        running = subprocess.Popen([*command, *names], cwd=place, env=environment, stdout=log, stderr=log,
                                   start_new_session=True)
        try:
            running.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGINT)
            running.wait()
    if running.returncode not in (0, -signal.SIGINT, 1, 130) or not (place / "mutants" / "mutmut-stats.json").exists():
        raise SystemExit(f"mutmut stopped with {running.returncode}:\n" + (place / "log.txt").read_text()[-3000:])


def run(module: str, seconds: float) -> tuple[int, int, int, list[str]]:
    """Mutants noticed, tried and made of one module, and the survivors."""
    start, tests = time.monotonic(), matching_tests(module)
    place = workspace(module, tests)
    mutants = describe(module, place)
    names = sorted(mutants)
    if not names or not tests:
        return 0, len(names), len(names), [f"no file of tests imports {module}"] if names else []
    random.Random(0).shuffle(names)
    mutmut(place, names[:1], 120 + seconds)  # also measures the tests, so that the rest can be estimated
    known = json.loads((place / "mutants" / "mutmut-stats.json").read_text())

    def estimate(name: str) -> float:  # a forked pytest, and about half of its tests until one fails
        called = known["tests_by_mangled_function_name"].get(name.partition("__mutmut_")[0], [])
        return 0.7 + 0.5 * sum(known["duration_by_test"][test] for test in called)

    left, chosen = (seconds - (time.monotonic() - start)) * WORKERS, []
    for name in names:
        left -= estimate(name)
        if left < 0 and len(chosen) >= 20:
            break
        chosen.append(name)
    mutmut(place, chosen, max(60.0, 1.5 * seconds))
    codes = json.loads((place / "mutants" / f"{module}.meta").read_text())["exit_code_by_key"]
    results = {name: codes[name] for name in chosen if codes[name] is not None}
    survivors = [name for name, code in results.items() if code not in NOTICED]
    report = [f"{name}{'' if results[name] == 0 else ' (no test calls it)'}\n{mutants[name]}"
              for name in sorted(survivors, key=names.index)]
    return len(results) - len(survivors), len(results), len(names), sorted(report)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", help="paths such as olsattn/least_squares.py; all when left out")
    parser.add_argument("--seconds", type=float, default=150, help="about the most that one module takes")
    parser.add_argument("--brief", action="store_true", help="do not list the survivors")
    options = parser.parse_args()
    scores = []
    for module in options.modules or modules():
        start = time.monotonic()
        noticed, tried, made, survivors = run(module, options.seconds)
        sampled = "" if tried == made else f", a sample of {made}"
        share = f"{noticed / tried:6.1%}" if tried else "     -"
        scores.append(f"{module:36} {share}  {noticed}/{tried}{sampled}  ({time.monotonic() - start:.0f} s)")
        print(scores[-1], flush=True)
        if not options.brief:
            print(*("\n" + survivor for survivor in survivors), sep="\n")
    if len(scores) > 1:
        print("\nNoticed by module\n" + "\n".join(scores))


if __name__ == "__main__":
    main()
