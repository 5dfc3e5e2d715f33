"""Each module of the package has a page with a table of what is in it; functions name the chapters that use them."""

import inspect
import pkgutil
from importlib import import_module

import pytest
from bs4 import BeautifulSoup
from pages import PAGES, load_extension

import olsattn

MODULES = [f"olsattn.{module.name}" for module in pkgutil.iter_modules(olsattn.__path__) if module.name[0] != "_"]


@pytest.fixture(scope="module")
def page_of(site):
    def read(name):
        file = site / "book/back/api" / f"{name}.html" if "." in name else site / "book/back/api.html"
        return BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser").article

    return read


def public(module):
    names = getattr(module, "__all__", None) or [name for name in vars(module) if not name.startswith("_")]
    found = {name: getattr(module, name) for name in names}
    return {name: value for name, value in found.items() if (inspect.isfunction(value) or inspect.isclass(value))
            and (hasattr(module, "__all__") or value.__module__ == module.__name__)}


def test_every_module_has_a_page(page_of):
    """A new module needs three lines in book/back/api/ and one in _toc.yml; a page that lost its module goes."""
    assert {name for name in PAGES if name.startswith("olsattn.")} == set(MODULES)
    listed = [link["href"] for link in page_of("olsattn").select("table.autosummary a")]
    assert listed == [f"api/{name}.html#module-{name}" for name in MODULES]


@pytest.mark.parametrize("name", MODULES)
def test_a_page_lists_and_explains_all_that_is_public(page_of, name):
    page, members = page_of(name), public(import_module(name))
    assert page.h1.get_text().startswith(name)
    assert members
    table = page.select_one("table.autosummary")
    listed = [link.get_text() for link in table.select("tr td:first-child a")]
    assert sorted(listed) == sorted(members)
    assert all(row.select_one("td:last-child").get_text(strip=True) for row in table.select("tr")), "no first line"
    explained = {tag["id"] for tag in page.select("dt.sig[id]")}
    assert {f"{name}.{member}" for member in members} <= explained


def test_functions_name_the_chapters_that_use_them(page_of):
    """Found by the names that a chapter imports, also through a module such as ``figures.subplots``."""
    def users(module, member):
        entry = page_of(module).find(id=f"{module}.{member}").find_next_sibling("dd")
        return [link["href"].rsplit("/", 1)[-1] for link in entry.select(":scope > .api-used a")]

    assert users("olsattn.widgets", "SimilarityExplorer") == ["double-life.html"]
    assert users("olsattn.datasets", "us_macro") == ["autoregressions.html", "masks.html"]
    assert len(users("olsattn.figures", "subplots")) > 5
    assert "double-life.html" in users("olsattn.least_squares", "embedding")


def test_uses_are_read_from_the_code_of_a_chapter():
    source = """# Title
from olsattn.attention import softmax

```{code-cell} ipython3
:tags: [hide-input]
from olsattn import embedding as encode, figures
from olsattn.datasets import (diabetes,
                              scatter)
figures.subplots()
```

```{code-cell} ipython3
---
tags: [hide-input]
---
import olsattn
```
"""
    assert load_extension("package_pages").uses(source) == {
        ("olsattn.least_squares", "embedding"), ("olsattn.datasets", "diabetes"), ("olsattn.datasets", "scatter"),
        ("olsattn.figures", "subplots")}


LIMIT = 3


def annotated(X: "list[float] | None", *, limit: int = LIMIT) -> dict[str, float]:
    raise NotImplementedError


def test_signatures_are_as_written():
    """Annotations keep their names, and a constant its value."""
    written = load_extension("package_pages").written(annotated)
    assert written == ("(X: 'list[float] | None', *, limit: int=3)", "dict[str, float]")
