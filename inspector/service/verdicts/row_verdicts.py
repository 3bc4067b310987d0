"""Which rows of a table have a verdict: found from the verdicts, so that a million rows cost no more than their ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from inspector.science.spectrum_key import SpectrumKey
from inspector.service.verdicts.subject import STAR_IDS, Subject

_BY = (*STAR_IDS, "file_sha256")

_NAME = "star_id"
"""The column of our own tables, which holds the best name there is."""


class Rows(Protocol):
    """A table, as `inspector.files.tables.catalogue.Catalogue` is one."""

    @property
    def n_rows(self) -> int:
        """Rows it has."""

    @property
    def names(self) -> Sequence[str]:
        """Its columns."""

    def column(self, name: str) -> NDArray[Any]:
        """One of them, shape (n_rows,)."""

    def key(self, row: int) -> SpectrumKey:
        """Which spectrum a row speaks of."""


def verdict_column(table: Rows, verdicts: Iterable[tuple[Subject, str]]) -> NDArray[Any]:
    """A column of texts for a table: each row's verdict, empty where there is none.

    Parameters
    ----------
    table : Rows
    verdicts : iterable of (Subject, str)
        What stands for each verdict, in order of time: where two speak of one row, the later stands.

    Returns
    -------
    ndarray of str, shape (n_rows,)
    """
    verdicts = list(verdicts)
    column = np.full(table.n_rows, "", dtype=f"U{max((len(text) for _, text in verdicts), default=1) or 1}")
    latest: dict[int, int] = {}
    for name in _columns(table):
        by_id: dict[str, list[int]] = defaultdict(list)
        for place, (subject, _) in enumerate(verdicts):
            for said in _said(subject, name):
                by_id[said].append(place)
        if by_id:
            _match(table, name, by_id, verdicts, latest)
    for row, place in latest.items():
        column[row] = verdicts[place][1]
    return column


def _columns(table: Rows) -> list[str]:
    """The columns by which a table names its spectra."""
    found = [name for name in _BY if name in table.names]
    named = any(name in STAR_IDS for name in found)
    return found if named or _NAME not in table.names else [*found, _NAME]


def _said(subject: Subject, column: str) -> list[str]:
    """What stands in such a column of a subject's row."""
    if column == _NAME:
        return [name for name in (subject.apogee_id, subject.sdss_id and f"SDSS {subject.sdss_id}") if name]
    said = getattr(subject, column)
    return [said] if said else []


def _match(
    table: Rows,
    name: str,
    by_id: dict[str, list[int]],
    verdicts: Sequence[tuple[Subject, str]],
    latest: dict[int, int],
) -> None:
    """Note for each row that shares an id with some verdicts the latest of them that speaks of it."""
    values = table.column(name)
    whole = values.dtype.kind in "iu"
    wanted = [int(said) for said in by_id if said.isdecimal() and int(said) < 2**63] if whole else list(by_id)
    for row in np.flatnonzero(np.isin(values, np.array(wanted, dtype=values.dtype if whole else None))).tolist():
        key = table.key(row)
        fitting = [place for place in by_id[str(values[row])] if verdicts[place][0].is_row(key)]
        if fitting:
            latest[row] = max(latest.get(row, -1), *fitting)
