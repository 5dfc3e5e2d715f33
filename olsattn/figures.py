"""The book's figures: one matplotlib style, drawn as SVG inside the page so that colours follow its theme."""

import html
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context, rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.rcsetup import cycler
from matplotlib.ticker import NullLocator
from numpy.typing import ArrayLike

from olsattn._arrays import as_floats

_LIGHT, _, _DARK = Path(__file__).with_name("roles.css").read_text(encoding="utf-8").partition("@media")


def _colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"--role-(\w+):\s*(#[0-9a-f]{6})", css))


#: Colour of each role on a light page, by the names in ``roles.css``: ``"query"``, ``"key"``, ``"positive"``, ...
ROLES = _colours(_LIGHT)
_ON_DARK = _colours(_DARK)

_CYCLE = [ROLES[name] for name in ("query", "key", "value", "omega", "positive", "negative")]
_STYLE: Any = {  # matplotlib types the keys of its settings one by one
    "axes.edgecolor": ROLES["soft"],
    "axes.facecolor": "none",
    "axes.labelcolor": ROLES["ink"],
    "axes.prop_cycle": cycler(color=_CYCLE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 11,
    "figure.facecolor": "none",
    "font.family": "DejaVu Sans",  # measures the text; the page's own font shows it
    "font.size": 11,
    "grid.color": ROLES["line"],
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "svg.fonttype": "none",  # text stays text: selectable, found by a search
    "text.color": ROLES["ink"],
    "xtick.color": ROLES["soft"],
    "ytick.color": ROLES["soft"],
}


def subplots(
    nrows: int = 1, ncols: int = 1, *, size: tuple[float, float] = (6.4, 3.2), **options: Any
) -> tuple[Figure, Any]:
    """A figure and its axes, without pyplot's global state; from here on matplotlib draws in the book's style.

    The style lasts, because matplotlib asks for it whenever something is drawn, not when axes are made.

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

    Examples
    --------
    >>> figure, ax = subplots()
    >>> (line,) = ax.plot([0, 1], [1, 0])
    >>> line.get_color() == ROLES["query"]
    True
    """
    rcParams.update(_STYLE)
    figure = Figure(figsize=size, layout="constrained")
    return figure, figure.subplots(nrows, ncols, **options)


def signed_points(ax: Axes, points: ArrayLike, weights: ArrayLike, *, query: ArrayLike, labels: bool = False) -> None:
    """Draw points with areas proportional to the size of their weights, and the query as a diamond.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    points : array_like, shape (N, 2)
    weights : array_like, shape (N,)
        The sign of a weight sets the colour and the mark of its point.
    query : array_like, shape (2,)
    labels : bool
        Whether to write the weights next to the points.

    Raises
    ------
    ValueError
        If shapes do not fit, or an entry is NaN or inf.

    Examples
    --------
    >>> figure, ax = subplots()
    >>> signed_points(ax, [[0, 1], [1, 0]], [0.7, -0.2], query=[1, 1], labels=True)
    >>> [text.get_text() for text in ax.texts]
    ['+0.70', '-0.20', 'query']
    """
    points, query = as_floats("points", points, 2), as_floats("query", query, 1)
    weights = as_floats("weights", weights, 1)
    if points.shape != (len(weights), 2) or query.shape != (2,):
        raise ValueError(f"points, weights and query must have shapes (N, 2), (N,) and (2,), got {points.shape}, "
                         f"{weights.shape} and {query.shape}")
    colours = [ROLES["negative" if weight < 0 else "positive"] for weight in weights]
    ax.scatter(points[:, 0], points[:, 1], s=1500 * np.abs(weights), c=colours)
    for marker, of_sign in (("+", weights > 0), ("_", weights < 0)):  # colour is not the only cue
        ax.scatter(points[of_sign, 0], points[of_sign, 1], s=25, marker=marker, color=ROLES["paper"], linewidths=1.2)
    ax.scatter(query[0], query[1], s=70, marker="D", color=ROLES["query"])
    ax.margins(0.15)  # the largest points need room
    if labels:
        near: dict[str, Any] = {"textcoords": "offset points", "fontsize": 9}
        for (x, y), weight in zip(points, weights, strict=True):
            ax.annotate(f"{weight:+.2f}", (x, y), xytext=(9, 7), **near)
        ax.annotate("query", (query[0], query[1]), xytext=(8, -12), color=ROLES["query"], **near)


def signed_cloud(ax: Axes, x: ArrayLike, y: ArrayLike, weights: ArrayLike, *, largest: float = 16.0) -> None:
    """Draw many points with areas proportional to the size of their weights, in the colour of its sign.

    Sizes come in ten steps, which keeps the markup of hundreds of points small.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    x, y, weights : array_like, shape (N,)
    largest : float
        Diameter of the disc of the largest weight, in points.

    Raises
    ------
    ValueError
        If shapes do not fit, or an entry is NaN or inf.

    Examples
    --------
    >>> figure, ax = subplots()
    >>> signed_cloud(ax, [0, 1, 2], [1, 1, 1], [0.5, -0.125, 0.5])
    >>> [(len(line.get_xdata()), line.get_markersize()) for line in ax.lines]
    [(1, 8.0), (2, 16.0)]
    """
    x, y, weights = as_floats("x", x, 1), as_floats("y", y, 1), as_floats("weights", weights, 1)
    if not len(x) == len(y) == len(weights):
        raise ValueError(f"x, y and weights must be equally long, got shapes {x.shape}, {y.shape} and {weights.shape}")
    steps = np.ceil(10 * np.sqrt(np.abs(weights) / max(np.abs(weights).max(), 1e-300)))
    for role, of_sign in (("negative", weights < 0), ("positive", weights >= 0)):
        for step in np.unique(steps[of_sign]):
            some = of_sign & (steps == step)
            size = max(1.0, largest * step / 10)
            ax.plot(x[some], y[some], "o", ms=size, mew=0, alpha=0.6, color=ROLES[role])


def weight_map(ax: Axes, weights: ArrayLike) -> None:
    """Draw a small matrix of weights as cells: depth for size, colour for sign; the first row is on top.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    weights : array_like, shape (J, N)

    Raises
    ------
    ValueError
        If ``weights`` is not a matrix of finite numbers.

    Examples
    --------
    >>> figure, ax = subplots()
    >>> weight_map(ax, [[1.0, 0.0], [0.25, -0.75]])
    >>> len(ax.patches)  # a weight of zero is paper
    3
    """
    weights = as_floats("weights", weights, 2)
    full = np.abs(weights).max()
    for (j, i), weight in np.ndenumerate(weights):
        if weight:
            role = "negative" if weight < 0 else "positive"
            depth = min(1.0, abs(weight) / full)
            ax.add_patch(Rectangle((i - 0.5, j - 0.5), 1, 1, facecolor=ROLES[role], alpha=depth, lw=0))
    J, N = weights.shape
    ax.set(xlim=(-0.5, N - 0.5), ylim=(J - 0.5, -0.5), aspect="equal")


def log_axis(ax: Axes, ticks: Sequence[float], *, axis: str = "x") -> None:
    """A logarithmic axis with these ticks, written as plain numbers, and no others.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    ticks : sequence of float
        Positive.
    axis : str
        ``"x"`` or ``"y"``.

    Raises
    ------
    ValueError
        If ``axis`` is neither, or a tick is not positive.

    Examples
    --------
    >>> figure, ax = subplots()
    >>> log_axis(ax, [1, 11, 442])
    >>> [label.get_text() for label in ax.get_xticklabels()], ax.get_xscale()
    (['1', '11', '442'], 'log')
    """
    if axis not in ("x", "y"):
        raise ValueError(f"axis must be 'x' or 'y', got {axis!r}")
    if min(ticks) <= 0:
        raise ValueError(f"ticks of a logarithmic axis must be positive, got {min(ticks)}")
    one = ax.xaxis if axis == "x" else ax.yaxis
    ax.set(**{f"{axis}scale": "log"})
    one.set_ticks(list(ticks), [f"{tick:,g}" if tick < 1e5 else f"{tick:.0e}" for tick in ticks])
    one.set_minor_locator(NullLocator())


class InlineSVG:
    """A finished figure that a notebook shows as SVG, with its text alternative; :func:`show` makes it.

    Attributes
    ----------
    alt : str
        What the figure shows, in words.

    Examples
    --------
    >>> InlineSVG("<svg></svg>", alt="A line that rises to 1.")
    <figure: A line that rises to 1.>
    """

    def __init__(self, markup: str, alt: str) -> None:
        self._markup = markup
        self.alt = alt

    def _repr_html_(self) -> str:
        return self._markup

    def __repr__(self) -> str:
        return f"<figure: {self.alt}>"


def show(figure: Figure, alt: str) -> InlineSVG:
    """Turn a matplotlib figure into SVG markup whose role colours follow the theme of the page.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        From :func:`subplots`. The colours in :data:`ROLES`, black and white follow the theme; others stay.
    alt : str
        What the figure shows, for a reader who cannot see it.

    Returns
    -------
    InlineSVG

    Raises
    ------
    ValueError
        If ``alt`` is shorter than 20 characters: too little to stand in for a figure.

    Examples
    --------
    >>> figure, ax = subplots()
    >>> show(figure, alt="Empty axes from 0 to 1 in both directions.")
    <figure: Empty axes from 0 to 1 in both directions.>
    """
    if len(alt.strip()) < 20:
        raise ValueError(f"alt must describe the figure in a sentence, got {alt!r}")
    buffer = io.StringIO()
    with rc_context({**_STYLE, "svg.hashsalt": alt}):  # ids that no other figure of the page has
        figure.savefig(buffer, format="svg", transparent=True)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", svg, flags=re.S)  # that style is for the whole page
    referred = set(re.findall(r"#([\w-]+)", svg))
    svg = re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in referred else "", svg)
    svg, used = _with_variables(_without_fonts(_rounded(svg)))
    # What matplotlib leaves unsaid, because it is the default: black for text and fills, and how lines meet.
    unsaid = f"fill: {_variable('ink')}; stroke-linejoin: round"
    svg = svg.replace("<svg ", f'<svg role="img" aria-label="{html.escape(alt, quote=True)}" style="{unsaid}" ', 1)
    # The site brings the roles. A notebook has the fallbacks, right on light; on dark it needs these few.
    dark = ";".join(f"--role-{role}:{_ON_DARK[role]}" for role in sorted(used | {"ink"}))
    style = f'<style>@media screen{{body[data-jp-theme-light="false"],body.vscode-dark{{{dark}}}}}</style>'
    return InlineSVG(f'{style}<div class="olsattn-figure">{svg}</div>', alt)


#: The pieces of :func:`transformer` that can be coloured, with the role whose colour each takes.
PIECES = {
    "embedding": "ink", "norm": "ink", "queries": "query", "keys": "key", "values": "value", "weights": "positive",
    "heads": "omega", "feed-forward": "ink", "residual": "ink", "logits": "ink",
}


def transformer(
    highlight: Sequence[str] = tuple(PIECES), names: dict[str, str] | None = None, *, strong: bool = False
) -> InlineSVG:
    """A drawing of one Transformer layer, in which some pieces keep their colour and the others are pale.

    Parameters
    ----------
    highlight : sequence of str
        The pieces in colour, of those in :data:`PIECES`.
    names : dict of str to str, optional
        What to call a piece instead, such as ``{"weights": "identity"}``; also the ``"tokens"`` that come in
        and the ``"next token"`` that comes out.
    strong : bool
        Whether a strong line runs from the tokens through attention and the feed-forward network to what comes out;
        by the values alone if the queries are pale.

    Returns
    -------
    InlineSVG

    Raises
    ------
    ValueError
        If there is no such piece.

    Examples
    --------
    >>> transformer(["queries", "keys"])
    <figure: One layer of a Transformer, with queries, keys in colour.>
    """
    called = {**{piece: piece for piece in (*PIECES, "tokens", "next token")}, "heads": "in heads"}
    unknown = (set(highlight) - set(PIECES)) | (set(names or ()) - set(called))
    names = {**called, **(names or {})}
    if unknown:
        raise ValueError(f"no piece {sorted(unknown)}: the pieces are {', '.join(called)}")

    hollow = 'fill="none" stroke-width="2"'

    def look(piece: str) -> tuple[str, str]:
        edge, text = (PIECES[piece], PIECES[piece]) if piece in highlight else ("line", "soft")
        return f'stroke="{_variable(edge)}"', f'fill="{_variable(text)}"'

    def box(piece: str, x: float, y: float, width: float, height: float) -> str:
        stroke, fill = look(piece)
        place = f'x="{x + width / 2}" y="{y + height / 2 + 4.5}" text-anchor="middle"'
        if strong and piece == "norm":
            place = f'x="{x + width / 2}" y="{y + height / 2 - 4}" text-anchor="middle"'
        elif strong and piece == "embedding":
            place = f'x="{x + width + 10}" y="{y + height / 2 + 4.5}"'  # a strong line runs through the box
        return (f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="6" {hollow} {stroke}/>'
                f'<text {place} {fill}>{html.escape(names[piece])}</text>')

    def line(piece: str, path: str, width: float = 1.6, arrow: bool = True) -> str:
        stroke, _ = look(piece)
        end = ' marker-end="url(#olsattn-tip)"' if arrow else ""
        return f'<path d="{path}" fill="none" stroke-width="{width}" {stroke}{end}/>'

    ink = _variable("soft")
    parts = [
        '<defs><marker id="olsattn-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" '
        'orient="auto">'
        f'<path d="M0 0 8 4 0 8Z" fill="{ink}"/></marker></defs>',
        line("residual", "M70 392V64", 5, arrow=False),
        box("logits", 20, 28, 100, 34), line("logits", "M70 28V10"),
        # the feed-forward network, above
        line("norm", "M70 170H158"), box("norm", 160, 153, 66, 34), line("norm", "M226 170H262"),
        box("feed-forward", 264, 153, 126, 34), line("feed-forward", "M390 170H424V104H88"),
        # attention, below
        line("norm", "M70 316H158"), box("norm", 160, 299, 66, 34),
        line("queries", "M226 316H240V262H262"), line("keys", "M226 316H262"), line("values", "M226 316H240V370H262"),
        box("queries", 264, 245, 82, 34), box("keys", 264, 299, 82, 34), box("values", 264, 353, 82, 34),
        line("queries", "M346 262H372V280"), line("keys", "M346 316H372V302", 1.6),
        box("weights", 352, 281, 82, 20), line("values", "M346 370H452V300"), line("weights", "M434 291H443"),
        f'<circle cx="452" cy="291" r="8" {hollow} {look("weights")[0]}/>',
        f'<text x="452" y="296" text-anchor="middle" {look("weights")[1]}>Σ</text>',
        line("heads", "M452 282V218H88"),
        f'<rect x="252" y="232" width="222" height="166" rx="10" stroke-dasharray="5 4" {hollow} {look("heads")[0]}/>',
        f'<text x="480" y="246" {look("heads")[1]}>attention,</text>',
        f'<text x="480" y="264" {look("heads")[1]}>{html.escape(names["heads"])}</text>',
        *(f'<circle cx="70" cy="{y}" r="9" fill="{_variable("paper")}" stroke-width="2" {look("residual")[0]}/>'
          f'<path d="M64 {y}h12M70 {y - 6}v12" stroke-width="2" {look("residual")[0]}/>' for y in (104, 218)),
        f'<text x="58" y="135" text-anchor="end" {look("residual")[1]}>{html.escape(names["residual"])}</text>',
        box("embedding", 20, 394, 100, 34), line("embedding", "M70 446V430"),
        *(f'<text x="130" y="{y}" fill="{ink}">{html.escape(names[name])}</text>'
          for name, y in (("tokens", 452), ("next token", 16))),
    ]
    if strong:
        whole = "queries" in highlight
        inside = "M70 446V316H240M240 262V370M452 282" if whole else "M70 446V316H240V370H262M346 370H452"
        path = f"{inside}V218H70V170H262M390 170H424V104H70V64M70 28V10"
        parts.append(f'<path d="{path}" fill="none" stroke-width="3" stroke="{_variable("ink")}"/>')
    through = ", and one strong line through the layer" if strong else ""
    alt = f"One layer of a Transformer, with {', '.join(highlight)} in colour{through}."
    return InlineSVG('<div class="olsattn-figure"><svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 0 584 460" '
                     f'font-size="14" role="img" aria-label="{html.escape(alt)}">{"".join(parts)}</svg></div>', alt)


def _variable(role: str) -> str:
    return f"var(--role-{role}, {ROLES[role]})"


def _with_variables(svg: str) -> tuple[str, set[str]]:
    """Markup with the colours of roles as variables, wherever a colour is declared, and the roles that it uses."""
    roles = {"#000000": "ink", **{colour: role for role, colour in ROLES.items()}}
    used = set()

    def declare(found: re.Match[str]) -> str:
        role = roles.get(found[2])
        if role is None:
            return found[0]
        used.add(role)
        return found[1] + _variable(role)

    return re.sub(r"((?:fill|stroke|stop-color)(?:: ?|=\"))(#[0-9a-f]{6})", declare, svg), used


def _rounded(svg: str) -> str:
    """Markup that places things to a hundredth of a point: nobody sees more, and every digit has to be fetched."""

    def shorter(found: re.Match[str]) -> str:
        return re.sub(r"-?\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}", found[0])

    return re.sub(r'\s(?:d|x|y)="[^"]*"', shorter, svg)


def _without_fonts(svg: str) -> str:
    """Markup whose text keeps size, slant and weight and takes its family from the page."""

    def longhand(found: re.Match[str]) -> str:  # font: italic 700 11px 'DejaVu Sans', sans-serif
        parts = [f"font-size: {found[2]}"]
        for word in found[1].split():
            parts.append(f"font-weight: {word}" if word.isdigit() else f"font-style: {word}")
        return "; ".join(parts)

    svg = re.sub(r"font: ((?:\w+ )*)([\d.]+px) [^;\"]*", longhand, svg)
    return re.sub(r"font-family: [^;\"]*(?:; ?)?", "", svg)
