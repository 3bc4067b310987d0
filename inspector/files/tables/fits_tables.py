"""Which table of a FITS file is meant: APOGEE's and not BOSS's, the one that names stars, both telescopes together."""

from __future__ import annotations

from dataclasses import dataclass

from inspector.exceptions import FileError
from inspector.files.fits_hdus import Hdu, located
from inspector.files.tables.column_mapping import NAMING, candidates
from inspector.files.tables.column_source import ColumnSource, Stacked
from inspector.files.tables.fits_columns import FitsColumns
from inspector.files.tables.table_file import TableFile
from inspector.science.labels import LABEL_NAMES, label_index

_SPECTRAL = (4096, 7514, 8575)
"""Pixels of a row of any APOGEE spectrum."""


@dataclass(frozen=True)
class Chosen:
    """What a FITS file's table is.

    Attributes
    ----------
    source : ColumnSource
    elements : tuple of str
        Our label names of ASPCAP's X_H, element by element, where the file says them; empty for one unknown.
    remark : str
        What a user should know of the choice.
    """

    source: ColumnSource
    elements: tuple[str, ...] = ()
    remark: str = ""


def choose_table(file: TableFile) -> Chosen:
    """The table of a FITS file that is meant.

    Raises
    ------
    FileError
        If it has none, it is a spectrum, or only BOSS spectra are in it.
    """
    parts = located(file.stream, file.name)
    if any(map(_is_spectrum, (hdu for hdu, _ in parts))):
        raise FileError(f"{file.name} is a spectrum, where a table was expected. Open it as a star.")
    if any(hdu.header.get("ZTABLE") is True for hdu, _ in parts):
        raise FileError(f"{file.name} is a tile-compressed table. Unpack it with 'funpack' and open the result.")
    tables = [FitsColumns(file, hdu, start) for hdu, start in parts if hdu.is_table and hdu.columns]
    if not tables:
        raise FileError(f"{file.name} is a FITS file without a table. Give one with a binary table of stars.")
    elements = next(filter(None, map(_elements, tables)), ())
    filled = [table for table in tables if table.n_rows]
    ours = [table for table in filled if not _is_boss(table)]
    if filled and not ours:
        raise FileError(
            f"{file.name} has {filled[0].n_rows:,} rows of BOSS spectra and none of APOGEE, which the network needs."
            " Give a table with APOGEE spectra."
        )
    naming = [table for table in ours or tables if _names_stars(table)] or ours or tables
    return _together(naming, elements)


def is_table(file: TableFile) -> bool:
    """Whether a FITS file holds a table and no spectrum."""
    hdus = [hdu for hdu, _ in located(file.stream, file.name)]
    return any(hdu.is_table and hdu.columns for hdu in hdus) and not any(map(_is_spectrum, hdus))


def _together(tables: list[FitsColumns], elements: tuple[str, ...]) -> Chosen:
    """The first table, with those of the other telescope; else the fuller, and what was left."""
    first = tables[0]
    alike = [table for table in tables if _instrument(table) and table.kinds == first.kinds]
    if len(alike) > 1 and alike == [table for table in tables if _instrument(table)]:
        words = " and ".join(f"{_instrument(table)} ({table.n_rows:,})" for table in alike)
        return Chosen(Stacked(tuple(alike)), elements, f"Rows of {words} together.")
    fuller = max(tables, key=lambda table: table.n_rows) if _instrument(first) else first
    rest = [table for table in tables if table is not fuller and table.n_rows > 1]
    left = ", ".join(f"HDU {table.hdu.index} ({table.n_rows:,} rows)" for table in rest)
    return Chosen(fuller, elements, f"HDU {fuller.hdu.index} is shown; not shown: {left}." if left else "")


def _instrument(table: FitsColumns) -> str:
    """``APOGEE/APO`` of a table that says so."""
    name = (table.hdu.header.text("EXTNAME") or "").upper()
    return name if name.startswith("APOGEE") else ""


def _is_boss(table: FitsColumns) -> bool:
    return (table.hdu.header.text("EXTNAME", "INSTRMNT") or "").upper().startswith("BOSS")


def _names_stars(table: FitsColumns) -> bool:
    return any(name in NAMING for name in candidates(table.kinds))


def _is_spectrum(hdu: Hdu) -> bool:
    if hdu.is_table:
        return "flux" in hdu.columns and bool({"ivar", "pixel_flags", "model_flux", "loglam"} & set(hdu.columns))
    return hdu.shape[-1:] in [(n,) for n in _SPECTRAL]


def _elements(table: FitsColumns) -> tuple[str, ...]:
    """Our names of X_H's elements, as allStar lists them in its third table."""
    return tuple(_label_name(symbol) for symbol in table.words("ELEM_SYMBOL"))


def _label_name(symbol: str) -> str:
    """``TiII`` is ti_2_h; empty for an element the network does not know."""
    try:
        return LABEL_NAMES[label_index(symbol)]
    except KeyError:
        return ""
