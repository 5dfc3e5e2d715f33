"""Figures are in the book's style without a word in the chapter, follow the theme of the page, and speak."""

import re
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.markers import MarkerStyle

from olsattn import figures
from olsattn.figures import ROLES

CSS = (Path(__file__).parents[2] / "olsattn" / "roles.css").read_text(encoding="utf-8")
ALT = "A figure that a test has drawn, for its markup."


def markup(figure, alt=ALT):
    return figures.show(figure, alt=alt)._repr_html_()


def test_what_a_chapter_draws_is_in_the_style_of_the_book():
    """Lines, bars, text and rules drawn after ``subplots`` has returned, without a colour or a width given."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        figure, ax = figures.subplots()
        lines = [ax.plot([0, 1], [k, 1])[0] for k in range(6)]
        assert [line.get_color() for line in lines] == [
            ROLES[role] for role in ("query", "key", "value", "omega", "positive", "negative")]
        assert {line.get_linewidth() for line in lines} == {1.8}
        assert ax.text(0, 0, "a word").get_color() == ROLES["ink"]
        assert ax.set_title("a title").get_color() == ROLES["ink"]
        assert not ax.spines["top"].get_visible() and not ax.spines["right"].get_visible()
        figure, ax = figures.subplots()
        ax.bar([0, 1], [1, 2])
        ax.axhline(1)
        ax.scatter([0, 1], [1, 1])
        ax.annotate("here", (0, 1), (1, 1), arrowprops={"arrowstyle": "->"})
        drawn = markup(figure)
    declared = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", drawn))
    assert not declared  # every colour is a variable, none is left that no theme changes
    assert "#1f77b4" not in drawn


def test_every_role_becomes_its_variable():
    figure, ax = figures.subplots()
    for colour in ROLES.values():
        ax.plot([0, 1], [0, 1], color=colour)
    drawn = markup(figure)
    for role, colour in ROLES.items():
        assert f"stroke: var(--role-{role}, {colour})" in drawn


def test_black_and_white_follow_the_theme_and_other_colours_stay():
    figure, ax = figures.subplots()
    ax.plot([0, 1], [0, 1], color="black")
    ax.plot([0, 1], [0, 1], color="white")
    ax.plot([0, 1], [0, 1], color="#123456")
    ax.text(0, 0, f"written: fill #000000 {ROLES['key']}", color="black")
    drawn = markup(figure)
    for colour in (f"var(--role-ink, {ROLES['ink']})", f"var(--role-paper, {ROLES['paper']})", "#123456"):
        assert f"stroke: {colour}" in drawn
    assert f">written: fill #000000 {ROLES['key']}<" in drawn  # words are not recoloured
    root = re.search(r"<svg [^>]*>", drawn)[0]
    assert f"fill: var(--role-ink, {ROLES['ink']})" in root and "stroke-linejoin: round" in root


def test_text_takes_its_family_from_the_page_and_keeps_size_slant_and_weight():
    figure, ax = figures.subplots()
    ax.text(0, 0, "plain", fontsize=9)
    ax.text(0, 0, "strong", weight="bold", style="italic")
    ax.set_xlabel("$x_1$")
    drawn = markup(figure)
    assert "font-family" not in drawn and "DejaVu" not in drawn and not re.search(r"\bfont:", drawn)
    plain = re.search(r'<text style="([^"]*)"[^>]*>plain<', drawn)[1]
    assert "font-size: 9px" in plain and "font-weight" not in plain and "font-style" not in plain
    strong = re.search(r'<text style="([^"]*)"[^>]*>strong<', drawn)[1]
    assert {"font-size: 11px", "font-weight: 700", "font-style: italic"} <= set(strong.split("; "))


def test_shorthand_and_longhand_fonts_are_both_rewritten():
    """Matplotlib writes either, by version."""
    assert figures._without_fonts("font: italic 700 11px 'DejaVu Sans', sans-serif; text-anchor: start") == (
        "font-size: 11px; font-style: italic; font-weight: 700; text-anchor: start")
    assert figures._without_fonts("font: 7.7px 'DejaVu Sans'") == "font-size: 7.7px"
    assert figures._without_fonts("font-size: 9px; font-family: 'A B', c; fill: none") == "font-size: 9px; fill: none"


def test_places_are_written_to_a_hundredth_of_a_point():
    """Two thousand points would otherwise be the heaviest thing on a page; a scale keeps its digits."""
    figure, ax = figures.subplots()
    ax.scatter([1 / 3, 2 / 3], [1 / 7, 2 / 7])
    drawn = markup(figure)
    places = re.findall(r'\s(?:d|x|y)="([^"]*)"', drawn)
    assert any("." in place for place in places) and not re.search(r"\.\d{3}", " ".join(places))
    small = '<g transform="scale(0.00125)"><path d="M -1.23456 0.5"/></g>'
    assert figures._rounded(small) == '<g transform="scale(0.00125)"><path d="M -1.23 0.5"/></g>'


def test_a_figure_carries_little_style_and_none_for_the_rest_of_the_page():
    """On the site the roles come from one sheet; a dark notebook gets the few that the figure uses."""
    figure, ax = figures.subplots()
    ax.plot([0, 1], [0, 1], color=ROLES["omega"])
    drawn = markup(figure)
    (style,) = re.findall(r"<style[^>]*>(.*?)</style>", drawn, flags=re.S)
    assert len(style) < 250
    selectors = re.findall(r"([^{}]+)\{--", style)
    assert selectors == ['body[data-jp-theme-light="false"],body.vscode-dark']
    dark = dict(re.findall(r"--role-(\w+):\s*(#[0-9a-f]{6})", CSS.partition("@media")[2]))
    assert dict(re.findall(r"--role-(\w+):(#[0-9a-f]{6})", style)) == {
        role: dark[role] for role in ("ink", "omega", "soft")}


def test_two_figures_of_a_page_share_no_id():
    ids = []
    for alt in (ALT, ALT + " Another."):
        figure, ax = figures.subplots()
        ax.plot([0, 1], [0, 1], "o-")
        drawn = markup(figure, alt)
        own = re.findall(r'\bid="([^"]*)"', drawn)
        assert own and len(set(own)) == len(own)
        assert set(re.findall(r'href="#([^"]*)"', drawn)) | set(re.findall(r"url\(#([^)]*)\)", drawn)) == set(own)
        ids.append(set(own))
    assert not ids[0] & ids[1]


def test_the_same_figure_gives_the_same_markup():
    def draw():
        figure, ax = figures.subplots()
        ax.plot([0, 1], [0, 1], "o-")
        return markup(figure)

    assert draw() == draw()
    assert "<metadata" not in draw() and re.sub(r"<[^>]*>|\s|[\d.\N{MINUS SIGN}]", "", re.sub(
        r"<style.*?</style>", "", draw(), flags=re.S)) == ""  # no text but the numbers on the axes


def test_size_and_grid_of_axes():
    figure, axes = figures.subplots(2, 3, size=(5, 2), sharex=True)
    assert axes.shape == (2, 3) and figure.get_size_inches().tolist() == [5, 2]
    assert axes[0, 0].get_shared_x_axes().joined(axes[0, 0], axes[1, 2])
    figure, _ = figures.subplots()
    assert figure.get_size_inches().tolist() == [6.4, 3.2] and figure.get_layout_engine() is not None


def test_a_figure_speaks():
    figure, _ = figures.subplots()
    shown = figures.show(figure, alt='Two points and a query, "labelled".')
    drawn = shown._repr_html_()
    assert 'role="img" aria-label="Two points and a query, &quot;labelled&quot;."' in drawn
    assert '<div class="olsattn-figure"><svg ' in drawn and drawn.endswith("</svg>\n</div>")
    assert repr(shown) == '<figure: Two points and a query, "labelled".>'
    assert figures.show(figure, alt="x" * 20).alt == "x" * 20
    for short in ("figure 1", "x" * 19, "  a padded sentence    "):
        with pytest.raises(ValueError, match="alt must describe the figure in a sentence, got '"):
            figures.show(figure, alt=short)


def test_signed_points_mark_size_sign_and_query():
    _, ax = figures.subplots()
    points, weights = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]), np.array([0.5, -0.2, 0.0])
    figures.signed_points(ax, points, weights, query=[1, 1])
    discs, plus, minus, query = ax.collections
    assert discs.get_offsets().tolist() == points.tolist()
    assert discs.get_sizes() == pytest.approx([750, 300, 0])
    colours = [matplotlib.colors.to_hex(colour) for colour in discs.get_facecolors()]
    assert colours == [ROLES["positive"], ROLES["negative"], ROLES["positive"]]
    assert plus.get_offsets().tolist() == [[0, 1]] and minus.get_offsets().tolist() == [[2, 3]]
    assert query.get_offsets().tolist() == [[1, 1]] and not ax.texts
    for mark, kind, size in (plus, "+", 25), (minus, "_", 25), (query, "D", 70):  # colour is not the only cue
        style = MarkerStyle(kind)
        drawn, expected = mark.get_paths()[0].vertices, style.get_path().transformed(style.get_transform()).vertices
        assert drawn.shape == expected.shape and drawn == pytest.approx(expected) and mark.get_sizes() == [size]
    assert matplotlib.colors.to_hex(plus.get_edgecolor()[0]) == ROLES["paper"] and plus.get_linewidths() == [1.2]
    assert matplotlib.colors.to_hex(query.get_facecolor()[0]) == ROLES["query"]
    assert ax.margins() == (0.15, 0.15)
    figures.signed_points(ax, points, weights, query=[1, 1], labels=True)
    assert [text.get_text() for text in ax.texts] == ["+0.50", "-0.20", "+0.00", "query"]
    assert {(text.anncoords, text.get_fontsize()) for text in ax.texts} == {("offset points", 9)}
    assert ax.texts[1].xy == (2, 3) and ax.texts[1].xyann == (9, 7) and ax.texts[-1].xyann == (8, -12)
    assert ax.texts[-1].get_color() == ROLES["query"]


@pytest.mark.parametrize(
    "arguments",
    [dict(points=np.ones((3, 2))), dict(points=np.ones((2, 3))), dict(weights=np.ones(3)), dict(query=np.ones(3))],
)
def test_signed_points_name_shapes_that_do_not_fit(arguments):
    _, ax = figures.subplots()
    arguments = {**dict(points=np.eye(2), weights=np.ones(2), query=np.ones(2)), **arguments}
    shapes = ", ".join(rf"\({str(np.shape(value))[1:-1]}\)" for value in list(arguments.values())[:2])
    with pytest.raises(ValueError, match=f"must have shapes .* got {shapes} and"):
        figures.signed_points(ax, **arguments)


def test_role_colours_are_readable_in_both_themes():
    """Each role has a contrast of at least 4.5 to 1 on the paper of its theme."""

    def luminance(colour):
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return float(np.dot([0.2126, 0.7152, 0.0722], linear))

    for theme in CSS.split("@media"):
        colours = dict(re.findall(r"--role-(\w+):\s*(#[0-9a-f]{6})", theme))
        paper = luminance(colours.pop("paper"))
        del colours["line"]  # decoration only
        assert len(colours) == 8
        for role, colour in colours.items():
            low, high = sorted([luminance(colour), paper])
            assert (high + 0.05) / (low + 0.05) >= 4.5, role


def test_a_cloud_shows_size_and_sign():
    """Areas follow the sizes of the weights to a tenth of the largest diameter, and no point is lost or moved."""
    rng = np.random.default_rng(3)
    x, y, weights = rng.normal(size=(3, 80))
    _, ax = figures.subplots()
    figures.signed_cloud(ax, x, y, weights, largest=20.0)
    drawn = {(px, py): line for line in ax.lines for px, py in zip(*line.get_data(), strict=True)}
    assert len(drawn) == 80
    for px, py, weight in zip(x, y, weights, strict=True):
        line, share = drawn[px, py], np.sqrt(abs(weight) / np.abs(weights).max())
        assert line.get_color() == ROLES["negative" if weight < 0 else "positive"]
        assert line.get_marker() == "o" and line.get_linestyle() == "None"
        assert line.get_markeredgewidth() == 0 and line.get_alpha() == 0.6
        assert max(1, 20 * share) - 1e-9 <= line.get_markersize() <= max(1, 20 * share + 2)
    _, ax = figures.subplots()
    figures.signed_cloud(ax, [1, 2], [1, 2], [0, 0])
    assert [line.get_markersize() for line in ax.lines] == [1] and ax.lines[0].get_color() == ROLES["positive"]
    _figure, ax = figures.subplots()
    figures.signed_cloud(ax, [1], [1], [1])
    assert ax.lines[0].get_markersize() == 16
    for bad in ({"x": [1]}, {"y": [1]}, {"weights": [1]}):
        given = {"x": [1, 2], "y": [1, 2], "weights": [1, 2], **bad}
        with pytest.raises(ValueError, match=r"x, y and weights must be equally long, got shapes \(.*\)"):
            figures.signed_cloud(ax, **given)


def test_a_map_has_its_first_row_on_top():
    weights = np.array([[1.0, 0.0, -0.5], [0.0, -2.0, 0.25]])
    _figure, ax = figures.subplots()
    figures.weight_map(ax, weights)
    assert ax.get_xlim() == (-0.5, 2.5) and ax.get_ylim() == (1.5, -0.5) and ax.get_aspect() == 1
    assert len({patch.get_xy() for patch in ax.patches}) == len(ax.patches) == 4
    for patch in ax.patches:
        column, row = np.array(patch.get_xy()) + 0.5
        weight = weights[int(row), int(column)]
        assert (column, row) == (int(column), int(row)) and (patch.get_width(), patch.get_height()) == (1, 1)
        assert matplotlib.colors.to_hex(patch.get_facecolor()) == ROLES["negative" if weight < 0 else "positive"]
        assert patch.get_alpha() == abs(weight) / 2 and patch.get_linewidth() == 0
    with pytest.raises(ValueError, match="weights must be 2-D"):
        figures.weight_map(ax, [1.0])


def places(svg):
    """Boxes of the drawing, and where its arrows begin and end."""
    boxes = [tuple(map(float, box)) for box in re.findall(
        r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', svg)]
    paths = re.findall(r'<path d="(M[^"]*)" fill="none"[^>]*marker-end="url\(#olsattn-tip\)"', svg)
    ends = []
    for path in paths:
        x = y = None
        steps = re.findall(r"([MHV])([\d. ]+)", path)
        for kind, numbers in steps:
            values = [float(number) for number in numbers.split()]
            x, y = (values if kind == "M" else (values[0], y) if kind == "H" else (x, values[0]))
        ends.append((x, y))
    return boxes, ends


def test_the_transformer_is_drawn_whole():
    """Each arrow stops just before a box, a sum or the edge; all is inside; the roles have their colours."""
    drawing = figures.transformer()
    svg = drawing._repr_html_()
    boxes, ends = places(svg)
    frame = boxes.pop([width for _, _, width, _ in boxes].index(222))  # around the heads
    assert len(boxes) == 9 and len(ends) == 14
    inside = [box for box in boxes if frame[0] < box[0] and frame[1] < box[1] < box[1] + box[3] < frame[1] + frame[3]]
    assert len(inside) == 4  # queries, keys, values, weights
    circles = [tuple(map(float, c)) for c in re.findall(r'<circle cx="(\d+)" cy="(\d+)" r="(\d+)"', svg)]
    assert len(circles) == 3
    edge = 70, 10  # where the next token leaves
    for x, y in ends:
        at_box = any(bx - 3 <= x <= bx + w + 3 and by - 3 <= y <= by + h + 3 for bx, by, w, h in boxes)
        at_sum = any(r - 1 <= np.hypot(x - cx, y - cy) <= r + 10 for cx, cy, r in circles)
        assert at_box or at_sum or (x, y) == edge, (x, y)
    left, top, width, height = map(float, re.search(r'viewBox="([^"]*)"', svg)[1].split())
    for x, y in [*ends, *((bx + w, by + h) for bx, by, w, h in boxes)]:
        assert left <= x <= left + width and top <= y <= top + height
    for piece, role in figures.PIECES.items():
        assert f'fill="var(--role-{role}, {ROLES[role]})">{"in heads" if piece == "heads" else piece}</text>' in svg
    assert drawing.alt.startswith("One layer of a Transformer, with embedding, norm, queries")
    assert f'role="img" aria-label="{drawing.alt}"' in svg and "olsattn-figure" in svg


def test_what_is_not_highlighted_is_pale_and_names_can_change():
    svg = figures.transformer(["queries"], {"weights": "identity", "heads": "<one>"})._repr_html_()
    assert "identity</text>" in svg and ">weights</text>" not in svg and "&lt;one&gt;</text>" in svg
    assert f'fill="var(--role-query, {ROLES["query"]})">queries</text>' in svg
    for pale in ("keys", "values", "identity", "norm", "residual"):
        assert f'fill="var(--role-soft, {ROLES["soft"]})">{pale}</text>' in svg
    assert "--role-key" not in svg and f'stroke="var(--role-line, {ROLES["line"]})"' in svg
    for bad in ((["moon"], None), ((), {"moon": "x"})):
        with pytest.raises(ValueError, match=r"no piece \['moon'\]: the pieces are embedding, norm, queries"):
            figures.transformer(*bad)


def test_each_piece_has_its_own_shapes_and_colours_no_other():
    """How many boxes, lines, circles and words change when one piece alone is in colour."""
    def shapes(*pieces):
        return re.findall(r"<(?:rect|path|text|circle)[^>]*>", figures.transformer(pieces)._repr_html_())

    changed = {piece: [new for old, new in zip(shapes(), shapes(piece), strict=True) if old != new]
               for piece in figures.PIECES}
    assert {piece: len(new) for piece, new in changed.items()} == {
        "embedding": 3, "norm": 7, "queries": 4, "keys": 4, "values": 4, "weights": 5, "heads": 4, "feed-forward": 3,
        "residual": 6, "logits": 3}
    for piece, role in figures.PIECES.items():
        assert all(f"var(--role-{role}, {ROLES[role]})" in new for new in changed[piece])
    hollow = [new for new in shapes() if "rect" in new]
    assert all('fill="none" stroke-width="2"' in new for new in hollow)


def test_words_stand_in_the_middle_of_their_boxes():
    svg = figures.transformer()._repr_html_()
    pairs = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="(\d+)" height="(\d+)" rx="6"[^>]*/>'
                       r'<text x="([\d.]+)" y="([\d.]+)" text-anchor="middle"', svg)
    assert len(pairs) == 9
    for pair in pairs:
        x, y, width, height, at, base = map(float, pair)
        assert at == x + width / 2 and base == y + height / 2 + 4.5  # the line under the letters
    tip = re.search(r'<marker id="olsattn-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6"', svg)
    assert tip and svg.count("url(#olsattn-tip)") == 14


@pytest.mark.parametrize(("pieces", "from_bottom"), [(["queries", "keys", "values"], "M70 446V316H240M240 262V370"),
                                                      (["values"], "M70 446V316H240V370H262M346 370H452V218")])
def test_one_strong_line_joins_what_is_in_colour(pieces, from_bottom):
    assert 'stroke-width="3"' not in figures.transformer(pieces)._repr_html_()
    drawing = figures.transformer(pieces, {"tokens": "patients", "next token": "prediction"}, strong=True)
    svg = drawing._repr_html_()
    (path,) = re.findall(r'<path d="([^"]*)" fill="none" stroke-width="3"', svg)
    assert path.startswith(from_bottom) and path.endswith("M70 28V10")  # from the tokens to what comes out
    assert ">patients</text>" in svg and ">prediction</text>" in svg and "token</text>" not in svg
    assert drawing.alt.endswith("in colour, and one strong line through the layer.")


@pytest.mark.parametrize("axis", ["x", "y"])
def test_a_logarithmic_axis_has_its_ticks_as_plain_numbers_and_no_others(axis):
    _, ax = figures.subplots()
    ax.plot([1, 1000], [1, 1000])
    figures.log_axis(ax, [1, 11, 1000], axis=axis)
    one = {"x": ax.xaxis, "y": ax.yaxis}[axis]
    assert one.get_scale() == "log" and list(one.get_majorticklocs()) == [1, 11, 1000]
    assert [label.get_text() for label in one.get_majorticklabels()] == ["1", "11", "1,000"]
    assert len(one.get_minorticklocs()) == 0


def test_a_logarithmic_axis_refuses_what_it_cannot_show():
    _, ax = figures.subplots()
    with pytest.raises(ValueError, match="must be positive, got 0"):
        figures.log_axis(ax, [0, 1])
    with pytest.raises(ValueError, match="'x' or 'y', got 'z'"):
        figures.log_axis(ax, [1, 2], axis="z")
