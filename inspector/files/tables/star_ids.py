"""The best name a row has for its star, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def first_said(choices: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """The first of several texts that is not empty, row by row."""
    best = choices[0]
    for other in choices[1:]:
        if (empty := best == "").any():
            best = np.where(empty, other, best)
    return best


def named(name: str, values: NDArray[Any]) -> NDArray[Any]:
    """An id as the name of a star."""
    if values.dtype.kind in "UT" and name != "sdss_id":
        return values
    plain = values
    if values.dtype.kind not in "UT":
        known = np.isfinite(values) & (values > 0) & (values < 2.0**63)
        plain = np.where(known, np.where(known, values, 0).astype(np.int64).astype(str), "")
    return np.where(plain == "", "", np.strings.add("SDSS ", plain)) if name == "sdss_id" else plain


def scattered(values: NDArray[Any], where: NDArray[np.bool_]) -> NDArray[Any]:
    """Texts at their places, nothing elsewhere."""
    found = np.full(len(where), "", dtype=values.dtype)
    found[where] = values
    return found
