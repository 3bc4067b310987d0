"""Which rows of a table have a flag that other draws might turn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.exceptions import SettingsError
from inspector.science.flag_rules import FLAGS, UNCERTAIN
from inspector.service.queue.column_titles import LIVE
from inspector.service.queue.columns import Columns


def undecided(columns: Columns, name: str) -> NDArray[np.bool_]:
    """Where other draws might turn a flag; nowhere if nobody counted. Shape (n_rows,)."""
    counted = counted_beside(columns, name)
    if counted is None:
        return np.zeros(columns.n_rows, dtype=bool)
    open_bits, set_bits = (_bits(columns.column(column)) for column in counted)
    return undecided_bits(name, open_bits, set_bits)


def counted_beside(columns: Columns, name: str) -> tuple[str, str] | None:
    """The columns with the bits that are undecided, and with those that are set; None if there are none."""
    prefix = LIVE if name.startswith(LIVE) else ""
    counted = f"{prefix}flags_undecided", f"{prefix}result_flags"
    return counted if all(column in columns for column in counted) else None


def undecided_bits(name: str, open_bits: NDArray[np.int64], set_bits: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where a flag is undecided, of rows whose undecided bits and set bits these are. Same shape."""
    flag = name.removeprefix(LIVE)
    if flag == "flag_warn":  # as `FlagReport.warn_undecided`
        return np.asarray((open_bits != 0) & (set_bits & ~open_bits == 0))
    if flag == "flag_bad":  # as `FlagReport.bad_undecided`
        judged = sum(1 << flag.bit for flag in UNCERTAIN)
        return np.asarray((open_bits != 0) & ((set_bits | open_bits) & judged == judged))
    bit = next((known.bit for known in FLAGS if known.name == flag), None)
    if bit is None:
        raise SettingsError(f"{name} is not a flag of the network's answer: nothing says whether it is undecided.")
    return np.asarray(open_bits >> bit & 1 == 1)


def _bits(column: NDArray[Any]) -> NDArray[np.int64]:
    numbers = np.nan_to_num(column, nan=0) if column.dtype.kind == "f" else column
    return numbers.astype(np.int64)
