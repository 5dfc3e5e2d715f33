"""How the text is set: its face, the length of its lines, code that fits, letters that carry their role."""

import re
import statistics

import pytest

# Characters a line of the long paragraphs that hold no formula, whose last line is left out.
LINES = """() => [...document.querySelectorAll('article section > p')]
  .filter((paragraph) => !paragraph.querySelector('.math, code'))
  .flatMap((paragraph) => {
    const style = getComputedStyle(paragraph);
    const lines = Math.round(paragraph.clientHeight / parseFloat(style.lineHeight));
    const range = new Range();
    range.selectNodeContents(paragraph);
    const last = [...range.getClientRects()].at(-1);
    const full = lines - 1 + (last.right - paragraph.getBoundingClientRect().left) / paragraph.clientWidth;
    return lines >= 4 ? [paragraph.textContent.trim().length / full] : [];
  })"""
EIGHTY = """() => {
  const pre = document.querySelector('.cell_input pre'), sample = document.createElement('span');
  sample.textContent = 'x'.repeat(80);
  pre.append(sample);
  const width = sample.getBoundingClientRect().width, { paddingLeft, paddingRight } = getComputedStyle(pre);
  sample.remove();
  return [width, pre.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight)];
}"""
SIZES = """() => Object.fromEntries(['h1', 'h2', 'h3', 'p'].map((tag) =>
  [tag, parseFloat(getComputedStyle(document.querySelector(`article ${tag}`) ?? document.body).fontSize)]))"""
ROLES = """() => [...document.querySelectorAll('.katex-html .mathnormal, .katex-html .mord')]
  .filter((letter) => !letter.children.length)
  .map((letter) => [letter.textContent, getComputedStyle(letter).color])"""


@pytest.fixture
def chapter(visitor):
    return visitor().open("book/least-squares-as-attention/double-life.html").page


def test_lines_are_as_long_as_a_reader_likes(visitor):
    """65 to 70 characters, spaces included, in the middle of all that is long enough to tell."""
    visit, lines = visitor(), []
    for name in "index", "start/how-to-use", "least-squares-as-attention/double-life", "heads-and-sequences/masks":
        lines += visit.open(f"book/{name}.html").page.evaluate(LINES)
    assert len(lines) > 6
    assert 63 <= statistics.median(lines) <= 72, lines


def test_text_is_set_in_the_book_s_face(chapter):
    assert chapter.evaluate("getComputedStyle(document.querySelector('article p')).fontFamily").startswith(
        '"Source Serif 4"')
    for face in "1em 'Source Serif 4'", "italic 1em 'Source Serif 4'", "600 1em 'Source Serif 4'", "1em KaTeX_Main":
        assert chapter.evaluate("(face) => document.fonts.check(face)", face)


def test_code_of_eighty_characters_fits(chapter):
    needed, there = chapter.evaluate(EIGHTY)
    assert needed <= there


def test_headings_do_not_shout(visitor):
    sizes = visitor().open("book/least-squares-as-attention/double-life.html").page.evaluate(SIZES)
    assert sizes["p"] < sizes["h2"] <= 1.4 * sizes["p"] < sizes["h1"] <= 1.8 * sizes["p"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_letters_carry_their_role(visitor, theme):
    """Q, K, V and Omega have the colours of ``roles.css``, and other letters have the colour of the text."""
    page = visitor("desktop", theme).open("book/start/notation.html").page
    role = "(name) => getComputedStyle(document.documentElement).getPropertyValue(`--role-${name}`).trim()"
    wanted = {letter: page.evaluate(role, name)
              for letter, name in {"Q": "query", "K": "key", "V": "value", "Ω": "omega", "X": "ink"}.items()}
    found = {}
    for letter, colour in page.evaluate(ROLES):
        found.setdefault(letter, set()).add("#" + "".join(f"{int(v):02x}" for v in re.findall(r"\d+", colour)[:3]))
    assert {letter: found[letter] for letter in wanted} == {letter: {colour} for letter, colour in wanted.items()}


def test_nothing_measures_the_page_while_a_widget_moves(visitor):
    """A change in the page, such as a frame of a widget, makes no script ask for sizes or rendered text."""
    visit = visitor()
    visit.page.add_init_script("""window.asked = 0;
      for (const [type, name] of [[HTMLElement, 'innerText'], [Element, 'scrollWidth'], [Element, 'clientWidth']]) {
        const { get, ...rest } = Object.getOwnPropertyDescriptor(type.prototype, name);
        Object.defineProperty(type.prototype, name, { ...rest, get() { window.asked += 1; return get.call(this); } });
      }""")
    page = visit.open("book/least-squares-as-attention/double-life.html").page
    before = page.evaluate("window.asked")
    page.evaluate("""async () => {
      for (let i = 0; i < 5; i++) {
        document.querySelector('article').append(document.createElement('div'));
        await new Promise(requestAnimationFrame);
      }
    }""")
    assert page.evaluate("window.asked") == before
