"""The chapters as live notebooks: what the book promises to a reader who opens them in JupyterLab."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import browsers
import numpy as np
import pytest
from pages import NOTEBOOKS, PAGES, code_cells
from playwright.sync_api import expect, sync_playwright

from olsattn.attention import ols_attention

HEAD = """\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

# A chapter
"""
EXPLORER = HEAD + """
```{code-cell}
from olsattn.widgets import SimilarityExplorer
w = SimilarityExplorer()
w
```
"""
SLIPS = HEAD + r"""
A formula $\nosuchmacro$ and another:

$$
\frac{1
$$

```{code-cell}
import sys
from IPython.display import Math, display
display(Math(r"\right)"))
print("a warning", file=sys.stderr)
raise RuntimeError
```
"""
STATE = """
import json
print(json.dumps({name: getattr(w, name) for name in ("points", "values", "query", "weights")}))
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a running JupyterLab, set up as by `make lab`, and its folder of notebooks."""
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("notebooks")
    # A home of its own, and no variable that leads elsewhere: the user's settings are neither read nor changed.
    env = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON", "XDG"))}
    env |= {"HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces")}
    scripts = Path(sys.executable).parent
    subprocess.run([scripts / "jupytext-config", "set-default-viewer", "markdown"], env=env, check=True)
    # Lab takes cells out of the page that are off the screen; the tests count them.
    overrides = home / "config" / "labconfig" / "default_setting_overrides.json"
    settings = json.loads(overrides.read_text()) | {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}
    overrides.write_text(json.dumps(settings))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = {
        "ServerApp.ip": "127.0.0.1", "ServerApp.port": port, "ServerApp.port_retries": 0, "ServerApp.root_dir": folder,
        "ServerApp.open_browser": False, "ServerApp.allow_root": True, "IdentityProvider.token": "",
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate", "LabApp.extension_manager": "readonly",
    }
    log = home / "lab.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [scripts / "jupyter-lab", *(f"--{name}={value}" for name, value in options.items())],
            env=env, cwd=home, stdout=output, stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        await_answer(f"{url}/api/status", server, log)
        yield url, folder
    finally:
        server.terminate()  # takes its kernels along
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def await_answer(url, server, log):
    deadline = time.monotonic() + browsers.PATIENCE / 1000
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"JupyterLab does not answer:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = browsers.launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def open_notebook(lab, browser):
    """Open a notebook by its file's name, as from the launch button; nothing may be fetched from outside."""
    url, folder = lab
    context = browser.new_context(viewport={"width": 1280, "height": 1600})
    context.set_default_timeout(browsers.PATIENCE)
    outside = []

    def stay_home(route):
        if route.request.url.startswith(url):
            return route.continue_()
        outside.append(route.request.url)
        return route.abort()

    context.route(re.compile("^https?:"), stay_home)

    def opener(name, text):
        (folder / name).write_text(text, encoding="utf-8")
        page = context.new_page()
        # A workspace of its own: Lab would bring back the last notebook beside this one.
        page.goto(f"{url}/lab/workspaces/{Path(name).stem}/tree/{name}")
        # A text editor, Lab's default for .md, would show no notebook panel.
        expect(page.locator(".jp-NotebookPanel")).to_be_visible()
        expect(page.locator(".jp-FileEditor")).to_have_count(0)
        # Before it has a kernel Lab calls itself idle too, and drops what it is told to run.
        expect(page.locator("#jp-main-statusbar")).to_contain_text("(ipykernel) | Idle")
        return page

    yield opener
    context.close()
    assert outside == []


def run_all(page):
    """Run > Run All Cells, until none is left to run."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(
        """() => {
            const prompts = [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")].map((p) => p.textContent);
            return prompts.some((text) => /\\d/.test(text)) && !prompts.some((text) => text.includes("*"));
        }""")
    run(page)  # a prompt gets its number before the last outputs arrive; this cell's come after them


def run(page, code=""):
    """Type one more cell at the end of the notebook, run it, and return what it prints."""
    cells = page.locator(".jp-CodeCell")
    count = cells.count()
    page.locator(".jp-Notebook-footer").click()
    expect(cells).to_have_count(count + 1)
    cell = cells.last
    cell.locator(".cm-content").click()
    page.keyboard.insert_text(f"{code}\nprint('ran')")
    page.keyboard.press("Control+Enter")
    output = cell.locator(".jp-OutputArea")
    expect(output).to_have_text(re.compile(r"ran\s*$|Error"))
    text = output.inner_text().strip()
    assert text.endswith("ran"), text
    return text.removesuffix("ran")


def python_state(page, query):
    """What Python knows of the widget, once its query is the one awaited.

    The page may send the last of several changes after the cell that asks, so we ask a few times.
    """
    for _ in range(10):
        state = json.loads(run(page, STATE))
        if np.allclose(state["query"], query, rtol=0, atol=1e-9):
            break
    assert state["query"] == pytest.approx(query, abs=1e-9)
    design = [np.insert(rows, 0, 1, axis=1) for rows in ([state["query"]], state["points"])]
    _, weights = ols_attention(*design, state["values"])
    assert state["weights"] == pytest.approx(weights[0].tolist(), abs=1e-12)
    return state


def picture(page):
    """The query as its handle is called, and the weights of the table."""
    page.evaluate("() => new Promise(requestAnimationFrame)")  # a change is drawn with the next frame
    label = page.locator(".olsattn-handle[aria-label^=query]").get_attribute("aria-label")
    query = [float(v) for v in re.findall(r"-?\d+\.\d+", label.replace("\N{MINUS SIGN}", "-"))]
    cells = page.locator(".olsattn-similarity td:nth-child(5)")
    return query, [float(v) for v in cells.evaluate_all("cells => cells.map((cell) => cell.dataset.value)")]


@pytest.fixture(scope="module")
def page(open_notebook):
    """A notebook with the widget as `w`."""
    page = open_notebook("explorer.md", EXPLORER)
    run_all(page)
    expect(page.locator(".olsattn-similarity")).to_be_visible()
    return page


def test_the_page_tells_python(page):
    """Moving the query by mouse or by keys moves `w.query` and `w.weights`."""
    start, before = picture(page)
    assert python_state(page, start)["weights"] == pytest.approx(before, abs=1e-6)

    handle = page.locator(".olsattn-handle[aria-label^=query]")
    handle.press("ArrowUp")
    python_state(page, [start[0], start[1] + 0.1])

    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y - 40, steps=5)
    page.mouse.up()
    dragged, weights = picture(page)
    assert dragged[0] < start[0] - 0.2 and dragged[1] > start[1] + 0.2
    assert python_state(page, dragged)["weights"] == pytest.approx(weights, abs=1e-6)


def test_python_tells_the_page(page):
    """Setting `w.query` in a cell moves the picture, and the numbers under it are Python's."""
    run(page, "w.query = [-1.5, 2]")
    expect(page.locator(".olsattn-handle[aria-label^=query]")).to_have_attribute(
        "aria-label", re.compile("query at .1.50, 2.00;"))
    _, weights = picture(page)
    assert weights == pytest.approx(python_state(page, [-1.5, 2])["weights"], abs=1e-6)


def slips(page):
    """What went wrong in a notebook, as Lab shows it: code that failed or warned, formulas not typeset."""
    kinds = {
        "code": "[data-mime-type$=stderr]",
        "formulas in text": ".jp-MarkdownCell :is(pre[title], .text-yellow-600[title]:not([title$='Not Found']))",
        "formulas in outputs": "mjx-merror, .jp-RenderedLatex:not(:has(mjx-container))",
    }
    return {kind: page.locator(selector).all_inner_texts() for kind, selector in kinds.items()}


def test_slips_are_seen(open_notebook):
    """Keeps the next test honest: how Lab marks a failure may change with its version."""
    page = open_notebook("slips.md", SLIPS)
    run_all(page)
    assert {kind: len(found) for kind, found in slips(page).items()} == {
        "code": 2, "formulas in text": 2, "formulas in outputs": 1}


def test_a_chapter_runs(open_notebook):
    """Run All, in the chapter with the most code: each cell runs without a warning, the mathematics is typeset."""
    chapter = PAGES[max(NOTEBOOKS, key=lambda name: len(code_cells(name)))]
    page = open_notebook(chapter.name, chapter.read_text(encoding="utf-8"))
    run_all(page)
    assert not any(slips(page).values()), slips(page)
    assert page.locator(".jp-MarkdownCell .katex").count() > 0
    prompts = page.locator(".jp-CodeCell .jp-InputPrompt").all_text_contents()
    assert all(re.search(r"\d", prompt) for prompt in prompts), prompts
