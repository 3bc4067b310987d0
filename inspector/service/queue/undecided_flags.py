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
    prefix = LIVE if name.startswith(LIVE) else ""
    if {f"{prefix}flags_undecided", f"{prefix}result_flags"} - set(columns.names):
        return np.zeros(columns.n_rows, dtype=bool)
    open_bits = _bits(columns.column(f"{prefix}flags_undecided"))
    set_bits = _bits(columns.column(f"{prefix}result_flags"))
    flag = name.removeprefix(prefix)
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
