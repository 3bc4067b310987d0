"""Which columns of a table can stand along an axis or give a colour, and the diagram they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from inspector.science.labels import LABEL_NAMES
from inspector.service.queue.column_titles import title, unit_of
from inspector.service.queue.columns import Columns
from inspector.service.queue.filters import VERDICT
from inspector.service.queue.table import IDS
from inspector.web.figures.diagram_data import Axis, Colour, Diagram, Limits, Rows

DOWNWARDS = ("teff", "logg")
"""Labels that the field draws with their large values to the left or below."""

COUNT = ""
"""The choice of no colour."""

Option = tuple[str, str]


@dataclass(frozen=True)
class Columned:
    """The columns chosen for the two axes and the colour."""

    x: str
    y: str
    colour: str = COUNT


def axis_options(columns: Columns) -> list[Option]:
    """Names and titles of the columns that hold numbers; ids are names."""
    numbers = [n for n in columns.names if columns.kind(n) in ("number", "integer") and not _is_id(n)]
    return [(name, title(name)) for name in numbers]


def colour_options(columns: Columns) -> list[Option]:
    """Names and titles of the columns that can give a colour, and none of them first."""
    flags = [(name, title(name)) for name in columns.names if columns.kind(name) == "flag"]
    verdict = [(VERDICT, title(VERDICT))] if VERDICT in columns.names else []
    return [(COUNT, "none"), *verdict, *flags, *axis_options(columns)]


def first_choice(columns: Columns) -> Columned | None:
    """log g against Teff by [Fe/H] where a table has them; else its first numbers. None where it has none."""
    names = [name for name, _ in axis_options(columns)]
    if not names:
        return None
    x, y = ("teff", "logg") if {"teff", "logg"} <= set(names) else (names[0], names[min(1, len(names) - 1)])
    return Columned(x, y, "fe_h" if "fe_h" in names else COUNT)


def diagram_of(
    columns: Columns,
    rows: Rows,
    chosen: Columned,
    ranges: Mapping[str, Limits],
    names: Callable[[Rows], Sequence[str]],
) -> Diagram:
    """The diagram of some rows.

    Parameters
    ----------
    columns : Columns
    rows : ndarray of int
        Shape (n,).
    chosen : Columned
    ranges : mapping of str to (float, float)
        What the weights saw of each label in training.
    names : callable
        The names of some rows' stars.

    Raises
    ------
    SettingsError
        If the table lacks one of the columns.
    """
    x, y = (np.asarray(columns.column(name)[rows], dtype=np.float64) for name in (chosen.x, chosen.y))
    axes = _axis(columns, chosen.x, ranges), _axis(columns, chosen.y, ranges)
    return Diagram.of(rows, x, y, axes, _colour(columns, rows, chosen.colour), names)


def _axis(columns: Columns, name: str, ranges: Mapping[str, Limits]) -> Axis:
    label = label_of(name)
    unit = columns.unit(name) or unit_of(name)
    return Axis(f"{title(name)} ({unit})" if unit else title(name), label in DOWNWARDS, ranges.get(label or ""))


def label_of(name: str) -> str | None:
    """The label whose value a column holds: of ``live_teff`` and ``raw_teff`` too, but not of its error."""
    plain = name.removeprefix("live_").removeprefix("raw_")
    return plain if plain in LABEL_NAMES else None


def _colour(columns: Columns, rows: Rows, name: str) -> Colour | None:
    if name == COUNT:
        return None
    values, said = columns.column(name)[rows], title(name)
    if columns.kind(name) == "text":
        return Colour.of_words(said, values)
    if columns.kind(name) == "flag":
        return Colour.of_flag(said, values)
    return Colour.of_numbers(said, values)


def _is_id(name: str) -> bool:
    return name in IDS or name.endswith("_id")
