"""What every widget shares: the scripts it is made of, and the checks of its traits."""

from pathlib import Path

import anywidget
import numpy as np
import traitlets

from olsattn._arrays import as_floats

_HERE = Path(__file__).parent


class Widget(anywidget.AnyWidget):
    """An anywidget made of ``kit.js`` and the module named by the subclass.

    A page without a kernel can import one module only, so the shared functions of ``kit.js`` are put
    in front of the widget's own script rather than imported by it.
    """

    def __init_subclass__(cls, script=None, **options):
        super().__init_subclass__(**options)
        if script is None:  # ipywidgets derives a class of its own from each widget class
            return
        cls._esm = "\n".join((_HERE / name).read_text(encoding="utf-8") for name in ("kit.js", script))
        cls._css = "\n".join(
            path.read_text(encoding="utf-8") for path in (_HERE.parent / "roles.css", _HERE / "kit.css")
        )


class Finite(traitlets.Float):
    """A number between ``min`` and ``max``. NaN passes the comparisons of ``traitlets.Float``, and not this one's."""

    def validate(self, obj, value):
        value = super().validate(obj, value)
        if not np.isfinite(value):
            raise traitlets.TraitError(f"{self.name} must be a finite number, got {value}")
        return value


class Numbers(traitlets.TraitType):
    """A trait that takes any array of real numbers and keeps it as nested lists, which JSON can carry.

    Parameters
    ----------
    default : array_like
    shape : tuple
        Required shape, with None where any size will do.
    bound : float, optional
        Largest absolute value that the widget can draw.

    Assigning anything else raises ``traitlets.TraitError`` with the shape or the values.
    """

    def __init__(self, default, *, shape, bound=None, **options):
        self.shape, self.bound = shape, bound
        super().__init__(np.asarray(default, dtype=float).tolist(), **options)

    def validate(self, obj, value):
        try:
            array = as_floats(self.name, value, len(self.shape))
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
        return array.tolist()
