"""Censor windows as strips."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from inspector.science.label_groups import element_symbol
from inspector.science.labels import ELEMENTS
from inspector.science.spectrum import WAVELENGTH
from inspector.science.windows import element_windows, window_spans
from inspector.web.figures.colours import ELEMENT_COLOURS, ELEMENT_PATTERNS, FULL_SPECTRUM_COLOUR, MANY
from inspector.web.figures.label_placement import widest_view
from inspector.web.figures.spectrum_data import Columns

_HALF_PIXEL = 10 ** (6e-6 / 2)


def strip_columns(elements: Iterable[str], chosen: str = "") -> Columns:
    """Windows of some elements as strips from the first pixel's left edge to the last one's right edge.

    Returns
    -------
    dict of str to ndarray, shape (n,)
        ``left``, ``right``, ``middle`` (Å), ``colour``, ``pattern`` (a hatch), ``name``, ``pixels`` and
        ``widest_view``, the widest view in which the strip is labelled: wide windows first.
    """
    return dict(_strip_columns(tuple(elements), chosen))


@lru_cache(maxsize=64)
def _strip_columns(elements: tuple[str, ...], chosen: str) -> Columns:
    parts = [_strips(element) for element in elements]
    if not parts:
        # an empty column of numbers is not a column of colours: Bokeh would refuse to draw the page
        words = ("colour", "name", "pattern")
        return {name: np.empty(0, dtype=str if name in words else float) for name in (*_COLUMNS, "widest_view")}
    columns = {name: np.concatenate([part[name] for part in parts]) for name in _COLUMNS}
    first = columns["pixels"] + np.concatenate([_leaders(part["pixels"]) for part in parts])
    columns["widest_view"] = widest_view(columns["middle"], np.argsort(-first, kind="stable").tolist())
    return columns if len(elements) <= MANY else _calm(columns, elements, chosen)


def _calm(columns: Columns, elements: Sequence[str], chosen: str) -> Columns:
    """Of very many elements, the chosen one's strips and one grey ground where any other has a window; all keep names.

    Strips laid one over the other would be a mess of colours, and grey ones as dark as they are many.
    """
    others = columns["name"] != (element_symbol(chosen) if chosen in elements else "")
    ground = np.any([element_windows()[ELEMENTS.index(e)] for e in elements if e != chosen], axis=0)
    strips = _spans(ground, FULL_SPECTRUM_COLOUR)
    strips |= {"middle": np.full(len(strips["left"]), np.nan), "widest_view": np.zeros(len(strips["left"]))}
    hidden = {side: np.where(others, np.nan, columns[side]) for side in ("left", "right")}
    return {name: np.concatenate([strips[name], hidden.get(name, column)]) for name, column in columns.items()}


_COLUMNS = ("left", "right", "middle", "colour", "pattern", "name", "pixels")


def _leaders(pixels: np.ndarray) -> np.ndarray:
    """A bonus for each element's widest window, so that all elements are named before any is named twice."""
    bonus = np.zeros(len(pixels))
    bonus[np.argmax(pixels)] = 1e4
    return bonus


@cache
def _strips(element: str) -> Columns:
    named = {"name": element_symbol(element), "pattern": ELEMENT_PATTERNS.get(element, " ")}
    return _spans(element_windows()[ELEMENTS.index(element)], ELEMENT_COLOURS[element], **named)


def _spans(window: NDArray[np.bool_], colour: str, name: str = "", pattern: str = " ") -> Columns:
    spans = window_spans(window)
    left, right = WAVELENGTH[spans[:, 0]] / _HALF_PIXEL, WAVELENGTH[spans[:, 1]] * _HALF_PIXEL
    n = len(spans)
    return {
        "left": left,
        "right": right,
        "middle": (left + right) / 2,
        "colour": np.full(n, colour),
        "pattern": np.full(n, pattern),
        "name": np.full(n, name),
        "pixels": spans[:, 1] - spans[:, 0] + 1,
    }
