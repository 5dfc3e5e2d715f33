"""The built site, a server for it, and readers who open its pages in a browser."""

import gzip
import re
import threading
from contextlib import ExitStack, contextmanager, suppress
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import browsers
import pytest
from pages import BUILD, ROOT, TOC, toc_files
from playwright.sync_api import sync_playwright

SITE = BUILD / "html"
COMPRESSIBLE = {".html", ".css", ".js", ".mjs", ".svg", ".json", ".md", ".ipynb", ".txt", ".xml"}
ELSEWHERE = re.compile(r"^(https?|wss?)://(?!(127\.0\.0\.1|localhost)([:/]|$))")
DEVICES = {
    "desktop": {"viewport": {"width": 1280, "height": 1000}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}

# Fonts there, widgets mounted or given up: the page as it stays.
SETTLE = """async () => {
  await document.fonts.ready;
  const views = [...document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]')];
  const started = () => views.every((view) => view.nextElementSibling?.hasChildNodes());
  for (let tries = 0; tries < 2400 && !started(); tries++) await new Promise((wake) => setTimeout(wake, 25));
}"""

# How far what a reader looks at has jumped: https://web.dev/articles/cls, without the grouping into sessions.
SHIFTS = """window.shifts = [];
new PerformanceObserver((list) => list.getEntries().forEach((entry) => entry.hadRecentInput || window.shifts.push({
  value: entry.value,
  what: entry.sources.map(({ node }) => (node?.outerHTML ?? node?.textContent ?? '').slice(0, 80)),
}))).observe({ type: 'layout-shift', buffered: true });"""
# A line on which one thing arrives after another, so that what shifts is seen to: ms, and bytes a second.
LINE = {"offline": False, "latency": 40, "downloadThroughput": 500_000, "uploadThroughput": 500_000}


# ---- which pages there are ----

PAGE_NAMES = (*(f"{document}.html" for document in toc_files(TOC)), "search.html", "genindex.html")


def pytest_generate_tests(metafunc):
    """A test that asks for ``page_name`` runs once for each page of the site; a module goes page by page."""
    if "page_name" in metafunc.fixturenames:
        metafunc.parametrize("page_name", PAGE_NAMES, scope="module")


@pytest.fixture(scope="session")
def page_names():
    """The pages of the site: those of the table of contents, the search page and the index.

    Counted a second time in the text of the table of contents, so that a page cannot be lost in reading it.
    """
    listed = re.findall(r"^\s*(?:- +)?(?:root|file):", (ROOT / "_toc.yml").read_text("utf-8"), re.MULTILINE)
    assert len(PAGE_NAMES) == len(listed) + 2 == len(set(PAGE_NAMES))
    return PAGE_NAMES


@pytest.fixture(scope="session")
def site():
    """The folder of the built site."""
    if not (SITE / "index.html").is_file():
        pytest.fail(f"no site in {SITE.relative_to(ROOT)}: run 'make book' first", pytrace=False)
    return SITE


@pytest.fixture(scope="session")
def widget_pages(page_names, site):
    """Widget class -> the pages that show one, found by the state they carry."""
    found = {}
    for name in page_names:
        text = (site / name).read_text(encoding="utf-8")
        for cls in dict.fromkeys(re.findall(r'"class": "olsattn\.widgets\.\w+\.(\w+)"', text)):
            found.setdefault(cls, []).append(name)
    return found


# ---- the server ----

class Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        file = Path(self.translate_path(self.path))
        file = file / "index.html" if file.is_dir() else file
        with suppress(ConnectionError):  # a reader may close the page before all of it has come
            if not file.is_file():
                return self.send_error(404)
            body = self.server.body(file)
            self.send_response(200)
            self.send_header("Content-Type", self.guess_type(str(file)))
            self.send_header("Content-Length", str(len(body)))
            if file.suffix in COMPRESSIBLE:
                self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            self.wfile.write(body)
            self.server.sent[file] = len(body)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    """Serves the site as a web host would, text compressed, and keeps account of what it sent."""

    def __init__(self, folder):
        super().__init__(("127.0.0.1", 0), lambda *args: Handler(*args, directory=str(folder)))
        self.folder, self.bodies, self.sent = folder, {}, {}
        self.url = f"http://127.0.0.1:{self.server_port}/"

    def body(self, file):
        if file not in self.bodies:
            raw = file.read_bytes()
            self.bodies[file] = gzip.compress(raw, 6) if file.suffix in COMPRESSIBLE else raw
        return self.bodies[file]


@pytest.fixture(scope="session")
def server(site):
    with Server(site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


# ---- the readers ----

class Visit:
    """One reader with a page open: what went wrong, and what the page asked other hosts for."""

    def __init__(self, context, base):
        self.base, self.complaints = base, []
        context.route(ELSEWHERE, self._refuse)
        context.route_web_socket(ELSEWHERE, lambda socket: self._complain("third party", socket.url))
        self.page = context.new_page()
        self.page.set_default_timeout(browsers.PATIENCE)
        self.page.on("pageerror", lambda error: self._complain("page error", error))
        self.page.on("console", lambda message: message.type == "error" and self._complain("console", message.text))
        self.page.on("response", lambda answer: answer.status >= 400 and self._complain(answer.status, answer.url))

    def _complain(self, kind, text):
        self.complaints.append(f"{kind}: {text}")

    def _refuse(self, route):
        self._complain("third party", route.request.url)
        route.abort()

    def open(self, address):
        """Go to a page of the site, or to any address with a scheme, and wait until it is as it stays."""
        self.page.goto(address if ":" in address else self.base + address, wait_until="load")
        self.page.evaluate(SETTLE)
        return self

    def scroll(self):
        """Go to the end of the page, where what is lazy loads, and return what shifted on the way."""
        self.page.evaluate("""async () => {
          for (let y = 0; y < document.body.scrollHeight; y += innerHeight) {
            scrollTo(0, y);
            await new Promise(requestAnimationFrame);
          }
        }""")
        self.page.wait_for_load_state("networkidle")
        return self.page.evaluate("window.shifts")


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = browsers.launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def reader(browser, server):
    """A new reader with an empty cache: ``with reader(device="phone", theme="dark") as visit``."""
    @contextmanager
    def arrive(device="desktop", theme="light", *, scripts=True, slow=False):
        context = browser.new_context(**DEVICES[device], java_script_enabled=scripts)
        context.add_init_script(f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}')")
        context.add_init_script(SHIFTS)
        visit = Visit(context, server.url)
        if slow:
            context.new_cdp_session(visit.page).send("Network.emulateNetworkConditions", LINE)
        yield visit
        context.close()

    return arrive


@pytest.fixture
def visitor(reader):
    """Readers who stay until the test is over: ``visit = visitor(device="phone")``."""
    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(reader(*args, **options))


@pytest.fixture
def widget(visitor, widget_pages):
    """Open the page of a widget: ``widget(name, device)`` returns the page and the widget's element."""
    visits = []

    def open_page(name, device="desktop"):
        visits.append(visitor(device).open(widget_pages[name][0]))
        return visits[-1].page, visits[-1].page.locator(f"[data-mounted$='.{name}']").first

    yield open_page
    assert [complaint for visit in visits for complaint in visit.complaints] == []
