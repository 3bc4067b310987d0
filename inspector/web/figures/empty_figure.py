"""Figures with nothing on them: cheaper for a browser than figures that come and go."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource


def blank(*sources: ColumnDataSource) -> None:
    """Leave nothing to draw of each source; its rows stay, for a browser may still be pointing at one."""
    for source in sources:
        source.data = {name: [_nothing(value) for value in column] for name, column in source.data.items()}


def _nothing(value: Any) -> Any:
    if isinstance(value, str):
        return value
    return [] if isinstance(value, list | tuple | np.ndarray) else np.nan
