"""The parts of the site's own machinery that can be tried without a site."""

import re

import formulas
import pytest
import styles
from docutils import nodes
from page import description


@pytest.fixture
def typeset():
    yield formulas.typeset
    formulas.stop()


def test_letters_are_marked_by_role_and_no_others(typeset):
    markup, error = typeset(r"\Omega = W_Q W_K', \quad V \neq \mathrm{Var}, X")
    assert error is None
    marked = {letter: role for role, letter in re.findall(r'role-(\w+)"[^>]*>(.)<', markup)}
    assert marked == {"Ω": "omega", "Q": "query", "K": "key", "V": "value"}


def test_a_mistake_in_a_formula_is_told(typeset):
    markup, error = typeset(r"\frac{1}")
    assert markup is None and r"\frac{1}" in error


def test_equations_apart_by_an_empty_line_stand_below_one_another(typeset):
    assert formulas.aligned("a = b") == "a = b"
    assert formulas.aligned(r"a &= b \\ c &= d") == r"\begin{split}a &= b \\ c &= d\end{split}"
    tex = formulas.aligned("a = b\n\n" + r"c &= d \\ e &= f")
    assert tex == r"\begin{aligned}a = b\\\begin{split}c &= d \\ e &= f\end{split}\end{aligned}"
    assert typeset(tex, True)[1] is None


def test_what_no_page_uses_is_left_out():
    css = ('@charset "utf-8"; /* a{b} */ .used, .not-used { color: red } .not-used p{} p:not(.not-used){margin:0}'
           "@media print { .not-used { top: 0 } } @media screen { .used [title='.x}'] { top: 0 } }"
           "@font-face { font-family: F } .used .not-used {left: 0}")
    kept = [(" ".join(prelude.split()), body and body.strip()) for prelude, body in
            styles.rules(styles.trimmed(css, {"used"}))]
    assert kept == [('@charset "utf-8"', None), (".used", "color: red"), ("p:not(.not-used)", "margin:0"),
                    ("@media screen", ".used [title='.x}']{ top: 0 }"), ("@font-face", "font-family: F")]


def test_the_dark_theme_is_for_screens_and_the_light_one_for_paper():
    css = 'p{top:0}html[data-theme="dark"] a{color:white}html[data-theme=light] a, b{color:black}'
    assert styles.on_paper(css) == (
        'p{top:0}@media screen{html[data-theme="dark"] a{color:white}}'
        "html[data-theme=light] a,b{color:black}@media print{html[data-theme=dark] a{color:black}}")


def test_an_icon_is_drawn_where_a_font_was():
    css = '@font-face{font-family:Font Awesome\\ 6 Free}.fa-moon:before{content:"\\f186"}a:before{content:"x"}'
    drawn = styles.drawn(css)
    assert "font-face" not in drawn and "f186" not in drawn and 'a:before{content:"x"}' in drawn
    assert '.fa-moon{--icon:url("data:image/svg+xml,' in drawn


def test_a_description_is_the_first_paragraph():
    section = nodes.section("", nodes.title("", "T"), nodes.note("", nodes.paragraph("", "not this")))
    paragraph = nodes.paragraph()
    paragraph += [nodes.Text("There are "), nodes.math(text=r"2^{d/2}\,\Omega"), nodes.Text(" of "),
                  nodes.strong("", "them"), nodes.Text(". " + 60 * "More ")]
    section += paragraph
    text = description(section)
    assert text.startswith("There are 2^(d/2)Ω of them. More") and text.endswith("More …") and len(text) < 205
