"""The house: pins, what make does, the workflows, and the guide for contributors."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import distributions

import execution
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pages import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCKS = {"requirements.txt": ("book", "site"), ".binder/lab.txt": ("lab",), "tests/requirements.txt": ("test",)}
WORKFLOWS = {path.name: path.read_text() for path in (ROOT / ".github" / "workflows").glob("*.yml")}


# ---- pins ----

def pins(lock):
    """Name -> version, of a compiled file, which has nothing but pins: no index, no link, no build for one machine."""
    lines = [line for line in (ROOT / lock).read_text().splitlines() if not re.match(r"\s*(#|$)", line)]
    found = [re.fullmatch(r"([a-z0-9-]+)==([\w.]+)( ; [^#]+)?( +# via .*)?", line) for line in lines]
    assert all(found), f"not a pin in {lock}: {lines[found.index(None)]!r}"
    return {match[1]: match[2] for match in found}


@pytest.mark.parametrize("lock", LOCKS)
def test_what_the_project_asks_for_is_pinned(lock):
    """Whoever adds a dependency to pyproject.toml runs `make pins`."""
    extras = PROJECT["optional-dependencies"]
    for line in [*PROJECT["dependencies"], *(line for extra in LOCKS[lock] for line in extras[extra])]:
        requirement = Requirement(line)
        version = pins(lock).get(canonicalize_name(requirement.name))
        assert version and requirement.specifier.contains(version), f"{requirement} is not what {lock} has: {version}"


def test_every_group_of_dependencies_is_pinned_somewhere():
    assert sorted(PROJECT["optional-dependencies"]) == sorted(extra for extras in LOCKS.values() for extra in extras)


def test_the_layers_agree():
    versions = {}
    for lock in LOCKS:
        for name, version in pins(lock).items():
            versions.setdefault(name, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_no_pin_is_for_gpus():
    assert [name for lock in LOCKS for name in pins(lock) if re.match("cuda|nvidia|triton", name)] == []


def test_binder_has_the_same_torch():
    torch = re.search(r"^torch==([\d.]+)\+cpu$", (ROOT / ".binder" / "requirements.txt").read_text(), re.MULTILINE)
    assert torch[1] == pins("requirements.txt")["torch"]


def test_what_is_installed_is_what_is_pinned():
    wanted = {name: version for lock in LOCKS for name, version in pins(lock).items()}
    here = {canonicalize_name(found.name): found.version.removesuffix("+cpu") for found in distributions()}
    assert {name: (here[name], version) for name, version in wanted.items() if here.get(name, version) != version} == {}


# ---- make ----

@pytest.fixture
def house(tmp_path):
    """A copy of what make looks at, with programs that only write down how they were called."""
    for name in ("Makefile", "pyproject.toml", *LOCKS, "_config.yml", "_toc.yml", "book/_static/book.css",
                 "olsattn/roles.css", "olsattn/attention.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    programs = {
        "pip": 'if [ "$1" = list ]; then cat installed; else echo "pip $*" >>calls; fi',
        "jupyter-book": "mkdir -p _build/html _build/.doctrees _build/.jupyter_cache\n"
                        "for folder in html .doctrees .jupyter_cache; do touch _build/$folder/page; done",
    }
    for name, script in programs.items():
        (tmp_path / ".venv/bin" / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / ".venv/bin" / name).chmod(0o755)
    (tmp_path / "installed").touch()
    return tmp_path


def make(house, target):
    """Run make; how pip was called."""
    (house / "calls").write_text("")
    options = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "TORCH")}
    run = subprocess.run(["make", target, "PYTHON=true"], cwd=house, capture_output=True, text=True, env=options)
    assert run.returncode == 0, run.stderr
    return (house / "calls").read_text().splitlines()


def removed(calls):
    return [name for call in calls if call.startswith("pip uninstall") for name in call.split()[3:]]


def test_make_removes_what_is_no_longer_pinned(house):
    installed = ["Jinja2", "numpy", "left_Over", "nvidia-nccl-cu13", "triton", "jupyterlab", "pytest"]
    (house / "installed").write_text("".join(f"{name}==1.0\n" for name in installed))
    assert removed(make(house, ".venv/book")) == ["left-over", "jupyterlab", "pytest"], "an environment for readers"
    (house / ".venv/lab").touch()
    (house / ".venv/test").touch()
    assert make(house, ".venv/book") == [], "nothing to do"
    os.utime(house / "requirements.txt")
    assert removed(make(house, ".venv/book")) == ["left-over"], "one that tests stays one"
    assert set(removed(make(house, ".venv/test"))) == {"left-over"}


@pytest.mark.parametrize("change", ["edit", "delete", "add"])
@pytest.mark.parametrize("file", ["_config.yml", "book/_static/book.css", "olsattn/roles.css", "olsattn/attention.py"])
def test_pages_are_read_anew_for_looks_and_nothing_is_executed_for_them(house, file, change):
    """A build removes pages that a change of looks has overtaken, and never the cache of executed chapters."""
    folders = {name: house / "_build" / name / "before" for name in ("html", ".doctrees", ".jupyter_cache")}
    make(house, "book")
    for mark in folders.values():
        mark.touch()
    make(house, "book")
    assert all(mark.exists() for mark in folders.values()), "nothing has changed"
    path = house / file
    if change == "edit":
        path.write_text(path.read_text() + "\n")
    elif change == "delete":
        path.unlink()
    elif path.parent != house:
        path.with_stem("another").write_text("")
    make(house, "book")
    looks = path.suffix != ".py" and not (change == "add" and path.parent == house)
    assert {name: mark.exists() for name, mark in folders.items()} == {
        "html": not looks, ".doctrees": not looks, ".jupyter_cache": True}


def build_chapter(name):
    return subprocess.run([sys.executable, execution.__file__, name], capture_output=True, text=True)


def test_one_chapter_can_be_built_by_itself():
    """Its page is there, with what its cells print; no other chapter is executed or written."""
    built = ROOT / "_build" / "chapter"
    shutil.rmtree(built, ignore_errors=True)
    run = build_chapter("claimed-and-true")
    assert run.returncode == 0 and "rror" not in run.stderr, run.stderr
    page = built / "html" / "book" / "verdict" / "claimed-and-true.html"
    assert run.stdout.strip() == str(page.relative_to(ROOT)) and "cell_output" in page.read_text()
    assert [file.name for file in (built / "html" / "book" / "verdict").glob("*.html")] == [page.name]
    assert (built / ".doctrees" / "environment.pickle").is_file(), "the next time, only this page is read again"


def test_one_chapter_by_a_name_that_there_is_not():
    """The message lists the chapters."""
    run = build_chapter("mask")
    assert run.returncode and "mask" in run.stderr and "double-life" in run.stderr


# ---- workflows; their syntax and safety are for the linters that make runs ----

@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflows_are_bounded_and_name_what_they_run_by_digest(name):
    workflow = yaml.safe_load(WORKFLOWS[name])
    assert workflow["permissions"] == {} and workflow["concurrency"]
    assert all(job["timeout-minutes"] <= 90 and job["permissions"] for job in workflow["jobs"].values())
    actions = re.findall(r"uses: (.*)", WORKFLOWS[name])
    assert actions and all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action) for action in actions)


def test_each_python_of_the_project_is_tested():
    versions = yaml.safe_load(WORKFLOWS["test.yml"])["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert versions == ["3.11", "3.12", "3.13"] and PROJECT["requires-python"] == ">=3.11,<3.14"


# ---- the guide for contributors ----

@pytest.mark.parametrize("guide", ["CONTRIBUTING.md", "README.md"])
def test_a_guide_names_files_and_commands_that_there_are(guide):
    """Each path exists; one with a placeholder stands for at least one. Each target of make is in the Makefile."""
    text = (ROOT / guide).read_text()
    paths = [word for word in re.findall(r"`([\w./<>-]+)`", text)
             if re.search(r"/|\.(md|js|py|toml|txt|ya?ml)$", word) and not word.startswith(("_build", ".venv"))]
    assert len(paths) > 3
    missing = [path for path in paths if not any(ROOT.glob(re.sub(r"<\w+>|NAME", "*", path).rstrip("/")))]
    assert missing == []
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    commands = re.findall(r"(?:`|^|cpu )make (\w+)", text, re.MULTILINE)
    assert commands and set(commands) <= set(targets)
