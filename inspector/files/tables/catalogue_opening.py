"""Opening a results table: its kind by content, its columns by name, or a sentence that says what it lacks."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from inspector.exceptions import ColumnsNeeded, FileError
from inspector.files.input_files import is_list
from inspector.files.tables import fits_tables
from inspector.files.tables.astropy_columns import read_ecsv, read_votable
from inspector.files.tables.catalogue import Catalogue, in_our_order
from inspector.files.tables.catalogue_layouts import Layout, recognise
from inspector.files.tables.column_mapping import (
    NAMING,
    TEXT_IDS,
    candidates,
    canonical_name,
    guess_columns,
)
from inspector.files.tables.column_source import ColumnSource
from inspector.files.tables.csv_columns import csv_names, read_csv
from inspector.files.tables.fits_tables import Chosen, choose_table
from inspector.files.tables.parquet_columns import ParquetColumns
from inspector.files.tables.table_file import TableFile, kind_of, open_table_file
from inspector.files.untrusted_text import clean

_SHOWN = 20
"""Columns that are named in a sentence."""


def open_catalogue(
    path: str | os.PathLike[str], columns: Mapping[str, str] | None = None, name: str | None = None
) -> Catalogue:
    """Open a results table.

    Parameters
    ----------
    path : path-like
        FITS, packed with gzip or not; ECSV, VOTable, Parquet or CSV: told by content. Of a FITS file the table of
        APOGEE is taken, with both telescopes together. Nothing but headers is read, except of ECSV, VOTable and CSV.
    columns : mapping of str to str, optional
        Our names to the table's, where those are not known: ``{"teff": "T_NN"}``; see `read_mapping`.
    name : str, optional
        What to call it.

    Returns
    -------
    Catalogue

    Raises
    ------
    FileError
        If it is not a table, or damaged.
    ColumnsNeeded
        If no column names a spectrum or a star, or one of `columns` is not there; carries the names and a guess.
    SettingsError
        If `columns` has a name that is not ours.
    """
    wanted = {canonical_name(ours): theirs for ours, theirs in (columns or {}).items()}
    file = open_table_file(path, name)
    try:
        return _opened(file, wanted)
    except BaseException:  # whatever came: no file is left open
        file.stream.close()
        raise


def is_table(path: str | os.PathLike[str]) -> bool:
    """Whether a file is a table by its content: not a spectrum, and not a list of paths."""
    try:
        file = open_table_file(path)
    except FileError:
        return False
    try:
        kind = kind_of(file)
        if kind == "fits":
            return fits_tables.is_table(file)
        return kind != "csv" or _is_csv(file, path)
    except FileError:
        return False
    finally:
        file.stream.close()


def _is_csv(file: TableFile, path: str | os.PathLike[str]) -> bool:
    names, _, _ = csv_names(file)
    return any(name in NAMING for name in candidates(names)) or (
        len(names) > 1 and not is_list(Path(os.fsdecode(path)))
    )


def _opened(file: TableFile, wanted: Mapping[str, str]) -> Catalogue:
    chosen = _source(file, wanted)
    source = chosen.source
    theirs = list(source.kinds)
    choices = candidates(theirs)
    known = {ours: names[0] for ours, names in choices.items()}
    mapping = _with_elements(known, theirs, chosen.elements) | _found(file, wanted, theirs)
    _refuse_nameless(file, mapping, theirs)
    # of an APOGEE id alone there may be two columns, of which either may be empty
    second = [] if "apogee_id" in wanted else choices.get("apogee_id", [])[1:]
    catalogue = Catalogue(
        file.name,
        file.path,
        file.identity,
        Layout("other", ""),
        source.n_rows,
        in_our_order(mapping, theirs),
        mapping,
        _remarks(file, chosen),
        source,
        {"apogee_id": [name for name in second if source.kinds[name] == "text"]},
    )
    return _with_layout(catalogue, theirs)


def _source(file: TableFile, wanted: Mapping[str, str]) -> Chosen:
    kind = kind_of(file)
    if kind == "fits":
        return choose_table(file)
    if kind == "csv":
        return Chosen(_csv(file, wanted))
    if kind == "parquet":
        return Chosen(ParquetColumns(file))
    return Chosen(read_ecsv(file) if kind == "ecsv" else read_votable(file))


def _csv(file: TableFile, wanted: Mapping[str, str]) -> ColumnSource:
    names, _, _ = csv_names(file)
    ids = {name for ours in TEXT_IDS for name in candidates(names).get(ours, [])}
    guessed = {theirs for ours, theirs in guess_columns(names).items() if ours in TEXT_IDS}
    told = {theirs for ours, theirs in wanted.items() if ours in TEXT_IDS}
    return read_csv(file, sorted(ids | guessed | told), quoted={"star_id", "weights_hash"} <= set(names))


def _with_elements(known: Mapping[str, str], theirs: Sequence[str], elements: Sequence[str]) -> dict[str, str]:
    """With ASPCAP's abundances, which stand in one column for all elements, where the file says in which order."""
    vectors = {"": "x_h", "e_": "x_h_err"}
    spelled = {name.lower(): name for name in theirs}
    found = {
        prefix + label: spelled[f"{vector}[{i}]"]
        for prefix, vector in vectors.items()
        for i, label in enumerate(elements)
        if label and f"{vector}[{i}]" in spelled
    }
    return found | dict(known)


def _found(file: TableFile, wanted: Mapping[str, str], theirs: Sequence[str]) -> dict[str, str]:
    """The user's columns as the table spells them."""
    spelled = {name.lower(): name for name in theirs} | {name: name for name in theirs}
    found = {ours: spelled.get(name) or spelled.get(name.lower()) for ours, name in wanted.items()}
    absent = next((wanted[ours] for ours, name in found.items() if name is None), None)
    if absent is not None:
        raise ColumnsNeeded(
            f"{file.name} has no column '{clean(absent, 60)}'. {_has(theirs)}", theirs, guess_columns(theirs)
        )
    return {ours: name for ours, name in found.items() if name is not None}


def _refuse_nameless(file: TableFile, mapping: Mapping[str, str], theirs: Sequence[str]) -> None:
    if any(name in mapping for name in NAMING):
        return
    raise ColumnsNeeded(
        f"{file.name} has no column that is known to name a spectrum (path, file) or a star (apogee_id, sdss_id,"
        f" gaia_id). {_has(theirs)} Say which does: --columns apogee_id=NAME.",
        theirs,
        guess_columns(theirs),
    )


def _has(theirs: Sequence[str]) -> str:
    if not theirs:
        return "It has no column that can be read."
    more = f" and {len(theirs) - _SHOWN} more" if len(theirs) > _SHOWN else ""
    return f"Its columns: {', '.join(theirs[:_SHOWN])}{more}."


def _remarks(file: TableFile, chosen: Chosen) -> tuple[str, ...]:
    left = chosen.source.left_out
    more = f" and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
    words = f"Columns left out: {', '.join(left[:_SHOWN])}{more}." if left else ""
    vector = any(name.lower() == "x_h[0]" for name in chosen.source.kinds)
    order = "The file does not say which elements X_H holds: its abundances stay unnamed."
    return tuple(filter(None, (file.remark, chosen.remark, words, order if vector and not chosen.elements else "")))


def _with_layout(catalogue: Catalogue, theirs: Sequence[str]) -> Catalogue:
    telling = [name for name in ("weights_hash", "v_astra") if name in catalogue.mapping and catalogue.n_rows]
    first = catalogue.values(0, telling) if telling else {}
    return replace(catalogue, layout=recognise(theirs, catalogue.name, first))
