"""Tables of results on disk: FITS, ECSV, VOTable, Parquet or CSV, by extension."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from inspector.files.tables.typed_table import Layout, Row, read_rows, write_rows
from inspector.science.result_columns import COLUMNS, OPTIONAL_COLUMNS

LAYOUT = Layout(COLUMNS, "RESULTS", "a result table", "Write one with 'inspector batch'.", OPTIONAL_COLUMNS)


def write_table(rows: Iterable[Row], path: str | os.PathLike[str]) -> None:
    """Write rows of results.

    Parameters
    ----------
    rows : iterable of mapping
        As `Result.row` gives them.
    path : path-like
        ``.fits``, ``.ecsv``, ``.vot`` (or ``.xml``), ``.parquet`` or ``.csv``. It appears whole or not
        at all: it is written beside its place, brought to disk, and moved there.

    Raises
    ------
    FileError
        If the extension is none of these, or the place cannot be written.
    """
    write_rows(rows, Path(path), LAYOUT)


def read_table(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """Read rows that `write_table` wrote.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    list of dict
        Equal to what was written.

    Raises
    ------
    FileError
        If it is missing, or not such a table.
    """
    return read_rows(Path(path), LAYOUT)
