"""What every widget shares: how its script reaches a notebook or a page, and the checks of its traits."""

import contextlib
import json
import os
import posixpath
import re
import threading
import time
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import numpy.typing as npt
import traitlets

from olsattn._arrays import as_floats

FOLDER = Path(__file__).parent
STYLES = (FOLDER.parent / "roles.css", FOLDER / "kit" / "kit.css")
_IMPORT = re.compile(r'^(import\b[^;]*?\bfrom )"([^"]+)";$', re.MULTILINE)


def modules(name: str, folder: Path | None = None) -> dict[str, str]:
    """A module and all that it imports, as files are now.

    Parameters
    ----------
    name : str
        Path of the module below ``folder``.
    folder : Path, optional
        By default that of this package.

    Returns
    -------
    dict of str to str
        The text of each module by its name, each after those that it imports, and with their names for addresses.

    Raises
    ------
    ValueError
        If modules import each other in a circle, which texts cannot.

    Examples
    --------
    >>> list(modules("kit/heatmap.js"))
    ['kit/dom.js', 'kit/charts.js', 'kit/scales.js', 'kit/heatmap.js']
    """
    root = folder or FOLDER
    texts: dict[str, str] = {}

    def add(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise ValueError(f"modules import each other: {' -> '.join((*above, name))}")

        def address(found: re.Match[str]) -> str:
            other = posixpath.normpath(posixpath.join(posixpath.dirname(name), found[2]))
            add(other, (*above, name))
            return f'{found[1]}"{other}";'

        if name not in texts:
            linked = _IMPORT.sub(address, (root / name).read_text(encoding="utf-8"))
            texts[name] = linked  # only now, after those it imports

    add(name, ())
    return texts


def script(name: str, folder: Path | None = None) -> str:
    """One module, without imports, that does what the named one does: what anywidget takes.

    The texts of all modules are in it, and are imported where the widget is drawn.

    Parameters
    ----------
    name, folder
        As for :func:`modules`.

    Returns
    -------
    str

    Examples
    --------
    >>> script("similarity_explorer.js").count("export default")  # the module's own is in its text, quoted
    2
    """
    texts = json.dumps(modules(name, folder), ensure_ascii=False)
    return f"{loader()}\nexport default async () => (await importText({texts}, {json.dumps(name)})).default;\n"


def loader() -> str:
    """The function of JavaScript that imports modules from their texts.

    Examples
    --------
    >>> "export function importText(modules, name) {" in loader()
    True
    """
    return (FOLDER / "loader.js").read_text(encoding="utf-8")


def style() -> str:
    """The style sheet of all widgets.

    Examples
    --------
    >>> ".olsattn-widget {" in style()
    True
    """
    return "\n".join(path.read_text(encoding="utf-8") for path in STYLES)


class Widget(anywidget.AnyWidget):
    """An anywidget whose script is the module of the same name, ``snake_case.js`` for ``SnakeCase``.

    The files are read when a widget is made, so an edit shows when its cell is run again. Where ``ANYWIDGET_HMR``
    is 1, it shows in the widgets that are already there.

    Attributes
    ----------
    numbers : dict of str to list
        The table that the page prints, by heading, as Python computes it. It follows the traits.

    Examples
    --------
    >>> from olsattn.widgets import TrainingExplorer
    >>> TrainingExplorer.module()
    'training_explorer.js'
    """

    numbers: dict[str, list[Any]]

    def __init__(self, **traits: Any) -> None:
        self._esm, self._css = script(self.module()), style()
        super().__init__(**traits)
        if os.environ.get("ANYWIDGET_HMR") == "1":
            _follow(self)

    @classmethod
    def module(cls) -> str:
        """Name of the module below this folder."""
        named = next(base for base in cls.__mro__ if base.__module__.startswith("olsattn."))  # ipywidgets adds classes
        return f"{named.__module__.rsplit('.', 1)[1]}.js"


# ---- edits that show at once ----

_followed: "weakref.WeakSet[Widget]" = weakref.WeakSet()
_watcher = threading.Lock()
_Stamps = list[tuple[Path, int]]


def _follow(widget: Widget) -> None:
    _followed.add(widget)
    if _watcher.acquire(blocking=False):  # the first one starts the thread
        threading.Thread(target=_watch, args=(_stamps(),), daemon=True).start()


def _stamps() -> _Stamps:
    return [(path, path.stat().st_mtime_ns) for path in sorted((*FOLDER.rglob("*.js"), *STYLES))]


def _watch(before: _Stamps) -> None:
    while True:
        time.sleep(0.3)
        with contextlib.suppress(OSError, ValueError):  # a file that is being written: the next look will do
            now = _stamps()
            for widget in list(_followed) if now != before else ():
                widget._esm, widget._css = script(widget.module()), style()
            before = now


# ---- traits ----

class Finite(traitlets.Float[float, Any]):
    """A number between ``min`` and ``max``. NaN passes the comparisons of ``traitlets.Float``, and not this one's.

    Parameters
    ----------
    default, min, max
        As for ``traitlets.Float``.

    Examples
    --------
    >>> class Oven(traitlets.HasTraits):
    ...     heat = Finite(20, min=0, max=250)
    >>> Oven(heat=float("nan"))
    Traceback (most recent call last):
    traitlets.traitlets.TraitError: heat must be a finite number, got nan
    """

    def validate(self, obj: Any, value: Any) -> float:
        """The number, or ``TraitError``.

        Parameters
        ----------
        obj, value
            Of whom, and what.

        Returns
        -------
        float

        Raises
        ------
        traitlets.TraitError
            If it is not a number, not finite, or out of range.
        """
        value = super().validate(obj, value)
        if not np.isfinite(value):
            raise traitlets.TraitError(f"{self.name} must be a finite number, got {value}")
        return float(value)


class Numbers(traitlets.TraitType[Any, Any]):
    """A trait that takes any array of real numbers and keeps it as nested lists, which JSON can carry.

    Parameters
    ----------
    default : array_like
    shape : tuple
        Required shape, with None where any size will do.
    bound : float, optional
        Largest absolute value that the widget can draw.

    Assigning anything else raises ``traitlets.TraitError`` with the shape or the values.

    Examples
    --------
    >>> class Place(traitlets.HasTraits):
    ...     at = Numbers([0, 0], shape=(2,), bound=3)
    >>> Place(at=np.ones(2)).at
    [1.0, 1.0]
    >>> Place(at=[1, 2, 3])
    Traceback (most recent call last):
    traitlets.traitlets.TraitError: at must have shape (2), got (3,)
    """

    def __init__(
        self, default: npt.ArrayLike, *, shape: Sequence[int | None], bound: float | None = None, **options: Any
    ) -> None:
        self.shape, self.bound = shape, bound
        super().__init__(np.asarray(default, dtype=float).tolist(), **options)

    def validate(self, obj: Any, value: Any) -> list[Any]:
        """The numbers as nested lists, or ``TraitError``.

        Parameters
        ----------
        obj, value
            Of whom, and what.

        Returns
        -------
        list

        Raises
        ------
        traitlets.TraitError
            If they are not numbers, not of the shape, not finite, or beyond the bound.
        """
        try:
            array = as_floats(str(self.name), value, len(self.shape))
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from error
        if any(wanted not in (None, got) for wanted, got in zip(self.shape, array.shape, strict=True)):
            wanted = ", ".join("any" if size is None else str(size) for size in self.shape)
            raise traitlets.TraitError(f"{self.name} must have shape ({wanted}), got {array.shape}")
        if self.bound is not None and np.abs(array).max() > self.bound:
            raise traitlets.TraitError(
                f"{self.name} must lie between {-self.bound:g} and {self.bound:g}, "
                f"got {array.min():g} to {array.max():g}"
            )
        listed: list[Any] = array.tolist()
        return listed
