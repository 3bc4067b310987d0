"""Values of pyarrow, which reads Parquet and CSV, as our columns; it is imported when such a table is opened."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from inspector.files.tables.column_source import Kind, Raw
from inspector.files.tables.column_values import texts
from inspector.files.untrusted_text import MAX_TEXT

MAX_COLUMNS = 10_000

_FORMULA = re.compile("'('*[=+@\t\r\\-＝＋－＠])")


def arrow_kind(kind: Any) -> Kind | None:
    """Of a type of arrow; None for what is not read."""
    from pyarrow import types

    if types.is_dictionary(kind):
        kind = kind.value_type
    if types.is_boolean(kind):
        return "flag"
    if types.is_integer(kind):
        return "integer"
    if types.is_floating(kind) or types.is_decimal(kind):
        return "number"
    if types.is_string(kind) or types.is_large_string(kind) or types.is_null(kind):
        return "text"
    return "text" if types.is_temporal(kind) and not types.is_duration(kind) else None


def arrow_raw(column: Any, kind: Kind, quoted: bool = False) -> Raw:
    """Values of a chunked array of arrow."""
    import pyarrow as pa

    if kind == "text":
        return Raw(_texts(column, quoted))
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    missing = np.asarray(column.is_null().combine_chunks()) if column.null_count else None
    if kind == "number":
        return Raw(np.array(column.cast(pa.float64()).to_numpy(), dtype=np.float64), missing)
    filled = column.fill_null(False if kind == "flag" else 0)
    return Raw(np.array(filled.to_numpy()), missing)


def _texts(column: Any, quoted: bool) -> Any:
    """Texts, made once for each different one where arrow has numbered them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
        parts = [_numbered(chunk) for chunk in column.chunks]
        return np.concatenate(parts) if parts else np.array([], dtype=str)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        column = column.cast(pa.string())
    values = (pc.utf8_slice_codeunits(column, 0, 2 * MAX_TEXT) if len(column) else column).to_pylist()
    if quoted:
        values = [value[1:] if value and _FORMULA.match(value) else value for value in values]
    return texts(values)


def _numbered(chunk: Any) -> Any:
    different = texts([*(chunk.dictionary.to_pylist()), None])
    return different[np.array(chunk.indices.fill_null(len(different) - 1).to_numpy(zero_copy_only=False))]
