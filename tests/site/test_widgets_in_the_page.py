"""What every widget promises: the numbers of Python, alive before any other script, nothing left behind."""

import gzip
import json
import re
import statistics

import pytest
from browsers import numbers
from ipywidgets.embed import embed_data
from playwright.sync_api import expect
from vectors import assert_close, of_widgets
from widgets import page_state, scripts

from olsattn import widgets

WIDGET_BUDGET = 60_000  # bytes of script and style, compressed
STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
MOVERS = {  # a control of each widget that arrow keys move
    "AttentionViewer": ".olsattn-tokens", "DialExplorer": "[aria-label='Body mass of the patient']",
    "CovariateShiftExplorer": "input[max='180']", "HopfieldExplorer": "input[max='0.5']",
    "MaskingExplorer": "input[type=range]", "MultiHeadExplorer": "input[max='10']",
    "ShrinkageExplorer": "[aria-label='Penalty λ']", "SimilarityExplorer": "[aria-label^='query at']",
    "TrainingExplorer": "input[max='2.5']",
}
VECTORS = of_widgets()
each_widget = pytest.mark.parametrize("name", widgets.__all__)

# A mark before the widget's own frame callback and one after it enclose the drawing; asking for a box adds layout.
WORK = """async (mover) => {
  const costs = [];
  for (let i = 0; i < 31; i++) {
    let before, drawing;
    const was = mover.closest('[data-mounted]').innerHTML;
    requestAnimationFrame(() => { before = performance.now(); });
    const start = performance.now();
    if (mover.matches('input')) {
      mover[i % 2 ? 'stepDown' : 'stepUp']();
      mover.dispatchEvent(new Event('input', { bubbles: true }));
    } else {
      const key = ['ArrowRight', 'ArrowUp', 'ArrowLeft', 'ArrowDown'][i % 4];
      mover.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    }
    const answering = performance.now() - start;
    await new Promise((drawn) => requestAnimationFrame(() => {
      mover.getBoundingClientRect();
      drawing = performance.now() - before;
      drawn();
    }));
    if (mover.closest('[data-mounted]').innerHTML === was) throw new Error('nothing was drawn');
    costs.push(answering + drawing);
  }
  return costs;
}"""

# The widget as JupyterLab holds it: rendered, moved, its first button pressed (what plays, plays), and taken away
# while a frame is still to come.
LIFE = """async ({ esm, values }) => {
  const { default: widget } = await import(URL.createObjectURL(new Blob([esm], { type: 'text/javascript' })));
  const listeners = {}, place = document.body.appendChild(document.createElement('div'));
  let changes = 0;
  const model = {
    get: (name) => values[name],
    set(name, value) {
      changes += 1;
      values[name] = value;
      listeners[`change:${name}`]?.forEach((listener) => listener());
    },
    save_changes() {},
    on(event, listener) { (listeners[event] ??= new Set()).add(listener); },
    off(event, listener) { listeners[event]?.delete(listener); },
  };
  const destroy = await widget.render({ model, el: place });
  const heard = Object.values(listeners).filter((set) => set.size).length;
  Object.keys(values).filter((name) => !name.startsWith('_')).forEach((name) => model.set(name, values[name]));
  place.querySelector('button')?.click();
  destroy();
  const left = place.innerHTML, made = changes;
  place.remove();
  await new Promise((wake) => setTimeout(wake, 600));
  const still = Object.values(listeners).filter((set) => set.size).length;
  return { heard, still, idle: place.innerHTML === left && changes === made };
}"""


def script(kind, data):
    """As MyST-NB puts it into a page; a ``<`` in the data must not end the script."""
    return f'<script type="{kind}">{json.dumps(data).replace("<", chr(92) + "u003c")}</script>'


@pytest.fixture
def bare_page(tmp_path, site, visitor):
    """Mount widgets on a page that holds nothing else, from their embedded state."""
    def build(instances, spoil=None):
        data = embed_data(views=instances, drop_defaults=False)
        shown = [view["model_id"] for view in data["view_specs"]]
        state = page_state(data["manager_state"]["state"], shown)
        if spoil:
            spoil(state)
        views = "".join(f"<div>{script(VIEW, view)}</div>" for view in data["view_specs"])
        names = ["widgets/kit.js", *{f"widgets/{type(w).module()}" for w in instances}, "widget-host.js"]
        sources = "".join(f'<script defer src="{(site / "_static" / name).as_uri()}"></script>' for name in names)
        page = tmp_path / "bare.html"
        page.write_text(f'<!DOCTYPE html><meta charset="utf-8"><title>bare</title>{script(STATE, {"state": state})}'
                        f'{sources}{views}', encoding="utf-8")
        visit = visitor()
        visit.page.emulate_media(reduced_motion="reduce")  # what plays once it is in view would move the numbers
        return visit.open(page.as_uri())

    return build


def test_every_widget_is_covered():
    """A new widget comes with cases, and with a control that is tried."""
    assert sorted(VECTORS) == sorted(MOVERS) == sorted(widgets.__all__)


@each_widget
def test_numbers_are_those_of_python(name, bare_page, note):
    """On the vectors the page prints what the package has written, to 1e-6."""
    cases = VECTORS[name]["cases"]
    visit = bare_page([getattr(widgets, name)(**case["traits"]) for case in cases])
    mounted = visit.page.locator("[data-mounted]")
    assert mounted.count() == len(cases)
    worst = max(assert_close(numbers(element), case["numbers"], 1e-6, f"of {case['traits']}")
                for element, case in zip(mounted.all(), cases, strict=True))
    assert visit.complaints == []
    note("widgets", f"{name}: {len(cases)} cases, page and package differ by {worst:.0e} at most")


@each_widget
def test_a_copied_link_opens_the_same_widget_in_the_same_state(name, widget_pages, visitor):
    """Chips say which of them holds; the address that "Copy link" makes leads another reader there."""
    def opened(address):
        visit = visitor()
        visit.page.emulate_media(reduced_motion="reduce")
        visit.open(address)
        return visit, visit.page.locator(f"[data-mounted$='.{name}'] .olsattn-widget").first

    visit, element = opened(widget_pages[name][0])
    chip, verdict = element.locator(".olsattn-chips button").last, element.locator(".olsattn-verdict")
    before = verdict.inner_text()
    chip.click()
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(verdict).not_to_have_text(before)
    element.get_by_role("button", name="Copy link").click()

    other, same = opened(visit.page.url)
    expect(same.locator(".olsattn-verdict")).to_have_text(verdict.inner_text())
    expect(same.locator(".olsattn-chips button").last).to_have_attribute("aria-pressed", "true")
    expect(same).to_be_in_viewport()
    assert visit.complaints == other.complaints == []


@each_widget
def test_is_in_the_book(name, widget_pages, visitor):
    """The widget starts by itself wherever the book shows it."""
    assert name in widget_pages, f"no page shows a {name}"
    for page in widget_pages[name]:
        visit = visitor("phone", "dark").open(page)
        assert visit.page.locator(f"[data-mounted$='.{name}'] .olsattn-widget").first.is_visible()
        assert visit.complaints == []


@each_widget
def test_is_light(name, note):
    """Script and style of a widget stay small, compressed, the kit's included."""
    files = scripts()
    own = [files[part] for part in ("kit.js", "kit.css", getattr(widgets, name).module())]
    weight = sum(len(gzip.compress(text.encode(), 6)) for text in own)
    note("widgets", f"{name}: {weight / 1000:.1f} kB compressed")
    assert weight <= WIDGET_BUDGET


def embedded(text):
    """Models that a page embeds, and those that it displays."""
    states = re.findall(rf'<script type="{re.escape(STATE)}">(.*?)</script>', text, re.DOTALL)
    shown = re.findall(rf'<script type="{re.escape(VIEW)}">(.*?)</script>', text, re.DOTALL)
    return [model for state in states for model in json.loads(state)["state"].items()], [
        json.loads(view)["model_id"] for view in shown]


def test_only_what_is_displayed_is_embedded(page_names, site, widget_pages):
    """A page that makes eight widgets to read their numbers carries the one that it shows, without script and style."""
    found = 0
    for name in page_names:
        text = (site / name).read_text(encoding="utf-8")
        models, shown = embedded(text)
        assert sorted(model for model, _ in models) == sorted(shown), name
        assert not any(trait.startswith("_") for _, model in models for trait in model["state"]), name
        loaded = re.findall(r'src="[./]*_static/(widgets/[^"?]*|widget-host\.js)', text)
        modules = sorted({f"widgets/{model['module']}" for _, model in models})
        assert loaded == (["widgets/kit.js", *modules, "widget-host.js"] if models else []), name
        found += len(models)
    assert found >= len(widgets.__all__) and len(widget_pages) == len(widgets.__all__)


def test_the_site_has_the_modules_as_they_are(site):
    """Not as they were when a chapter was executed: an edit needs no new execution."""
    modules = {name: text for name, text in scripts().items() if name.endswith(".js")}  # style sheets are trimmed
    assert len(modules) == len(widgets.__all__) + 2  # the kit, and what the viewer fetches
    for name, text in modules.items():
        assert (site / "_static" / "widgets" / name).read_text(encoding="utf-8") == text


@each_widget
def test_waits_for_no_other_script(name, widget_pages, site, visitor):
    """The first of the other scripts finds the widget alive, but for two that say a few words of settings."""
    visit, address = visitor(), widget_pages[name][0]
    scripts = re.findall(r'<script([^>]*) src="[^"]*?([\w.-]+\.js)[^"]*"', (site / address).read_text(encoding="utf-8"))
    waited_for = {file for attributes, file in scripts if not re.search(r"\b(defer|async)\b", attributes)}
    assert waited_for <= {"documentation_options.js", "design-tabs.js"}
    deferred = [file for _, file in scripts if file not in waited_for]
    following = deferred[deferred.index("widget-host.js") + 1]

    def ask(route):
        body = route.fetch().text()
        look = f"window.found = document.querySelectorAll('[data-mounted$=\".{name}\"] .olsattn-widget').length;"
        route.fulfill(body=look + body, content_type="text/javascript")

    visit.page.route(re.compile(rf"/{re.escape(following)}(\?|$)"), ask)
    assert visit.open(address).page.evaluate("window.found") > 0
    assert visit.complaints == []


def test_a_failure_is_said_in_place_and_leaves_the_rest_alive(bare_page):
    """One widget whose module breaks, one that the page has no state of, and one in order."""
    fine, broken, lost = widgets.SimilarityExplorer(), widgets.MultiHeadExplorer(), widgets.TrainingExplorer()

    def spoil(state):
        state[broken.model_id]["state"].pop("tokens")
        state.pop(lost.model_id)

    visit = bare_page([broken, lost, fine], spoil)
    said = visit.page.get_by_text("This widget could not start in your browser.")
    assert said.count() == 2
    assert visit.page.locator("[data-mounted]").count() == 1
    handle = visit.page.locator("[aria-label^='query at']")
    before = handle.get_attribute("aria-label")
    handle.press("ArrowUp")
    visit.page.wait_for_function("(old) => !document.querySelector(`[aria-label='${old}']`)", arg=before)
    assert [complaint.split(":")[0] for complaint in visit.complaints] == ["page error"] * 2  # the reasons


def test_a_page_refuses_what_it_cannot_show():
    with pytest.raises(LookupError, match=r"a page cannot show __main__\.Mine"):
        page_state({"m": {"state": {"_anywidget_id": "__main__.Mine"}}}, ["m"])
    with pytest.raises(LookupError, match="a widget that is not of olsattn"):
        page_state({}, ["m"])


@each_widget
def test_answers_each_key_with_a_picture(name, widget_pages, visitor, note):
    """Each key changes the picture; the work from a key to the picture, which should fit one frame, is printed."""
    page = visitor().open(widget_pages[name][0]).page
    mover = page.locator(f"[data-mounted$='.{name}']").first.locator(MOVERS[name])
    costs = mover.evaluate(WORK)
    median = statistics.median(costs)
    note("widgets", f"{name}: {median:.1f} ms from a key to the picture (median of {len(costs)}; a frame is 16 ms)")


@each_widget
def test_leaves_nothing_behind(name, bare_page):
    """Taken away, as a notebook does with an output, a widget stops listening and drawing."""
    instance = getattr(widgets, name)()
    visit = bare_page([instance])
    life = visit.page.evaluate(LIFE, {"esm": str(instance._esm), "values": instance.get_state()})
    assert life.pop("heard") > 0
    assert life == {"still": 0, "idle": True}
    assert visit.complaints == []
