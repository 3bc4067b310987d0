"""What a row of a results table says of a spectrum's labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from inspector.science.spectrum_key import SpectrumKey


@dataclass(frozen=True, eq=False)
class TableAnswer:
    """One row's labels.

    Attributes
    ----------
    table : str
        Name of the table.
    row : int
        Counted from 0.
    key : SpectrumKey
        Which spectrum it is about.
    value, error, raw_error : ndarray
        In the order of `LABELS`, label units; NaN where the table has none. Shapes (22,).
    result_flags : int or None
        Bits of the flags; None where the table has none.
    made_by : str
        Which network or pipeline made the table, in words, as far as it says; empty if it does not.
    weights_hash : str
        SHA-256 of the weights that made it; empty if it does not say.
    official : bool
        Whether the survey made it, with its own weights or its own pipeline.
    """

    table: str
    row: int
    key: SpectrumKey
    value: NDArray[np.float64]
    error: NDArray[np.float64]
    raw_error: NDArray[np.float64]
    result_flags: int | None = None
    made_by: str = ""
    weights_hash: str = ""
    official: bool = False

    @property
    def shown_error(self) -> NDArray[np.float64]:
        """The error that stands beside a value: the corrected one, or the raw one where there is no other. (22,)."""
        return np.where(np.isnan(self.error), self.raw_error, self.error)

    def about(self, spectrum: str) -> Self:
        """The same, once it is known which spectrum of its file the row speaks of."""
        return replace(self, key=replace(self.key, spectrum=spectrum))

    @property
    def empty(self) -> bool:
        """Whether it has no label at all."""
        return not np.isfinite(self.value).any()
