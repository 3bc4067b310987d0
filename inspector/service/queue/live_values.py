"""What live runs said of rows of a table, as columns beside the table's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from inspector.pipeline.result import Result
from inspector.pipeline.table_comparison import compare_with_table
from inspector.pipeline.visit_comparison import odd_visit
from inspector.science.masking import masked_share
from inspector.science.provenance import Provenance
from inspector.science.result_columns import COLUMNS
from inspector.science.spectrum import Spectrum
from inspector.science.star import Star
from inspector.science.table_answer import TableAnswer
from inspector.science.visits import velocity_scatter
from inspector.service.queue.column_titles import LIVE
from inspector.service.queue.columns import Filled
from inspector.service.queue.table import Kind

_KINDS: Mapping[type, Kind] = {float: "number", int: "integer", bool: "flag", str: "text"}

_UNTOLD = {"file", "path", "file_sha256", "spectrum", "mc_num", "seed", "dropout_rate", "weights_hash",
           "noise_model_hash", "edits"}  # fmt: skip
"""Columns of a result that say nothing of the star."""

LIVE_COLUMNS: Mapping[str, tuple[Kind, str]] = {
    **{c.name: (_KINDS[c.dtype], c.unit or "") for c in COLUMNS if c.name not in _UNTOLD and "raw_" not in c.name},
    "masked_share": ("number", ""),
    "v_scatter": ("number", "km/s"),
    "odd_visit": ("text", ""),
    "flags_differ": ("flag", ""),
}
"""What a live run says of a row: kind and unit by name."""

FAILED = f"{LIVE}reason"
"""The column that says why a row has no live values."""


@dataclass(frozen=True)
class LiveRow:
    """What a live run said of one row.

    Attributes
    ----------
    values : mapping of str to anything
        By the names of `LIVE_COLUMNS`.
    result : Result or None
        All of the answer; None where there was nothing to ask.
    flags_differ : str
        Which flags only one of table and answer sets, in a sentence; empty where they agree or the table has none.
    """

    values: Mapping[str, Any]
    result: Result | None = None
    flags_differ: str = ""


def live_row(
    star: Star,
    spectrum: Spectrum,
    result: Result,
    visits: Mapping[str, Result] | None = None,
    table: TableAnswer | None = None,
) -> LiveRow:
    """What a live run says of a row.

    Parameters
    ----------
    star : Star
    spectrum : Spectrum
        The one the row speaks of.
    result : Result
        Its answer, with all its draws.
    visits : mapping of str to Result, optional
        The star's visits, by name, once all of them have been answered.
    table : TableAnswer, optional
        What the table itself says of the row.
    """
    comparison = None if table is None or table.result_flags is None else compare_with_table(table, result)
    row = {name: value for name, value in result.row().items() if name in LIVE_COLUMNS}
    return LiveRow(
        row
        | {"masked_share": masked_share(spectrum), "v_scatter": velocity_scatter(star)[0]}
        | {"odd_visit": odd_visit(visits) if visits else ""}
        | ({} if comparison is None else {"flags_differ": comparison.flags_differ}),
        result,
        "" if comparison is None else comparison.flags_sentence,
    )


def failed_row(why: str) -> LiveRow:
    """A row that could not be asked about."""
    return LiveRow({"reason": why})


@dataclass
class LiveValues:
    """The live values of a table's rows, all with the same settings.

    Attributes
    ----------
    asked : Provenance or None
        What decides the answers; None before anything was asked.
    rows : dict of int to LiveRow
    """

    asked: Provenance | None = None
    rows: dict[int, LiveRow] = field(default_factory=dict)

    def ask_as(self, asked: Provenance | None) -> None:
        """Forget what was answered with other settings."""
        if asked != self.asked:
            self.asked, self.rows = asked, {}

    def put(self, row: int, values: LiveRow) -> None:
        """Keep what was said of a row, in place of what was said before."""
        self.rows[row] = values

    def values(self, name: str) -> dict[int, Any]:
        """One column, by row, where it has a value."""
        known = {row: live.values.get(name) for row, live in self.rows.copy().items()}
        return {row: value for row, value in known.items() if value is not None}

    @property
    def differing(self) -> dict[int, str]:
        """Which flags differ from the table's, by row, where any does."""
        return {row: live.flags_differ for row, live in self.rows.copy().items() if live.flags_differ}

    def columns(self) -> dict[str, Filled]:
        """As columns of a queue, under names that begin with `LIVE`."""
        return {LIVE + name: Filled(kind, unit, self._values_of(name)) for name, (kind, unit) in LIVE_COLUMNS.items()}

    def _values_of(self, name: str) -> Any:
        return lambda: self.values(name)
