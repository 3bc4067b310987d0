"""Figures with nothing on them: cheaper for a browser than figures that come and go."""

from __future__ import annotations

from bokeh.models import ColumnDataSource


def blank(*sources: ColumnDataSource) -> None:
    """Empty each source, keeping its columns."""
    for source in sources:
        source.data = {name: [] for name in source.data}
