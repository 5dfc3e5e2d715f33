"""What every widget shares: how its script reaches a notebook or a page, and the checks of its traits."""

import contextlib
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
_IMPORT = re.compile(r'^import (\{[^}]*\}) from "([^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:const|function|async function|class) (\w+))", re.MULTILINE)
_DEFAULT = re.compile(r"^export default ", re.MULTILINE)


def modules(name: str, folder: Path | None = None) -> dict[str, str]:
    """A module and all that it imports, as files are now, each as a call that defines it: see ``loader.js``.

    What is understood is what the modules of this folder use: ``import { ... } from``, and ``export`` before a
    constant, a function or a class.

    Parameters
    ----------
    name : str
        Path of the module below ``folder``.
    folder : Path, optional
        By default that of this package.

    Returns
    -------
    dict of str to str
        By the names of the modules, each after those that it imports.

    Raises
    ------
    ValueError
        If modules import each other in a circle, or import or export in another way.

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
        if name in texts:
            return

        def needed(found: re.Match[str]) -> str:
            other = posixpath.normpath(posixpath.join(posixpath.dirname(name), found[2]))
            add(other, (*above, name))
            return f'const {found[1]} = olsattn.need("{other}");'

        text = _IMPORT.sub(needed, (root / name).read_text(encoding="utf-8"))
        exported = [found[1] for found in _EXPORT.finditer(text)]
        text, defaults = _DEFAULT.subn("const standard = ", _EXPORT.sub("", text))
        if strange := re.search(r"^(import|export)\b.*|^.* as .*\} = olsattn", text, re.MULTILINE):
            raise ValueError(f"{name} has an import or export that cannot be put together: {strange[0]}")
        returned = ", ".join([*exported, *["default: standard"] * defaults])
        texts[name] = f'olsattn.define("{name}", () => {{\n"use strict";\n{text}return {{ {returned} }};\n}});\n'

    add(name, ())
    return texts


def script(name: str, folder: Path | None = None) -> str:
    """One module, without imports, that does what the named one does: what anywidget takes.

    Parameters
    ----------
    name, folder
        As for :func:`modules`.

    Returns
    -------
    str

    Examples
    --------
    >>> script("similarity_explorer.js").splitlines()[-1]
    'export default olsattn.need("similarity_explorer.js").default;'
    """
    parts = ["".join(modules(name, folder).values()), f'export default olsattn.need("{name}").default;\n']
    return f"const olsattn = {loader()}" + "".join(parts)


def loader() -> str:
    """The expression of JavaScript that makes ``olsattn``, in which modules are defined and found.

    Examples
    --------
    >>> loader().splitlines()[-1]
    '})();'
    """
    text = (FOLDER / "loader.js").read_text(encoding="utf-8")
    return f"(() => {{\n{_EXPORT.sub('', text)}return registry();\n}})();\n"


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
