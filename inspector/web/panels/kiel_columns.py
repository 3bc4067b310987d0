"""Which columns of a table can stand along an axis or give a colour, and the diagram they make."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from inspector.science.labels import LABEL_NAMES
from inspector.service.queue.column_titles import LIVE, title, unit_of
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

    def possible(self, axes: Container[str], colours: Container[str]) -> bool:
        """Whether these can be chosen."""
        return self.x in axes and self.y in axes and self.colour in colours

    def is_filled(self, columns: Columns) -> bool:
        """Whether one of them is filled in row by row."""
        return any(columns.is_filled(name) for name in (self.x, self.y, self.colour))


def axis_options(columns: Columns) -> list[Option]:
    """Names and titles of the columns that hold numbers; ids are names."""
    numbers = [n for n in columns.names if columns.kind(n) in ("number", "integer") and not _is_id(n)]
    return [(name, title(name)) for name in numbers]


def colour_options(columns: Columns) -> list[Option]:
    """Names and titles of the columns that can give a colour, and none of them first."""
    flags = [(name, title(name)) for name in columns.names if columns.kind(name) == "flag"]
    verdict = [(VERDICT, title(VERDICT))] if VERDICT in columns.names else []
    return [(COUNT, "none"), *verdict, *flags, *axis_options(columns)]


def first_choice(columns: Columns, before: Columned | None = None) -> Columned | None:
    """What to draw of a table: the same as `before` where it has those columns, else a Kiel diagram.

    That is log g against Teff by [Fe/H], of a table without them what live runs say. Where there are none at all, its
    first numbers; None where it has no numbers.
    """
    names = [name for name, _ in axis_options(columns)]
    if not names:
        return None
    if before is not None and before.possible(names, dict(colour_options(columns))):
        return before
    for prefix in ("", LIVE):
        x, y, colour = (prefix + label for label in ("teff", "logg", "fe_h"))
        if x in names and y in names:
            return Columned(x, y, colour if colour in names else COUNT)
    return Columned(names[0], names[min(1, len(names) - 1)])


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
    plain = name.removeprefix(LIVE).removeprefix("raw_")
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
