"""The book's figures: one matplotlib style, drawn as SVG inside the page so that colours follow its theme."""

import html
import io
import re
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.text import Text

_COLOURS = Path(__file__).with_name("roles.css").read_text(encoding="utf-8")
#: Colour of each role on a light page, by the names in ``roles.css``: ``"query"``, ``"key"``, ``"positive"``, ...
ROLES = dict(re.findall(r"--role-(\w+):\s*(#[0-9a-f]{6})", _COLOURS.split("@media")[0]))

_STYLE = {
    "font.size": 11,
    "font.family": "DejaVu Sans",
    "svg.fonttype": "none",  # text stays text: selectable, and in the page's own font
    "text.color": ROLES["ink"],
    "axes.edgecolor": ROLES["soft"],
    "axes.labelcolor": ROLES["ink"],
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": ROLES["soft"],
    "ytick.color": ROLES["soft"],
    "grid.color": ROLES["line"],
    "lines.linewidth": 1.8,
    "axes.titlesize": 11,
}


def subplots(nrows=1, ncols=1, *, size=(6.4, 3.2), **options):
    """A figure and its axes in the book's style, without pyplot's global state.

    Parameters
    ----------
    nrows, ncols : int
    size : tuple of float
        Width and height in inches; 6.4 is the width of the text.
    **options
        Passed to :meth:`matplotlib.figure.Figure.subplots`.

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : matplotlib.axes.Axes or ndarray of them
    """
    with rc_context(_STYLE):
        figure = Figure(figsize=size, layout="constrained")
        return figure, figure.subplots(nrows, ncols, **options)


def signed_points(ax, points, weights, *, query, labels=False):
    """Draw points with areas proportional to the size of their weights, and the query as a diamond.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    points : ndarray, shape (N, 2)
    weights : ndarray, shape (N,)
        The sign of a weight sets the colour of its point.
    query : ndarray, shape (2,)
    labels : bool
        Whether to write the weights next to the points.
    """
    colours = [ROLES["negative" if weight < 0 else "positive"] for weight in weights]
    ax.scatter(*np.transpose(points), s=1500 * np.abs(weights), c=colours)
    for marker, of_sign in (("+", np.greater), ("_", np.less)):  # colour is not the only cue
        some = np.asarray(points)[of_sign(weights, 0)]
        ax.scatter(*some.T, s=25, marker=marker, color=ROLES["paper"], linewidths=1.2)
    ax.scatter(*query, s=70, marker="D", color=ROLES["query"])
    ax.margins(0.15)  # the largest points need room
    if labels:
        near = {"textcoords": "offset points", "fontsize": 9}
        for point, weight in zip(points, weights, strict=True):
            ax.annotate(f"{weight:+.2f}", point, xytext=(9, 7), **near)
        ax.annotate("query", query, xytext=(8, -12), color=ROLES["query"], **near)


class InlineSVG:
    """A finished figure that a notebook shows as SVG, with its text alternative."""

    def __init__(self, markup, alt):
        self._markup = markup
        self.alt = alt

    def _repr_html_(self):
        return self._markup

    def __repr__(self):
        return f"<figure: {self.alt}>"


def show(figure, alt):
    """Turn a matplotlib figure into SVG markup whose role colours follow the theme of the page.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        From :func:`subplots`. Use the colours in :data:`ROLES`.
    alt : str
        What the figure shows, for a reader who cannot see it.

    Returns
    -------
    InlineSVG

    Raises
    ------
    ValueError
        If ``alt`` is shorter than 20 characters: too little to stand in for a figure.
    """
    if len(alt.strip()) < 20:
        raise ValueError(f"alt must describe the figure in a sentence, got {alt!r}")
    for text in figure.findobj(Text):
        if text.get_color() == "black":  # made after the style was left, so without its ink
            text.set_color(ROLES["ink"])
    buffer = io.StringIO()
    with rc_context({**_STYLE, "svg.hashsalt": alt}):  # ids that no other figure of the page has
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = svg.replace("'DejaVu Sans'", "inherit-font, sans-serif")
    for role, colour in ROLES.items():
        svg = svg.replace(colour, f"var(--role-{role}, {colour})")
    svg = svg.replace("<svg ", f'<svg role="img" aria-label="{html.escape(alt, quote=True)}" ', 1)
    # The page may not have the colours: in a notebook nobody else brings them.
    return InlineSVG(f'<style>{_COLOURS}</style><div class="olsattn-figure">{svg}</div>', alt)
