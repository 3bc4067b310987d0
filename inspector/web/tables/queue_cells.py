"""Rows of a queue as the texts of a grid's cells: a flag is a word, a number has the digits it is known to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from inspector.exceptions import SettingsError
from inspector.files.untrusted_text import clean
from inspector.science.labels import LABEL_NAMES
from inspector.science.number_format import fixed, percent, significant
from inspector.service.queue.column_titles import LIVE, title
from inspector.service.queue.columns import Columns
from inspector.service.queue.queue import Queue
from inspector.service.queue.undecided_flags import counted_beside, undecided_bits

LONGEST = 80
"""Characters of one cell."""

SET, NOT_SET, UNDECIDED = "set", "–", "undecided"


def heads(columns: Columns, names: Sequence[str]) -> list[dict[str, Any]]:
    """Of each column: its name, title, unit, whether it holds numbers, and whether a live run fills it."""
    return [
        {
            "name": name,
            "title": title(name),
            "unit": columns.unit(name),
            "number": columns.kind(name) in ("number", "integer"),
            "live": name.startswith(LIVE),
        }
        for name in names
    ]


def grid_rows(
    queue: Queue, start: int, size: int, names: Sequence[str], marks: Mapping[int, str] = {}
) -> list[dict[str, Any]]:
    """The rows of one page: the row's number, a text for each column, and why it is marked, empty if it is not."""
    columns = queue.columns
    counted = {name: counted_beside(columns, name) for name in names if columns.kind(name) == "flag"}
    beside = {column for pair in counted.values() if pair for column in pair}
    rows = queue.page(start, size, [*names, *(beside - set(names))])
    return [
        {
            "row": row["row"],
            "cells": [_cell(columns, name, row, counted.get(name)) for name in names],
            "mark": marks.get(row["row"], ""),
        }
        for row in rows
    ]


def _cell(columns: Columns, name: str, row: dict[str, Any], counted: tuple[str, str] | None) -> str:
    value, kind = row[name], columns.kind(name)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if kind == "text" or isinstance(value, str):
        return clean(str(value), LONGEST)
    if kind == "flag":
        return UNDECIDED if _is_undecided(name, row, counted) else SET if value else NOT_SET
    return str(value) if isinstance(value, int) else number_text(name, float(value))


def _is_undecided(name: str, row: dict[str, Any], counted: tuple[str, str] | None) -> bool:
    bits = [row.get(column) for column in counted or ()]
    if not bits or any(bit is None or bit != bit for bit in bits):
        return False
    try:
        return bool(undecided_bits(name, *(np.array([int(bit)]) for bit in bits if bit is not None))[0])
    except SettingsError:  # a flag of the survey's, which no draw decides
        return False


def number_text(name: str, number: float) -> str:
    """A number as its column is written: Teff without decimals, abundances with two."""
    bare = name.removeprefix(LIVE)
    label = bare.removeprefix("raw_").removeprefix("e_")
    if label in LABEL_NAMES:
        return fixed(number, 0 if label == "teff" else 2 + (bare != label and "e_" in bare[: -len(label)]))
    if bare == "masked_share":
        return percent(number)
    return fixed(number, 5) if bare in _DEGREES else significant(number)


_DEGREES = ("ra", "dec", "glon", "glat")
