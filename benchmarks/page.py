"""What a first visit to a page with a widget weighs, and when the widget is alive, on a slowed phone.

Run: python benchmarks/page.py [FOLDER of a built site] [PAGE ...]
A phone of 390 pixels, its processor four times slower, 1.6 Mbit/s down, 150 ms to the server, an empty cache; medians
of three visits. The work from a key to the finished picture is measured at the same speed. Nothing is asserted.
"""

import re
import statistics
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / folder) for folder in ("tests/site", "tests", "book/_extensions")]

import browsers  # noqa: E402
from conftest import DEVICES, Server  # noqa: E402
from test_widgets_in_the_page import MOVERS, WORK  # noqa: E402

SLOWER, MEGABITS, LATENCY, VISITS = 4, 1.6, 150, 3
ALIVE = """
new MutationObserver((_, observer) => {
  if (!document.querySelector('[data-mounted] .olsattn-widget')) return;
  window.alive = performance.now();
  observer.disconnect();
}).observe(document, { childList: true, subtree: true, attributes: true });"""
KINDS = {".html": "html", ".css": "css", ".js": "js", ".woff2": "fonts", ".woff": "fonts"}


@contextmanager
def slow_phone(browser):
    context = browser.new_context(**DEVICES["phone"])
    page = context.new_page()
    page.add_init_script(ALIVE)
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", {
        "offline": False, "latency": LATENCY, "downloadThroughput": MEGABITS * 1e6 / 8, "uploadThroughput": 750e3 / 8})
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    yield page
    context.close()


def visit(browser, server, address):
    """Milliseconds until the widget is alive, bytes by kind, and the work of 31 keys."""
    server.sent.clear()
    with slow_phone(browser) as page:
        page.set_default_timeout(60_000)
        page.goto(server.url + address, wait_until="load")
        page.wait_for_function("window.alive")
        page.wait_for_load_state("networkidle")
        weight = dict(server.sent)
        mounted = page.locator("[data-mounted]").first
        mover = MOVERS[mounted.get_attribute("data-mounted").rsplit(".", 1)[1]]
        return page.evaluate("window.alive"), weight, statistics.median(mounted.locator(mover).evaluate(WORK))


def main(folder, names):
    pages = [page for page in sorted(folder.rglob("*.html")) if "widget-view+json" in page.read_text(encoding="utf-8")]
    with Server(folder) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = browsers.launch(playwright)
        for page in pages:
            if names and page.stem not in names:
                continue
            text = page.read_text(encoding="utf-8")
            states = len(re.findall(r'"(?:_anywidget_id|class)": "olsattn', text))
            shown = text.count("widget-view+json")
            runs = [visit(browser, server, page.relative_to(folder).as_posix()) for _ in range(VISITS)]
            alive, work = (statistics.median(run[k] for run in runs) for k in (0, 2))
            kinds = {}
            for file, size in runs[0][1].items():
                kind = KINDS.get(file.suffix, "other")
                kinds[kind] = kinds.get(kind, 0) + size / 1000
            parts = ", ".join(f"{kind} {size:.0f}" for kind, size in sorted(kinds.items()))
            own = sum(size for file, size in runs[0][1].items() if "widget" in file.relative_to(folder).as_posix())
            print(f"{page.stem}: widget alive at {alive / 1000:.1f} s, {work:.0f} ms of work a key; "
                  f"{sum(kinds.values()):.0f} kB ({parts}), of which widget and kit {own / 1000:.1f}; "
                  f"{states} states for {shown} shown")
        browser.close()
        server.shutdown()


if __name__ == "__main__":
    given = sys.argv[1:]
    main(Path(given[0]) if given else ROOT / "_build/html", set(given[1:]))
