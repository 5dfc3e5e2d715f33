"""Every page can be read with scripts off: text, formulas, code, outputs and pictures are all there."""

from test_every_page import UNDRAWN

# What is folded, or shown to some devices only, is not looked for; a widget has a figure in its place.
BLANK = """() => [...document.querySelectorAll('article :is(p, pre, td, figure), .olsattn-figure svg')]
  .filter((element) => !element.closest('details:not([open]), .onlyprint, script, noscript'))
  .filter((element) => element.textContent.trim() && !element.checkVisibility())
  .map((element) => element.outerHTML.slice(0, 160))"""

CONTRAST = """() => {
  const light = (text) => {
    const linear = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = text.match(/[\\d.]+/g).map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [ink, paper] = [getComputedStyle(document.querySelector('main')).color,
                        getComputedStyle(document.body).backgroundColor].map(light);
  return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
}"""


def test_page_reads_without_scripts(page_name, visitor):
    visit = visitor(scripts=False)
    visit.page.goto(visit.base + page_name, wait_until="load")
    assert visit.page.evaluate(UNDRAWN) == []
    assert visit.page.evaluate(BLANK) == []
    assert visit.page.evaluate(CONTRAST) > 7
    assert visit.complaints == []
