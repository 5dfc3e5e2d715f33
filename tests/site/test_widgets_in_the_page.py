"""What every widget promises: the numbers of Python, a frame's work at most, little to load, nothing left behind."""

import gzip
import json
import statistics

import pytest
from ipywidgets.embed import embed_data
from widget_cases import COVERAGE, NUMBERS, assert_numbers
from widgets import page_state

from olsattn import widgets

WIDGET_BUDGET = 60_000  # bytes of script and style, compressed
STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
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
  const { default: load } = await import(URL.createObjectURL(new Blob([esm], { type: 'text/javascript' })));
  const widget = await load();
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
    def build(instances):
        data = embed_data(views=instances, drop_defaults=False)
        shown = [view["model_id"] for view in data["view_specs"]]
        state = page_state(data["manager_state"]["state"], shown)
        views = "".join(f"<div>{script(VIEW, view)}</div>" for view in data["view_specs"])
        names = ["widgets/kit.js", *{f"widgets/{type(w).module()}" for w in instances}, "widget-host.js"]
        sources = "".join(f'<script defer src="{(site / "_static" / name).as_uri()}"></script>' for name in names)
        page = tmp_path / "bare.html"
        page.write_text(f'<!DOCTYPE html><meta charset="utf-8"><title>bare</title>{script(STATE, {"state": state})}'
                        f'{sources}{views}', encoding="utf-8")
        return visitor().open(page.as_uri())

    return build


def test_every_widget_is_covered():
    """A new widget comes with cases and an oracle."""
    assert sorted(COVERAGE) == sorted(widgets.__all__)
    assert all(coverage.cases for coverage in COVERAGE.values())


@each_widget
def test_numbers_are_those_of_python(name, bare_page, note):
    """On shared seeded inputs the page computes what NumPy computes, to 1e-6."""
    cases, oracle = COVERAGE[name].cases, COVERAGE[name].oracle
    visit = bare_page([getattr(widgets, name)(**traits) for traits in cases])
    mounted = visit.page.locator("[data-mounted]")
    assert mounted.count() == len(cases)
    worst = max(assert_numbers(element.evaluate(NUMBERS), oracle(**traits), f"of {traits}")
                for element, traits in zip(mounted.all(), cases, strict=True))
    assert visit.complaints == []
    note("widgets", f"{name}: {len(cases)} cases, page and NumPy differ by {worst:.0e} at most")


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
    """Script and style of a widget stay small, compressed."""
    widget = getattr(widgets, name)()
    weight = sum(len(gzip.compress(text.encode(), 6)) for text in (widget._esm, widget._css))
    note("widgets", f"{name}: {weight / 1000:.1f} kB compressed")
    assert weight <= WIDGET_BUDGET


@each_widget
def test_answers_each_key_with_a_picture(name, widget_pages, visitor, note):
    """Each key changes the picture; the work from a key to the picture, which should fit one frame, is printed."""
    page = visitor().open(widget_pages[name][0]).page
    mover = page.locator(f"[data-mounted$='.{name}']").first.locator(COVERAGE[name].mover)
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
