"""Rows of a table by what somebody typed: an id, a name, a place on the sky."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.science.sky_position import separation
from inspector.science.star_names import StarName

RADIUS = 3.0
"""Arcseconds around a position within which a row is found: the width of a fibre is 2 to 1.3."""

Column = Callable[[str], NDArray[Any]]

_NUMBERS = {"sdss": ("sdss_id", "catalogid", "star_id"), "gaia": ("gaia_id", "catalogid")}


def rows_of(name: StarName, names: Container[str], column: Column) -> NDArray[np.intp]:
    """The rows a name means, in the table's order; those at a position, the nearest first.

    Parameters
    ----------
    name : StarName
    names : container of str
        The table's columns.
    column : callable
        A column's values, by its name.
    """
    if name.ra is not None and name.dec is not None:
        return _around(name.ra, name.dec, names, column)
    tests = {"apogee": _apogee, "sdss": _number, "gaia": _number, "other": _other}[name.kind](name)
    for wanted, test in tests:
        if wanted in names and (rows := np.flatnonzero(test(column(wanted)))).size:
            return rows
    return np.array([], dtype=np.intp)


_Tests = list[tuple[str, Callable[[NDArray[Any]], NDArray[np.bool_]]]]


def _apogee(name: StarName) -> _Tests:
    """An id without its prefix ends the id, and lies within the file's name."""
    within: _Tests = [("file", lambda values: np.strings.find(_texts(values), name.digits) >= 0)]
    ends = lambda values: np.strings.endswith(_texts(values), name.digits)  # noqa: E731
    return [("apogee_id", ends), ("star_id", ends), *within]


def _number(name: StarName) -> _Tests:
    def equals(values: NDArray[Any]) -> NDArray[np.bool_]:
        if values.dtype.kind in "iuf":
            return np.asarray(values == int(name.text))
        plain = np.strings.lstrip(_texts(values), "0") if len(values) else _texts(values)
        return np.asarray((plain == name.text) | (plain == f"SDSS {name.text}"))

    return [(column, equals) for column in _NUMBERS[name.kind]]


def _other(name: StarName) -> _Tests:
    wanted = name.text.casefold()
    same = lambda values: np.strings.lower(_texts(values)) == wanted  # noqa: E731
    within = lambda values: np.strings.find(np.strings.lower(_texts(values)), wanted) >= 0  # noqa: E731
    return [(column, test) for test in (same, within) for column in ("apogee_id", "star_id", "file")]


def _texts(values: NDArray[Any]) -> NDArray[Any]:
    return values if values.dtype.kind in "UT" else values.astype(str)


def _around(ra: float, dec: float, names: Container[str], column: Column) -> NDArray[np.intp]:
    if "ra" not in names or "dec" not in names:
        return np.array([], dtype=np.intp)
    declination = _degrees(column("dec"))
    near = np.flatnonzero(np.abs(declination - dec) <= RADIUS / 3600)  # the cheap half: a band of declination
    distance = separation(_degrees(column("ra"))[near], declination[near], ra, dec)
    order = np.argsort(distance, kind="stable")
    return near[order[distance[order] <= RADIUS]]


def _degrees(values: NDArray[Any]) -> NDArray[np.float64]:
    """Positions as numbers; NaN for texts, which no column of positions should hold."""
    return values.astype(np.float64) if values.dtype.kind in "iuf" else np.full(len(values), np.nan)
