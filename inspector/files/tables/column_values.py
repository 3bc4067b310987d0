"""What stands in a column, made plain: NaN or nothing where the survey wrote a number for "none", no stray blanks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.files.tables.column_source import Raw
from inspector.files.untrusted_text import MAX_TEXT, clean

FILLS = (-9999.0, -9999.99, -99999.0, 99999.0)
"""Numbers that stand for none."""

_TRUE = ("true", "t", "yes", "y", "1", "1.0")

_WIDE = 128 << 20
"""Bytes from which on texts are kept at their own lengths: numpy gives each of a ``str`` array the longest's."""

_BLOCK = 1 << 16
"""Rows whose texts are made at once."""


def finished(raw: Raw, identifier: bool = False, flag: bool = False) -> NDArray[Any]:
    """Values as the rest of the program uses them.

    Parameters
    ----------
    raw : Raw
    identifier : bool
        Whether the column names stars: whole numbers then stay so, and 0 stands for none.
    flag : bool
        Whether values are to be read as set (a number that is not 0; ``true``, ``t``, ``yes``, ``1``) or not.

    Returns
    -------
    NDArray, shape (n,)
        Numbers as float64, with NaN where there is none; whole numbers as int64 where none is missing, else as
        float64 with NaN; flags as bool, False where missing; texts as text, empty where missing.
    """
    kind = raw.values.dtype.kind
    if kind == "f":
        return _flags(_floats(raw)) if flag else _floats(raw)
    if kind in "iu":
        return _flags(raw.values) if flag else _whole(raw, identifier)
    if flag and kind in "UT":
        return np.isin(np.strings.lower(raw.values).astype(str), _TRUE)
    blank: Any = False if kind == "b" else ""
    if raw.missing is None or not raw.missing.any():
        return raw.values
    values = raw.values.copy()
    values[raw.missing] = blank
    return values


def _floats(raw: Raw) -> NDArray[np.float64]:
    values = raw.values.astype(np.float64)
    absent = np.isin(raw.values, np.array(FILLS, dtype=raw.values.dtype))
    if raw.missing is not None:
        absent |= raw.missing
    values[absent] = np.nan
    return values


def _flags(values: NDArray[Any]) -> NDArray[np.bool_]:
    return np.asarray((values != 0) & (values > -9000) & (values == values))


def _whole(raw: Raw, identifier: bool) -> NDArray[Any]:
    values = raw.values if raw.values.dtype == np.uint64 else raw.values.astype(np.int64)
    absent = values <= 0 if identifier else np.isin(values, np.array([-9999, -99999]))
    if raw.missing is not None:
        absent = absent | raw.missing
    if identifier:
        return np.where(absent, 0, values)
    return np.where(absent, np.nan, values) if absent.any() else values


def texts(values: Iterable[Any]) -> NDArray[Any]:
    """Texts out of Python objects: cleaned, at most `MAX_TEXT` characters, empty for None."""
    cleaned = ["" if v is None else clean(v if isinstance(v, str) else _decoded(v)) for v in values]
    return compact(np.array(cleaned, dtype=np.dtypes.StringDType()) if cleaned else np.array([], dtype=str))


def _decoded(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def bytes_to_texts(values: NDArray[np.bytes_]) -> NDArray[Any]:
    """Texts out of a FITS column: UTF-8 where it is, without blanks at the ends and control characters.

    Parameters
    ----------
    values : NDArray[np.bytes_], shape (n,)
    """
    wide = 4 * values.nbytes >= _WIDE
    parts = [_block_of_texts(values[i : i + _BLOCK]) for i in range(0, len(values), _BLOCK)]
    if not parts:
        return np.array([], dtype=str)
    return compact(np.concatenate([part.astype(np.dtypes.StringDType()) for part in parts] if wide else parts))


def _block_of_texts(values: NDArray[np.bytes_]) -> NDArray[Any]:
    values = np.strings.strip(values)
    longest = min(max(int(np.strings.str_len(values).max(initial=1)), 1), MAX_TEXT)
    values = np.ascontiguousarray(values.astype(f"S{longest}"))
    characters = values.view(np.uint8).reshape(len(values), longest)
    if not _plain(characters):
        return np.array([clean(_decoded(value)) for value in values.tolist()], dtype=str)
    return characters.astype(np.uint32).view(f"U{longest}").reshape(-1)


def _plain(characters: NDArray[np.uint8]) -> bool:
    """Whether all are printable ASCII, or the zeros that pad a text."""
    if not characters.size:
        return True
    odd = (characters < 32) & (characters > 0) | (characters > 126)
    inner = (characters[:, :-1] == 0) & (characters[:, 1:] > 0)
    return not (odd.any() or inner.any())


def compact(values: NDArray[Any]) -> NDArray[Any]:
    """As a ``str`` array while that is small, else at their own lengths."""
    if values.dtype.kind == "U":
        return values if values.nbytes < _WIDE else values.astype(np.dtypes.StringDType())
    longest = int(np.strings.str_len(values).max(initial=1))
    return values.astype(f"U{longest}") if 4 * longest * len(values) < _WIDE else values
